"""Gapless counters: where the law wants it, registered with an authority first, and ended there."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, Update, bindparam, func, or_, select

from fiscus.journal import encode
from fiscus.model.kinds import StatementKind
from fiscus.model.records import Series, SeriesPurpose, SeriesWanted
from fiscus.model.times import instant, micros_z
from fiscus.registry import stating
from fiscus.store.insert import insert_once
from fiscus.store.schema import ENTRY, SERIES, TAXPAYER


class SeriesState(StrEnum):
    """Wanted: nobody has asked the authority, or it has said no. Asked: what it did with the
    question is not known yet. Only an active series, with the authority's code, may number.
    Finishing, cancelling: it takes no more documents, and the authority does not know so yet, as
    far as we know. Finished: closed for good after its last number; cancelled: its registration
    was undone, because it was never used."""

    WANTED = "wanted"
    ASKED = "asked"
    ACTIVE = "active"
    FINISHING = "finishing"
    FINISHED = "finished"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"


MOVES: dict[SeriesState, frozenset[SeriesState]] = {
    SeriesState.WANTED: frozenset({SeriesState.ASKED, SeriesState.ACTIVE}),
    SeriesState.ASKED: frozenset({SeriesState.WANTED, SeriesState.ACTIVE}),
    SeriesState.ACTIVE: frozenset({SeriesState.FINISHING, SeriesState.CANCELLING}),
    # Somebody may end it otherwise on the authority's own pages; what was never used and may not
    # be cancelled any more goes on.
    SeriesState.FINISHING: frozenset({SeriesState.FINISHED, SeriesState.CANCELLED}),
    SeriesState.CANCELLING: frozenset(
        {SeriesState.CANCELLED, SeriesState.FINISHED, SeriesState.ACTIVE}
    ),
    SeriesState.FINISHED: frozenset(),
    SeriesState.CANCELLED: frozenset(),
}

ENDING = frozenset({SeriesState.FINISHING, SeriesState.CANCELLING})
"""The authority is to hear of its end."""

ENDED = ENDING | {SeriesState.FINISHED, SeriesState.CANCELLED}
"""It takes no more documents."""

OPEN_QUESTIONS = ENDING | {SeriesState.ASKED}
"""Something was begun with the authority, and it is not known to be done."""


class SeriesWish(msgspec.Struct, frozen=True, kw_only=True):
    """Who wants which series, and where. `owner` is what the counter belongs to: the tax number
    where the law counts by it (`regimes.sole_number`), else the taxpayer."""

    owner: str
    taxpayer: str
    location: str
    wanted: SeriesWanted


class StatedSeries(msgspec.Struct, frozen=True, kw_only=True):
    """A series as the journal states it, by the entry with that `link`. `opened_on` is the day told
    to the authority; where there is none, the day on which it was asked for."""

    series: Series
    state: SeriesState
    opened_on: date
    link: str


class SeriesView(msgspec.Struct, frozen=True, kw_only=True):
    """A row as it stands. `number` and `carried` are what its last document left, `last_at` when
    that was entered, `last_record` its id. `registered_on` is a local date, None where nobody knows
    it; `last_told` the last number as the authority is told; `ordered_at` since
    when it takes no more documents, `ended_at` since when the authority has it so. `said` is what
    stands against what was begun, since `said_at`, after so many `attempts`.
    """

    series: Series
    state: SeriesState
    owner: str
    location: str
    number: int
    carried: str
    created_at: datetime
    asked_at: datetime | None
    starts_on: date | None
    held_until: datetime | None
    purpose: SeriesPurpose = SeriesPurpose.NORMAL
    last_at: datetime | None = None
    last_record: str = ""
    registered_on: date | None = None
    last_told: int | None = None
    ordered_at: datetime | None = None
    ended_at: datetime | None = None
    said: str = ""
    said_at: datetime | None = None
    attempts: int = 0

    def serves(self, wish: SeriesWish) -> bool:
        """Whether it may number for that taxpayer there. Where the law counts by tax number, a
        series belongs to one taxpayer and to the first location that uses it."""
        if self.owner == self.series.taxpayer:
            return self.owner == wish.taxpayer
        mine = self.series.taxpayer, self.location, self.purpose
        return mine == (wish.taxpayer, wish.location, wish.wanted.purpose)


def find(tx: Connection, owner: str, wanted: SeriesWanted) -> SeriesView | None:
    row = tx.execute(
        select(SERIES).where(
            SERIES.c.owner == owner,
            SERIES.c.document_type == wanted.document_type,
            SERIES.c.folded == wanted.name.casefold(),
        )
    ).one_or_none()
    return None if row is None else view_of(row)


_NEWEST = (
    select(ENTRY.c.kind, ENTRY.c.body, ENTRY.c.link)
    .where(
        ENTRY.c.thing == bindparam("thing"),
        ENTRY.c.kind.in_([StatementKind.SERIES.value, StatementKind.ADOPTION.value]),
    )
    # Not by sequence alone: a later taxpayer of the tax number, who adopts it, has another chain.
    # At one instant an adoption comes last: it is never followed by another state.
    .order_by(ENTRY.c.at.desc(), ENTRY.c.kind, ENTRY.c.sequence.desc())
    .limit(1)
)


def stated(tx: Connection, id_: str) -> StatedSeries | None:
    """What the journal says last of a series; None: nothing."""
    found = tx.execute(_NEWEST, {"thing": id_}).one_or_none()
    row = encode.statement(found.kind, found.body).rows[0].row if found else None
    if found is None or row is None:
        return None
    said = msgspec.convert(row, _StatedRow)
    return StatedSeries(
        series=Series(
            id=said.id,
            taxpayer=said.taxpayer,
            document_type=said.document_type,
            name=said.name,
            is_training=bool(said.is_training),
            validation_code=said.validation_code,
        ),
        state=said.state,
        opened_on=said.starts_on or said.created_at.date(),
        link=found.link,
    )


class _StatedRow(msgspec.Struct, frozen=True, kw_only=True):
    """The columns of the row that numbering needs."""

    id: str
    taxpayer: str
    document_type: str
    name: str
    is_training: int
    validation_code: str
    state: SeriesState
    created_at: datetime
    starts_on: date | None


def by_id(tx: Connection, id_: str) -> SeriesView | None:
    row = tx.execute(select(SERIES).where(SERIES.c.id == id_)).one_or_none()
    return None if row is None else view_of(row)


def of(tx: Connection, taxpayer: str) -> list[SeriesView]:
    """All series of a taxpayer, those that were refused too."""
    query = select(SERIES).where(SERIES.c.taxpayer == taxpayer)
    rows = tx.execute(query.order_by(SERIES.c.document_type, SERIES.c.folded))
    return [view_of(row) for row in rows]


def view_of(row: Any) -> SeriesView:
    """A row of the table, whole."""
    return SeriesView(
        series=Series(
            id=row.id,
            taxpayer=row.taxpayer,
            document_type=row.document_type,
            name=row.name,
            is_training=bool(row.is_training),
            validation_code=row.validation_code,
        ),
        state=SeriesState(row.state),
        owner=row.owner,
        location=row.location,
        number=row.number,
        carried=row.carried,
        created_at=instant(row.created_at),
        asked_at=instant(row.asked_at) if row.asked_at else None,
        starts_on=date.fromisoformat(row.starts_on) if row.starts_on else None,
        held_until=instant(row.held_until) if row.held_until else None,
        purpose=_purpose(row),
        last_at=instant(row.last_at) if row.last_at else None,
        last_record=row.last_record,
        registered_on=date.fromisoformat(row.registered_on) if row.registered_on else None,
        last_told=row.last_told,
        ordered_at=instant(row.ordered_at) if row.ordered_at else None,
        ended_at=instant(row.ended_at) if row.ended_at else None,
        said=row.said or "",
        said_at=instant(row.said_at) if row.said_at else None,
        attempts=row.attempts or 0,
    )


def _purpose(row: Any) -> SeriesPurpose:
    """A row of before says only whether it is for training."""
    if row.purpose:
        return SeriesPurpose(row.purpose)
    return SeriesPurpose.TRAINING if row.is_training else SeriesPurpose.NORMAL


def want(
    tx: Connection,
    id_: str,
    wish: SeriesWish,
    at: datetime,
    by: str = stating.SERVICE,
    starts_on: date | None = None,
) -> None:
    """Note that a series is needed, before anybody outside is asked; `starts_on`: from that day on.
    Twice is once."""
    made = tx.execute(
        insert_once(tx, SERIES),
        {
            "id": id_,
            "owner": wish.owner,
            "document_type": wish.wanted.document_type,
            "state": SeriesState.WANTED,
            "validation_code": "",
            "number": 0,
            "carried": "",
            "last_record": "",
            "created_at": micros_z(at),
            "starts_on": starts_on.isoformat() if starts_on else None,
            **_who(wish),
        },
    )
    if made.rowcount:
        _state(tx, id_, by=by)


def want_otherwise(
    tx: Connection, id_: str, wish: SeriesWish, starts_on: date, by: str = stating.SERVICE
) -> bool:
    """What is wanted, said anew; False if the authority has been asked meanwhile."""
    said = {"starts_on": starts_on.isoformat(), **_who(wish)}
    return _moved(tx, id_, _of(id_, SeriesState.WANTED).values(said), by=by)


def _state(tx: Connection, id_: str, **members: Any) -> None:
    """In the chain of the organization whose taxpayer has the series."""
    owner = select(TAXPAYER.c.organization).join(SERIES, SERIES.c.taxpayer == TAXPAYER.c.id)
    organization: str = tx.execute(owner.where(SERIES.c.id == id_)).scalar_one()
    kind = StatementKind.ADOPTION if "adoption" in members else StatementKind.SERIES
    stating.state(tx, kind, SERIES, id_, organization=organization, **members)


def _who(wish: SeriesWish) -> dict[str, object]:
    return {
        "taxpayer": wish.taxpayer,
        "location": wish.location,
        "name": wish.wanted.name,
        "folded": wish.wanted.name.casefold(),
        "is_training": int(wish.wanted.is_training),
        "purpose": wish.wanted.purpose,
    }


def ask(
    tx: Connection,
    id_: str,
    wish: SeriesWish,
    *,
    holder: str,
    starts_on: date,
    at: datetime,
    until: datetime,
) -> bool:
    """Note, before it is sent, that the authority will be asked for this series; False if another
    process was faster. Until then any process may take the row."""
    held = {"holder": holder, "held_until": micros_z(until), "asked_at": micros_z(at)}
    return _moved(
        tx,
        id_,
        _of(id_, SeriesState.WANTED).values(
            state=SeriesState.ASKED, starts_on=starts_on.isoformat(), **held, **_who(wish)
        ),
    )


def take(tx: Connection, id_: str, *, holder: str, at: datetime, until: datetime) -> bool:
    """Take over from a process that has lost the authority's answer, or be the first to tell it of
    an end; False if another process was faster, or still waits."""
    is_over = or_(SERIES.c.held_until.is_(None), SERIES.c.held_until <= micros_z(at))
    taken = _of(id_, *OPEN_QUESTIONS).where(is_over)
    held = {"holder": holder, "held_until": micros_z(until)}
    return tx.execute(taken.values(held)).rowcount == 1


def ask_again(tx: Connection, id_: str, *, holder: str, starts_on: date, until: datetime) -> bool:
    """The same question once more, with another first day. False if it is not the holder's."""
    return _moved(
        tx,
        id_,
        _of(id_, SeriesState.ASKED)
        .where(SERIES.c.holder == holder)
        .values(starts_on=starts_on.isoformat(), held_until=micros_z(until)),
    )


