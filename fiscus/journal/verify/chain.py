"""One chain as it is walked: links, gaps, times, and the leaves for the tree.

A broken entry must not make its neighbours look broken. Where an entry's own link is in doubt,
the signed word of the entry after it decides; where the columns moved a proven entry, it is put
back to its place at the end.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import NamedTuple

from fiscus.journal.verify.entry import CheckedEntry
from fiscus.journal.verify.report import EntryPlace, Finding, found

LINK_BYTES = 32
NO_LINK = bytes(LINK_BYTES)
SAID_ONCE = ("VERIFY-KEY-01",)
"""Findings that all entries of a chain may have; one is enough."""


class CleanRun(NamedTuple):
    """Entries without fault that follow each other in one chain, as one value.

    `previous` is what the first names, None if its body was erased; `links` has 32 bytes each.
    """

    chain: str
    epoch: int
    first: int
    previous: bytes | None
    links: bytes
    first_micros: int
    last_micros: int
    first_id: str
    last_id: str

    @property
    def last(self) -> int:
        return self.first + len(self.links) // LINK_BYTES - 1


class EntryRun:
    """Entries without a gap between them, and what the first says of its past.

    `previous` is None if the first entry's word proves nothing.
    """

    def __init__(self, first: int, previous: bytes | None, links: bytes, id: str) -> None:
        self.first = first
        self.id = id
        self.previous = previous
        self.links = bytearray(links)

    @property
    def last(self) -> int:
        return self.first + len(self.links) // LINK_BYTES - 1

    def link(self, sequence: int) -> bytes:
        start = (sequence - self.first) * LINK_BYTES
        return bytes(self.links[start : start + LINK_BYTES])


class EntryChain:
    """The entries of one chain and epoch seen so far. Needs 32 bytes of memory per entry.

    `is_partial`: it may begin anywhere, as in a package; `is_scattered`: only single entries of it
    are there.
    """

    def __init__(
        self,
        chain: str,
        epoch: int,
        report: Callable[[Finding], None],
        *,
        is_partial: bool = False,
        is_scattered: bool = False,
    ) -> None:
        self.chain = chain
        self.epoch = epoch
        self.report = report
        self.is_partial = is_partial
        self.is_scattered = is_scattered
        self.said: set[str] = set()
        self.runs: list[EntryRun] = []
        self.strays: list[EntryRun] = []
        self.derived: dict[int, bytes] = {}
        self.newest_micros: int | None = None
        self.last_id = ""
        self.is_tail_sound = True

    def follow_run(self, run: CleanRun) -> bool:
        """Take entries that are clean; False if one of their places is taken."""
        before = self.runs[-1] if self.runs else None
        if before is not None and run.first <= before.last:
            self.blame(run.first, run.first_id, "VERIFY-SEQUENCE-02")
            return False
        if before is not None and run.first == before.last + 1:
            self.join(before, run.previous, run.first, run.first_id, is_proven=True)
            before.links += run.links
        else:
            self.runs.append(EntryRun(run.first, run.previous, run.links, run.first_id))
        self.is_tail_sound = True
        self.check_time(run.first_micros, run.first, run.first_id)
        self.newest_micros = max(run.last_micros, self.newest_micros or run.last_micros)
        self.last_id = run.last_id
        return True

    def follow(self, entry: CheckedEntry) -> bool:
        """Take the next entry in the order of the columns; False if its place is taken."""
        self.tell(entry)
        previous = entry.previous if entry.is_proven else None
        if entry.is_stray:
            self.strays.append(EntryRun(entry.sequence, previous, entry.link, entry.id))
            return True
        run = self.runs[-1] if self.runs else None
        if run is not None and entry.sequence <= run.last:
            self.blame(entry.sequence, entry.id, "VERIFY-SEQUENCE-02")
            return False
        if run is not None and entry.sequence == run.last + 1:
            self.join(run, entry.previous, entry.sequence, entry.id, is_proven=entry.is_proven)
            run.links += entry.link
        else:
            self.runs.append(EntryRun(entry.sequence, previous, entry.link, entry.id))
        codes = {code for code, _ in entry.broken}
        self.is_tail_sound = "VERIFY-LINK-01" not in codes and entry.is_proven
        if entry.is_proven and entry.micros is not None:
            self.check_time(entry.micros, entry.sequence, entry.id)
        self.last_id = entry.id
        return True

    def tell(self, entry: CheckedEntry) -> None:
        """Report what the entry has by itself; a chain without a key is said once."""
        for code, detail in entry.broken:
            if code in SAID_ONCE:
                if code in self.said:
                    continue
                self.said.add(code)
            self.report(found(code, detail, entry=place_of(entry)))

    def join(
        self, run: EntryRun, previous: bytes | None, sequence: int, id: str, *, is_proven: bool
    ) -> None:
        """Compare what an entry that follows directly says with what is there."""
        if previous in (None, bytes(run.links[-LINK_BYTES:])):
            return
        if is_proven and not self.is_tail_sound:
            run.links[-LINK_BYTES:] = previous or NO_LINK
        else:
            self.blame(sequence, id, "VERIFY-CHAIN-01")

    def check_time(self, micros: int, sequence: int, id: str) -> None:
        if self.newest_micros is not None and micros < self.newest_micros:
            self.blame(sequence, id, "VERIFY-TIME-01")
        else:
            self.newest_micros = micros

    def blame(self, sequence: int, id: str, code: str, detail: str = "") -> None:
        place = EntryPlace(chain=self.chain, epoch=self.epoch, sequence=sequence, id=id)
        self.report(found(code, detail, entry=place))

    def settle(self) -> None:
        """After the last entry: put strays back, then name every gap and every false joint.

        Where a stray begins at the place of a run, the run comes first and keeps it.
        """
        runs = sorted((*self.runs, *self.strays), key=lambda run: run.first)
        self.runs = []
        for run in runs:
            if run.first <= self.last:
                self.blame(run.first, run.id, "VERIFY-SEQUENCE-02")
            else:
                self.settle_joint(self.runs[-1] if self.runs else None, run)
                self.runs.append(run)

    def settle_joint(self, before: EntryRun | None, run: EntryRun) -> None:
        """What lies between two runs, or before the first."""
        if before is None and self.is_partial and run.first > 1:
            return
        last, link = (before.last, before.link(before.last)) if before else (0, NO_LINK)
        if run.first == last + 1:
            if run.previous not in (None, link):
                self.blame(run.first, run.id, "VERIFY-CHAIN-01")
            return
        if run.previous is not None:
            self.derived[run.first - 1] = run.previous
        if not self.is_scattered:
            detail = f"sequence {last + 1} to {run.first - 1}"
            self.blame(last + 1, "", "VERIFY-SEQUENCE-01", detail)

    @property
    def first(self) -> int:
        return self.runs[0].first if self.runs else 0

    @property
    def last(self) -> int:
        """The sequence of the last entry, 0 if there is none."""
        return self.runs[-1].last if self.runs else 0

    @property
    def head(self) -> bytes:
        return self.runs[-1].link(self.last) if self.runs else NO_LINK

    def link_at(self, sequence: int) -> bytes | None:
        """The link at this place after settling, None if it is not there."""
        place = bisect_right(self.runs, sequence, key=lambda run: run.first) - 1
        if place < 0 or sequence > self.runs[place].last:
            return self.derived.get(sequence)
        return self.runs[place].link(sequence)

    def leaves(self, first: int, last: int) -> Iterator[bytes | None]:
        """The links of these entries, after settling; None at the first that nobody knows."""
        sequence = first
        start = bisect_right(self.runs, first, key=lambda run: run.first) - 1
        for run in self.runs[max(start, 0) :]:
            if sequence < run.first and sequence <= last:
                derived = self.derived.get(sequence)
                yield derived
                if derived is None:
                    return
                sequence += 1
            while sequence <= min(run.last, last):
                yield run.link(sequence)
                sequence += 1
        if sequence <= last:
            yield None


def place_of(entry: CheckedEntry) -> EntryPlace:
    return EntryPlace(
        chain=entry.chain,
        epoch=entry.epoch,
        sequence=entry.sequence,
        id=entry.id,
        kind=entry.kind,
    )
