"""Gift cards over HTTP: for one purpose or many, sold, redeemed and given back."""

from decimal import Decimal
from typing import Any

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
from tests.support.premises import Premises

ELSEWHERE = {"description": "alte Kasse", "external_operation_id": "A-17"}
VAT = [{"name": "USt", "rate": "0.19", "tax_amount": "1.90"}]
LESS = [{"name": "USt", "rate": "0.19", "tax_amount": "-1.90"}]
FREE = [{"name": "nicht steuerbar", "rate": "0", "tax_amount": "0.00"}]


@pytest.fixture
def shop(premises: Premises, merchant: Caller) -> Kiosk:
    kiosk = a_kiosk(premises, merchant)
    kiosk.opens()
    return kiosk


def a_card(total: str = "11.90", **members: Any) -> Json:
    said = {"quantity": 1, "unit_price": total, "total_amount": total, "kind": "gift_card"}
    return a_line(title="Gutschein", **({"taxes": []} | said | members))


def of(*lines: Json, tax: str, total: str, type_: str = "sale", **members: object) -> Json:
    pretax = str(Decimal(total) - Decimal(tax))
    return a_sale(
        type=type_,
        line_items=list(lines),
        pretax_amount=pretax,
        tax_amount=tax,
        total_amount=total,
        **members,
    )


CAKE = a_line(title="Kuchen", quantity=1, unit_price="11.90")
BACK = {"external_related_operation": ELSEWHERE}

NUMBERED: Json = {"voucher": {"number": "V-1"}}
ONE: Json = {"voucher": {"kind": "single_purpose", "number": "V-1"}}
MANY: Json = {"voucher": {"kind": "multi_purpose"}}