def lose(tx: Connection, id_: str, *, holder: str) -> None:
    """The holder has no answer: the next process may go on at once."""
    tx.execute(
        _of(id_, *OPEN_QUESTIONS)
        .where(SERIES.c.holder == holder)
        .values(holder=None, held_until=None)
    )


def note(tx: Connection, id_: str, said: str, at: datetime) -> int:
    """What stands against what was begun, in words; gives how often it was tried."""
    tried = func.coalesce(SERIES.c.attempts, 0) + 1
    noted = {"said": said[:SAID_MAX], "said_at": micros_z(at), "attempts": tried}
    tx.execute(SERIES.update().where(SERIES.c.id == id_).values(noted))
    return tx.scalar(select(SERIES.c.attempts).where(SERIES.c.id == id_)) or 1


def give_up(tx: Connection, id_: str, *, holder: str) -> bool:
    """The authority has said no: no answer is outstanding. False if it is not the holder's."""
    return _moved(
        tx,
        id_,
        _of(id_, SeriesState.ASKED)
        .where(SERIES.c.holder == holder)
        .values(state=SeriesState.WANTED, **{**_NOTHING_ASKED, "starts_on": SERIES.c.starts_on}),
    )


def activate(
    tx: Connection, id_: str, validation_code: str, registered_on: date | None = None
) -> None:
    """The authority has registered it (or none needs to): it may number from now on."""
    _moved(
        tx,
        id_,
        _of(id_, SeriesState.WANTED, SeriesState.ASKED).values(
            state=SeriesState.ACTIVE,
            validation_code=validation_code,
            registered_on=registered_on.isoformat() if registered_on else None,
            **_SETTLED,
        ),
    )


