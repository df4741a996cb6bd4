"""Taxpayers, locations, systems: who sells, where, on what."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection

from fiscus import __version__, regimes
from fiscus.api.families.unified import fitting, translate
from fiscus.api.families.unified.access import changed, given
from fiscus.api.families.unified.calls import UnifiedCall
from fiscus.api.families.unified.errors import BAD_REFERENCE, LIVE_ONLY, NOT_UNIT, NOT_YET
from fiscus.api.families.unified.paging import page
from fiscus.api.families.unified.wire.systems import FiscalDeviceCreateContent
from fiscus.model.faults import Code, Conflict, Missing, Refused, inside
from fiscus.model.places import Location, Register, ReportingTerm, Taxpayer
from fiscus.model.times import day
from fiscus.registry import locations, organizations, registers, taxpayers
from fiscus.registry.views import (
    LifecycleState,
    LocationView,
    OperatingMode,
    RegisterView,
    TaxpayerView,
)
from fiscus.reporting import choice
from fiscus.services import Services
from fiscus.signers import JOURNAL_ALGORITHM, maker

NO_FISCALIZATION = Code(
    "UNIFIED-TAXPAYER-01", "fiscalization is needed before a taxpayer can be commissioned"
)
OTHER_TYPE = Code("UNIFIED-TAXPAYER-02", "the type of a taxpayer does not change")
OTHER_NAME = Code(
    "UNIFIED-TAXPAYER-03", "a company has a trade name, an individual the name of a person"
)
NOT_OF_DEVICE = Code("UNIFIED-SYSTEM-01", "this type of system does not have this member")
FISCAL_DEVICE = "FISCAL_DEVICE"


def list_taxpayers(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    return page(
        call,
        lambda after, limit: taxpayers.of(tx, call.caller.organization, after=after, limit=limit),
        lambda view: view.taxpayer.id,
        _shown_taxpayer,
    )


def _shown_taxpayer(view: TaxpayerView) -> dict[str, Any]:
    return translate.taxpayer(view, regimes.find(view.taxpayer.regime))


def create_taxpayer(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    organization = organizations.read(tx, call.caller.organization)
    if organization.type != organizations.UNIT:
        raise Conflict(
            NOT_UNIT,
            f"cannot create new legal taxpayer for non-unit organization '{organization.id}'",
        )
    details, secrets = translate.masked(translate.as_json(call.content))
    content = _taxpayer(services, services.uuid7(), organization.id, details, version=1)
    if choice.KEY in (call.body.metadata or {}):
        terms = _reporting(tx, content, given(call), call.at)
        content = msgspec.structs.replace(content, reporting=terms or ())
    view = taxpayers.create(
        tx,
        services.vault,
        taxpayer=content,
        details=details,
        secrets=secrets,
        metadata=given(call),
        subject=call.caller.subject,
        at=call.at,
        sole_number=regimes.sole_number(content.regime, content.facts),
    )
    return _shown_taxpayer(view)


def _taxpayer(
    services: Services, id_: str, organization: str, details: dict[str, Any], *, version: int
) -> Taxpayer:
    """The neutral taxpayer in the family's words. Raises `Refused` for a law that is not there,
    or that its own numbers break."""
    order = translate.taxpayer_order(details)
    try:
        regime = regimes.find(order.regime)
    except Missing:
        raise Refused(NOT_YET, f"'Taxpayer::{order.regime.upper()}'") from None
    if regime.is_test_only and services.settings.is_live:
        raise Refused(LIVE_ONLY)
    return Taxpayer(
        id=id_,
        version=version,
        organization=organization,
        regime=order.regime,
        legal_name=order.legal_name,
        trade_name=order.trade_name,
        address=order.address,
        facts=order.facts,
    )


def _check_identity(services: Services, taxpayer: Taxpayer) -> None:
    """What the law wants to know of a taxpayer before it may sell."""
    regime = regimes.find(taxpayer.regime)
    faults = tuple(regime.identity(taxpayer.facts, services.settings.is_live))
    if faults:
        raise Refused(taxpayers.UNFIT, faults=inside("facts", faults))


def _reporting(
    tx: Connection, taxpayer: Taxpayer, metadata: Mapping[str, str], at: datetime
) -> tuple[ReportingTerm, ...] | None:
    """How the taxpayer reports from now on, as its metadata say; None: they say nothing of it."""
    try:
        mode = choice.said_in(metadata, taxpayer.regime)
    except Refused as trouble:
        raise Refused(trouble.code, f"metadata.{choice.KEY}") from None
    return None if mode is None else choice.chosen(tx, taxpayer, mode, at)


def retrieve_taxpayer(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    view = taxpayers.read(tx, call.caller.organization, call.path["taxpayer_id"])
    return _shown_taxpayer(view)


def update_taxpayer(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    now = taxpayers.read(tx, call.caller.organization, call.path["taxpayer_id"])
    sent = translate.as_json(call.content) if call.content else {}
    if sent.get("type", now.details.get("type")) != now.details.get("type"):
        raise Refused(OTHER_TYPE, "content.type")
    if "name" in sent and set(sent["name"]) != set(now.details["name"]):
        raise Refused(OTHER_NAME, "content.name")
    content, details = None, None
    secrets: dict[str, str] = {}
    if {"name", "address", "fiscalization"} & set(sent):
        details, secrets = translate.masked(translate.merged(now.details, sent))
        content = _taxpayer(
            services,
            now.taxpayer.id,
            now.taxpayer.organization,
            details,
            version=now.taxpayer.version,
        )
        content = _with_other_facts(now.taxpayer, content)
    state = _state(sent)
    if state == LifecycleState.COMMISSIONED and now.state != state:
        if "fiscalization" not in (details or now.details):
            raise Refused(NO_FISCALIZATION, "content.fiscalization")
        _check_identity(services, content or now.taxpayer)
    elif content is not None and now.state == LifecycleState.COMMISSIONED:
        _check_identity(services, content)
    metadata = changed(now.metadata, call)
    says_reporting = choice.KEY in (call.body.metadata or {})
    owner = msgspec.structs.replace(content or now.taxpayer, reporting=now.taxpayer.reporting)
    change = taxpayers.TaxpayerChange(
        state=state,
        mode=_mode(sent),
        content=content,
        details=details,
        secrets=secrets,
        metadata=metadata,
        reporting=_reporting(tx, owner, metadata, call.at) if says_reporting else None,
        sole_number=regimes.sole_number(content.regime, content.facts) if content else "",
    )
    frozen = regimes.find(now.taxpayer.regime).frozen_facts
    view = taxpayers.update(
        tx,
        services.vault,
        now,
        change,
        frozen_facts=frozen,
        subject=call.caller.subject,
        at=call.at,
    )
    return _shown_taxpayer(view)


def _with_other_facts(now: Taxpayer, wanted: Taxpayer) -> Taxpayer:
    """What another family has registered stays, as long as this one has said nothing of it."""
    if wanted.facts:
        return wanted
    return msgspec.structs.replace(wanted, facts=now.facts)


def _state(sent: dict[str, Any]) -> LifecycleState | None:
    return LifecycleState(sent["state"]) if "state" in sent else None


def _mode(sent: dict[str, Any]) -> OperatingMode | None:
    """Raises `Refused` for a mode that only the service itself, or another country, can set."""
    if "mode" not in sent:
        return None
    try:
        return OperatingMode(sent["mode"])
    except ValueError:
        raise Refused(NOT_YET, f"mode '{sent['mode']}'") from None


def list_locations(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    return page(
        call,
        lambda after, limit: locations.of(
            tx,
            call.caller.organization,
            taxpayer=_id(call, "taxpayer_id"),
            after=after,
            limit=limit,
        ),
        lambda view: view.location.id,
        lambda view: _shown_location(tx, view),
    )


def _id(call: UnifiedCall, name: str) -> str | None:
    value = call.query.get(name)
    return translate.identifier(value) if value else None


def _shown_location(tx: Connection, view: LocationView) -> dict[str, Any]:
    """A head office carries its taxpayer's name, which is an object."""
    if view.is_head_office:
        row = taxpayers.by_id(tx, view.taxpayer)
        view = msgspec.structs.replace(view, details=_office(row))
    return translate.location(view)