REFUSED = {
    "one purpose without a number": (
        of(CAKE, a_card(taxes=VAT), tax="3.80", total="23.80"),
        "DE-VOUCHER-09",
        "line_items[1].voucher.number",
    ),
    "one purpose without a rate": (
        of(a_card(**ONE), tax="0.00", total="11.90"),
        "DE-VOUCHER-08",
        "line_items[0].taxes[0].rate",
    ),
    "many purposes with tax": (
        of(a_card(taxes=VAT, **MANY), tax="1.90", total="11.90"),
        "DE-VOUCHER-07",
        "line_items[0].taxes[0].rate",
    ),
    "two in one line": (
        of(a_card("20.00", quantity=2, unit_price="10.00"), tax="0.00", total="20.00"),
        "DE-VOUCHER-03",
        "line_items[0].quantity",
    ),
    "half a card": (
        of(a_card("5.00", quantity="0.5", unit_price="10.00"), tax="0.00", total="5.00"),
        "DE-VOUCHER-03",
        "line_items[0].quantity",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_be_taxed_twice_or_never_is_not_even_begun(shop: Kiosk, name: str) -> None:
    body, code, place = REFUSED[name]
    before = shop.premises.entries()

    error = refusal(shop.operation(body), 422, "regime_validation_failed")

    assert (place, code) in [(one["path"], one["code"]) for one in error["details"]["errors"]]
    assert "not implemented yet" not in error["message"]
    assert shop.premises.entries() == before


def test_a_voucher_is_said_of_a_gift_card_only(shop: Kiosk) -> None:
    body = of(CAKE | NUMBERED, tax="1.90", total="11.90")

    error = refusal(shop.operation(body), 422, "unprocessable_entity")
    assert places(error) == ["line_items[0].voucher"]
    assert stands_in(body, "line_items[0].voucher")


@pytest.mark.parametrize(
    ("voucher", "place"),
    [
        ({"kind": "multi_purpose"}, "voucher.kind"),
        ({"kind": "single_purpose", "rate": "0.07"}, "voucher.rate"),
        ({"rate": "0"}, "voucher.rate"),
    ],
)
def test_a_card_is_redeemed_as_it_was_sold(shop: Kiosk, voucher: Json, place: str) -> None:
    """A single-purpose voucher sold at 19 % is never redeemed as another one."""
    shop.sells(**of(a_card(taxes=VAT, **ONE), tax="1.90", total="11.90"))
    sale = shop.begins()
    leg = a_leg("11.90", "gift_card", gift_card_id="V-1")

    error = refusal(
        shop.complete(sale, leg | {"voucher": voucher}), 422, "regime_validation_failed"
    )
    assert f"payments[0].{place}" in places(error)
    assert slots(shop.completes(sale, leg)) == [0, 0, 0, 0, 0]


def test_a_card_for_one_purpose_is_redeemed_once(shop: Kiosk) -> None:
    """Redeemed again it would take out a tax that nobody paid."""
    shop.sells(**of(a_card(taxes=VAT, **ONE), tax="1.90", total="11.90"))
    leg = a_leg("11.90", "gift_card", gift_card_id="V-1")
    shop.sells(leg)
    sale = shop.begins()

    error = refusal(shop.complete(sale, leg), 422, "regime_validation_failed")
    assert places(error) == ["payments[0].amount"]
    assert error["details"]["errors"][0]["code"] == "DE-VOUCHER-11"


def test_a_card_is_redeemed_or_given_back_as_a_line(shop: Kiosk) -> None:
    """A negative gift_card line is a redemption, or a return, and its tax goes back."""
    used: Json = {"voucher": {"number": "V-2"}}
    cards = a_card(taxes=VAT, **ONE), a_card(taxes=VAT, **used)
    sold = shop.sells(**of(*cards, tax="3.80", total="23.80"))
    less = a_card("-11.90", taxes=LESS, **ONE)
    redeemed = shop.sells(**of(CAKE, less | used, tax="0.00", total="0.00"))
    back = of(less, tax="-1.90", total="-11.90", type_="return", related_operation_id=sold["id"])
    returned = shop.sells(**back)

    assert slots(redeemed) == [0, 0, 0, 0, 0]
    assert slots(returned) == [Decimal("-11.90"), 0, 0, 0, 0]
    refusal(shop.operation(back), 422, "regime_validation_failed")


def test_money_put_onto_a_card_by_a_payment_of_a_sale_is_refused(shop: Kiosk) -> None:
    sale = shop.begins()
    legs = a_leg("31.90"), a_leg("-20.00", "gift_card", gift_card_id="GC-1")

    error = refusal(shop.complete(sale, *legs), 422, "regime_validation_failed")

    assert places(error) == ["payments[1]"]
    assert error["details"]["errors"][0]["code"] == "DE-VOUCHER-06"
    assert shop.completes(sale)["status"] == "completed"


def slots(operation: Json) -> list[Decimal]:
    """What the device was told, by slot of the VAT key."""
    data = operation["fiscal_information"]["verification"]["qr_data"]
    return [Decimal(one) for one in data.split("^")[1].split("_")]


@pytest.mark.parametrize("taxes", [[], FREE])
def test_a_card_for_many_purposes_is_taxed_once(shop: Kiosk, taxes: list[Json]) -> None:
    """20 euro are sold without tax; the cake of 11.90 bears its 1.90, whatever pays for it."""
    sold = shop.sells(**of(a_card("20.00", taxes=taxes), tax="0.00", total="20.00"))
    redeemed = shop.sells(
        a_leg("11.90", "gift_card", gift_card_id="GC-1"),
        **of(CAKE, tax="1.90", total="11.90"),
    )

    assert slots(sold) == [0, 0, 0, 0, Decimal("20.00")]
    assert slots(redeemed) == [Decimal("11.90"), 0, 0, 0, Decimal("-11.90")]


def test_cards_stand_in_a_line_each(shop: Kiosk) -> None:
    cards = of(a_card("10.00"), a_card("10.00"), CAKE, tax="1.90", total="31.90")

    assert slots(shop.sells(**cards))[4] == Decimal("20.00")


def test_what_a_card_paid_goes_back_onto_it(shop: Kiosk) -> None:
    back = shop.does(a_return(**BACK))

    done = shop.completes(back, a_leg("-5.95", "gift_card", gift_card_id="GC-1"))

    assert slots(done) == [Decimal("-5.95"), 0, 0, 0, Decimal("5.95")]


def test_voiding_needs_no_voucher(shop: Kiosk) -> None:
    sale = answer(shop.operation(of(a_card(), tax="0.00", total="11.90")), 201)

    assert shop.voids(sale)["status"] == "voided"
