"""Export jobs: asked for, listed, found, and moved from state to state."""

from collections.abc import Callable, Iterator
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


class Type(StrEnum):
    """AUDIT: the file the law prescribes. EXPORT: the signed records, and that file beside them."""

    AUDIT = "AUDIT"
    EXPORT = "EXPORT"


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A job and, once completed, its file. `artifact` is the ZIP's SHA-256, `jws` its signature,
    `documents` how many sealed documents are in it, `error` why it failed."""

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
        if form.regime == regime and form.write
    ]


def read(tx: Connection, id_: str) -> File:
    row = tx.execute(select(FILE).where(FILE.c.id == id_)).one_or_none()
    if row is None:
        raise Missing(UNKNOWN_FILE)
    return _file(row)


def visible(tx: Connection, organization: str, id_: str) -> File:
    found = read(tx, id_)
    if found.organization != organization:
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
    **where: str | None,
) -> list[File]:
    """The organization's files in the order of their ids, from `start` on and before `end`."""
    query = select(FILE).where(FILE.c.organization == organization, FILE.c.id > after)
    if start is not None:
        query = query.where(FILE.c.created_at >= micros_z(start))
    if end is not None:
        query = query.where(FILE.c.created_at < micros_z(end))
    for column, value in where.items():
        if value is not None:
            query = query.where(FILE.c[column] == value)
    return [_file(row) for row in tx.execute(query.order_by(FILE.c.id).limit(limit))]


def move(tx: Connection, id_: str, to: State, **values: object) -> None:
    """From ACCEPTED to an end. Raises `Conflict` if somebody else was faster."""
    moved = tx.execute(
        FILE.update()
        .where(FILE.c.id == id_, FILE.c.state == State.ACCEPTED)
        .values(state=to, **values)
    )
    if moved.rowcount != 1:
        raise Conflict(MOVED_ON)


def _file(row: Row[tuple[object, ...]]) -> File:
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
        error=row.error or "",
    )
