"""One TSS of the practice cloud: the API's ids, states and revisions over a software TSE."""

import os
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives import serialization

from fiscus.model.devices import LogFilter, SigningDevice
from fiscus.model.times import Clock
from fiscus.signers.tse.log import algorithms, certificates, errors, qr
from fiscus.signers.tse.log.contents import UnblockResult
from fiscus.signers.tse.log.errors import TseDown, TseRefused
from fiscus.signers.tse.log.qr import ReceiptQr
from fiscus.signers.tse.simulator import schema
from fiscus.signers.tse.software import administration, export, ready, status, transactions, users
from fiscus.signers.tse.software import device as tse
from fiscus.signers.tse.software.device import SoftwareTse, TseSettings, UserPins

_CREATED, _UNINITIALIZED, _INITIALIZED, _DISABLED = (
    "CREATED",
    "UNINITIALIZED",
    "INITIALIZED",
    "DISABLED",
)
MOVES = {
    (_CREATED, _UNINITIALIZED),
    (_UNINITIALIZED, _INITIALIZED),
    (_INITIALIZED, _DISABLED),
}
_TRANSACTION_STATES = ("ACTIVE", "FINISHED", "CANCELLED")


class ApiError(Exception):
    """An answer that is an error, with the API's code."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class StoredExport(msgspec.Struct, frozen=True):
    """An export that was asked for, and its file once it is made."""

    data: bytes


@dataclass(kw_only=True)
class TssTransaction:
    """One transaction as the API sees it. `answers` are kept by revision: a repeated request
    gets the answer of the first one and signs nothing again."""

    id: str
    number: int
    client: str
    state: str
    revision: int
    started: int
    answers: dict[int, tuple[Any, Any]] = field(default_factory=dict)


@dataclass(kw_only=True)
class SimulatedTss:
    """One simulated technical security system of an account."""

    id: str
    device: SoftwareTse
    tse: SigningDevice
    puk: str
    state: str = _CREATED
    metadata: dict[str, str] = field(default_factory=dict)
    clients: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    transactions: dict[str, TssTransaction] = field(default_factory=dict)
    exports: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)


def create(
    folder: Path,
    tss_id: str,
    clock: Clock,
    entropy: Callable[[int], bytes],
    version: int,
    body: Any,
) -> SimulatedTss:
    """A new TSS in state CREATED, with a new key that lies in its folder: it is a toy."""
    secret = certificates.new_key()
    names = ("admin", "time_admin", "time_admin_puk", "logger", "logger_puk")
    pins = UserPins(admin_puk=entropy(5).hex(), **{name: entropy(8).hex() for name in names})
    device = tse.create(
        folder,
        secret,
        certificates.test_chain(secret, clock()),
        pins,
        clock,
        TseSettings(version=version),
    )
    handle = os.open(folder / "key.der", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(secret)
    return SimulatedTss(
        id=tss_id,
        device=device,
        tse=ready.opened(device, pins),
        puk=pins.admin_puk,
        metadata=dict(body.get("metadata", {})),
    )


def answer(
    tss: SimulatedTss, method: str, path: list[str], query: dict[str, str], body: Any
) -> Any:
    """One request below `/tss/{id}`."""
    try:
        match method, path:
            case "GET", []:
                return described(tss)
            case "PATCH", []:
                return _move(tss, body)
            case "PATCH", ["admin"]:
                return _set_admin_pin(tss, body)
            case "POST", ["admin", "auth"]:
                return _admin_in(tss, body)
            case "POST", ["admin", "logout"]:
                return _admin_out(tss)
            case (("GET" | "PATCH"), ["metadata"]):
                return _metadata(tss, method, body)
            case "PUT", ["client", client]:
                return _put_client(tss, client, body)
            case "PATCH", ["client", client]:
                return _move_client(tss, client, body)
            case "GET", ["client", client]:
                return _client(tss, client)
            case "GET", ["tx"]:
                return _list(tss, query)
            case "PUT", ["tx", transaction]:
                return _put_transaction(tss, transaction, query, body)
            case "GET", ["tx", transaction]:
                return _latest(_transaction(tss, transaction))
            case "PUT", ["export", name]:
                return _put_export(tss, name, query)
            case "GET", ["export", name]:
                return _export(tss, name)
            case "GET", ["export", name, "file"]:
                return _file(tss, name)
        raise ApiError(404, "E_NOT_FOUND", "no such resource")
    except errors.TseError as error:
        raise ApiError(400, _code(error.name(tss.device.version)), str(error)) from error
    except TseRefused as error:
        raise ApiError(400, _code(error.name), str(error)) from error
    except TseDown as error:
        raise ApiError(503, "E_TSS_DOWN", str(error)) from error


def described(tss: SimulatedTss, *, has_puk: bool = False) -> dict[str, Any]:
    device = tss.device
    leaf = certificates.read(device.chain[0])
    found = {
        "_type": "TSS",
        "_id": tss.id,
        "_env": "TEST",
        "_version": "2.0.0",
        "state": tss.state,
        "description": status.description(device),
        "certificate": leaf.public_bytes(serialization.Encoding.PEM).decode("ascii"),
        "serial_number": device.serial.hex(),
        "public_key": _base64(algorithms.point(device.key.public_key())),
        "signature_algorithm": device.algorithm,
        "signature_timestamp_format": device.time_format,
        "signature_counter": str(status.signature_counter(device)),
        "transaction_counter": str(status.transaction_counter(device)),
        "number_registered_clients": status.client_count(device),
        "max_number_registered_clients": status.clients_max(device),
        "number_active_transactions": transactions.number_open(device),
        "max_number_active_transactions": status.transactions_max(device),
        "metadata": tss.metadata,
    }
    return found | ({"admin_puk": tss.puk} if has_puk else {})


def _move(tss: SimulatedTss, body: Any) -> Any:
    wanted = body.get("state", tss.state)
    if wanted != tss.state:
        if (tss.state, wanted) not in MOVES:
            raise ApiError(409, "E_TSS_CONFLICT", f"no way from {tss.state} to {wanted}")
        if wanted == _INITIALIZED:
            _expect_admin(tss)
            administration.initialize(tss.device, str(body.get("description", "")))
            administration.update_time(tss.device)
        elif wanted == _DISABLED:
            _expect_admin(tss)
            administration.disable_secure_element(tss.device)
        tss.state = wanted
    return described(tss)


def _set_admin_pin(tss: SimulatedTss, body: Any) -> Any:
    pin = str(body["new_admin_pin"])
    result = users.unblock_pin(tss.device, tse.ADMIN, str(body["admin_puk"]), pin)
    if result is not UnblockResult.SUCCESS:
        raise ApiError(401, "E_ADMIN_PUK", result.name)
    return {}


def _admin_in(tss: SimulatedTss, body: Any) -> Any:
    found = users.authenticate(tss.device, tse.ADMIN, str(body["admin_pin"]))
    if not found.is_success:
        raise ApiError(403, "E_ADMIN_PIN", found.result.name)
    return {}


def _admin_out(tss: SimulatedTss) -> Any:
    if tss.device.user == tse.ADMIN:
        users.log_out(tss.device)
    return {}


def _metadata(tss: SimulatedTss, method: str, body: Any) -> Any:
    if method == "PATCH":
        tss.metadata |= {str(key): str(value) for key, value in body.items()}
    return tss.metadata


def _put_client(tss: SimulatedTss, client: str, body: Any) -> Any:
    _expect_admin(tss)
    if client not in tss.clients:
        serial = str(body["serial_number"])
        administration.register_client(tss.device, serial)
        tss.clients[client] = serial
    return _client(tss, client)


def _move_client(tss: SimulatedTss, client: str, body: Any) -> Any:
    _expect_admin(tss)
    now = _client(tss, client)
    wanted = body["state"]
    if wanted not in ("REGISTERED", "DEREGISTERED"):
        raise ApiError(400, "E_BAD_REQUEST", "no such state")
    if wanted == now["state"]:
        return now
    if wanted == "REGISTERED":
        administration.register_client(tss.device, tss.clients[client])
        tss.gone.discard(client)
    else:
        administration.deregister_client(tss.device, tss.clients[client])
        tss.gone.add(client)
    return _client(tss, client)


def _client(tss: SimulatedTss, client: str) -> Any:
    if client not in tss.clients:
        raise ApiError(404, "E_CLIENT_NOT_FOUND", "no such client")
    return {
        "_type": "CLIENT",
        "_id": client,
        "_env": "TEST",
        "tss_id": tss.id,
        "state": "DEREGISTERED" if client in tss.gone else "REGISTERED",
        "serial_number": tss.clients[client],
    }


def _list(tss: SimulatedTss, query: dict[str, str]) -> Any:
    states = query.get("states", ",".join(_TRANSACTION_STATES)).split(",")
    found = [one for one in tss.transactions.values() if one.state in states]
    first = int(query.get("offset", 0))
    page = found[first : first + int(query.get("limit", 100))]
    return {"data": [_latest(one) for one in page], "count": len(found), "_type": "TX_LIST"}


def _put_transaction(tss: SimulatedTss, name: str, query: dict[str, str], body: Any) -> Any:
    """A revision is signed once; the same request again gets the same answer."""
    revision = int(query["tx_revision"])
    known = tss.transactions.get(name) or _by_number(tss, name)
    if known is not None and revision in known.answers:
        asked, found = known.answers[revision]
        if asked != body:
            raise ApiError(409, "E_TX_UPSERT", "this revision was something else")
        return found
    if revision != (1 if known is None else known.revision + 1):
        raise ApiError(409, "E_TX_UPSERT", "revisions follow each other")
    if body.get("state") not in _TRANSACTION_STATES:
        raise ApiError(400, "E_TX_STATE", "no such state")
    said = schema.said(body.get("schema"))
    client = _client(tss, str(body["client_id"]))["serial_number"]
    if known is None:
        return _start(tss, name, client, said, body)
    return _go_on(tss, known, client, said, body)


def _start(
    tss: SimulatedTss, name: str, client: str, said: schema.RequestedSigning, body: Any
) -> Any:
    if body["state"] != "ACTIVE":
        raise ApiError(400, "E_TX_STATE", "a transaction begins ACTIVE")
    done = tss.tse.start(client, said.process_type, said.process_data)
    transaction = TssTransaction(
        id=name,
        number=done.number,
        client=client,
        state="ACTIVE",
        revision=1,
        started=int(done.time.timestamp()),
    )
    tss.transactions[name] = transaction
    proof = (int(done.time.timestamp()), done.signature_counter, done.signature)
    return _kept(tss, transaction, "START_TRANSACTION", proof, said, body)


def _go_on(
    tss: SimulatedTss, known: TssTransaction, client: str, said: schema.RequestedSigning, body: Any
) -> Any:
    if known.state != "ACTIVE":
        raise ApiError(409, "E_TX_UPSERT", "the transaction is over")
    is_update = body["state"] == "ACTIVE"
    send = tss.tse.update if is_update else tss.tse.finish
    done = send(client, known.number, said.process_type, said.process_data)
    known.revision += 1
    known.state = body["state"]
    proof = (int(done.time.timestamp()), done.signature_counter, done.signature)
    operation = "UPDATE_TRANSACTION" if is_update else "FINISH_TRANSACTION"
    return _kept(tss, known, operation, proof, said, body)


def _kept(
    tss: SimulatedTss,
    known: TssTransaction,
    operation: str,
    proof: tuple[int, int, str],
    said: schema.RequestedSigning,
    body: Any,
) -> Any:
    """The answer, kept for whoever asks again."""
    device = tss.device
    at, counter, signature = proof
    found = {
        "_type": "TRANSACTION",
        "_id": known.id,
        "_env": "TEST",
        "_version": "2.0.0",
        "tss_id": tss.id,
        "tss_serial_number": device.serial.hex(),
        "client_id": body["client_id"],
        "client_serial_number": known.client,
        "number": known.number,
        "state": known.state,
        "revision": known.revision,
        "latest_revision": known.revision,
        "time_start": known.started,
        "schema": {
            "raw": {
                "process_type": said.process_type,
                "process_data": _base64(said.process_data),
            }
        },
        "log": {
            "operation": operation,
            "timestamp": at,
            "timestamp_format": device.time_format,
        },
        "signature": {
            "value": signature,
            "algorithm": device.algorithm,
            "counter": str(counter),
            "public_key": _base64(algorithms.point(device.key.public_key())),
        },
    }
    if known.state != "ACTIVE":
        found["time_end"] = at
        found["qr_code_data"] = _qr(found, said)
    known.answers[known.revision] = (body, found)
    return found


def _qr(found: dict[str, Any], said: schema.RequestedSigning) -> str:
    signature = found["signature"]
    return qr.text(
        ReceiptQr(
            client_id=found["client_serial_number"],
            process_type=said.process_type,
            process_data=said.process_data.decode("utf-8", "replace"),
            number=found["number"],
            signature_counter=int(signature["counter"]),
            started=datetime.fromtimestamp(found["time_start"], UTC),
            finished=datetime.fromtimestamp(found["time_end"], UTC),
            algorithm=signature["algorithm"],
            time_format=found["log"]["timestamp_format"],
            signature=b64decode(signature["value"]),
            public_key=b64decode(signature["public_key"]),
        )
    )


def _transaction(tss: SimulatedTss, name: str) -> TssTransaction:
    known = tss.transactions.get(name) or _by_number(tss, name)
    if known is None:
        raise ApiError(404, "E_TX_NOT_FOUND", "no such transaction")
    return known


def _by_number(tss: SimulatedTss, name: str) -> TssTransaction | None:
    named = (one for one in tss.transactions.values() if str(one.number) == name)
    return next(named, None)


def _latest(known: TssTransaction) -> Any:
    return known.answers[known.revision][1]


def _put_export(tss: SimulatedTss, name: str, query: dict[str, str]) -> Any:
    """The file is made at once and shown one question later, as in the real world."""
    if name in tss.exports:
        return tss.exports[name]
    wanted = _filter(tss, query)
    found: dict[str, Any] = {"_type": "EXPORT", "_id": name, "_env": "TEST", "state": "PENDING"}
    try:
        is_all = wanted == LogFilter(records_max=wanted.records_max)
        blocks = (
            export.log_messages(tss.device, records_max=wanted.records_max)
            if is_all
            else export.transaction_logs(tss.device, wanted)
        )
        tss.files[name] = b"".join(blocks)
    except errors.TseError as error:
        found |= {"state": "ERROR", "exception": _code(error.name(tss.device.version))}
    tss.exports[name] = found
    return dict(found)


def _export(tss: SimulatedTss, name: str) -> Any:
    found = tss.exports.get(name)
    if found is None:
        raise ApiError(404, "E_EXPORT_NOT_FOUND", "no such export")
    shown = dict(found)
    if found["state"] == "PENDING":
        found["state"] = "COMPLETED"
    return shown


def _file(tss: SimulatedTss, name: str) -> StoredExport:
    if name not in tss.files or tss.exports[name]["state"] != "COMPLETED":
        raise ApiError(404, "E_EXPORT_NOT_FOUND", "no such file")
    return StoredExport(tss.files[name])


def _filter(tss: SimulatedTss, query: dict[str, str]) -> LogFilter:
    def number(name: str) -> int | None:
        return int(query[name]) if name in query else None

    def date(name: str) -> datetime | None:
        return datetime.fromtimestamp(int(query[name]), UTC) if name in query else None

    client = query.get("client_id")
    return LogFilter(
        client_id=tss.clients.get(client, client) if client else "",
        number=number("transaction_number"),
        first_number=number("start_transaction_number"),
        last_number=number("end_transaction_number"),
        start_at=date("start_date"),
        end_at=date("end_date"),
        records_max=int(query.get("maximum_number_records", 0)),
    )


def _expect_admin(tss: SimulatedTss) -> None:
    if tss.device.user != tse.ADMIN:
        raise ApiError(401, "E_ADMIN_AUTH", "an administrator must log in first")


def _code(name: str) -> str:
    """`ErrorTimeNotSet` as the API spells it: `E_TIME_NOT_SET`."""
    words = "".join(f"_{one}" if one.isupper() else one for one in name.removeprefix("Error"))
    return f"E{words.upper()}"


def _base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")
