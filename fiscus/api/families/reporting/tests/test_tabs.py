"""Orders at a table, over HTTP: they live for hours, and sales that name their tab bill them."""

from datetime import datetime

import pytest

from fiscus.api.families.reporting.tests.berlin import Kiosk, a_kiosk, a_line, a_return, a_sale
from fiscus.api.families.reporting.tests.caller import Caller, Json, answer, places, refusal
from fiscus.api.families.reporting.tests.restaurant import (
    a_bill,
    a_dish,
    an_evening,
    an_order,
    bills,
    orders,
)
from fiscus.api.families.reporting.wire.operations import ShownOperation
from fiscus.api.families.reporting.wire.tabs import Tab, Tabs
from fiscus.signers.tse.log import qr
from tests.support.auditor import amount
from tests.support.premises import Premises

NOWHERE = "tab_" + "0" * 32


@pytest.fixture
def shop(kiosk: Kiosk) -> Kiosk:
    """With a cash session in progress."""
    kiosk.opens()
    return kiosk


def test_an_order_is_signed_for_itself_and_completed_at_once(shop: Kiosk) -> None:
    done = orders(shop, a_dish("Wein", 2), a_dish("Suppe"), external_id="K-17")

    ShownOperation.model_validate(done)
    assert (done["type"], done["status"], done["resource_version"]) == ("order", "completed", 1)
    assert (done["tables"], done["external_id"]) == (["Tisch 5"], "K-17")
    assert done["tab_id"] == done["id"].replace("op_", "tab_")
    said = done["fiscal_information"]
    assert said["document_type"] == "AVBestellung"
    assert (said["start_event"] is None, said["end_event"] is None) == (False, False)
    assert said["prints"] == []
    scanned = qr.parse(said["verification"]["qr_data"])
    assert scanned.process_type == "Bestellung-V1"
    assert scanned.process_data == '2;"Wein";7.50\r1;"Suppe";8.00'
    assert qr.verifies(scanned)
    assert shop.caller.get(f"/operations/{done['id']}") == done
    assert shop.caller.get("/operations?type=order")["data"] == [done]


def test_an_order_sent_twice_is_recorded_once(shop: Kiosk) -> None:
    wanted = an_order(a_dish("Wein"), tables=["Tisch 5"])

    first, second = (answer(shop.operation(wanted, Idempotency_Key="o-1"), 201) for _ in "12")

    assert first == second
    assert shop.caller.get("/operations?type=order")["data"] == [first]


def test_a_tab_lives_over_a_closing_and_is_billed_by_several_sales(shop: Kiosk) -> None:
    """A restaurant tab can start at the first order, be added to, and stay open over a closing."""
    found = an_evening(shop)

    tab, left = found.first["tab_id"], found.left
    Tab.model_validate(left)
    assert (left["status"], left["left_amount"]) == ("open", "10.60")
    assert [(x["title"], x["quantity"]) for x in left["left"]] == [("Wein", "1"), ("Brot", "1")]
    assert left["orders"] == [found.first["id"], found.more["id"]]
    assert left["sales"] == [found.one["id"]]
    assert left["tables"] == ["Tisch 5", "Terrasse 2"]
    assert shop.caller.get(f"/tabs/{tab}")["status"] == "concluded"
    summary = found.night["summary"]
    assert summary["total_gross"] == 0
    assert summary["by_operation_type"]["orders"] == {"count": 1, "total_gross": 3850}


def test_a_receipt_says_when_its_first_order_began(shop: Kiosk) -> None:
    found = an_evening(shop)

    begun = datetime.fromisoformat(found.first["fiscal_information"]["start_event"]["signed_at"])
    for bill in (found.one, found.two):
        (printed,) = [x for x in bill["fiscal_information"]["prints"] if "Bestellung" in x]
        assert datetime.fromisoformat(printed.removeprefix("Erste Bestellung: ")) == begun


def test_whoever_names_no_table_is_answered_as_ever(shop: Kiosk) -> None:
    sale = shop.sells()

    assert not {"tables", "tab_id"} & set(sale)
    closing = answer(shop.closing(), 201)
    assert "orders" not in closing["summary"]["by_operation_type"]


