"""Operations over HTTP, at a kiosk in Berlin with a software TSE."""

import pytest

from fiscus.api.families.reporting.tests.berlin import (
    Kiosk,
    a_kiosk,
    a_leg,
    a_line,
    a_return,
    a_sale,
)
from fiscus.api.families.reporting.tests.caller import (
    Caller,
    Json,
    answer,
    places,
    refusal,
    stands_in,
)
from fiscus.api.families.reporting.wire.operations import ShownOperation
from tests.support.premises import Premises

ELSEWHERE = {"description": "alte Kasse", "external_operation_id": "A-17"}


@pytest.fixture
def shop(kiosk: Kiosk) -> Kiosk:
    """The same with a cash session in progress."""
    kiosk.opens()
    return kiosk


def proof(operation: Json) -> Json:
    found: Json = operation["fiscal_information"]
    return found


def test_a_sale_is_begun_and_completed(shop: Kiosk) -> None:
    begun = shop.operation(a_sale(external_id="order-1"))
    operation = answer(begun, 201)

    assert (operation["status"], operation["resource_version"]) == ("open", 1)
    assert begun.headers["ETag"] == '"1"'
    assert operation["payments"] == []
    assert proof(operation)["start_event"]["signed_at"].endswith("Z")
    assert proof(operation)["end_event"] is None

    ended = shop.complete(operation)
    done = answer(ended, 200)

    assert (done["status"], done["resource_version"]) == ("completed", 2)
    assert ended.headers["ETag"] == '"2"'
    assert (done["id"], done["external_id"]) == (operation["id"], "order-1")
    assert done["payments"][0]["method"] == "cash"
    assert proof(done)["regime"] == "KassenSichV"
    assert proof(done)["document_type"] == "Beleg"
    assert proof(done)["document_number"] == proof(operation)["document_number"]
    assert proof(done)["start_event"] == proof(operation)["start_event"]
    assert proof(done)["end_event"]["signature"]
    assert "Beleg^11.90_0.00_0.00_0.00_0.00^11.90:Bar" in proof(done)["verification"]["qr_data"]


def test_answers_are_as_the_contract_describes_them(shop: Kiosk) -> None:
    sale = shop.begins()
    done = shop.completes(sale)
    event = shop.counts("-0.50")

    for shown in (sale, done, event):
        ShownOperation.model_validate(shown)


def test_what_was_begun_can_be_read(shop: Kiosk) -> None:
    sale = shop.begins()
    assert shop.caller.get(f"/operations/{sale['id']}") == sale

    done = shop.completes(sale)
    assert shop.caller.get(f"/operations/{sale['id']}") == done


def test_cash_and_card_settle_one_sale(shop: Kiosk) -> None:
    done = shop.sells(a_leg("1.90"), a_leg("10.00", "card", card_brand="girocard"))

    assert (
        "11.90_0.00_0.00_0.00_0.00^1.90:Bar_10.00:Unbar" in (proof(done)["verification"]["qr_data"])
    )


def test_a_gift_card_lowers_the_turnover(shop: Kiosk) -> None:
    done = shop.sells(a_leg("6.90"), a_leg("5.00", "gift_card", gift_card_id="GC-1"))

    assert "Beleg^11.90_0.00_0.00_0.00_-5.00^6.90:Bar" in proof(done)["verification"]["qr_data"]


def test_prices_before_tax_are_understood(shop: Kiosk) -> None:
    line = a_line(unit_price="5.00", total_amount="10.00")

    done = shop.sells(line_items=[line])

    assert "Beleg^11.90_" in proof(done)["verification"]["qr_data"]


def test_a_sale_may_be_voided(shop: Kiosk) -> None:
    done = shop.voids(shop.begins())

    assert (done["status"], done["void_reason"]) == ("voided", "customer_abandoned_checkout")
    assert proof(done)["document_type"] == "AVBelegabbruch"


def test_a_return_names_the_sale(shop: Kiosk) -> None:
    sale = shop.sells()

    back = shop.does(a_return(related_operation_id=sale["id"]))
    done = shop.completes(back, a_leg("-5.95"))

    assert (done["type"], done["related_operation_id"]) == ("return", sale["id"])
    assert "Beleg^-5.95_0.00_0.00_0.00_0.00^-5.95:Bar" in proof(done)["verification"]["qr_data"]


