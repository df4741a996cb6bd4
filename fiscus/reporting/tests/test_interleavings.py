"""Whatever is answered, lost, refused, killed or done by two at once, in any order: in the end each
report is told exactly once, in the order of its series, and the journal says so."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.channels import Answer, ObligationReport, ReportKind
from fiscus.channels import Remedy as Help
from fiscus.model.records import EntryBody
from fiscus.reporting import acts
from fiscus.reporting.lines import LEASE
from fiscus.reporting.tests.authority import (
    SILENCE,
    UNREACHABLE,
    KilledProcess,
    ReportingShop,
    refused,
)
from fiscus.reporting.tests.test_sending import stated
from fiscus.store.connect import writing

STEPS = 40


class Storm:
    """A shop that sells and cancels while its authority does what it likes."""

    def __init__(self, shop: ReportingShop, seed: int) -> None:
        self.shop, self.random = shop, random.Random(seed)
        self.sold: list[EntryBody] = []
        self.cancelled: set[str] = set()
        self.refused: set[str] = set()
        self.faults: list[str] = []
        shop.authority.says = self.answers

    def answers(self, report: ObligationReport) -> Answer:
        choice = self.random.randrange(12)
        if choice == 0:
            return SILENCE  # it never arrived
        if choice == 1:
            self.takes(report)
            return SILENCE  # its answer is lost
        if choice == 2 and not report.was_sent:
            return UNREACHABLE
        if choice == 3 and not self.has(report):
            self.refused.add(report.record)
            return refused()
        if choice == 4:
            return refused("-99", Help.TIME)
        if choice == 5:
            return refused("-1", Help.ACCESS)
        if choice == 6:
            raise KilledProcess
        if choice == 7:
            self.takes(report)
            raise KilledProcess
        if choice == 8:
            raise ValueError("not understood")
        if choice == 9:
            self.shop.works(most=1)  # another worker comes at the same time
        return self.takes(report)

    def has(self, report: ObligationReport) -> bool:
        return (report.record, report.kind) in self.shop.authority.arrived

    def takes(self, report: ObligationReport) -> Answer:
        if self.has(report) and not report.was_sent:
            self.faults.append(f"{report.kind} {report.record} comes as if for the first time")
        return self.shop.authority.takes(report)

    def sells(self) -> None:
        self.sold.append(self.shop.sells(self.random.choice("AB")))

    def cancels(self) -> None:
        standing = [body for body in self.sold if body.id not in self.cancelled]
        if standing:
            body = self.random.choice(standing)
            self.cancelled.add(body.id)
            self.shop.cancels(body)

    def works(self) -> None:
        try:
            self.shop.works(most=self.random.randrange(1, 4))
        except KilledProcess:
            self.shop.clock.move(seconds=self.random.choice((1, 700)))

    def waits(self) -> None:
        self.shop.clock.move(minutes=self.random.choice((1, 20)))

    def mends(self) -> None:
        self.shop.gets_credentials()
        self.shop.looks_after()

    def retries(self) -> None:
        for report in self.shop.reports():
            if report.state == "refused":
                with writing(self.shop.engine) as tx:
                    acts.retry(tx, report.id, by="tests", at=self.shop.clock())

    def rages(self) -> None:
        steps: list[Callable[[], None]] = [
            *(self.sells,) * 3,
            self.cancels,
            *(self.works,) * 4,
            self.waits,
            self.mends,
            self.retries,
        ]
        for _ in range(STEPS):
            self.random.choice(steps)()

    def calms_down(self) -> None:
        self.shop.authority.says = self.takes
        for _ in range(4):
            self.shop.clock.now += LEASE + LEASE * 3
            self.retries()
            self.mends()
            self.shop.works()


@pytest.mark.parametrize("seed", range(10))
def test_each_report_is_told_exactly_once_and_in_order(
    engine: Engine, tmp_path: Path, seed: int
) -> None:
    shop = ReportingShop(engine, tmp_path)
    storm = Storm(shop, seed)

    storm.rages()
    storm.calms_down()

    assert storm.faults == []
    assert set(shop.states()) <= {"accepted"}
    assert shop.tasks() == 0
    arrived = shop.authority.arrived
    owed = {(body.id, "document") for body in storm.sold}
    owed |= {(id_, "status") for id_ in storm.cancelled}
    assert set(arrived) == owed
    assert len(arrived) == len(owed)
    for id_ in storm.cancelled:
        assert arrived.index((id_, "document")) < arrived.index((id_, "status"))
    number = {body.id: body.numbered for body in storm.sold}
    for series in {one.series for one in number.values() if one}:
        told = [
            one.number
            for id_, kind in arrived
            if kind == ReportKind.DOCUMENT
            and id_ not in storm.refused
            and (one := number[id_])
            and one.series == series
        ]
        assert told == sorted(told)
    assert sum(outcome == "accepted" for outcome, *_ in stated(shop)) == len(owed)
    shop.counter.assert_proved()
