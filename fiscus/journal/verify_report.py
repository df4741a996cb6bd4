"""What the verifier says: findings with stable codes, and the report that collects them."""

from collections.abc import Mapping
from dataclasses import dataclass

FINDINGS_MAX = 10_000
"""Findings kept in a report: a journal signed with a foreign key has one for every entry."""

ACROSS = ("VERIFY-ID-", "VERIFY-INTENT-", "VERIFY-SERIES-")

CODES: Mapping[str, str] = {
    "VERIFY-BODY-01": "the body is not a JSON object in UTF-8 with unique member names",
    "VERIFY-BODY-02": "the body lacks a member every entry has, or has it in a wrong form",
    "VERIFY-COPY-01": "a column differs from the body",
    "VERIFY-LINK-01": "the link is not the hash of this entry",
    "VERIFY-SIGNATURE-01": "the signature is not the register's signature of this body",
    "VERIFY-KEY-01": "the register has no usable certificate",
    "VERIFY-CHAIN-01": "the body does not name the link of the entry before",
    "VERIFY-SEQUENCE-01": "entries are missing",
    "VERIFY-SEQUENCE-02": "this place of the chain is taken twice",
    "VERIFY-TAIL-01": "the chain ends before entries that a checkpoint covers",
    "VERIFY-TIME-01": "the entry is older than the entry before",
    "VERIFY-ID-01": "the id was used before",
    "VERIFY-INTENT-01": "the intent was concluded before",
    "VERIFY-SERIES-01": "numbers of the series are missing before this one",
    "VERIFY-SERIES-02": "the number of the series was used before",
    "VERIFY-SERIES-03": "the entry does not name the record with the number before",
    "VERIFY-CHECKPOINT-01": "the checkpoint numbers are not 1, 2, 3 without gap",
    "VERIFY-CHECKPOINT-02": "the columns are not what the signed note says",
    "VERIFY-CHECKPOINT-03": "the checkpoint does not name the note before",
    "VERIFY-CHECKPOINT-04": "the ranges do not continue the ranges before",
    "VERIFY-CHECKPOINT-05": "the size is not the number of entries covered",
    "VERIFY-CHECKPOINT-06": "the root is not the root of the entries covered",
    "VERIFY-CHECKPOINT-07": "the signature is not the checkpoint key's signature of the note",
    "VERIFY-CHECKPOINT-08": "there is no usable certificate of the checkpoint key",
    "VERIFY-WITNESS-01": "the witness is not a checkpoint signed with the checkpoint key",
    "VERIFY-WITNESS-02": "the witness differs from the journal's checkpoint of this number",
    "VERIFY-WITNESS-03": "tail cut: the journal lacks the checkpoint the witness knows",
    "VERIFY-PACKAGE-01": "a file of the package is missing or cannot be read",
    "VERIFY-PACKAGE-02": "the manifest differs from the content",
    "VERIFY-PACKAGE-03": "the signature beside the package is not that of its bytes",
    "VERIFY-PACKAGE-04": "there is no signature beside the package",
    "VERIFY-PACKAGE-05": "a line is not an entry",
}


class Unreadable(Exception):
    """The file cannot be judged at all: it is not there, or not what it was said to be."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One broken thing. `record` is the entry's id, or the checkpoint or file that is meant."""

    code: str
    text: str
    register: str | None = None
    sequence: int | None = None
    record: str | None = None

    def sentence(self) -> str:
        place = f"register {self.register}, sequence {self.sequence}" if self.register else ""
        where = ", ".join(part for part in (place, self.record) if part)
        return f"{self.code} {where}: {self.text}"


@dataclass(frozen=True, kw_only=True)
class Report:
    """The outcome: what was looked at, and what was found, the first bad record first.

    `newest_checkpoint` has the columns of the table: kept elsewhere, it is a witness.
    `checkpoint_key` is the SHA-256 of the checkpoint certificate, to be compared by a person.
    `omitted` counts the findings beyond the first ten thousand.
    """

    entries: int
    registers: int
    checkpoints: int
    findings: tuple[Finding, ...]
    newest_checkpoint: Mapping[str, object] | None = None
    checkpoint_key: str | None = None
    omitted: int = 0

    @property
    def is_good(self) -> bool:
        return not self.findings

    def as_dict(self) -> dict[str, object]:
        """The report as plain values, ready for JSON."""
        newest = self.newest_checkpoint
        return {
            "is_good": self.is_good,
            "entries": self.entries,
            "registers": self.registers,
            "checkpoints": self.checkpoints,
            "findings": [vars(finding) for finding in self.findings],
            "omitted": self.omitted,
            "newest_checkpoint": None if newest is None else dict(newest),
            "checkpoint_key": self.checkpoint_key,
        }


class Findings:
    """Findings as they come in, up to a maximum, counted beyond it."""

    def __init__(self) -> None:
        self.kept: list[Finding] = []
        self.omitted = 0

    def add(self, finding: Finding) -> None:
        if len(self.kept) < FINDINGS_MAX:
            self.kept.append(finding)
        else:
            self.omitted += 1

    def in_order(self) -> tuple[Finding, ...]:
        """Broken entries by register and sequence; then what may be only a consequence: what
        does not fit across registers, and at last what belongs to no entry."""
        return tuple(sorted(self.kept, key=place_of))


def place_of(finding: Finding) -> tuple[int, str, int]:
    if finding.register is None:
        return 2, "", 0
    is_across = finding.code.startswith(ACROSS)
    return int(is_across), finding.register, finding.sequence or 0


def found(
    code: str,
    detail: str = "",
    *,
    register: str | None = None,
    sequence: int | None = None,
    record: str | None = None,
) -> Finding:
    """A finding with the sentence of its code, and what exactly was seen."""
    text = f"{CODES[code]}: {detail}" if detail else CODES[code]
    return Finding(
        code=code,
        text=printable(text),
        register=register,
        sequence=sequence,
        record=None if record is None else printable(record),
    )


def printable(text: str) -> str:
    """Damaged text is shown with escapes: a report that cannot be printed helps nobody."""
    return text.encode("utf-8", "backslashreplace").decode()
