"""Signed Merkle checkpoints over the whole journal: a chain alone cannot see a lost tail."""

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from itertools import pairwise

import msgspec
from sqlalchemy import Connection, Row, select, text

from fiscus.model.records import GENESIS
from fiscus.model.times import micros_z
from fiscus.signers import EcdsaSha256, Signer
from fiscus.store import stream
from fiscus.store.connect import is_postgres
from fiscus.store.schema import CHAIN, CHECKPOINT, ENTRY

LEAVES_MAX = 20_000
"""A checkpoint holds the heads it covers; more than this would make sales wait."""

_PG_LOCK = 0x43484B50  # "CHKP": one checkpoint at a time


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A commitment to the first `size` leaves; see docs/journal-format.md for every member."""

    number: int
    size: int
    root: str
    ranges: str
    at: str
    previous: str
    note: str
    signature: str


class Frontier:
    """The roots of the full subtrees of a growing Merkle tree, largest first."""

    def __init__(self, size: int = 0, peaks: list[bytes] | None = None) -> None:
        self.size = size
        self.peaks = peaks or []
        assert len(self.peaks) == size.bit_count()

    def add(self, data: bytes) -> None:
        """Append one leaf, merging subtrees of equal size."""
        node = hashlib.sha256(b"\x00" + data).digest()
        size = self.size
        while size & 1:
            node = hashlib.sha256(b"\x01" + self.peaks.pop() + node).digest()
            size >>= 1
        self.peaks.append(node)
        self.size += 1

    def root(self) -> bytes:
        """The Merkle tree hash of all leaves so far (RFC 6962, 2.1)."""
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        *larger, root = self.peaks
        for peak in reversed(larger):
            root = hashlib.sha256(b"\x01" + peak + root).digest()
        return root


def make(tx: Connection, signer: Signer, at: datetime) -> Checkpoint | None:
    """Cover the entries that no checkpoint covers yet, up to `LEAVES_MAX`; None if there are none.

    Within the caller's transaction, under a lock of its own, so that two processes never fork
    the list.
    """
    if is_postgres(tx):
        tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _PG_LOCK})
    last = tx.execute(select(CHECKPOINT).order_by(CHECKPOINT.c.number.desc()).limit(1)).first()
    frontier = _frontier(last)
    ranges = _grow(tx, frontier)
    if not ranges:
        return None
    checkpoint = _signed(last, frontier, ranges, signer, at)
    row = msgspec.to_builtins(checkpoint)
    tx.execute(CHECKPOINT.insert().values(**row, frontier=_peaks(frontier)))
    return checkpoint


def make_all(
    open_writing: Callable[[], AbstractContextManager[Connection]], signer: Signer, at: datetime
) -> int:
    """Checkpoints until every entry is covered, each in a transaction of its own; their number."""
    count = 0
    while True:
        with open_writing() as tx:
            if make(tx, signer, at) is None:
                return count
        count += 1


def newest(tx: Connection) -> Checkpoint | None:
    row = tx.execute(select(CHECKPOINT).order_by(CHECKPOINT.c.number.desc()).limit(1)).first()
    return _read(row) if row else None


def every(tx: Connection) -> list[Checkpoint]:
    return [_read(row) for row in tx.execute(select(CHECKPOINT).order_by(CHECKPOINT.c.number))]


def _read(row: Row[tuple[object, ...]]) -> Checkpoint:
    known = {name: getattr(row, name) for name in Checkpoint.__struct_fields__}
    return Checkpoint(**known)


def _frontier(last: Row[tuple[object, ...]] | None) -> Frontier:
    if last is None:
        return Frontier()
    peaks = [bytes.fromhex(peak) for peak in last.frontier.split()]
    return Frontier(last.size, peaks)


def _peaks(frontier: Frontier) -> str:
    return " ".join(peak.hex() for peak in frontier.peaks)


def _grow(tx: Connection, frontier: Frontier) -> list[tuple[str, int, int]]:
    """Add the links that no checkpoint covers to the frontier, register by register."""
    rows = tx.execute(
        select(CHAIN.c.register, CHAIN.c.covered, CHAIN.c.sequence)
        .where(CHAIN.c.sequence > CHAIN.c.covered)
        .order_by(CHAIN.c.register)
    )
    fresh = _bounded(sorted((register, covered + 1, end) for register, covered, end in rows))
    for register, first, last in fresh:
        _add_run(tx, frontier, (register, first, last))
        tx.execute(CHAIN.update().where(CHAIN.c.register == register).values(covered=last))
    return fresh


def _bounded(runs: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """As many of the runs as one checkpoint may cover; the last one may be cut."""
    room = LEAVES_MAX
    kept = []
    for register, first, last in runs:
        if room <= 0:
            break
        last = min(last, first + room - 1)
        room -= last - first + 1
        kept.append((register, first, last))
    return kept


def _add_run(tx: Connection, frontier: Frontier, run: tuple[str, int, int]) -> None:
    register, first, last = run
    links = (
        select(ENTRY.c.sequence, ENTRY.c.link)
        .where(ENTRY.c.register == register, ENTRY.c.sequence.between(first, last))
        .order_by(ENTRY.c.sequence)
    )
    before = first - 1
    for sequence, link in stream.rows(tx, links):
        assert sequence == before + 1, "a gap in a chain is never covered up"
        before = sequence
        frontier.add(bytes.fromhex(link))
    assert before == last


def _signed(
    last: Row[tuple[object, ...]] | None,
    frontier: Frontier,
    ranges: list[tuple[str, int, int]],
    signer: Signer,
    at: datetime,
) -> Checkpoint:
    assert all(one[0] < two[0] for one, two in pairwise(ranges))
    number = last.number + 1 if last else 1
    previous = hashlib.sha256(last.note.encode()).hexdigest() if last else GENESIS
    listed = msgspec.json.encode(ranges).decode("ascii")
    digest = hashlib.sha256(listed.encode("ascii")).hexdigest()
    root = frontier.root().hex()
    lines = (number, frontier.size, root, micros_z(at), previous, digest)
    note = "fiscus checkpoint v1\n" + "".join(f"{line}\n" for line in lines)
    return Checkpoint(
        number=number,
        size=frontier.size,
        root=root,
        ranges=listed,
        at=micros_z(at),
        previous=previous,
        note=note,
        signature=signer.sign(EcdsaSha256(note.encode("ascii"))),
    )
