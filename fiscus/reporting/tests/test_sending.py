"""A line is worked off in order, whatever the authority says and whenever the process dies."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from fiscus.channels import Accepted, AuthorityWords, ObligationReport, Remedy
from fiscus.journal import encode
from fiscus.model.kinds import StatementKind
from fiscus.outbox import kinds
from fiscus.reporting import sending
from fiscus.reporting.lines import LEASE, WAITS
from fiscus.reporting.sending import TOGETHER
from fiscus.reporting.tests.authority import (
    SILENCE,
    UNREACHABLE,
    YES,
    KilledProcess,
    ReportingShop,
    refused,
)
from fiscus.store.connect import reading, writing
from fiscus.store.schema import ENTRY, OBLIGATION, TASK


@pytest.fixture
def shop(engine: Engine, tmp_path: Path) -> ReportingShop:
    return ReportingShop(engine, tmp_path)


def stated(shop: ReportingShop) -> list[tuple[str, str, str, int]]:
    """Outcome, code, kind and attempt of each answer in the journal, in its order."""
    with reading(shop.engine) as tx:
        rows = tx.execute(
            ENTRY.select().where(ENTRY.c.kind == StatementKind.REPORT).order_by(ENTRY.c.sequence)
        ).all()
    told = [encode.statement(row.kind, row.body).report for row in rows]
    return [(one.outcome, one.code, one.kind, one.attempt) for one in told if one]


def test_documents_are_told_in_the_order_of_their_numbers_with_what_they_are_made_of(
    shop: ReportingShop,
) -> None:
    sold = [shop.sells() for _ in range(3)]

    shop.works()

    assert [one.record for one in shop.authority.heard] == [body.id for body in sold]
    [first, *_] = shop.authority.heard
    assert first.document is not None
    assert first.document.body == sold[0]
    assert first.document.taxpayer.facts["tax_id_number"]
    assert first.document.settings["certificate_number"] == "9999"
    assert (first.content, first.was_sent, first.document.void) == ("", False, None)
    assert shop.states() == ["accepted"] * 3
    assert [one.reference for one in shop.reports()] == ["OK-1"] * 3
    assert shop.tasks() == 0
    assert stated(shop) == [("accepted", "0", "document", 1)] * 3
    shop.counter.assert_proved()


def test_many_that_wait_are_told_in_a_few_transactions(shop: ReportingShop) -> None:
    for _ in range(2 * TOGETHER + 1):
        shop.sells()
    commits: list[int] = []
    event.listen(shop.counter.services.engine, "commit", lambda connection: commits.append(1))

    shop.works()

    assert shop.states() == ["accepted"] * (2 * TOGETHER + 1)
    assert len(commits) <= 3 * 3 + 1 + 1, "to lease, to mark, to keep; and once to find nothing"


def test_what_takes_long_keeps_its_answers_in_between(shop: ReportingShop) -> None:
    for _ in range(4):
        shop.sells()

    def slow(report: ObligationReport) -> Accepted:
        shop.clock.move(seconds=6)
        return YES

    shop.authority.says = slow
    shop.works(most=1)

    assert shop.states() == ["accepted", "accepted", "pending", "pending"]
    assert [(one.attempts, one.was_sent) for one in shop.reports()[2:]] == [(0, False)] * 2


def test_an_unknown_outcome_stops_its_line_and_no_other(shop: ReportingShop) -> None:
    bad, behind, other = shop.sells("A"), shop.sells("A"), shop.sells("B")
    shop.authority.says = lambda report: SILENCE if report.record == bad.id else YES

    shop.works()

    assert shop.states(bad) == ["unknown"]
    assert shop.states(behind) == ["pending"]
    assert shop.states(other) == ["accepted"]
    assert stated(shop) == [("accepted", "0", "document", 1)]

    shop.authority.says = lambda report: YES
    shop.clock.move(minutes=1)
    shop.works()

    assert shop.states() == ["accepted"] * 3
    assert [one.was_sent for one in shop.authority.heard if one.record == bad.id] == [False, True]
    assert [one.was_sent for one in shop.authority.heard if one.record == behind.id] == [False]


def test_what_has_not_left_the_machine_was_not_sent(shop: ReportingShop) -> None:
    sold = shop.sells()
    shop.authority.says = lambda report: UNREACHABLE

    shop.works()

    [report] = shop.reports(sold)
    assert (report.state, report.words, report.was_sent) == ("pending", "no connection", False)
    shop.clock.move(minutes=1)
    shop.authority.says = lambda report: YES
    shop.works()
    assert [one.was_sent for one in shop.authority.heard] == [False, False]


def test_a_refusal_keeps_the_authoritys_words_and_the_line_goes_on(shop: ReportingShop) -> None:
    bad, good = shop.sells(), shop.sells()
    shop.authority.says = lambda report: refused() if report.record == bad.id else YES

    shop.works()

    [report] = shop.reports(bad)
    assert (report.state, report.code, report.words) == ("refused", "-8", "erro -8")
    assert report.remedy is Remedy.DATA
    assert "retry" in report.help
    assert not report.was_sent
    assert shop.states(good) == ["accepted"]
    assert stated(shop)[0] == ("refused", "-8", "document", 1)
    assert shop.tasks() == 0
    shop.counter.assert_proved()


def test_a_status_waits_until_its_document_is_accepted(shop: ReportingShop) -> None:
    sold, later = shop.sells(), shop.sells()
    void = shop.cancels(sold)
    shop.authority.says = lambda report: refused() if report.record == sold.id else YES
    shop.works()
    assert shop.states(sold) == ["refused", "pending"]
    assert shop.states(later) == ["accepted"]
    assert shop.tasks() == 0

    shop.authority.says = lambda report: YES
    with writing(shop.engine) as tx:
        tx.execute(
            OBLIGATION.update().where(OBLIGATION.c.state == "refused").values(state="pending")
        )
    shop.looks_after()
    shop.works()

    assert shop.states() == ["accepted"] * 3
    status = shop.authority.heard[-1]
    assert (status.kind, status.record) == ("status", sold.id)
    assert status.document is not None
    assert status.document.void == void


def test_what_only_time_helps_stops_its_line_and_is_stated_once(shop: ReportingShop) -> None:
    sold, behind = shop.sells(), shop.sells()
    shop.authority.says = lambda report: refused("-99", Remedy.TIME)
    for _ in range(3):
        shop.works()
        shop.clock.move(minutes=15)
    [report] = shop.reports(sold)
    assert (report.state, report.remedy, report.attempts) == ("pending", Remedy.TIME, 3)
    assert shop.reports(behind)[0].attempts == 0

    shop.authority.says = lambda report: YES
    shop.works()

    assert [one.was_sent for one in shop.authority.heard] == [False] * 5
    assert [one[:2] for one in stated(shop)] == [
        ("refused", "-99"),
        ("accepted", "0"),
        ("accepted", "0"),
    ]


@pytest.mark.parametrize(
    ("failures", "wait"), [(0, WAITS[0]), (1, WAITS[1]), (4, WAITS[4]), (5000, WAITS[-1])]
)
def test_a_line_without_an_answer_waits_ever_longer_up_to_a_quarter_of_an_hour(
    shop: ReportingShop, failures: int, wait: timedelta
) -> None:
    shop.sells()
    with writing(shop.engine) as tx:
        tx.execute(OBLIGATION.update().values(failures=failures))
    shop.authority.says = lambda report: SILENCE

    shop.works()

    shop.clock.now += wait * 0.8 - timedelta(seconds=1)
    assert shop.works() == 0
    shop.clock.now += wait * 0.2 + timedelta(seconds=1)
    assert shop.works() == 1


def test_a_channel_that_stumbles_may_have_sent_it(shop: ReportingShop) -> None:
    sold = shop.sells()

    def stumbles(report: ObligationReport) -> Accepted:
        raise ValueError("not XML")

    shop.authority.says = stumbles
    shop.works()

    [report] = shop.reports(sold)
    assert (report.state, report.words) == ("unknown", "ValueError: not XML")


def test_what_was_under_way_when_the_process_was_killed_is_sent_again_as_such(
    shop: ReportingShop,
) -> None:
    sold = [shop.sells() for _ in range(3)]

    def killed(report: ObligationReport) -> Accepted:
        if report.record == sold[1].id:
            raise KilledProcess
        return YES

    shop.authority.says = killed
    with pytest.raises(KilledProcess):
        shop.works()
    assert shop.works() == 0, "nobody else has it before its lease ends"

    shop.authority.says = lambda report: YES
    shop.clock.now += LEASE
    shop.works()

    assert shop.states() == ["accepted"] * 3
    again = shop.authority.heard[2:]
    assert [one.record for one in again] == [body.id for body in sold]
    assert [one.was_sent for one in again] == [True] * 3, "nobody knows which of them arrived"


def test_a_worker_that_was_silent_for_too_long_sends_and_keeps_nothing(
    shop: ReportingShop,
) -> None:
    sold = shop.sells()
    late = shop.leased()
    assert late is not None
    shop.clock.now += LEASE
    shop.works()

    sending.do(shop.services, late)

    assert len(shop.authority.heard) == 1
    assert [(one.state, one.attempts) for one in shop.reports(sold)] == [("accepted", 1)]


def test_an_answer_that_comes_after_another_worker_sent_it_again_is_not_kept(
    shop: ReportingShop,
) -> None:
    sold = shop.sells()
    answers = [refused(), YES]

    def slow(report: ObligationReport) -> object:
        if len(shop.authority.heard) == 1:
            shop.clock.now += LEASE
            shop.works()
            return answers[0]
        return answers[1]

    shop.authority.says = slow  # type: ignore[assignment]
    shop.works(most=1)

    [report] = shop.reports(sold)
    assert (report.state, report.attempts) == ("accepted", 2)
    assert [one[0] for one in stated(shop)] == ["accepted"]


def test_a_task_that_was_lost_is_made_again(shop: ReportingShop) -> None:
    sold = shop.sells()
    with writing(shop.engine) as tx:
        tx.execute(TASK.delete())

    shop.looks_after()
    shop.works()

    assert shop.states(sold) == ["accepted"]


def test_what_is_sold_while_the_last_report_is_told_is_not_forgotten(shop: ReportingShop) -> None:
    shop.sells()

    def sells_one_more(report: ObligationReport) -> Accepted:
        if len(shop.authority.heard) == 1:
            shop.sells()
        return YES

    shop.authority.says = sells_one_more
    shop.works()

    assert shop.states() == ["accepted", "accepted"]
    assert shop.tasks() == 0


def test_long_words_are_kept_as_far_as_there_is_room(shop: ReportingShop) -> None:
    sold = shop.sells()
    said = AuthorityWords(code="0", text="x" * 900)
    shop.authority.says = lambda report: Accepted(reference="R", said=said)

    shop.works()

    assert shop.reports(sold)[0].words == "x" * 500


def test_nothing_is_ever_given_up() -> None:
    assert kinds.of("report").attempts_max > 10**9