def test_an_order_that_begins_a_tab_names_a_table(shop: Kiosk) -> None:
    error = refusal(shop.operation(an_order(a_dish("Wein"))), 422, "regime_validation_failed")

    assert places(error) == ["tables"]


def test_an_order_needs_an_open_session(kiosk: Kiosk) -> None:
    wanted = an_order(a_dish("Wein"), tables=["Tisch 5"])

    refusal(kiosk.operation(wanted), 409, "no_open_session")


def test_nothing_is_billed_twice_and_nothing_that_was_not_ordered(shop: Kiosk) -> None:
    """What a sale bills above what was ordered on its tab is refused, when it is created."""
    tab = orders(shop, a_dish("Wein", 2))["tab_id"]
    bills(shop, tab, a_dish("Wein"))

    for lines, place in (
        ([a_dish("Wein", 2)], "line_items[0].quantity"),
        ([a_dish("Wein"), a_dish("Brot")], "line_items[1].quantity"),
        ([a_dish("Wein") | {"title": "Wein, rot"}], "line_items[0].quantity"),
    ):
        wanted = a_bill(*lines, tab_id=tab)
        error = refusal(shop.operation(wanted), 422, "regime_validation_failed")
        assert places(error) == [place]
        assert error["details"]["errors"][0]["code"] == "DE-ORDER-08"


def test_a_thing_is_billed_for_less_never_for_more(shop: Kiosk) -> None:
    tab = orders(shop, a_line())["tab_id"]
    dear = a_line(
        unit_price="6.00",
        total_amount="12.00",
        taxes=[{"name": "USt", "rate": "0.19", "tax_amount": "1.92"}],
    )
    cheap = a_line(
        unit_price="5.00",
        total_amount="10.00",
        taxes=[{"name": "USt", "rate": "0.19", "tax_amount": "1.60"}],
    )

    error = refusal(shop.operation(a_bill(dear, tab_id=tab)), 422, "regime_validation_failed")

    assert places(error) == ["line_items[0].unit_price"]
    assert bills(shop, tab, cheap)["status"] == "completed"
    assert shop.caller.get(f"/tabs/{tab}")["status"] == "concluded"


def test_of_two_open_sales_over_one_dish_the_first_to_be_paid_has_it(shop: Kiosk) -> None:
    tab = orders(shop, a_dish("Suppe"))["tab_id"]
    one, two = (shop.does(a_bill(a_dish("Suppe"), tab_id=tab)) for _ in "12")

    shop.completes(two)

    refusal(shop.complete(one), 422, "regime_validation_failed")
    assert shop.voids(one)["status"] == "voided"


def test_a_sale_that_is_voided_has_billed_nothing(shop: Kiosk) -> None:
    tab = orders(shop, a_dish("Suppe"))["tab_id"]

    shop.voids(shop.does(a_bill(a_dish("Suppe"), tab_id=tab)))

    assert shop.caller.get(f"/tabs/{tab}")["status"] == "open"
    assert bills(shop, tab, a_dish("Suppe"))["status"] == "completed"


def test_a_goods_return_of_a_bill_does_not_open_its_tab(shop: Kiosk) -> None:
    tab = orders(shop, a_line())["tab_id"]
    bill = bills(shop, tab, a_line())

    back = shop.does(a_return(related_operation_id=bill["id"]))

    assert back["status"] == "open"
    assert shop.caller.get(f"/tabs/{tab}")["status"] == "concluded"


def test_no_more_is_taken_back_than_is_left(shop: Kiosk) -> None:
    tab = orders(shop, a_dish("Wein", 3))["tab_id"]
    bills(shop, tab, a_dish("Wein", 2))
    orders(shop, a_dish("Suppe"), tab=tab)

    for line, place in (
        (a_dish("Wein", -2), "line_items[0].quantity"),
        (a_dish("Brot", -1), "line_items[0].quantity"),
    ):
        error = refusal(shop.operation(an_order(line, tab_id=tab)), 422, "regime_validation_failed")
        assert places(error) == [place]
    orders(shop, a_dish("Wein", -1), tab=tab)
    assert [one["title"] for one in shop.caller.get(f"/tabs/{tab}")["left"]] == ["Suppe"]


