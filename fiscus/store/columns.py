"""What all tables are made of: the metadata, classes of tables, columns and indexes.

Each table says its class (docs/journal-format.md, section 6): the journal, a projection of it, a
secret, or work that may be lost.
"""

from enum import StrEnum

from sqlalchemy import Column, Index, MetaData, Table, Text, text

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class TableClass(StrEnum):
    """What becomes of a table when the journal is compared with it: section 6 of the format."""

    JOURNAL = "journal"
    PROJECTION = "projection"
    SECRET = "secret"
    WORK = "work"


def table_class(of: TableClass) -> dict[str, TableClass]:
    return {"class": of}


def class_of(table: Table) -> TableClass:
    """The declared class of a table."""
    found: TableClass = table.info["class"]
    return found


def text_column(name: str, *, null: bool = False) -> Column[str]:
    return Column(name, Text, nullable=null)


def present(name: str, *columns: str, unique: bool = False) -> Index:
    """An index over the rows that have a value in its last column."""
    there = text(f"{columns[-1]} IS NOT NULL")
    return Index(name, *columns, unique=unique, sqlite_where=there, postgresql_where=there)


def partial_index(name: str, condition: str, *columns: str) -> Index:
    """An index over the rows of which a condition is true; a query must say the same words."""
    which = text(condition)
    return Index(name, *columns, sqlite_where=which, postgresql_where=which)


def only(name: str, column: str, condition: str) -> Index:
    """At most one row of a kind for each value of the column."""
    which = text(condition)
    return Index(name, column, unique=True, sqlite_where=which, postgresql_where=which)
