"""What an export is made of: a taxpayer as it was, a period, its documents and its closings."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, time, timedelta
from functools import partial

import msgspec
from sqlalchemy import Connection, func, select

from fiscus import regimes
from fiscus.formats import Archive, Issued, Origin, Selection
from fiscus.journal import closings, read
from fiscus.model.extracts import Extract
from fiscus.model.places import Taxpayer
from fiscus.model.records import Body
from fiscus.model.times import Period, micros_z, zone
from fiscus.store.schema import CLOSING, TAXPAYER, VERSION


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """The closings of one register within a window, both ends included."""

    register: str
    since: datetime
    until: datetime


def selection(
    tx: Connection,
    taxpayer: str,
    period: Period,
    *,
    settings: Mapping[str, Mapping[str, str]],
    at: datetime,
    progress: Callable[[], None],
    part: Part | None = None,
    archives: tuple[Archive, ...] = (),
) -> Selection:
    """Everything a format needs. `progress` is called for each document that streams by.

    The closings are those of `part`, else of all the taxpayer's registers in the period.
    """
    regime = regimes.find(
        tx.execute(select(TAXPAYER.c.regime).where(TAXPAYER.c.id == taxpayer)).scalar_one()
    )

    def records() -> Iterator[Issued]:
        for body, void in read.sealed(tx, taxpayer, period):
            progress()
            yield Issued(body=body, void=void)

    def closed() -> Iterator[tuple[Body, Iterator[Extract]]]:
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


def _parts(tx: Connection, taxpayer: str, period: Period, timezone: str) -> Iterator[Part]:
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
        yield Part(register=register, since=since, until=until)


def bounds(period: Period, timezone: str) -> tuple[datetime, datetime]:
    """The period's first instant, and the first one after it."""
    begin = datetime.combine(period.first, time.min, zone(timezone))
    return begin, datetime.combine(period.last + timedelta(days=1), time.min, zone(timezone))


def _covered(tx: Connection, closing: Body, progress: Callable[[], None]) -> Iterator[Extract]:
    assert closing.closing is not None, "a closing says what it counted"
    for document in closings.covered(tx, closing.closing, closing.register):
        progress()
        yield document


def _origin(tx: Connection, record: str) -> Origin | None:
    """Where a document is found that another one refers to."""
    body = read.body(tx, record)
    if body is None:
        return None
    return Origin(intent=body.intent, closing=closings.covering(tx, record))


def _as_it_was(tx: Connection, taxpayer: str, period: Period, timezone: str) -> Taxpayer:
    """The taxpayer's last version of the period, or its first one if it came later."""
    end = datetime.combine(period.last, time.max, zone(timezone))
    mine = (VERSION.c.thing == "taxpayer") & (VERSION.c.id == taxpayer)
    version = tx.scalar(
        select(func.max(VERSION.c.version)).where(mine, VERSION.c.at <= micros_z(end))
    )
    if version is None:
        version = tx.scalar(select(func.min(VERSION.c.version)).where(mine))
    content = tx.execute(
        select(VERSION.c.content).where(mine, VERSION.c.version == version)
    ).scalar_one()
    return msgspec.json.decode(content, type=Taxpayer)
