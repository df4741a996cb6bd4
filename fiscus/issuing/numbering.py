"""Gapless numbers: a number is taken when its seal is written, never before."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, func, select

from fiscus.journal import encode
from fiscus.model.faults import Code, Unavailable
from fiscus.model.kinds import StatementKind
from fiscus.model.records import EntryBody, Seal, Series, Slot
from fiscus.model.times import instant, micros_z
from fiscus.registry import series as registered
from fiscus.registry.series import SeriesState, StatedSeries
from fiscus.store.schema import ENTRY, SERIES

NOT_STATED = Code(
    "ISSUE-SERIES-07",
    "the row of this series is not what the journal states: somebody has changed the database; "
    "nothing is numbered in it until `fiscus verify` finds nothing wrong any more",
)

AsStated = Callable[[Connection, str, str], StatedSeries | None]
"""What the journal states of the series with this id, whose row names an entry by this link."""


class SeriesEnd(NamedTuple):
    """The last number of a series, what its next document signs, and the record with that number
    (empty: none here)."""

    number: int
    carried: str
    last_record: str


class SeriesHead(msgspec.Struct, kw_only=True):
    """Where a series ends, held under its lock while a group of documents is made; `link` is of the
    entry that states it. `is_stated`: its row is what that entry says; `is_active`: by its row it
    has not ended."""

    series: Series
    number: int
    carried: str
    last_record: str
    last_day: date | None
    last_at: datetime | None
    opened_on: date | None = None
    link: str = ""
    is_stated: bool = True
    is_active: bool = True

    @property
    def end(self) -> SeriesEnd:
        return SeriesEnd(self.number, self.carried, self.last_record)

    def expect_stated(self) -> None:
        """Its code is printed on documents: nothing but the journal may say which one it is. Raises
        `Unavailable`."""
        if not self.is_stated:
            raise Unavailable(NOT_STATED, f"{self.series.document_type} {self.series.name}")

    def slot(self) -> Slot:
        """The next place, for the law to look at."""
        return Slot(
            series=self.series,
            number=self.number + 1,
            carried=self.carried,
            last_record=self.last_record,
            last_day=self.last_day,
            last_at=self.last_at,
            opened_on=self.opened_on,
        )

    def advance(self, body: EntryBody, seal: Seal) -> None:
        """The next place is taken by this document."""
        assert body.numbered is not None
        assert body.numbered.number == self.number + 1
        assert body.numbered.previous == self.last_record
        self.number += 1
        self.carried = seal.carry
        self.last_record = body.id
        self.last_day = seal.day
        self.last_at = seal.entered


_ANY = SERIES.alias("any_series")
_LOCK = (
    select(
        SERIES,
        select(func.max(_ANY.c.last_at))
        .where(_ANY.c.taxpayer == SERIES.c.taxpayer)
        .scalar_subquery()
        .label("latest"),
    )
    .where(SERIES.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(SERIES.c.id)
    .with_for_update(of=SERIES)
)


def _read_stated(tx: Connection, id_: str, _: str) -> StatedSeries | None:
    return registered.stated(tx, id_)


def lock(
    tx: Connection, ids: Collection[str], as_stated: AsStated = _read_stated
) -> tuple[dict[str, SeriesHead], dict[str, datetime]]:
    """The heads of these series by id, locked in one order everywhere; and when the last document
    of each taxpayer concerned was entered, in any series."""
    heads: dict[str, SeriesHead] = {}
    latest: dict[str, datetime] = {}
    for row in tx.execute(_LOCK, {"ids": list(ids)}) if ids else ():
        series = Series(
            id=row.id,
            taxpayer=row.taxpayer,
            document_type=row.document_type,
            name=row.name,
            is_training=bool(row.is_training),
            validation_code=row.validation_code,
        )
        stated = as_stated(tx, row.id, row.link or "")
        heads[row.id] = SeriesHead(
            series=series,
            number=row.number,
            carried=row.carried,
            last_record=row.last_record,
            last_day=date.fromisoformat(row.last_day) if row.last_day else None,
            last_at=instant(row.last_at) if row.last_at else None,
            opened_on=stated.opened_on if stated else None,
            link=row.link or "",
            is_active=row.state not in registered.ENDED,
            is_stated=stated is not None
            and (stated.state, stated.link) == (SeriesState.ACTIVE, row.link)
            and stated.series == series,
        )
        if row.latest:
            latest[row.taxpayer] = instant(row.latest)
    return heads, latest


def hold(tx: Connection, heads: Iterable[SeriesHead], written: Mapping[str, SeriesEnd]) -> None:
    """Hold the counters against the entries that they were counted by: whoever changes a row could
    leave numbers out, or have the law's signature made over something else. `written` are the ends
    that this process wrote itself, which need not be read again."""
    for head in heads:
        if head.is_stated and written.get(head.series.id) != head.end:
            head.is_stated = head.end == _counted(tx, head)


def _counted(tx: Connection, head: SeriesHead) -> SeriesEnd:
    """Where the series ends, as the entry says that its row names."""
    query = select(ENTRY.c.kind, ENTRY.c.body).where(ENTRY.c.id == head.last_record)
    if not head.last_record:
        return _begun(tx, head.series.id)
    row = tx.execute(query.where(ENTRY.c.series == head.series.id)).one_or_none()
    body = encode.decode(row.kind, row.body) if row else None
    if body is None or body.numbered is None or body.seal is None:
        return SeriesEnd(0, "", "")
    return SeriesEnd(body.numbered.number, body.seal.carry, body.id)


def _begun(tx: Connection, id_: str) -> SeriesEnd:
    """Where a series begins here: after what was counted elsewhere, if it was adopted."""
    query = select(ENTRY.c.kind, ENTRY.c.body).where(
        ENTRY.c.thing == id_, ENTRY.c.kind == StatementKind.ADOPTION
    )
    row = tx.execute(query.order_by(ENTRY.c.at.desc()).limit(1)).one_or_none()
    said = encode.statement(row.kind, row.body).adoption if row else None
    return SeriesEnd(said["last_number"], said["last_hash"], "") if said else SeriesEnd(0, "", "")


_ADVANCE = (
    SERIES.update()
    .where(SERIES.c.id == bindparam("of"))
    .values(
        number=bindparam("to"),
        carried=bindparam("with_carry"),
        last_record=bindparam("record"),
        last_day=bindparam("on_day"),
        last_at=bindparam("when"),
    )
)


def write(tx: Connection, heads: Collection[SeriesHead]) -> None:
    """Write the heads that have moved."""
    rows = [
        {
            "of": head.series.id,
            "to": head.number,
            "with_carry": head.carried,
            "record": head.last_record,
            "on_day": head.last_day.isoformat() if head.last_day else None,
            "when": micros_z(head.last_at) if head.last_at else None,
        }
        for head in heads
    ]
    if rows:
        tx.execute(_ADVANCE, rows)
