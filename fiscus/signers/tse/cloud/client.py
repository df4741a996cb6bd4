"""A cloud TSE in the shape of fiskaly SIGN DE v2, as one TSE among others.

What is signed is sent as raw process data, so that the law's own bytes are in the log, not a
provider's rendering of them.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid5

from fiscus.model.devices import (
    DeviceInfo,
    FinishedTransaction,
    LogFilter,
    SigningDevice,
    StartedTransaction,
    TransactionOutcome,
    TransactionState,
)
from fiscus.model.ids import Ids
from fiscus.signers.tse.cloud.transport import CloudConnection, call, stream
from fiscus.signers.tse.log import certificates
from fiscus.signers.tse.log.errors import TseDown, TseRefused
from fiscus.signers.tse.log.logtime import TimeFormat

_STATES = {"ACTIVE": TransactionState.OPEN, "FINISHED": TransactionState.FINISHED}
_REGISTERED, _DEREGISTERED = "REGISTERED", "DEREGISTERED"
_ALREADY = "E_CLIENT_ALREADY_REGISTERED"
_POLL_SECONDS = 1.0
_PAGE = 100


def opened(line: CloudConnection, ids: Ids) -> SigningDevice:
    """The cloud TSE behind a line. `ids` gives a new UUID for each transaction and export."""
    revisions: dict[int, int] = {}

    def start(client_id: str, process_type: str, data: bytes) -> StartedTransaction:
        found = _put(line, ids(), 1, "ACTIVE", client_id, process_type, data)
        number = _number(found)
        revisions[number] = 1
        with meant("start"):
            return StartedTransaction(
                number=number,
                time=_moment(found["log"]["timestamp"]),
                serial=str(found["tss_serial_number"]),
                signature_counter=int(found["signature"]["counter"]),
                signature=_base64(found["signature"]["value"]),
            )

    def go_on(
        state: str, client_id: str, number: int, process_type: str, data: bytes
    ) -> FinishedTransaction:
        if number not in revisions:
            revisions[number] = _revision(_read(line, number))
        revision = revisions.pop(number) + 1  # after a lost answer it must be asked for
        found = _put(line, str(number), revision, state, client_id, process_type, data)
        if state == "ACTIVE":
            revisions[number] = revision
        return _finished(found)

    return SigningDevice(
        register_client=lambda client_id: _register(line, client_id),
        deregister_client=lambda client_id: _deregister(line, client_id),
        start=start,
        update=lambda client, number, kind, data: go_on("ACTIVE", client, number, kind, data),
        finish=lambda client, number, kind, data: go_on("FINISHED", client, number, kind, data),
        find=lambda number: _found(line, number),
        open_numbers=lambda: _open_numbers(line),
        export=lambda wanted: _exported(line, ids(), wanted),
        info=lambda: _info(line),
    )


def client_uuid(tss_id: str, client_id: str) -> str:
    """The client's id in the cloud: the same each time, so that registering may be repeated."""
    return str(uuid5(UUID(tss_id), client_id))


@contextmanager
def meant(question: str) -> Iterator[None]:
    """An answer that is no answer to this question is an outage."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise TseDown(f"the answer to {question} is not understood: {error!r}") from error


def base(line: CloudConnection) -> str:
    return f"/tss/{line.account.tss_id}"


@contextmanager
def administering(line: CloudConnection) -> Iterator[None]:
    """Clients and the life of a TSS are an administrator's business; the log-out is part of it."""
    call(line, "POST", f"{base(line)}/admin/auth", {"admin_pin": line.account.admin_pin})
    try:
        yield
    finally:
        call(line, "POST", f"{base(line)}/admin/logout", {})


def _register(line: CloudConnection, client_id: str) -> None:
    path = _client_path(line, client_id)
    with administering(line):
        found = _known_client(line, path, client_id)
        with meant("a client"):
            is_back = found["state"] == _DEREGISTERED
        if not is_back:
            return
        try:
            call(line, "PATCH", path, {"state": _REGISTERED})
        except TseRefused as refusal:
            if refusal.name != _ALREADY:
                raise


def _known_client(line: CloudConnection, path: str, client_id: str) -> Any:
    """The client as the cloud has it by now. A name that it knows under another id is not ours:
    what that client signs could not be told apart."""
    try:
        return call(line, "PUT", path, {"serial_number": client_id})
    except TseRefused as refusal:
        if refusal.name != _ALREADY:
            raise
        try:
            return call(line, "GET", path)
        except TseRefused:
            raise refusal from None


def _deregister(line: CloudConnection, client_id: str) -> None:
    with administering(line):
        try:
            call(line, "PATCH", _client_path(line, client_id), {"state": _DEREGISTERED})
        except TseRefused as refusal:
            if refusal.name != "E_CLIENT_NOT_FOUND":
                raise


