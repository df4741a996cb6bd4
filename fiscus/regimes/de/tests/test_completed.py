"""A draft as the law reads it: what is cancelled is taken back whole, and discounts are gross."""

from datetime import date
from decimal import Decimal

import pytest

from fiscus.model.documents import (
    Direction,
    Discount,
    DocumentKind,
    Draft,
    DraftLine,
    LinePurpose,
    PaymentMeans,
    StatedTotals,
)
from fiscus.regimes.de import worth
from fiscus.regimes.de.completed import completed
from fiscus.regimes.de.tests.builders import (
    a_case,
    a_draft,
    a_line,
    a_return,
    a_return_case,
    an_abort,
    broken,
    money,
    paid,
    with_,
)

CANCELLED = Draft(kind=DocumentKind.CANCELLATION, refers_to="r-1", reason="Falscher Tisch")


def test_a_cancellation_is_a_return_of_everything() -> None:
    original = a_draft(
        a_line("10.00", "Kaffee"),
        money(LinePurpose.VOUCHER_REDEEMED, "2.00"),
        money(LinePurpose.TIP_STAFF, "1.00"),
        discounts=(Discount(text="Rabatt", amount=Decimal("1.00")),),
        payments=(paid("5.00"), paid("3.00", PaymentMeans.OUTSTANDING)),
        totals=StatedTotals(
            exclusive=Decimal("6.56"), amount=Decimal("1.44"), inclusive=Decimal("8.00")
        ),
    )
    case = a_return_case(CANCELLED, original)

    found = completed(case)

    assert (found.kind, found.is_full_reversal) == (DocumentKind.CORRECTION, True)
    assert (found.refers_to, found.reason) == ("r-1", "Falscher Tisch")
    assert worth.total(found) == -worth.total(original) == Decimal("-8.00")
    assert [each.amount for each in found.payments] == [Decimal("-5.00"), Decimal("-3.00")]
    assert found.totals == original.totals
    assert broken(with_(case, draft=found)) == {}
    assert completed(a_case(original)) == original


def test_what_is_paid_back_without_a_sign_is_paid_back() -> None:
    """One that is not the total is no less wrong for it."""
    said = a_return(payments=(paid("6.00"), paid("4.00")))
    case = a_return_case(said)

    found = completed(case)

    assert [each.amount for each in found.payments] == [Decimal("-6.00"), Decimal("-4.00")]
    assert broken(with_(case, draft=found)) == {}
    assert completed(with_(case, draft=found)) == found
    other = with_(said, payments=(paid("9.00"),))
    assert completed(with_(case, draft=other)) == other


def test_money_of_another_currency_goes_back_in_it() -> None:
    dollars = paid("10", currency="USD", foreign_amount=Decimal(11))
    case = a_return_case(CANCELLED, a_draft(a_line(), payments=(dollars,)))

    (payment,) = completed(case).payments

    assert (payment.amount, payment.foreign_amount) == (Decimal(-10), Decimal(-11))


def test_what_cannot_be_cancelled_is_told_by_rules() -> None:
    for case in (a_case(CANCELLED), a_return_case(CANCELLED, an_abort())):
        found = broken(with_(case, draft=completed(case)))
        assert found["DE-LINE-01"] == ("lines",)
        assert {"DE-REFERENCE-03", "DE-REFERENCE-04"} & set(found)


@pytest.mark.parametrize(
    ("discount", "surcharge", "read"),
    [("1.00", "0", "1.00"), ("0.84", "0", "0.99960"), ("1.68", "0.84", "1.99920")],
)
def test_what_lowers_a_price_is_read_as_gross_or_else_as_net(
    discount: str, surcharge: str, read: str
) -> None:
    line = with_(
        a_line("9.00"),
        unit_price=Decimal("10.00"),
        discount=Decimal(discount),
        surcharge=Decimal(surcharge),
    )

    (found,) = completed(a_case(a_draft(line))).lines

    assert found.discount == Decimal(read)
    assert abs(worth.by_price(found) - Decimal("9.00")) <= worth.PRICE_TOLERANCE


def test_a_discount_that_fits_neither_way_stays_as_it_was_said() -> None:
    line: DraftLine = with_(a_line("9.00"), unit_price=Decimal("10.00"), discount=Decimal("0.50"))
    case = a_case(a_draft(line))

    found = completed(case)

    assert found.lines == (line,)
    assert found.lines[0].direction is Direction.SALE
    assert "DE-LINE-04" in broken(with_(case, draft=found))


def test_a_document_from_outside_is_described_by_its_day() -> None:
    note = a_return(
        a_line("5.00"), refers_to="", external_reference="B-17", external_on=date(2025, 12, 30)
    )

    assert completed(a_case(note)).external_text == "Beleg vom 30.12.2025"
    assert "DE-REFERENCE-06" not in broken(a_case(completed(a_case(note))))
