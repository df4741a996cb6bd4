"""Idempotency keys: a key is claimed in the transaction that does the work, and has one answer."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, select

from fiscus.model.faults import (
    Code,
    Conflict,
    Corrupt,
    Fault,
    Missing,
    Refused,
    Trouble,
)
from fiscus.model.orders import IdempotencyKey
from fiscus.model.times import micros_z
from fiscus.store.insert import insert_many
from fiscus.store.schema import CLAIM

KEY_REUSED = Code("ISSUE-KEY-01", "this idempotency key was used with a different request")

NOT_STATED = Code(
    "ISSUE-KEY-03",
    "the row of this idempotency key leads to another record than the journal states: somebody has "
    "changed the database; nobody is answered from it until `fiscus verify` finds nothing wrong",
)

LIFE = timedelta(hours=24)
"""How long an answer is kept that left no record. Keys of records never expire."""


class ClaimedKey(msgspec.Struct, frozen=True, kw_only=True):
    """A claim as it stands: ours to answer, or answered before."""

    is_ours: bool
    digest: str
    entry: str
    metadata: str
    status: int
    answer: str


# Locked, so that of two processes that find the same expired key only one takes it over.
_HELD = (
    select(
        CLAIM.c.scope,
        CLAIM.c.key,
        CLAIM.c.digest,
        CLAIM.c.taker,
        CLAIM.c.expires_at,
        CLAIM.c.entry,
        CLAIM.c.metadata,
        CLAIM.c.status,
        CLAIM.c.answer,
    )
    .where(
        CLAIM.c.scope.in_(bindparam("scopes", expanding=True)),
        CLAIM.c.key.in_(bindparam("keys", expanding=True)),
    )
    .order_by(CLAIM.c.scope, CLAIM.c.key)
    .with_for_update()
)


def take(
    tx: Connection,
    claims: Sequence[tuple[IdempotencyKey, str]],
    at: datetime,
    expires: datetime | None,
) -> dict[tuple[str, str], ClaimedKey]:
    """Claim keys, each for a taker's id; the answer tells by (scope, key) who holds it.

    On PostgreSQL this waits for another process that is working on the same key; keys are taken
    in one order everywhere, so two groups never wait for each other.
    """
    wanted = {(claim.scope, claim.key): (claim, taker) for claim, taker in reversed(claims)}
    now = micros_z(at)
    until = micros_z(expires) if expires else None
    rows = [_row(claim, taker, now, until) for _, (claim, taker) in sorted(wanted.items())]
    if insert_many(tx, CLAIM, rows, once=True) == len(rows):
        return {place: _ours(*one) for place, one in wanted.items()}
    held = tx.execute(
        _HELD,
        {"scopes": list({scope for scope, _ in wanted}), "keys": [key for _, key in wanted]},
    )
    return {
        (row.scope, row.key): _taken(tx, row, wanted[row.scope, row.key], now)
        for row in held
        if (row.scope, row.key) in wanted
    }


def bound(claim: IdempotencyKey, entry: str) -> str:
    """What the entry that answers a key says of the key's row (docs/journal-format.md, section 6),
    so that no row can be led to another entry."""
    said = (claim.scope, claim.key, claim.digest, entry, claim.metadata or None)
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()


def is_same_key(one: IdempotencyKey, other: IdempotencyKey) -> bool:
    return (one.scope, one.key, one.digest) == (other.scope, other.key, other.digest)


def is_taken(tx: Connection, claim: IdempotencyKey) -> bool:
    """Whether the key was used before, answered or not."""
    used = select(CLAIM.c.key).where(CLAIM.c.scope == claim.scope, CLAIM.c.key == claim.key)
    return tx.execute(used).one_or_none() is not None


def untried(tx: Connection, claim: IdempotencyKey) -> IdempotencyKey:
    """A claim with a key of ours that several requests share, with a number behind it once it was
    refused: the next request is not answered with the refusal of another one."""
    tried, numbers = claim, count(2)
    while _is_refused(tx, tried):
        tried = msgspec.structs.replace(claim, key=f"{claim.key}:{next(numbers)}")
    return tried


def _is_refused(tx: Connection, claim: IdempotencyKey) -> bool:
    left_none = select(CLAIM.c.key).where(
        CLAIM.c.scope == claim.scope,
        CLAIM.c.key == claim.key,
        CLAIM.c.entry.is_(None),
        CLAIM.c.status.is_not(None),
    )
    return tx.execute(left_none).one_or_none() is not None


def _row(claim: IdempotencyKey, taker: str, now: str, until: str | None) -> tuple[object, ...]:
    """The claim as a row, in the order of the table's columns. A claim that expires is one for an
    answer; the others are for the record that will have the taker's id."""
    entry = None if until else taker
    metadata = claim.metadata or None
    return (claim.scope, claim.key, claim.digest, taker, now, until, entry, metadata, None, None)


