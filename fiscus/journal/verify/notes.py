"""What no single chain shows: ids, intents, numbers and links across the whole journal.

The notes are kept in a temporary SQLite database, which moves to the disk by itself when it grows,
so that a large journal does not need a large memory.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from fiscus.journal.verify.facts import Facts
from fiscus.journal.verify.report import EntryPlace, Finding, found

CACHE_KIB = 65_536

COLUMNS = {
    "entry": "kind, link, micros, thing, version, intent, claim, state",
    "numbered": "series, number, before, legal, code",
    "relied": "micros, name, link, thing, version",
    "stated": "tab, key, kind, micros, link, digest, beside",
    "closing": "number, first, last, documents",
    "headed": "of_chain, of_epoch, of_sequence, of_link",
    "told": "words",
    "paper": "size, root",
    "outage": "is_outage, refers",
    "erased": "micros, of_chain, of_epoch, first, last",
    "last": "series, told",
    "adopted": "micros, series, last_number, last_hash, last_record, last_day, last_at, name",
    "reported": "report, record, kind, outcome, remedy, reference",
}
PLACE = "chain, epoch, sequence, id"

SETUP = f"""
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -{CACHE_KIB};
CREATE TABLE home (chain PRIMARY KEY, class, owner) WITHOUT ROWID;
""" + "\n".join(f"CREATE TABLE {name} ({PLACE}, {rest});" for name, rest in COLUMNS.items())

INDEXES = """
CREATE INDEX entry_id ON entry (id);
CREATE INDEX entry_counted ON entry (chain, epoch, sequence)
    WHERE kind IN ('document@1', 'void@1', 'abort@1');
CREATE INDEX entry_thing ON entry (thing) WHERE thing IS NOT NULL;
CREATE INDEX relied_link ON relied (link);
CREATE INDEX numbered_series ON numbered (series, number, chain, epoch, sequence);
CREATE INDEX erased_of ON erased (of_chain, of_epoch);
CREATE INDEX adopted_series ON adopted (series);
CREATE INDEX reported_report ON reported (report);
CREATE INDEX reported_record ON reported (record);
"""

TWICE = """
SELECT {place}, {column} FROM (
    SELECT *, row_number() OVER (PARTITION BY {column} ORDER BY chain, epoch, sequence) AS nth
    FROM {table} WHERE {column} IN (
        SELECT {column} FROM {table} WHERE {column} <> ''
        GROUP BY {column} HAVING count(*) > 1
    )
) WHERE nth > 1
"""

WITHOUT_INTENT = """
SELECT c.chain, c.epoch, c.sequence, c.id, c.intent, e.id IS NULL
FROM entry AS c LEFT JOIN entry AS e ON e.id = c.intent
WHERE c.intent IS NOT NULL AND (
    e.id IS NULL OR e.chain <> c.chain OR (e.kind <> 'intent@1' AND e.state = 0)
    OR e.epoch > c.epoch OR (e.epoch = c.epoch AND e.sequence >= c.sequence)
)
"""

DOUBLES = """
SELECT chain, epoch, sequence, id, {column}, first_chain, first_sequence, first_id FROM (
    SELECT *,
        row_number() OVER by_value AS nth,
        first_value(chain) OVER by_value AS first_chain,
        first_value(sequence) OVER by_value AS first_sequence,
        first_value(id) OVER by_value AS first_id
    FROM numbered WHERE {column} IN (
        SELECT {column} FROM numbered WHERE {column} IS NOT NULL
        GROUP BY {column} HAVING count(*) > 1
    )
    WINDOW by_value AS (PARTITION BY {column} ORDER BY chain, epoch, sequence)
) WHERE nth > 1
"""

OUT_OF_SERIES = """
SELECT chain, epoch, sequence, id, series, number, last_number FROM (
    SELECT chain, epoch, sequence, id, series, number, before,
        lag(number, 1, 0) OVER by_number AS last_number,
        lag(id, 1, '') OVER by_number AS last_id
    FROM numbered WHERE series <> ''
    WINDOW by_number AS (PARTITION BY series ORDER BY number, chain, epoch, sequence)
) AS n WHERE (number <> last_number + 1 OR before <> last_id)
    AND NOT (before = '' AND number <> last_number AND EXISTS (
        SELECT 1 FROM adopted AS a WHERE a.series = n.series AND a.last_number + 1 = n.number
    ))
