"""Proofs of inclusion in a package: the last entry of each run, and each single entry."""

from collections.abc import Iterator
from zipfile import ZipFile

from fiscus.journal.verify.chain import EntryChain
from fiscus.journal.verify.journal import JournalState
from fiscus.journal.verify.keys import base64_bytes
from fiscus.journal.verify.log import KnownLog, known_log
from fiscus.journal.verify.log_check import judge_exports
from fiscus.journal.verify.members import is_hash
from fiscus.journal.verify.merkle import HASH_BYTES, leaf_hash, verify_inclusion
from fiscus.journal.verify.packed import CHECKPOINT, DAMAGES, PROOFS, lines_of, text_of_file
from fiscus.journal.verify.report import EntryPlace, found
from fiscus.journal.verify.signed_note import CheckpointNote, is_signed_by_log, read_note
from fiscus.journal.verify.witnesses import WitnessReading

PATH_MAX = 64
PROOFS_MAX = 1_000_000


def check_proofs(archive: ZipFile, state: JournalState) -> None:
    """Judge the note of the package, and that it proves what the package holds."""
    judge_exports(state)
    if CHECKPOINT not in archive.namelist():
        state.findings.add(found("VERIFY-PACKAGE-01", detail="it is missing", record=CHECKPOINT))
        return
    try:
        content = text_of_file(archive, CHECKPOINT)
        note = read_note(content)
    except DAMAGES as error:
        state.findings.add(found("VERIFY-CHECKPOINT-03", str(error), record=CHECKPOINT))
        return
    log = log_of(state, note)
    if log is None:
        detail = f"origin {note.origin}"
        state.findings.add(found("VERIFY-CHECKPOINT-03", detail, record=CHECKPOINT))
        return
    if log.key is None or not is_signed_by_log(note, log.key):
        code = "VERIFY-CHECKPOINT-07" if log.key is None else "VERIFY-CHECKPOINT-06"
        state.findings.add(found(code, log.origin, record=CHECKPOINT))
        return
    state.checkpoints, state.newest_note = 1, content
    proved = set(proved_links(archive, state, note))
    judge_coverage(state, proved)
    judge_witnesses(state, log, note)
    judge_older(state, note)


def log_of(state: JournalState, note: CheckpointNote) -> KnownLog | None:
    start = f"fiscus/{state.ranges.installation}/journal/"
    epoch = note.origin.removeprefix(start)
    if not note.origin.startswith(start) or not (epoch.isdecimal() and len(epoch) < 10):
        return None
    log = known_log(state.ranges, int(epoch))
    return log if log.origin == note.origin else None


def proved_links(archive: ZipFile, state: JournalState, note: CheckpointNote) -> Iterator[bytes]:
    """The links that a line of the proofs shows to be in the tree of the note."""
    try:
        for number, members in lines_of(archive, PROOFS):
            link = proved_link(members or {}, note)
            if link is None or number > PROOFS_MAX:
                detail = f"line {number}"
                state.findings.add(found("VERIFY-PACKAGE-07", detail, record=PROOFS))
            else:
                yield link
    except DAMAGES as error:
        state.findings.add(found("VERIFY-PACKAGE-01", str(error), record=PROOFS))


def proved_link(members: dict[str, object], note: CheckpointNote) -> bytes | None:
    link, index, path = members.get("link"), members.get("index"), members.get("path")
    is_whole = members.keys() >= {"link", "index", "path"} and is_hash(link)
    if not is_whole or not isinstance(path, list) or len(path) > PATH_MAX:
        return None
    if not isinstance(index, int) or isinstance(index, bool):
        return None
    hashes = [base64_bytes(one, HASH_BYTES) for one in path]
    known = [one for one in hashes if one is not None]
    named = bytes.fromhex(str(link))
    is_proved = len(known) == len(path) and verify_inclusion(
        index, note.size, leaf_hash(named), known, note.root
    )
    return named if is_proved else None


def judge_coverage(state: JournalState, proved: set[bytes]) -> None:
    """Each single entry must be proved, and of each run the last that the note covers.

    What follows the last proved entry of a run is not in the log yet: it is counted and told.
    """
    uncovered = 0
    for known in state.chains.values():
        if known.is_scattered:
            for sequence, link in links_of(known):
                if link not in proved:
                    place = EntryPlace(chain=known.chain, epoch=known.epoch, sequence=sequence)
                    state.findings.add(found("VERIFY-PACKAGE-07", entry=place))
            continue
        last = max((sequence for sequence, link in links_of(known) if link in proved), default=0)
        uncovered += known.last - max(last, known.first - 1)
    state.scope.checked.append(f"{len(proved)} proofs of inclusion in the package's note")
    if uncovered:
        state.scope.miss(
            f"{uncovered} entries are proved by no note: they are at the ends of their chains",
            "a newer package, whose note covers them",
        )


def links_of(chain: EntryChain) -> Iterator[tuple[int, bytes]]:
    for run in chain.runs:
        for sequence in range(run.first, run.last + 1):
            yield sequence, run.link(sequence)


def judge_witnesses(state: JournalState, log: KnownLog, note: CheckpointNote) -> None:
    policy = state.outside.policy
    if policy is None:
        state.scope.miss(
            "whether somebody else was shown another history (a split view)",
            "a policy that says which witnesses count (--policy)",
        )
        return
    reading = WitnessReading(policy, log, state.findings.add)
    reading.meet(note)
    reading.judge(note, state.scope)


def judge_older(state: JournalState, note: CheckpointNote) -> None:
    """A note of the same size can be compared; for another size it takes the database."""
    older = state.outside.older
    for other in older.notes if older else ():
        if other.origin != note.origin:
            detail = f"origin {other.origin}"
            state.findings.add(found("VERIFY-AGAINST-01", detail, record=CHECKPOINT))
        elif other.size == note.size:
            if other.root != note.root:
                state.findings.add(found("VERIFY-AGAINST-02", record=CHECKPOINT))
        else:
            state.scope.miss(
                f"whether the note of size {other.size} and that of size {note.size} are of one "
                "history",
                "the database",
            )
