"""What the verifier says: findings with stable codes, and the report that collects them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from fiscus.journal.verify.codes import CODES

FINDINGS_MAX = 10_000
"""Findings kept in a report: a journal signed with a foreign key has one for every entry."""

TEXT_MAX = 500
"""Characters of what was found in the data, so that a report stays readable."""

DAMAGED = "VERIFY-PACKAGE-01"
"""A file of a package that could not be read to its end."""

UNREAD = ("VERIFY-BODY-01", "VERIFY-PACKAGE-05")
"""A line that could not be read, as where the file is damaged. Whatever else is found may be a
consequence of it."""

GAPS = ("VERIFY-SEQUENCE-01", "VERIFY-CHAIN-01", "VERIFY-KEY-01")
"""What is missing: it may stand in what could not be read, or in an entry that was changed."""

LATER = (
    "VERIFY-ID-",
    "VERIFY-INTENT-",
    "VERIFY-SERIES-",
    "VERIFY-DOUBLE-",
    "VERIFY-RELIES-",
    "VERIFY-OUTAGE-",
    "VERIFY-CLOSING-",
)
"""What may be only a consequence of a broken entry elsewhere."""

AROUND = (
    "VERIFY-PACKAGE-02",
    "VERIFY-PACKAGE-03",
    "VERIFY-PACKAGE-06",
    "VERIFY-PACKAGE-07",
    "VERIFY-CHECKPOINT-07",
)
"""What surrounds the entries of a package, and does not fit once one of them was changed."""


class UnreadableFile(Exception):
    """The file cannot be judged at all: it is not there, or not what it was said to be."""


@dataclass(frozen=True, kw_only=True)
class EntryPlace:
    """Which entry is meant, as far as it is known."""

    chain: str
    epoch: int = 0
    sequence: int = 0
    id: str = ""
    kind: str = ""

    def words(self) -> str:
        epoch = f", epoch {self.epoch}" if self.epoch > 1 else ""
        named = " ".join(part for part in (self.kind, self.id) if part)
        return f"chain {self.chain}{epoch}, sequence {self.sequence}" + (named and f", {named}")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One broken thing: the entry, or else the `record` (row, checkpoint or file) it is about."""

    code: str
    text: str
    entry: EntryPlace | None = None
    record: str | None = None

    @property
    def means(self) -> str:
        return CODES[self.code].means

    def sentence(self) -> str:
        places = (self.entry.words() if self.entry else "", self.record or "")
        where = ", ".join(part for part in places if part)
        return f"{self.code} {where}: {self.text}. It means: {self.means}."

    def as_dict(self) -> dict[str, object]:
        words = CODES[self.code]
        place = vars(self.entry) if self.entry else None
        return {
            "code": self.code,
            "text": self.text,
            "means": words.means,
            "do": words.do,
            "entry": place,
            "record": self.record,
        }


@dataclass(frozen=True, kw_only=True)
class VerifyReport:
    """The outcome: what was looked at, what was found, and what all that does not show.

    `findings` have the first bad entry first; `omitted` counts those beyond the first ten
    thousand. `notes` say what is neither good nor wrong; `checked`, `unchecked` and `needed` what
    was looked at, what was not, and what would have to be given for that. `fingerprint` is the
    root key's SHA-256, `newest_note` the newest signed note: kept elsewhere, both can be given to
    the next verification.
    """

    entries: int
    chains: int
    checkpoints: int
    findings: tuple[Finding, ...]
    omitted: int = 0
    notes: tuple[str, ...] = ()
    checked: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    fingerprint: str | None = None
    newest_note: str | None = None

    @property
    def is_good(self) -> bool:
        """Nothing is wrong. An empty journal is good in this sense too; see `is_empty`."""
        return not self.findings

    @property
    def is_empty(self) -> bool:
        return not self.entries and not self.findings

    @property
    def verdict(self) -> str:
        if self.findings:
            return "not good"
        return "empty" if self.is_empty else "good"

    def as_dict(self) -> dict[str, object]:
        """The report as plain values, ready for JSON."""
        return {
            "verdict": self.verdict,
            "is_good": self.is_good,
            "is_empty": self.is_empty,
            "entries": self.entries,
            "chains": self.chains,
            "checkpoints": self.checkpoints,
            "findings": [finding.as_dict() for finding in self.findings],
            "omitted": self.omitted,
            "notes": list(self.notes),
            "checked": list(self.checked),
            "unchecked": list(self.unchecked),
            "needed": list(self.needed),
            "fingerprint": self.fingerprint,
            "newest_note": self.newest_note,
        }


