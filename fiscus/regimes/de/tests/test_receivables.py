"""What was sold on account and is paid later."""

from decimal import Decimal

import pytest

from fiscus.model.documents import Direction, DocumentKind, Draft, LinePurpose, PaymentMeans
from fiscus.regimes.de.tests.builders import (
    a_body,
    a_case,
    a_draft,
    a_return,
    a_return_case,
    back,
    broken,
    money,
    paid,
    sealed,
    told,
    with_,
)

ON_ACCOUNT = a_draft(payments=(paid("5.35"), paid("10.00", PaymentMeans.OUTSTANDING)))


def settling(amount: str = "10.00", **more: object) -> Draft:
    line = money(LinePurpose.RECEIVABLE_SETTLED, amount)
    return a_draft(line, **({"refers_to": "r-1"} | more))


def test_what_is_owed_is_paid_without_being_sold_again() -> None:
    """Paying later needs no fake sale line: Forderungsaufloesung, key 5, and no turnover."""
    case = a_return_case(settling(), ON_ACCOUNT)
    (line,) = sealed(case).lines

    assert broken(case) == {}
    assert (line.case, line.tax_code, line.tax_type) == ("Forderungsaufloesung", "5", "")
    assert told(case).process_data == "Beleg^0.00_0.00_0.00_0.00_10.00^10.00:Bar"


def test_an_invoice_of_elsewhere_may_be_paid_too() -> None:
    assert broken(a_case(settling(refers_to=""))) == {}
    elsewhere = settling(refers_to="", external_reference="RE-4711", external_text="Rechnung")
    assert broken(a_case(elsewhere)) == {}


@pytest.mark.parametrize(("amount", "is_lawful"), [("10.00", True), ("10.01", False)])
def test_no_more_is_paid_than_is_owed(amount: str, is_lawful: bool) -> None:
    found = broken(a_return_case(settling(amount), ON_ACCOUNT))

    assert found == ({} if is_lawful else {"DE-RECEIVABLE-01": ("lines[0].vat.inclusive",)})


@pytest.mark.parametrize(("amount", "is_lawful"), [("4.00", True), ("4.01", False)])
def test_all_that_was_paid_before_counts(amount: str, is_lawful: bool) -> None:
    """Also what a device signs just now, and what a return on account took off."""
    case = a_return_case(settling(amount), ON_ACCOUNT)
    notes = (
        a_body(a_return_case(settling("3.00"), ON_ACCOUNT)),
        a_body(
            a_return_case(
                a_return(payments=(paid("-8.00"), paid("-2.00", PaymentMeans.OUTSTANDING))),
                ON_ACCOUNT,
            )
        ),
    )
    case = with_(case, notes=notes, begun=(settling("1.00"),))

    assert (broken(case) == {}) is is_lawful


def test_a_document_that_was_paid_has_nothing_left_to_pay() -> None:
    assert set(broken(a_return_case(settling("0.01"), a_draft()))) == {"DE-RECEIVABLE-01"}


def test_what_is_owed_to_the_customer_is_paid_out_later() -> None:
    owed = a_return(payments=(paid("-10.00", PaymentMeans.OUTSTANDING),))
    line = back(money(LinePurpose.RECEIVABLE_SETTLED, "10.00"))
    paying = a_draft(line, kind=DocumentKind.CORRECTION, refers_to="r-1")

    case = a_return_case(paying, owed)
    assert broken(case) == {}
    assert sealed(case).payments[0].amount == Decimal("-10.00")
    assert line.direction is Direction.RETURN
    assert set(broken(a_return_case(settling(), owed))) == {"DE-RECEIVABLE-01"}