def test_a_return_of_a_sale_elsewhere_says_which(shop: Kiosk) -> None:
    back = shop.does(a_return(external_related_operation=ELSEWHERE))

    assert shop.completes(back, a_leg("-5.95"))["external_related_operation"] == ELSEWHERE


def test_only_what_is_completed_can_be_returned(shop: Kiosk) -> None:
    sale = shop.begins()

    refusal(shop.operation(a_return(related_operation_id=sale["id"])), 422, "unprocessable_entity")


def test_only_an_operation_of_the_merchant_can_be_named(
    shop: Kiosk, premises: Premises, caller: Caller
) -> None:
    stranger = a_kiosk(premises, caller.opens_merchant(legal_name="Andere GmbH"))
    stranger.opens()
    theirs = stranger.sells()

    for named in (theirs["id"], "op_" + "0" * 32, "till"):
        error = refusal(shop.operation(a_return(related_operation_id=named)), 404, "not_found")
        assert places(error) == ["related_operation_id"]


def test_goods_need_a_session(kiosk: Kiosk) -> None:
    refusal(kiosk.operation(a_sale()), 409, "no_open_session")


def test_a_register_has_one_session_at_a_time(shop: Kiosk) -> None:
    body = {"type": "session_open", "currency": "EUR", "opening_balance_amount": "0.00"}

    refusal(shop.operation(body), 409, "session_invalid_state")


def test_a_counted_session_takes_nothing_but_its_end(shop: Kiosk) -> None:
    shop.counts()

    refusal(shop.operation(a_sale()), 409, "session_invalid_state")
    adjustment = {"type": "session_cash_adjustment", "amount": "1.00", "reason": "pay_in"}
    refusal(shop.operation(adjustment), 409, "session_invalid_state")
    assert shop.closes()["status"] == "completed"


def test_session_events_are_born_completed(shop: Kiosk) -> None:
    adjustment = shop.does(
        {"type": "session_cash_adjustment", "amount": "-20.00", "reason": "bank_drop"}
    )

    assert (adjustment["status"], adjustment["resource_version"]) == ("completed", 1)
    assert (adjustment["amount"], adjustment["reason"]) == ("-20.00", "bank_drop")
    assert "^-20.00:Bar" in proof(adjustment)["verification"]["qr_data"]
    assert adjustment["session_id"]
    refusal(shop.complete(adjustment | {"total_amount": "1.00"}), 409, "operation_invalid_state")
    refusal(shop.void(adjustment), 409, "operation_invalid_state")


def test_versions_guard_what_is_concluded(shop: Kiosk) -> None:
    sale = shop.begins()

    refusal(shop.complete(sale, If_Match=""), 428, "precondition_required")
    refusal(shop.complete(sale, If_Match="1"), 400, "invalid_request")
    stale = refusal(shop.complete(sale, If_Match='"2"'), 412, "precondition_failed")
    assert stale["details"]["expected_resource_version"] == 2
    assert stale["details"]["current_resource_version"] == 1

    shop.completes(sale)
    stale = refusal(shop.void(sale), 412, "precondition_failed")
    assert stale["details"]["expected_resource_version"] == 1
    assert stale["details"]["current_resource_version"] == 2
    refusal(shop.void(sale, If_Match='"7"'), 412, "precondition_failed")
    refusal(shop.void(sale, If_Match='"2"'), 409, "operation_invalid_state")


def test_the_same_key_gives_the_same_answer(shop: Kiosk) -> None:
    first = shop.operation(a_sale(), Idempotency_Key="a")
    sale = answer(first, 201)
    done = shop.completes(sale, Idempotency_Key="b")

    again = shop.operation(a_sale(), Idempotency_Key="a")
    assert answer(again, 201) == sale
    assert again.headers["ETag"] == '"1"'
    assert shop.completes(sale, Idempotency_Key="b") == done
    other = shop.operation(a_sale(note="anders"), Idempotency_Key="a")
    refusal(other, 409, "idempotency_key_conflict")
    refusal(shop.operation(a_sale(), Idempotency_Key=""), 400, "invalid_request")


def test_payments_must_add_up(shop: Kiosk) -> None:
    sale = shop.begins()

    refusal(shop.complete(sale, a_leg("11.89")), 422, "unprocessable_entity")
    no_card = shop.complete(sale, a_leg("11.90", "gift_card"))
    refusal(no_card, 422, "gift_card_id_required")
    assert shop.completes(sale)["status"] == "completed"


