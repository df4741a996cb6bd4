"""What this process knows of the ends of the chains, and of the log: an older database, or another
history, is noticed before anything is written behind it.

A database that was put back to an earlier state is consistent in itself. Whoever sold on there
would give the same sequences and legal numbers twice. What tells is memory outside the database: of
this process, and of the files of `seen.py`, which bring it over a restart.
"""

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, select

from fiscus.journal import checkpoint, tree
from fiscus.model.faults import Code, Conflict, Corrupt
from fiscus.store.schema import CHAIN, ENTRY
from fiscus.transparency import checkpoints, notes
from fiscus.transparency.checkpoints import TreeHead

BEHIND = Code(
    "JOURNAL-HEAD-01",
    "the database does not have what was written here last: it is an older one, or its newest "
    "entries were changed. Nothing more is issued in this chain: stop the service, bring back the "
    "newest database (docs/operate.md, backup and restore), and start again",
)
LOG_BEHIND = Code(
    "JOURNAL-HEAD-02",
    "the database does not have the newest checkpoint that was seen here: it is an older one, or "
    "its log was changed. No checkpoint is made: stop the service, bring back the newest database "
    "(docs/operate.md, backup and restore), and start again",
)

HEADS_MAX = 100_000
"""So many chains are remembered; of more, those that were written last."""

_BATCH = 500
_TOLD_MAX = 3


class KnownHead(NamedTuple):
    """The end of a chain: the last place, and the link of the entry there (hex)."""

    chain: str
    epoch: int
    sequence: int
    link: str

    @property
    def place(self) -> tuple[int, int]:
        return self.epoch, self.sequence


class SeenState(msgspec.Struct, frozen=True, kw_only=True):
    """All that is remembered: the heads, the newest note (empty: none was seen), and the latest
    time at which something was seen."""

    heads: tuple[KnownHead, ...] = ()
    note: str = ""
    at: datetime | None = None


