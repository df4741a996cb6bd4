"""A series that has ended has its last number."""

import pytest

from fiscus.journal.tests.small_shop import (
    ORGANIZATION,
    REGISTERS,
    SERIES,
    a_series,
    end,
    equip,
    founded,
    sell,
)
from fiscus.journal.verify.tests.judging import codes, judged


@pytest.mark.parametrize("state", ["finishing", "finished", "cancelled"])
def test_a_number_after_the_last_one_is_found_whoever_signed_it(state: str) -> None:
    journal = founded()
    equip(journal)
    sell(journal, REGISTERS[0])
    end(journal, SERIES, state, 1)
    assert judged(journal).is_good

    sell(journal, REGISTERS[1])
    report = judged(journal)
    assert codes(report) == {"VERIFY-SERIES-05"}
    assert "number 2 after 1" in report.findings[0].text


def test_what_was_to_be_cancelled_and_was_not_may_go_on() -> None:
    journal = founded()
    equip(journal)
    end(journal, SERIES, "cancelling", 0)
    journal.state(ORGANIZATION, "series@1", ("series", a_series(SERIES, state="active")))
    sell(journal, REGISTERS[0])

    assert judged(journal).is_good


def test_a_statement_of_before_says_that_later_columns_are_null() -> None:
    """The small shop states no purpose; a row that has one nevertheless is not as it is stated."""
    journal = founded()
    equip(journal)
    assert judged(journal).is_good

    journal.tables["series"][0]["purpose"] = "recovery"
    assert "VERIFY-ROWS-05" in codes(judged(journal))
