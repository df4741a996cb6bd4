"""Gapless counters: registered with the authority first, where the law wants that."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, select

from fiscus.model.records import Series, SeriesWanted
from fiscus.model.times import micros_z
from fiscus.store.insert import insert_once
from fiscus.store.schema import SERIES


class State(StrEnum):
    """A series is wanted until the authority has given its code; only then may it number."""

    WANTED = "wanted"
    ACTIVE = "active"


MOVES: dict[State, frozenset[State]] = {
    State.WANTED: frozenset({State.ACTIVE}),
    State.ACTIVE: frozenset(),
}


def find(tx: Connection, taxpayer: str, wanted: SeriesWanted) -> tuple[Series, State] | None:
    row = tx.execute(
        select(SERIES).where(
            SERIES.c.taxpayer == taxpayer,
            SERIES.c.document_type == wanted.document_type,
            SERIES.c.folded == wanted.name.casefold(),
        )
    ).one_or_none()
    if row is None:
        return None
    series = Series(
        id=row.id, taxpayer=row.taxpayer, document_type=row.document_type, name=row.name,
        is_training=bool(row.is_training), validation_code=row.validation_code,
    )  # fmt: skip
    return series, State(row.state)


def want(tx: Connection, id_: str, taxpayer: str, wanted: SeriesWanted, at: datetime) -> None:
    """Note that a series is needed, before anybody outside is asked. Twice is once."""
    tx.execute(
        insert_once(tx, SERIES),
        {
            "id": id_, "taxpayer": taxpayer, "document_type": wanted.document_type,
            "name": wanted.name, "folded": wanted.name.casefold(),
            "is_training": int(wanted.is_training), "state": State.WANTED,
            "validation_code": "", "number": 0, "carried": "", "last_record": "",
            "created_at": micros_z(at),
        },
    )  # fmt: skip


def activate(tx: Connection, id_: str, validation_code: str) -> None:
    """The authority has registered it (or none needs to): it may number from now on."""
    tx.execute(
        SERIES.update()
        .where(SERIES.c.id == id_, SERIES.c.state == State.WANTED)
        .values(state=State.ACTIVE, validation_code=validation_code)
    )
