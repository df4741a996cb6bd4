"""The whole log of a database: every epoch of it, and whatever names a size of its tree."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field

from fiscus.journal.verify.journal import JournalState
from fiscus.journal.verify.log import (
    CHECKPOINT,
    LEAF_RUN,
    ROOT_ON_PAPER,
    TILE,
    CheckpointReading,
    KnownLog,
    LogWalk,
    RunCursor,
    SizeJudge,
    SizePoint,
    TileReading,
    epochs_of,
    known_log,
    walk,
)
from fiscus.journal.verify.notes import blamed
from fiscus.journal.verify.older import OlderCopy
from fiscus.journal.verify.report import EntryPlace, found
from fiscus.journal.verify.signed_note import CheckpointNote, is_signed_by_log
from fiscus.journal.verify.source import JournalSource
from fiscus.journal.verify.statements import is_readable
from fiscus.journal.verify.witnesses import WitnessReading, micros_now, unseen_findings

DAY_MICROS = 24 * 3600 * 1_000_000
PAPERS = "SELECT size, root, rowid FROM paper ORDER BY size"
PAPER = "SELECT chain, epoch, sequence, id, size FROM paper WHERE rowid = ?"
COSIGNATURE = ("size", "line")


@dataclass
class LogOutcome:
    """What the walk over the log has shown: the leaves, and what is covered of each chain."""

    leaves: int = 0
    covered: dict[tuple[str, int], int] = field(default_factory=dict)
    newest: CheckpointNote | None = None
    newest_at: str | None = None


def check_log(state: JournalState, source: JournalSource) -> LogOutcome:
    """Judge runs, tiles and checkpoints, and what closings, older copies and witnesses know."""
    outcome = LogOutcome()
    tables = ("leaf_run", "checkpoint", "tile")
    if not all(is_readable(source, table) for table in tables):
        state.scope.miss("the log: a table of it has other columns than the page describes")
        return outcome
    state.notes.database.execute("CREATE TABLE unfit (paper)")
    # A log whose tables are empty is judged too: closings and older copies tell what it had.
    epochs = sorted(
        {epoch for table in tables for epoch in epochs_of(source, table, state.findings.add)}
        | state.ranges.log_keys.keys()
    )
    for epoch in epochs:
        check_epoch(state, source, epoch, outcome)
    judge_papers(state, len(epochs))
    judge_exports(state)
    judge_older(state, set(epochs))
    tell_age(state, outcome)
    return outcome


def check_epoch(
    state: JournalState, source: JournalSource, epoch: int, outcome: LogOutcome
) -> None:
    report, where = state.findings.add, {"epoch": epoch}
    log = known_log(state.ranges, epoch)
    runs = source.rows("leaf_run", LEAF_RUN, order=("start",), equal=where)
    tiles = source.rows("tile", TILE, order=("level", "index"), equal=where)
    leaves = RunCursor(state.chains, report, outcome.covered).leaves(runs)
    steps = LogWalk(log, leaves, TileReading(tiles, report, epoch))
    checkpoints = CheckpointReading(log, report)
    witnesses = witness_reading(state, source, log)
    if witnesses is not None:
        checkpoints.seen = witnesses.meet
    rows = source.rows("checkpoint", CHECKPOINT, order=("size",), equal=where)
    points = (checkpoints.points(rows), paper_points(state, epoch), older_points(state, log))
    size = walk(steps, points)
    newest = checkpoints.newest.size if checkpoints.newest else 0
    if checkpoints.is_sound and size > newest:
        report(found("VERIFY-CHECKPOINT-08", f"{newest} of {size}", record=log.origin))
    outcome.leaves += size
    state.checkpoints += checkpoints.count
    if checkpoints.newest is not None:
        outcome.newest, outcome.newest_at = checkpoints.newest, checkpoints.newest_at
        state.newest_note = checkpoints.newest_text
    if witnesses is not None:
        witnesses.judge(checkpoints.newest, state.scope)
        state.findings.extend(unseen_findings(state.notes, source, witnesses, state.scope))


def witness_reading(
    state: JournalState, source: JournalSource, log: KnownLog
) -> WitnessReading | None:
    policy = state.outside.policy
    if policy is None:
        return None
    reading = WitnessReading(policy, log, state.findings.add)
    if {"epoch", *COSIGNATURE} <= {*source.tables().get("cosignature", ())}:
        where = {"epoch": log.epoch}
        reading.read_from(source.rows("cosignature", COSIGNATURE, order=("size",), equal=where))
    if state.outside.older is not None:
        for note in state.outside.older.notes:
            is_of_log = log.key is not None and note.origin == log.origin
            if is_of_log and log.key is not None and is_signed_by_log(note, log.key):
                reading.meet(note)
    return reading


def paper_points(state: JournalState, epoch: int) -> Iterator[SizePoint]:
    """What closings say of the newest checkpoint of their time, as it is on paper.

    A closing does not say which epoch of the log it means: one that fits is enough.
    """
    insert = "INSERT INTO unfit VALUES (?)"
    database = state.notes.database
    for size, root, paper in database.execute(PAPERS):

        def judge(
            found_root: bytes | None, is_beyond: bool, said: str = root, row: int = paper
        ) -> None:
            shown = base64.b64encode(found_root or b"").decode()[:ROOT_ON_PAPER]
            if is_beyond or (found_root is not None and shown != said):
                database.execute(insert, (row,))

        yield SizePoint(size, judge)


def judge_papers(state: JournalState, epochs: int) -> None:
    database = state.notes.database
    query = "SELECT paper FROM unfit GROUP BY paper HAVING count(*) >= ?"
    for (paper,) in database.execute(query, (epochs,)).fetchall():
        row = database.execute(PAPER, (paper,)).fetchone()
        state.findings.add(blamed("VERIFY-CLOSING-03", row, f"size {row[4]}"))


def older_points(state: JournalState, log: KnownLog) -> Iterator[SizePoint]:
    older = state.outside.older
    notes = older.notes if older else ()
    mine = [note for note in notes if note.origin == log.origin]
    for note in sorted(mine, key=lambda note: note.size):
        if log.key is None or not is_signed_by_log(note, log.key):
            detail = "the log's key has not signed it"
            state.findings.add(found("VERIFY-AGAINST-01", detail, record=name_of(older, note)))
            continue
        yield SizePoint(note.size, older_judge(state, older, note))


def older_judge(state: JournalState, older: OlderCopy | None, note: CheckpointNote) -> SizeJudge:
    def judge(root: bytes | None, is_beyond: bool) -> None:
        if is_beyond:
            state.findings.add(found("VERIFY-AGAINST-03", record=name_of(older, note)))
        elif root is not None and root != note.root:
            state.findings.add(found("VERIFY-AGAINST-02", record=name_of(older, note)))

    return judge


def name_of(older: OlderCopy | None, note: CheckpointNote) -> str:
    return f"{older.name if older else ''}, note of size {note.size}"


def judge_older(state: JournalState, epochs: set[int]) -> None:
    """What was kept elsewhere must be a beginning of this journal: logs, and ends of chains."""
    older = state.outside.older
    if older is None:
        state.scope.miss(
            "whether the newest entries were cut off, or an old state was restored",
            "a note, package or copy of the database kept elsewhere (--against)",
        )
        return
    origins = {known_log(state.ranges, epoch).origin for epoch in epochs}
    for note in older.notes:
        if note.origin not in origins:
            detail = f"origin {note.origin}"
            state.findings.add(found("VERIFY-AGAINST-01", detail, record=name_of(older, note)))
    judge_heads(state, older)
    count = len(older.notes) + len(older.heads)
    if count:
        detail = f"{len(older.notes)} notes and {len(older.heads)} ends of chains"
        state.scope.checked.append(f"what was kept elsewhere ({older.name}): {detail}")
    else:
        state.scope.miss(f"{older.name}: it holds neither a note nor entries")


def judge_exports(state: JournalState) -> None:
    """The ends of chains that exports name are entries of this journal."""
    query = (
        "SELECT chain, epoch, sequence, id, of_chain, of_epoch, of_sequence, of_link FROM headed"
    )
    for row in state.notes.database.execute(query):
        chain, epoch, sequence, link = row[4:]
        known = state.chains.get((chain, epoch))
        found_link = known.link_at(sequence) if known else None
        is_elsewhere = state.is_partial and found_link is None
        if sequence and found_link != link and not is_elsewhere:
            detail = f"chain {chain}, sequence {sequence}"
            state.findings.add(blamed("VERIFY-EXPORT-01", row, detail))


def judge_heads(state: JournalState, older: OlderCopy) -> None:
    for chain, epoch, sequence, link in older.heads:
        known = state.chains.get((chain, epoch))
        place = EntryPlace(chain=chain, epoch=epoch, sequence=sequence)
        if known is None or sequence > known.last:
            if not state.is_partial:
                state.findings.add(found("VERIFY-AGAINST-03", older.name, entry=place))
        elif known.link_at(sequence) not in (None, link):
            state.findings.add(found("VERIFY-AGAINST-02", older.name, entry=place))


def tell_age(state: JournalState, outcome: LogOutcome) -> None:
    """What no note covers, and how old the newest note is."""
    uncovered = sum(
        max(chain.last - outcome.covered.get(place, 0), 0) for place, chain in state.chains.items()
    )
    if uncovered:
        state.scope.miss(
            f"{uncovered} entries are not in the log yet", "a checkpoint that covers them"
        )
    newest = max((one.newest_micros or 0 for one in state.chains.values()), default=0)
    at = micros_now(outcome.newest_at or "")
    if outcome.newest is None:
        if state.entries:
            state.scope.miss("the log: there is no signed note", "a checkpoint")
    elif at is not None and newest - at > DAY_MICROS:
        hours = (newest - at) // (DAY_MICROS // 24)
        state.scope.tell(f"the newest note is {hours} hours older than the newest entry")
