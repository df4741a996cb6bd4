"""The verifier's command line, and what it says to a person."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from zipfile import is_zipfile

from fiscus.journal.verify.database import verify_sqlite
from fiscus.journal.verify.outside import NOTHING_GIVEN, OutsideKnowledge, load_outside
from fiscus.journal.verify.package import verify_package
from fiscus.journal.verify.report import UnreadableFile, VerifyReport

DESCRIPTION = "Is this journal, or this export package, whole and true?"

GOOD, FINDINGS, UNREADABLE = 0, 1, 2
SQLITE_START = b"SQLite format 3\x00"
SENTENCES_MAX = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge one file; the exit code is 0 if nothing is wrong, 1 if something is, 2 if it cannot
    be read."""
    wanted = parser().parse_args(arguments)
    try:
        outside = load_outside(wanted.root, wanted.policy, wanted.against)
        report = verify_file(wanted.file, jws=wanted.jws, outside=outside)
    except UnreadableFile as error:
        print(json.dumps({"error": str(error)}) if wanted.json else str(error), file=sys.stderr)
        return UNREADABLE
    if wanted.json:
        print(json.dumps(report.as_dict(), indent=2, default=str))
    else:
        print("\n".join(sentences(report)))
    return GOOD if report.is_good else FINDINGS


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fiscus.journal.verify", description=DESCRIPTION
    )
    parser.add_argument("file", type=Path, help="a SQLite file or an export package (ZIP)")
    parser.add_argument("--jws", type=Path, help="the package's signature, if not beside it")
    parser.add_argument(
        "--root",
        metavar="FILE|sha256:HEX",
        help="the installation's fingerprint, or a file with it, its public key or certificate",
    )
    parser.add_argument(
        "--policy", type=Path, metavar="FILE", help="logs, witnesses and quorum (C2SP tlog-policy)"
    )
    parser.add_argument(
        "--against",
        type=Path,
        metavar="FILE",
        help="a note, a package or a SQLite database that was kept elsewhere",
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser


def verify_file(
    file: Path, *, jws: Path | None = None, outside: OutsideKnowledge = NOTHING_GIVEN
) -> VerifyReport:
    """Look at the file's first bytes and check it as what it is."""
    try:
        with file.open("rb") as stream:
            is_sqlite = stream.read(len(SQLITE_START)) == SQLITE_START
    except (OSError, ValueError) as error:
        raise UnreadableFile(str(error)) from error
    if is_sqlite:
        return verify_sqlite(file, outside=outside)
    if is_zipfile(file):
        return verify_package(file, jws, outside=outside)
    raise UnreadableFile(f"{file} is neither a SQLite file nor a ZIP")


def sentences(report: VerifyReport) -> list[str]:
    """The report for a person: the verdict, the findings, and what all that does not show."""
    size = ", ".join(
        (
            _counted(report.entries, "entry", "entries"),
            _counted(report.chains, "chain", "chains"),
            _counted(report.checkpoints, "checkpoint", "checkpoints"),
        )
    )
    return [
        *verdict(report, size),
        f"Fingerprint: {report.fingerprint or 'none'}",
        *(f"Neither good nor wrong: {note}." for note in report.notes[:SENTENCES_MAX]),
        *(f"Checked: {what}." for what in report.checked),
        *(f"Not checked: {what}." for what in report.unchecked[:SENTENCES_MAX]),
        *(f"Needed for that: {what}." for what in report.needed[:SENTENCES_MAX]),
    ]


def _counted(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"


def verdict(report: VerifyReport, size: str) -> list[str]:
    if report.is_empty:
        return ["Empty: there is no entry, so nothing is proved, neither good nor wrong."]
    if report.is_good:
        return [f"Good: {size}."]
    count = len(report.findings) + report.omitted
    shown = [finding.sentence() for finding in report.findings[:SENTENCES_MAX]]
    more = [f"and {count - len(shown)} more"] if count > len(shown) else []
    word = "finding" if count == 1 else "findings"
    return [f"NOT GOOD: {count} {word} in {size}. The first bad record first:", *shown, *more]
