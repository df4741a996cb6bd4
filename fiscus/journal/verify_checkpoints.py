"""The signed checkpoints: each note, its place in the row of notes, and the tree beneath it.

What a checkpoint says is taken from whatever its signature proves: the columns, if the note built
from them is what was signed, else the stored note. One changed column is thus one finding.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from fiscus.journal.verify_chain import Chain
from fiscus.journal.verify_keys import Key, is_signed
from fiscus.journal.verify_merkle import Frontier, leaf_hash
from fiscus.journal.verify_report import Finding, found

TITLE = "fiscus checkpoint v1"
COLUMNS = ("number", "size", "root", "ranges", "at", "previous", "note", "signature")
NO_NOTE = "0" * 64

Range = tuple[str, int, int]


class Claim(NamedTuple):
    """The lines of a note below its title, in their order."""

    number: str
    size: str
    root: str
    at: str
    previous: str
    ranges: str

    def note(self) -> str:
        return "".join(f"{line}\n" for line in (TITLE, *self))


class Checkpoint(NamedTuple):
    """A checkpoint as proven, or as stored if nothing proves it.

    `differing` are the columns that are not as proven; `ranges` is None if they are unknown.
    """

    claim: Claim
    note: str
    ranges: tuple[Range, ...] | None
    is_signed: bool
    differing: tuple[str, ...]


def read_checkpoint(row: Mapping[str, object], keys: Iterable[Key]) -> Checkpoint:
    """Find out what was signed, and which columns say something else."""
    ranges, stored = ranges_text(row.get("ranges")), text(row.get("note"))
    columns = Claim(
        number=text(row.get("number")),
        size=text(row.get("size")),
        root=text(row.get("root")),
        at=text(row.get("at")),
        previous=text(row.get("previous")),
        ranges=sha256_hex(ranges),
    )
    signature = row.get("signature")

    def is_proven(note: str) -> bool:
        return any(is_signed(key, encoded(note), signature) for key in keys)

    rebuilt = columns.note()
    if is_proven(rebuilt) or not is_proven(stored):
        claim, note, proven = columns, rebuilt, is_proven(rebuilt)
    else:
        claim, note, proven = read_note(stored), stored, True
    differing = [name for name in Claim._fields if getattr(claim, name) != getattr(columns, name)]
    if stored != rebuilt and not differing:
        differing = ["note"]
    parsed = None if "ranges" in differing else read_ranges(ranges)
    return Checkpoint(claim, note, parsed, proven, tuple(differing))


def text(value: object) -> str:
    """A column as text; what is neither text nor a whole number is nothing."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def ranges_text(value: object) -> str:
    """The stored text. A list instead of its text is read as the shortest JSON of it."""
    if isinstance(value, list):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return text(value)


def encoded(note: str) -> bytes:
    return note.encode("utf-8", "surrogateescape")


def sha256_hex(content: str) -> str:
    return hashlib.sha256(encoded(content)).hexdigest()


def read_note(note: str) -> Claim:
    """The lines of a signed note; one that has other lines claims nothing."""
    lines = note.split("\n")
    if len(lines) != len(Claim._fields) + 2 or lines[0] != TITLE or lines[-1]:
        return Claim("", "", "", "", "", "")
    return Claim(*lines[1:-1])


def read_ranges(content: str) -> tuple[Range, ...] | None:
    try:
        ranges = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(ranges, list) or not all(map(is_range, ranges)):
        return None
    return tuple((register, first, last) for register, first, last in ranges)


def is_range(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 3
        and isinstance(value[0], str)
        and all(isinstance(end, int) and not isinstance(end, bool) for end in value[1:])
        and 0 < value[1] <= value[2]
    )


