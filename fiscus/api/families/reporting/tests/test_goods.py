"""Sales, returns and exchanges as drafts: sums, signs, taxes, discounts, tips, gift cards."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from pydantic import ValidationError

from fiscus import regimes
from fiscus.api.families.reporting.translate import goods, lines
from fiscus.api.families.reporting.wire import operations as wire
from fiscus.model.documents import Direction, Discount, DocumentKind, LinePurpose, StatedTotals
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
    assert draft.kind is DocumentKind.RECEIPT
    assert (draft.reference, draft.text, draft.currency) == ("order-7", "ohne Zucker", "EUR")
    assert (line.direction, line.purpose) == (Direction.SALE, LinePurpose.SALE)
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
    assert (draft.kind, draft.refers_to) == (DocumentKind.CORRECTION, "document")
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
        LinePurpose.TIP_STAFF,
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


def candles(count: int = 3, tax: str = "0.05", total: str = "0.33") -> list[dict[str, Any]]:
    return [a_line(total, tax) for _ in range(count)]


@pytest.mark.parametrize("tax", ["0.15", "0.16"])
def test_a_till_may_round_each_line_or_each_rate_once(tax: str) -> None:
    body = a_sale(
        pretax_amount=str(Decimal("0.99") - Decimal(tax)),
        tax_amount=tax,
        total_amount="0.99",
        line_items=candles(),
    )

    draft = goods.goods(read(body))

    assert draft.totals == StatedTotals(
        exclusive=Decimal("0.99") - Decimal(tax), amount=Decimal(tax), inclusive=Decimal("0.99")
    )
    assert [line.vat.amount for line in draft.lines] == [Decimal("0.05")] * 3


@pytest.mark.parametrize(
    ("lines", "tax", "total"),
    [
        (candles(), "0.14", "0.99"),
        (candles(), "0.17", "0.99"),
        (candles(20, "0.00", "0.03"), "0.26", "0.60"),
        (candles(1000, "0.32", "1.99"), "319.00", "1990.00"),
        ([*candles(2), a_line("0.33", "0.07")], "0.16", "0.99"),
    ],
)
def test_a_tax_that_no_rounding_gives_is_refused(
    lines: list[dict[str, Any]], tax: str, total: str
) -> None:
    body = a_sale(
        pretax_amount=str(Decimal(total) - Decimal(tax)),
        tax_amount=tax,
        total_amount=total,
        line_items=lines,
    )

    assert codes(body) == ["REPORTING-TOTAL-03"]


def test_each_rate_is_rounded_in_its_own_way() -> None:
    bread = a_line("0.25", "0.02", taxes=[{"name": "USt", "rate": "0.07", "tax_amount": "0.02"}])
    for tax, is_good in (("0.20", True), ("0.21", True), ("0.22", True), ("0.23", False)):
        body = a_sale(
            pretax_amount=str(Decimal("1.74") - Decimal(tax)),
            tax_amount=tax,
            total_amount="1.74",
            line_items=[*candles(), bread, bread, bread],
        )
        if is_good:
            goods.goods(read(body))
        else:
            assert codes(body) == ["REPORTING-TOTAL-03"]


@pytest.mark.parametrize(
    ("tax", "gross"), [("0.18", ["0.39"] * 3), ("0.19", ["0.40", "0.39", "0.39"])]
)
def test_net_prices_with_their_tax_come_to_what_is_paid(tax: str, gross: list[str]) -> None:
    body = a_sale(
        pretax_amount="0.99",
        tax_amount=tax,
        total_amount=str(Decimal("0.99") + Decimal(tax)),
        line_items=candles(tax="0.06"),
    )

    lines = goods.goods(read(body)).lines

    assert [line.vat.inclusive for line in lines] == [Decimal(amount) for amount in gross]
    assert all(x.vat.exclusive + x.vat.amount == x.vat.inclusive for x in lines)


def test_discounts_do_not_hide_a_wrong_tax_behind_many_lines() -> None:
    body = a_sale(
        pretax_amount="51.00",
        tax_amount="9.00",
        total_amount="60.00",
        line_items=candles(1000),
        cart_level_discounts=[{"description": "Treue", "amount": "270.00"}],
    )

    assert codes(body) == ["REPORTING-TOTAL-03"]


def test_a_return_and_a_tip_are_in_the_totals_without_a_sign() -> None:
    back = goods.goods(read(a_return())).totals
    tipped = goods.goods(read(a_sale(tip_amount="1.00", total_amount="12.90"))).totals

    assert back == StatedTotals(
        exclusive=Decimal("10.00"), amount=Decimal("1.90"), inclusive=Decimal("11.90")
    )
    assert tipped == StatedTotals(
        exclusive=Decimal("11.00"), amount=Decimal("1.90"), inclusive=Decimal("12.90")
    )


def test_a_gift_card_is_sold_without_tax() -> None:
    card = a_line("20.00", kind="gift_card", taxes=[])
    body = a_sale(pretax_amount="20.00", tax_amount="0.00", total_amount="20.00", line_items=[card])

    (line,) = goods.goods(read(body)).lines

    assert (line.purpose, line.vat.is_exempt) == (LinePurpose.VOUCHER_SOLD, True)
    assert line.vat.code == lines.NOT_TAXABLE


@pytest.mark.parametrize(
    ("name", "code", "is_exempt"),
    [
        ("nicht steuerbar", "NOT_TAXABLE", True),
        ("Durchlaufender Posten", "NOT_TAXABLE", True),
        ("0 % PV", "REDUCED_4", False),
        ("export", "CAUSE_1", True),
        ("Ausfuhrlieferung", "CAUSE_1", True),
        ("innergemeinschaftliche Lieferung", "CAUSE_1", True),
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
    (elsewhere,) = goods.goods(read(body), zero_names=regimes.find("it").zero_names).lines

    assert (found.vat.code, found.vat.is_exempt) == (code, is_exempt)
    assert elsewhere.vat.code == lines.NOT_TAXABLE, "another law gives its own reasons, or none"


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
        (Direction.SALE, LinePurpose.SALE),
        (Direction.RETURN, LinePurpose.DEPOSIT),
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


@pytest.mark.parametrize(
    ("name", "code"), [("IVA 0 % M07", "M07"), ("m16", "M16"), ("Isento", None), ("IVA 0%", None)]
)
def test_in_portugal_only_the_code_of_an_exemption_says_why_a_rate_is_zero(
    name: str, code: str | None
) -> None:
    line = a_line("5.00", taxes=[{"name": name, "rate": "0", "tax_amount": "0.00"}])
    body = a_sale(pretax_amount="5.00", tax_amount="0.00", total_amount="5.00", line_items=[line])
    law = regimes.find("pt")

    if code is None:
        with pytest.raises(Refused) as refused:
            goods.goods(read(body), zero_names=law.zero_names)
        assert [fault.code for fault in refused.value.faults] == [lines.UNCLEAR_ZERO.id]
    else:
        (found,) = goods.goods(read(body), zero_names=law.zero_names).lines
        assert (found.vat.code, found.vat.is_exempt) == (code, True)


def test_in_portugal_a_category_with_one_code_is_understood() -> None:
    line = a_line("5.00", taxes=[{"name": "0%", "rate": "0", "tax_amount": "0.00"}])
    line["tax_category"] = "intra_community"
    body = a_sale(pretax_amount="5.00", tax_amount="0.00", total_amount="5.00", line_items=[line])
    law = regimes.find("pt")

    (found,) = goods.goods(
        read(body), zero_names=law.zero_names, zero_categories=law.zero_categories
    ).lines

    assert found.vat.code == "M16"
