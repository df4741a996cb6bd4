"""A German merchant, founded over HTTP, with any number of registers ready to sell; and what the
load says of it, as bytes."""

import json
import time
from collections.abc import Mapping
from http.client import HTTPConnection
from typing import Any
from uuid import UUID, uuid4

import msgspec

from bench.merchant import First, Json

PATIENCE_SECONDS = 60
FIRST_VERSION = {"If-Match": '"1"'}

ADDRESS = {
    "line1": "Oranienstraße 12",
    "city": "Berlin",
    "postal_code": "10999",
    "country_code": "DEU",
}
MERCHANT = {
    "legal_name": "Kiosk am Kotti GmbH",
    "country_code": "DEU",
    "address": ADDRESS,
    "fiscal_identities": [
        {"country_code": "DEU", "tax_number": "21/815/08150", "vat_id": "DE123456788"}
    ],
}
LOCATION = {"name": "Kottbusser Tor", "address": ADDRESS, "timezone": "Europe/Berlin"}
OPENING = {"type": "session_open", "currency": "EUR", "opening_balance_amount": "100.00"}
TOTAL = "8.60"
SALE = {
    "type": "sale",
    "source": "POS",
    "currency": "EUR",
    "pretax_amount": "7.38",
    "tax_amount": "1.22",
    "total_amount": TOTAL,
    "line_items": [
        {
            "title": "Kaffee",
            "quantity": 2,
            "unit_price": "3.50",
            "total_amount": "7.00",
            "taxes": [{"name": "USt", "rate": "0.19", "tax_amount": "1.12"}],
        },
        {
            "title": "Brezel",
            "quantity": 2,
            "unit_price": "0.80",
            "total_amount": "1.60",
            "taxes": [{"name": "USt", "rate": "0.07", "tax_amount": "0.10"}],
        },
    ],
}
CASH = {"method": "cash", "status": "captured", "amount": TOTAL, "currency": "EUR"}
PAID = json.dumps({"payments": [CASH]}).encode()


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """A completed operation as it was acknowledged: its intention and register (UUIDs), and what
    the device made of it."""

    intent: str
    register: str
    number: int
    counter: int
    signature: str


class _Event(msgspec.Struct):
    transaction_counter: int
    signature: str


class _Fiscal(msgspec.Struct):
    document_number: str
    end_event: _Event


class _Begun(msgspec.Struct):
    id: str


class _Completed(msgspec.Struct):
    id: str
    register_id: str
    fiscal_information: _Fiscal


_begun = msgspec.json.Decoder(_Begun).decode
_completed = msgspec.json.Decoder(_Completed).decode


class Kiosk(msgspec.Struct, frozen=True, kw_only=True):
    """`merchant` and `registers` are ids as the API writes them, `organization` is a UUID; `opened`
    is what opened the cash sessions."""

    bearer: str
    organization: str
    merchant: str
    registers: list[str]
    opened: list[Signed]


class Caller:
    """Says requests with a fresh idempotency key each, acting for one merchant."""

    def __init__(self, port: int, bearer: str, merchant: str = "") -> None:
        self.port = port
        self.bearer = bearer
        self.merchant = merchant

    def ask(self, method: str, path: str, body: Json = None) -> bytes:
        """The answer's body. Raises `RuntimeError` for an error."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        said = headers(self.bearer, self.merchant, str(uuid4()))
        sent = None if body is None else json.dumps(body).encode()
        try:
            connection.request(method, f"/v1{path}", sent, {**said, **JSON})
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path} {answer.status}: {content.decode()}")
        return content

    def say(self, method: str, path: str, body: Json = None) -> Json:
        return json.loads(self.ask(method, path, body))


JSON = {"Content-Type": "application/json"}


def headers(bearer: str, merchant: str, key: str) -> dict[str, str]:
    said = {"Authorization": f"Bearer {bearer}", "Idempotency-Key": key}
    return said | ({"X-OpenFiskal-Merchant": merchant} if merchant else {})


def found(port: int, first: First, registers: int) -> Kiosk:
    """A merchant with one location and so many registers: each with a device of its own, and a
    cash session in progress. A worker must be running."""
    merchant = Caller(port, first.api_key).say("POST", "/merchants", MERCHANT)
    caller = Caller(port, first.api_key, merchant["id"])
    location = caller.say("POST", "/locations", LOCATION)["id"]
    made = [_register(caller, location, number) for number in range(1, registers + 1)]
    for register in made:
        _await_fiscalized(caller, register)
    opened = [
        signed(caller.ask("POST", "/operations", {**OPENING, "register_id": register}))
        for register in made
    ]
    return Kiosk(
        bearer=caller.bearer,
        organization=uuid_of(merchant["organization_id"]),
        merchant=merchant["id"],
        registers=made,
        opened=opened,
    )


def _register(caller: Caller, location: str, number: int) -> str:
    body = {"location_id": location, "name": f"Kasse {number}"}
    register: str = caller.say("POST", "/registers", body)["id"]
    caller.say("POST", f"/registers/{register}/fiscalize")
    return register


def _await_fiscalized(caller: Caller, register: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    status = "pending"
    while status == "pending" and time.monotonic() < deadline:
        time.sleep(0.05)
        status = caller.say("GET", f"/registers/{register}")["fiscalization_status"]
    if status != "fiscalized":
        raise RuntimeError(f"{register} is {status}, not fiscalized")


def a_sale(register: str) -> bytes:
    """Two lines, two rates."""
    return json.dumps({**SALE, "register_id": register}).encode()


def begun(body: bytes) -> str:
    """The operation's id, from the answer that created it."""
    return _begun(body).id


def signed(body: bytes) -> Signed:
    """What was acknowledged. An operation without a signature is a `msgspec.ValidationError`."""
    made = _completed(body)
    end = made.fiscal_information.end_event
    return Signed(
        intent=uuid_of(made.id),
        register=uuid_of(made.register_id),
        number=int(made.fiscal_information.document_number),
        counter=end.transaction_counter,
        signature=end.signature,
    )


def uuid_of(shown: str) -> str:
    """`op_0196a1f0…` is the journal's `0196a1f0-…`."""
    return str(UUID(shown.partition("_")[2]))


def is_kept(one: Signed, seal: Mapping[str, Any]) -> bool:
    """Whether the journal's seal is the one that was acknowledged."""
    kept = seal.get("signing") or {}
    return (kept.get("number"), kept.get("counter"), kept.get("signature")) == (
        one.number,
        one.counter,
        one.signature,
    )
