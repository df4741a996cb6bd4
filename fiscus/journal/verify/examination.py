"""Entries examined in batches, in several processes: what comes back is small and in order."""

import marshal
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import chain, islice
from multiprocessing import get_context
from typing import Any, NamedTuple

from fiscus.journal.verify.chain import CleanRun
from fiscus.journal.verify.entry import BODY, STORED_LINK, CheckedEntry, EntryCheck, Values
from fiscus.journal.verify.facts import FactCollector, Facts
from fiscus.journal.verify.keys import Keyring, NamedKey
from fiscus.journal.verify.report import UnreadableFile
from fiscus.journal.verify.tables import ENTRY

BATCH_ROWS = 500
BATCH_BYTES = 8 * 1024 * 1024
ALONE_BATCHES = 8
"""So many batches are examined in this process before others are started to help."""

CHAIN, EPOCH, SEQUENCE = (ENTRY.index(name) for name in ("chain", "epoch", "sequence"))
Batch = tuple[Values | None, list[Values]]
"""The row before, without its body, and the rows."""


class ExaminedBatch(NamedTuple):
    """What a batch has shown: runs of clean entries and single other ones, in order, and facts."""

    items: list[CleanRun | CheckedEntry]
    facts: Facts
    rows: int


class RunBuilder:
    """Joins clean entries that follow each other into one value. Keeps no body but the last."""

    def __init__(self) -> None:
        self.items: list[tuple[object, ...]] = []
        self.first: CheckedEntry | None = None
        self.last: CheckedEntry | None = None
        self.links: list[bytes] = []

    def add(self, entry: CheckedEntry) -> None:
        is_clean = not entry.broken and entry.micros is not None
        if self.last is not None and not (is_clean and follows(entry, self.last)):
            self.flush()
        if not is_clean:
            self.items.append((*entry[:-1], None))
            return
        if self.first is None:
            self.first = entry
        self.last = entry
        self.links.append(entry.link)

    def flush(self) -> None:
        first, last = self.first, self.last
        if first is None or last is None:
            return
        run = (first.chain, first.epoch, first.sequence, first.previous, b"".join(self.links))
        self.items.append((*run, first.micros, last.micros, first.id, last.id))
        self.first = self.last = None
        self.links = []


def follows(entry: CheckedEntry, before: CheckedEntry) -> bool:
    return (
        entry.sequence == before.sequence + 1
        and entry.chain == before.chain
        and entry.epoch == before.epoch
        and (entry.previous is None or entry.previous == before.link)
        and (entry.micros or 0) >= (before.micros or 0)
    )


def examine_batch(check: EntryCheck, batch: Batch) -> bytes:
    """Check the rows of a batch; plain values in `marshal`, which is quick to hand over."""
    before, rows = batch
    collector, runs = FactCollector(), RunBuilder()
    for row in rows:
        entry = check.examine(row, link_before(before, row))
        home, _ = check.keyring.home_of(entry.chain)
        if entry.chain and entry.sequence and (broken := collector.add(entry, home)):
            entry = entry._replace(broken=(*entry.broken, *broken))
        runs.add(entry)
        before = row
    runs.flush()
    return marshal.dumps((runs.items, collector.facts, len(rows)))


def link_before(before: Values | None, row: Values) -> object:
    """The stored link of the row before, if it is that of the entry before."""
    if before is None or before[CHAIN] != row[CHAIN] or before[EPOCH] != row[EPOCH]:
        return None
    last, sequence = before[SEQUENCE], row[SEQUENCE]
    is_next = isinstance(last, int) and isinstance(sequence, int) and sequence == last + 1
    return before[STORED_LINK] if is_next else None


def unpacked(result: bytes) -> ExaminedBatch:
    items, facts, rows = marshal.loads(result)
    size = len(CleanRun._fields)
    found = [CleanRun(*item) if len(item) == size else CheckedEntry(*item) for item in items]
    return ExaminedBatch(found, facts, rows)


def examined(
    rows: Iterable[Values], keys: Iterable[NamedKey], *, is_bare: bool, workers: int | None
) -> Iterator[ExaminedBatch]:
    """Batches of entries, each checked by itself, in the order of the rows.

    A short journal is done before helping processes would have started.
    """
    known = tuple(keys)
    check, batches = EntryCheck(Keyring(known), is_bare=is_bare), in_batches(rows)
    count = workers or os.cpu_count() or 1
    for batch in islice(batches, None if count == 1 else ALONE_BATCHES):
        yield unpacked(examine_batch(check, batch))
    first = next(batches, None)
    if first is not None:
        settings = (known, is_bare)
        yield from map(unpacked, examined_by_many(chain([first], batches), settings, count))


def in_batches(rows: Iterable[Values]) -> Iterator[Batch]:
    """Rows by number and by bytes, so that large bodies do not fill the memory."""
    before: Values | None = None
    batch: list[Values] = []
    size = 0
    for row in rows:
        values = plain(row)
        batch.append(values)
        body = values[BODY]
        size += len(body) if isinstance(body, bytes | str) else 0
        if len(batch) >= BATCH_ROWS or size >= BATCH_BYTES:
            yield before, batch
            before, batch, size = (*values[:BODY], None, *values[BODY + 1 :]), [], 0
    if batch:
        yield before, batch


def plain(row: Values) -> Values:
    """A row of plain values: some drivers give views of memory, and rows of their own."""
    body = row[BODY]
    if isinstance(body, memoryview):
        return (*row[:BODY], bytes(body), *row[BODY + 1 :])
    return row if type(row) is tuple else tuple(row)


def examined_by_many(
    batches: Iterable[Batch], settings: tuple[tuple[NamedKey, ...], bool], workers: int
) -> Iterator[bytes]:
    """The same in several processes, with few batches on the way at any time."""
    waiting: deque[Future[bytes]] = deque()
    with helpers(workers, remember, settings) as pool:
        for batch in batches:
            given: Any = batch
            waiting.append(pool.submit(examine_here, marshal.dumps(given)))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@contextmanager
def helpers(
    workers: int, begin: Callable[..., None], settings: tuple[object, ...]
) -> Iterator[ProcessPoolExecutor]:
    """Processes that help; each calls `begin` with these settings first. Raises `UnreadableFile`
    if one of them dies."""
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=begin, initargs=settings)
    try:
        yield pool
    except BrokenProcessPool as error:
        raise UnreadableFile("a helping process died; try again with one worker") from error
    finally:
        pool.shutdown(cancel_futures=True)


CHECKS: list[EntryCheck] = []
"""In a helping process: the one examination it was started for."""


def remember(keys: tuple[NamedKey, ...], is_bare: bool) -> None:
    CHECKS[:] = [EntryCheck(Keyring(keys), is_bare=is_bare)]


def examine_here(batch: bytes) -> bytes:
    [check] = CHECKS
    return examine_batch(check, marshal.loads(batch))


Progress = Callable[[int], None]
