"""Everything in the wrong order: each mistake gets its own word, and none leaves a trace.

The words are part of the contract: tills decide by them whether to mend, to wait or to ask.
"""

from pathlib import Path

import httpx
import pytest

from fiscus.api.families.reporting.tests.berlin import Kiosk, a_leg, a_return, a_sale
from fiscus.api.families.reporting.tests.caller import (
    Caller,
    Json,
    a_location,
    answer,
    platform,
    refusal,
)
from tests.journeys.week import opens_shop
from tests.support import auditor
from tests.support.auditor import ALWAYS
from tests.support.premises import Premises

FLOAT: Json = {"type": "session_open", "currency": "EUR", "opening_balance_amount": "50.00"}
COUNT: Json = {"type": "session_cash_count", "variance": "0.00"}
DRAWER: Json = {"type": "session_cash_adjustment", "amount": "-5.00", "reason": "bank_drop"}
CLOSE: Json = {"type": "session_close"}

ROME: Json = {
    "line1": "Via Roma 1",
    "city": "Roma",
    "postal_code": "00100",
    "country_code": "ITA",
}


@pytest.fixture
def kiosk(premises: Premises) -> Kiosk:
    return opens_shop(premises)


def word(response: httpx.Response) -> tuple[int, str]:
    body: Json = response.json()
    return response.status_code, body["code"]


def export(caller: Caller, **members: object) -> httpx.Response:
    return caller.send("POST", "/exports", {"type": "dsfinvk", **ALWAYS, **members})


def test_before_the_law_knows_the_register(premises: Premises) -> None:
    merchant = platform(premises).opens_merchant(fiscal_identities=[])
    register = merchant.opens_register()
    kiosk = Kiosk(premises=premises, caller=merchant, register=register["id"])
    path = f"/registers/{register['id']}"

    refusal(kiosk.operation(FLOAT), 409, "fiscalization_conflict")
    assert word(kiosk.closing()) == (409, "fiscalization_conflict")
    refusal(merchant.send("POST", f"{path}/fiscalize"), 409, "fiscalization_conflict")
    refusal(merchant.send("GET", f"{path}/tse"), 404, "not_found")
    refusal(merchant.send("GET", f"{path}/tse/export"), 404, "not_found")
    refusal(merchant.send("POST", f"{path}/decommission"), 409, "operation_invalid_state")
    assert merchant.get("/operations")["data"] == merchant.get("/sessions")["data"] == []


def test_without_a_session_nothing_is_sold_moved_counted_or_closed(kiosk: Kiosk) -> None:
    for body in (a_sale(), DRAWER, COUNT, CLOSE):
        refusal(kiosk.operation(body), 409, "no_open_session")
    assert word(kiosk.closing("daily")) == (409, "session_invalid_state")
    assert word(kiosk.closing("monthly")) == (409, "session_invalid_state")
    assert kiosk.caller.get("/operations")["data"] == []


def test_a_session_goes_its_way_once(kiosk: Kiosk) -> None:
    kiosk.opens()
    refusal(kiosk.operation(FLOAT), 409, "session_invalid_state")
    kiosk.counts()
    for body in (FLOAT, a_sale(), DRAWER, COUNT):
        refusal(kiosk.operation(body), 409, "session_invalid_state")
    kiosk.closes()
    for body in (CLOSE, COUNT, a_sale()):
        refusal(kiosk.operation(body), 409, "no_open_session")
    assert word(kiosk.closing("shift")) == (409, "session_invalid_state")


def test_an_operation_is_concluded_once_and_by_who_saw_it(kiosk: Kiosk) -> None:
    float_ = kiosk.opens()
    sale = kiosk.begins()

    refusal(kiosk.complete(sale, If_Match=""), 428, "precondition_required")
    refusal(kiosk.complete(sale, If_Match="one"), 400, "invalid_request")
    stale = refusal(kiosk.complete(sale, If_Match='"2"'), 412, "precondition_failed")
    assert stale["details"] == {"expected_resource_version": 2, "current_resource_version": 1} | {
        "errors": stale["details"]["errors"]
    }
    refusal(kiosk.complete(sale, Idempotency_Key=""), 400, "invalid_request")
    gift = a_leg("11.90", "gift_card")
    refusal(kiosk.complete(sale, gift), 422, "gift_card_id_required")
    refusal(kiosk.complete(sale, a_leg("11.89")), 422, "unprocessable_entity")
    kiosk.completes(sale, Idempotency_Key="paid")
    refusal(
        kiosk.void(sale, Idempotency_Key="paid-2", If_Match='"2"'), 409, "operation_invalid_state"
    )
    refusal(kiosk.complete(sale, If_Match='"2"'), 409, "operation_invalid_state")
    refusal(
        kiosk.complete(sale, a_leg("11.90", "card"), Idempotency_Key="paid"),
        409,
        "idempotency_key_conflict",
    )
    refusal(kiosk.void(float_), 409, "operation_invalid_state")
    assert [one["status"] for one in kiosk.caller.get("/operations")["data"]] == ["completed"] * 2