A_TENTH = a_line(
    unit_price="5.50",
    total_amount="11.00",
    taxes=[{"name": "USt", "rate": "0.1", "tax_amount": "1.00"}],
)
FREE = a_line(taxes=[{"name": "steuerfrei", "rate": "0", "tax_amount": "1.90"}])
OVERTAXED = a_line(taxes=[{"name": "USt", "rate": "0.07", "tax_amount": "1.90"}])


@pytest.mark.parametrize(
    ("body", "place", "code"),
    [
        (
            a_sale(total_amount="11.00", tax_amount="1.00", line_items=[A_TENTH]),
            "line_items[0].taxes[0].rate",
            "DE-TAX-01",
        ),
        (a_sale(line_items=[FREE]), "line_items[0].taxes[0].tax_amount", "DE-TAX-02"),
        (
            a_sale(line_items=[OVERTAXED]),
            "line_items[0].taxes[0].tax_amount",
            "DE-TAX-05",
        ),
        (a_sale(line_items=[a_line(title=" ")]), "line_items[0].title", "DE-LINE-05"),
        (
            a_sale(line_items=[a_line(quantity="0.0001", unit_price="119000.00")]),
            "line_items[0].quantity",
            "DE-LINE-07",
        ),
        (a_sale(note="x" * 256), "note", "DE-TEXT-01"),
        (a_sale(currency="USD"), "currency", "DE-CURRENCY-01"),
    ],
)
def test_what_breaks_the_law_is_not_even_begun(
    shop: Kiosk, body: Json, place: str, code: str
) -> None:
    begun = shop.caller.get("/operations")["data"]

    error = refusal(shop.operation(body), 422, "regime_validation_failed")

    assert (place, code) in [(one["path"], one["code"]) for one in error["details"]["errors"]]
    assert all(one["law"] for one in error["details"]["errors"])
    assert all(stands_in(body, one) for one in places(error))
    assert shop.caller.get("/operations")["data"] == begun


def test_a_discount_is_never_more_than_what_it_is_taken_from(shop: Kiosk) -> None:
    card = a_line(title="Gutschein", quantity=1, unit_price="11.90", taxes=[], kind="gift_card")
    discount = [{"description": "Rabatt", "amount": "1.00"}]
    sale = a_sale(
        line_items=[card],
        cart_level_discounts=discount,
        pretax_amount="10.90",
        tax_amount="0.00",
        total_amount="10.90",
    )

    error = refusal(shop.operation(sale), 422, "regime_validation_failed")

    assert places(error) == ["cart_level_discounts"]


def test_what_breaks_the_law_at_the_end_says_where_and_leaves_it_open(shop: Kiosk) -> None:
    sale = shop.begins()
    legs = a_leg("21.90"), a_leg("5.00", currency="CHF", base_amount="-10.00")

    error = refusal(shop.complete(sale, *legs), 422, "regime_validation_failed")

    assert places(error) == ["payments[1].amount"]
    assert shop.voids(sale)["status"] == "voided"


def test_a_tip_goes_the_way_of_its_operation(shop: Kiosk) -> None:
    sale = a_sale(tip_amount="-1.00", total_amount="10.90")
    back = a_return(tip_amount="1.00", external_related_operation=ELSEWHERE) | {
        "total_amount": "-4.95"
    }

    for body in (sale, back):
        assert places(refusal(shop.operation(body), 422, "unprocessable_entity")) == ["tip_amount"]


def test_bodies_are_checked_before_anything_else(shop: Kiosk) -> None:
    error = refusal(shop.operation(a_sale(total_amount="12.00")), 422, "unprocessable_entity")
    assert places(error) == ["total_amount"]
    refusal(shop.operation(a_sale(colour="red")), 400, "invalid_request")
    refusal(shop.operation({"type": "gift"}), 400, "invalid_request")
    refusal(shop.operation(a_sale(register_id="reg_" + "0" * 32)), 404, "not_found")
    refusal(shop.operation(a_sale(register_id="till")), 404, "not_found")


