"""What authorities have not been told, and months, of one organization or of all."""

from datetime import UTC, date, datetime

from fiscus.problems.reports import end_of
from fiscus.problems.rows import ProblemKind, ProblemWeight
from fiscus.problems.tests.looking import kinds, rows
from fiscus.reporting.tests.authority import YES, refused
from tests.support import telling, words
from tests.support.premises import Premises
from tests.support.till import Till


def test_reports_that_were_refused_or_wait_are_told_to_their_organization_alone(
    premises: Premises, till: Till
) -> None:
    other = premises.unit("B").opens_shop()
    till.changed(f"/taxpayers/{till.taxpayer}", {}, {"reporting": "realtime"})
    till.sells(words.receipt())
    telling.tell(premises, lambda report: refused("-8"))

    [row] = rows(premises, till.organization)
    assert (row.kind, row.count, row.organization) == (
        ProblemKind.REPORTS_REFUSED,
        1,
        till.organization,
    )
    till.sells(words.receipt(number="2"))
    premises.clock.move(minutes=60)
    assert kinds(rows(premises, till.organization)) == [ProblemKind.REPORTS_REFUSED]
    premises.clock.move(seconds=1)
    found = rows(premises, till.organization)

    assert kinds(found) == [ProblemKind.REPORTS_REFUSED, ProblemKind.REPORTS_WAIT]
    assert rows(premises, other.organization) == [
        row for row in rows(premises, other.organization) if row.kind is ProblemKind.MONTH_COMING
    ]
    assert kinds(rows(premises))[:2] == [ProblemKind.REPORTS_REFUSED, ProblemKind.REPORTS_WAIT]


def test_a_taxpayer_that_is_not_let_in_stops_its_reports(premises: Premises, till: Till) -> None:
    till.changed(f"/taxpayers/{till.taxpayer}", {}, {"reporting": "realtime"})
    till.sells(words.receipt())
    telling.tell(premises, lambda report: refused("-7"))
    found = [row for row in rows(premises, till.organization) if "reports" in row.kind]

    assert kinds(found) == kinds([row for row in rows(premises) if "reports" in row.kind])
    assert YES is not None


def test_a_month_comes_is_due_is_overdue_and_is_gone_once_it_was_declared(
    premises: Premises, till: Till
) -> None:
    other = premises.unit("B")
    till.sells(words.receipt())
    own = till.organization
    [row] = rows(premises, own)
    assert (row.kind, row.id) == (ProblemKind.MONTH_COMING, "2026-11")
    assert row.due == datetime(2026, 12, 6, tzinfo=UTC)
    assert "Padaria do Cais, Lda." in row.subject

    premises.clock.move(days=16)
    due = next(row for row in rows(premises, own) if row.id == "2026-11")
    assert (due.kind, due.weight, due.words) == (
        ProblemKind.MONTHS_DUE,
        ProblemWeight.WARNS,
        "file-due",
    )
    premises.clock.move(days=5)
    late = next(row for row in rows(premises, own) if row.id == "2026-11")
    assert (late.kind, late.weight, late.due) == (
        ProblemKind.MONTHS_OVERDUE,
        ProblemWeight.STOPS,
        None,
    )
    assert rows(premises, other.organization) == []
    till = till.with_token(*till.credentials)
    till.made(
        f"/taxpayers/{till.taxpayer}/months/2026-11/declaration",
        {"type": "FILE", "reference": "1234567"},
    )

    assert "2026-11" not in {row.id for row in rows(premises, own)}


def test_the_end_of_a_day_is_that_of_the_place() -> None:
    assert end_of(date(2026, 12, 5), "Europe/Lisbon") == datetime(2026, 12, 6, tzinfo=UTC)
    assert end_of(date(2026, 12, 5), "Europe/Berlin") == datetime(2026, 12, 5, 23, tzinfo=UTC)
    assert end_of(date(2026, 6, 5), "Europe/Berlin") == datetime(2026, 6, 5, 22, tzinfo=UTC)
