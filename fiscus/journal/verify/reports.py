"""Reports to authorities: how each stands, compared with the answers that entries state."""

from collections.abc import Iterator

from fiscus.journal.verify.notes import EntryNotes
from fiscus.journal.verify.report import Finding, found, printable
from fiscus.journal.verify.source import JournalSource
from fiscus.journal.verify.tables import words

REPORT = words("id organization record kind state reference")

OPEN = frozenset(("pending", "unknown"))
LATEST = """
SELECT outcome, remedy, reference, epoch, sequence FROM reported WHERE report = ? AND chain = ?
ORDER BY epoch DESC, sequence DESC LIMIT 1
"""
DELETED = """
SELECT 1 FROM reported WHERE record = ? AND chain = ? AND kind = 'deletion'
AND outcome = 'accepted' AND (epoch > ? OR (epoch = ? AND sequence > ?)) LIMIT 1
"""


def report_findings(
    notes: EntryNotes, source: JournalSource, erased: set[str]
) -> Iterator[Finding]:
    """The state of each row, and the reference of an accepted one. What only an erased body could
    say is not judged."""
    for values in source.rows("obligation", REPORT):
        id_, organization, record, kind, state, reference = (
            printable("" if value is None else str(value)) for value in values
        )
        latest = notes.database.execute(LATEST, (id_, organization)).fetchone()
        if latest is None and organization in erased:
            continue
        named = []
        if state not in may_be(notes, latest, organization, record, kind):
            named.append("state")
        if state == "accepted" and latest is not None and reference != (latest[2] or ""):
            named.append("reference")
        if named:
            yield found("VERIFY-REPORT-01", ", ".join(named), record=f"obligation {id_}")


def may_be(
    notes: EntryNotes,
    latest: tuple[str, str, str, int, int] | None,
    organization: str,
    record: str,
    kind: str,
) -> frozenset[str]:
    """The states that a report may have after the last that was stated of it."""
    if latest is None:
        return OPEN
    outcome, remedy, _, epoch, sequence = latest
    if outcome == "accepted":
        place = (record, organization, epoch, epoch, sequence)
        is_gone = kind == "document" and notes.database.execute(DELETED, place).fetchone()
        return frozenset(("deleted",)) if is_gone else frozenset(("accepted",))
    if outcome != "refused" or remedy == "time":
        return OPEN
    # Who was not let in waits again once it has other credentials.
    return OPEN | {"refused"} if remedy == "access" else frozenset(("refused",))
