"""Rows of tables, compared with what the newest entries about them state."""

from collections.abc import Iterator, Mapping

from fiscus.journal.verify.decoding import part, read_object
from fiscus.journal.verify.facts import row_digest, stored_row
from fiscus.journal.verify.notes import EntryNotes, blamed
from fiscus.journal.verify.report import EntryPlace, Finding, found, printable
from fiscus.journal.verify.source import JournalSource, first_row
from fiscus.journal.verify.tables import STATED, TABLES, WORK, TableDescription

DETAILS_MAX = 20
"""So many differing rows are read again, to name their columns: more would take too long."""

HELD = """
CREATE TABLE held AS
SELECT * FROM (
    SELECT *, row_number() OVER (
        PARTITION BY tab, key ORDER BY
            CASE WHEN tab = 'frozen' THEN micros END,
            CASE WHEN tab = 'series' THEN micros END DESC,
            CASE WHEN tab = 'series' AND kind = 'adoption@1' THEN 0 ELSE 1 END,
            CASE WHEN tab = 'label' AND kind = 'label@1' THEN 0 ELSE 1 END,
            epoch DESC, sequence DESC, rowid DESC
    ) AS nth FROM stated
) WHERE nth = 1
"""
HELD_INDEX = "CREATE INDEX held_key ON held (tab, key)"
PRESENT = "CREATE TABLE present (key PRIMARY KEY, digest, link, owner) WITHOUT ROWID"

IN_TWO_CHAINS = """
SELECT s.chain, s.epoch, s.sequence, s.id, s.tab || ' ' || s.key FROM stated AS s JOIN (
    SELECT tab, key, min(chain) AS first FROM stated WHERE tab NOT IN ('label', 'frozen', 'series')
    GROUP BY tab, key HAVING min(chain) <> max(chain)
) AS t ON s.tab = t.tab AND s.key = t.key AND s.chain <> t.first
"""

APART = """
SELECT h.chain, h.epoch, h.sequence, h.id, h.tab || ' ' || h.key FROM held AS h
WHERE h.tab = ? AND h.digest IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM held AS t WHERE t.tab = ? AND t.key = h.beside AND t.chain = h.chain
)
"""

FOREIGN_LABELS = """
SELECT h.chain, h.epoch, h.sequence, h.id, 'label ' || h.key FROM held AS h
LEFT JOIN entry AS e ON e.id = h.key LEFT JOIN home AS o ON o.chain = e.chain
WHERE h.tab = 'label' AND h.kind = 'label@1' AND o.owner IS NOT h.chain
"""

COMPARED = """
SELECT coalesce(h.key, p.key), h.key IS NULL OR h.digest IS NULL, p.key IS NULL,
    h.digest IS NOT p.digest, h.link, p.link, p.owner, h.chain, h.epoch, h.sequence, h.id
FROM {left} LEFT JOIN {right} ON {on} WHERE {where}
"""
ROWS_FIRST = COMPARED.format(
    left="present AS p",
    right="held AS h",
    on="h.tab = :tab AND h.key = p.key",
    where="h.digest IS NOT p.digest OR h.digest IS NULL OR (:linked AND hex(h.link) <> p.link)",
)
STATEMENTS_ONLY = COMPARED.format(
    left="held AS h",
    right="present AS p",
    on="p.key = h.key",
    where="h.tab = :tab AND h.digest IS NOT NULL AND p.key IS NULL",
)


