"""One key, one answer: what a write answered is kept under its idempotency key and replayed."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import datetime

import msgspec
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from fiscus.api.http import House
from fiscus.issuing import claims
from fiscus.model.faults import Conflict, Trouble, Unavailable
from fiscus.model.orders import Claim
from fiscus.store.connect import BUSY, writing


class Kept(msgspec.Struct, frozen=True):
    """An answer as given: its JSON body and the headers that belong to it."""

    status: int
    body: bytes
    headers: dict[str, str] = {}


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """`trouble` is there if the answer was made now and is an error."""

    kept: Kept
    is_replay: bool = False
    trouble: Trouble | None = None


class _Stored(msgspec.Struct):
    body: msgspec.Raw
    headers: dict[str, str]


def once(
    house: House,
    claim: Claim,
    *,
    taker: str,
    at: datetime,
    do: Callable[[Connection], Kept],
    refused: Callable[[Trouble], Kept],
) -> Outcome:
    """Do it and keep the answer under its key, in one transaction; or give the kept answer.

    Errors of the handler are answers too (`refused` puts them into the family's words): after
    mending the cause a new key is needed. What is only `Unavailable` is raised and not kept.
    """
    with writing(house.engine) as tx:
        until = at + claims.LIFE
        taken = claims.take(tx, [(claim, taker)], at, until)[claim.scope, claim.key]
        if taken.digest != claim.digest:
            raise Conflict(claims.KEY_REUSED)
        if not taken.is_ours:
            return Outcome(kept=_opened(house, tx, claim, taken), is_replay=True)
        outcome = _tried(tx, do, refused)
        answer = _closed(house, tx, claim, outcome.kept)
        claims.settle(tx, claim, status=outcome.kept.status, answer=answer, until=until)
    return outcome


def _tried(
    tx: Connection, do: Callable[[Connection], Kept], refused: Callable[[Trouble], Kept]
) -> Outcome:
    try:
        with tx.begin_nested():
            return Outcome(kept=do(tx))
    except IntegrityError as error:
        # Somebody else changed the same thing at the same moment, and was faster.
        raise Unavailable(BUSY) from error
    except Unavailable:
        raise
    except Trouble as trouble:
        return Outcome(kept=refused(trouble), trouble=trouble)


def _closed(house: House, tx: Connection, claim: Claim, kept: Kept) -> str:
    """Encrypted: an answer may hold a secret that is shown once."""
    stored = msgspec.json.encode(_Stored(msgspec.Raw(kept.body), kept.headers))
    return b64encode(house.vault.close(tx, claim.scope, _name(claim), stored)).decode("ascii")


def _opened(house: House, tx: Connection, claim: Claim, taken: claims.Taken) -> Kept:
    if not taken.answer:
        raise Conflict(claims.KEY_REUSED)
    opened = house.vault.open(tx, claim.scope, _name(claim), b64decode(taken.answer))
    stored = msgspec.json.decode(opened, type=_Stored)
    return Kept(taken.status, bytes(stored.body), stored.headers)


def _name(claim: Claim) -> str:
    return f"claim:{claim.key}"
