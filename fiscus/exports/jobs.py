"""Export jobs: making, listing and finding them, and moving them from state to state."""

from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime
from enum import StrEnum

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, select

from fiscus import formats, regimes
from fiscus.exports import control
from fiscus.exports.control import ControlTotal
from fiscus.exports.select import has_closings
from fiscus.exports.states import ExportState
from fiscus.formats import FormatSource
from fiscus.journal.statement import StatedRequest
from fiscus.model.faults import Code, Conflict, Missing, Refused
from fiscus.model.kinds import StatementKind
from fiscus.model.times import Period, instant, micros_z
from fiscus.outbox import kinds, queue
from fiscus.outbox.kinds import Lane, TaskKind
from fiscus.registry import stating
from fiscus.registry.views import TaxpayerView
from fiscus.store.schema import FILE
from fiscus.webhooks import events
from fiscus.webhooks.event_types import EventType

UNKNOWN_FILE = Code("EXPORT-FILE-01", "no file with this path is visible to you")
NO_FORMAT = Code("EXPORT-FORMAT-01", "this country has no audit file yet")
NOTHING_CLOSED = Code(
    "EXPORT-RANGE-03", "nothing was closed in the range: close the registers, then ask again"
)
BAD_RANGE = Code("EXPORT-RANGE-01", "the range must end on or after the day it begins")
FUTURE_RANGE = Code("EXPORT-RANGE-02", "the range must not end in the future")
MOVED_ON = Code("EXPORT-STATE-01", "the file has moved on meanwhile")

TASK = "export"
WAITING_MAX = 20
"""Exports that one organization may have on their way; a further one is asked for when one of them
is done. They take minutes, and the worker's disk."""

# Given up, the job has failed: whoever wants the file asks for it anew.
kinds.declare(TaskKind(name=TASK, lane=Lane.HEAVY, waiting_max=WAITING_MAX, is_final=True))

_ERROR_MAX = 4_000


class ExportType(StrEnum):
    """AUDIT: the file the law prescribes. EXPORT: the signed records, and that file beside them.
    FORMAT: one file of one format, for one register and a window of time."""

    AUDIT = "AUDIT"
    EXPORT = "EXPORT"
    FORMAT = "FORMAT"


PACKAGES = (ExportType.AUDIT, ExportType.EXPORT)
"""ZIPs that are kept for good; whole days, signed."""


class RequestedPeriod(msgspec.Struct, frozen=True, kw_only=True):
    """The window in the caller's own words."""

    since: str
    until: str


class ExportFile(msgspec.Struct, frozen=True, kw_only=True):
    """A job and, once completed, its file. `artifact` is its SHA-256, `jws` the signature of a ZIP,
    `documents` how many sealed documents are in it (so far, while it is made).

    `error` is why it failed, `details` what else there is to say, `totals` what was counted while
    it was written. A file of one format has a `format`, the window `since` to `until` (UTC, both
    included) and an end, `expires_at`.
    """

    id: str
    organization: str
    taxpayer: str
    register: str
    type: ExportType
    state: ExportState
    first: date
    last: date
    created_at: datetime
    artifact: str
    bytes: int
    documents: int
    jws: str
    error: str
    details: tuple[str, ...] = ()
    format: str = ""
    since: datetime | None = None
    until: datetime | None = None
    asked: RequestedPeriod | None = None
    completed_at: datetime | None = None
    expires_at: datetime | None = None
    totals: tuple[ControlTotal, ...] = ()

    def is_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now


