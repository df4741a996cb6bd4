"""Finds the documents and cancellations of a period, each with what covers it in the books."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, select

from fiscus.model.kinds import EntryKind
from fiscus.model.times import Period, micros_z, zone
from fiscus.regimes import Regime
from fiscus.store import stream
from fiscus.store.accounting_schema import ACCOUNTED, ACCOUNTING_ENTRY
from fiscus.store.schema import CHAIN, ENTRY, REGISTER

_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(9998, 12, 31)
"""Nothing was sealed before or will be after, and their instants can be written in any zone."""

_KINDS = (EntryKind.DOCUMENT.value, EntryKind.VOID.value)


def of(tx: Connection, company: str, period: Period, law: Regime) -> Iterator[Row[Any]]:
    """Rows of `entry` with `origin`: the record of which the covering entry was made, None if none
    covers it. Training is left out. The period counts whole days of the law's time zone: the day a
    document was sealed with, and of what has none (a cancellation, cash moved) the day it was
    entered."""
    days = ENTRY.c.day.between(period.first.isoformat(), period.last.isoformat())
    yield from stream.rows(tx, _records().where(ENTRY.c.taxpayer == company, days))
    begin, end = _bounds(period, law.timezone)
    chains = tx.execute(
        select(CHAIN.c.id)
        .join(REGISTER, REGISTER.c.id == CHAIN.c.id)
        .where(REGISTER.c.taxpayer == company)
        .order_by(CHAIN.c.id)
    )
    for chain in chains.scalars().all():
        for epoch, last in _epochs(tx, chain):
            after = _before(tx, chain, epoch, last, begin)
            upto = _before(tx, chain, epoch, last, end)
            if upto > after:
                place = and_(
                    ENTRY.c.chain == chain,
                    ENTRY.c.epoch == epoch,
                    ENTRY.c.sequence > after,
                    ENTRY.c.sequence <= upto,
                )
                yield from stream.rows(tx, _undated(place))


def _records() -> Select[Any]:
    return (
        select(
            *ENTRY.c["id", "chain", "epoch", "sequence", "kind", "body", "refers"],
            ACCOUNTING_ENTRY.c.record.label("origin"),
        )
        .join(ACCOUNTED, ACCOUNTED.c.record == ENTRY.c.id, isouter=True)
        .join(ACCOUNTING_ENTRY, ACCOUNTING_ENTRY.c.id == ACCOUNTED.c.entry, isouter=True)
        .where(ENTRY.c.kind.in_(_KINDS), ENTRY.c.is_training == 0)
    )


def _undated(place: ColumnElement[bool]) -> Select[Any]:
    return _records().where(place, ENTRY.c.day.is_(None)).order_by(ENTRY.c.sequence)


def _bounds(period: Period, timezone: str) -> tuple[str, str]:
    """The first instant of the period, and the first after it, as they are stored."""
    first, last = max(period.first, _FIRST_DAY), min(period.last, _LAST_DAY)
    begin = datetime.combine(first, time.min, zone(timezone))
    end = datetime.combine(last + timedelta(days=1), time.min, zone(timezone))
    return micros_z(begin), micros_z(end)


def _epochs(tx: Connection, chain: str) -> list[tuple[int, int]]:
    """The epochs of a chain, each with its last sequence."""
    present = tx.scalar(select(CHAIN.c.epoch).where(CHAIN.c.id == chain)) or 0
    found = []
    for epoch in range(1, present + 1):
        last = tx.scalar(
            select(ENTRY.c.sequence)
            .where(ENTRY.c.chain == chain, ENTRY.c.epoch == epoch)
            .order_by(ENTRY.c.sequence.desc())
            .limit(1)
        )
        if last:
            found.append((epoch, last))
    return found


def _before(tx: Connection, chain: str, epoch: int, last: int, instant: str) -> int:
    """The last sequence of an epoch that was entered before an instant, 0: none. In a chain time
    never goes back, so a few entries tell, and the others are not read."""
    low, high = 0, last
    while low < high:
        middle = (low + high + 1) // 2
        at = tx.scalar(
            select(ENTRY.c.at).where(
                ENTRY.c.chain == chain, ENTRY.c.epoch == epoch, ENTRY.c.sequence == middle
            )
        )
        if at is not None and at < instant:
            low = middle
        else:
            high = middle - 1
    return low
