"""Gapless numbers: a number is taken when its seal is written, never before."""

from collections.abc import Collection
from datetime import date, datetime

import msgspec
from sqlalchemy import Connection, bindparam, func, select

from fiscus.model.records import Body, Seal, Series, Slot
from fiscus.model.times import instant, micros_z
from fiscus.store.schema import SERIES


class Head(msgspec.Struct, kw_only=True):
    """Where a series ends, held under its lock while a group of documents is made."""

    series: Series
    number: int
    carried: str
    last_record: str
    last_day: date | None
    last_at: datetime | None

    def slot(self) -> Slot:
        """The next place, for the law to look at."""
        return Slot(
            series=self.series,
            number=self.number + 1,
            carried=self.carried,
            last_record=self.last_record,
            last_day=self.last_day,
            last_at=self.last_at,
        )

    def advance(self, body: Body, seal: Seal) -> None:
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


def lock(tx: Connection, ids: Collection[str]) -> tuple[dict[str, Head], dict[str, datetime]]:
    """The heads of these series by id, locked in one order everywhere; and when the last document
    of each taxpayer concerned was entered, in any series."""
    heads: dict[str, Head] = {}
    latest: dict[str, datetime] = {}
    for row in tx.execute(_LOCK, {"ids": list(ids)}) if ids else ():
        heads[row.id] = Head(
            series=Series(
                id=row.id,
                taxpayer=row.taxpayer,
                document_type=row.document_type,
                name=row.name,
                is_training=bool(row.is_training),
                validation_code=row.validation_code,
            ),
            number=row.number,
            carried=row.carried,
            last_record=row.last_record,
            last_day=date.fromisoformat(row.last_day) if row.last_day else None,
            last_at=instant(row.last_at) if row.last_at else None,
        )
        if row.latest:
            latest[row.taxpayer] = instant(row.latest)
    return heads, latest


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


def write(tx: Connection, heads: Collection[Head]) -> None:
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
