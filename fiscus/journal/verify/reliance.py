"""What entries rely on: the links that they name, compared with the entries that have them."""

from collections.abc import Iterator
from typing import Any

from fiscus.journal.verify.kinds import RELIED
from fiscus.journal.verify.notes import EntryNotes, blamed
from fiscus.journal.verify.report import Finding

MET = """
CREATE TABLE met AS
SELECT r.rowid AS reliance, e.chain, e.epoch, e.sequence, e.id, e.kind, e.micros, e.thing,
    e.version, e.state
FROM entry AS e CROSS JOIN relied AS r ON r.link = e.link
"""
MET_INDEX = "CREATE INDEX met_reliance ON met (reliance)"

RELIANCES = """
SELECT r.chain, r.epoch, r.sequence, r.id, r.micros, r.name, r.thing, r.version, r.link IS NULL,
    m.chain, m.id, m.kind, m.thing, m.version, m.state, h.owner
FROM relied AS r LEFT JOIN met AS m ON m.reliance = r.rowid
LEFT JOIN home AS h ON h.chain = r.chain
"""


def reliance_findings(notes: EntryNotes) -> Iterator[Finding]:
    """Every named link must be there, and be of the right kind, thing and organization."""
    notes.database.execute(MET)
    notes.database.execute(MET_INDEX)
    for row in notes.database.execute(RELIANCES):
        if outcome := judged(row, is_partial=notes.is_partial):
            code, detail = outcome
            yield blamed(code, row, detail)


def judged(row: tuple[Any, ...], *, is_partial: bool) -> tuple[str, str] | None:
    """What is wrong with one reliance: a code, and what exactly."""
    name, thing, version, is_unnamed, chain, id, kind, of_thing, of_version, state, owner = row[5:]
    if is_unnamed:
        return "VERIFY-RELIES-01", str(name or thing)
    if chain is None:
        is_left_out = is_partial and name not in RELIED
        return None if is_left_out else ("VERIFY-RELIES-02", str(name or thing))
    if state:
        return None
    if name == "refers" and id != thing:
        return "VERIFY-RELIES-03", f"refers: {id}"
    if name in RELIED:
        is_meant = kind in RELIED[name] and of_thing == thing and chain == owner
        if not is_meant or (version is not None and of_version != version):
            return "VERIFY-RELIES-03", f"{name}: {kind} {of_thing}, version {of_version}"
    return None
