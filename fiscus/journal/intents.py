"""Intentions, each with what concluded it: how an API family reads its operations."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, func, select

from fiscus.journal import encode
from fiscus.journal.read import present_epoch
from fiscus.model.faults import Code, Missing
from fiscus.model.kinds import SEALED, EntryKind
from fiscus.model.records import EntryBody
from fiscus.store import stream
from fiscus.store.schema import CHAIN, ENTRY

UNKNOWN_INTENT = Code("JOURNAL-INTENT-01", "no intention with this id is visible to you")

LOOKED_AT_MAX = 10_000
"""How many intentions one page looks at, so that a rare filter cannot hold up everybody."""


class IntentionView(msgspec.Struct, frozen=True, kw_only=True):
    """An intention; `kind` and `conclusion` are there once it was concluded."""

    intent: EntryBody
    kind: str = ""
    conclusion: EntryBody | None = None


class IntentionFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which intentions: `since` is included, `until` is not; `kinds` are those of the conclusion,
    none at all: still open. `registers`: only theirs, none: all."""

    organization: str
    location: str = ""
    register: str = ""
    registers: Collection[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    kinds: Collection[EntryKind] | None = None


class IntentionPage(msgspec.Struct, frozen=True, kw_only=True):
    """`stopped_at` is the id behind which to go on, empty if all were looked at."""

    found: tuple[IntentionView, ...]
    stopped_at: str


_end = ENTRY.alias("conclusion")


def one(tx: Connection, organization: str, id_: str) -> IntentionView:
    """The intention of that organization. Raises `Missing`."""
    row = tx.execute(
        _both().where(ENTRY.c.id == id_, ENTRY.c.organization == organization)
    ).one_or_none()
    if row is None:
        raise Missing(UNKNOWN_INTENT)
    return _acted(row)


def page(
    tx: Connection,
    where: IntentionFilter,
    *,
    after: str,
    limit: int,
    keep: Callable[[IntentionView], bool],
) -> IntentionPage:
    """Up to `limit` intentions that `keep` wants, in the order of their ids, after the id
    `after`; fewer if too many had to be looked at."""
    query = _narrowed(_both(), where).where(ENTRY.c.id > after).order_by(ENTRY.c.id)
    found: list[IntentionView] = []
    with stream.some(tx, query.limit(LOOKED_AT_MAX)) as rows:
        for count, row in enumerate(rows, start=1):
            acted = _acted(row)
            if _is_within(acted.intent.at, where) and keep(acted):
                found.append(acted)
            if len(found) == limit or count == LOOKED_AT_MAX:
                return IntentionPage(found=tuple(found), stopped_at=acted.intent.id)
    return IntentionPage(found=tuple(found), stopped_at="")


def _both() -> Select[Any]:
    return (
        select(
            ENTRY.c.kind.label("intent_kind"),
            ENTRY.c.body.label("intent_body"),
            _end.c.kind,
            _end.c.body,
        )
        .join(_end, _end.c.intent == ENTRY.c.id, isouter=True)
        .where(ENTRY.c.kind == EntryKind.INTENT.value)
    )


def _narrowed(query: Select[Any], where: IntentionFilter) -> Select[Any]:
    query = query.where(ENTRY.c.organization == where.organization)
    if where.location:
        query = query.where(ENTRY.c.location == where.location)
    if where.register:
        query = query.where(ENTRY.c.chain == where.register)
    if where.registers:
        query = query.where(ENTRY.c.chain.in_(list(where.registers)))
    # Entries keep their time with or without a fraction, so seconds are compared here, as the
    # beginning of both, and the rest in `_is_within`.
    if where.since is not None:
        query = query.where(ENTRY.c.at >= _second(where.since))
    if where.until is not None:
        query = query.where(ENTRY.c.at < _second(where.until + timedelta(seconds=1)))
    if where.kinds is not None:
        wanted = [kind.value for kind in where.kinds]
        query = query.where(_end.c.kind.in_(wanted) if wanted else _end.c.kind.is_(None))
    return query


def _second(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00")


def _is_within(at: datetime, where: IntentionFilter) -> bool:
    return (where.since is None or at >= where.since) and (where.until is None or at < where.until)


def _acted(row: Row[Any]) -> IntentionView:
    return IntentionView(
        intent=encode.decode(row.intent_kind, row.intent_body),
        kind=row.kind or "",
        conclusion=encode.decode(row.kind, row.body) if row.kind else None,
    )


def open_in_session(
    tx: Connection, register: str, session: str, before: datetime | None = None
) -> list[str]:
    """The intentions that fell into a cash session (before that instant) and nobody concluded yet,
    oldest first. A session has the id of the intention that opened it."""
    began = select(ENTRY.c.sequence).where(ENTRY.c.id == session).scalar_subquery()
    query = (
        _both()
        .where(
            ENTRY.c.chain == register,
            ENTRY.c.epoch == present_epoch(register),
            ENTRY.c.sequence > began,
            _end.c.id.is_(None),
        )
        .order_by(ENTRY.c.sequence)
    )
    found = map(_acted, tx.execute(query))
    return [
        acted.intent.id
        for acted in found
        if acted.intent.session == session and (before is None or acted.intent.at < before)
    ]


def still_open(tx: Connection, register: str) -> list[tuple[str, bool]]:
    """The intentions of a register that nobody concluded, oldest first: id, and whether each is a
    practice."""
    query = (
        select(ENTRY.c.id, ENTRY.c.is_training)
        .join(_end, _end.c.intent == ENTRY.c.id, isouter=True)
        .where(
            ENTRY.c.chain == register,
            ENTRY.c.kind == EntryKind.INTENT.value,
            _end.c.id.is_(None),
        )
        .order_by(ENTRY.c.epoch, ENTRY.c.sequence)
    )
    return [(row.id, bool(row.is_training)) for row in tx.execute(query)]


def waiting(tx: Connection, register: str) -> int:
    """How many concluded intentions of the register no sealed closing covers yet."""
    closed = select(CHAIN.c.closed).where(CHAIN.c.id == register).scalar_subquery()
    query = (
        select(func.count())
        .select_from(ENTRY)
        .where(
            ENTRY.c.chain == register,
            ENTRY.c.epoch == present_epoch(register),
            ENTRY.c.sequence > closed,
            ENTRY.c.kind.in_(sorted(SEALED)),
        )
    )
    return int(tx.execute(query).scalar_one())
