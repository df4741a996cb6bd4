"""What is typed is understood, or said to be wrong, all at once."""

from datetime import date

import pytest

from fiscus.console import documents_facts
from fiscus.console.document_search import DocumentStatus
from fiscus.console.documents_facts import DocumentSight, JudgedSearch, judged

TODAY = date(2026, 11, 16)
SIGHT = DocumentSight(organization="o")


def search(sight: DocumentSight = SIGHT, /, **typed: str) -> JudgedSearch:
    return judged(typed, sight, TODAY)


def test_without_days_the_last_ones_are_looked_through() -> None:
    plain = search()

    assert (plain.wanted.first, plain.wanted.last) == (date(2026, 10, 17), None)
    assert (plain.is_default, plain.is_all_time, plain.faults) == (True, False, {})


def test_a_number_is_looked_for_at_all_times_unless_days_are_said() -> None:
    always, then = search(number="FR A/1"), search(number="FR A/1", first="2026-01-01")

    assert (always.wanted.first, always.wanted.last, always.is_all_time) == (None, None, True)
    assert (then.wanted.first, then.is_all_time) == (date(2026, 1, 1), False)


def test_days_are_taken_as_they_are_said() -> None:
    both = search(first="2026-01-05", last="2026-01-06")
    last = search(last="2026-01-31")

    assert (both.wanted.first, both.wanted.last) == (date(2026, 1, 5), date(2026, 1, 6))
    assert (last.wanted.first, last.wanted.last) == (date(2026, 1, 1), date(2026, 1, 31))
    assert not both.is_default


def test_everything_that_was_typed_is_understood() -> None:
    said = search(
        amount="1.234,50",
        customer=" MÁRIA ",
        text="Café  1",
        register="r",
        location="l",
        kind="invoice",
        status="refused",
    ).wanted

    assert (said.amount, said.customer, said.words) == (123450, "maria", ("cafe", "1"))
    assert (said.register, said.location, said.kind) == ("r", "l", "invoice")
    assert said.status is DocumentStatus.REFUSED


def test_all_faults_are_named_at_once_and_what_was_typed_stays() -> None:
    typed = {
        "amount": "ten",
        "first": "31.05.2026",
        "last": "x",
        "kind": "gift",
        "status": "sad",
        "text": "a" * 201,
    }
    wrong = search(**typed)

    assert wrong.faults == {
        "amount": documents_facts.NOT_AN_AMOUNT,
        "first": documents_facts.NOT_A_DAY,
        "last": documents_facts.NOT_A_DAY,
        "kind": documents_facts.UNKNOWN_CHOICE,
        "status": documents_facts.UNKNOWN_CHOICE,
        "text": documents_facts.TOO_LONG,
    }
    assert {name: wrong.typed[name] for name in typed} == typed
    assert search(text="a" * 200).faults == {}


def test_days_run_forward() -> None:
    assert search(first="2026-05-02", last="2026-05-01").faults == {
        "last": documents_facts.BACKWARDS
    }
    assert search(first="2026-05-01", last="2026-05-01").faults == {}


@pytest.mark.parametrize(
    "filters", [{"text": "a"}, {"amount": "1"}, {"customer": "a"}, {"status": "refused"}]
)
def test_what_has_no_index_is_looked_for_in_some_days_only(filters: dict[str, str]) -> None:
    just, above = "2025-01-01", "2025-01-02"
    last = "2026-02-05"  # 400 days after the first of January, both counted

    assert search(first=just, last=last, **filters).faults == {
        "first": documents_facts.TOO_MANY_DAYS
    }
    assert search(first=above, last=last, **filters).faults == {}
    assert search(first="1999-01-01", last=last).faults == {}
    assert search(first="1999-01-01", last=last, number="1", **filters).faults == {}


def test_an_auditors_days_bound_every_search() -> None:
    sight = DocumentSight(organization="o", first=date(2026, 11, 1), last=date(2026, 11, 10))
    for typed in (
        {},
        {"number": "FR A/1"},
        {"first": "2020-01-01"},
        {"last": "2030-01-01"},
        {"first": "2020-01-01", "last": "2030-01-01"},
    ):
        wanted = search(sight, **typed).wanted
        assert wanted.first is not None, typed
        assert wanted.last is not None, typed
        assert wanted.first >= date(2026, 11, 1), typed
        assert wanted.last <= date(2026, 11, 10), typed
