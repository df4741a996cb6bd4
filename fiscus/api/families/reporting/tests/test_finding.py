"""Operations that a request names: found for who may see them, and for nobody else."""

import pytest

from fiscus.api.families.reporting.tests.berlin import Kiosk, a_return
from fiscus.api.families.reporting.tests.caller import answer, places, refusal
from fiscus.api.families.reporting.tests.restaurant import a_bill, a_dish, an_order


@pytest.fixture
def shop(kiosk: Kiosk) -> Kiosk:
    kiosk.opens()
    return kiosk


def test_an_operation_is_found_by_its_id_and_a_closing_is_none(shop: Kiosk) -> None:
    sale = shop.sells()
    closing = answer(shop.closing(), 201)

    assert shop.caller.get(f"/operations/{sale['id']}")["id"] == sale["id"]
    for nothing in (closing["id"], closing["id"].replace("cls_", "op_"), "op_" + "0" * 32):
        refusal(shop.caller.send("GET", f"/operations/{nothing}"), 404, "not_found")


def test_only_goods_that_were_paid_are_taken_back(shop: Kiosk) -> None:
    order = shop.does(an_order(a_dish("Wein"), tables=["Tisch 5"]))
    event = shop.caller.get("/operations?type=session_open")["data"][0]

    for named in (shop.begins(), order, event):
        error = refusal(
            shop.operation(a_return(related_operation_id=named["id"])), 422, "unprocessable_entity"
        )
        assert places(error) == ["related_operation_id"]


def test_a_tab_has_the_id_of_its_first_order_and_of_no_other_operation(shop: Kiosk) -> None:
    first = shop.does(an_order(a_dish("Wein"), tables=["Tisch 5"]))
    more = shop.does(an_order(a_dish("Wein"), tab_id=first["tab_id"]))
    sale = shop.sells()

    assert more["tab_id"] == first["tab_id"]
    for other in (more, sale):
        named = other["id"].replace("op_", "tab_")
        error = refusal(shop.operation(a_bill(a_dish("Wein"), tab_id=named)), 404, "not_found")
        assert places(error) == ["tab_id"]


def test_another_merchant_does_not_see_the_tab(shop: Kiosk) -> None:
    tab = shop.does(an_order(a_dish("Wein"), tables=["Tisch 5"]))["tab_id"]
    stranger = shop.caller.opens_merchant(legal_name="Andere GmbH")

    answer(stranger.send("GET", f"/tabs/{tab}"), 404)
