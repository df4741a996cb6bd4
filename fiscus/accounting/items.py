"""The items of export jobs: one for each entry, with what became of it in the accounting system.

Of a job that rested too long and that nobody has closed yet, what was not reported is read as
abandoned already.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, bindparam, case, func, select

from fiscus.accounting import job_rows, pages, states
from fiscus.accounting.entry_rows import EntryStatus
from fiscus.accounting.frozen import FrozenItem
from fiscus.accounting.job_rows import ExportJob
from fiscus.accounting.pages import Page, PageRequest, SortOrder
from fiscus.accounting.states import UNREPORTED, ItemFailure, ItemStatus, JobAct, JobFailure
from fiscus.model.booked import BookWarning
from fiscus.model.faults import Code, Conflict, Missing
from fiscus.model.times import instant, micros_z
from fiscus.registry.organizations import among
from fiscus.store import stream
from fiscus.store.accounting_schema import ACCOUNTING_ENTRY, EXPORT_JOB, EXPORT_JOB_ITEM
from fiscus.store.insert import insert_many

JOB_FINISHED = Code(
    "BOOKS-JOB-03",
    "this export job is finished: nothing more can be reported of its items; make a new job of "
    "what was not exported",
)
UNKNOWN_ITEM = Code("BOOKS-ITEM-02", "this accounting entry is in no export job that you can see")
NOT_IN_JOB = Code("BOOKS-ITEM-03", "this accounting entry is not part of this export job")
BAD_TEXT = Code(
    "BOOKS-ITEM-04", "a text of an item has at most 2000 characters, and none of them is NUL"
)

TEXT_MAX = 2_000

_PIECE = 500
"""How many ids a query names at once."""

_encoder = msgspec.json.Encoder(decimal_format="string", order="sorted")
_frozen = msgspec.json.Decoder(FrozenItem)
_warnings = msgspec.json.Decoder(tuple[BookWarning, ...])


class ExportJobItem(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a job. `external_id` and `external_url` are what the accounting system calls it,
    `warnings` what a person should know of how it is written."""

    job: str
    entry: str
    status: ItemStatus
    exported_at: datetime | None = None
    external_id: str = ""
    external_url: str = ""
    failure_reason: str = ""
    failure_type: ItemFailure | None = None
    frozen: FrozenItem
    warnings: tuple[BookWarning, ...] = ()


