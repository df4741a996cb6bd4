"""`python -m fiscus.journal.verify FILE`: is this journal, or this export package, whole and true?

Written from `docs/journal-format.md` alone. The files `verify*.py` use the standard library and
`cryptography` and share no hashing, encoding or decoding with the code that writes the journal:
a mistake there is not repeated here.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from zipfile import is_zipfile

from fiscus.journal.verify_merkle import verify_consistency, verify_inclusion
from fiscus.journal.verify_package import verify_package
from fiscus.journal.verify_report import Finding, Report, Unreadable
from fiscus.journal.verify_rows import Columns, verify_rows
from fiscus.journal.verify_sqlite import verify_sqlite

__all__ = [
    "Finding",
    "Report",
    "Unreadable",
    "main",
    "sentences",
    "verify_consistency",
    "verify_file",
    "verify_inclusion",
    "verify_package",
    "verify_rows",
    "verify_sqlite",
]

GOOD, FINDINGS, UNREADABLE = 0, 1, 2
SQLITE_START = b"SQLite format 3\x00"
SENTENCES_MAX = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge one file; the exit code is 0 if it is good, 1 if not, 2 if it cannot be read."""
    wanted = parser().parse_args(arguments)
    try:
        report = verify_file(
            wanted.file,
            jws=wanted.jws,
            checkpoint=wanted.checkpoint,
            certificate=wanted.certificate,
        )
    except Unreadable as error:
        print(json.dumps({"error": str(error)}) if wanted.json else str(error), file=sys.stderr)
        return UNREADABLE
    if wanted.json:
        print(json.dumps(report.as_dict(), indent=2, default=str))
    else:
        print("\n".join(sentences(report)))
    return GOOD if report.is_good else FINDINGS


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m fiscus.journal.verify", description=__doc__)
    parser.add_argument("file", type=Path, help="a SQLite file or an export package (ZIP)")
    parser.add_argument("--jws", type=Path, help="the package's signature, if not beside it")
    parser.add_argument("--checkpoint", type=Path, help="a checkpoint kept elsewhere (JSON)")
    parser.add_argument("--certificate", type=Path, help="the checkpoint certificate you trust")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser


def verify_file(
    file: Path,
    *,
    jws: Path | None = None,
    checkpoint: Path | None = None,
    certificate: Path | None = None,
) -> Report:
    """Look at the file's first bytes and check it as what it is."""
    try:
        witness = read_witness(checkpoint) if checkpoint else None
        pem = certificate.read_text() if certificate else None
        with file.open("rb") as stream:
            is_sqlite = stream.read(len(SQLITE_START)) == SQLITE_START
    except (OSError, ValueError) as error:
        raise Unreadable(str(error)) from error
    if is_sqlite:
        return verify_sqlite(file, checkpoint_certificate=pem, witness=witness)
    if is_zipfile(file):
        return verify_package(file, jws, checkpoint_certificate=pem, witness=witness)
    raise Unreadable(f"{file} is neither a SQLite file nor a ZIP")


def read_witness(file: Path) -> Columns:
    witness = json.loads(file.read_bytes())
    if not isinstance(witness, dict):
        raise ValueError(f"{file} is not a JSON object")
    return witness


def sentences(report: Report) -> list[str]:
    """The report for a person."""
    size = (
        f"{report.entries} entries, {report.registers} registers, {report.checkpoints} checkpoints"
    )
    if report.is_good:
        return [f"Good: {size}.", f"Checkpoint key: {report.checkpoint_key or 'none'}"]
    count = len(report.findings) + report.omitted
    shown = [finding.sentence() for finding in report.findings[:SENTENCES_MAX]]
    more = [f"and {count - len(shown)} more"] if count > len(shown) else []
    return [f"NOT GOOD: {count} findings in {size}. The first bad record first:", *shown, *more]


if __name__ == "__main__":
    sys.exit(main())