def order_end(
    tx: Connection, id_: str, to: SeriesState, *, at: datetime, by: str = stating.SERVICE
) -> bool:
    """It takes no more documents from now on, and the authority will be told: that it is finished
    with the last number there is now, or cancelled, which it may be without any. False if it is
    not active, or has the wrong number of documents. Waits for documents that are being made."""
    assert to in ENDING
    is_fit = SERIES.c.number == 0 if to is SeriesState.CANCELLING else SERIES.c.number > 0
    return _moved(
        tx,
        id_,
        _of(id_, SeriesState.ACTIVE)
        .where(is_fit)
        .values(
            {**_SETTLED, "state": to, "last_told": SERIES.c.number, "ordered_at": micros_z(at)}
        ),
        by=by,
    )


def end(
    tx: Connection,
    id_: str,
    to: SeriesState,
    *,
    holder: str,
    at: datetime,
    said: str = "",
) -> bool:
    """The authority has it so since `at`; `said`: what is strange about it. False if it is not the
    holder's."""
    noted = {"said": said[:SAID_MAX], "said_at": micros_z(at)} if said else {}
    return _moved(
        tx,
        id_,
        _of(id_, *ENDING)
        .where(SERIES.c.holder == holder)
        .values({**_SETTLED, "state": to, "ended_at": micros_z(at), **noted}),
    )


