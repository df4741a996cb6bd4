"""Lines as callers say them: composed ones, free ones, and discounts that are taken back."""

from decimal import Decimal
from typing import Any

import pytest

from fiscus import regimes
from fiscus.api.families.reporting.tests.test_goods import a_line, a_return, a_sale, codes, read
from fiscus.api.families.reporting.translate import goods, lines
from fiscus.model.documents import SEVERAL_RATES, Direction, Discount
from fiscus.model.faults import Refused

Json = dict[str, Any]

SOUP: Json = {
    "title": "Suppe",
    "article_number": "S1",
    "quantity": 1,
    "total_amount": "9.90",
    "taxes": [{"name": "USt", "rate": "0.07", "tax_amount": "0.65"}],
}
JUICE: Json = {
    "title": "Saft",
    "article_number": "G4",
    "quantity": "2",
    "total_amount": "3.00",
    "taxes": [{"name": "USt", "rate": "0.19", "tax_amount": "0.48"}],
}


def a_tax(rate: str, amount: str) -> Json:
    return {"name": "USt", "rate": rate, "tax_amount": amount}


def a_menu(*parts: Json, **members: Any) -> Json:
    taxes = [a_tax("0.07", "0.65"), a_tax("0.19", "0.48")]
    said = {"taxes": taxes, "components": list(parts or (SOUP, JUICE))}
    return a_line("12.90", "1.13", title="Menü", **(said | members))


def a_sale_of(*lines: Json, **members: Any) -> Json:
    said = {"pretax_amount": "11.77", "tax_amount": "1.13", "total_amount": "12.90"}
    return a_sale(line_items=list(lines), **(said | members))


def test_a_composed_line_has_its_parts_and_the_sum_of_their_taxes() -> None:
    (line,) = goods.goods(read(a_sale_of(a_menu()))).lines

    assert (line.vat.code, line.vat.percentage) == (SEVERAL_RATES, Decimal(0))
    assert (line.vat.inclusive, line.vat.amount) == (Decimal("12.90"), Decimal("1.13"))
    assert [(part.product, part.quantity) for part in line.parts] == [
        ("S1", Decimal(1)),
        ("G4", Decimal(2)),
    ]
    assert [part.vat.percentage for part in line.parts] == [Decimal(7), Decimal(19)]


def test_what_is_composed_under_one_rate_bears_that_rate() -> None:
    menu = a_menu(SOUP, unit_price="9.90", total_amount="9.90", taxes=[a_tax("0.07", "0.65")])
    body = a_sale_of(menu, pretax_amount="9.25", tax_amount="0.65", total_amount="9.90")

    (line,) = goods.goods(read(body)).lines

    assert (line.vat.percentage, len(line.parts)) == (Decimal(7), 1)


def test_a_composed_line_is_taken_back_with_all_its_parts() -> None:
    parts = [
        {**SOUP, "total_amount": "-9.90", "taxes": [a_tax("0.07", "-0.65")]},
        {**JUICE, "total_amount": "-3.00", "taxes": [a_tax("0.19", "-0.48")]},
    ]
    menu = a_menu(
        *parts,
        unit_price="-12.90",
        total_amount="-12.90",
        taxes=[a_tax("0.07", "-0.65"), a_tax("0.19", "-0.48")],
    )
    body = a_return(
        line_items=[menu], pretax_amount="-11.77", tax_amount="-1.13", total_amount="-12.90"
    )

    (line,) = goods.goods(read(body)).lines

    assert line.direction is Direction.RETURN
    assert [part.vat.inclusive for part in line.parts] == [Decimal("9.90"), Decimal("3.00")]
    assert [part.vat.amount for part in line.parts] == [Decimal("0.65"), Decimal("0.48")]


@pytest.mark.parametrize(
    "menu",
    [
        a_menu({**SOUP, "total_amount": "9.91"}, JUICE),
        a_menu({**SOUP, "taxes": [a_tax("0.07", "0.64")]}, JUICE),
        a_menu({**SOUP, "taxes": [a_tax("0.19", "0.65")]}, JUICE),
        a_menu(taxes=[a_tax("0.07", "1.13")]),
        a_menu(taxes=[a_tax("0.07", "0.65"), a_tax("0.07", "0.00"), a_tax("0.19", "0.48")]),
        a_menu(SOUP),
    ],
)
def test_parts_add_up_to_their_line_under_each_rate(menu: Json) -> None:
    assert "REPORTING-LINE-04" in codes(a_sale_of(menu))


def test_parts_need_prices_with_tax() -> None:
    body = a_sale_of(a_menu(), pretax_amount="12.90", tax_amount="1.13", total_amount="14.03")

    assert codes(body) == ["REPORTING-LINE-05"]


def test_a_gift_card_is_no_article() -> None:
    card = a_line("11.90", "0.00", kind="gift_card", taxes=[], article_number="4711")
    body = a_sale_of(card, pretax_amount="11.90", tax_amount="0.00", total_amount="11.90")

    assert codes(body) == ["REPORTING-LINE-03"]


def test_without_components_a_line_bears_one_tax() -> None:
    assert "REPORTING-LINE-02" in codes(a_sale_of(a_menu(components=[])))


OFF = [{"description": "Rabatt", "amount": "1.19"}]


def test_a_discount_that_is_taken_back_lessens_what_is_given_back() -> None:
    """Prices with tax: 11.90 less 1.19 goes back."""
    body = a_return(
        cart_level_discounts=OFF,
        pretax_amount="-9.00",
        tax_amount="-1.71",
        total_amount="-10.71",
    )

    draft = goods.goods(read(body))

    assert draft.discounts == (Discount(text="Rabatt", amount=Decimal("1.19")),)
    assert draft.totals is not None
    assert draft.totals.inclusive == Decimal("10.71")


def test_a_discount_before_tax_is_taken_back_with_its_tax() -> None:
    """Prices before tax: 10.00 less 1.00 goes back, and the tax of both."""
    line = a_line("-10.00", "-1.90")
    body = a_return(
        line_items=[line],
        cart_level_discounts=[{"description": "Rabatt", "amount": "1.00"}],
        pretax_amount="-9.00",
        tax_amount="-1.71",
        total_amount="-10.71",
    )

    assert [one.amount for one in goods.goods(read(body)).discounts] == [Decimal("1.19")]


def test_a_discount_that_was_forgotten_does_not_add_up() -> None:
    body = a_return(pretax_amount="-9.00", tax_amount="-1.71", total_amount="-10.71")

    assert "REPORTING-TOTAL-02" in codes(body)


def test_a_part_whose_rate_of_zero_has_no_reason_is_named() -> None:
    book = {**SOUP, "taxes": [{"name": "frei", "rate": "0", "tax_amount": "0.00"}]}
    menu = a_line("12.90", "0.48", components=[book, JUICE])
    menu["taxes"] = [*book["taxes"], *JUICE["taxes"]]
    body = a_sale(pretax_amount="12.42", tax_amount="0.48", total_amount="12.90", line_items=[menu])

    with pytest.raises(Refused) as refused:
        goods.goods(read(body), zero_names=regimes.find("de").zero_names)

    [fault] = refused.value.faults
    assert fault.code == lines.UNCLEAR_ZERO.id
    assert fault.paths == ("line_items[0].components[0].taxes[0].name",)


def test_what_cost_nothing_is_taken_back_by_its_quantity() -> None:
    free = a_line("0.00", "0.00", quantity=-1, unit_price="0.00")

    first, second = goods.goods(read(a_sale(line_items=[a_line(), free]))).lines

    assert (first.direction, second.direction) == (Direction.SALE, Direction.RETURN)