def _office(taxpayer: TaxpayerView) -> dict[str, Any]:
    details = taxpayer.details
    known = {name: details[name] for name in ("name", "address") if name in details}
    return {"type": "HEAD_OFFICE", "taxpayer": {"id": taxpayer.taxpayer.id}, **known}


def create_location(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    details = translate.as_json(call.content)
    order = translate.location_order(details)
    try:
        owner = taxpayers.read(tx, call.caller.organization, order.taxpayer)
    except Missing:
        raise Refused(BAD_REFERENCE, "content.taxpayer.id") from None
    if owner.state == LifecycleState.DECOMMISSIONED:
        raise Conflict(locations.PARENT_IDLE)
    view = locations.create(
        tx,
        location=Location(id=services.uuid7(), version=1, name=order.name, address=order.address),
        taxpayer=owner.taxpayer,
        is_head_office=False,
        details=details,
        metadata=given(call),
        subject=call.caller.subject,
        at=call.at,
    )
    return translate.location(view)


def retrieve_location(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    view = locations.read(tx, call.caller.organization, call.path["location_id"])
    return _shown_location(tx, view)


def update_location(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    now = locations.read(tx, call.caller.organization, call.path["location_id"])
    sent = translate.as_json(call.content) if call.content else {}
    content, details = None, None
    if set(sent) - {"state", "mode"}:
        details = translate.merged(now.details, sent)
        if now.is_head_office:
            raise Conflict(locations.FOLLOWS)
        order = translate.location_order(details)
        if order.taxpayer != now.taxpayer:
            raise Refused(BAD_REFERENCE, "content.taxpayer.id")
        content = msgspec.structs.replace(now.location, name=order.name, address=order.address)
    change = locations.LocationChange(
        state=_state(sent),
        mode=_mode(sent),
        content=content,
        details=details,
        metadata=changed(now.metadata, call),
    )
    view = locations.update(
        tx, call.caller.organization, now, change, subject=call.caller.subject, at=call.at
    )
    return _shown_location(tx, view)


def list_systems(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    return page(
        call,
        lambda after, limit: registers.of(
            tx,
            call.caller.organization,
            taxpayer=_id(call, "taxpayer_id"),
            location=_id(call, "location_id"),
            after=after,
            limit=limit,
            only=call.caller.systems,
        ),
        lambda view: view.register.id,
        lambda view: _shown_system(tx, call, view),
    )


def _shown_system(tx: Connection, call: UnifiedCall, view: RegisterView) -> dict[str, Any]:
    view, trouble = fitting.standing(tx, view)
    regime = regimes.find(view.regime)
    today = day(call.at, regime.timezone)
    return translate.system(
        view,
        regime,
        rates=regime.vat_rates(view.postal_code, today),
        exemptions=regime.exemptions(today),
        software=(f"Fiscus {regime.name}", __version__),
        trouble=trouble,
    )


def create_system(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    details = translate.as_json(call.content)
    if details["type"] != FISCAL_DEVICE:
        raise Refused(NOT_YET, f"'System::{details['type']}'")
    order = translate.system_order(details)
    try:
        place = locations.read(tx, call.caller.organization, order.location)
    except Missing:
        raise Refused(BAD_REFERENCE, "content.location.id") from None
    if place.state == LifecycleState.DECOMMISSIONED:
        raise Conflict(locations.PARENT_IDLE)
    view = registers.create(
        tx,
        services.vault,
        maker(JOURNAL_ALGORITHM),
        register=Register(
            id=services.uuid7(),
            version=1,
            name=order.name,
            software=order.software,
            serial=order.serial,
            brand=order.brand,
            model=order.model,
        ),
        location=place,
        organization=call.caller.organization,
        details=details,
        metadata=given(call),
        subject=call.caller.subject,
        at=call.at,
    )
    return _shown_system(tx, call, view)


def retrieve_system(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    view = registers.read(tx, call.caller.organization, call.path["system_id"])
    if not call.caller.reaches(view.register.id):
        raise Missing(registers.UNKNOWN_REGISTER)
    return _shown_system(tx, call, view)


def update_system(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    now = registers.read(tx, call.caller.organization, call.path["system_id"])
    sent = translate.as_json(call.content) if call.content else {}
    if strange := sorted(
        set(sent) - {"state", "mode"} - set(FiscalDeviceCreateContent.model_fields)
    ):
        raise Refused(NOT_OF_DEVICE, *(f"content.{name}" for name in strange))
    content, details, location = None, None, None
    if set(sent) - {"state", "mode"}:
        details = translate.merged(now.details, sent)
        order = translate.system_order(details)
        location = order.location
        content = msgspec.structs.replace(
            now.register,
            name=order.name,
            software=order.software,
            software_version="",
            serial=order.serial,
            brand=order.brand,
            model=order.model,
        )
    change = registers.RegisterChange(
        state=_state(sent),
        mode=_mode(sent),
        content=content,
        location=location,
        details=details,
        metadata=changed(now.metadata, call),
    )
    try:
        view = registers.update(
            tx, call.caller.organization, now, change, subject=call.caller.subject, at=call.at
        )
    except Missing:
        raise Refused(BAD_REFERENCE, "content.location.id") from None
    if change.state is not None:
        fitting.move(services, tx, call, view)
    return _shown_system(tx, call, view)


READS = {
    "listTaxpayers": list_taxpayers,
    "retrieveTaxpayer": retrieve_taxpayer,
    "listLocations": list_locations,
    "retrieveLocation": retrieve_location,
    "listSystems": list_systems,
    "retrieveSystem": retrieve_system,
}
WRITES = {
    "createTaxpayer": create_taxpayer,
    "updateTaxpayer": update_taxpayer,
    "createLocation": create_location,
    "updateLocation": update_location,
    "createSystem": create_system,
    "updateSystem": update_system,
}
