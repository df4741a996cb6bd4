"""An authority for tests, and the worker that tells it: it says what a test wants, remembers what
reached it, and notices what is told twice or out of order."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from fiscus.channels import (
    Accepted,
    Answer,
    AuthorityWords,
    ChannelConnection,
    Later,
    ObligationReport,
    Rejected,
    Remedy,
)
from fiscus.issuing.tests.counter import Counter, a_cancellation, a_receipt
from fiscus.model.faults import Fault
from fiscus.model.ids import uuid7s
from fiscus.model.places import ReportingMode
from fiscus.model.records import EntryBody
from fiscus.outbox import queue
from fiscus.outbox.kinds import Lane
from fiscus.outbox.queue import OutboxTask
from fiscus.registry import taxpayers
from fiscus.registry.taxpayers import TaxpayerChange
from fiscus.reporting import choice, lines, listing, sending, upkeep
from fiscus.reporting.listing import ReportView
from fiscus.reporting.services import ReportingServices
from fiscus.store.connect import reading, writing
from fiscus.store.schema import OBLIGATION, TASK

YES = Accepted(reference="OK-1", said=AuthorityWords(code="0", text="registado"))
SILENCE = Later(reason="no answer")
UNREACHABLE = Later(reason="no connection", is_unsent=True)


def refused(code: str = "-8", remedy: Remedy = Remedy.DATA) -> Rejected:
    fault = Fault(code="AT-REFUSED-01", text="refused")
    said = AuthorityWords(code=code, text=f"erro {code}")
    return Rejected(faults=(fault,), remedy=remedy, said=said)


class KilledProcess(BaseException):
    """The process ends where it stands: nothing after it is done."""


Says = Callable[[ObligationReport], Answer]


class Authority:
    """`says` decides what it answers. `arrived` is what reached it and took effect, in order;
    `heard` all that was sent."""

    def __init__(self) -> None:
        self.heard: list[ObligationReport] = []
        self.arrived: list[tuple[str, str]] = []
        self.says: Says = lambda report: YES

    def report(self, report: ObligationReport, credentials: Mapping[str, str]) -> Answer:
        self.heard.append(report)
        return self.says(report)

    def takes(self, report: ObligationReport) -> Answer:
        """It takes effect once; what it knows already is ours only if we may have sent it."""
        told = (report.record, report.kind)
        if told in self.arrived:
            return YES if report.was_sent else refused("-10")
        self.arrived.append(told)
        return YES

    def channel(self, code: str) -> ChannelConnection:
        return ChannelConnection(report=self.report)


class ReportingShop:
    """A Portuguese shop that reports in real time, its authority, and workers."""

    def __init__(self, engine: Engine, folder: Path, **more: Any) -> None:
        self.counter = Counter(engine, "pt", folder, **more)
        self.clock, self.engine = self.counter.clock, self.counter.engine
        self.authority = Authority()
        self.services = ReportingServices(
            engine=self.engine,
            clock=self.clock,
            vault=self.counter.services.vault,
            channels=self.authority.channel,
            settings=self.counter.services.settings,
        )
        self.ids = uuid7s(self.clock, os.urandom)
        self.chooses(ReportingMode.REALTIME)

    def chooses(self, mode: ReportingMode) -> None:
        with writing(self.engine) as tx:
            now = taxpayers.by_id(tx, self.counter.shop.taxpayer)
            terms = choice.chosen(tx, now.taxpayer, mode, self.clock())
            self._update(tx, TaxpayerChange(reporting=terms))

    def gets_credentials(self) -> None:
        with writing(self.engine) as tx:
            self._update(tx, TaxpayerChange(secrets={"password": "another"}))

    def _update(self, tx: Any, change: TaxpayerChange) -> None:
        now = taxpayers.by_id(tx, self.counter.shop.taxpayer)
        vault = self.counter.services.vault
        taxpayers.update(tx, vault, now, change, frozen_facts=(), subject="tests", at=self.clock())

    def sells(self, series: str = "LOJA", **more: Any) -> EntryBody:
        return self.counter.sells(a_receipt(series=series, **more))

    def cancels(self, document: EntryBody) -> EntryBody:
        return self.counter.sells(a_cancellation(document.id))

    def leased(self) -> OutboxTask | None:
        with writing(self.engine) as tx:
            return queue.lease(tx, self.clock(), Lane.REPORTS)

    def works(self, most: int = 1000) -> int:
        """Do what is due, up to so many tasks; gives how many were done."""
        for count in range(most):
            task = self.leased()
            if task is None:
                return count
            sending.do(self.services, task)
        return most

    def looks_after(self) -> None:
        upkeep.look_after(self.services)

    def reports(self, record: EntryBody | None = None) -> list[ReportView]:
        """Of one record, or all, in the order in which they are told."""
        with reading(self.engine) as tx:
            ids = tx.scalars(
                select(OBLIGATION.c.id).order_by(
                    OBLIGATION.c.line, OBLIGATION.c.number, OBLIGATION.c.rank, OBLIGATION.c.id
                )
            ).all()
            found = [listing.read(tx, id_) for id_ in ids]
        return [one for one in found if record is None or one.record == record.id]

    def states(self, record: EntryBody | None = None) -> list[str]:
        return [one.state.value for one in self.reports(record)]

    def tasks(self) -> int:
        with reading(self.engine) as tx:
            return len(tx.scalars(select(TASK.c.id).where(TASK.c.kind == lines.TASK_REPORT)).all())