def test_nobody_else_sees_an_operation(shop: Kiosk, caller: Caller) -> None:
    sale = shop.begins()
    stranger = caller.opens_merchant(legal_name="Andere GmbH")

    refusal(stranger.send("GET", f"/operations/{sale['id']}"), 404, "not_found")
    assert stranger.get("/operations")["data"] == []


def test_operations_are_listed_by_what_is_asked(shop: Kiosk) -> None:
    open_ = shop.begins(external_id="order-1")
    done = shop.sells(external_id="order-2")
    gone = shop.voids(shop.begins())

    def found(query: str = "") -> list[str]:
        return [one["id"] for one in shop.caller.get(f"/operations{query}")["data"]]

    whole = found()
    assert whole[1:] == [open_["id"], done["id"], gone["id"]]
    assert found("?status=open") == [open_["id"]]
    assert found("?status=voided") == [gone["id"]]
    assert found("?status=completed") == [whole[0], done["id"]]
    assert found("?type=session_open") == whole[:1]
    assert found("?external_id=order-2") == [done["id"]]
    assert found(f"?register_id={shop.register}") == whole
    assert found(f"?session_id={done['session_id']}") == whole
    assert found("?from=2027-01-01T00:00:00Z") == []
    assert found("?from=0746-01-28T09:30:36Z") == whole
    assert found("?to=0746-01-28T09:30:36Z") == []
    assert found("?to=2027-01-01T00:00:00Z") == whole
    refusal(shop.caller.send("GET", "/operations?colour=red"), 400, "invalid_request")


@pytest.mark.parametrize("type_", ["daily", "shift", "monthly"])
def test_a_closing_of_its_own_endpoint_is_no_operation(shop: Kiosk, type_: str) -> None:
    sale = shop.sells()
    shop.closes()
    shop.opens()

    closing = answer(shop.closing(type_), 201)

    shown = shop.caller.get("/operations")["data"]
    assert [one["type"] for one in shown] == [
        "session_open",
        "sale",
        "session_close",
        "session_open",
    ]
    assert shop.caller.get(f"/operations?session_id={sale['session_id']}")["data"] == shown[:3]
    same = closing | {"id": closing["id"].replace("cls", "op"), "total_amount": "0.00"}
    refusal(shop.complete(same), 404, "not_found")
    refusal(shop.void(same), 404, "not_found")


def test_a_list_goes_on_page_by_page(shop: Kiosk) -> None:
    for _ in range(3):
        shop.begins()

    first = shop.caller.get("/operations?limit=3")
    rest = shop.caller.get(f"/operations?limit=3&cursor={first['next_cursor']}")

    assert (len(first["data"]), first["has_more"]) == (3, True)
    assert (len(rest["data"]), rest["has_more"], rest["next_cursor"]) == (1, False, None)


def test_closing_moves_money_once_however_often_it_is_tried(shop: Kiosk) -> None:
    sale = shop.begins()
    body = {"type": "session_close", "cash_out_amount": "45.00"}

    refused = refusal(shop.operation(body), 409, "operation_invalid_state")
    assert refused["details"]["open_operation_ids"] == [sale["id"]]

    shop.completes(sale)
    shop.counts("0.00")
    closed = shop.does(body, Idempotency_Key="close")
    assert shop.does(body, Idempotency_Key="close") == closed
    moved = shop.caller.get("/operations?type=session_cash_adjustment")["data"]
    assert [one["amount"] for one in moved] == ["-45.00"]

    shop.opens("5.00")
    assert shop.does(body, Idempotency_Key="close") == closed
    assert len(shop.caller.get("/operations?type=session_cash_adjustment")["data"]) == 1


def test_a_closing_that_was_refused_is_tried_again_with_less(shop: Kiosk) -> None:
    """More was taken out than there was: the session could not be closed any more with any other
    amount, each was in conflict with the one that was refused."""
    for amount in ("500.00", "60.00"):
        more = shop.operation({"type": "session_close", "cash_out_amount": amount})
        refusal(more, 422, "regime_validation_failed")

    shop.closes(cash_out_amount="50.00")

    moved = shop.caller.get("/operations?type=session_cash_adjustment")["data"]
    assert [one["amount"] for one in moved] == ["-50.00"]


def test_the_whole_day_is_proved(shop: Kiosk) -> None:
    shop.sells()
    shop.voids(shop.begins())
    shop.counts("-0.10")
    shop.closes(cash_out_amount="40.00")

    shop.premises.assert_proved()
