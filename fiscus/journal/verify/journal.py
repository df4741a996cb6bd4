"""A journal as it is read: its keys first, then every entry, then what only the whole can show.

Rows stream through. What stays in memory is 32 bytes per entry (its link, for the tree of the log)
and a fixed cache; ids, numbers and statements wait in a temporary file.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from fiscus.journal.verify.chain import CleanRun, EntryChain
from fiscus.journal.verify.computed import ExpectedHead, chain_epochs, last_closing, open_outage
from fiscus.journal.verify.decoding import read_object
from fiscus.journal.verify.entry import CheckedEntry
from fiscus.journal.verify.examination import ExaminedBatch
from fiscus.journal.verify.key_ranges import KeyRanges, read_named_key
from fiscus.journal.verify.keys import LOST, ROTATED, Keyring, NamedKey
from fiscus.journal.verify.kinds import INSTALLATION, ORGANIZATION
from fiscus.journal.verify.members import EPOCH, MICROSECOND
from fiscus.journal.verify.notes import EntryNotes
from fiscus.journal.verify.outside import OutsideKnowledge
from fiscus.journal.verify.reliance import reliance_findings
from fiscus.journal.verify.report import (
    EntryPlace,
    Finding,
    JournalFindings,
    UnreadableFile,
    VerifyReport,
    VerifyScope,
    found,
)
from fiscus.journal.verify.source import JournalSource, first_row

KEYS_MAX = 500_000
KEY_WORDS = b'"key@1"'


class JournalState:
    """What is known after the entries seen so far; to be closed, whatever happens on the way.

    `is_partial`: a package, not the whole.
    """

    def __init__(
        self, keys: Iterable[NamedKey], outside: OutsideKnowledge, *, is_partial: bool
    ) -> None:
        self.ranges = KeyRanges(keys, outside.root)
        self.keyring = Keyring(self.ranges.fit)
        self.outside = outside
        self.is_partial = is_partial
        self.entries = 0
        self.checkpoints = 0
        self.newest_note: str | None = None
        self.chains: dict[tuple[str, int], EntryChain] = {}
        self.erased: set[str] = set()
        self.findings = JournalFindings()
        self.scope = VerifyScope()
        self.notes = EntryNotes(is_partial=is_partial)
        self.notes.write_homes(self.homes())

    def homes(self) -> Iterator[tuple[str, str, str]]:
        for chain in self.keyring.named:
            yield chain, *self.home(chain)

    def home(self, chain: str) -> tuple[str, str]:
        """The class of a chain, and the organization that it belongs to."""
        kind, giver = self.keyring.home_of(chain)
        if kind == ORGANIZATION:
            return kind, chain
        return kind, "" if kind == INSTALLATION else giver

    def take(self, batch: ExaminedBatch) -> None:
        """Add entries in the order of their rows."""
        self.entries += batch.rows
        for item in batch.items:
            if isinstance(item, CleanRun):
                self.chain(item.chain, item.epoch).follow_run(item)
            else:
                self.place(item)
        self.notes.write(batch.facts)

    def place(self, entry: CheckedEntry) -> None:
        """Put one entry into its chain, if it is known where it belongs."""
        if entry.chain and entry.sequence:
            self.chain(entry.chain, entry.epoch).follow(entry)
            return
        record = f"entry {entry.id or 'without id'}"
        self.findings.extend(found(code, detail, record=record) for code, detail in entry.broken)

    def chain(self, chain: str, epoch: int) -> EntryChain:
        known = self.chains.get((chain, epoch))
        if known is None:
            kind, _ = self.home(chain)
            known = self.chains[chain, epoch] = EntryChain(
                chain,
                epoch,
                self.findings.add,
                is_partial=self.is_partial and kind not in (INSTALLATION, ORGANIZATION),
                is_scattered=self.is_partial and kind == INSTALLATION,
            )
        return known

    def settle(self) -> None:
        """After the last entry: what only the whole can show."""
        self.findings.extend(self.ranges.findings())
        for known in self.chains.values():
            known.settle()
        for chain, epochs in chain_epochs(self.chains).items():
            if not self.is_partial and epochs[0].epoch > 1:
                place = EntryPlace(chain=chain, epoch=1, sequence=1)
                self.findings.add(
                    found("VERIFY-SEQUENCE-01", detail="the first epoch", entry=place)
                )
        self.findings.extend(self.missing_chains())
        self.notes.finish()
        self.erased = self.notes.erased_chains()
        self.notes.may_gap = self.may_gap
        self.findings.extend(self.notes.findings())
        self.findings.extend(reliance_findings(self.notes))
        self.judge_root()
        for told in (
            self.ranges.told(),
            self.notes.erasures(),
            self.notes.adoptions(),
            self.notes.told(),
        ):
            for sentence in told:
                self.scope.tell(sentence)

    def missing_chains(self) -> Iterator[Finding]:
        """Organizations that have a key and no entry."""
        present = {chain for chain, _ in self.chains}
        for key in self.ranges.fit:
            if key.purpose == ORGANIZATION and key.of not in present:
                place = EntryPlace(chain=key.of, epoch=1, sequence=1)
                yield found("VERIFY-SEQUENCE-01", detail="the whole chain", entry=place)

    def may_gap(self, chain: str) -> bool:
        """Whether entries of this chain before those seen may be elsewhere, or erased."""
        known = self.chains.get((chain, 1))
        is_run = known is not None and known.is_partial and known.first > 1
        return is_run or chain in self.erased

    def judge_root(self) -> None:
        """Whether the given fingerprint leads to the keys that sign today."""
        given, roots = self.outside.root, self.ranges.root
        if given is None:
            self.scope.miss(
                "who wrote it: everything fits together, which anybody with keys of his own "
                "could have made so too",
                "the fingerprint of the installation, as a Z report prints it (--root)",
            )
            return
        start = next((place for place, key in enumerate(roots) if key.sha256 == given), None)
        if start is None:
            detail = f"sha256:{roots[0].sha256}" if roots else "there is none"
            self.findings.add(found("VERIFY-ROOT-01", detail, record="root key"))
            return
        self.scope.checked.append("authorship, by the fingerprint of the root key that was given")
        if start:
            self.scope.miss(f"what the installation signed before sequence {roots[start].first}")
        for key in roots[start + 1 :]:
            if key.reason != ROTATED:
                which = "was lost" if key.reason == LOST else "began anew"
                self.scope.miss(
                    f"authorship from sequence {key.first} of the installation on: its key {which}",
                    f"the fingerprint sha256:{key.sha256} from a source of its own",
                )
                return

    def heads(self, covered: dict[tuple[str, int], int]) -> dict[str, ExpectedHead]:
        """What the table `chain` must say."""
        heads = {}
        for chain, epochs in chain_epochs(self.chains).items():
            last = epochs[-1]
            kind, organization = self.home(chain)
            z, closed = last_closing(self.notes, chain, last.epoch)
            heads[chain] = ExpectedHead(
                id=chain,
                kind=kind,
                organization=organization,
                epoch=last.epoch,
                sequence=last.last,
                link=last.head.hex(),
                entry=last.last_id,
                at=instant(last.newest_micros),
                covered=covered.get((chain, last.epoch), 0),
                z=z,
                closed=closed,
                outage=open_outage(self.notes, chain),
            )
        return heads

    def report(self) -> VerifyReport:
        roots = self.ranges.root
        return VerifyReport(
            entries=self.entries,
            chains=len({chain for chain, _ in self.chains}),
            checkpoints=self.checkpoints,
            findings=self.findings.in_order(),
            omitted=self.findings.omitted,
            notes=tuple(self.scope.notes),
            checked=tuple(self.scope.checked),
            unchecked=tuple(self.scope.unchecked),
            needed=tuple(dict.fromkeys(self.scope.needed)),
            fingerprint=f"sha256:{roots[-1].sha256}" if roots else None,
            newest_note=self.newest_note,
        )

    def close(self) -> None:
        self.notes.close()


def instant(micros: int | None) -> str | None:
    """An instant as rows have it."""
    if micros is None:
        return None
    at = EPOCH + timedelta(microseconds=micros) if micros >= 0 else EPOCH - MICROSECOND * -micros
    return at.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def named_keys(source: JournalSource) -> list[NamedKey]:
    """The keys of all `key@1` entries. Whether they are signed is judged with all others."""
    keys: list[NamedKey] = []
    for chain in chains_of(source):
        if is_of_register(source, chain):
            continue
        for (stored,) in source.rows("entry", ("body",), equal={"chain": chain}):
            body = body_of_key(stored)
            key = read_named_key(body) if body else None
            if key is not None:
                keys.append(key)
            if len(keys) > KEYS_MAX:
                raise UnreadableFile(f"{source.name} has more than {KEYS_MAX} keys")
    return keys


def chains_of(source: JournalSource) -> Iterator[object]:
    """The ids of all chains, found one after the other by the index over them."""
    last: object = ""
    while True:
        rows = source.rows("entry", ("chain",), order=("chain",), above=("chain", last), most=1)
        row = first_row(rows)
        if row is None or not isinstance(row[0], str):
            return
        last = row[0]
        yield last


def is_of_register(source: JournalSource, chain: object) -> bool:
    """Whether this is a register's chain, which names no keys: its first entry has a place."""
    order = ("chain", "epoch", "sequence")
    rows = source.rows("entry", ("body",), order=order, equal={"chain": chain}, most=1)
    row = first_row(rows)
    stored = row[0] if row else None
    body = bytes(stored) if isinstance(stored, bytes | memoryview) else b""
    return "place" in (read_object(body) or {})


def body_of_key(stored: object) -> dict[str, object] | None:
    body = bytes(stored) if isinstance(stored, bytes | memoryview) else b""
    members = read_object(body) if KEY_WORDS in body else None
    return members if members and members.get("kind") == "key@1" else None