def resume(tx: Connection, id_: str, *, holder: str) -> bool:
    """The authority does not cancel it: it goes on. False if it is not the holder's."""
    moved = {"state": SeriesState.ACTIVE, "last_told": None, "ordered_at": None}
    return _moved(
        tx,
        id_,
        _of(id_, SeriesState.CANCELLING)
        .where(SERIES.c.holder == holder)
        .values({**moved, "holder": None, "held_until": None}),
    )


def adopt(
    tx: Connection,
    now: SeriesView,
    wish: SeriesWish,
    start: Mapping[str, object],
    adoption: Mapping[str, Any],
    by: str,
) -> bool:
    """Let a series that was counted elsewhere be counted here, from what `start` says it has come
    to; `adoption` tells so in the journal. False if it has moved on since it was looked at."""
    return _moved(
        tx,
        now.series.id,
        _of(now.series.id, now.state)
        .where(SERIES.c.taxpayer == now.series.taxpayer, SERIES.c.number == now.number)
        .values(
            {
                **_NOTHING_ASKED,
                **_SETTLED,
                **_who(wish),
                **start,
                "state": SeriesState.ACTIVE,
                "last_record": "",
            }
        ),
        adoption=adoption,
        by=by,
    )


_NOTHING_ASKED = dict.fromkeys(("asked_at", "starts_on", "holder", "held_until"))
_SETTLED = dict.fromkeys(("holder", "held_until", "said", "said_at", "attempts"))
SAID_MAX = 1000


def _of(id_: str, *states: SeriesState) -> Update:
    return SERIES.update().where(SERIES.c.id == id_, SERIES.c.state.in_(states))


def _moved(tx: Connection, id_: str, move: Update, **members: Any) -> bool:
    """Whether the row has moved; then the journal says so."""
    if tx.execute(move).rowcount != 1:
        return False
    _state(tx, id_, **members)
    return True
