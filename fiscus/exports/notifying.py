"""The registers of a location as the registry knows them, to be notified to the tax office."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from fiscus import regimes
from fiscus.exports import shelf
from fiscus.exports.engines import Engines
from fiscus.formats.notification import (
    REGIME,
    DeviceForm,
    NotifiedDevice,
    NotifiedLocation,
    NotifiedRegister,
)
from fiscus.model.faults import Code, Missing, Refused
from fiscus.model.times import day
from fiscus.registry import devices, locations, registers, versions
from fiscus.registry.things import LocationView, RegisterView, State, TaxpayerView
from fiscus.store.connect import reading
from fiscus.store.schema import FITTING, REGISTER

OTHER_LAW = Code("EXPORT-NOTIFICATION-01", "the taxpayer's country knows no such notification")
WHICH = Code("EXPORT-NOTIFICATION-02", "several locations have registers with a TSE: say which one")
NONE = Code("EXPORT-NOTIFICATION-03", "no register of the taxpayer was ever given a TSE there")

_UNKNOWN = frozenset({"", "-"})
"""What stands in the registry where a caller had nothing to say."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What nobody has told the registry: for every register that does not say it itself.

    `certification` is that of the TSE (`nnnn-yyyy`), `acquired` the day of buying (None: the day
    the register was made known), `release_reason` why registers were taken out of use.
    """

    manufacturer: str = ""
    model: str = ""
    software: str = ""
    software_version: str = ""
    certification: str = ""
    acquired: date | None = None
    release_reason: str = ""


def notified(desk: Engines, *, taxpayer: str, location: str, told: Told) -> NotifiedLocation:
    """All registers of one location that a TSE signs or signed for. Gaps are left as they are:
    the format names them all at once.

    `taxpayer` and `location` are ids, as any API family writes them, or empty if there is only
    one. Raises `Missing` or `Refused`.
    """
    with reading(desk.engine) as tx:
        owner = shelf.taxpayer_of(tx, taxpayer)
        if owner.taxpayer.regime != REGIME:
            raise Refused(OTHER_LAW, "--taxpayer")
        place = _location(tx, owner, shelf.id_of(location))
        regime = regimes.find(owner.taxpayer.regime)
        timezone = place.location.timezone or regime.timezone
        return NotifiedLocation(
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
        raise Missing(NONE, "--location")
    if len(found) > 1:
        raise Refused(WHICH, *(f"--location {one}" for one in found))
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


def _register(tx: Connection, view: RegisterView, told: Told, timezone: str) -> NotifiedRegister:
    """With the device that signs for it, or was the last to do so."""
    served = [one for one in devices.of_one(tx, view.register.id) if one.fitted_at and one.info]
    first, last = served[0], served[-1]
    assert first.fitted_at is not None
    assert last.fitted_at is not None
    assert last.info is not None, "a device tells of itself when it is fitted"
    gone_at = last.released_at or versions.since(
        tx, "register", view.register.id, State.DECOMMISSIONED
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
