"""What is said twice is said the same; a discount for paying in time is of what is owed."""

from decimal import Decimal

import pytest

from fiscus.model.documents import Draft, Payment, PaymentMeans, StatedShare
from fiscus.regimes.pt.tests.builders import (
    a_case,
    a_draft,
    a_line,
    a_place,
    a_vat,
    an_exempt_vat,
    an_invoice,
    broken,
    with_,
)


def found(draft: Draft, place: str = "1100-061") -> dict[str, tuple[str, ...]]:
    mine = ("PT-PRICE", "PT-BREAKDOWN", "PT-SETTLEMENT")
    every = broken(a_case(draft, place=a_place(place)))
    return {code: paths for code, paths in every.items() if code.startswith(mine)}


def test_a_price_that_is_not_that_of_the_line_is_refused() -> None:
    wrong = with_(a_line(), unit_price=Decimal("99.00"))

    assert found(a_draft(a_line(), wrong)) == {"PT-PRICE-01": ("lines[1].unit_price",)}


def test_the_price_of_an_exempt_line_is_compared_with_its_base() -> None:
    line = a_line("Aula", vat=an_exempt_vat("25.00"), quantity="1")

    assert found(a_draft(line)) == {}
    assert "PT-PRICE-01" in found(a_draft(with_(line, unit_price=Decimal("25.02"))))


def test_a_net_price_that_contradicts_the_rate_is_refused() -> None:
    right, wrong = (with_(a_line(), unit_net=Decimal(net)) for net in ("1.00", "1.23"))

    assert found(a_draft(right, wrong)) == {"PT-PRICE-02": ("lines[1].unit_net",)}


def test_a_breakdown_is_compared_with_the_lines_of_each_tax() -> None:
    right = StatedShare(percentage=Decimal(23), amount=Decimal("0.46"))
    wrong = with_(right, amount=Decimal("999.99"))

    assert found(a_draft(a_line(), breakdown=(right,))) == {}
    assert found(a_draft(a_line(), breakdown=(wrong,))) == {
        "PT-BREAKDOWN-01": ("breakdown[0].amount",)
    }


@pytest.mark.parametrize(
    ("region", "is_right"),
    [("", True), ("AZORES", True), ("PT-AC", True), ("PT", False), ("MADEIRA", False)],
)
def test_a_breakdown_of_a_region_is_of_the_lines_of_that_region(
    region: str, is_right: bool
) -> None:
    line = a_line(vat=a_vat("2.00", "16"))
    share = StatedShare(
        percentage=Decimal(16), code="STANDARD", region=region, amount=Decimal("0.32")
    )

    assert (found(a_draft(line, breakdown=(share,)), "9500-150") == {}) is is_right


def owed(discount: str, means: PaymentMeans = PaymentMeans.OUTSTANDING) -> Payment:
    return Payment(means=means, amount=Decimal("3.52"), discount=Decimal(discount))


@pytest.mark.parametrize(
    ("draft", "is_right"),
    [
        (an_invoice(payments=(owed("0"),)), True),
        (an_invoice(payments=(owed("0.10"),)), True),
        (an_invoice(payments=(owed("3.52"),)), True),
        (an_invoice(payments=(owed("3.53"),)), False),
        (an_invoice(payments=(owed("-0.10"),)), False),
        (an_invoice(payments=(owed("0.10", PaymentMeans.TRANSFER),)), False),
        (a_draft(payments=(owed("0.10", PaymentMeans.CASH),)), False),
    ],
)
def test_a_discount_on_a_payment_is_of_what_is_owed(draft: Draft, is_right: bool) -> None:
    assert found(draft) == ({} if is_right else {"PT-SETTLEMENT-01": ("payments[0].discount",)})