class Walk:
    """Checkpoint after checkpoint over settled chains.

    `is_lost`: a checkpoint was missing or unreadable, so nobody knows what was covered before;
    the following ones are judged by themselves. `tree` is None once a leaf is unknown.
    """

    def __init__(
        self,
        chains: Mapping[str, Chain],
        keys: tuple[Key, ...],
        report: Callable[[Finding], None],
        *,
        is_partial: bool,
    ) -> None:
        self.chains = chains
        self.keys = keys
        self.report = report
        self.is_partial = is_partial
        self.count = 0
        self.number = 0
        self.previous: str | None = NO_NOTE
        self.covered: dict[str, int] = {}
        self.size: int | None = 0
        self.tree: Frontier | None = Frontier()
        self.is_lost = False
        self.is_root_right = True
        self.is_keyless = False

    def step(self, row: Mapping[str, object]) -> Checkpoint:
        """Judge the next checkpoint."""
        checkpoint = read_checkpoint(row, self.keys)
        claim, self.count = checkpoint.claim, self.count + 1
        self.judge_signature(checkpoint)
        if not self.is_next(claim.number):
            return checkpoint
        if self.previous not in (None, claim.previous):
            self.blame("VERIFY-CHECKPOINT-03", claim)
        self.previous = sha256_hex(checkpoint.note)
        self.judge_ranges(checkpoint)
        self.judge_size(claim)
        self.judge_root(claim)
        return checkpoint

    def judge_signature(self, checkpoint: Checkpoint) -> None:
        if not self.keys and not self.is_keyless:
            self.is_keyless = True
            self.report(found("VERIFY-CHECKPOINT-08"))
        if self.keys and not checkpoint.is_signed:
            self.blame("VERIFY-CHECKPOINT-07", checkpoint.claim)
        if checkpoint.differing:
            self.blame("VERIFY-CHECKPOINT-02", checkpoint.claim, ", ".join(checkpoint.differing))

    def is_next(self, number: str) -> bool:
        """Whether this is the checkpoint to come, or at least a later one."""
        if number == str(self.number + 1):
            self.number += 1
            return True
        is_later = is_decimal(number) and int(number) > self.number
        meant = number if number and not is_later else str(self.number + 1)
        detail = f"{number or 'nothing'} instead of {self.number + 1}"
        self.report(found("VERIFY-CHECKPOINT-01", detail, record=f"checkpoint {meant}"))
        if is_later:
            self.number = int(number)
            self.lose_track()
        return is_later

    def lose_track(self) -> None:
        self.is_lost, self.previous, self.size, self.tree = True, None, None, None

    def judge_ranges(self, checkpoint: Checkpoint) -> None:
        """Each register goes on where it was left, in ascending order, over entries that exist."""
        ranges = checkpoint.ranges
        if ranges is None:
            if "ranges" not in checkpoint.differing:
                self.blame("VERIFY-CHECKPOINT-04", checkpoint.claim, "unreadable")
            previous = self.previous
            self.lose_track()
            self.previous = previous
            return
        registers = [register for register, _, _ in ranges]
        if registers != sorted(set(registers)):
            self.blame("VERIFY-CHECKPOINT-04", checkpoint.claim, "order of registers")
        for register, first, last in ranges:
            expected = self.covered.get(register, 0) + 1
            if first != expected and not (self.is_lost and first > expected):
                self.blame("VERIFY-CHECKPOINT-04", checkpoint.claim, f"register {register}")
            self.covered[register] = max(last, self.covered.get(register, 0))
            self.judge_tail(checkpoint.claim, register, first, last)
            self.grow(register, first, last)

    def judge_tail(self, claim: Claim, register: str, first: int, last: int) -> None:
        """A covered entry beyond the end was there once; said where the chain ends only."""
        chain = self.chains.get(register)
        end = chain.last if chain else 0
        if not self.is_partial and last > end >= first - 1:
            self.report(
                found(
                    "VERIFY-TAIL-01",
                    f"checkpoint {claim.number} covers up to {last}",
                    register=register,
                    sequence=end + 1,
                )
            )

    def grow(self, register: str, first: int, last: int) -> None:
        chain = self.chains.get(register)
        if self.size is not None:
            self.size += last - first + 1
        if chain is None:
            self.tree = None
            return
        if self.tree is None:
            return
        for link in chain.leaves(first, last):
            if link is None:
                self.tree = None
                return
            self.tree.append(leaf_hash(link))

    def judge_size(self, claim: Claim) -> None:
        if self.size is not None and claim.size != str(self.size):
            self.blame("VERIFY-CHECKPOINT-05", claim)
        self.size = int(claim.size) if is_decimal(claim.size) else None

    def judge_root(self, claim: Claim) -> None:
        """Say it once: a wrong leaf spoils every later root too."""
        if self.tree is None:
            return
        is_right = self.tree.root().hex() == claim.root
        if self.is_root_right and not is_right:
            self.blame("VERIFY-CHECKPOINT-06", claim)
        self.is_root_right = is_right

    def blame(self, code: str, claim: Claim, detail: str = "") -> None:
        self.report(found(code, detail, record=f"checkpoint {claim.number}"))


def is_decimal(number: str) -> bool:
    return number.isascii() and number.isdigit() and len(number) < 20


class Witness:
    """A checkpoint kept elsewhere, to be met again among the journal's own."""

    def __init__(self, row: Mapping[str, object], keys: tuple[Key, ...]) -> None:
        self.checkpoint = read_checkpoint(row, keys)
        self.is_met = False
        self.is_same = False

    @property
    def number(self) -> str:
        return self.checkpoint.claim.number

    def meet(self, checkpoint: Checkpoint) -> None:
        if checkpoint.claim.number == self.number:
            self.is_met = True
            self.is_same = self.is_same or checkpoint.note == self.checkpoint.note

    def finding(self, count: int) -> Finding | None:
        """What the comparison brought, after the journal's last checkpoint."""
        record = f"checkpoint {self.number or 'without number'}"
        if not self.checkpoint.is_signed or self.checkpoint.differing:
            return found("VERIFY-WITNESS-01", record=record)
        if not self.is_met:
            size = self.checkpoint.claim.size
            detail = f"number {self.number} over {size} entries, the journal has {count}"
            return found("VERIFY-WITNESS-03", detail, record=record)
        return None if self.is_same else found("VERIFY-WITNESS-02", record=record)
