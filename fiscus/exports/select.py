"""Selects what an export contains: a taxpayer as it was, a period, its documents and its
closings."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from fiscus import regimes
from fiscus.formats import DeviceArchive, DocumentOrigin, IssuedDocument, Selection
from fiscus.journal import closings, read
from fiscus.model.extracts import BodyExtract
from fiscus.model.kinds import StatementKind
from fiscus.model.places import Taxpayer
from fiscus.model.records import EntryBody
from fiscus.model.times import Period, micros_z, zone
from fiscus.registry import versions
from fiscus.store.schema import CLOSING


class ClosingRange(msgspec.Struct, frozen=True, kw_only=True):
    """The documents or closings of one register within a window, both ends included."""

    register: str
    since: datetime
    until: datetime

    def has(self, document: EntryBody) -> bool:
        """Whether a sealed document belongs to it, by the moment that the document itself tells."""
        said = document.draft.issued_at if document.draft else None
        return (
            document.register == self.register and self.since <= (said or document.at) <= self.until
        )


def selection(
    tx: Connection,
    taxpayer: str,
    period: Period,
    *,
    settings: Mapping[str, Mapping[str, str]],
    at: datetime,
    progress: Callable[[], None],
    part: ClosingRange | None = None,
    archives: tuple[DeviceArchive, ...] = (),
) -> Selection:
    """Everything a format needs. `progress` is called for each document that streams by.

    Documents and closings are those of `part`, else of all the taxpayer's registers in the period.
    """
    regime = regimes.find(stated_taxpayer(tx, taxpayer).regime)

    def records() -> Iterator[IssuedDocument]:
        for body, void in read.sealed(tx, taxpayer, period):
            if part is None or part.has(body):
                progress()
                yield IssuedDocument(body=body, void=void)

    def closed() -> Iterator[tuple[EntryBody, Iterator[BodyExtract]]]:
        parts = (part,) if part else _parts(tx, taxpayer, period, regime.timezone)
        for one in parts:
            for body in closings.in_window(tx, one.register, one.since, one.until):
                yield body, _covered(tx, body, progress)

    return Selection(
        taxpayer=_as_it_was(tx, taxpayer, period, regime.timezone),
        period=period,
        records=records,
        settings=settings.get(regime.code, {}),
        timezone=regime.timezone,
        written_at=at,
        closings=closed,
        origin=partial(_origin, tx),
        archives=archives,
    )


def has_closings(tx: Connection, taxpayer: str, period: Period, timezone: str) -> bool:
    """Whether any of the taxpayer's registers was closed in the period."""
    return any(_parts(tx, taxpayer, period, timezone))


def _parts(tx: Connection, taxpayer: str, period: Period, timezone: str) -> Iterator[ClosingRange]:
    """Every register with sealed closings in the period, by id."""
    since, after = bounds(period, timezone)
    until = after - timedelta(microseconds=1)
    registers = (
        select(CLOSING.c.register)
        .distinct()
        .where(
            CLOSING.c.taxpayer == taxpayer,
            CLOSING.c.is_sealed == 1,
            CLOSING.c.until.between(micros_z(since), micros_z(until)),
        )
        .order_by(CLOSING.c.register)
    )
    for register in tx.scalars(registers).all():
        yield ClosingRange(register=register, since=since, until=until)


def bounds(period: Period, timezone: str) -> tuple[datetime, datetime]:
    """The period's first instant, and the first one after it."""
    begin = datetime.combine(period.first, time.min, zone(timezone))
    return begin, datetime.combine(period.last + timedelta(days=1), time.min, zone(timezone))


def _covered(
    tx: Connection, closing: EntryBody, progress: Callable[[], None]
) -> Iterator[BodyExtract]:
    assert closing.closing is not None, "a closing says what it counted"
    for document in closings.covered(tx, closing):
        progress()
        yield document


def _origin(tx: Connection, record: str) -> DocumentOrigin | None:
    """Where a document is found that another one refers to."""
    body = read.body(tx, record)
    if body is None:
        return None
    return DocumentOrigin(intent=body.intent, closing=closings.covering(tx, record))


def stated_taxpayer(tx: Connection, taxpayer: str) -> Taxpayer:
    """The taxpayer as the journal states it last: files are written from this, never from a row."""
    return _content(_stated(tx, taxpayer)[-1])


def _as_it_was(tx: Connection, taxpayer: str, period: Period, timezone: str) -> Taxpayer:
    """The taxpayer's last version of the period, or its first one if it came later."""
    end = micros_z(datetime.combine(period.last, time.max, zone(timezone)))
    known = _stated(tx, taxpayer)
    past = [row for row in known if row["updated_at"] <= end]
    return _content((past or known[:1])[-1])


def _stated(tx: Connection, taxpayer: str) -> list[dict[str, Any]]:
    return list(versions.rows(tx, StatementKind.TAXPAYER, taxpayer))


def _content(row: Mapping[str, Any]) -> Taxpayer:
    return msgspec.json.decode(row["content"], type=Taxpayer)