def test_what_is_taken_back_had_that_price(shop: Kiosk) -> None:
    tab = orders(shop, a_line())["tab_id"]
    other = a_line(
        quantity=-1,
        unit_price="1.00",
        total_amount="-1.00",
        taxes=[{"name": "USt", "rate": "0.19", "tax_amount": "-0.16"}],
    )

    error = refusal(shop.operation(an_order(other, tab_id=tab)), 422, "regime_validation_failed")

    assert places(error) == ["line_items[0].unit_price"]


def test_what_costs_nothing_is_taken_back_as_well(shop: Kiosk) -> None:
    def bread(quantity: int) -> Json:
        taxes = [{"name": "USt", "rate": "0.07", "tax_amount": "0.00"}]
        return a_line(
            title="Brotkorb",
            quantity=quantity,
            unit_price="0.00",
            total_amount="0.00",
            taxes=taxes,
        )

    tab = orders(shop, a_dish("Suppe"), bread(2))["tab_id"]

    back = orders(shop, bread(-1), tab=tab)

    assert '-1;"Brotkorb";0.00' in back["fiscal_information"]["verification"]["qr_data"]
    left = shop.caller.get(f"/tabs/{tab}")["left"]
    assert [(one["title"], one["quantity"]) for one in left] == [("Suppe", "1"), ("Brotkorb", "1")]
    assert bills(shop, tab, a_dish("Suppe"), bread(1))["status"] == "completed"
    assert shop.caller.get(f"/tabs/{tab}")["status"] == "concluded"


def test_a_concluded_tab_takes_no_more_orders(shop: Kiosk) -> None:
    tab = orders(shop, a_dish("Suppe"))["tab_id"]
    bills(shop, tab, a_dish("Suppe"))

    error = refusal(
        shop.operation(an_order(a_dish("Wein"), tab_id=tab)), 422, "regime_validation_failed"
    )

    assert places(error) == ["tab_id"]


def test_a_tab_of_which_all_was_taken_back_may_go_on(shop: Kiosk) -> None:
    tab = orders(shop, a_dish("Suppe"))["tab_id"]
    orders(shop, a_dish("Suppe", -1), tab=tab)
    assert shop.caller.get(f"/tabs/{tab}")["status"] == "concluded"

    orders(shop, a_dish("Wein"), tab=tab)

    assert shop.caller.get(f"/tabs/{tab}")["status"] == "open"


def test_empties_a_tip_and_a_gift_card_need_no_order(shop: Kiosk) -> None:
    tab = orders(shop, a_dish("Wein"))["tab_id"]
    empty = a_dish("Brot", -1, kind="deposit")
    card = a_line(title="Gutschein", quantity=1, unit_price="20.00", total_amount="20.00")
    card |= {"taxes": [], "kind": "gift_card"}
    wanted = a_bill(a_dish("Wein"), empty) | {"tab_id": tab, "tip_amount": "1.00"}
    wanted["line_items"] = [*wanted["line_items"], card]
    wanted["total_amount"] = "25.40"
    wanted["pretax_amount"] = f"{amount('24.40') - amount(wanted['tax_amount']):.2f}"

    assert shop.completes(shop.does(wanted))["status"] == "completed"


def test_prices_before_tax_are_understood_where_the_totals_say_so(shop: Kiosk) -> None:
    net = a_line(unit_price="5.00", total_amount="10.00")
    totals = {"pretax_amount": "10.00", "tax_amount": "1.90", "total_amount": "11.90"}

    done = orders(shop, net, **totals)

    assert '2;"Filterkaffee";5.95' in done["fiscal_information"]["verification"]["qr_data"]
    assert done["total_amount"] == "11.90"
    sale = shop.does(a_sale(line_items=[net], tab_id=done["tab_id"]))
    assert shop.completes(sale)["status"] == "completed"


def test_an_order_states_all_totals_or_none(shop: Kiosk) -> None:
    wanted = an_order(a_dish("Wein"), tables=["Tisch 5"], total_amount="7.50")

    error = refusal(shop.operation(wanted), 422, "unprocessable_entity")

    assert places(error) == ["total_amount"]


def test_an_order_is_neither_completed_nor_voided_nor_taken_back_as_a_sale(shop: Kiosk) -> None:
    done = orders(shop, a_line())

    refusal(shop.complete(done | {"total_amount": "11.90"}), 409, "operation_invalid_state")
    refusal(shop.void(done), 409, "operation_invalid_state")
    wanted = a_return(related_operation_id=done["id"])
    refusal(shop.operation(wanted), 422, "unprocessable_entity")


