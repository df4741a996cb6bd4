"""Sales, returns and exchanges as drafts: sums, signs, taxes, discounts, tips, gift cards."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from pydantic import ValidationError

from fiscus import regimes
from fiscus.api.reporting.translate import goods
from fiscus.api.reporting.wire import operations as wire
from fiscus.model.documents import Direction, Discount, Kind, Purpose
from fiscus.model.faults import Refused


def a_line(total: str = "11.90", tax: str = "1.90", **members: Any) -> dict[str, Any]:
    return {
        "title": "Kaffee",
        "quantity": 1,
        "unit_price": total,
        "total_amount": total,
        "taxes": [{"name": "USt", "rate": "0.19", "tax_amount": tax}],
    } | members


def a_sale(**members: Any) -> dict[str, Any]:
    return {
        "type": "sale",
        "source": "POS",
        "currency": "EUR",
        "register_id": "reg_0",
        "pretax_amount": "10.00",
        "tax_amount": "1.90",
        "total_amount": "11.90",
        "line_items": [a_line()],
    } | members


def a_return(**members: Any) -> dict[str, Any]:
    return (
        a_sale(
            type="return",
            pretax_amount="-10.00",
            tax_amount="-1.90",
            total_amount="-11.90",
            line_items=[a_line("-11.90", "-1.90")],
            related_operation_id="op_1",
        )
        | members
    )


def read(body: dict[str, Any]) -> Any:
    return wire.CREATE.validate_json(msgspec.json.encode(body))


def codes(body: dict[str, Any]) -> list[str]:
    with pytest.raises(Refused) as refused:
        goods.goods(read(body))
    return [fault.code for fault in refused.value.faults]


def test_a_sale_is_a_receipt_with_gross_prices() -> None:
    draft = goods.goods(read(a_sale(external_id="order-7", note="ohne Zucker")))

    (line,) = draft.lines
    assert draft.kind is Kind.RECEIPT
    assert (draft.reference, draft.text, draft.currency) == ("order-7", "ohne Zucker", "EUR")
    assert (line.direction, line.purpose) == (Direction.SALE, Purpose.SALE)
    assert (line.quantity, line.unit_price) == (Decimal(1), Decimal("11.90"))
    assert line.vat.percentage == Decimal(19)
    assert (line.vat.exclusive, line.vat.amount) == (Decimal("10.00"), Decimal("1.90"))
    assert line.vat.inclusive == Decimal("11.90")


def test_prices_before_tax_become_gross() -> None:
    """As in the example of the contract: the lines add up to pretax_amount."""
    line = a_line("9.00", "0.63", quantity=2, unit_price="4.50")
    line["taxes"][0]["rate"] = "0.07"
    body = a_sale(pretax_amount="9.00", tax_amount="0.63", total_amount="9.63", line_items=[line])

    (line_,) = goods.goods(read(body)).lines

    assert (line_.vat.exclusive, line_.vat.inclusive) == (Decimal("9.00"), Decimal("9.63"))
    assert line_.unit_price == Decimal("4.815")


def test_a_net_price_rounded_twice_is_what_was_charged_for_one() -> None:
    """Half a kilo at 2.05: 1.025 is 1.03, and its tax of 0.1957 is 0.20."""
    line = a_line("1.03", "0.20", quantity=0.5, unit_price="2.05")
    body = a_sale(pretax_amount="1.03", tax_amount="0.20", total_amount="1.23", line_items=[line])

    (line_,) = goods.goods(read(body)).lines

    assert line_.unit_price == Decimal("2.46")


def test_prices_may_have_parts_of_a_cent() -> None:
    """As fuel has: 40 litres at 1.799."""
    line = a_line("71.96", "11.49", quantity=40, unit_price="1.799")
    body = a_sale(
        pretax_amount="60.47", tax_amount="11.49", total_amount="71.96", line_items=[line]
    )

    (line_,) = goods.goods(read(body)).lines

    assert line_.unit_price == Decimal("1.799")


def test_a_return_turns_its_lines() -> None:
    draft = goods.goods(read(a_return()), "document")

    (line,) = draft.lines
    assert (draft.kind, draft.refers_to) == (Kind.CORRECTION, "document")
    assert (line.direction, line.vat.inclusive) == (Direction.RETURN, Decimal("11.90"))


def test_a_return_may_name_a_sale_that_we_never_saw() -> None:
    external = {"description": "alte Kasse", "external_operation_id": "A-17"}

    draft = goods.goods(
        read(a_return(related_operation_id=None, external_related_operation=external))
    )

    assert (draft.external_reference, draft.external_text) == ("A-17", "alte Kasse")


def test_an_exchange_has_lines_of_both_signs() -> None:
    body = a_return(
        type="exchange",
        pretax_amount="0.00",
        tax_amount="0.00",
        total_amount="0.00",
        line_items=[a_line("-11.90", "-1.90"), a_line()],
    )

    directions = [line.direction for line in goods.goods(read(body)).lines]

    assert directions == [Direction.RETURN, Direction.SALE]


def test_a_tip_is_the_staffs_and_bears_no_tax() -> None:
    draft = goods.goods(read(a_sale(tip_amount="2.00", total_amount="13.90")))

    tip = draft.lines[-1]
    assert (tip.purpose, tip.vat.inclusive, tip.vat.amount) == (
        Purpose.TIP_STAFF,
        Decimal("2.00"),
        Decimal(0),
    )


def test_discounts_on_the_cart_are_gross() -> None:
    body = a_sale(
        pretax_amount="9.00",
        tax_amount="1.71",
        total_amount="10.71",
        cart_level_discounts=[{"description": "Treue", "amount": "1.19"}],
    )

    assert goods.goods(read(body)).discounts == (Discount(text="Treue", amount=Decimal("1.19")),)


@pytest.mark.parametrize("tax", ["0.00", "1.80", "1.90"])
def test_a_discount_takes_the_tax_of_its_rate_with_it(tax: str) -> None:
    body = a_sale(
        pretax_amount=str(Decimal("10.71") - Decimal(tax)),
        tax_amount=tax,
        total_amount="10.71",
        cart_level_discounts=[{"description": "Treue", "amount": "1.19"}],
    )

    assert codes(body) == ["REPORTING-TOTAL-03"]


def test_a_discount_on_two_rates_takes_of_both() -> None:
    bread = a_line("10.70", "0.70", taxes=[{"name": "USt", "rate": "0.07", "tax_amount": "0.70"}])
    body = a_sale(
        pretax_amount="18.00",
        tax_amount="2.34",
        total_amount="20.34",
        line_items=[a_line(), bread],
        cart_level_discounts=[{"description": "Treue", "amount": "2.26"}],
    )

    assert goods.goods(read(body)).discounts[0].amount == Decimal("2.26")


def test_net_discounts_share_the_tax_that_they_save() -> None:
    body = a_sale(
        pretax_amount="7.00",
        tax_amount="1.33",
        total_amount="8.33",
        line_items=[a_line("10.00", "1.90")],
        cart_level_discounts=[
            {"description": "Treue", "amount": "1.00"},
            {"description": "Aktion", "amount": "2.00"},
        ],
    )

    amounts = [one.amount for one in goods.goods(read(body)).discounts]

    assert amounts == [Decimal("1.19"), Decimal("2.38")]


def test_a_gift_card_is_sold_without_tax() -> None:
    card = a_line("20.00", kind="gift_card", taxes=[])
    body = a_sale(pretax_amount="20.00", tax_amount="0.00", total_amount="20.00", line_items=[card])

    (line,) = goods.goods(read(body)).lines

    assert (line.purpose, line.vat.is_exempt) == (Purpose.VOUCHER_SOLD, True)
    assert line.vat.code == goods.NOT_TAXABLE


@pytest.mark.parametrize(
    ("name", "code", "is_exempt"),
    [
        ("nicht steuerbar", "NOT_TAXABLE", True),
        ("Steuerfrei nach § 4 UStG", "CAUSE_1", True),
        ("VAT exempt", "CAUSE_1", True),
        ("Kleinunternehmer § 19", "CAUSE_2", True),
        ("Differenzbesteuerung", "CAUSE_3", True),
        ("Nullsteuersatz PV", "REDUCED_4", False),
        ("§ 12 Abs. 3 UStG", "REDUCED_4", False),
    ],
)
def test_the_name_of_a_tax_says_why_it_is_zero(name: str, code: str, is_exempt: bool) -> None:
    line = a_line("5.00", taxes=[{"name": name, "rate": "0", "tax_amount": "0.00"}])
    body = a_sale(pretax_amount="5.00", tax_amount="0.00", total_amount="5.00", line_items=[line])

    (found,) = goods.goods(read(body), zero_names=regimes.find("de").zero_names).lines
    (elsewhere,) = goods.goods(read(body), zero_names=regimes.find("pt").zero_names).lines

    assert (found.vat.code, found.vat.is_exempt) == (code, is_exempt)
    assert elsewhere.vat.code == goods.NOT_TAXABLE, "another law gives its own reasons, or none"


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"total_amount": "12.00"}, "REPORTING-TOTAL-01"),
        ({"line_items": [a_line("11.80", "1.90")]}, "REPORTING-TOTAL-02"),
        ({"line_items": [a_line("11.90", "1.80")]}, "REPORTING-TOTAL-03"),
        ({"line_items": [a_line(unit_price="5.00")]}, "REPORTING-LINE-01"),
        ({"line_items": [a_line(quantity=0)]}, "REPORTING-LINE-01"),
        ({"register_id": None}, "REPORTING-SOURCE-01"),
        ({"source": "ONLINE"}, "REPORTING-SOURCE-02"),
        ({"related_operation_id": "op_1"}, "REPORTING-RELATED-02"),
    ],
)
def test_what_does_not_fit_a_sale_is_refused(members: dict[str, Any], code: str) -> None:
    assert code in codes(a_sale(**members))


def test_a_line_bears_one_tax() -> None:
    line = a_line()
    line["taxes"] *= 2

    assert "REPORTING-LINE-02" in codes(a_sale(line_items=[line]))


def test_signs_follow_the_type() -> None:
    minus = {"pretax_amount": "-10.00", "tax_amount": "-1.90", "total_amount": "-11.90"}

    assert codes(a_sale(**minus, line_items=[a_line("-11.90", "-1.90")])) == ["REPORTING-SIGN-01"]
    assert "REPORTING-SIGN-01" in codes(a_return(total_amount="11.90"))
    assert "REPORTING-SIGN-01" in codes(a_sale(line_items=[a_line(tax="-1.90")]))


def test_empties_come_back_in_a_sale() -> None:
    """They may bear more tax than the food does."""
    bread = a_line("5.00", "0.33", taxes=[{"name": "USt", "rate": "0.07", "tax_amount": "0.33"}])
    empties = a_line("-3.00", "-0.48", kind="deposit")
    body = a_sale(
        pretax_amount="2.15", tax_amount="-0.15", total_amount="2.00", line_items=[bread, empties]
    )

    lines = goods.goods(read(body)).lines

    assert [(line.direction, line.purpose) for line in lines] == [
        (Direction.SALE, Purpose.SALE),
        (Direction.RETURN, Purpose.DEPOSIT),
    ]


@pytest.mark.parametrize(
    "members",
    [
        {"related_operation_id": None},
        {"external_related_operation": {"description": "a", "external_operation_id": "b"}},
    ],
)
def test_a_return_names_exactly_one_origin(members: dict[str, Any]) -> None:
    assert codes(a_return(**members)) == ["REPORTING-RELATED-01"]


def test_all_faults_come_at_once() -> None:
    assert len(codes(a_sale(register_id=None, total_amount="-1.00"))) == 3


@pytest.mark.parametrize(
    "members",
    [
        {"tip": "1.00"},
        {"total_amount": 11.9},
        {"total_amount": "11.9"},
        {"line_items": []},
        {"line_items": [a_line(colour="red")]},
        {"currency": "eur"},
        {"source": "WEB"},
        {"type": "gift"},
        {"cart_level_discounts": [{"description": "x" * 256, "amount": "1.00"}]},
        {"cart_level_discounts": [{"description": "x", "amount": "-1.00"}]},
    ],
)
def test_a_body_that_is_not_the_contracts_is_malformed(members: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        read(a_sale(**members))


@pytest.mark.parametrize(("said", "meant"), [(2, "2"), ("0.333", "0.333"), (0.5, "0.5")])
def test_a_quantity_is_a_number_or_a_text(said: Any, meant: str) -> None:
    line = wire.LineItem.model_validate_json(msgspec.json.encode(a_line(quantity=said)))

    assert line.quantity == Decimal(meant)