def ask(
    tx: Connection,
    *,
    id_: str,
    taxpayer: TaxpayerView,
    register: str,
    type_: ExportType,
    period: Period,
    today: date,
    by: str,
    at: datetime,
) -> ExportFile:
    """Note a job and its task, in the caller's transaction. Raises `Refused`.

    `today` is the taxpayer's own calendar day.
    """
    if period.last < period.first:
        raise Refused(BAD_RANGE, "period")
    if period.last > today:
        raise Refused(FUTURE_RANGE, "period.last")
    regime = taxpayer.taxpayer.regime
    if type_ == ExportType.AUDIT and not formats_of(regime):
        raise Refused(NO_FORMAT)
    if type_ == ExportType.AUDIT and not written(tx, taxpayer.taxpayer.id, regime, period):
        raise Refused(NOTHING_CLOSED, "period")
    tx.execute(
        FILE.insert().values(
            id=id_,
            organization=taxpayer.taxpayer.organization,
            taxpayer=taxpayer.taxpayer.id,
            register=register or None,
            type=type_,
            state=ExportState.ACCEPTED,
            first=period.first.isoformat(),
            last=period.last.isoformat(),
            created_at=micros_z(at),
        )
    )
    return noted(tx, id_, by, at)


def noted(tx: Connection, id_: str, by: str, at: datetime) -> ExportFile:
    """A job whose row was written gets its task, and the journal says who asked for it. Raises
    `Unavailable` if as many of its organization wait as may."""
    job = read(tx, id_)
    queue.enqueue(tx, id_, TASK, id_, at, job.organization)
    stating.stating(tx).state(
        tx,
        StatementKind.REQUEST,
        organization=job.organization,
        by=by,
        request=StatedRequest(
            file=job.id,
            type=job.format or job.type.value,
            taxpayer=job.taxpayer,
            first=job.first,
            last=job.last,
            register=job.register,
        ),
    )
    return job


Writer = tuple[formats.Format, Callable[[formats.Selection], Iterator[bytes]]]


def formats_of(regime: str) -> list[Writer]:
    """The formats that go into the packages of a law's taxpayers, with what writes them."""
    return [
        (form, form.write)
        for form in formats.installed().values()
        if form.is_prescribed and form.is_for(regime) and form.write
    ]


def written(tx: Connection, taxpayer: str, regime: str, period: Period) -> list[Writer]:
    """Those of them that have something to say of the period: a file of closings needs one."""
    timezone = regimes.find(regime).timezone
    return [
        (form, write)
        for form, write in formats_of(regime)
        if form.reads is not FormatSource.CLOSINGS or has_closings(tx, taxpayer, period, timezone)
    ]


def read(tx: Connection, id_: str) -> ExportFile:
    row = tx.execute(select(FILE).where(FILE.c.id == id_)).one_or_none()
    if row is None:
        raise Missing(UNKNOWN_FILE)
    return _file(row)


def visible(
    tx: Connection, organization: str, id_: str, types: Collection[ExportType] = PACKAGES
) -> ExportFile:
    found = read(tx, id_)
    if found.organization != organization or found.type not in types:
        raise Missing(UNKNOWN_FILE)
    return found


def of(
    tx: Connection,
    organization: str,
    *,
    after: str,
    limit: int,
    start: datetime | None = None,
    end: datetime | None = None,
    types: Collection[ExportType] = PACKAGES,
    **where: str | None,
) -> list[ExportFile]:
    """The organization's files in the order of their ids, from `start` on and before `end`."""
    query = select(FILE).where(FILE.c.organization == organization, FILE.c.id > after)
    query = query.where(FILE.c.type.in_(types))
    if start is not None:
        query = query.where(FILE.c.created_at >= micros_z(start))
    if end is not None:
        query = query.where(FILE.c.created_at < micros_z(end))
    for column, value in where.items():
        if value is not None:
            query = query.where(FILE.c[column] == value)
    return [_file(row) for row in tx.execute(query.order_by(FILE.c.id).limit(limit))]


class ExportFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which files a person looks for; what is left empty does not count. `first` and `last`: those
    that say nothing of any other day. `registers`: only files of one of these."""

    state: ExportState | None = None
    kind: str = ""
    register: str = ""
    registers: Collection[str] = ()
    first: date | None = None
    last: date | None = None


def newest_first(
    tx: Connection,
    organization: str,
    wanted: ExportFilter,
    *,
    before: str = "",
    after: str = "",
    limit: int,
) -> list[ExportFile]:
    """The organization's files of every type, newest first: those that are older than the id
    `before`, or the nearest that are newer than the id `after`. `kind` is a type or a format."""
    query = select(FILE).where(FILE.c.organization == organization, *_narrowed(wanted))
    if after:
        query = query.where(FILE.c.id > after).order_by(FILE.c.id)
    else:
        query = query.where(FILE.c.id < before) if before else query
        query = query.order_by(FILE.c.id.desc())
    found = [_file(row) for row in tx.execute(query.limit(limit))]
    return found[::-1] if after else found


def _narrowed(wanted: ExportFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.state is not None:
        yield FILE.c.state == wanted.state
    if wanted.kind:
        yield (FILE.c.type == wanted.kind) | (FILE.c.format == wanted.kind)
    if wanted.register:
        yield FILE.c.register == wanted.register
    if wanted.registers:
        yield FILE.c.register.in_(list(wanted.registers))
    if wanted.first is not None:
        yield FILE.c.first >= wanted.first.isoformat()
    if wanted.last is not None:
        yield FILE.c.last <= wanted.last.isoformat()


def newest(
    tx: Connection, register: str, format_: str, moments: Collection[datetime]
) -> dict[datetime, str]:
    """For each moment the newest completed file of this format and register whose window has it;
    moments without one are left out. One query, however many they are."""
    if not moments:
        return {}
    files = tx.execute(
        select(FILE.c.id, FILE.c.since, FILE.c.until)
        .where(
            FILE.c.register == register,
            FILE.c.format == format_,
            FILE.c.state == ExportState.COMPLETED,
            FILE.c.since <= micros_z(max(moments)),
            FILE.c.until >= micros_z(min(moments)),
        )
        .order_by(FILE.c.id.desc())
    ).all()
    found: dict[datetime, str] = {}
    for moment in moments:
        text = micros_z(moment)
        if file := next((one for one in files if one.since <= text <= one.until), None):
            found[moment] = file.id
    return found


def move(tx: Connection, id_: str, to: ExportState, **values: object) -> None:
    """From ACCEPTED to an end. Raises `Conflict` if another process was faster."""
    moved = tx.execute(
        FILE.update()
        .where(FILE.c.id == id_, FILE.c.state == ExportState.ACCEPTED)
        .values(state=to, **values)
    )
    if moved.rowcount != 1:
        raise Conflict(MOVED_ON)


def fail(tx: Connection, id_: str, error: str, at: datetime) -> None:
    """To FAILED. The first line of `error` is the reason, each further one a detail."""
    move(tx, id_, ExportState.FAILED, error=error[:_ERROR_MAX], completed_at=micros_z(at))
    job = read(tx, id_)
    events.tell(tx, job.organization, EventType.EXPORT_FAILED, id_, at, company=job.taxpayer)


def tell(tx: Connection, id_: str, documents: int) -> None:
    """How far the job has come."""
    tx.execute(
        FILE.update()
        .where(FILE.c.id == id_, FILE.c.state == ExportState.ACCEPTED)
        .values(documents=documents)
    )


def _file(row: Row[tuple[object, ...]]) -> ExportFile:
    error, *details = (row.error or "").split("\n")
    return ExportFile(
        id=row.id,
        organization=row.organization,
        taxpayer=row.taxpayer,
        register=row.register or "",
        type=ExportType(row.type),
        state=ExportState(row.state),
        first=date.fromisoformat(row.first),
        last=date.fromisoformat(row.last),
        created_at=instant(row.created_at),
        artifact=row.artifact or "",
        bytes=row.bytes or 0,
        documents=row.documents or 0,
        jws=row.jws or "",
        error=error,
        details=tuple(details),
        format=row.format or "",
        since=instant(row.since) if row.since else None,
        until=instant(row.until) if row.until else None,
        asked=msgspec.json.decode(row.asked, type=RequestedPeriod) if row.asked else None,
        completed_at=instant(row.completed_at) if row.completed_at else None,
        expires_at=instant(row.expires_at) if row.expires_at else None,
        totals=control.read_back(row.totals) if row.totals else (),
    )
