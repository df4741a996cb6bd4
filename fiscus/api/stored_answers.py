"""Stores what a write answered under its idempotency key, and gives the same answer again."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

import msgspec
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from fiscus.issuing import idempotency
from fiscus.model.faults import Conflict, Trouble, Unavailable
from fiscus.model.orders import IdempotencyKey
from fiscus.registry.vault import Vault
from fiscus.services import Services
from fiscus.store.connect import BUSY, writing


class StoredAnswer(msgspec.Struct, frozen=True):
    """An answer as given: its JSON body and the headers that belong to it. `again` is kept in its
    place if it holds what is shown once: a repeated request is not shown it."""

    status: int
    body: bytes
    headers: dict[str, str] = {}
    again: "StoredAnswer | None" = None


class FamilyAnswer(Protocol):
    """What a handler answered: `body` is anything JSON can say; None: there is no body."""

    @property
    def status(self) -> int: ...
    @property
    def body(self) -> Any: ...


class HeadedCall(Protocol):
    """A request with the headers that its answer has."""

    headers: dict[str, str]


class JsonAnswers(msgspec.Struct, frozen=True):
    """How a family that speaks one version writes its answers, keeps them, and shows them again:
    as JSON of its `encode`. Without a body JSON's null is kept, because stored answers are JSON."""

    encode: Callable[[Any], bytes]

    def shown(self, call: HeadedCall, answer: FamilyAnswer) -> StoredAnswer:
        return StoredAnswer(answer.status, b"" if answer.body is None else self.encode(answer.body))

    def kept(self, call: HeadedCall, answer: FamilyAnswer) -> StoredAnswer:
        return StoredAnswer(answer.status, self.encode(answer.body), call.headers)

    def from_kept(self, call: HeadedCall, kept: StoredAnswer) -> StoredAnswer:
        return StoredAnswer(kept.status, b"") if kept.body == NOTHING else kept


NOTHING = b"null"


class AnswerOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """`trouble` is there if the answer was made now and is an error."""

    kept: StoredAnswer
    is_replay: bool = False
    trouble: Trouble | None = None


class _StoredRow(msgspec.Struct):
    """An answer as its row keeps it. Its member names are stored: they never change."""

    body: msgspec.Raw
    headers: dict[str, str]


def once(
    services: Services,
    claim: IdempotencyKey,
    *,
    taker: str,
    at: datetime,
    do: Callable[[Connection], StoredAnswer],
    refused: Callable[[Trouble], StoredAnswer],
) -> AnswerOutcome:
    """Do it and keep the answer under its key, in one transaction; or give the kept answer.

    Errors of the handler are answers too (`refused` puts them into the family's words): after
    mending the cause a new key is needed. What is only `Unavailable` is raised and not kept.
    """
    with writing(services.engine) as tx:
        until = at + idempotency.LIFE
        taken = idempotency.take(tx, [(claim, taker)], at, until)[claim.scope, claim.key]
        if taken.digest != claim.digest:
            raise Conflict(idempotency.KEY_REUSED)
        if not taken.is_ours:
            return AnswerOutcome(kept=_opened(services, tx, claim, taken), is_replay=True)
        outcome = _tried(tx, do, refused)
        kept = outcome.kept.again or outcome.kept
        answer = _closed(services, tx, claim, kept)
        idempotency.settle(tx, claim, status=kept.status, answer=answer, until=until)
    return outcome


def _tried(
    tx: Connection,
    do: Callable[[Connection], StoredAnswer],
    refused: Callable[[Trouble], StoredAnswer],
) -> AnswerOutcome:
    try:
        with tx.begin_nested():
            return AnswerOutcome(kept=do(tx))
    except IntegrityError as error:
        # Another request changed the same thing at the same moment, and was faster.
        raise Unavailable(BUSY) from error
    except Unavailable:
        raise
    except Trouble as trouble:
        return AnswerOutcome(kept=refused(trouble), trouble=trouble)


def _closed(services: Services, tx: Connection, claim: IdempotencyKey, kept: StoredAnswer) -> str:
    """Encrypted: an answer tells of people and places."""
    stored = msgspec.json.encode(_StoredRow(msgspec.Raw(kept.body), kept.headers))
    return b64encode(services.vault.close(tx, claim.scope, _name(claim), stored)).decode("ascii")


def _opened(
    services: Services, tx: Connection, claim: IdempotencyKey, taken: idempotency.ClaimedKey
) -> StoredAnswer:
    if not taken.answer:
        raise Conflict(idempotency.KEY_REUSED)
    return opened(services.vault, tx, claim, taken.status, b64decode(taken.answer))


def opened(
    vault: Vault, tx: Connection, claim: IdempotencyKey, status: int, closed: bytes
) -> StoredAnswer:
    """An answer as it was kept: what is shown once is not in it."""
    found = vault.open(tx, claim.scope, _name(claim), closed)
    stored = msgspec.json.decode(found, type=_StoredRow)
    return StoredAnswer(status, bytes(stored.body), stored.headers)


def _name(claim: IdempotencyKey) -> str:
    return f"claim:{claim.key}"
