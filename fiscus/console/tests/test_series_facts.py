"""Series and reports, as values."""

from fiscus.console import series_facts
from fiscus.console.series_facts import SeriesFilter, SeriesLine
from fiscus.registry.series import SeriesState
from fiscus.reporting.states import ReportState
from fiscus.store.connect import reading, writing
from fiscus.store.schema import SERIES
from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Till


def lines(premises: Premises, till: Till, **more: object) -> list[SeriesLine]:
    which = SeriesFilter(organization=till.organization, **more)  # type: ignore[arg-type]
    with reading(premises.services.engine) as tx:
        return list(series_facts.listed(tx, which, premises.clock()).lines)


def test_a_series_with_documents_may_be_finished_and_one_without_cancelled_for_a_day(
    premises: Premises, till: Till
) -> None:
    till.sells(words.receipt())
    [used] = lines(premises, till)
    assert (used.may_finish, used.may_cancel) == (True, False)
    with writing(premises.services.engine) as tx:
        tx.execute(SERIES.update().values(number=0))

    [unused] = lines(premises, till)
    assert (unused.may_finish, unused.may_cancel) == (False, True)
    premises.clock.move(days=2)
    [late] = lines(premises, till)

    assert (late.may_finish, late.may_cancel) == (False, False)


def test_only_an_active_series_may_be_ended(premises: Premises, till: Till) -> None:
    till.sells(words.receipt())
    with writing(premises.services.engine) as tx:
        tx.execute(SERIES.update().values(state="asked", asked_at="2026-11-16T09:00:00.000000Z"))

    [asked] = lines(premises, till, state=SeriesState.ASKED)

    assert (asked.may_finish, asked.may_cancel) == (False, False)
    assert asked.outstanding.startswith("no answer to its registration")


def test_series_of_other_places_are_not_shown_to_who_has_one_register(
    premises: Premises, till: Till
) -> None:
    till.sells(words.receipt())

    assert len(lines(premises, till, registers=(till.system,))) == 1
    assert lines(premises, till, registers=("x",)) == []
    assert lines(premises, till, location="x") == []


def test_reports_have_pages(premises: Premises, till: Till) -> None:
    till.changed(f"/taxpayers/{till.taxpayer}", {}, {"reporting": "realtime"})
    for number in range(1, 4):
        till.sells(words.receipt(number=str(number)))
    states = (ReportState.PENDING,)
    with reading(premises.services.engine) as tx:
        first = series_facts.reports(tx, till.organization, states, limit=2)
        rest = series_facts.reports(tx, till.organization, states, after=first.after, limit=2)
        other = series_facts.reports(tx, "other", states, limit=2)

    assert [one.number for one in (*first.reports, *rest.reports)] == [1, 2, 3]
    assert (rest.after, first.counts.waiting, other.counts.waiting) == ("", 3, 0)
