"""The log's checkpoints, signed with the installation's own key."""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import structlog
from sqlalchemy import Connection, Engine

from fiscus.journal import checkpoint
from fiscus.journal.heads import HeadMemory
from fiscus.model.faults import Conflict, Corrupt, Refused
from fiscus.model.times import Clock
from fiscus.outbox import kinds, queue
from fiscus.outbox.kinds import Lane, TaskKind
from fiscus.registry import signers
from fiscus.registry.vault import Vault
from fiscus.store.connect import reading, writing

TASK = "checkpoint"
"""What a closing leaves in the outbox: its checkpoint must not wait for the next minute."""

# Given up, it is left to the chore, which covers all that is there.
kinds.declare(TaskKind(name=TASK, lane=Lane.STEADY, is_listed=False))

_log = structlog.get_logger("fiscus.log")


def sign(engine: Engine, vault: Vault, at: datetime, heads: HeadMemory | None = None) -> int:
    """Checkpoints until every entry is covered; their number. `heads` is what this process knows of
    the log: raises `Conflict` if the database has not gone on from there."""
    with reading(engine) as tx:
        signer = signers.opened(tx, vault, signers.LOG)

    @contextmanager
    def going_on() -> Iterator[Connection]:
        with writing(engine) as tx:
            if heads is not None:
                heads.expect_log(tx)
            yield tx

    count = checkpoint.make_all(going_on, signer, at)
    if heads is not None:
        with reading(engine) as tx:
            newest = checkpoint.newest(tx)
        if newest is not None:
            heads.saw_note(newest.note)
    return count


def sign_first(engine: Engine, vault: Vault, at: datetime, heads: HeadMemory) -> None:
    """The first checkpoint of all, as soon as there is anything to cover. A database that had one
    before, as `heads` knows, is none to begin a log in: `LogSigner` tells."""
    with reading(engine) as tx:
        is_first = checkpoint.newest(tx) is None
    if is_first:
        with contextlib.suppress(Conflict):
            sign(engine, vault, at, heads)


class LogSigner:
    """Signs the log's checkpoints for a process that runs. `problem` is why none is signed any
    more, for the operator; it is logged once, and not at each attempt."""

    def __init__(self, engine: Engine, vault: Vault, clock: Clock, heads: HeadMemory) -> None:
        self._engine = engine
        self._vault = vault
        self._clock = clock
        self._heads = heads
        self.problem = ""

    def sign(self) -> bool:
        """Cover all that is there; False if this database's log cannot go on. Raises `Unavailable`
        if the database is away."""
        try:
            sign(self._engine, self._vault, self._clock(), self._heads)
        except (Conflict, Corrupt, Refused) as trouble:
            if str(trouble) != self.problem:
                _log.error("no checkpoint is signed", trouble=str(trouble))
            self.problem = str(trouble)
            return False
        if self.problem:
            _log.info("checkpoints are signed again")
        self.problem = ""
        return True


def want(tx: Connection, entry: str, at: datetime) -> None:
    """Let the worker sign a checkpoint that covers this entry, once its transaction ends."""
    queue.enqueue(tx, f"{TASK}:{entry}", TASK, entry, at)