class ItemUpdate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is reported of one entry. What is empty leaves as it is; `exported_at` of a successful
    one is the moment of the report unless it says another."""

    entry: str
    status: ItemStatus
    exported_at: datetime | None = None
    external_id: str = ""
    external_url: str = ""
    failure_reason: str = ""
    failure_type: ItemFailure | None = None
    warnings: tuple[BookWarning, ...] = ()


class RefusalType(StrEnum):
    """Why an update was refused, in the words of the contract (as section 11 corrects them)."""

    UNKNOWN_ENTRY = "ACCOUNTING_ENTRY_DOES_NOT_EXIST"
    BAD_STATUS = "EXPORT_ENTRY_STATUS_UPDATE_FAILED"
    OTHER = "ACCOUNTING_ENTRY_UPDATE_FAILED"


class RefusedUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """An update that was not carried out; the others of the same call were."""

    entry: str
    type: RefusalType
    message: str


def update(
    tx: Connection, job: ExportJob, updates: Sequence[ItemUpdate], *, by: str, at: datetime
) -> tuple[list[ExportJobItem], list[RefusedUpdate]]:
    """Take in what is reported; gives each updated item once, as it is afterwards, and each update
    that was refused. The rest is done in any case.

    Updates are judged one after the other, also several of the same entry: the first final status
    stays. A successful item makes its entry EXPORTED at once, whatever becomes of the job. Each
    update that is taken in prolongs the job, the same status again too. Raises `Conflict` if the
    job is finished or expired.
    """
    job = held_unfinished(tx, job.id, at)
    before = _by_entries(tx, job.id, [one.entry for one in updates])
    items = dict(before)
    taken: list[ItemUpdate] = []
    refused: list[RefusedUpdate] = []
    for one in updates:
        item = items.get(one.entry)
        no = _refusal(item, one)
        if no is not None or item is None:
            refused.append(no or _unknown(one))
            continue
        items[one.entry] = _updated(item, one, at)
        taken.append(one)
    if taken:
        _write(tx, job, [one for entry, one in items.items() if one != before[entry]], at)
        job = msgspec.structs.replace(job, last_updated_at=max(at, job.last_updated_at))
        job_rows.write(tx, job)
        sha256 = hashlib.sha256(_encoder.encode(taken)).hexdigest()
        job_rows.state(tx, job, JobAct.ITEMS, items=len(taken), sha256=sha256, by=by)
    return [items[entry] for entry in dict.fromkeys(one.entry for one in taken)], refused


def held_unfinished(tx: Connection, job: str, at: datetime) -> ExportJob:
    """The job, locked. Raises `Conflict` if it is finished, or has rested too long."""
    found = job_rows.judged(job_rows.held(tx, job), at)
    if found.status.is_finished:
        raise Conflict(JOB_FINISHED, found.status)
    return found


def _refusal(item: ExportJobItem | None, one: ItemUpdate) -> RefusedUpdate | None:
    if item is None:
        return _unknown(one)
    texts = (one.external_id, one.external_url, one.failure_reason)
    if any(len(text) > TEXT_MAX or "\0" in text for text in texts):
        return RefusedUpdate(entry=one.entry, type=RefusalType.OTHER, message=BAD_TEXT.text)
    try:
        states.moved(item.status, one.status)
    except Conflict as conflict:
        message = f"{conflict.code.text} (it is {item.status.value})"
        return RefusedUpdate(entry=one.entry, type=RefusalType.BAD_STATUS, message=message)
    return None


def _unknown(one: ItemUpdate) -> RefusedUpdate:
    return RefusedUpdate(entry=one.entry, type=RefusalType.UNKNOWN_ENTRY, message=NOT_IN_JOB.text)


def _updated(item: ExportJobItem, one: ItemUpdate, at: datetime) -> ExportJobItem:
    if item.status.is_final:
        return item
    is_successful = one.status == ItemStatus.SUCCESSFUL
    return msgspec.structs.replace(
        item,
        status=one.status,
        exported_at=one.exported_at or item.exported_at or (at if is_successful else None),
        external_id=one.external_id or item.external_id,
        external_url=one.external_url or item.external_url,
        failure_reason="" if is_successful else one.failure_reason or item.failure_reason,
        failure_type=None if is_successful else one.failure_type or item.failure_type,
        warnings=one.warnings or item.warnings,
    )


def _write(tx: Connection, job: ExportJob, changed: Sequence[ExportJobItem], at: datetime) -> None:
    if not changed:
        return
    table = EXPORT_JOB_ITEM
    # In one order for all, so that no two transactions wait for each other.
    changed = sorted(changed, key=lambda item: item.entry)
    names = ("status", "exported_at", "external_id", "external_url", "failure_reason")
    tx.execute(
        table.update()
        .where(table.c.job == job.id, table.c.entry == bindparam("of_entry"))
        .values({name: bindparam(name) for name in (*names, "failure_type", "warnings")}),
        [{"of_entry": item.entry, **_values(item)} for item in changed],
    )
    exported = [item for item in changed if item.status == ItemStatus.SUCCESSFUL]
    if exported:
        entry = ACCOUNTING_ENTRY
        tx.execute(
            entry.update()
            .where(entry.c.id == bindparam("of_entry"))
            .values(
                status=EntryStatus.EXPORTED.value,
                job=None,
                exported_at=bindparam("exported_at"),
                external_id=bindparam("external_id"),
                external_url=bindparam("external_url"),
                updated_at=micros_z(at),
            ),
            [
                {
                    "of_entry": item.entry,
                    "exported_at": micros_z(item.exported_at or at),
                    "external_id": item.external_id or None,
                    "external_url": item.external_url or None,
                }
                for item in exported
            ],
        )


def succeed(tx: Connection, job: ExportJob, *, external_id: str = "", by: str, at: datetime) -> int:
    """All items of which nothing final was reported are successful, in one go: for who writes one
    file of them all. Gives how many; raises `Conflict` as `update` does."""
    job = held_unfinished(tx, job.id, at)
    table, entry = EXPORT_JOB_ITEM, ACCOUNTING_ENTRY
    which = (table.c.job == job.id, table.c.status.in_(UNREPORTED))
    said = {"exported_at": micros_z(at), "external_id": external_id or None}
    tx.execute(
        entry.update()
        .where(entry.c.job == job.id, entry.c.id.in_(select(table.c.entry).where(*which)))
        .values(
            status=EntryStatus.EXPORTED.value,
            job=None,
            external_url=None,
            updated_at=micros_z(at),
            **said,
        )
    )
    count = tx.execute(
        table.update().where(*which).values(status=ItemStatus.SUCCESSFUL.value, **said)
    ).rowcount
    job = msgspec.structs.replace(job, last_updated_at=max(at, job.last_updated_at))
    job_rows.write(tx, job)
    sha256 = hashlib.sha256(_encoder.encode(["successful", said])).hexdigest()
    job_rows.state(tx, job, JobAct.ITEMS, items=count, sha256=sha256, by=by)
    return count


SORTABLE: Mapping[str, ColumnElement[Any]] = {
    "position": EXPORT_JOB_ITEM.c.position,
    "entry": EXPORT_JOB_ITEM.c.entry,
    "job": EXPORT_JOB_ITEM.c.job,
    "status": EXPORT_JOB_ITEM.c.status,
    "exported_at": EXPORT_JOB_ITEM.c.exported_at,
    "external_id": EXPORT_JOB_ITEM.c.external_id,
}
"""What lists of items can be sorted by."""


def page(
    tx: Connection,
    job: ExportJob,
    *,
    status: ItemStatus | None = None,
    request: PageRequest,
) -> Page[ExportJobItem]:
    """The items of one job, in the order of the days of their entries unless another is wanted. The
    job is as `jobs.find` gave it."""
    overdue = [job.id] if job.failure_type == JobFailure.JOB_EXPIRED else []
    shown = _shown(overdue)
    query = select(EXPORT_JOB_ITEM, shown.label("shown")).where(EXPORT_JOB_ITEM.c.job == job.id)
    return pages.page(
        tx,
        query if status is None else query.where(shown == status.value),
        request,
        allowed={**SORTABLE, "status": shown},
        unique=("position",),
        decode=_item,
        total=job.items if status is None else None,
    )


def of_entries(
    tx: Connection,
    company: str,
    entries: Collection[str],
    status: ItemStatus | None,
    request: PageRequest,
    *,
    now: datetime,
) -> Page[ExportJobItem]:
    """The items of these entries in all jobs of the company, newest jobs first unless another order
    is wanted."""
    shown = _shown(_overdue(tx, company, now))
    query = _of_company(company, shown).where(EXPORT_JOB_ITEM.c.entry.in_(list(entries)))
    return pages.page(
        tx,
        query if status is None else query.where(shown == status.value),
        request,
        allowed={**SORTABLE, "status": shown, "created_at": EXPORT_JOB.c.created_at},
        unique=("job", "position"),
        decode=_item,
        default=(("created_at", SortOrder.DESC),),
    )


def newest(tx: Connection, company: str, entry: str, *, now: datetime) -> ExportJobItem:
    """The item of this entry in the newest job that has it. Raises `Missing`."""
    found = of_entries(tx, company, [entry], None, PageRequest(limit=1), now=now)
    if not found.rows:
        raise Missing(UNKNOWN_ITEM)
    return found.rows[0]


def unfinished(
    tx: Connection, organizations: Collection[str], request: PageRequest, *, now: datetime
) -> Page[ExportJobItem]:
    """The items of all unfinished pull jobs of these organizations, job by job."""
    where = among(EXPORT_JOB.c.organization, organizations)
    alive = [
        job
        for job in job_rows.unfinished(tx, where)
        if job.target == job_rows.PULL and not job.is_overdue(now)
    ]
    query = select(EXPORT_JOB_ITEM, EXPORT_JOB_ITEM.c.status.label("shown"))
    return pages.page(
        tx,
        query.where(EXPORT_JOB_ITEM.c.job.in_([job.id for job in alive])),
        request,
        allowed=SORTABLE,
        unique=("job", "position"),
        decode=_item,
        total=sum(job.items for job in alive),
    )


def each(
    tx: Connection, job: ExportJob, statuses: Collection[ItemStatus] = ()
) -> Iterator[ExportJobItem]:
    """All items of a job in their order, in bounded memory; of some statuses only, if named."""
    overdue = [job.id] if job.failure_type == JobFailure.JOB_EXPIRED else []
    shown = _shown(overdue)
    query = select(EXPORT_JOB_ITEM, shown.label("shown")).where(EXPORT_JOB_ITEM.c.job == job.id)
    if statuses:
        query = query.where(shown.in_([status.value for status in statuses]))
    for row in stream.rows(tx, query.order_by(EXPORT_JOB_ITEM.c.position)):
        yield _item(row)


def days(
    tx: Connection, job: ExportJob, statuses: Collection[ItemStatus] = ()
) -> tuple[date, date] | None:
    """The first and the last day of the job's entries, as they were frozen in that order; of some
    statuses only, if named. None if there are none."""
    query = select(EXPORT_JOB_ITEM.c.content).where(EXPORT_JOB_ITEM.c.job == job.id)
    if statuses:
        query = query.where(EXPORT_JOB_ITEM.c.status.in_([status.value for status in statuses]))
    ends = (EXPORT_JOB_ITEM.c.position.asc(), EXPORT_JOB_ITEM.c.position.desc())
    found = [tx.scalar(query.order_by(end).limit(1)) for end in ends]
    first, last = (None if one is None else _frozen.decode(one).booked.day for one in found)
    return None if first is None or last is None else (first, last)


def progress(tx: Connection, job: ExportJob) -> dict[ItemStatus, int]:
    """How many items of the job have each status; all are named. The job is as `jobs.find` gave
    it."""
    table = EXPORT_JOB_ITEM
    found = tx.execute(
        select(table.c.status, func.count()).where(table.c.job == job.id).group_by(table.c.status)
    )
    counted = dict.fromkeys(ItemStatus, 0)
    for word, count in found:
        status = ItemStatus(word)
        is_left = job.status.is_finished and not status.is_final
        counted[ItemStatus.ABANDONED if is_left else status] += count
    return counted


def insert(tx: Connection, first: int, items: Iterable[ExportJobItem]) -> str:
    """Insert items of one job from this position on; gives all that was frozen of them, in their
    order, as text to take a digest over."""
    rows = [_row(position, item) for position, item in enumerate(items, first)]
    insert_many(tx, EXPORT_JOB_ITEM, rows)
    return "".join(f"{row[2]} {row[3]} {hashlib.sha256(row[9]).hexdigest()}\n" for row in rows)


def left(tx: Connection, job: str) -> list[str]:
    """The entries of a finished job that were not exported by it nor since, and are free."""
    table, entry = EXPORT_JOB_ITEM, ACCOUNTING_ENTRY
    query = (
        select(table.c.entry)
        .join(entry, entry.c.id == table.c.entry)
        .where(
            table.c.job == job,
            table.c.status.in_((ItemStatus.FAILED, ItemStatus.ABANDONED)),
            entry.c.status == EntryStatus.NOT_EXPORTED.value,
            entry.c.job.is_(None),
            entry.c.deleted_at.is_(None),
        )
        .order_by(table.c.position)
    )
    return list(tx.scalars(query))


def abandon(tx: Connection, job: str, at: datetime) -> None:
    """Nothing more comes of a job: what was not reported is abandoned, and all entries that it
    still holds are free again."""
    table, entry = EXPORT_JOB_ITEM, ACCOUNTING_ENTRY
    tx.execute(
        table.update()
        .where(table.c.job == job, table.c.status.in_(UNREPORTED))
        .values(status=ItemStatus.ABANDONED.value)
    )
    tx.execute(
        entry.update()
        .where(entry.c.job == job)
        .values(status=EntryStatus.NOT_EXPORTED.value, job=None, updated_at=micros_z(at))
    )


def _by_entries(tx: Connection, job: str, entries: Sequence[str]) -> dict[str, ExportJobItem]:
    found: dict[str, ExportJobItem] = {}
    wanted = list(dict.fromkeys(entries))
    table = EXPORT_JOB_ITEM
    for start in range(0, len(wanted), _PIECE):
        rows = tx.execute(
            select(table, table.c.status.label("shown")).where(
                table.c.job == job, table.c.entry.in_(wanted[start : start + _PIECE])
            )
        )
        found.update((row.entry, _item(row)) for row in rows)
    return found


def _of_company(company: str, shown: ColumnElement[Any]) -> Select[Any]:
    return (
        select(EXPORT_JOB_ITEM, shown.label("shown"))
        .join(EXPORT_JOB, EXPORT_JOB.c.id == EXPORT_JOB_ITEM.c.job)
        .where(EXPORT_JOB.c.company == company)
    )


def _shown(overdue: Sequence[str]) -> ColumnElement[Any]:
    """The status with which an item is shown, if these jobs have rested too long."""
    table = EXPORT_JOB_ITEM
    if not overdue:
        return table.c.status
    left = table.c.job.in_(overdue) & table.c.status.in_(UNREPORTED)
    return case((left, ItemStatus.ABANDONED.value), else_=table.c.status)


def _overdue(tx: Connection, company: str, now: datetime) -> list[str]:
    where = EXPORT_JOB.c.company == company
    return [job.id for job in job_rows.unfinished(tx, where) if job.is_overdue(now)]


def _values(item: ExportJobItem) -> dict[str, object]:
    return {
        "status": item.status.value,
        "exported_at": micros_z(item.exported_at) if item.exported_at else None,
        "external_id": item.external_id or None,
        "external_url": item.external_url or None,
        "failure_reason": item.failure_reason or None,
        "failure_type": item.failure_type.value if item.failure_type else None,
        "warnings": _encoder.encode(item.warnings).decode() if item.warnings else None,
    }


def _row(position: int, item: ExportJobItem) -> tuple[Any, ...]:
    """In the order of the table's columns."""
    values = _values(item)
    return (
        item.job,
        position,
        item.entry,
        values["status"],
        values["exported_at"],
        values["external_id"],
        values["external_url"],
        values["failure_reason"],
        values["failure_type"],
        _encoder.encode(item.frozen),
        values["warnings"],
    )


def _item(row: Any) -> ExportJobItem:
    """Of a row that begins with all columns of the table and the status that is shown."""
    job, _, entry, _, exported_at, id_, url, reason, type_, content, warnings, shown = row[:12]
    return ExportJobItem(
        job=job,
        entry=entry,
        status=_STATUSES[shown],
        exported_at=instant(exported_at) if exported_at else None,
        external_id=id_ or "",
        external_url=url or "",
        failure_reason=reason or "",
        failure_type=ItemFailure(type_) if type_ else None,
        frozen=_frozen.decode(content),
        warnings=_warnings.decode(warnings) if warnings else (),
    )


_STATUSES = {status.value: status for status in ItemStatus}
