"""The devices that sign for a register, one after the other: what they say of themselves, the
exchange of one for another, and the archives of their logs."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy import Connection, select
from starlette.responses import StreamingResponse

from fiscus import regimes
from fiscus.api.families.reporting import ids, translate_registry
from fiscus.api.families.reporting.calls import (
    Endpoints,
    KeyRequirement,
    ReportingAnswer,
    ReportingCall,
    ReportingOperation,
)
from fiscus.api.families.reporting.errors import BAD_QUERY
from fiscus.api.families.reporting.registers import GONE, named
from fiscus.api.families.reporting.translate_registry import Json, moment
from fiscus.api.families.reporting.wire.registers import Tse, TseExportQuery, TseQuery, TseReplace
from fiscus.api.pipeline import ReadOperation, WriteOperation
from fiscus.model.devices import DeviceInfo, LogFilter
from fiscus.model.faults import Code, Conflict, Missing, Refused, Unavailable
from fiscus.model.times import instant
from fiscus.provisioning import provision
from fiscus.registry import devices
from fiscus.registry.devices import FittingView
from fiscus.registry.roles import Scope
from fiscus.registry.views import LifecycleState
from fiscus.services import Services
from fiscus.signers import SignerDown
from fiscus.store.connect import reading
from fiscus.store.schema import CHAIN, ENTRY

NO_DEVICE = Code("REPORTING-TSE-01", "this register has no signing device")
NOT_FITTED = Code("REPORTING-TSE-02", "the signing device of this register is not set up yet")
NO_DATA = Code("REPORTING-TSE-03", "the signing device has nothing like this")
DEVICE_DOWN = Code("REPORTING-TSE-04", "the signing device does not answer")

WORDS: Mapping[str, tuple[int, str]] = {
    NO_DEVICE.id: (404, "not_found"),
    NOT_FITTED.id: (409, "operation_invalid_state"),
    NO_DATA.id: (422, "validation_error"),
    DEVICE_DOWN.id: (503, "service_unavailable"),
    GONE.id: (409, "operation_invalid_state"),
    provision.NO_KIND.id: (503, "service_unavailable"),
    devices.NOTHING_FITTED.id: (409, "operation_invalid_state"),
}

TAR = "application/x-tar"

_log = structlog.get_logger("fiscus.reporting")


def read(services: Services, tx: Connection, call: ReportingCall) -> ReportingAnswer:
    register = named(tx, call).register.id
    views = devices.of_one(tx, register)
    return ReportingAnswer(200, _shown(tx, views, _chosen(views, call.query.serial)))


def _chosen(views: Sequence[FittingView], serial: str | None) -> FittingView:
    """The device that is asked for; without a serial the register's foremost one."""
    if serial is None:
        chosen = devices.foremost(views)
    else:
        chosen = next((one for one in views if one.info and one.info.serial == serial), None)
    if chosen is None:
        raise Missing(NO_DEVICE)
    return chosen


def _shown(tx: Connection, views: Sequence[FittingView], chosen: FittingView) -> Json:
    is_present = chosen.state is devices.DeviceState.FITTED
    return {
        "register_id": ids.shown("reg", chosen.register),
        "state": chosen.state.value,
        "client_id": chosen.client,
        **translate_registry.device(chosen.info),
        "reason": chosen.reason or None,
        "outage_since": moment(_outage_since(tx, chosen.register)) if is_present else None,
        "fitted_at": moment(chosen.fitted_at),
        "released_at": moment(chosen.released_at),
        "deregistered_at": moment(chosen.told_at),
        "error": chosen.error or None,
        "replacement": next(
            (_replacement(one) for one in views if one.state in devices.COMING and is_present),
            None,
        ),
        "former": [
            _former(one, one.info)
            for one in views
            if one.info and one.state is devices.DeviceState.RELEASED and one is not chosen
        ],
    }


def _replacement(view: FittingView) -> Json:
    return {
        "state": view.state.value,
        "reason": view.reason or None,
        "requested_at": moment(view.asked_at),
        "error": view.error or None,
    }


def _former(view: FittingView, info: DeviceInfo) -> Json:
    return {
        "serial": info.serial,
        "fitted_at": moment(view.fitted_at),
        "released_at": moment(view.released_at),
        "deregistered_at": moment(view.told_at),
        "error": view.error or None,
    }


