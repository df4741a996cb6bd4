"""A company with books by SKR03, entries that wait, and a program that exports them."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Engine, select

from fiscus.accounting import bookkeeping, entries, items, jobs
from fiscus.accounting.entries import AccountingEntry, EntryContent, EntryLine
from fiscus.accounting.items import ExportJobItem, ItemUpdate, RefusedUpdate
from fiscus.accounting.jobs import ExportJob
from fiscus.accounting.mapping import BooksContent
from fiscus.accounting.pages import PageRequest
from fiscus.accounting.states import ItemStatus, JobEvent
from fiscus.journal import encode
from fiscus.journal.statement import StatedJob
from fiscus.model.kinds import StatementKind
from fiscus.model.tests.clock import MORNING
from fiscus.registry.tests.builders import SUBJECT, a_taxpayer, an_id
from fiscus.store.connect import reading, writing
from fiscus.store.schema import ENTRY

DATEV = {"consultant_number": "1001", "client_number": "1"}
DAY = date(2026, 5, 3)
REVENUE_19, CASH, CLEARING = "case/Umsatz/19", "payment/Bar", "clearing"


def a_line(
    gross: str = "-119.00", vat: str = "-19.00", key: str = REVENUE_19, **more: Any
) -> EntryLine:
    amount, tax = Decimal(gross), Decimal(vat)
    said = {"tax_code": "1", "percentage": Decimal(19)} if tax else {}
    return EntryLine(key=key, amount=amount, net=amount - tax, vat=tax, **{**said, **more})


def an_entry(company: str, organization: str, *lines: EntryLine, **more: Any) -> AccountingEntry:
    id_ = more.pop("id", None) or an_id()
    content = EntryContent(lines=lines or (a_line(),), contra_key=more.pop("contra_key", CLEARING))
    said: dict[str, Any] = {
        "day": DAY,
        "performed_at": MORNING - timedelta(days=1),
        "sub_type": "sale",
        "reference": "Z1",
        "amount": sum((line.amount for line in content.lines), Decimal("0.00")),
        "currency": "EUR",
        "content": content,
        "created_at": MORNING,
        "updated_at": MORNING,
    }
    return AccountingEntry(id=id_, company=company, organization=organization, **{**said, **more})


class Exporter:
    """Works export jobs off, at a time that tests turn."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.now: datetime = MORNING
        with writing(engine) as tx:
            view = a_taxpayer(tx, regime="de", facts={"tax_number": "12/345/67890"})
            self.company = view.taxpayer.id
            self.organization = view.taxpayer.organization
            bookkeeping.begin(tx, self.company, "SKR03", by=SUBJECT, at=MORNING)

    def books(self) -> BooksContent:
        with reading(self.engine) as tx:
            return bookkeeping.of(tx, self.company)[1]

    def keeps(self, content: BooksContent) -> None:
        """The books say this from now on."""
        with writing(self.engine) as tx:
            version, _ = bookkeeping.of(tx, self.company)
            bookkeeping.change(tx, self.company, content, version=version, by=SUBJECT, at=self.now)

    def sets_up(self, format_: str, **settings: str) -> None:
        """All that the books say to one format; nothing to any other one."""
        self.keeps(msgspec.structs.replace(self.books(), formats={format_: settings}))

    def changes_taxes(self, **more: str) -> None:
        content = self.books()
        taxes = tuple(msgspec.structs.replace(tax, **more) for tax in content.taxes)
        self.keeps(msgspec.structs.replace(content, taxes=taxes))

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)

    def entry(self, *lines: EntryLine, **more: Any) -> str:
        made = an_entry(self.company, self.organization, *lines, **more)
        with writing(self.engine) as tx:
            entries.insert_all(tx, [made])
        return made.id

    def entries(self, count: int) -> list[str]:
        """Many alike, all of one day, with ids in order."""
        made = [
            an_entry(self.company, self.organization, id=str(UUID(int=number + 1)))
            for number in range(count)
        ]
        with writing(self.engine) as tx:
            entries.insert_all(tx, made)
        return [one.id for one in made]

    def creates(self, wanted: list[str], **more: Any) -> ExportJob:
        with writing(self.engine) as tx:
            return jobs.create(
                tx,
                **{
                    "id_": an_id(),
                    "company": self.company,
                    "organization": self.organization,
                    "entries": wanted,
                    "by": SUBJECT,
                    "at": self.now,
                    **more,
                },
            )

    def says(self, job: ExportJob, what: JobEvent, **more: Any) -> ExportJob:
        with writing(self.engine) as tx:
            return jobs.event(tx, job, what, by=SUBJECT, at=self.now, **more)

    def starts(self, wanted: list[str], **more: Any) -> ExportJob:
        return self.says(self.creates(wanted, **more), JobEvent.STARTED)

    def reports(
        self, job: ExportJob, *updates: ItemUpdate
    ) -> tuple[list[ExportJobItem], list[RefusedUpdate]]:
        with writing(self.engine) as tx:
            return items.update(tx, job, updates, by=SUBJECT, at=self.now)

    def sets(self, job: ExportJob, entry: str, status: ItemStatus, **more: Any) -> None:
        done, refused = self.reports(job, ItemUpdate(entry=entry, status=status, **more))
        assert (len(done), refused) == (1, [])

    def cancels(self, job: ExportJob) -> ExportJob:
        with writing(self.engine) as tx:
            return jobs.cancel(tx, job, by=SUBJECT, at=self.now)

    def retries(self, job: ExportJob) -> ExportJob:
        with writing(self.engine) as tx:
            return jobs.retry(tx, job, id_=an_id(), by=SUBJECT, at=self.now)

    def expires(self, limit: int = 100) -> int:
        with writing(self.engine) as tx:
            return jobs.expire(tx, self.now, limit)

    def job(self, job: ExportJob) -> ExportJob:
        with reading(self.engine) as tx:
            return jobs.find(tx, [self.organization], job.id, self.now)

    def found(self, id_: str) -> AccountingEntry:
        with reading(self.engine) as tx:
            return entries.find(tx, [self.organization], id_)

    def item(self, entry: str) -> ExportJobItem:
        with reading(self.engine) as tx:
            return items.newest(tx, self.company, entry, now=self.now)

    def statuses(self, job: ExportJob) -> dict[str, str]:
        """Of the items of a job by entry, as a page shows them."""
        with reading(self.engine) as tx:
            shown = items.page(tx, self.job(job), request=PageRequest(limit=1_000))
        return {one.entry: one.status.value for one in shown.rows}

    def stated(self) -> list[StatedJob]:
        """What the chain of the organization says of jobs, in its order."""
        with reading(self.engine) as tx:
            rows = tx.execute(
                select(ENTRY.c.kind, ENTRY.c.body)
                .where(ENTRY.c.chain == self.organization, ENTRY.c.kind == StatementKind.JOB)
                .order_by(ENTRY.c.sequence)
            ).all()
        found = [encode.statement(row.kind, row.body).job for row in rows]
        return [one for one in found if one is not None]
