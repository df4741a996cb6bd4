"""What is said besides agrees with the lines, or has a place; else it is refused."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from fiscus.model.documents import DeliveryPlace, Party, Payment, PaymentMeans, StatedShare
from fiscus.regimes.de.tests.builders import a_case, a_draft, a_line, an_address, broken, with_


def found(*lines: Any, **more: Any) -> dict[str, tuple[str, ...]]:
    mine = ("DE-PRICE", "DE-BREAKDOWN", "DE-PLACE", "DE-ORIGIN")
    every = broken(a_case(a_draft(*lines, **more)))
    return {code: paths for code, paths in every.items() if code.startswith(mine)}


LINE = a_line("11.90")
VAT = LINE.vat.amount


@pytest.mark.parametrize(("amount", "is_right"), [(VAT, True), (Decimal("999.99"), False)])
def test_a_breakdown_is_compared_with_the_lines(amount: Decimal, is_right: bool) -> None:
    share = StatedShare(percentage=Decimal(19), amount=amount)

    assert found(LINE, breakdown=(share,)) == (
        {} if is_right else {"DE-BREAKDOWN-01": ("breakdown[0].amount",)}
    )


@pytest.mark.parametrize(("net", "is_right"), [("10.00", True), ("11.90", False)])
def test_a_net_price_is_that_of_the_gross_one(net: str, is_right: bool) -> None:
    line = with_(LINE, unit_net=Decimal(net))

    assert found(line) == ({} if is_right else {"DE-PRICE-01": ("lines[0].unit_net",)})


OWED = Payment(means=PaymentMeans.CASH, amount=Decimal("11.90"), discount=Decimal("0.10"))


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"order_references": ("PO1",)}, "order_references"),
        ({"payment_terms": "30 Tage"}, "payment_terms"),
        ({"delivery": DeliveryPlace(address=an_address(), on=date(2026, 3, 2))}, "delivery"),
        ({"activity": "47111"}, "activity"),
        ({"payments": (OWED,)}, "payments[0].discount"),
    ],
)
def test_what_the_export_has_no_place_for_is_refused(more: dict[str, Any], path: str) -> None:
    assert found(LINE, **more) == {"DE-PLACE-01": (path,)}


def test_a_serial_number_has_no_place() -> None:
    assert found(with_(LINE, serial="IMEI-35")) == {"DE-PLACE-01": ("lines[0].serial",)}


@pytest.mark.parametrize(
    ("country", "is_foreign", "is_right"),
    [
        ("DE", None, True),
        ("DE", False, True),
        ("DE", True, False),
        ("AT", True, True),
        ("AT", False, False),
    ],
)
def test_where_a_buyer_is_from_agrees_with_the_address(
    country: str, is_foreign: bool | None, is_right: bool
) -> None:
    buyer = Party(name="Ana", address=with_(an_address(), country=country), is_foreign=is_foreign)

    assert found(LINE, buyer=buyer) == ({} if is_right else {"DE-ORIGIN-01": ("buyer.is_foreign",)})
