"""What lines come to, gross and signed."""

from decimal import Decimal as D
from typing import Any

import pytest

from fiscus.model.documents import Direction, Discount, DraftLine, LinePurpose
from fiscus.regimes.de import worth
from fiscus.regimes.de.tests.builders import a_draft, a_line

SALE, RETURN = Direction.SALE, Direction.RETURN
EACH = pytest.mark.parametrize(
    ("purpose", "direction", "signed"),
    [
        (LinePurpose.SALE, SALE, "2.00"),
        (LinePurpose.SALE, RETURN, "-2.00"),
        (LinePurpose.SURCHARGE, SALE, "2.00"),
        (LinePurpose.DISCOUNT, SALE, "-2.00"),
        (LinePurpose.DISCOUNT, RETURN, "2.00"),
        (LinePurpose.VOUCHER_REDEEMED, SALE, "-2.00"),
        (LinePurpose.VOUCHER_REDEEMED, RETURN, "2.00"),
        (LinePurpose.VOUCHER_SOLD, SALE, "2.00"),
        (LinePurpose.PAY_OUT, SALE, "-2.00"),
        (LinePurpose.PAY_OUT, RETURN, "-2.00"),
        (LinePurpose.OWNER_OUT, SALE, "-2.00"),
        (LinePurpose.WAGE, RETURN, "-2.00"),
        (LinePurpose.PAY_IN, SALE, "2.00"),
        (LinePurpose.TRANSIT, RETURN, "-2.00"),
    ],
)


def of(purpose: LinePurpose, gross: str = "2.00", **more: Any) -> DraftLine:
    return a_line(gross, purpose=purpose, **more)


def off(amount: str) -> Discount:
    return Discount(text="Rabatt", amount=D(amount))


@EACH
def test_a_line_raises_or_lowers_the_total(
    purpose: LinePurpose, direction: Direction, signed: str
) -> None:
    line = of(purpose, direction=direction)

    assert worth.signed(line) == D(signed)
    assert worth.gross(line) == D("2.00")
    assert worth.is_lowering(line) is (D(signed) < 0)


@pytest.mark.parametrize(
    ("line", "is_discounted"),
    [
        (of(LinePurpose.SALE), True),
        (of(LinePurpose.SURCHARGE), True),
        (of(LinePurpose.DISCOUNT), True),
        (of(LinePurpose.SALE, is_voucher=True), False),
        (of(LinePurpose.VOUCHER_SOLD), False),
        (of(LinePurpose.VOUCHER_REDEEMED), False),
        (of(LinePurpose.DEPOSIT), False),
        (of(LinePurpose.TIP_STAFF), False),
    ],
)
def test_deposits_tips_and_vouchers_are_worth_what_they_are_worth(
    line: DraftLine, is_discounted: bool
) -> None:
    assert worth.is_discounted(line) is is_discounted


@pytest.mark.parametrize(
    ("direction", "turnover", "discounts", "total"),
    [(SALE, "10.00", "-1.50", "8.50"), (RETURN, "-10.00", "1.50", "-8.50")],
)
def test_a_discount_on_all_lowers_a_sale_and_lessens_a_return(
    direction: Direction, turnover: str, discounts: str, total: str
) -> None:
    draft = a_draft(
        a_line("10.00", direction=direction),
        discounts=(
            Discount(text="Rabatt", amount=D("1.00")),
            Discount(text="Rabatt", amount=D("0.50")),
        ),
    )

    assert worth.turnover(draft) == D(turnover)
    assert worth.discounts(draft) == D(discounts)
    assert worth.total(draft) == D(total)


def test_where_nothing_was_turned_over_a_discount_is_taken_off() -> None:
    draft = a_draft(of(LinePurpose.DEPOSIT), discounts=(off("1.00"),))

    assert worth.turnover(draft) == 0
    assert worth.discounts(draft) == D("-1.00")


def test_vouchers_taken_in_payment_come_off_the_total_and_are_summed_with_their_sign() -> None:
    draft = a_draft(
        a_line("10.00"),
        of(LinePurpose.VOUCHER_REDEEMED, "4.00"),
        of(LinePurpose.VOUCHER_REDEEMED, "1.00"),
        of(LinePurpose.VOUCHER_SOLD, "20.00"),
    )

    assert worth.redeemed(draft) == D("-5.00")
    assert worth.total(draft) == D("25.00")
