"""The registers of a location, as an authority must be notified of them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from fiscus import formats, regimes
from fiscus.exports import operator_files
from fiscus.exports.services import ExportServices
from fiscus.formats import Notification
from fiscus.model.faults import Code, Missing, Refused
from fiscus.model.kinds import StatementKind
from fiscus.model.notified import DeviceForm, NotifiedDevice, NotifiedLocation, NotifiedRegister
from fiscus.model.times import day
from fiscus.registry import devices, locations, registers, versions
from fiscus.registry.views import LifecycleState, LocationView, RegisterView, TaxpayerView
from fiscus.store.connect import reading
from fiscus.store.schema import DEVICE, FITTING, LOCATION, REGISTER, TAXPAYER

OTHER_LAW = Code("EXPORT-NOTIFICATION-01", "the taxpayer's country knows no such notification")
WHICH = Code(
    "EXPORT-NOTIFICATION-02",
    "several locations have registers with a signing device: say which one",
)
NONE = Code(
    "EXPORT-NOTIFICATION-03", "no register of the taxpayer was ever given a signing device there"
)

_UNKNOWN = frozenset({"", "-"})
"""What stands in the registry where a caller had nothing to say."""


class NotificationDetails(msgspec.Struct, frozen=True, kw_only=True):
    """What nobody has told the registry: for every register that does not say it itself.

    `certification` is that of the signing device, `acquired` the day of buying (None: the day
    the register was made known), `release_reason` why registers were taken out of use.
    """

    manufacturer: str = ""
    model: str = ""
    software: str = ""
    software_version: str = ""
    certification: str = ""
    acquired: date | None = None
    release_reason: str = ""


def notified(
    services: ExportServices, *, taxpayer: str, location: str, told: NotificationDetails
) -> tuple[Notification, NotifiedLocation]:
    """What the taxpayer's law wants to be told, and of whom: all registers of one location that a
    device signs or signed for. Gaps are left as they are: what is written names them all at once.

    `taxpayer` and `location` are ids, as any API family writes them, or empty if there is only
    one. Raises `Missing` or `Refused`.
    """
    with reading(services.engine) as tx:
        owner = operator_files.taxpayer_of(tx, taxpayer)
        wanted = formats.notification_of(owner.taxpayer.regime)
        if wanted is None:
            raise Refused(OTHER_LAW, "taxpayer")
        place = _location(tx, owner, operator_files.id_of(location))
        # What an office is told are facts that the journal states.
        versions.expect_stated(tx, TAXPAYER, owner.taxpayer.id)
        versions.expect_stated(tx, LOCATION, place.location.id)
        regime = regimes.find(owner.taxpayer.regime)
        timezone = regime.timezone_of(place.location)
        return wanted, NotifiedLocation(
            taxpayer=owner.taxpayer.legal_name,
            tax_number=owner.taxpayer.facts.get(regime.tax_number, ""),
            name=place.location.name,
            address=place.location.address,
            registers=tuple(
                _register(tx, register, told, timezone)
                for register in _fitted(tx, owner, place.location.id)
            ),
        )


def _location(tx: Connection, owner: TaxpayerView, wanted: str) -> LocationView:
    found = sorted({register.location for register in _fitted(tx, owner, wanted)})
    if not found:
        raise Missing(NONE, "location")
    if len(found) > 1:
        raise Refused(WHICH, *(f"location {one}" for one in found))
    return locations.read(tx, owner.taxpayer.organization, found[0])


def _fitted(tx: Connection, owner: TaxpayerView, location: str) -> list[RegisterView]:
    """The registers whose device was ready once, by id; of one location if that is named."""
    query = (
        select(REGISTER.c.id)
        .distinct()
        .join(FITTING, FITTING.c.register == REGISTER.c.id)
        .where(REGISTER.c.taxpayer == owner.taxpayer.id, FITTING.c.fitted_at.is_not(None))
    )
    if location:
        query = query.where(REGISTER.c.location == location)
    ids = tx.scalars(query.order_by(REGISTER.c.id)).all()
    return [registers.read(tx, owner.taxpayer.organization, id_) for id_ in ids]


def _register(
    tx: Connection, view: RegisterView, told: NotificationDetails, timezone: str
) -> NotifiedRegister:
    """With the device that signs for it, or was the last to do so."""
    served = [one for one in devices.of_one(tx, view.register.id) if one.fitted_at and one.info]
    versions.expect_stated(tx, REGISTER, view.register.id)
    for one in served:
        versions.expect_stated(tx, DEVICE, one.device)
        versions.expect_stated(tx, FITTING, one.device)
    first, last = served[0], served[-1]
    assert first.fitted_at is not None
    assert last.fitted_at is not None
    assert last.info is not None, "a device tells of itself when it is fitted"
    gone_at = last.released_at or versions.since(
        tx, StatementKind.REGISTER, view.register.id, LifecycleState.DECOMMISSIONED
    )
    product = view.details.get("producer", {}).get("details", {})
    software = view.details.get("software", {})
    entry = product.get("date_of_entry")
    return NotifiedRegister(
        serial=last.client,
        manufacturer=_said(product, "brand") or told.manufacturer,
        model=_said(product, "model") or told.model,
        software=_said(software, "name") or told.software,
        software_version=_said(software, "version") or told.software_version,
        acquired=date.fromisoformat(entry)
        if entry
        else told.acquired or day(view.created_at, timezone),
        fitted=day(first.fitted_at, timezone),
        released=day(gone_at, timezone) if gone_at else None,
        release_reason=told.release_reason if gone_at else "",
        device=NotifiedDevice(
            serial=last.info.serial,
            certification=told.certification,
            # Those on a card or a stick would be fitted by an adapter of their own.
            form=DeviceForm.CLOUD,
            fitted=day(last.fitted_at, timezone),
            is_test=last.info.is_test,
        ),
    )


def _said(told: Mapping[str, Any], name: str) -> str:
    text = str(told.get(name, ""))
    return "" if text in _UNKNOWN else text
