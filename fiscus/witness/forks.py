"""Evidence: notes of one log, signed by its key, of which not both can be true."""

import hashlib
from enum import StrEnum
from pathlib import Path

import msgspec

from fiscus.model.faults import Code, Corrupt
from fiscus.transparency import checkpoints, notes
from fiscus.transparency.base64s import decoded, encoded
from fiscus.transparency.checkpoints import TreeHead
from fiscus.witness import durable, folder
from fiscus.witness.folder import LogState
from fiscus.witness.submissions import Submission

BAD_EVIDENCE = Code(
    "WITNESS-EVIDENCE-01",
    "evidence that was kept cannot be read: put the file aside",
)

KEPT_MAX = {"fork": 100, "unproved": 20}
"""So many of each kind for one log: anybody may send a signed note, with any proof."""


class EvidenceKind(StrEnum):
    """FORK: two roots for one size, which proves that the log signed two histories. UNPROVED: the
    newer tree was not proved to contain the older one; the log's key signed both, but who sent it
    may have sent a wrong proof."""

    FORK = "fork"
    UNPROVED = "unproved"


class ForkEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """What was remembered (`known`) and what was sent (`sent`), both as whole notes, with the
    request's old size and proof (Base64), and when (seconds since 1970)."""

    kind: EvidenceKind
    origin: str
    at: int
    known: str
    sent: str
    old_size: int
    proof: tuple[str, ...]


def is_fork(known: LogState, head: TreeHead) -> bool:
    """Whether a log has two roots for one size."""
    is_same_size = known.size == head.size and known.note != ""
    return is_same_size and decoded(known.root) != head.root


def keep(place: Path, known: LogState, said: Submission, kind: EvidenceKind, at: int) -> None:
    """Keep both notes, once for each pair of trees. Raises `OSError`."""
    kept = folder.forks_folder(place, known.origin)
    durable.make_folder(kept)
    pair = f"{known.size} {known.root} {said.head.size} {encoded(said.head.root)}"
    file = kept / f"{kind}-{hashlib.sha256(pair.encode()).hexdigest()[:32]}.json"
    if file.exists() or len(list(kept.glob(f"{kind}-*.json"))) >= KEPT_MAX[kind]:
        return
    found = ForkEvidence(
        kind=kind,
        origin=known.origin,
        at=at,
        known=known.note,
        sent=said.note.whole(),
        old_size=said.old_size,
        proof=tuple(map(encoded, said.proof)),
    )
    durable.write(file, msgspec.json.format(msgspec.json.encode(found)))


def all_(place: Path, origin: str) -> tuple[tuple[Path, ForkEvidence], ...]:
    """What was found of a log, with its files, oldest first. Raises `Corrupt`."""
    found = [(file, _read(file)) for file in folder.forks_folder(place, origin).glob("*.json")]
    return tuple(sorted(found, key=lambda one: (one[1].at, one[0])))


def _read(file: Path) -> ForkEvidence:
    try:
        return msgspec.json.decode(file.read_bytes(), type=ForkEvidence)
    except ValueError as error:
        raise Corrupt(BAD_EVIDENCE, str(file), f"({error})") from error


def told(evidence: ForkEvidence) -> str:
    """One line for people: which sizes, which roots."""
    heads = [
        checkpoints.parse(notes.parse(note.encode()).text)
        for note in (evidence.known, evidence.sent)
    ]
    sides = " against ".join(f"size {one.size} root {encoded(one.root)[:16]}" for one in heads)
    return f"{evidence.kind}: {sides}"
