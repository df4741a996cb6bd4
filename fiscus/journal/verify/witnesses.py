"""Cosignatures: which witnesses have seen which size of the log, and when for the first time."""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator

from fiscus.journal.verify.log import KnownLog
from fiscus.journal.verify.members import EPOCH, MICROSECOND
from fiscus.journal.verify.notes import EntryNotes, blamed
from fiscus.journal.verify.policy import WitnessPolicy
from fiscus.journal.verify.report import Finding, VerifyScope, found, text_of
from fiscus.journal.verify.signed_note import (
    SIGNATURES_MAX,
    CheckpointNote,
    NoteKey,
    NoteLine,
    cosigned_at,
    read_line,
)
from fiscus.journal.verify.source import JournalSource, Values

DAY_MICROS = 24 * 3600 * 1_000_000
SECOND_MICROS = 1_000_000
CLOCKS_MICROS = 10 * 60 * SECOND_MICROS
LINES_MAX = 1_000
"""Cosignatures of one note that are looked at: the rest of the table may be made up."""

BY_CHAIN = "SELECT chain, epoch, sequence, micros, id FROM entry ORDER BY chain, epoch, sequence"
LEAF_RUN = ("chain", "chain_epoch", "first", "last", "start")
Report = Callable[[Finding], None]


class WitnessReading:
    """What the counted witnesses have signed of one log, by growing size."""

    def __init__(self, policy: WitnessPolicy, log: KnownLog, report: Report) -> None:
        self.policy = policy
        self.log = log
        self.report = report
        self.rows: Iterator[Values] = iter(())
        self.next: Values | None = None
        self.sizes = array("q")
        self.times = array("q")
        self.quorum_size = 0
        self.has_quorum = False
        self.keys = {(key.name, key.key_id): (name, key) for name, key in policy.witnesses.items()}

    def read_from(self, rows: Iterator[Values]) -> None:
        """The rows of the table `cosignature` of this epoch: size and line, by size."""
        self.rows, self.next = rows, next(rows, None)

    def meet(self, note: CheckpointNote) -> None:
        """Look at the cosignatures of a note that the log has signed."""
        seen = set()
        for line in (*note.lines, *self.stored_lines(note.size)):
            name, key = self.keys.get((line.name, line.key_id), ("", None))
            if key is None:
                continue
            time = cosigned_at(note, key, line)
            if time is None:
                detail = f"{line.name}, size {note.size}"
                self.report(found("VERIFY-WITNESS-04", detail, record=self.log.origin))
                continue
            seen.add(name)
            self.sizes.append(note.size)
            self.times.append(time)
        if self.policy.is_met(frozenset(seen)) and note.size >= self.quorum_size:
            self.has_quorum, self.quorum_size = True, note.size

    def stored_lines(self, size: int) -> Iterator[NoteLine]:
        count = 0
        while self.next is not None and is_up_to(self.next[0], size):
            stored_size, line = self.next
            self.next = next(self.rows, None)
            count += 1
            if stored_size == size and isinstance(line, str) and count <= LINES_MAX:
                yield from self.lines_in(line, size)

    def lines_in(self, stored: str, size: int) -> Iterator[NoteLine]:
        """A witness with keys of several types has several lines, each with its end."""
        for line in stored.removesuffix("\n").split("\n")[:SIGNATURES_MAX]:
            try:
                yield read_line(line)
            except ValueError as error:
                detail = f"size {size}: {error}"
                self.report(found("VERIFY-WITNESS-04", detail, record=self.log.origin))

    def judge(self, newest: CheckpointNote | None, scope: VerifyScope) -> None:
        """Whether the log is one of the policy's, and the quorum was reached."""
        listed: list[NoteKey] = self.policy.logs
        if listed and newest is not None and self.log.key not in listed:
            self.report(found("VERIFY-WITNESS-01", self.log.origin, record=self.log.origin))
        for name, reason in self.policy.unknown.items():
            scope.miss(f"the witness {name}: {reason}")
        if not self.has_quorum:
            self.report(found("VERIFY-WITNESS-02", record=self.log.origin))
            return
        scope.checked.append(
            f"the policy: {self.log.origin} up to size {self.quorum_size} has its cosignatures"
        )

    def first_seen(self) -> Callable[[int], int | None]:
        """By the index of a leaf: when a counted witness first signed a size that covers it."""
        pairs = sorted(zip(self.sizes, self.times, strict=True))
        sizes, earliest = array("q", (size for size, _ in pairs)), array("q")
        least = None
        for _, time in reversed(pairs):
            least = time if least is None else min(least, time)
            earliest.append(least)
        earliest.reverse()

        def first_seen(index: int) -> int | None:
            place = bisect_right(sizes, index)
            return earliest[place] if place < len(earliest) else None

        return first_seen


def is_up_to(stored: object, size: int) -> bool:
    """Whether this row is to be read now: what is no number is passed over."""
    return not isinstance(stored, int) or stored <= size


def unseen_findings(
    notes: EntryNotes, source: JournalSource, reading: WitnessReading, scope: VerifyScope
) -> Iterator[Finding]:
    """How long each entry stayed unseen: the first cosignature minus its own time.

    The clocks of a witness and of the writer may differ by some minutes.
    """
    first_seen = reading.first_seen()
    late, longest, longest_id, never = 0, 0, "", 0
    for chain, epoch, sequence, micros, id, index in with_leaves(notes, source, reading.log.epoch):
        place = (chain, epoch, sequence, id)
        time = first_seen(index)
        if time is None:
            never += 1
        elif micros is not None:
            unseen = time * SECOND_MICROS - micros
            if unseen < -CLOCKS_MICROS:
                yield blamed("VERIFY-WITNESS-03", place, f"{-unseen} µs")
            elif unseen > DAY_MICROS:
                late += 1
                if unseen > longest:
                    longest, longest_id = unseen, id
    if late:
        hours = longest // (DAY_MICROS // 24)
        scope.tell(
            f"{late} entries stayed unseen by witnesses for more than 24 hours, "
            f"{longest_id} for {hours} hours"
        )
    if never:
        scope.miss(f"{never} entries of the log: no counted witness has signed a size with them")


def with_leaves(
    notes: EntryNotes, source: JournalSource, log_epoch: int
) -> Iterator[tuple[str, int, int, int | None, str, int]]:
    """Each entry that a run covers, with the index of its leaf."""
    order = ("chain", "chain_epoch", "first")
    runs: Iterable[Values] = source.rows(
        "leaf_run", LEAF_RUN, order=order, equal={"epoch": log_epoch}
    )
    entries = iter(notes.database.execute(BY_CHAIN))
    entry = next(entries, None)
    for chain, chain_epoch, first, last, start in runs:
        if not all(isinstance(number, int) for number in (chain_epoch, first, last, start)):
            continue
        begin, end = (text_of(chain), chain_epoch, first), (text_of(chain), chain_epoch, last)
        while entry is not None and entry[:3] < begin:
            entry = next(entries, None)
        while entry is not None and entry[:3] <= end:
            yield (*entry, start + entry[2] - first)
            entry = next(entries, None)


def micros_now(at: str) -> int | None:
    """Microseconds since 1970 of an instant in a row, None if it is none."""
    try:
        return (EPOCH.fromisoformat(at) - EPOCH) // MICROSECOND
    except (ValueError, TypeError, OverflowError):
        return None
