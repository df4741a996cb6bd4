"""The whole journal, row by row: each entry alone, then its chain, then what lies across.

Rows stream through. What stays in memory is 32 bytes per entry (its link, for the tree of the
checkpoints) and a fixed cache; ids and series numbers wait in a temporary file.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing import get_context
from operator import itemgetter

from fiscus.journal.verify_chain import Chain
from fiscus.journal.verify_checkpoints import Walk, Witness
from fiscus.journal.verify_entry import COLUMNS, Entry, Values, examine, row_of
from fiscus.journal.verify_keys import Key, Keyring, read_keys
from fiscus.journal.verify_notes import Notes
from fiscus.journal.verify_report import Finding, Findings, Report, Unreadable

Columns = Mapping[str, object]
Progress = Callable[[int], None]
Batch = tuple[int, list[Values]]
"""Rows, and the number of the first."""

IN_ORDER: Callable[[Columns], Values] = itemgetter(*COLUMNS)
BODY = COLUMNS.index("body")
BATCH_ROWS = 500
ALONE_BATCHES = 8
"""So many batches are examined in this process before others are started to help."""


def verify_rows(
    rows: Iterable[Columns],
    certificates: Mapping[str, str],
    checkpoints: Iterable[Columns] = (),
    checkpoint_certificate: str | None = None,
    witness: Columns | None = None,
    progress: Progress | None = None,
    *,
    workers: int | None = None,
) -> Report:
    """Check a whole journal, given as rows of the table `entry` by register and sequence.

    `certificates` has the PEM text of each register's certificate; `checkpoints` are the rows of
    the table `checkpoint` by number, asked for after the last entry; `witness` is a checkpoint
    kept elsewhere. `workers` is the number of processes, by default one per processor.
    """
    return verify_values(
        map(values_of, rows),
        certificates,
        checkpoints,
        checkpoint_certificate,
        witness=witness,
        progress=progress,
        workers=workers,
    )


def verify_values(
    rows: Iterable[Values],
    certificates: Mapping[str, str],
    checkpoints: Iterable[Columns],
    checkpoint_certificate: str | None,
    *,
    witness: Columns | None,
    progress: Progress | None,
    workers: int | None,
) -> Report:
    """The same for rows whose columns are in the order of `COLUMNS` already."""
    journal = Journal(is_partial=False)
    for batch in examined(rows, certificates, workers):
        journal.take(batch)
        if progress:
            progress(journal.entries)
    journal.settle()
    journal.walk(checkpoints, checkpoint_certificate, witness)
    return journal.report()


def values_of(columns: Columns) -> Values:
    try:
        values = IN_ORDER(columns)
    except (KeyError, IndexError) as error:
        raise Unreadable(f"the rows lack a column ({error})") from error
    body = values[BODY]
    if not isinstance(body, memoryview):
        return values
    return (*values[:BODY], bytes(body), *values[BODY + 1 :])


class Journal:
    """What is known after the entries seen so far. `is_partial`: a package, not the whole."""

    def __init__(self, *, is_partial: bool) -> None:
        self.is_partial = is_partial
        self.entries = 0
        self.chains: dict[str, Chain] = {}
        self.notes = Notes(is_partial=is_partial)
        self.findings = Findings()
        self.checkpoints = 0
        self.checkpoint_keys: tuple[Key, ...] = ()
        self.newest_checkpoint: Columns | None = None

    def take(self, entries: Iterable[Entry]) -> None:
        """Add entries in the order of their rows."""
        self.notes.write(entry for entry in entries if self.place(entry))

    def place(self, entry: Entry) -> bool:
        """Put one entry into its chain; False if it must not be compared with others."""
        self.entries += 1
        if not entry.register or not entry.sequence:
            self.add(*entry.findings)
            return False
        known = self.chains.get(entry.register)
        if known is None:
            known = Chain(entry.register, self.findings.add, is_partial=self.is_partial)
            self.chains[entry.register] = known
        return known.follow(entry)

    def add(self, *findings: Finding) -> None:
        for finding in findings:
            self.findings.add(finding)

    def settle(self) -> None:
        """After the last entry: what only the whole can show."""
        for known in self.chains.values():
            known.settle()
        self.add(*self.notes.findings())
        self.notes.close()

    def walk(
        self, checkpoints: Iterable[Columns], certificate: str | None, witness: Columns | None
    ) -> None:
        """Judge the checkpoints over the settled chains, and what the witness knows of them."""
        self.checkpoint_keys = read_keys(certificate)
        walk = Walk(
            self.chains, self.checkpoint_keys, self.findings.add, is_partial=self.is_partial
        )
        other = Witness(witness, self.checkpoint_keys) if witness is not None else None
        for columns in checkpoints:
            checkpoint = walk.step(columns)
            self.newest_checkpoint = columns
            if other:
                other.meet(checkpoint)
        self.checkpoints = walk.count
        finding = other.finding(walk.count) if other else None
        if finding:
            self.add(finding)

    def report(self) -> Report:
        keys = self.checkpoint_keys
        return Report(
            entries=self.entries,
            registers=len(self.chains),
            checkpoints=self.checkpoints,
            findings=self.findings.in_order(),
            omitted=self.findings.omitted,
            newest_checkpoint=self.newest_checkpoint,
            checkpoint_key=keys[-1].fingerprint if keys else None,
        )


def examined(
    rows: Iterable[Values], certificates: Mapping[str, str], workers: int | None
) -> Iterator[list[Entry]]:
    """Batches of entries, each checked by itself, in the order of the rows.

    A short journal is done before helping processes would have started.
    """
    keyring, batches = Keyring(certificates), in_batches(rows)
    count = workers or os.cpu_count() or 1
    for batch in islice(batches, None if count == 1 else ALONE_BATCHES):
        yield examine_batch(batch, keyring)
    first = next(batches, None)
    if first is not None:
        yield from examined_by_many(chain([first], batches), certificates, count)


def in_batches(rows: Iterable[Values]) -> Iterator[Batch]:
    remaining, number = iter(rows), 1
    while values := list(islice(remaining, BATCH_ROWS)):
        yield number, values
        number += len(values)


def examine_batch(batch: Batch, keyring: Keyring) -> list[Entry]:
    first, rows = batch
    return [
        examine(row_of(values, number), keyring) for number, values in enumerate(rows, start=first)
    ]


def examined_by_many(
    batches: Iterable[Batch], certificates: Mapping[str, str], workers: int
) -> Iterator[list[Entry]]:
    """The same in several processes, with few batches on the way at any time."""
    waiting: deque[Future[list[Entry]]] = deque()
    pool = ProcessPoolExecutor(
        workers, get_context("spawn"), initializer=remember, initargs=(dict(certificates),)
    )
    try:
        for batch in batches:
            waiting.append(pool.submit(examine_batch_here, batch))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise Unreadable("a helping process died; try again with one worker") from error
    finally:
        pool.shutdown(cancel_futures=True)


KEYRINGS: list[Keyring] = []
"""In a helping process: the one keyring it was started with."""


def remember(certificates: Mapping[str, str]) -> None:
    KEYRINGS[:] = [Keyring(certificates)]


def examine_batch_here(batch: Batch) -> list[Entry]:
    [keyring] = KEYRINGS
    return examine_batch(batch, keyring)
