import pytest
from sqlalchemy import Engine, Table, func, select, text
from sqlalchemy.exc import DBAPIError

from fiscus.store.columns import METADATA, TableClass, class_of
from fiscus.store.connect import reading, writing
from fiscus.store.log_schema import CHECKPOINT, LEAF_RUN
from fiscus.store.schema import APPEND_ONLY, CHAIN, ENTRY
from fiscus.store.triggers import REFUSAL

ROWS = {
    "checkpoint": {"epoch": 1, "size": 1, "root": "", "at": "", "note": ""},
    "leaf_run": {"epoch": 1, "start": 0, "chain": "c", "chain_epoch": 1, "first": 1, "last": 1},
    "entry": {
        "id": "e",
        "chain": "c",
        "epoch": 1,
        "sequence": 1,
        "kind": "intent@1",
        "body": b"{}",
        "encoding": 0,
        "link": "",
        "key": "",
        "signature": "",
        "at": "",
        "organization": "o",
        "taxpayer": "t",
        "location": "l",
        "is_training": 0,
    },
}
CHAIN_ROW = {
    "id": "c",
    "class": "register",
    "organization": "o",
    "epoch": 1,
    "sequence": 1,
    "link": "",
    "entry": "e",
    "covered": 0,
}


@pytest.fixture
def written(engine: Engine) -> Engine:
    """One row in each table that only grows."""
    with writing(engine) as tx:
        tx.execute(CHAIN.insert().values(CHAIN_ROW))
        for table in APPEND_ONLY:
            tx.execute(table.insert().values(ROWS[table.name]))
    return engine


def test_exactly_the_tables_of_the_journal_only_grow() -> None:
    journal = {
        table.name for table in METADATA.sorted_tables if class_of(table) is TableClass.JOURNAL
    }

    assert {table.name for table in APPEND_ONLY} == journal == set(ROWS)


@pytest.mark.parametrize("table", [ENTRY, CHECKPOINT, LEAF_RUN], ids=str)
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET epoch = 2", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
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
                "INSERT OR REPLACE INTO checkpoint"
                " SELECT epoch, size, 'another', at, note FROM checkpoint"
            )
        )

    with reading(written) as tx:
        assert tx.scalar(select(CHECKPOINT.c.root)) == ""
