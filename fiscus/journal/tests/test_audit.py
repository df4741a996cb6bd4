"""The verifier reads either engine: the same rows, in the same order, with the same outcome."""

from typing import Any

import pytest
from sqlalchemy import Engine, text

from fiscus.journal.audit import verify_database
from fiscus.journal.tests.small_shop import REGISTERS, a_journal, sell
from fiscus.journal.tests.small_tables import COLUMNS, Tables, names
from fiscus.journal.verify import UnreadableFile

PG_TYPES = {"i": "BIGINT", "b": "BYTEA", "": "TEXT"}
LITE_TYPES = {"i": "INTEGER", "b": "BLOB", "": "TEXT"}


def write(engine: Engine, tables: Tables) -> None:
    """The rows of a small journal, in tables without constraints."""
    types = LITE_TYPES if engine.dialect.name == "sqlite" else PG_TYPES
    with engine.connect() as connection, connection.begin():
        for table, words in COLUMNS.items():
            columns = (word.partition(":") for word in words.split())
            spelled = ", ".join(f'"{name}" {types[kind]}' for name, _, kind in columns)
            connection.execute(text(f'CREATE TABLE "{table}" ({spelled})'))
            insert(connection, table, tables.get(table, []))


def insert(connection: Any, table: str, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        full = {f"v{place}": row.get(name) for place, name in enumerate(names(table))}
        places = ", ".join(f":{name}" for name in full)
        connection.execute(text(f'INSERT INTO "{table}" VALUES ({places})'), full)


def test_a_good_journal_is_good_and_a_changed_one_is_not(databases: Any) -> None:
    journal = a_journal(60)
    with databases.empty() as engine:
        write(engine, journal.rows())
        report = verify_database(engine)
        assert report.findings == ()
        assert report.entries == len(journal.entries)
        with engine.connect() as connection, connection.begin():
            connection.execute(text("UPDATE label SET metadata = 'x'"))
            connection.execute(text("UPDATE series SET validation_code = 'FORGED12'"))
            connection.execute(text("CREATE TABLE extra (a TEXT)"))
        found = {finding.code for finding in verify_database(engine).findings}
    assert found == {"VERIFY-ROWS-05", "VERIFY-TABLE-01"}


def test_an_old_state_is_not_a_continuation_of_a_newer_one(databases: Any) -> None:
    journal = a_journal(60)
    old = journal.rows()
    sell(journal, REGISTERS[0])
    with databases.empty() as engine:
        write(engine, old)
        assert verify_database(engine).is_good


def test_a_new_database_is_empty(engine: Engine) -> None:
    assert verify_database(engine).verdict == "empty"


def test_a_database_that_holds_no_journal_is_answered_with_one_sentence(databases: Any) -> None:
    with databases.empty() as engine:
        with pytest.raises(UnreadableFile, match=r"no tables yet|cannot be read"):
            verify_database(engine)
        with engine.connect() as connection, connection.begin():
            connection.execute(text("CREATE TABLE entry (id TEXT, register TEXT, body TEXT)"))
        with pytest.raises(UnreadableFile, match="format 1"):
            verify_database(engine)


def test_columns_of_other_types_end_in_findings_or_one_sentence(databases: Any) -> None:
    for change in ("ALTER TABLE entry ALTER COLUMN sequence TYPE text", "DROP TABLE claim"):
        with databases.empty() as engine:
            if engine.dialect.name == "sqlite" and "ALTER" in change:
                continue
            write(engine, a_journal(40).rows())
            with engine.connect() as connection, connection.begin():
                connection.execute(text(change))
            assert is_answered(engine)


def is_answered(engine: Engine) -> bool:
    try:
        return not verify_database(engine).is_good
    except UnreadableFile as error:
        return "\n" not in str(error)