"""

AFTER_THE_LAST = """
SELECT DISTINCT n.chain, n.epoch, n.sequence, n.id, n.series, n.number, l.told
FROM last AS l JOIN numbered AS n ON n.series = l.series AND n.number > l.told
"""

CLOSINGS = """
SELECT chain, epoch, sequence, id, number, first, last, last_number, last_last, documents, (
    SELECT count(*) FROM entry AS e WHERE e.chain = c.chain AND e.epoch = c.epoch
        AND e.sequence BETWEEN c.first AND c.last
        AND e.kind IN ('document@1', 'void@1', 'abort@1')
) FROM (
    SELECT *,
        lag(number) OVER by_number AS last_number,
        lag(last) OVER by_number AS last_last
    FROM closing
    WINDOW by_number AS (PARTITION BY chain, epoch ORDER BY number, sequence)
) AS c
"""

WITHOUT_OUTAGE = """
SELECT r.chain, r.epoch, r.sequence, r.id, r.refers
FROM outage AS r
LEFT JOIN outage AS o ON o.id = r.refers AND o.is_outage = 1 AND o.chain = r.chain
    AND (o.epoch < r.epoch OR (o.epoch = r.epoch AND o.sequence < r.sequence))
LEFT JOIN entry AS e ON e.id = r.refers AND e.chain = r.chain AND e.state = 1
WHERE r.is_outage = 0 AND o.id IS NULL AND e.id IS NULL
"""

UNCOVERED = """
SELECT e.chain, e.epoch, e.sequence, e.id, '' FROM entry AS e
WHERE e.state = 1 AND NOT EXISTS (
    SELECT 1 FROM erased AS x LEFT JOIN home AS h ON h.chain = e.chain
    WHERE x.of_chain = e.chain AND x.of_epoch = e.epoch
        AND e.sequence BETWEEN x.first AND x.last AND x.chain IN (h.owner, e.chain)
)
"""

ERASED_BY = """
SELECT x.id, x.sequence, x.chain, count(*) FROM erased AS x
JOIN entry AS e ON e.chain = x.of_chain AND e.epoch = x.of_epoch AND e.state = 1
    AND e.sequence BETWEEN x.first AND x.last
