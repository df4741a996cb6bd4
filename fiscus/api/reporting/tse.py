"""The device that signs for a register: what it says of itself, and the archive of its log."""

from collections.abc import Iterator, Mapping
from datetime import datetime

import structlog
from sqlalchemy import Connection, select
from starlette.responses import StreamingResponse

from fiscus.api.http import House
from fiscus.api.reporting import translate_registry
from fiscus.api.reporting.door import Answer, Call, Handler, Operation, reads
from fiscus.api.reporting.errors import BAD_QUERY
from fiscus.api.reporting.registers import named
from fiscus.api.reporting.translate_registry import moment
from fiscus.api.reporting.wire.registers import Tse, TseExportQuery
from fiscus.model.devices import Filter
from fiscus.model.faults import Code, Conflict, Missing, Refused, Unavailable
from fiscus.model.times import instant
from fiscus.registry import devices
from fiscus.registry.devices import FittingView
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
}

TAR = "application/x-tar"

_log = structlog.get_logger("fiscus.reporting")


def read(house: House, tx: Connection, call: Call) -> Answer:
    view, fitting = _fitting(tx, call)
    return Answer(
        200,
        {
            "register_id": call.path["register_id"],
            "state": fitting.state.value,
            "client_id": fitting.client,
            **translate_registry.device(fitting.info),
            "outage_since": moment(_outage_since(tx, view)),
            "fitted_at": moment(fitting.fitted_at),
            "released_at": moment(fitting.released_at),
            "error": fitting.error or None,
        },
    )


def _fitting(tx: Connection, call: Call) -> tuple[str, FittingView]:
    register = named(tx, call).register.id
    fitting = devices.of_register(tx, register)
    if fitting is None:
        raise Missing(NO_DEVICE)
    return register, fitting


def _outage_since(tx: Connection, register: str) -> datetime | None:
    """When the outage began that the register's journal tells of, if it has not ended."""
    at = tx.scalar(
        select(ENTRY.c.at)
        .join(CHAIN, CHAIN.c.outage == ENTRY.c.id)
        .where(CHAIN.c.register == register)
    )
    return instant(at) if at else None


async def export(house: House, call: Call) -> StreamingResponse:
    """The archive as the device gives it, streamed."""
    first, blocks = await house.in_thread(_begun, house, call)
    name = f"{call.path['register_id']}.tar"
    return StreamingResponse(
        _all(first, blocks, call), media_type=TAR,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip


def _begun(house: House, call: Call) -> tuple[bytes, Iterator[bytes]]:
    """The first block and the rest: what is refused is refused before the answer begins."""
    with reading(house.engine) as tx:
        _, fitting = _fitting(tx, call)
    if not fitting.is_made or fitting.info is None:
        raise Conflict(NOT_FITTED)
    try:
        blocks = house.desk.devices.export(fitting.device, _filter(call.query))
        return next(blocks, b""), blocks
    except SignerDown as error:
        if error.is_particular:
            raise Refused(NO_DATA) from error
        raise Unavailable(DEVICE_DOWN) from error


def _filter(query: TseExportQuery) -> Filter:
    """By number, by numbers or by time: one of them."""
    numbers = (query.first_transaction_number, query.last_transaction_number)
    times = (query.since, query.until)
    ways = [query.transaction_number is not None, numbers != (None, None), times != (None, None)]
    if sum(ways) > 1:
        raise Refused(BAD_QUERY, "transaction_number", "first_transaction_number", "from")
    return Filter(
        client_id=query.client_id or "",
        number=query.transaction_number,
        first_number=query.first_transaction_number,
        last_number=query.last_transaction_number,
        start_at=instant(query.since) if query.since else None,
        end_at=instant(query.until) if query.until else None,
    )


def _all(first: bytes, blocks: Iterator[bytes], call: Call) -> Iterator[bytes]:
    """An archive that breaks off ends the connection: half of it must not look whole."""
    yield first
    try:
        yield from blocks
    except SignerDown:
        _log.exception("export broke off", request=call.request_id)
        raise


ENDPOINTS: tuple[tuple[Operation, Handler], ...] = (
    (
        Operation(
            id="retrieveTse", method="GET", path="/v1/registers/{register_id}/tse",
            summary="Retrieve the signing device of a register", statuses=(200, 404), answer=Tse,
        ),
        reads(read),
    ),
    (
        Operation(
            id="exportTse", method="GET", path="/v1/registers/{register_id}/tse/export",
            summary="Download the log of a register's signing device",
            statuses=(200, 404, 409, 422), query=TseExportQuery, media=TAR,
        ),
        export,
    ),
)  # fmt: skip
