"""Whom an authority does not let in is not tried again and again: accounts are locked."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.channels import Answer, ObligationReport, Remedy
from fiscus.reporting import acts, listing
from fiscus.reporting.tests.authority import SILENCE, YES, ReportingShop, refused
from fiscus.store.connect import reading, writing

WRONG = refused("-1", Remedy.ACCESS)


@pytest.fixture
def shop(engine: Engine, tmp_path: Path) -> ReportingShop:
    """Two lines with two reports each, and an authority that does not know the password."""
    shop = ReportingShop(engine, tmp_path)
    for series in ("A", "B", "A", "B"):
        shop.sells(series)
    shop.authority.says = lambda report: WRONG
    return shop


def test_one_wrong_try_is_enough_for_all_lines_of_the_taxpayer(shop: ReportingShop) -> None:
    for _ in range(30):
        shop.works()
        shop.looks_after()
        shop.clock.move(hours=1)

    assert len(shop.authority.heard) == 1
    assert sorted(shop.states()) == ["pending", "pending", "pending", "refused"]
    with reading(shop.engine) as tx:
        counts = listing.counts(tx)
    assert (counts.waiting, counts.refused) == (3, 1)
    assert [(one.channel, one.words) for one in counts.pauses] == [("at_portugal", "erro -1")]


def test_other_credentials_let_one_try_and_then_all_go_on_in_order(shop: ReportingShop) -> None:
    shop.works()
    shop.authority.says = lambda report: YES
    shop.gets_credentials()

    shop.looks_after()
    shop.works()
    shop.works()

    assert shop.states() == ["accepted"] * 4
    with reading(shop.engine) as tx:
        assert listing.counts(tx).pauses == ()
    for series in ("A", "B"):
        line = {one.record: one.number for one in shop.reports() if one.series == series}
        told = [line[one.record] for one in shop.authority.heard[1:] if one.record in line]
        assert told == [1, 2]


def test_credentials_that_are_wrong_again_cost_one_more_try(shop: ReportingShop) -> None:
    shop.works()
    shop.gets_credentials()

    for _ in range(5):
        shop.looks_after()
        shop.works()
        shop.clock.move(hours=1)

    assert len(shop.authority.heard) == 2


def test_a_try_without_an_answer_leaves_the_others_waiting(shop: ReportingShop) -> None:
    shop.works()
    shop.authority.says = lambda report: SILENCE
    shop.gets_credentials()
    shop.looks_after()

    shop.works(most=1)
    shop.authority.says = lambda report: YES
    shop.works()
    shop.clock.move(minutes=2)
    shop.works()

    assert shop.states() == ["accepted"] * 4


def test_while_one_line_tries_the_others_wait_for_its_answer(shop: ReportingShop) -> None:
    shop.works()
    shop.gets_credentials()
    shop.looks_after()
    together: list[int] = []

    def other_worker_comes(report: ObligationReport) -> Answer:
        before = len(shop.authority.heard)
        shop.authority.says = lambda report: YES
        shop.works()
        together.append(len(shop.authority.heard) - before)
        return WRONG

    shop.authority.says = other_worker_comes
    shop.works(most=1)

    assert together == [0]


def test_a_retry_by_a_person_lets_one_try_too(shop: ReportingShop) -> None:
    shop.works()
    shop.authority.says = lambda report: YES
    [bad] = [one for one in shop.reports() if one.state == "refused"]

    with writing(shop.engine) as tx:
        acts.retry(tx, bad.id, by="operator:ana", at=shop.clock())
    shop.works()
    shop.works()

    assert shop.states() == ["accepted"] * 4
