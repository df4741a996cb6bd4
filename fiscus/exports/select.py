"""What an export is made of: a taxpayer as it was, a period, a stream of its sealed documents."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, time

import msgspec
from sqlalchemy import Connection, func, select

from fiscus import regimes
from fiscus.formats import Issued, Selection
from fiscus.journal import read
from fiscus.model.places import Taxpayer
from fiscus.model.times import Period, micros_z, zone
from fiscus.store.schema import TAXPAYER, VERSION


def selection(
    tx: Connection,
    taxpayer: str,
    period: Period,
    *,
    settings: Mapping[str, Mapping[str, str]],
    at: datetime,
    progress: Callable[[], None],
) -> Selection:
    """Everything a format needs. `progress` is called for each document that streams by."""
    regime = regimes.find(
        tx.execute(select(TAXPAYER.c.regime).where(TAXPAYER.c.id == taxpayer)).scalar_one()
    )

    def records() -> Iterator[Issued]:
        for body, void in read.sealed(tx, taxpayer, period):
            progress()
            yield Issued(body=body, void=void)

    return Selection(
        taxpayer=_as_it_was(tx, taxpayer, period, regime.timezone),
        period=period,
        records=records,
        settings=settings.get(regime.code, {}),
        timezone=regime.timezone,
        written_at=at,
    )


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
