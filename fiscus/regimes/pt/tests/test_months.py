"""When the months of Portugal are due."""

from datetime import date

import pytest

from fiscus.regimes.pt.months import MONTHS


@pytest.mark.parametrize(
    ("month", "due"),
    [
        (date(2026, 1, 1), date(2026, 2, 5)),
        (date(2027, 2, 1), date(2027, 3, 5)),
        (date(2026, 12, 1), date(2027, 1, 5)),
    ],
)
def test_a_month_is_due_on_the_fifth_of_the_next(month: date, due: date) -> None:
    assert MONTHS.due(month) == due


def test_invoices_are_what_the_authority_has_in_that_class_of_series() -> None:
    assert MONTHS.invoices == {"FR", "FS", "FT", "NC", "ND"}
