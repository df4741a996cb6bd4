"""Changes through the API of registers, each with what must be there before it."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from fiscus.api.families.reporting.tests.berlin import Kiosk, a_kiosk, a_leg
from fiscus.api.families.reporting.tests.caller import Caller, a_location, platform
from tests.journeys.book_changes import Change, Prepared
from tests.support.premises import Premises
from tests.support.till import Json

LEG = a_leg("11.90")
SESSION_OPEN = {"type": "session_open", "currency": "EUR", "opening_balance_amount": "50.00"}
CASH_OUT = {"type": "session_cash_adjustment", "amount": "-20.00", "reason": "bank_drop"}
SESSION_CLOSE = {"type": "session_close", "cash_out_amount": "10.00"}


def of_caller(premises: Premises, caller: Caller, method: str, path: str, body: Any) -> Change:
    headers = {"Idempotency_Key": str(uuid4()), "If_Match": '"1"'}
    return Change(
        key=premises.first.key,
        send=lambda: caller.send(method, path, body, raw=None, **headers),
    )


def merchant(method: str, path: str, body: Json | None = None) -> Prepared:
    def change(premises: Premises) -> Change:
        caller = platform(premises).opens_merchant()
        return of_caller(premises, caller, method, path.format(merchant=caller.id), body)

    return change


def place(method: str, path: str, body: Json) -> Prepared:
    def change(premises: Premises) -> Change:
        caller = platform(premises).opens_merchant()
        location = caller.made("/locations", a_location())["id"]
        said = {"location_id": location, **body} if method == "POST" else body
        return of_caller(premises, caller, method, path.format(location=location), said)

    return change


def register(method: str, path: str, body: Json | None = None) -> Prepared:
    def change(premises: Premises) -> Change:
        caller = platform(premises).opens_merchant()
        made = caller.opens_register()["id"]
        return of_caller(premises, caller, method, path.format(register=made), body)

    return change


def kiosk(method: str, path: str, body: Callable[[Kiosk], Any]) -> Prepared:
    """At a register in Berlin that is under its law, with a cash session."""

    def change(premises: Premises) -> Change:
        found = a_kiosk(premises, platform(premises).opens_merchant())
        said = body(found)
        where = path.format(register=found.register)
        return of_caller(premises, found.caller, method, where, said)

    return change


def operating(path: str, body: Json) -> Prepared:
    """On a sale that is open."""

    def change(premises: Premises) -> Change:
        found = a_kiosk(premises, platform(premises).opens_merchant())
        found.opens()
        where = path.format(operation=found.begins()["id"])
        return of_caller(premises, found.caller, "POST", where, body)

    return change


def opened(body: Json) -> Callable[[Kiosk], Json]:
    def said(found: Kiosk) -> Json:
        found.opens()
        return {"register_id": found.register, **body}

    return said


def nothing(found: Kiosk) -> None:
    return None


def a_day(type_: str) -> Callable[[Kiosk], Json]:
    def said(found: Kiosk) -> Json:
        found.opens()
        found.sells()
        if type_ == "monthly":
            assert found.closing().status_code == 201
        return {"type": type_}

    return said


def out_of_use(found: Kiosk) -> None:
    found.opens()
    found.sells()
    assert found.closing().status_code == 201


def an_export(found: Kiosk) -> Json:
    found.opens()
    found.sells()
    assert found.closing().status_code == 201
    since, until = "2026-11-16T00:00:00Z", "2026-11-17T00:00:00Z"
    return {
        "type": "dsfinvk",
        "register_id": found.register,
        "from": since,
        "to": until,
    }
