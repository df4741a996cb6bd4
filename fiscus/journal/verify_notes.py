"""What no single register shows: ids, intents and series numbers across the whole journal.

The notes are kept in a temporary SQLite database, which moves to the disk by itself when it grows,
so that a large journal does not need a large memory.
"""

import sqlite3
from collections.abc import Iterable, Iterator

from fiscus.journal.verify_entry import Entry
from fiscus.journal.verify_report import Finding, found

CACHE_KIB = 65_536

SETUP = f"""
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -{CACHE_KIB};
CREATE TABLE note (register, sequence, id, concludes, series, number, before);
"""

TWICE = """
SELECT register, sequence, id, {column} FROM (
    SELECT *, row_number() OVER (PARTITION BY {column} ORDER BY register, sequence) AS nth
    FROM note WHERE {column} IS NOT NULL
) WHERE nth > 1
"""

OUT_OF_SERIES = """
SELECT register, sequence, id, series, number, before, last_number, last_id FROM (
    SELECT *,
        lag(number, 1, 0) OVER by_number AS last_number,
        lag(id, 1, '') OVER by_number AS last_id
    FROM note WHERE series IS NOT NULL
    WINDOW by_number AS (PARTITION BY series ORDER BY number, register, sequence)
) WHERE number <> last_number + 1 OR before <> last_id
"""


class Notes:
    """One line per entry. `is_partial`: numbers of a series may lie outside of what we see."""

    def __init__(self, *, is_partial: bool) -> None:
        self.is_partial = is_partial
        self.database = sqlite3.connect("", isolation_level=None)
        self.database.executescript(SETUP)

    def write(self, entries: Iterable[Entry]) -> None:
        self.database.executemany(
            "INSERT INTO note VALUES (?, ?, ?, ?, ?, ?, ?)", (note(entry) for entry in entries)
        )

    def findings(self) -> Iterator[Finding]:
        for code, column in (("VERIFY-ID-01", "id"), ("VERIFY-INTENT-01", "concludes")):
            for register, sequence, record, value in self.database.execute(
                TWICE.format(column=column)
            ):
                detail = "" if column == "id" else str(value)
                yield found(code, detail, register=register, sequence=sequence, record=record)
        for row in self.database.execute(OUT_OF_SERIES):
            yield from self.series_finding(*row)

    def series_finding(
        self,
        register: str,
        sequence: int,
        record: str,
        series: str,
        number: int,
        before: str | None,
        last_number: int,
        last_id: str,
    ) -> Iterator[Finding]:
        if number == last_number:
            code = "VERIFY-SERIES-02"
        elif number == last_number + 1:
            code = "VERIFY-SERIES-03"
        elif self.is_partial:
            return
        else:
            code = "VERIFY-SERIES-01"
        detail = f"series {series}, number {number}"
        yield found(code, detail, register=register, sequence=sequence, record=record or None)

    def close(self) -> None:
        self.database.close()


def note(entry: Entry) -> tuple[str, int, str | None, str | None, str | None, int, str | None]:
    return (
        entry.register,
        entry.sequence,
        entry.id or None,
        entry.concludes or None,
        entry.series or None,
        entry.number,
        entry.before,
    )