def _client_path(line: CloudConnection, client_id: str) -> str:
    return f"{base(line)}/client/{client_uuid(line.account.tss_id, client_id)}"


def _put(
    line: CloudConnection,
    transaction: str,
    revision: int,
    state: str,
    client_id: str,
    process_type: str,
    data: bytes,
) -> Any:
    raw = {"process_type": process_type, "process_data": b64encode(data).decode("ascii")}
    body = {
        "state": state,
        "client_id": client_uuid(line.account.tss_id, client_id),
        "schema": {"raw": raw},
    }
    return call(line, "PUT", f"{base(line)}/tx/{transaction}?tx_revision={revision}", body)


def _read(line: CloudConnection, number: int) -> Any:
    return call(line, "GET", f"{base(line)}/tx/{number}")


def _number(found: Any) -> int:
    with meant("a transaction"):
        return int(found["number"])


def _revision(found: Any) -> int:
    with meant("a transaction"):
        return int(found["latest_revision"])


def _finished(found: Any) -> FinishedTransaction:
    with meant("a transaction"):
        return FinishedTransaction(
            number=int(found["number"]),
            time=_moment(found["log"]["timestamp"]),
            signature_counter=int(found["signature"]["counter"]),
            signature=_base64(found["signature"]["value"]),
        )


def _found(line: CloudConnection, number: int) -> TransactionOutcome:
    try:
        found = _read(line, number)
    except TseRefused as refusal:
        if refusal.name == "E_TX_NOT_FOUND":
            return TransactionOutcome(number=number, state=TransactionState.UNKNOWN)
        raise
    with meant("a transaction"):
        raw = found.get("schema", {}).get("raw", {})
        state = _STATES.get(found["state"], TransactionState.UNKNOWN)
        return TransactionOutcome(
            number=int(found["number"]),
            state=state,
            started_at=_moment(found["time_start"]),
            client_id=str(found["client_serial_number"]),
            process_type=str(raw.get("process_type", "")),
            process_data=b64decode(raw.get("process_data", "")),
            finished=_finished(found) if state is TransactionState.FINISHED else None,
        )


def _open_numbers(line: CloudConnection) -> tuple[int, ...]:
    numbers: list[int] = []
    while True:
        query = urlencode({"states": "ACTIVE", "limit": _PAGE, "offset": len(numbers)})
        found = call(line, "GET", f"{base(line)}/tx?{query}")
        with meant("the list of transactions"):
            page = [int(one["number"]) for one in found["data"]]
        numbers += page
        if len(page) < _PAGE:
            return tuple(sorted(numbers))


def _exported(line: CloudConnection, export_id: str, wanted: LogFilter) -> Iterator[bytes]:
    """Asks for the export at once; the file is waited for when the first block is taken."""
    path = f"{base(line)}/export/{export_id}"
    query = urlencode(_query(line, wanted))
    call(line, "PUT", f"{path}?{query}" if query else path, {})
    return _awaited(line, path)


def _awaited(line: CloudConnection, path: str) -> Iterator[bytes]:
    deadline = line.elapsed() + line.account.export_timeout_seconds
    while True:
        found = call(line, "GET", path)
        with meant("an export"):
            state = str(found["state"])
        if state == "COMPLETED":
            break
        if state in ("ERROR", "CANCELLED"):
            exception = found.get("exception", state)
            raise TseRefused(str(exception))
        if line.elapsed() >= deadline:
            raise TseDown("the export is not ready in time")
        line.pause(_POLL_SECONDS)
    yield from stream(line, f"{path}/file")


def _query(line: CloudConnection, wanted: LogFilter) -> dict[str, str]:
    fields = {
        "transaction_number": wanted.number,
        "start_transaction_number": wanted.first_number,
        "end_transaction_number": wanted.last_number,
        "start_date": None if wanted.start_at is None else int(wanted.start_at.timestamp()),
        "end_date": None if wanted.end_at is None else int(wanted.end_at.timestamp()),
        "maximum_number_records": wanted.records_max or None,
    }
    query = {name: str(value) for name, value in fields.items() if value is not None}
    if wanted.client_id:
        query["client_id"] = client_uuid(line.account.tss_id, wanted.client_id)
    return query


def _info(line: CloudConnection) -> DeviceInfo:
    found = call(line, "GET", base(line))
    with meant("the TSS"):
        leaf = certificates.read(str(found["certificate"]).encode())
        return DeviceInfo(
            serial=str(found["serial_number"]),
            public_key=_base64(found["public_key"]),
            algorithm=str(found["signature_algorithm"]),
            time_format=TimeFormat(found["signature_timestamp_format"]),
            certificates=(certificates.der(leaf),),
            is_test=found["_env"] != "LIVE",
            description=str(found.get("description", "")),
            usable_until=leaf.not_valid_after_utc,
        )


def _moment(seconds: Any) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def _base64(text: Any) -> str:
    b64decode(text, validate=True)
    return str(text)