def replace(services: Services, tx: Connection, call: ReportingCall) -> ReportingAnswer:
    """Another device in the place of the present one, which signs until then if it can. May be
    repeated: what is under way goes on, and after a failure it is asked for anew."""
    now = named(tx, call)
    if now.state is LifecycleState.DECOMMISSIONED:
        raise Conflict(GONE)
    family = regimes.find(now.regime).device
    if not family:
        raise Missing(NO_DEVICE)
    provision.exchange(
        tx,
        services.provisioning,
        register=now.register.id,
        organization=call.organization,
        family=family,
        reason=call.body.reason or "",
        by=call.caller.subject,
        at=call.at,
    )
    views = devices.of_one(tx, now.register.id)
    return ReportingAnswer(202, _shown(tx, views, _chosen(views, None)))


def _outage_since(tx: Connection, register: str) -> datetime | None:
    """When the outage began that the register's journal tells of, if it has not ended."""
    at = tx.scalar(
        select(ENTRY.c.at).join(CHAIN, CHAIN.c.outage == ENTRY.c.id).where(CHAIN.c.id == register)
    )
    return instant(at) if at else None


async def export(services: Services, call: ReportingCall) -> StreamingResponse:
    """The archive as the device gives it, streamed."""
    first, blocks = await services.in_thread(_begun, services, call)
    name = f"{call.path['register_id']}.tar"
    return StreamingResponse(
        _all(first, blocks, call),
        media_type=TAR,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _begun(services: Services, call: ReportingCall) -> tuple[bytes, Iterator[bytes]]:
    """The first block and the rest: what is refused is refused before the answer begins."""
    with reading(services.engine) as tx:
        views = devices.of_one(tx, named(tx, call).register.id)
    chosen = _chosen(views, call.query.serial)
    if not chosen.is_made or chosen.info is None:
        raise Conflict(NOT_FITTED)
    try:
        blocks = services.issuing.devices.export(chosen.device, _filter(call.query))
        return next(blocks, b""), blocks
    except SignerDown as error:
        if error.is_particular:
            raise Refused(NO_DATA) from error
        raise Unavailable(DEVICE_DOWN) from error


def _filter(query: TseExportQuery) -> LogFilter:
    """By number, by numbers or by time: one of them."""
    numbers = (query.first_transaction_number, query.last_transaction_number)
    times = (query.since, query.until)
    ways = [query.transaction_number is not None, numbers != (None, None), times != (None, None)]
    if sum(ways) > 1:
        raise Refused(BAD_QUERY, "transaction_number", "first_transaction_number", "from")
    return LogFilter(
        client_id=query.client_id or "",
        number=query.transaction_number,
        first_number=query.first_transaction_number,
        last_number=query.last_transaction_number,
        start_at=instant(query.since) if query.since else None,
        end_at=instant(query.until) if query.until else None,
    )


def _all(first: bytes, blocks: Iterator[bytes], call: ReportingCall) -> Iterator[bytes]:
    """An archive that breaks off ends the connection: half of it must not look whole."""
    yield first
    try:
        yield from blocks
    except SignerDown:
        _log.exception("export broke off", request=call.request_id)
        raise


ENDPOINTS: Endpoints = (
    (
        ReportingOperation(
            id="retrieveTse",
            method="GET",
            path="/v1/registers/{register_id}/tse",
            summary="Retrieve a signing device of a register",
            statuses=(200, 404),
            query=TseQuery,
            answer=Tse,
            scope=Scope.PLACES,
        ),
        ReadOperation(read),
    ),
    (
        ReportingOperation(
            id="replaceTse",
            method="POST",
            path="/v1/registers/{register_id}/tse/replace",
            summary="Exchange the signing device of a register",
            statuses=(202, 404, 409),
            request=TseReplace,
            answer=Tse,
            key=KeyRequirement.OPTIONAL,
            scope=Scope.REGISTRY,
        ),
        WriteOperation(replace),
    ),
    (
        ReportingOperation(
            id="exportTse",
            method="GET",
            path="/v1/registers/{register_id}/tse/export",
            summary="Download the log of a signing device of a register",
            statuses=(200, 404, 409, 422),
            query=TseExportQuery,
            media=TAR,
            scope=Scope.EXPORT,
        ),
        export,
    ),
)