def _ours(claim: IdempotencyKey, taker: str) -> ClaimedKey:
    return ClaimedKey(
        is_ours=True, digest=claim.digest, entry=taker, metadata="", status=0, answer=""
    )


def _taken(tx: Connection, row: Any, wanted: tuple[IdempotencyKey, str], now: str) -> ClaimedKey:
    claim, taker = wanted
    if row.taker != taker and row.expires_at is not None and row.expires_at <= now:
        _take_over(tx, claim, taker, now)
        return _ours(claim, taker)
    return ClaimedKey(
        is_ours=row.taker == taker,
        digest=row.digest,
        entry=row.entry or "",
        metadata=row.metadata or "",
        status=row.status or 0,
        answer=row.answer or "",
    )


def _take_over(tx: Connection, claim: IdempotencyKey, taker: str, now: str) -> None:
    """An expired key is free again."""
    tx.execute(
        CLAIM.update()
        .where(CLAIM.c.scope == claim.scope, CLAIM.c.key == claim.key)
        .values(
            digest=claim.digest,
            taker=taker,
            created_at=now,
            expires_at=None,
            entry=taker,
            metadata=claim.metadata or None,
            status=None,
            answer=None,
        )
    )


_SETTLE = (
    CLAIM.update()
    .where(CLAIM.c.scope == bindparam("of"), CLAIM.c.key == bindparam("with_key"))
    .values(
        entry=None,
        status=bindparam("with_status"),
        answer=bindparam("with_answer"),
        expires_at=bindparam("until"),
    )
)


def settle(
    tx: Connection, claim: IdempotencyKey, *, status: int, answer: str, until: datetime
) -> None:
    """Keep the answer to a claim that left no record. Status 0: the answer is a trouble."""
    tx.execute(
        _SETTLE,
        {
            "of": claim.scope,
            "with_key": claim.key,
            "with_status": status,
            "with_answer": answer,
            "until": micros_z(until),
        },
    )


def release(tx: Connection, claim: IdempotencyKey) -> None:
    """Release a claim: the request was not answered and may come again."""
    tx.execute(CLAIM.delete().where(CLAIM.c.scope == claim.scope, CLAIM.c.key == claim.key))


def sweep(tx: Connection, at: datetime) -> int:
    """Forget answers that have expired; gives their number."""
    return tx.execute(CLAIM.delete().where(CLAIM.c.expires_at <= micros_z(at))).rowcount


class _StoredTrouble(msgspec.Struct):
    """A trouble as a row keeps it. Its member names are stored: they never change."""

    kind: str
    code: str
    text: str
    paths: tuple[str, ...]
    faults: tuple[Fault, ...]


_KINDS: dict[str, type[Trouble]] = {
    kind.__name__: kind for kind in (Refused, Conflict, Missing, Corrupt)
}


def written(trouble: Trouble) -> str:
    """A trouble as text, for the claim it answers."""
    return msgspec.json.encode(
        _StoredTrouble(
            kind=type(trouble).__name__,
            code=trouble.code.id,
            text=trouble.code.text,
            paths=trouble.paths,
            faults=trouble.faults,
        )
    ).decode()


def read_back(answer: str) -> Trouble:
    kept = msgspec.json.decode(answer, type=_StoredTrouble)
    return _KINDS[kept.kind](Code(kept.code, kept.text), *kept.paths, faults=kept.faults)
