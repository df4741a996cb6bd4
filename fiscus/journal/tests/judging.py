"""Judging small journals in tests, and spoiling them with the right keys."""

import json
from itertools import pairwise
from typing import Any

from fiscus.journal.tests.small_journal import (
    Row,
    SmallJournal,
    in_order,
)
from fiscus.journal.verify_report import Report
from fiscus.journal.verify_rows import verify_rows


def judged(journal: SmallJournal, **more: Any) -> Report:
    return verify_rows(
        in_order(journal.entries),
        journal.certificates,
        journal.checkpoints,
        journal.checkpoint_identity.pem,
        **more,
    )


def codes(report: Report) -> set[str]:
    return {finding.code for finding in report.findings}


def entry(journal: SmallJournal, register: str, sequence: int) -> Row:
    [row] = [
        row
        for row in journal.entries
        if row["register"] == register and row["sequence"] == sequence
    ]
    return row


def body_of(row: Row) -> Row:
    body: Row = json.loads(row["body"])
    return body


def change(journal: SmallJournal, row: Row, *, kind: str = "", **members: Any) -> None:
    """Write the row anew with other members, signed with the right key, and the links after it."""
    body = body_of(row) | members
    row.update(journal.row(kind or row["kind"], body))
    register = [one for one in in_order(journal.entries) if one["register"] == row["register"]]
    for before, after in pairwise(register):
        after.update(journal.row(after["kind"], body_of(after) | {"previous": before["link"]}))
