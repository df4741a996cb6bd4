import pytest
from sqlalchemy import Engine, Table, func, select, text
from sqlalchemy.exc import DBAPIError

from fiscus.store.connect import reading, writing
from fiscus.store.schema import APPEND_ONLY, CHECKPOINT, ENTRY, VERSION
from fiscus.store.triggers import REFUSAL

ROWS = {
    "checkpoint": {
        "number": 1, "size": 1, "root": "", "ranges": "", "at": "", "previous": "", "note": "",
        "signature": "", "frontier": "",
    },
    "version": {
        "thing": "taxpayer", "id": "t", "version": 1, "content": "{}", "state": "", "mode": "",
        "at": "", "subject": "",
    },
    "entry": {
        "id": "e", "register": "r", "sequence": 1, "kind": "intent@1", "body": b"{}", "link": "",
        "signature": "", "at": "", "organization": "o", "taxpayer": "t", "location": "l",
        "is_training": 0,
    },
}  # fmt: skip

PLACE = """
INSERT INTO organization VALUES ('o', '', 'UNIT', 'o', '{}', '', '');
INSERT INTO taxpayer VALUES ('t', 1, 'o', 'it', 's', 'm', '{}', '{}', NULL, '{}', '', '');
INSERT INTO location VALUES ('l', 1, 'o', 't', 1, 's', 'm', '{}', '{}', '{}', '', '');
INSERT INTO register VALUES ('r', 1, 'o', 't', 'l', 's', 'm', '{}', '{}', '{}', '', '')
"""


@pytest.fixture
def written(engine: Engine) -> Engine:
    """One row in each table that only grows."""
    with writing(engine) as tx:
        for statement in PLACE.split(";"):
            tx.execute(text(statement))
        for table in APPEND_ONLY:
            tx.execute(table.insert().values(ROWS[table.name]))
    return engine


def test_exactly_the_journal_its_checkpoints_and_the_versions_only_grow() -> None:
    assert {table.name for table in APPEND_ONLY} == set(ROWS)


@pytest.mark.parametrize("table", [ENTRY, CHECKPOINT, VERSION], ids=str)
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET at = 'x'", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_the_database_itself_refuses_to_change(
    written: Engine, table: Table, statement: str
) -> None:
    if statement.startswith("TRUNCATE") and written.dialect.name == "sqlite":
        pytest.skip("SQLite has no TRUNCATE: its DELETE is tested")
    with pytest.raises(DBAPIError, match=REFUSAL), writing(written) as tx:
        tx.execute(text(statement.format(table.name)))

    with reading(written) as tx:
        assert tx.scalar(select(func.count()).select_from(table)) == 1


def test_replacing_a_row_is_refused_as_well(written: Engine) -> None:
    """`INSERT OR REPLACE` deletes without asking a DELETE trigger, unless told otherwise."""
    if written.dialect.name != "sqlite":
        pytest.skip("only SQLite has INSERT OR REPLACE")
    with pytest.raises(DBAPIError, match=REFUSAL), writing(written) as tx:
        tx.execute(
            text(
                "INSERT OR REPLACE INTO checkpoint SELECT number, 99, root, ranges, at, previous,"
                " note, signature, frontier FROM checkpoint"
            )
        )

    with reading(written) as tx:
        assert tx.scalar(select(CHECKPOINT.c.size)) == 1
