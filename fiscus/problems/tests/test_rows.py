"""The days before an end, and the moment at which a row matters."""

from datetime import timedelta

import pytest

from fiscus.problems.rows import ProblemKind, ProblemRow, passed
from fiscus.problems.tests.looking import scope
from tests.support.premises import MONDAY, Premises
from tests.support.till import Till


@pytest.mark.parametrize(
    ("days", "within"),
    [(91, None), (90, 90), (31, 90), (30, 30), (14, 14), (7, 7), (2, 7), (1, 1), (0, 0), (-1, 0)],
)
def test_an_end_is_within_the_smallest_of_the_days(days: int, within: int | None) -> None:
    assert passed(timedelta(days=days)) == within


def test_a_row_without_a_day_matters_now_and_one_with_a_day_from_then_on() -> None:
    row = ProblemRow(kind=ProblemKind.WRITER)
    later = ProblemRow(kind=ProblemKind.DEVICE_ENDS, due=MONDAY)

    assert row.is_due(MONDAY)
    assert later.is_due(MONDAY)
    assert not later.is_due(MONDAY - timedelta(microseconds=1))


def test_who_counts_all_asks_for_no_organization(premises: Premises, till: Till) -> None:
    with scope(premises) as whole, scope(premises, till.organization) as own:
        assert whole.is_whole
        assert not own.is_whole
