"""The proof of one record, with what a program wants to know of it without reading the text.

The text alone is what is checked offline; all else says the same again (docs/journal-format.md,
section 8).
"""

from datetime import UTC, datetime, timedelta

import msgspec
from sqlalchemy import Connection, select

from fiscus.journal import checkpoint
from fiscus.model.faults import Code, Conflict, Missing
from fiscus.model.times import instant
from fiscus.store.schema import ENTRY
from fiscus.transparency import checkpoints, cosignatures, proofs

NOT_COVERED = Code(
    "LOG-PROOF-01",
    "no checkpoint covers this record yet: ask again after the seconds of the header Retry-After",
)


class RecordWitness(msgspec.Struct, frozen=True, kw_only=True):
    """A witness whose cosignature is in the proof, and when it says that it signed; None if its
    signature tells no time."""

    name: str
    signed_at: datetime | None


class EntryProof(msgspec.Struct, frozen=True, kw_only=True):
    """Where a record stands in the log. `text` is the proof (C2SP `tlog-proof@v1`), `link` the
    record's (64 hex digits; the leaf hash is SHA-256(0x00 ‖ link)), `index` that of its leaf,
    `size` how many leaves the checkpoint of the log `origin` has."""

    text: str
    link: str
    index: int
    size: int
    origin: str
    witnesses: tuple[RecordWitness, ...]


def of(tx: Connection, entry: str) -> EntryProof:
    """The proof of an entry; the caller has judged who may see it. Raises `Conflict` while no
    checkpoint covers it, and `Missing`."""
    link = tx.scalar(select(ENTRY.c.link).where(ENTRY.c.id == entry))
    if link is None:
        raise Missing(checkpoint.NO_ENTRY, entry)
    text = checkpoint.proof_of(tx, entry)
    if text is None:
        raise Conflict(NOT_COVERED)
    proof = proofs.parse(text.encode())
    head = checkpoints.parse(proof.note.text)
    # One witness may sign with several keys: it is named once, with its first signature.
    times: dict[str, datetime | None] = {}
    for line in proof.note.lines:
        if line.name != head.origin:
            times.setdefault(line.name, _moment(cosignatures.time_of(line)))
    return EntryProof(
        text=text,
        link=link,
        index=proof.index,
        size=head.size,
        origin=head.origin,
        witnesses=tuple(RecordWitness(name=name, signed_at=at) for name, at in times.items()),
    )


def seconds_left(tx: Connection, entry: str, at: datetime, every_seconds: int) -> int:
    """How long to wait for the next checkpoint, at most: one is signed every so many seconds, and
    none was since the entry was written."""
    written = tx.scalar(select(ENTRY.c.at).where(ENTRY.c.id == entry))
    if written is None:
        raise Missing(checkpoint.NO_ENTRY, entry)
    left = instant(written) + timedelta(seconds=every_seconds) - at
    # Later than it should have come: nobody knows, but the next round is not farther away.
    is_known = timedelta(0) < left <= timedelta(seconds=every_seconds)
    return -(-left // timedelta(seconds=1)) if is_known else every_seconds


def _moment(seconds: int) -> datetime | None:
    """Of what witnesses say, only what the calendar has."""
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (ValueError, OverflowError, OSError):
        return None
