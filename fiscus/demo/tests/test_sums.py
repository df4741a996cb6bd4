"""The demo's own arithmetic, on days that can be added up by hand."""

from decimal import Decimal

import pytest

from fiscus.demo.berlin import story, sums
from fiscus.demo.berlin.till import TillStep
from fiscus.demo.client import Json


def a_step(operation: Json, *legs: Json, status: str = "completed") -> TillStep:
    paid = story.payment(operation.get("total_amount", "0.00"), *legs)
    return TillStep(title=operation["type"], operation={**operation, **paid, "status": status})


FLOAT = a_step(story.FLOAT)
BREAKFAST = a_step(story.BREAKFAST, story.CASH)
UMBRELLA = a_step(story.UMBRELLA, story.GIROCARD)
BEANS = a_step(story.BEANS, story.THE_GIFT_CARD, story.THE_REST)
BACK = a_step(story.COFFEE_BACK, story.CASH)
GONE = a_step(story.COFFEE, status="voided")
BANK = a_step(story.TO_THE_BANK)
COUNT = a_step(story.count("-0.20"))
DAY = [FLOAT, BREAKFAST, UMBRELLA, BEANS, BACK, GONE, BANK, COUNT]

SUMMARY: Json = {
    "operation_count": 8,
    "total_gross": 4390,  # 8.60 + 10.90 + 27.90 - 3.50
    "total_tax": 423,  # 1.22 + 1.74 + 1.83 - 0.56
    "total_by_payment_method": {"card": 1090, "cash": 800, "gift_card": 2500},
    "by_operation_type": {
        "sales": {"count": 3, "total_gross": 4740},
        "refunds": {"count": 1, "total_gross": -350},
        "voids": {"count": 1},
        "cash_movements": {"cash_in_total": 0, "cash_out_total": 10000},
    },
    "tax_breakdown": [
        {"rate": "0.07", "taxable_amount": 2757, "tax_amount": 193},
        {"rate": "0.19", "taxable_amount": 1210, "tax_amount": 230},
    ],
}


def test_a_day_is_added_up() -> None:
    assert sums.summary(DAY) == SUMMARY
    assert sums.drawer(DAY) == Decimal("57.80")  # 150 + 8.60 + 2.90 - 3.50 - 100 - 0.20


def test_what_bears_no_vat_is_not_compared() -> None:
    rows = [
        {"rate": "0.19", "category": "standard", "taxable_amount": 1210, "tax_amount": 230},
        {"rate": "0.07", "category": "reduced", "taxable_amount": 2757, "tax_amount": 193},
        {"rate": "0.00", "category": "not_taxable", "taxable_amount": 5, "tax_amount": 0},
    ]

    assert list(sums.compared({**SUMMARY, "tax_breakdown": rows}, SUMMARY)) == []


@pytest.mark.parametrize("name", sorted(SUMMARY))
def test_another_sum_is_named(name: str) -> None:
    other = sums.summary([*DAY, a_step(story.COFFEE, story.CASH)])

    (fault,) = sums.compared({**SUMMARY, name: other[name]}, SUMMARY)

    assert fault.startswith(f"{name}: the closing says ")
