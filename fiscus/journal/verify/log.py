"""The log: runs of leaves, the tree over them, its tiles, and the signed checkpoints.

One walk over the leaves in the order of their runs. Whatever names a size (a checkpoint, a closing
on paper, a note kept elsewhere) waits until the tree has grown to it.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import itemgetter
from typing import NamedTuple

from fiscus.journal.verify.chain import EntryChain
from fiscus.journal.verify.key_ranges import KeyRanges
from fiscus.journal.verify.keys import read_log_key
from fiscus.journal.verify.members import row_instant
from fiscus.journal.verify.merkle import TiledTree, leaf_hash
from fiscus.journal.verify.report import EntryPlace, Finding, count_of, found, text_of
from fiscus.journal.verify.signed_note import (
    CheckpointNote,
    NoteKey,
    is_signed_by_log,
    log_key,
    read_note,
)
from fiscus.journal.verify.source import JournalSource, Values

Chains = Mapping[tuple[str, int], EntryChain]
Report = Callable[[Finding], None]
ROOT_ON_PAPER = 16
EPOCHS_MAX = 10_000
EPOCH_BEFORE_ALL = -(2**63) + 1
LEAF_RUN = ("epoch", "start", "chain", "chain_epoch", "first", "last")
CHECKPOINT = ("epoch", "size", "root", "at", "note")
TILE = ("epoch", "level", "index", "hashes")


SizeJudge = Callable[[bytes | None, bool], None]


class SizePoint(NamedTuple):
    """Something that names a size of the tree; `judge` is given the root there (None if nobody
    knows it), and whether the tree ends before."""

    size: int
    judge: SizeJudge


class KnownLog(NamedTuple):
    """A log by its epoch: the origin, and the key that signs its notes if an entry names one."""

    epoch: int
    origin: str
    key: NoteKey | None


def known_log(ranges: KeyRanges, epoch: int) -> KnownLog:
    origin = f"fiscus/{ranges.installation}/journal/{epoch}"
    named = ranges.log_keys.get(epoch)
    public = read_log_key(named.public) if named else None
    return KnownLog(epoch, origin, log_key(origin, public) if public else None)


class RunCursor:
    """The leaves of one epoch of the log, run after run; notes what is covered of each chain."""

    def __init__(self, chains: Chains, report: Report, covered: dict[tuple[str, int], int]) -> None:
        self.chains = chains
        self.report = report
        self.covered = covered

    def leaves(self, runs: Iterable[Values]) -> Iterator[bytes | None]:
        """Their links; None at the first that nobody knows, which is the last then."""
        position = 0
        for number, values in enumerate(runs, start=1):
            epoch, start, chain, chain_epoch, first, last = values
            key = (text_of(chain), count_of(chain_epoch))
            run = (count_of(first), count_of(last))
            is_next = start == position and not isinstance(start, bool)
            if not is_next or not 0 < run[0] <= run[1] or run[0] != self.covered.get(key, 0) + 1:
                detail = f"run {number} of epoch {epoch}: start {start!r}, {key[0]} {first!r}"
                self.report(found("VERIFY-LOG-01", detail, record=f"leaf_run {start!r}"))
                yield None
                return
            position += run[1] - run[0] + 1
            yield from self.of_run(key, *run)

    def of_run(self, key: tuple[str, int], first: int, last: int) -> Iterator[bytes | None]:
        known = self.chains.get(key)
        end = known.last if known else 0
        self.covered[key] = min(last, end)
        if known is not None:
            yield from known.leaves(first, min(last, end))
        if last > end:
            place = EntryPlace(chain=key[0], epoch=key[1], sequence=end + 1)
            self.report(found("VERIFY-TAIL-01", f"the log covers up to {last}", entry=place))
            yield None


class TileReading:
    """The stored tiles of one epoch, compared with the nodes that the leaves give."""

    def __init__(self, rows: Iterator[Values], report: Report, epoch: int) -> None:
        self.rows = rows
        self.report = report
        self.epoch = epoch
        self.next = next(rows, None)
        self.is_right = True

    def meet(self, level: int, index: int, content: bytes) -> None:
        """The next tile must be this one; the first that is not is named."""
        if not self.is_right:
            return
        if self.next is None or self.next[1:] != (level, index, content):
            self.blame(f"level {level}, index {index}")
        self.next = next(self.rows, None)

    def finish(self) -> None:
        if self.is_right and self.next is not None:
            self.blame(f"level {self.next[1]!r}, index {self.next[2]!r} is not there")

    def blame(self, detail: str) -> None:
        self.is_right = False
        self.report(found("VERIFY-LOG-02", detail, record=f"tile of epoch {self.epoch}"))


class LogWalk:
    """One epoch of the log, from its first leaf on. `tree` is None once a leaf is unknown."""

    def __init__(self, log: KnownLog, leaves: Iterator[bytes | None], tiles: TileReading) -> None:
        self.log = log
        self.leaves = leaves
        self.tiles = tiles
        self.tree = TiledTree()
        self.is_known = True
        self.has_ended = False

    def grow_to(self, size: int) -> None:
        while self.is_known and not self.has_ended and self.tree.size < size:
            self.grow()

    def grow(self) -> None:
        link = next(self.leaves, b"")
        if link is None:
            self.is_known = False
        elif not link:
            self.has_ended = True
        else:
            row = self.tree.append(leaf_hash(link))
            if row is not None:
                self.tiles.meet(0, self.tree.size // 256 - 1, row)

    def root_at(self, size: int) -> bytes | None:
        """The root at this size; None if it is behind us, or beyond the end."""
        self.grow_to(size)
        return self.tree.root() if self.tree.size == size else None

    def finish(self) -> int:
        """Grow to the end, and compare the last tiles. The number of leaves."""
        while self.is_known and not self.has_ended:
            self.grow()
        if self.is_known:
            if self.tree.row:
                self.tiles.meet(0, self.tree.size // 256, bytes(self.tree.row))
            for level, index, row in self.tree.upper_tiles():
                self.tiles.meet(level, index, row)
            self.tiles.finish()
        return self.tree.size


class CheckpointReading:
    """The checkpoints of one log in the order of their sizes, each judged by itself."""

    def __init__(self, log: KnownLog, report: Report) -> None:
        self.log = log
        self.report = report
        self.count = 0
        self.size = -1
        self.newest: CheckpointNote | None = None
        self.newest_text = ""
        self.newest_at: str | None = None
        self.is_root_right = True
        self.is_keyless = False
        self.is_sound = True
        self.seen: Callable[[CheckpointNote], None] = lambda note: None

    def points(self, rows: Iterable[Values]) -> Iterator[SizePoint]:
        """A point for each note that the log's key has signed."""
        for values in rows:
            self.count += 1
            note = self.read(values)
            self.is_sound = self.is_sound and note is not None
            if note is not None:
                yield SizePoint(note.size, self.judge(note))

    def read(self, values: Values) -> CheckpointNote | None:
        _, size, root, at, stored = values
        name = f"checkpoint of size {size!r}"
        if count_of(size) <= self.size:
            self.report(found("VERIFY-CHECKPOINT-01", record=name))
        self.size = max(self.size, count_of(size))
        try:
            note = read_note(stored if isinstance(stored, str) else "")
        except ValueError as error:
            self.report(found("VERIFY-CHECKPOINT-03", str(error), record=name))
            return None
        if note.origin != self.log.origin:
            self.report(found("VERIFY-CHECKPOINT-03", f"origin {note.origin}", record=name))
            return None
        columns = {"size": size == note.size, "root": root == note.root_text}
        columns["at"] = isinstance(at, str) and row_instant(at) is not None
        if differing := [column for column, is_same in columns.items() if not is_same]:
            self.report(found("VERIFY-CHECKPOINT-02", ", ".join(differing), record=name))
        return note if self.is_signed(note, stored, at, name) else None

    def is_signed(self, note: CheckpointNote, stored: object, at: object, name: str) -> bool:
        if self.log.key is None:
            if not self.is_keyless:
                self.is_keyless = True
                self.report(found("VERIFY-CHECKPOINT-07", self.log.origin, record=name))
            return False
        if not is_signed_by_log(note, self.log.key):
            self.report(found("VERIFY-CHECKPOINT-06", record=name))
            return False
        if self.newest is None or note.size >= self.newest.size:
            self.newest, self.newest_text, self.newest_at = note, str(stored), text_of(at)
        self.seen(note)
        return True

    def judge(self, note: CheckpointNote) -> SizeJudge:
        def judge(root: bytes | None, is_beyond: bool) -> None:
            """Say it once: a wrong leaf spoils every later root too."""
            name = f"checkpoint of size {note.size}"
            if is_beyond:
                self.report(found("VERIFY-CHECKPOINT-05", record=name))
            is_right = root in (None, note.root)
            if self.is_root_right and not is_right:
                self.report(found("VERIFY-CHECKPOINT-04", record=name))
            self.is_root_right = is_right

        return judge


def walk(log_walk: LogWalk, points: Iterable[Iterator[SizePoint]]) -> int:
    """Grow the tree from point to point. The number of leaves."""
    for point in heapq.merge(*points, key=itemgetter(0)):
        root = log_walk.root_at(point.size)
        point.judge(root, log_walk.is_known and point.size > log_walk.tree.size)
    return log_walk.finish()


def epochs_of(source: JournalSource, table: str, report: Report) -> list[int]:
    """The epochs of the log that have rows in this table, found one after the other."""
    epochs: list[int] = []
    above: object = EPOCH_BEFORE_ALL
    strange = next(source.rows(table, ("epoch",), equal={"epoch": None}, most=1), None)
    while len(epochs) < EPOCHS_MAX:
        rows = source.rows(table, ("epoch",), order=("epoch",), above=("epoch", above), most=1)
        row = next(rows, None)
        if row is None:
            break
        if not isinstance(row[0], int):
            strange = row
            break
        epochs.append(row[0])
        above = row[0]
    if strange is not None or len(epochs) == EPOCHS_MAX:
        report(found("VERIFY-LOG-01", detail="its epoch is no number", record=f"table {table}"))
    return epochs
