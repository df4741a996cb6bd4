"""Each table says what becomes of it when the journal is compared with it, as the page says."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Table

from fiscus.journal.stated import LINK, UNSTATED
from fiscus.store import log_schema, schema, webhook_schema
from fiscus.store.columns import METADATA, TableClass, class_of
from fiscus.store.schema import FROZEN

PAGE = Path(__file__).parents[3] / "docs" / "journal-format.md"
TABLES = METADATA.sorted_tables


def section() -> str:
    """Section 6 of the page."""
    return PAGE.read_text().partition("## 6. ")[2].partition("\n## ")[0]


def names(text: str) -> list[str]:
    return re.findall(r"`([a-z_]+)`", text)


def rows() -> Iterator[list[str]]:
    """The cells of the page's own table: table, class, key, stated by, columns that are not."""
    for line in section().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and len(cells) == 5:
            yield cells


def on_the_page() -> dict[str, TableClass]:
    """The class of each table as the page gives it: in a list, in the table, or where what is
    computed of it stands."""
    text = re.sub(r"\n  +", " ", section())
    found = {
        name: TableClass(word)
        for word, listed in re.findall(r"^\* \*\*(journal|work)\*\*: (.*)$", text, re.MULTILINE)
        for name in names(listed.partition(".")[0] if word == "journal" else listed)
    }
    found |= {names(cells[0])[0]: TableClass(cells[1]) for cells in rows()}
    computed = re.findall(r"^\* `([a-z_]+)` \((projection)\)", text, re.MULTILINE)
    found |= {name: TableClass(word) for name, word in computed}
    # Of Alembic's own, and the column of times in the sentence on older checkpoints.
    return {name: of for name, of in found.items() if name not in ("alembic_version", "at")}


def test_the_page_and_the_schema_know_the_same_tables_and_classes() -> None:
    assert on_the_page() == {table.name: class_of(table) for table in TABLES}


def test_every_table_of_either_schema_is_one_of_those() -> None:
    declared = {
        value.name
        for module in (schema, log_schema, webhook_schema)
        for value in vars(module).values()
        if isinstance(value, Table)
    }

    assert declared == {table.name for table in TABLES}


@pytest.mark.parametrize("cells", list(rows()), ids=lambda cells: names(cells[0])[0])
def test_a_row_is_stated_by_its_primary_key(cells: list[str]) -> None:
    table = METADATA.tables[names(cells[0])[0]]
    columns = [column.name for column in table.primary_key.columns]

    assert [name for name in names(cells[2]) if name in table.columns] == columns
    assert (len(columns) == 1) is (table is not FROZEN)


@pytest.mark.parametrize("cells", list(rows()), ids=lambda cells: names(cells[0])[0])
def test_the_columns_that_are_not_stated_are_those_of_the_page(cells: list[str]) -> None:
    table = METADATA.tables[names(cells[0])[0]]
    left_out = set(UNSTATED.get(table.name, ())) | ({LINK} & set(table.columns.keys()))

    assert set(names(cells[4])) == left_out
    assert left_out <= set(table.columns.keys())


def test_only_secrets_hold_bytes_that_are_closed() -> None:
    """A secret in a table of another class would be overlooked by who compares."""
    closed = {"secret", "secrets", "wrapped", "secret_hash", "previous_hash"}
    holding = {table.name for table in TABLES if closed & set(table.columns.keys())}

    assert holding - {"taxpayer", "webhook_subscription"} == {
        table.name for table in TABLES if class_of(table) is TableClass.SECRET
    }
