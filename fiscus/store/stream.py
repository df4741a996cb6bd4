"""Rows in bounded memory, however many there are."""

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import Connection, Select

ROWS = 500
"""How many rows are fetched at a time."""


def rows(tx: Connection, query: Select[Any]) -> Generator[Any, None, None]:
    """The rows of a query, fetched piece by piece; the cursor is closed when the last was read."""
    with tx.execute(query, execution_options={"yield_per": ROWS}) as result:
        for part in result.partitions():
            yield from part


@contextmanager
def some(tx: Connection, query: Select[Any]) -> Iterator[Iterator[Any]]:
    """The same, for a reader that may stop before the end."""
    with closing(rows(tx, query)) as found:
        yield found
