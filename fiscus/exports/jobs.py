"""Export jobs: asked for, listed, found, and moved from state to state."""

from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime
from enum import StrEnum

import msgspec
from sqlalchemy import Connection, Row, select

from fiscus import formats
from fiscus.exports.states import State
from fiscus.model.faults import Code, Conflict, Missing, Refused
from fiscus.model.times import Period, instant, micros_z
from fiscus.outbox import queue
from fiscus.registry.things import TaxpayerView
from fiscus.store.schema import FILE

UNKNOWN_FILE = Code("EXPORT-FILE-01", "no file with this path is visible to you")
NO_FORMAT = Code("EXPORT-FORMAT-01", "this country has no audit file yet")
BAD_RANGE = Code("EXPORT-RANGE-01", "the range must end on or after the day it begins")
FUTURE_RANGE = Code("EXPORT-RANGE-02", "the range must not end in the future")
MOVED_ON = Code("EXPORT-STATE-01", "the file has moved on meanwhile")

TASK = "export"

_ERROR_MAX = 4_000


class Type(StrEnum):
    """AUDIT: the file the law prescribes. EXPORT: the signed records, and that file beside them.
    FORMAT: one file of one format, for one register and a window of time."""

    AUDIT = "AUDIT"
    EXPORT = "EXPORT"
    FORMAT = "FORMAT"


PACKAGES = (Type.AUDIT, Type.EXPORT)
"""ZIPs that are kept for good; whole days, signed."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The window in the caller's own words."""

    since: str
    until: str


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A job and, once completed, its file. `artifact` is its SHA-256, `jws` the signature of a ZIP,
    `documents` how many sealed documents are in it (so far, while it is made).

    `error` is why it failed, `details` what else there is to say. A file of one format has a
    `format`, the window `since` to `until` (UTC, both included) and an end, `expires_at`.
    """

    id: str
    organization: str
    taxpayer: str
    register: str
    type: Type
    state: State
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
    asked: Asked | None = None
    completed_at: datetime | None = None
    expires_at: datetime | None = None

    def is_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now


def ask(
    tx: Connection,
    *,
    id_: str,
    taxpayer: TaxpayerView,
    register: str,
    type_: Type,
    period: Period,
    today: date,
    at: datetime,
) -> File:
    """Note a job and its task, in the caller's transaction. Raises `Refused`.

    `today` is the taxpayer's own calendar day.
    """
    if period.last < period.first:
        raise Refused(BAD_RANGE, "content.range")
    if period.last > today:
        raise Refused(FUTURE_RANGE, "content.range.to")
    if type_ == Type.AUDIT and not formats_of(taxpayer.taxpayer.regime):
        raise Refused(NO_FORMAT)
    tx.execute(
        FILE.insert().values(
            id=id_,
            organization=taxpayer.taxpayer.organization,
            taxpayer=taxpayer.taxpayer.id,
            register=register or None,
            type=type_,
            state=State.ACCEPTED,
            first=period.first.isoformat(),
            last=period.last.isoformat(),
            created_at=micros_z(at),
        )
    )
    queue.enqueue(tx, id_, TASK, id_, at)
    return read(tx, id_)


Writer = tuple[formats.Format, Callable[[formats.Selection], Iterator[bytes]]]


def formats_of(regime: str) -> list[Writer]:
    """The file formats that a country's law prescribes, with what writes them."""
    return [
        (form, form.write)
        for form in formats.installed().values()
        if form.regime == regime and form.is_audit and form.write
    ]


def read(tx: Connection, id_: str) -> File:
    row = tx.execute(select(FILE).where(FILE.c.id == id_)).one_or_none()
    if row is None:
        raise Missing(UNKNOWN_FILE)
    return _file(row)


def visible(
    tx: Connection, organization: str, id_: str, types: Collection[Type] = PACKAGES
) -> File:
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
    types: Collection[Type] = PACKAGES,
    **where: str | None,
) -> list[File]:
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
            FILE.c.state == State.COMPLETED,
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


def move(tx: Connection, id_: str, to: State, **values: object) -> None:
    """From ACCEPTED to an end. Raises `Conflict` if somebody else was faster."""
    moved = tx.execute(
        FILE.update()
        .where(FILE.c.id == id_, FILE.c.state == State.ACCEPTED)
        .values(state=to, **values)
    )
    if moved.rowcount != 1:
        raise Conflict(MOVED_ON)


def fail(tx: Connection, id_: str, error: str, at: datetime) -> None:
    """To FAILED. The first line of `error` is the reason, each further one a detail."""
    move(tx, id_, State.FAILED, error=error[:_ERROR_MAX], completed_at=micros_z(at))


def tell(tx: Connection, id_: str, documents: int) -> None:
    """How far the job has come."""
    tx.execute(
        FILE.update()
        .where(FILE.c.id == id_, FILE.c.state == State.ACCEPTED)
        .values(documents=documents)
    )


def _file(row: Row[tuple[object, ...]]) -> File:
    error, *details = (row.error or "").split("\n")
    return File(
        id=row.id,
        organization=row.organization,
        taxpayer=row.taxpayer,
        register=row.register or "",
        type=Type(row.type),
        state=State(row.state),
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
        asked=msgspec.json.decode(row.asked, type=Asked) if row.asked else None,
        completed_at=instant(row.completed_at) if row.completed_at else None,
        expires_at=instant(row.expires_at) if row.expires_at else None,
    )