class HeadMemory:
    """Remembers heads and the newest note, and refuses what does not go on from them. Any thread
    may call it.

    A chain that was refused once stays refused as long as the process lives: that the head which
    was missed comes back later makes nothing good that was answered in between.
    """

    def __init__(self, heads_max: int = HEADS_MAX) -> None:
        self._heads_max = heads_max
        self._heads: OrderedDict[str, KnownHead] = OrderedDict()
        self._stopped: set[str] = set()
        self._note = ""
        self._size = 0, 0
        self._is_log_stopped = False
        self._changes = 0
        self._lock = threading.Lock()

    @property
    def changes(self) -> int:
        """Rises with everything new: whoever keeps the state asks whether there is something."""
        return self._changes

    @property
    def stopped(self) -> tuple[str, ...]:
        """The chains in which nothing is issued any more."""
        with self._lock:
            return tuple(sorted(self._stopped))

    @property
    def is_log_stopped(self) -> bool:
        return self._is_log_stopped

    @property
    def problems(self) -> tuple[str, ...]:
        """What the operator must know: why nothing is issued in some chains, or no checkpoint is
        made."""
        stopped = self.stopped
        some = ", ".join(stopped[:_TOLD_MAX]) + (" …" if len(stopped) > _TOLD_MAX else "")
        found = [f"{BEHIND.id}: {BEHIND.text} ({len(stopped)}: {some})"] if stopped else []
        if self._is_log_stopped:
            found.append(f"{LOG_BEHIND.id}: {LOG_BEHIND.text}")
        return tuple(found)

    def state(self) -> tuple[int, SeenState]:
        """What is remembered, and the count of changes that it is the state of."""
        with self._lock:
            return self._changes, SeenState(heads=tuple(self._heads.values()), note=self._note)

    def fill(self, seen: SeenState) -> None:
        """Take over what was seen before this process began."""
        self.wrote(seen.heads)
        if seen.note:
            self.saw_note(seen.note)

    def wrote(self, heads: Iterable[KnownHead]) -> None:
        """These heads are committed: call it after the commit, never before."""
        with self._lock:
            for head in heads:
                self._remember(head)

    def expect(self, tx: Connection, head: KnownHead) -> None:
        """Raises `Conflict` unless the chain goes on from what is known of it.

        `head` is what the chain's row said when it was locked, before this transaction wrote
        anything. Costs nothing if nobody else wrote in the chain, else one row.
        """
        with self._lock:
            known = self._heads.get(head.chain)
            is_stopped = head.chain in self._stopped
        if is_stopped:
            raise Conflict(BEHIND, head.chain)
        if known is not None and not _goes_on(tx, known, head):
            self._stop(known)
            raise Conflict(BEHIND, head.chain, f"epoch {known.epoch}", f"sequence {known.sequence}")
        if known != head:
            self.wrote([head])

    def compare(self, tx: Connection) -> tuple[str, ...]:
        """Compare all that is known with the database, as at the start; the chains that are stopped
        now. Raises nothing: `expect` will, at the first sale, and `expect_log`."""
        with self._lock:
            heads = list(self._heads.values())
        for start in range(0, len(heads), _BATCH):
            some = heads[start : start + _BATCH]
            rows = tx.execute(
                select(CHAIN.c.id, CHAIN.c.epoch, CHAIN.c.sequence, CHAIN.c.link).where(
                    CHAIN.c.id.in_([known.chain for known in some])
                )
            )
            found = {row.id: KnownHead(*row) for row in rows}
            for known in some:
                head = found.get(known.chain)
                if head is None or not _goes_on(tx, known, head):
                    self._stop(known)
        with contextlib.suppress(Conflict):
            self.expect_log(tx)
        return self.stopped

    def saw_note(self, note: str) -> None:
        """This note of our log was made or seen: call it after the commit. Raises `Refused` if it
        is no note."""
        head = _said(note)
        with self._lock:
            size = _epoch(head), head.size
            if size > self._size:
                self._note, self._size = note, size
                self._changes += 1

    def expect_log(self, tx: Connection) -> None:
        """Raises `Conflict` unless the log of this database goes on from the newest note that is
        known: whoever signed on would show another log to all who watch it."""
        with self._lock:
            note, is_stopped = self._note, self._is_log_stopped
        if is_stopped or (note and not _log_goes_on(tx, _said(note))):
            with self._lock:
                self._is_log_stopped = True
            raise Conflict(LOG_BEHIND, *([f"size {_said(note).size}"] if note else []))

    def _remember(self, head: KnownHead) -> None:
        known = self._heads.get(head.chain)
        if head.sequence == 0 or (known is not None and known.place >= head.place):
            return
        self._heads[head.chain] = head
        self._heads.move_to_end(head.chain)
        self._changes += 1
        if len(self._heads) > self._heads_max:
            self._heads.popitem(last=False)

    def _stop(self, known: KnownHead) -> None:
        with self._lock:
            self._stopped.add(known.chain)


def _goes_on(tx: Connection, known: KnownHead, head: KnownHead) -> bool:
    """Whether the chain with this head still has the entry that is known."""
    if head.place == known.place:
        return head.link == known.link
    if head.place < known.place:
        return False
    if head.epoch > known.epoch:
        # A recovery goes on without what was lost: what it gives up is for its own first entry to
        # say, and for the verifier to judge.
        return _link(tx, head.chain, head.epoch, 1) != ""
    return _link(tx, known.chain, known.epoch, known.sequence) == known.link


def _link(tx: Connection, chain: str, epoch: int, sequence: int) -> str:
    found = tx.scalar(
        select(ENTRY.c.link).where(
            ENTRY.c.chain == chain, ENTRY.c.epoch == epoch, ENTRY.c.sequence == sequence
        )
    )
    return found or ""


def _said(note: str) -> TreeHead:
    return checkpoints.parse(notes.parse(note.encode()).text)


def _epoch(head: TreeHead) -> int:
    """The log's epoch, the last part of its name."""
    return int(head.origin.rpartition("/")[2])


def _log_goes_on(tx: Connection, seen: TreeHead) -> bool:
    newest = checkpoint.newest(tx)
    if newest is None or newest.epoch < _epoch(seen):
        return False
    if newest.epoch > _epoch(seen):
        return True  # A recovery: its first leaf names the note that it leaves behind.
    if newest.size < seen.size:
        return False
    try:
        return tree.root(tx, newest.epoch, seen.size) == seen.root
    except Corrupt:
        return False
