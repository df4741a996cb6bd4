"""What the pages of export jobs show: the batches of accounting entries on their way into an
accounting system, what failed in them and why, and what the books say of a document."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal

import msgspec
from sqlalchemy import Connection, select

from fiscus import formats
from fiscus.accounting import bookkeeping, completeness, items, jobs, search
from fiscus.accounting.completeness import CompletenessReport
from fiscus.accounting.entry_rows import AccountingEntry
from fiscus.accounting.items import ExportJobItem
from fiscus.accounting.jobs import ExportJob
from fiscus.accounting.pages import Page, PageRequest, SortOrder
from fiscus.accounting.search import EntryFilter
from fiscus.accounting.states import ItemStatus, JobStatus
from fiscus.console import fields
from fiscus.console.fields import FieldFault
from fiscus.console.visit import N_
from fiscus.exports import book_files
from fiscus.journal import read
from fiscus.model.faults import Missing
from fiscus.registry import organizations, taxpayers
from fiscus.store.accounting_schema import ACCOUNTED, ACCOUNTING_ENTRY

PAGE = 25
ENTRIES_MAX = 200
"""How many accounting entries of one document or closing are shown."""

DAYS_MAX = 400
"""As many days as the API reports on at once."""


class JobFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which jobs a person looks for; what is left empty does not count."""

    status: JobStatus | None = None
    target: str = ""
    company: str = ""


class ShownJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job with the name of the company whose books it carries, and what became of its items."""

    job: ExportJob
    company: str
    progress: Mapping[ItemStatus, int] = {}
    left: int = 0

    @property
    def has_file(self) -> bool:
        """While a file is made, its digest is known before it is there."""
        return bool(self.job.artifact and self.job.file_name and self.job.status.is_finished)

    @property
    def done(self) -> int:
        """How many items are at their end."""
        return sum(count for status, count in self.progress.items() if status.is_final)


class DocumentBooking(msgspec.Struct, frozen=True, kw_only=True):
    """What the books say of a record: the entries made of it, or of the closing that covers it
    (`closing` is that closing's id, empty if the record has entries of its own). `keeps_books`:
    whether its taxpayer keeps books here at all."""

    record: str
    company: str
    keeps_books: bool
    closing: str = ""
    entries: tuple[AccountingEntry, ...] = ()
    total: int = 0

    @property
    def balance(self) -> Decimal:
        """What the shown entries leave open; nothing, if all of them are shown."""
        return sum((entry.amount for entry in self.entries), Decimal("0.00"))


def reach(tx: Connection, organization: str) -> Collection[str]:
    """The organization and all below it, as the API of export jobs reaches them."""
    return organizations.OrganizationsWithin(tx, organization)


def companies(tx: Connection, organization: str, limit: int = 200) -> dict[str, str]:
    """The names of the companies that the visitor reaches, by id."""
    found = taxpayers.below(tx, organization, regime="", after="", limit=limit)
    return {one.taxpayer.id: one.taxpayer.legal_name for one in found}


def listed(
    tx: Connection,
    organization: str,
    wanted: JobFilter,
    *,
    before: str,
    after: str,
    at: datetime,
) -> Page[ExportJob]:
    """A page of jobs, the newest first; `before` and `after` are cursors of such a page."""
    return jobs.listed(
        tx,
        reach(tx, organization),
        company=wanted.company or None,
        statuses=(wanted.status,) if wanted.status else (),
        targets=(wanted.target,) if wanted.target else (),
        request=PageRequest(
            limit=PAGE, before=before, after=after, sort=(("created_at", SortOrder.DESC),)
        ),
        now=at,
    )


def one(tx: Connection, organization: str, id_: str, at: datetime) -> ShownJob:
    """A job with all that is known of its items. Raises `Missing`."""
    job = jobs.find(tx, reach(tx, organization), id_, at)
    return ShownJob(
        job=job,
        company=taxpayers.by_id(tx, job.company).taxpayer.legal_name,
        progress=jobs.progress(tx, job),
        left=len(items.left(tx, job.id)) if job.status.is_finished else 0,
    )


def items_of(
    tx: Connection, job: ExportJob, status: ItemStatus | None, *, before: str, after: str
) -> Page[ExportJobItem]:
    """A page of the items of a job, by the days of their entries."""
    request = PageRequest(limit=PAGE, before=before, after=after)
    return items.page(tx, job, status=status, request=request)


def retry(tx: Connection, job: ExportJob, *, id_: str, by: str, at: datetime) -> ExportJob:
    """A new job of what failed in this one or was abandoned: the same act as the API's. Raises
    `Conflict` and all that making a job raises."""
    made = jobs.retry(tx, job, id_=id_, by=by, must_have_contra=True, at=at)
    if made.target != jobs.PULL:
        book_files.ask(tx, made)
    return made


def media_type(job: ExportJob) -> str:
    """Several files are handed out as one archive."""
    if job.file_name.endswith(".zip"):
        return "application/zip"
    if job.target in formats.books():
        return formats.find_book(job.target).media_type
    return formats.find(job.target).media_type


def period(first: str, last: str) -> tuple[tuple[date, date] | None, tuple[FieldFault, ...]]:
    """The days that a report is about, or all that is wrong with what was typed."""
    found, faults = fields.days(first, last)
    if found is not None and (found[1] - found[0]).days >= DAYS_MAX:
        reason = N_("These are too many days for one report.")
        faults.append(
            FieldFault(field="last", reason=reason, remedy=N_("Ask for 400 days at most."))
        )
    return (None if faults else found), tuple(faults)


def within(
    first: date, last: date, least: date | None, most: date | None
) -> tuple[FieldFault, ...]:
    """What is wrong with days that the visitor's link is not for."""
    outside = {
        "first": least is not None and first < least,
        "last": most is not None and last > most,
    }
    return tuple(
        FieldFault(
            field=field,
            reason=N_("This day is outside the days of your link."),
            remedy=N_("Choose days that your link is for."),
        )
        for field, is_outside in outside.items()
        if is_outside
    )


def report(
    tx: Connection, organization: str, company: str, first: date, last: date
) -> CompletenessReport:
    """Whether the books of a company say what the journal says. Raises `Missing` for a company that
    the visitor does not reach, and for one that keeps no books."""
    if taxpayers.owner(tx, company) not in reach(tx, organization):
        raise Missing(bookkeeping.NO_BOOKS)
    return completeness.report(tx, company, first, last)


def booked(tx: Connection, organization: str, record: str) -> DocumentBooking:
    """The accounting entries of a record of this organization. Raises `Missing`."""
    body = read.one(tx, organization, record).record.body
    company = body.place.taxpayer
    origin = tx.scalar(
        select(ACCOUNTING_ENTRY.c.record)
        .join(ACCOUNTED, ACCOUNTED.c.entry == ACCOUNTING_ENTRY.c.id)
        .where(ACCOUNTED.c.record == record)
    )
    wanted = EntryFilter(record=origin or record)
    found = search.search(tx, company, wanted, PageRequest(limit=ENTRIES_MAX))
    return DocumentBooking(
        record=record,
        company=company,
        keeps_books=bookkeeping.find(tx, company) is not None,
        closing=origin if origin and origin != record else "",
        entries=tuple(found.rows),
        total=found.total,
    )
