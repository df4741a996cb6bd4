"""Registers: what issues. A register is put under its law by being fiscalized."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection

from fiscus.api.families.reporting import fiscal, ids, translate_registry
from fiscus.api.families.reporting.calls import (
    Endpoints,
    KeyRequirement,
    ReportingAnswer,
    ReportingCall,
    ReportingOperation,
)
from fiscus.api.families.reporting.paging import after, page
from fiscus.api.families.reporting.translate_registry import EXTERNAL_ID
from fiscus.api.families.reporting.wire.registers import (
    Register,
    RegisterCreate,
    RegisterQuery,
    Registers,
    RegisterUpdate,
)
from fiscus.api.pipeline import ReadOperation, WriteOperation
from fiscus.issuing import periods
from fiscus.model.faults import Code, Conflict, Missing
from fiscus.model.places import Register as Content
from fiscus.registry import locations, registers
from fiscus.registry.registers import RegisterChange
from fiscus.registry.roles import Scope
from fiscus.registry.views import LifecycleState, OperatingMode, RegisterView
from fiscus.services import Services
from fiscus.signers import JOURNAL_ALGORITHM, maker

NO_PLACE = Code("REPORTING-REGISTER-01", "no location with this id is visible to you")
PLACE_CLOSED = Code("REPORTING-REGISTER-02", "this location is out of service for good")
GONE = Code("REPORTING-REGISTER-03", "this register is out of service for good")

WORDS: Mapping[str, tuple[int, str]] = {
    NO_PLACE.id: (404, "not_found"),
    PLACE_CLOSED.id: (409, "operation_invalid_state"),
    GONE.id: (409, "operation_invalid_state"),
}


def create(services: Services, tx: Connection, call: ReportingCall) -> ReportingAnswer:
    """A register with a journal and a key of its own; it issues once it is fiscalized."""
    wanted: RegisterCreate = call.body
    try:
        place = locations.read(tx, call.organization, ids.read("loc", wanted.location_id))
    except Missing:
        raise Missing(NO_PLACE, "location_id") from None
    if place.state is LifecycleState.DECOMMISSIONED:
        raise Conflict(PLACE_CLOSED, "location_id")
    content = _said(wanted, Content(id=services.uuid7(), version=1, name=wanted.name))
    made = registers.create(
        tx,
        services.vault,
        maker(JOURNAL_ALGORITHM),
        register=content,
        location=place,
        organization=call.organization,
        details=translate_registry.register_details({}, content, place.location.id),
        metadata={EXTERNAL_ID: wanted.external_id} if wanted.external_id else {},
        subject=call.caller.subject,
        at=call.at,
    )
    return ReportingAnswer(201, _shown(tx, made))


def _said(wanted: RegisterCreate | RegisterUpdate, now: Content) -> Content:
    """The register as it is wanted: what is not sent stays."""
    software = wanted.software
    return msgspec.structs.replace(
        now,
        name=wanted.name or now.name,
        brand=wanted.brand or now.brand,
        model=wanted.model or now.model,
        software=software.name if software else now.software,
        software_version=software.version if software else now.software_version,
    )


def _shown(tx: Connection, view: RegisterView) -> dict[str, Any]:
    return translate_registry.register(view, fiscal.of_register(tx, view))


def list_(services: Services, tx: Connection, call: ReportingCall) -> ReportingAnswer:
    wanted = call.query.location_id
    found = registers.of(
        tx,
        call.organization,
        taxpayer=None,
        location=ids.read("loc", wanted) if wanted else None,
        after=after(call),
        limit=call.query.limit + 1,
        only=call.caller.systems,
    )
    return ReportingAnswer(200, page(call, [(one.register.id, _shown(tx, one)) for one in found]))


def read(services: Services, tx: Connection, call: ReportingCall) -> ReportingAnswer:
    return ReportingAnswer(200, _shown(tx, named(tx, call)))


def named(tx: Connection, call: ReportingCall) -> RegisterView:
    """The register of the path. Raises `Missing`, also for one that the key is not for."""
    id_ = ids.read("reg", call.path["register_id"])
    if not call.caller.reaches(id_):
        raise Missing(registers.UNKNOWN_REGISTER)
    return registers.read(tx, call.organization, id_)


def update(services: Services, tx: Connection, call: ReportingCall) -> ReportingAnswer:
    """The last writer wins: what is in service rests for the moment of the change."""
    now, wanted = named(tx, call), call.body
    if now.state is LifecycleState.DECOMMISSIONED:
        raise Conflict(GONE)
    metadata = dict(now.metadata)
    if "external_id" in wanted.model_fields_set:
        metadata.pop(EXTERNAL_ID, None)
    if wanted.external_id:
        metadata[EXTERNAL_ID] = wanted.external_id
    was = now.mode
    content = _said(wanted, now.register)
    if content == now.register:
        return ReportingAnswer(
            200, _shown(tx, moved(tx, call, now, RegisterChange(metadata=metadata)))
        )
    if was is OperatingMode.OPERATIVE:
        now = moved(tx, call, now, RegisterChange(mode=OperatingMode.SUSPENDED))
    details = translate_registry.register_details(now.details, content, now.location)
    back = OperatingMode.OPERATIVE if was is OperatingMode.OPERATIVE else None
    change = RegisterChange(content=content, details=details, metadata=metadata, mode=back)
    later = periods.running(tx, register=content.id) if content != now.register else []
    found = _shown(tx, moved(tx, call, now, change))
    return ReportingAnswer(200, found | translate_registry.effective(later))


def moved(
    tx: Connection, call: ReportingCall, now: RegisterView, change: RegisterChange
) -> RegisterView:
    return registers.update(
        tx, call.organization, now, change, subject=call.caller.subject, at=call.at
    )


ENDPOINTS: Endpoints = (
    (
        ReportingOperation(
            id="createRegister",
            method="POST",
            path="/v1/registers",
            summary="Create a register",
            statuses=(201, 404, 409),
            request=RegisterCreate,
            answer=Register,
            key=KeyRequirement.OPTIONAL,
            scope=Scope.REGISTRY,
        ),
        WriteOperation(create),
    ),
    (
        ReportingOperation(
            id="listRegisters",
            method="GET",
            path="/v1/registers",
            summary="List registers",
            statuses=(200, 404),
            query=RegisterQuery,
            answer=Registers,
            scope=Scope.PLACES,
        ),
        ReadOperation(list_),
    ),
    (
        ReportingOperation(
            id="retrieveRegister",
            method="GET",
            path="/v1/registers/{register_id}",
            summary="Retrieve a register",
            statuses=(200, 404),
            answer=Register,
            scope=Scope.PLACES,
        ),
        ReadOperation(read),
    ),
    (
        ReportingOperation(
            id="updateRegister",
            method="PATCH",
            path="/v1/registers/{register_id}",
            summary="Update a register",
            statuses=(200, 404, 409),
            request=RegisterUpdate,
            answer=Register,
            key=KeyRequirement.OPTIONAL,
            scope=Scope.REGISTRY,
        ),
        WriteOperation(update),
    ),
)
