"""A whole database verified: entries first, then everything that must follow from them."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path

from fiscus.journal.verify.computed import (
    claim_findings,
    head_findings,
    series_findings,
)
from fiscus.journal.verify.examination import ExaminedBatch, Progress, examined
from fiscus.journal.verify.journal import JournalState, named_keys
from fiscus.journal.verify.keys import NamedKey
from fiscus.journal.verify.log_check import LogOutcome, check_log
from fiscus.journal.verify.outside import NOTHING_GIVEN, OutsideKnowledge
from fiscus.journal.verify.report import UnreadableFile, VerifyReport
from fiscus.journal.verify.reports import REPORT, report_findings
from fiscus.journal.verify.slices import examined_slices, is_sliceable
from fiscus.journal.verify.source import JournalSource, expect_journal
from fiscus.journal.verify.sqlite import SqliteSource, opened
from fiscus.journal.verify.statements import StatementCheck, is_readable, table_findings
from fiscus.journal.verify.tables import ENTRY, FOREIGN_TABLES, TABLES, WORK

ORDER = ("chain", "epoch", "sequence")


def verify_sqlite(
    path: Path | str,
    *,
    outside: OutsideKnowledge = NOTHING_GIVEN,
    progress: Progress | None = None,
    workers: int | None = None,
) -> VerifyReport:
    """Check the journal in this file, as it is at this moment. The file is not changed."""
    with opened(path) as source:
        return verify_source(source, outside=outside, progress=progress, workers=workers)


def verify_source(
    source: JournalSource,
    *,
    outside: OutsideKnowledge = NOTHING_GIVEN,
    progress: Progress | None = None,
    workers: int | None = None,
) -> VerifyReport:
    """Check the journal in a database. Raises `UnreadableFile` if there is none.

    `workers` is the number of processes, by default one per processor.
    """
    expect_journal(source)
    if not is_readable(source, "entry"):
        lacking = ", ".join({*ENTRY} - {*source.tables()["entry"]})
        raise UnreadableFile(f"{source.name} cannot be verified: `entry` has no {lacking}")
    with closing(JournalState(named_keys(source), outside, is_partial=False)) as state:
        for batch in batches_of(source, state.ranges.fit, workers):
            state.take(batch)
            if progress:
                progress(state.entries)
        state.settle()
        state.scope.checked.append(f"{state.entries} entries: body, link, signature, columns")
        outcome = check_log(state, source)
        check_tables(state, source, outcome)
        tell_limits(state, outcome)
        return state.report()


def batches_of(
    source: JournalSource, keys: Iterable[NamedKey], workers: int | None
) -> Iterator[ExaminedBatch]:
    """All entries, examined. Helpers read a large file themselves."""
    count = workers or os.cpu_count() or 1
    if count > 1 and isinstance(source, SqliteSource) and is_sliceable(source):
        return examined_slices(source, keys, count)
    rows = source.rows("entry", ENTRY, order=ORDER)
    return examined(rows, keys, is_bare=False, workers=count)


def check_tables(state: JournalState, source: JournalSource, outcome: LogOutcome) -> None:
    """Everything beside the journal: stated rows, and what is computed."""
    state.findings.extend(table_findings(source, FOREIGN_TABLES))
    statements = StatementCheck(state.notes, source, state.erased)
    state.findings.extend(statements.findings())
    checks: tuple[tuple[str, Callable[[], None]], ...] = (
        (
            "series",
            lambda: state.findings.extend(series_findings(state.notes, source, state.erased)),
        ),
        (
            "chain",
            lambda: state.findings.extend(
                head_findings(state.heads(outcome.covered), known_homes(state), source)
            ),
        ),
        ("claim", lambda: state.findings.extend(claim_findings(state.notes, source))),
    )
    if {*REPORT} <= {*source.tables().get("obligation", ())}:
        state.findings.extend(report_findings(state.notes, source, state.erased))
    for table, check in checks:
        if is_readable(source, table):
            check()
        else:
            state.scope.miss(f"the table {table}: it has other columns than the page describes")
    state.scope.checked.append(
        f"{statements.compared} rows of tables, compared with what entries state; series, ends of "
        "chains, idempotency keys, reports to authorities"
    )
    if statements.skipped:
        state.scope.miss(f"{statements.skipped} rows that only erased bodies could state")


def known_homes(state: JournalState) -> dict[str, tuple[str, str]]:
    return {chain: state.home(chain) for chain in state.keyring.named}


def tell_limits(state: JournalState, outcome: LogOutcome) -> None:
    """What a verifier of a database cannot show, whatever it is given."""
    state.scope.checked.append(f"the log: {outcome.leaves} leaves, {state.checkpoints} checkpoints")
    if state.outside.policy is None:
        state.scope.miss(
            "whether somebody else was shown another history (a split view)",
            "a policy that says which witnesses count (--policy)",
        )
    work = ", ".join(name for name, rule in TABLES.items() if rule.kind == WORK)
    state.scope.miss(f"tables that decide nothing: {work}; idempotency keys without a record")
    state.scope.miss(
        "whether the stored private keys belong to the named ones",
        "the installation's master key",
    )
