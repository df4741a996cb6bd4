"""What a person does about reports: retry, delete."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.channels import Answer, Later, ObligationReport
from fiscus.model.faults import Conflict, Missing, Refused
from fiscus.reporting import acts
from fiscus.reporting.listing import ReportView
from fiscus.reporting.tests.authority import SILENCE, YES, ReportingShop, refused
from fiscus.reporting.tests.test_sending import stated
from fiscus.store.connect import writing

BY = "operator:ana"
REASON = "issued to the wrong customer"


@pytest.fixture
def shop(engine: Engine, tmp_path: Path) -> ReportingShop:
    return ReportingShop(engine, tmp_path)


def retry(shop: ReportingShop, report: ReportView, **more: str) -> None:
    with writing(shop.engine) as tx:
        acts.retry(tx, report.id, by=BY, at=shop.clock(), **more)


def delete(shop: ReportingShop, report: ReportView, reason: str = REASON, **more: str) -> str:
    with writing(shop.engine) as tx:
        return acts.delete(tx, shop.ids, report.id, reason, by=BY, at=shop.clock(), **more)


def test_what_was_refused_is_told_again_after_it_was_mended(shop: ReportingShop) -> None:
    sold = shop.sells()
    shop.authority.says = lambda report: refused()
    shop.works()
    shop.authority.says = lambda report: YES

    retry(shop, shop.reports(sold)[0])
    shop.works()

    [report] = shop.reports(sold)
    assert (report.state, report.attempts, report.remedy) == ("accepted", 2, None)
    assert [one[0] for one in stated(shop)] == ["refused", "retried", "accepted"]
    shop.counter.assert_proved()


def test_what_was_refused_because_it_came_twice_is_settled_by_a_person(shop: ReportingShop) -> None:
    """Somebody on the way repeats the request: it is known by the time the copy is worked, and the
    copy's answer is the one that comes."""
    sold = shop.sells()

    def worked_twice(report: ObligationReport) -> Answer:
        shop.authority.takes(report)
        return shop.authority.takes(report)

    shop.authority.says = worked_twice
    shop.works()
    assert shop.states(sold) == ["refused"]
    shop.authority.says = shop.authority.takes

    retry(shop, shop.reports(sold)[0])
    shop.works()

    assert shop.states(sold) == ["accepted"]
    assert shop.authority.arrived == [(sold.id, "document")]


def test_what_waits_for_an_answer_is_sent_at_once(shop: ReportingShop) -> None:
    sold = shop.sells()
    shop.authority.says = lambda report: SILENCE
    shop.works()
    assert shop.works() == 0

    shop.authority.says = lambda report: YES
    retry(shop, shop.reports(sold)[0])
    shop.works()

    assert shop.states(sold) == ["accepted"]


def test_a_retry_while_it_is_being_sent_sends_it_once(shop: ReportingShop) -> None:
    sold = shop.sells()

    def retried_meanwhile(report: object) -> object:
        retry(shop, shop.reports(sold)[0])
        assert shop.works() == 0
        return YES

    shop.authority.says = retried_meanwhile  # type: ignore[assignment]
    shop.works()

    assert shop.states(sold) == ["accepted"]
    assert len(shop.authority.heard) == 1


def test_what_was_accepted_is_not_told_again(shop: ReportingShop) -> None:
    sold = shop.sells()
    shop.works()

    with pytest.raises(Conflict) as trouble:
        retry(shop, shop.reports(sold)[0])

    assert trouble.value.code.id == "REPORT-STATE-01"


def test_a_report_of_somebody_else_is_not_there(shop: ReportingShop) -> None:
    sold = shop.sells()
    [report] = shop.reports(sold)

    for act in (retry, delete):
        with pytest.raises(Missing):
            act(shop, report, organization="another")


def test_a_document_is_deleted_with_its_reason_and_may_be_told_anew(shop: ReportingShop) -> None:
    sold = shop.sells()
    shop.works()

    id_ = delete(shop, shop.reports(sold)[0], f"  {REASON}\n")
    assert shop.states(sold) == ["accepted", "pending"]
    shop.works()

    assert shop.states(sold) == ["deleted", "accepted"]
    told = shop.authority.heard[-1]
    assert (told.id, told.kind, told.reason) == (id_, "deletion", REASON)
    assert told.document is not None
    assert told.document.body == sold
    retry(shop, shop.reports(sold)[0])
    shop.works()
    assert shop.states(sold) == ["accepted", "accepted"]
    assert not shop.authority.heard[-1].was_sent
    outcomes = [one[0] for one in stated(shop)]
    assert outcomes == ["accepted", "ordered", "accepted", "retried", "accepted"]
    delete(shop, shop.reports(sold)[0])
    shop.counter.assert_proved()


@pytest.mark.parametrize("answer", [refused(), SILENCE])
def test_a_deletion_that_is_not_done_changes_nothing_and_is_not_ordered_twice(
    shop: ReportingShop, answer: Later
) -> None:
    sold = shop.sells()
    shop.works()
    delete(shop, shop.reports(sold)[0])
    shop.authority.says = lambda report: answer
    shop.works()

    with pytest.raises(Conflict) as trouble:
        delete(shop, shop.reports(sold)[0])

    assert trouble.value.code.id == "REPORT-STATE-03"
    assert shop.states(sold)[0] == "accepted"


def test_only_what_was_told_can_be_deleted(shop: ReportingShop) -> None:
    sold = shop.sells()
    void = shop.cancels(sold)

    for report in shop.reports(sold):
        with pytest.raises(Conflict) as trouble:
            delete(shop, report)
        assert trouble.value.code.id == "REPORT-STATE-02"
    assert void.refers == sold.id


@pytest.mark.parametrize("reason", ["", "too short", " " * 20, "x" * 501])
def test_a_deletion_has_a_reason(shop: ReportingShop, reason: str) -> None:
    sold = shop.sells()
    shop.works()

    with pytest.raises(Refused) as trouble:
        delete(shop, shop.reports(sold)[0], reason)

    assert (trouble.value.code.id, trouble.value.paths) == ("REPORT-REASON-01", ("reason",))


@pytest.mark.parametrize("length", [10, 500])
def test_a_reason_of_the_least_and_the_most_is_taken(shop: ReportingShop, length: int) -> None:
    sold = shop.sells()
    shop.works()

    delete(shop, shop.reports(sold)[0], "x" * length)

    assert shop.states(sold) == ["accepted", "pending"]
