"""A kiosk in Berlin for the fuzzer: things that exist, and a sale that is open when one is wanted.

Over HTTP, as a till would: what made-up requests did to the register before must not stop it.
"""

import json
import time
from http.client import HTTPConnection
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import msgspec

Json = dict[str, Any]

ADDRESS: Json = {
    "line1": "Oranienstraße 12",
    "city": "Berlin",
    "postal_code": "10999",
    "country_code": "DEU",
}
MERCHANT: Json = {
    "legal_name": "Kiosk am Kotti GmbH",
    "country_code": "DEU",
    "address": ADDRESS,
    "fiscal_identities": [
        {"country_code": "DEU", "tax_number": "21/815/08150", "vat_id": "DE123456788"}
    ],
}
LOCATION: Json = {"name": "Kottbusser Tor", "address": ADDRESS, "timezone": "Europe/Berlin"}
SALE: Json = {
    "type": "sale",
    "source": "POS",
    "currency": "EUR",
    "pretax_amount": "10.00",
    "tax_amount": "1.90",
    "total_amount": "11.90",
    "line_items": [
        {
            "title": "Filterkaffee",
            "quantity": 2,
            "unit_price": "5.95",
            "total_amount": "11.90",
            "taxes": [{"name": "USt", "rate": "0.19", "tax_amount": "1.90"}],
        }
    ],
}
PAID: Json = {
    "payments": [{"method": "cash", "status": "captured", "amount": "11.90", "currency": "EUR"}]
}
FIRST = '"1"'
"""The version of an operation that is open, as `If-Match` says it."""

PAUSE_SECONDS, PAUSES_MAX = 0.1, 600
DECADE = {"from": "2020-01-01T00:00:00Z", "to": "2029-12-31T23:59:59Z"}


class Kiosk(msgspec.Struct, kw_only=True):
    """A till at its register; `key` is the operator's, who acts for `merchant`."""

    port: int
    key: str
    merchant: str = ""
    register: str = ""

    def ask(self, method: str, path: str, body: Json | None = None) -> tuple[int, Json]:
        """Each request has a key of its own, and names the version of what is open."""
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Content-Type": "application/json",
            "Idempotency-Key": str(uuid4()),
            "If-Match": FIRST,
        }
        if self.merchant:
            headers["X-OpenFiskal-Merchant"] = self.merchant
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            sent = json.dumps(body).encode() if body is not None else None
            connection.request(method, f"/v1{path}", sent, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def say(self, method: str, path: str, body: Json | None = None) -> Json:
        status, answer = self.ask(method, path, body)
        if status >= 300:
            raise RuntimeError(f"{method} {path} {status}: {answer}")
        return answer

    def does(self, **members: Any) -> tuple[int, Json]:
        return self.ask("POST", "/operations", {"register_id": self.register, **members})

    def begins(self) -> str:
        """The id of a sale that is open now, in a session that is opened if there is none."""
        status, answer = self.does(**SALE)
        if status == 409:
            self._ends_session()
            self.does(type="session_open", currency="EUR", opening_balance_amount="50.00")
            status, answer = self.does(**SALE)
        if status != 201:
            raise RuntimeError(f"no sale could be begun: {status} {answer}")
        return str(answer["id"])

    def _ends_session(self) -> None:
        """The session that is there, if there is one; what stands in its way is voided."""
        status, answer = self.does(type="session_close")
        while status == 409 and (open_ := (answer.get("details") or {}).get("open_operation_ids")):
            for operation in open_:
                self.say("POST", f"/operations/{operation}/void", {"reason": "payment_failed"})
            status, answer = self.does(type="session_close")

    def sells(self) -> str:
        """The id of a sale that is completed."""
        operation = self.begins()
        self.say("POST", f"/operations/{operation}/complete", PAID)
        return operation

    def has_something_to_close(self) -> None:
        """A session in progress with one sale in it, and nothing that is open."""
        self._ends_session()
        self.sells()


def founded(port: int, key: str) -> tuple[Json, Json]:
    """The ids of one thing of each kind at a kiosk that has sold and closed, with the addresses
    of its papers; then those of a second shop, which may be changed, and taken out of service."""
    kiosk = Kiosk(port=port, key=key)
    shop = _shop(kiosk)
    kiosk.register = shop["register_id"]
    kiosk.say("POST", f"/registers/{kiosk.register}/fiscalize")
    _made(kiosk, f"/registers/{kiosk.register}", "fiscalization_status")
    shop["operation_id"] = kiosk.sells()
    shop["session_id"] = kiosk.say("GET", "/sessions")["data"][0]["id"]
    shop |= _closed(kiosk)
    return shop, {**shop, **_shop(Kiosk(port=port, key=key))}


def _shop(kiosk: Kiosk) -> Json:
    kiosk.merchant = kiosk.say("POST", "/merchants", MERCHANT)["id"]
    location = kiosk.say("POST", "/locations", LOCATION)["id"]
    wanted = {"location_id": location, "name": "Till 1"}
    register = kiosk.say("POST", "/registers", wanted)["id"]
    return {"merchant_id": kiosk.merchant, "location_id": location, "register_id": register}


def _closed(kiosk: Kiosk) -> Json:
    """A closing and an export; `pdf` and `file` are what is said in the addresses of the two."""
    closing = kiosk.say("POST", f"/registers/{kiosk.register}/closings", {"type": "daily"})
    wanted = {"type": "dsfinvk", "register_id": kiosk.register, **DECADE}
    asked = kiosk.say("POST", "/exports", wanted)
    export = _made(kiosk, f"/exports/{asked['id']}", "status")
    return {
        "closing_id": closing["id"],
        "pdf": _said(closing["links"]["pdf"]),
        "export_id": export["id"],
        "file": _said(export["download_url"]),
    }


def _made(kiosk: Kiosk, path: str, member: str) -> Json:
    """What the worker makes, once it is pending no more."""
    for _ in range(PAUSES_MAX):
        found = kiosk.say("GET", path)
        if found[member] != "pending":
            return found
        time.sleep(PAUSE_SECONDS)
    raise RuntimeError(f"{path} is still pending")


def _said(address: str) -> Json:
    return dict(parse_qsl(urlsplit(address).query))