@dataclass
class VerifyScope:
    """What was checked, what was not, and what that would need: the end of an honest report."""

    checked: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    needed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def miss(self, what: str, need: str = "") -> None:
        """Something that could not be shown, and what it would take."""
        self.unchecked.append(printable(what))
        if need:
            self.needed.append(printable(need))

    def tell(self, note: str) -> None:
        """Something that is neither good nor wrong. Bounded as the findings are."""
        if len(self.notes) < FINDINGS_MAX:
            self.notes.append(printable(note))


class JournalFindings:
    """Findings as they come in, up to a maximum, counted beyond it. Consequences never crowd out
    their cause: beyond the maximum, what is nearer to it takes the last place."""

    def __init__(self) -> None:
        self.kept: list[Finding] = []
        self.omitted = 0

    def add(self, finding: Finding) -> None:
        if len(self.kept) < FINDINGS_MAX:
            self.kept.append(finding)
            return
        self.omitted += 1
        if rank(finding) < rank(self.kept[-1]):
            self.kept[-1] = finding

    def extend(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self.add(finding)

    def in_order(self) -> tuple[Finding, ...]:
        """The cause first: what is damaged or cannot be read; broken entries by chain and sequence;
        what is missing; what may be only a consequence, as what does not fit across chains; and at
        last what belongs to no entry."""
        return tuple(sorted(self.kept, key=place_of))


def place_of(finding: Finding) -> tuple[int, str, int, int]:
    place = finding.entry
    if place is None:
        return rank(finding), "", 0, 0
    return rank(finding), place.chain, place.epoch, place.sequence


def rank(finding: Finding) -> int:
    """How near to the cause it stands: 0 is the nearest."""
    if finding.code == DAMAGED:
        return 0
    if finding.code in UNREAD or (finding.code == "VERIFY-BODY-02" and finding.entry is None):
        return 1
    if finding.entry is None:
        return 5
    if finding.code.startswith(LATER):
        return 4
    return 3 if finding.code in GAPS else 2


def may_follow(code: str) -> bool:
    """Whether a finding of this code may be a consequence of one that stands before it."""
    return code in (*UNREAD, *GAPS, *AROUND) or code.startswith(LATER)


def found(
    code: str, detail: str = "", *, entry: EntryPlace | None = None, record: str | None = None
) -> Finding:
    """A finding with the sentence of its code, and what exactly was seen."""
    seen = CODES[code].seen
    text = f"{seen}: {detail}" if detail else seen
    return Finding(
        code=code,
        text=printable(text),
        entry=entry,
        record=None if record is None else printable(record),
    )


def printable(text: str) -> str:
    """Damaged text is shown with escapes: a report that cannot be printed helps nobody."""
    shown = text if len(text) <= TEXT_MAX else text[:TEXT_MAX] + "…"
    if shown.isascii() and shown.isprintable():
        return shown
    plain = shown.encode("utf-8", "backslashreplace").decode()
    escaped = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in plain)
    return escaped if len(escaped) <= TEXT_MAX else escaped[:TEXT_MAX] + "…"


def text_of(value: object) -> str:
    """A stored value as a text that any program can print and store; empty for other types."""
    if not isinstance(value, str):
        return ""
    if value.isascii() and value.isprintable() and len(value) <= TEXT_MAX:
        return value
    return printable(value)


def count_of(value: object) -> int:
    """A stored value as a number that counts something; 0 for everything else."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63:
        return value
    return 0