def test_what_is_taken_back_must_have_been_sold(kiosk: Kiosk) -> None:
    kiosk.opens()
    open_, sold = kiosk.begins(), kiosk.sells()
    elsewhere = {"description": "alte Kasse", "external_operation_id": "A-17"}

    for members in (
        {},
        {"related_operation_id": open_["id"]},
        {"related_operation_id": sold["id"], "external_related_operation": elsewhere},
    ):
        refusal(kiosk.operation(a_return(**members)), 422, "unprocessable_entity")
    nobodys = a_return(related_operation_id=f"op_{'0' * 32}")
    refusal(kiosk.operation(nobodys), 404, "not_found")
    refusal(kiosk.operation(a_sale(related_operation_id=sold["id"])), 422, "unprocessable_entity")


def test_an_export_is_refused_in_the_order_of_the_contract(kiosk: Kiosk) -> None:
    nobodys = f"reg_{'0' * 32}"

    refusal(export(kiosk.caller, type="dsfinv"), 400, "invalid_request")
    refusal(export(kiosk.caller), 400, "register_id_required_for_dsfinvk")
    backwards = {"from": ALWAYS["to"], "to": ALWAYS["from"]}
    refusal(export(kiosk.caller, register_id=nobodys, **backwards), 400, "invalid_request")
    refusal(export(kiosk.caller, register_id=nobodys), 404, "not_found")
    nothing = "export_dsfinvk_no_closed_sessions"
    refusal(export(kiosk.caller, register_id=kiosk.register), 422, nothing)
    kiosk.opens()
    kiosk.sells()
    refusal(export(kiosk.caller, register_id=kiosk.register), 422, nothing)
    kiosk.closes()
    assert export(kiosk.caller, register_id=kiosk.register).status_code == 202
    long_ago = {"from": "2020-01-01T00:00:00Z", "to": "2020-12-31T23:59:59Z"}
    refusal(export(kiosk.caller, register_id=kiosk.register, **long_ago), 422, nothing)


def test_only_german_registers_have_this_export(premises: Premises) -> None:
    caller = platform(premises).opens_merchant(
        country_code="ITA", address=ROME, fiscal_identities=[]
    )
    rome = caller.made("/locations", a_location(address=ROME, timezone="Europe/Rome"))
    register = caller.made("/registers", {"location_id": rome["id"], "name": "Cassa"})

    refusal(export(caller, register_id=register["id"]), 422, "validation_error")


def test_after_its_end_a_register_is_only_read(kiosk: Kiosk, tmp_path: Path) -> None:
    kiosk.opens()
    kiosk.sells()
    kiosk.closes()
    kiosk.premises.clock.move(hours=1)
    path = f"/registers/{kiosk.register}"
    answer(kiosk.caller.send("POST", f"{path}/decommission"), 200)
    kiosk.premises.work()

    for body in (FLOAT, a_sale(), COUNT):
        refusal(kiosk.operation(body), 409, "fiscalization_conflict")
    refusal(kiosk.caller.send("POST", f"{path}/fiscalize"), 409, "operation_invalid_state")
    book = auditor.fetched(kiosk.premises, auditor.export(kiosk)["download_url"])
    auditor.assert_checked("dsfinvk", book, tmp_path)
    auditor.assert_checked("tse", auditor.log_of(kiosk), tmp_path)


def test_who_asks_must_be_known_and_say_for_whom(premises: Premises, kiosk: Kiosk) -> None:
    stranger = Caller(http=premises.http, key="of_test_deu_" + "x" * 77)
    refusal(stranger.send("GET", "/registers"), 401, "unauthorized")
    refusal(platform(premises).send("GET", "/registers"), 400, "invalid_request")
    other = platform(premises).opens_merchant()
    refusal(other.send("GET", f"/registers/{kiosk.register}"), 404, "not_found")
    theirs = Kiosk(premises=premises, caller=other, register=kiosk.register)
    refusal(theirs.operation(FLOAT), 404, "not_found")
    refusal(export(other, register_id=kiosk.register), 404, "not_found")