class StatementCheck:
    """All tables that entries state, one after the other.

    `erased` are the chains with erased bodies: what only those could state is not judged.
    """

    def __init__(self, notes: EntryNotes, source: JournalSource, erased: set[str]) -> None:
        self.notes = notes
        self.source = source
        self.erased = erased
        self.details = 0
        self.skipped = 0
        self.compared = 0

    def findings(self) -> Iterator[Finding]:
        database = self.notes.database
        for statement in (HELD, HELD_INDEX, PRESENT):
            database.execute(statement)
        for row in database.execute(IN_TWO_CHAINS):
            yield blamed("VERIFY-ROWS-02", row, row[4])
        for name, rule in TABLES.items():
            if rule.beside is not None:
                for row in database.execute(APART, (name, rule.beside[1])):
                    detail = f"{row[4]} is stated in another chain than its {rule.beside[1]}"
                    yield blamed("VERIFY-ROWS-01", row, detail)
        for row in database.execute(FOREIGN_LABELS):
            yield blamed("VERIFY-ROWS-01", row, row[4])
        for name in STATED:
            if is_readable(self.source, name):
                yield from self.table_findings(name)

    def table_findings(self, table: str) -> Iterator[Finding]:
        rule = TABLES[table]
        database = self.notes.database
        database.execute("DELETE FROM present")
        yield from self.take(table, rule)
        wanted = {"tab": table, "linked": "link" in rule.columns}
        for query in (ROWS_FIRST, STATEMENTS_ONLY):
            for row in database.execute(query, wanted).fetchmany(100_000):
                yield from self.row_finding(table, rule, row)

    def take(self, table: str, rule: TableDescription) -> Iterator[Finding]:
        """The rows of the table, as digests by key."""
        rows = self.source.rows(table, rule.columns)
        insert = "INSERT OR IGNORE INTO present VALUES (?, ?, ?, ?)"
        for values in rows:
            self.compared += 1
            row = dict(zip(rule.columns, values, strict=True))
            key = key_of(rule, row)
            link = row.get("link")
            named = link.upper() if isinstance(link, str) and link == link.lower() else ""
            owner = row.get("register") or row.get("taxpayer") or row.get("entry")
            digest = row_digest(stored_row(rule, row))
            given = (key, digest, printable(named), printable(str(owner)))
            if self.notes.database.execute(insert, given).rowcount == 0:
                yield found("VERIFY-ROWS-06", record=f"{table} {key}")

    def row_finding(
        self, table: str, rule: TableDescription, row: tuple[object, ...]
    ) -> Iterator[Finding]:
        key, is_unstated, is_missing, is_other, link, stored, owner, *place = row
        name = f"{table} {key}"
        if is_unstated:
            if self.may_be_erased(table, str(key), str(owner)):
                self.skipped += 1
            else:
                yield found("VERIFY-ROWS-03", record=name)
            return
        entry = EntryPlace(
            chain=str(place[0]),
            epoch=int(str(place[1])),
            sequence=int(str(place[2])),
            id=str(place[3]),
        )
        if is_missing:
            yield found("VERIFY-ROWS-04", entry=None, record=f"{name}, stated by {entry.words()}")
            return
        named = self.differing(table, rule, str(key), entry) if is_other else []
        is_linked = isinstance(link, bytes) and link.hex().upper() == stored
        if "link" in rule.columns and not is_linked:
            named.append("link")
        detail = ", ".join(named)
        yield found("VERIFY-ROWS-05", detail, record=f"{name}, stated by {entry.words()}")

    def may_be_erased(self, table: str, key: str, owner: str) -> bool:
        """Whether an erased body may have stated this row."""
        if not self.erased:
            return False
        database = self.notes.database
        if table in ("session", "closing"):
            return owner in self.erased
        if table == "label":
            query = "SELECT 1 FROM entry WHERE id = ? AND state = 1"
            return database.execute(query, (key,)).fetchone() is not None
        query = "SELECT chain FROM held WHERE tab = 'taxpayer' AND key = ?"
        home = database.execute(query, (owner,)).fetchone() if table == "frozen" else None
        return home is not None and home[0] in self.erased

    def differing(
        self, table: str, rule: TableDescription, key: str, entry: EntryPlace
    ) -> list[str]:
        """The names of the columns that differ: both sides are read again."""
        self.details += 1
        if self.details > DETAILS_MAX:
            return ["not read again"]
        where = {"chain": entry.chain, "epoch": entry.epoch, "sequence": entry.sequence}
        body = first_row(self.source.rows("entry", ("body",), equal=where, most=1))
        said = statement_in(body[0] if body else None, table, key)
        wanted = {rule.key[0]: key} if len(rule.key) == 1 else None
        for values in self.source.rows(table, rule.columns, equal=wanted):
            row = dict(zip(rule.columns, values, strict=True))
            if key_of(rule, row) == key:
                stored = stored_row(rule, row)
                return [one for one in rule.stated if said.get(one) != stored[one]]
        return []


def key_of(rule: TableDescription, row: Mapping[str, object]) -> str:
    return printable_key("/".join(str(row.get(name)) for name in rule.key))


def printable_key(key: str) -> str:
    """A key as the notes can keep it; damaged ones are never equal to a stated one."""
    try:
        key.encode()
    except UnicodeEncodeError:
        return printable(key)
    return key


def statement_in(stored: object, table: str, key: str) -> dict[str, object]:
    body = read_object(stored) if isinstance(stored, bytes) else None
    rows = body.get("rows") if body else None
    said: dict[str, object] = {}
    for one in rows if isinstance(rows, list) else ():
        if isinstance(one, dict) and (one.get("table"), one.get("key")) == (table, key):
            said = part(one, "row")
    return said


def is_readable(source: JournalSource, table: str) -> bool:
    return {*TABLES[table].columns} <= {*source.tables().get(table, ())}


def table_findings(source: JournalSource, foreign: tuple[str, ...]) -> Iterator[Finding]:
    """Tables and columns that the page does not describe, or that are not there."""
    tables = source.tables()
    for name, columns in tables.items():
        rule = TABLES.get(name)
        if rule is None:
            if name not in foreign and not name.startswith("sqlite_"):
                yield found("VERIFY-TABLE-01", record=f"table {name}")
        elif rule.kind != WORK and (other := {*columns} ^ {*rule.columns}):
            yield found("VERIFY-TABLE-02", ", ".join(sorted(other)), record=f"table {name}")
    for name, rule in TABLES.items():
        if name not in tables and rule.kind != WORK:
            yield found("VERIFY-TABLE-01", detail="it is missing", record=f"table {name}")
