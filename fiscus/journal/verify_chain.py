"""One register's chain as it is walked: links, gaps, times, and the leaves for the tree.

A broken entry must not make its neighbours look broken. Where an entry's own link is in doubt,
the signed word of the entry after it decides; where the columns moved a proven entry, it is put
back to its place at the end.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator

from fiscus.journal.verify_entry import Entry
from fiscus.journal.verify_report import Finding, found

LINK_BYTES = 32
NO_LINK = bytes(LINK_BYTES)


class Run:
    """Entries without a gap between them: 32 bytes each, and what the first says of its past.

    `previous` is None if the first entry's word proves nothing.
    """

    def __init__(self, entry: Entry) -> None:
        self.first = entry.sequence
        self.id = entry.id
        self.previous = entry.previous if entry.is_proven else None
        self.links = bytearray(entry.link)

    @property
    def last(self) -> int:
        return self.first + len(self.links) // LINK_BYTES - 1

    def link(self, sequence: int) -> bytes:
        start = (sequence - self.first) * LINK_BYTES
        return bytes(self.links[start : start + LINK_BYTES])


class Chain:
    """The entries of one register seen so far. Needs 32 bytes of memory per entry.

    `is_partial`: the chain may begin anywhere, as it does in a package.
    """

    def __init__(
        self, register: str, report: Callable[[Finding], None], *, is_partial: bool
    ) -> None:
        self.register = register
        self.report = report
        self.is_partial = is_partial
        self.is_keyless = False
        self.runs: list[Run] = []
        self.strays: list[Entry] = []
        self.derived: dict[int, bytes] = {}
        self.newest_micros: int | None = None
        self.is_tail_sound = True

    def follow(self, entry: Entry) -> bool:
        """Take the next entry in the order of the columns; False if its place is taken."""
        self.tell(entry)
        if entry.is_stray:
            self.strays.append(entry)
            return True
        run = self.runs[-1] if self.runs else None
        if run is not None and entry.sequence <= run.last:
            self.blame(entry, "VERIFY-SEQUENCE-02")
            return False
        if run is not None and entry.sequence == run.last + 1:
            self.join(run, entry)
        else:
            self.runs.append(Run(entry))
        self.is_tail_sound = entry.is_linked and entry.is_proven
        self.check_time(entry)
        return True

    def tell(self, entry: Entry) -> None:
        """Report what the entry has by itself; a register without a key is said once."""
        for finding in entry.findings:
            if finding.code == "VERIFY-KEY-01":
                if self.is_keyless:
                    continue
                self.is_keyless = True
            self.report(finding)

    def join(self, run: Run, entry: Entry) -> None:
        """Add an entry that follows directly, and compare what it says with what is there."""
        is_named = entry.previous in (None, bytes(run.links[-LINK_BYTES:]))
        if not is_named and entry.is_proven and not self.is_tail_sound:
            run.links[-LINK_BYTES:] = entry.previous or NO_LINK
        elif not is_named:
            self.blame(entry, "VERIFY-CHAIN-01")
        run.links += entry.link

    def check_time(self, entry: Entry) -> None:
        if entry.micros is None:
            return
        if self.newest_micros is not None and entry.micros < self.newest_micros:
            self.blame(entry, "VERIFY-TIME-01")
        else:
            self.newest_micros = entry.micros

    def blame(self, place: Entry | Run, code: str) -> None:
        sequence = place.sequence if isinstance(place, Entry) else place.first
        self.report(found(code, register=self.register, sequence=sequence, record=place.id or None))

    def settle(self) -> None:
        """After the last entry: put strays back, then name every gap and every false joint.

        Where a stray begins at the place of a run, the run comes first and keeps it.
        """
        runs = sorted((*self.runs, *map(Run, self.strays)), key=lambda run: run.first)
        self.runs = []
        for run in runs:
            if run.first <= self.last:
                self.blame(run, "VERIFY-SEQUENCE-02")
            else:
                self.settle_joint(self.runs[-1] if self.runs else None, run)
                self.runs.append(run)

    def settle_joint(self, before: Run | None, run: Run) -> None:
        """What lies between two runs, or before the first."""
        if before is None and self.is_partial and run.first > 1:
            return
        last, link = (before.last, before.link(before.last)) if before else (0, NO_LINK)
        if run.first == last + 1:
            if run.previous not in (None, link):
                self.blame(run, "VERIFY-CHAIN-01")
            return
        if run.previous is not None:
            self.derived[run.first - 1] = run.previous
        detail = f"sequence {last + 1} to {run.first - 1}"
        self.report(found("VERIFY-SEQUENCE-01", detail, register=self.register, sequence=last + 1))

    @property
    def first(self) -> int:
        return self.runs[0].first if self.runs else 0

    @property
    def last(self) -> int:
        """The sequence of the last entry, 0 if there is none."""
        return self.runs[-1].last if self.runs else 0

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