GROUP BY x.id, x.sequence, x.chain ORDER BY x.chain, x.sequence LIMIT 1000
"""


class EntryNotes:
    """The notes, and the questions that they answer after the last entry.

    `is_partial`: entries may lie outside of what we see, as in a package; `may_gap` says so of one
    chain, whose older bodies may be erased.
    """

    def __init__(self, *, is_partial: bool) -> None:
        self.is_partial = is_partial
        self.may_gap: Callable[[str], bool] = lambda chain: is_partial
        self.database = sqlite3.connect("", isolation_level=None)
        self.database.text_factory = lambda stored: stored.decode("utf-8", "surrogateescape")
        self.database.executescript(SETUP)
        # One transaction for all: each line by itself would be written through to the file.
        self.database.execute("BEGIN")

    def write(self, facts: Facts) -> None:
        for name, rows in facts.items():
            if rows:
                places = ", ".join("?" * len(rows[0]))
                self.database.executemany(f"INSERT INTO {name} VALUES ({places})", rows)

    def write_homes(self, homes: Iterable[tuple[str, str, str]]) -> None:
        """The class of each chain, and the organization that it belongs to."""
        self.database.executemany("INSERT OR IGNORE INTO home VALUES (?, ?, ?)", homes)

    def finish(self) -> None:
        """After the last entry."""
        for statement in filter(str.strip, INDEXES.split(";")):
            self.database.execute(statement)

    def erased_chains(self) -> set[str]:
        """Chains some of whose bodies are erased, and the organizations that they belong to."""
        query = """
            SELECT DISTINCT e.chain, coalesce(h.owner, '') FROM entry AS e
            LEFT JOIN home AS h ON h.chain = e.chain WHERE e.state = 1
        """
        return {one for pair in self.database.execute(query) for one in pair if one}

    def findings(self) -> Iterator[Finding]:
        for row in self.database.execute(TWICE.format(place=PLACE, table="entry", column="id")):
            yield blamed("VERIFY-ID-01", row)
        query = TWICE.format(place=PLACE, table="entry", column="intent")
        for row in self.database.execute(query):
            yield blamed("VERIFY-INTENT-01", row, row[4])
        for row in self.database.execute(WITHOUT_INTENT):
            if not (row[5] and self.may_gap(row[0])):
                yield blamed("VERIFY-INTENT-02", row, row[4])
        for row in self.database.execute(OUT_OF_SERIES):
            yield from self.series_finding(row)
        for row in self.database.execute(AFTER_THE_LAST):
            detail = f"series {row[4]}, number {row[5]} after {row[6]}"
            yield blamed("VERIFY-SERIES-05", row, detail)
        for code, column in (("VERIFY-DOUBLE-01", "legal"), ("VERIFY-DOUBLE-02", "code")):
            for row in self.database.execute(DOUBLES.format(column=column)):
                yield double(code, row)
        for row in self.database.execute(CLOSINGS):
            yield from self.closing_findings(row)
        for row in self.database.execute(WITHOUT_OUTAGE):
            if not self.may_gap(row[0]):
                yield blamed("VERIFY-OUTAGE-01", row, row[4])
        for row in self.database.execute(UNCOVERED):
            yield blamed("VERIFY-ERASED-01", row)

    def series_finding(self, row: Sequence[Any]) -> Iterator[Finding]:
        chain, _, _, _, series, number, last_number = row
        if number == last_number:
            code = "VERIFY-SERIES-02"
        elif number == last_number + 1:
            code = "VERIFY-SERIES-03"
        elif self.is_partial or self.may_gap(chain):
            return
        else:
            code = "VERIFY-SERIES-01"
        yield blamed(code, row, f"series {series}, number {number}")

    def closing_findings(self, row: Sequence[Any]) -> Iterator[Finding]:
        chain, epoch, sequence, _, number, first, last, last_number, last_last, said, counted = row
        if said != counted and not self.may_gap(chain):
            yield blamed("VERIFY-CLOSING-04", row, f"documents {said}, there are {counted}")
        if last_number is None and (epoch > 1 or self.may_gap(chain)):
            last_number, last_last = number - 1, first - 1
        before, covered = last_number or 0, last_last or 0
        if number == before:
            yield blamed("VERIFY-DOUBLE-03", row, f"Z {number}")
        elif number != before + 1:
            if not self.may_gap(chain):
                yield blamed("VERIFY-CLOSING-01", row, f"Z {number} after {before}")
            covered = first - 1
        if first != covered + 1 or not first - 1 <= last < sequence:
            yield blamed("VERIFY-CLOSING-02", row, f"{first} to {last}, after {covered}")

    def erasures(self) -> Iterator[str]:
        for record, sequence, chain, count in self.database.execute(ERASED_BY):
            yield (
                f"{count} bodies are erased by the retention entry {record} (chain {chain}, "
                f"sequence {sequence}); their signatures cannot be checked, their links are"
            )

    def told(self) -> Iterator[str]:
        """What the service found in its own journal."""
        query = "SELECT id, words FROM told ORDER BY chain, epoch, sequence LIMIT 1000"
        for record, words in self.database.execute(query):
            yield f"the service itself found this (finding@1 {record}): {words}"

    def adoptions(self) -> Iterator[str]:
        query = "SELECT series, last_number, last_hash, name FROM adopted ORDER BY series, micros"
        for series, number, hash_before, name in self.database.execute(query):
            signed = "the hash it goes on from" if hash_before else "that it follows another one"
            yield (
                f"series {name} ({series}) was taken over after number {number}: what was issued "
                f"before, and {signed}, cannot be checked here"
            )

    def close(self) -> None:
        self.database.close()


def blamed(code: str, row: Sequence[Any], detail: object = "") -> Finding:
    """A finding about an entry: the row begins with its place."""
    chain, epoch, sequence, record = row[:4]
    place = EntryPlace(chain=chain, epoch=epoch, sequence=sequence, id=record)
    return found(code, str(detail), entry=place)


def double(code: str, row: Sequence[Any]) -> Finding:
    """Both entries are named: the later in the order of the journal, and the first."""
    value, first_chain, first_sequence, first_record = row[4:]
    other = f"{value}, given to {first_record} too"
    return blamed(code, row, f"{other} (chain {first_chain}, sequence {first_sequence})")
