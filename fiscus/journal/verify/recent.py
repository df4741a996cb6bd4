"""The newest entries verified again and again, by a service that watches itself.

A cursor says how far each chain was verified. Only what came after it is read: its bodies, links,
signatures and copies, and the rows that it states or relies on. What only the whole can show (legal
numbers that are there twice, the tree of the log, rows that nobody states) is left to the full
verification.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from fiscus.journal.verify.chain import CleanRun, EntryChain, EntryRun
from fiscus.journal.verify.cursor import ChainPlace, VerifyCursor
from fiscus.journal.verify.entry import BODY, EntryCheck, Values
from fiscus.journal.verify.examination import ExaminedBatch, examine_batch, in_batches, unpacked
from fiscus.journal.verify.facts import FACTS, Facts
from fiscus.journal.verify.journal import body_of_key, instant
from fiscus.journal.verify.key_ranges import KeyRanges, read_named_key
from fiscus.journal.verify.keys import Keyring, NamedKey
from fiscus.journal.verify.kinds import INSTALLATION, ORGANIZATION, REGISTER
from fiscus.journal.verify.recent_rows import RowCheck
from fiscus.journal.verify.report import (
    EntryPlace,
    Finding,
    JournalFindings,
    UnreadableFile,
    count_of,
    found,
    text_of,
)
from fiscus.journal.verify.source import JournalSource, expect_journal, first_row
from fiscus.journal.verify.statements import is_readable
from fiscus.journal.verify.tables import ENTRY

ENTRIES_MAX = 5_000
HEADS_MAX = 200
CLASSES = (INSTALLATION, ORGANIZATION, REGISTER)
CHAIN_ROW = ("id", "class", "epoch", "sequence", "link", "entry", "at", "z", "closed", "outage")
NEEDED = ("entry", "chain", "claim", "series")


@dataclass(frozen=True, kw_only=True)
class RecentOutcome:
    """What was found among the new entries, and the cursor for the next time.

    `is_complete`: nothing newer is left; otherwise call again at once.
    """

    findings: tuple[Finding, ...]
    cursor: dict[str, object]
    entries: int
    is_complete: bool


@dataclass(frozen=True, kw_only=True)
class StoredHead:
    """A row of the table `chain`."""

    id: str
    kind: str
    epoch: int
    sequence: int
    link: str
    values: Values

    @property
    def place(self) -> tuple[int, int]:
        return self.epoch, self.sequence


def verify_recent(
    source: JournalSource,
    cursor: Mapping[str, object] | None,
    *,
    entries_max: int = ENTRIES_MAX,
    heads_max: int = HEADS_MAX,
) -> RecentOutcome:
    """Check what came after the cursor; None begins with the first entry.

    At most about `entries_max` entries are read, and `heads_max` chains without news are looked
    at, in turn: is their last entry still there? Raises `UnreadableFile` if there is no journal of
    this format, or the value is no cursor.
    """
    expect_journal(source)
    for table in NEEDED:
        if not is_readable(source, table):
            raise UnreadableFile(f"{source.name}: `{table}` has not the columns of the page")
    known = VerifyCursor.read(cursor)
    return RecentWalk(source, known, entries_max).run(heads_max)


class RecentWalk:
    """One round over all chains with news."""

    def __init__(self, source: JournalSource, cursor: VerifyCursor, entries_max: int) -> None:
        self.source = source
        self.cursor = cursor
        self.left = entries_max
        self.entries = 0
        self.findings = JournalFindings()
        self.facts: Facts = {name: [] for name in FACTS}
        self.ended: set[str] = set()
        self.is_complete = True

    def run(self, heads_max: int) -> RecentOutcome:
        heads = sorted(self.heads(), key=lambda head: CLASSES.index(head.kind))
        news = []
        for head in heads:
            known = self.cursor.chains.get(head.id)
            if self.is_behind(head, known):
                continue
            if known is None or head.place != known.place:
                news.append(head)
        for chain in self.cursor.chains.keys() - {head.id for head in heads}:
            self.findings.add(found("VERIFY-CURSOR-01", record=f"chain {chain}"))
        for head in news:
            self.follow(head)
        self.look_again({head.id for head in news}, heads_max)
        rows = RowCheck(self.source, Keyring(self.cursor.keys), self.ended)
        self.findings.extend(rows.findings(self.facts))
        return RecentOutcome(
            findings=self.findings.in_order(),
            cursor=self.cursor.as_dict(),
            entries=self.entries,
            is_complete=self.is_complete,
        )

    def heads(self) -> Iterator[StoredHead]:
        for values in self.source.rows("chain", CHAIN_ROW):
            id, kind, epoch, sequence, link, *_ = values
            if kind not in CLASSES:
                self.findings.add(found("VERIFY-HEAD-01", detail="class", record=f"chain {id}"))
                continue
            yield StoredHead(
                id=text_of(id),
                kind=str(kind),
                epoch=count_of(epoch),
                sequence=count_of(sequence),
                link=text_of(link),
                values=values,
            )

    def is_behind(self, head: StoredHead, known: ChainPlace | None) -> bool:
        """Whether the row says less than was verified, or something else about the same place."""
        if known is None or head.place > known.place:
            return False
        if head.place == known.place and head.link == known.link:
            return False
        code = "VERIFY-CURSOR-01" if head.place < known.place else "VERIFY-CURSOR-02"
        place = EntryPlace(chain=head.id, epoch=known.epoch, sequence=known.sequence)
        self.findings.add(found(code, f"it ends with sequence {head.sequence}", entry=place))
        return True

    def look_again(self, busy: set[str], heads_max: int) -> None:
        """Chains without news, some at a time: is the entry at their end still there?"""
        quiet = sorted(self.cursor.chains.keys() - busy)
        start = next((at for at, one in enumerate(quiet) if one > self.cursor.next), 0)
        turn = [*quiet[start:], *quiet[:start]]
        for chain in islice(turn, heads_max):
            self.is_anchored(chain, self.cursor.chains[chain])
            self.cursor.next = chain

    def is_anchored(self, chain: str, known: ChainPlace) -> bool:
        """Whether the last verified entry is still there, with its link."""
        where = {"chain": chain, "epoch": known.epoch, "sequence": known.sequence}
        row = first_row(self.source.rows("entry", ("link",), equal=where, most=1))
        if row is not None and row[0] == known.link:
            return True
        code = "VERIFY-CURSOR-01" if row is None else "VERIFY-CURSOR-02"
        place = EntryPlace(chain=chain, epoch=known.epoch, sequence=known.sequence)
        self.findings.add(found(code, entry=place))
        return False

    def follow(self, head: StoredHead) -> None:
        """Read the new entries of one chain, epoch by epoch."""
        known = self.cursor.chains.get(head.id)
        if known is not None and not self.is_anchored(head.id, known):
            return
        epochs = range(known.epoch if known else 1, head.epoch + 1)
        for epoch in islice(epochs, 1_000):
            after = known if known is not None and known.epoch == epoch else None
            if self.left <= 0:
                self.is_complete = False
                return
            self.follow_epoch(head, epoch, after)
        if self.is_complete:
            self.ended.add(head.id)
            self.judge_head(head)

    def follow_epoch(self, head: StoredHead, epoch: int, after: ChainPlace | None) -> None:
        chain = EntryChain(head.id, epoch, self.findings.add)
        if after is not None:
            chain.runs.append(EntryRun(after.sequence, None, bytes.fromhex(after.link), ""))
            chain.newest_micros, chain.is_partial = after.micros, True
        rows = list(
            self.source.rows(
                "entry",
                ENTRY,
                order=("sequence",),
                equal={"chain": head.id, "epoch": epoch},
                above=("sequence", after.sequence if after else 0),
                most=self.left + 1,
            )
        )
        if len(rows) > self.left:
            self.is_complete = False
            rows.pop()
        self.left -= len(rows)
        self.entries += len(rows)
        self.learn_keys(head, rows)
        check = EntryCheck(Keyring(self.cursor.keys))
        for batch in in_batches(rows):
            self.take(chain, unpacked(examine_batch(check, batch)))
        chain.settle()
        if rows and chain.runs:
            self.cursor.chains[head.id] = ChainPlace(
                epoch=epoch,
                sequence=chain.last,
                link=chain.head.hex(),
                micros=chain.newest_micros or 0,
                id=chain.last_id,
            )

    def take(self, chain: EntryChain, batch: ExaminedBatch) -> None:
        for item in batch.items:
            if isinstance(item, CleanRun):
                chain.follow_run(item)
            elif item.chain == chain.chain and item.epoch == chain.epoch and item.sequence:
                chain.follow(item)
            else:
                record = f"entry {item.id or 'without id'} in chain {chain.chain}"
                for code, detail in item.broken:
                    self.findings.add(found(code, detail, record=record))
        for name, rows in batch.facts.items():
            self.facts[name] += rows

    def learn_keys(self, head: StoredHead, rows: Iterable[Values]) -> None:
        """Keys that new `key@1` entries name, judged with those of the same chain."""
        if head.kind == REGISTER:
            return
        bodies = (body_of_key(row[BODY]) for row in rows)
        keys = [key for key in (read_named_key(body) for body in bodies if body) if key]
        if keys:
            touched = {(key.purpose, key.of) for key in keys}
            self.cursor.keys += keys
            self.findings.extend(key_findings(self.cursor.keys, touched, keys))

    def judge_head(self, head: StoredHead) -> None:
        """The row of the chain against its last entry, and what the new entries close or open."""
        known = self.cursor.chains.get(head.id)
        if known is None:
            return
        _, _, *values = head.values
        expected: list[object] = [known.epoch, known.sequence, known.link, known.id]
        expected.append(instant(known.micros))
        names = ["epoch", "sequence", "link", "entry", "at", "z", "closed", "outage"]
        expected += self.last_closing(head.id) or values[5:7]
        expected.append(self.last_outage(head.id, values[7]))
        named = [
            name for name, one, other in zip(names, values, expected, strict=True) if one != other
        ]
        if named:
            self.findings.add(found("VERIFY-HEAD-01", ", ".join(named), record=f"chain {head.id}"))

    def last_closing(self, chain: str) -> list[object]:
        rows = [row for row in self.facts["closing"] if row[0] == chain]
        return [rows[-1][4], rows[-1][6]] if rows else []

    def last_outage(self, chain: str, stored: object) -> object:
        rows = [row for row in self.facts["outage"] if row[0] == chain]
        if not rows:
            return stored
        _, _, _, id, is_outage, _ = rows[-1]
        return id if is_outage else ""


def key_findings(
    keys: list[NamedKey], touched: set[tuple[str, str]], new: list[NamedKey]
) -> Iterator[Finding]:
    """What is wrong with new keys: among all that could be beside them."""
    beside = [
        key
        for key in keys
        if (key.purpose, key.of) in touched or key.purpose in ("root", ORGANIZATION)
    ]
    new_ids = {key.in_id for key in new}
    for finding in KeyRanges(beside).findings():
        if finding.entry is not None and finding.entry.id in new_ids:
            yield finding
