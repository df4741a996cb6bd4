"""A price that was stated is the price of the line: quantity times price, with discount and
surcharge, is what the line comes to."""

from decimal import Decimal

import pytest

from fiscus.model.documents import Direction, DraftLine, StatedVat
from fiscus.model.prices import is_net_of_price, is_priced


def a_line(
    quantity: str,
    price: str,
    gross: str,
    discount: str = "0",
    surcharge: str = "0",
    net: str | None = None,
) -> DraftLine:
    whole = Decimal(gross)
    vat = StatedVat(code="STANDARD", percentage=Decimal(23), exclusive=whole, inclusive=whole)
    return DraftLine(
        direction=Direction.SALE,
        text="Café",
        quantity=Decimal(quantity),
        unit_price=Decimal(price),
        unit_net=Decimal(net) if net else None,
        vat=vat,
        discount=Decimal(discount),
        surcharge=Decimal(surcharge),
    )


@pytest.mark.parametrize(
    ("line", "is_right"),
    [
        (a_line("2", "1.23", "2.46"), True),
        (a_line("2", "99.00", "2.46"), False),
        (a_line("2", "1.235", "2.46"), True),
        (a_line("2", "1.2351", "2.46"), False),
        (a_line("2", "1.225", "2.46"), True),
        (a_line("2", "1.2249", "2.46"), False),
        (a_line("2", "1.00", "2.46"), False),
        (a_line("2", "1.23", "2.00", discount="0.46"), True),
        (a_line("2", "1.23", "2.46", discount="0.46"), False),
        (a_line("1", "2.46", "1.23", discount="1.00"), True),
        (a_line("1", "2.46", "1.23", discount="1.02"), False),
        (a_line("1", "2.46", "1.23", discount="1.23"), True),
        (a_line("1", "2.46", "3.69", surcharge="1.00"), True),
        (a_line("1", "2.46", "3.69", surcharge="1.23"), True),
        (a_line("1", "2.40", "2.20", discount="0.30", surcharge="0.10"), True),
        (a_line("1", "2.20", "2.20", discount="0.30", surcharge="0.10"), False),
    ],
)
def test_a_line_is_quantity_times_price_with_discount_stated_in_either_way(
    line: DraftLine, is_right: bool
) -> None:
    assert is_priced(line) is is_right


@pytest.mark.parametrize(
    ("net", "is_right"),
    [(None, True), ("1.00", True), ("1.01", True), ("0.99", True), ("1.02", False), ("9", False)],
)
def test_a_net_price_is_that_of_the_gross_one(net: str | None, is_right: bool) -> None:
    assert is_net_of_price(a_line("2", "1.23", "2.46", net=net)) is is_right
