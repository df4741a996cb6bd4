"""A kiosk in Berlin: its register under the law, and what its till sends."""

from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx

from fiscus.api.families.reporting.tests.caller import Caller, Json, answer
from tests.support.premises import Premises

_keys = count(1)


@dataclass(kw_only=True)
class Kiosk:
    """A till at its register. Every request has a key of its own, unless it is given one."""

    premises: Premises
    caller: Caller
    register: str

    def send(self, path: str, body: Json, **headers: str) -> httpx.Response:
        headers.setdefault("Idempotency_Key", f"till-{next(_keys)}")
        return self.caller.send("POST", path, body, raw=None, **headers)

    def operation(self, body: Json, **headers: str) -> httpx.Response:
        return self.send("/operations", {"register_id": self.register} | body, **headers)

    def does(self, body: Json, **headers: str) -> Json:
        return answer(self.operation(body, **headers), 201)

    def opens(self, balance: str = "50.00") -> Json:
        body = {"type": "session_open", "currency": "EUR", "opening_balance_amount": balance}
        return self.does(body)

    def begins(self, **members: Any) -> Json:
        return self.does(a_sale(**members))

    def complete(self, operation: Json, *legs: Json, **headers: str) -> httpx.Response:
        headers.setdefault("If_Match", '"1"')
        legs = legs or (a_leg(operation["total_amount"]),)
        path = f"/operations/{operation['id']}/complete"
        return self.send(path, {"payments": list(legs)}, **headers)

    def completes(self, operation: Json, *legs: Json, **headers: str) -> Json:
        return answer(self.complete(operation, *legs, **headers), 200)

    def sells(self, *legs: Json, **members: Any) -> Json:
        return self.completes(self.begins(**members), *legs)

    def void(self, operation: Json, **headers: str) -> httpx.Response:
        headers.setdefault("If_Match", '"1"')
        body = {"reason": "customer_abandoned_checkout"}
        return self.send(f"/operations/{operation['id']}/void", body, **headers)

    def voids(self, operation: Json) -> Json:
        return answer(self.void(operation), 200)

    def counts(self, variance: str = "0.00") -> Json:
        return self.does({"type": "session_cash_count", "variance": variance})

    def closes(self, **members: Any) -> Json:
        return self.does({"type": "session_close", **members})

    def closing(self, type_: str = "daily", **headers: str) -> httpx.Response:
        path = f"/registers/{self.register}/closings"
        return self.caller.send("POST", path, {"type": type_}, raw=None, **headers)


def a_kiosk(premises: Premises, caller: Caller) -> Kiosk:
    """Fiscalized, its device fitted."""
    register = caller.opens_register()
    caller.fiscalizes(register)
    premises.work()
    return Kiosk(premises=premises, caller=caller, register=register["id"])


def a_line(**members: Any) -> Json:
    return {
        "title": "Filterkaffee",
        "quantity": 2,
        "unit_price": "5.95",
        "total_amount": "11.90",
        "taxes": [{"name": "USt", "rate": "0.19", "tax_amount": "1.90"}],
    } | members


def a_sale(**members: Any) -> Json:
    return {
        "type": "sale",
        "source": "POS",
        "currency": "EUR",
        "pretax_amount": "10.00",
        "tax_amount": "1.90",
        "total_amount": "11.90",
        "line_items": [a_line()],
    } | members


def a_return(**members: Any) -> Json:
    line = a_line(
        quantity=1,
        unit_price="-5.95",
        total_amount="-5.95",
        taxes=[{"name": "USt", "rate": "0.19", "tax_amount": "-0.95"}],
    )
    return a_sale(
        type="return",
        pretax_amount="-5.00",
        tax_amount="-0.95",
        total_amount="-5.95",
        line_items=[line],
        **members,
    )


def a_leg(amount: str, method: str = "cash", **members: Any) -> Json:
    return {"method": method, "status": "captured", "amount": amount, "currency": "EUR"} | members