def test_only_a_tab_of_this_register_can_be_named(
    shop: Kiosk, premises: Premises, caller: Caller
) -> None:
    first = orders(shop, a_dish("Wein", 2))
    later = orders(shop, a_dish("Suppe"), tab=first["tab_id"])
    stranger = a_kiosk(premises, caller.opens_merchant(legal_name="Andere GmbH"))
    stranger.opens()
    theirs = orders(stranger, a_dish("Wein"))

    added = later["id"].replace("op_", "tab_")
    for named in (theirs["tab_id"], NOWHERE, added, first["id"], "tab"):
        for wanted in (
            an_order(a_dish("Wein"), tab_id=named),
            a_bill(a_dish("Wein"), tab_id=named),
        ):
            error = refusal(shop.operation(wanted), 404, "not_found")
            assert places(error) == ["tab_id"]


def test_another_register_of_the_shop_does_not_bill_the_tab(shop: Kiosk) -> None:
    tab = orders(shop, a_dish("Wein"))["tab_id"]
    other = a_kiosk(shop.premises, shop.caller)
    other.opens()

    error = refusal(
        other.operation(a_bill(a_dish("Wein"), tab_id=tab)), 422, "regime_validation_failed"
    )

    assert places(error) == ["tab_id"]


def test_tabs_are_listed_by_status_in_pages(shop: Kiosk) -> None:
    made = [orders(shop, a_dish("Wein"))["tab_id"] for _ in range(3)]
    bills(shop, made[1], a_dish("Wein"))
    shop.sells()

    every = shop.caller.get("/tabs")
    Tabs.model_validate(every)
    assert [one["id"] for one in every["data"]] == made
    still = shop.caller.get("/tabs?status=open")["data"]
    assert [one["id"] for one in still] == [made[0], made[2]]
    assert [one["id"] for one in shop.caller.get("/tabs?status=concluded")["data"]] == [made[1]]
    listed, cursor = [], ""
    while True:
        page = shop.caller.get(f"/tabs?limit=1&status=open{cursor}")
        listed += [one["id"] for one in page["data"]]
        if not page["has_more"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert listed == [made[0], made[2]]
    terrace = orders(shop, a_dish("Wein"), tables=["Terrasse 2"], external_id="K-17")["tab_id"]
    (there,) = shop.caller.get("/tabs?table=Terrasse%202")["data"]
    assert (there["id"], there["external_id"]) == (terrace, "K-17")
    assert shop.caller.get("/tabs?table=Terrasse")["data"] == []
    assert shop.caller.get("/tabs?to=2020-01-01T00:00:00Z")["data"] == []
    assert len(shop.caller.get(f"/tabs?register_id=reg_{'0' * 32}")["data"]) == 0


def test_a_tab_that_is_not_there_is_not_found(shop: Kiosk) -> None:
    for named in (NOWHERE, "tab", orders(shop, a_dish("Wein"))["id"]):
        answer(shop.caller.send("GET", f"/tabs/{named}"), 404)


def test_a_register_with_open_tabs_is_not_decommissioned(shop: Kiosk) -> None:
    """Whoever takes a register out of service is told which tabs are open there."""
    tab = orders(shop, a_dish("Wein"))["tab_id"]
    answer(shop.closing(), 201)
    path = f"/registers/{shop.register}/decommission"

    error = refusal(shop.caller.send("POST", path), 409, "operation_invalid_state")

    assert error["details"]["open_tab_ids"] == [tab]
    shop.opens()
    orders(shop, a_dish("Wein", -1), tab=tab)
    answer(shop.closing(), 201)
    assert answer(shop.caller.send("POST", path), 200)["fiscalization_status"]


def test_what_bears_no_tax_is_ordered_as_it_is_sold(shop: Kiosk) -> None:
    """Why a rate is zero could be said of a sale, and was refused of its order."""
    line = a_line(
        title="Fahrkarte",
        taxes=[{"name": "USt 0 %", "rate": "0.00", "tax_amount": "0.00"}],
        tax_category="exempt",
    )

    ordered = orders(shop, line)

    assert ordered["line_items"][0]["tax_category"] == "exempt"
    bills(shop, ordered["tab_id"], line)
