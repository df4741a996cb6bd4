"""The index of what a counter sells, as the service keeps it."""

from sqlalchemy import Engine, select

from fiscus.console import document_index, document_search
from fiscus.console.document_rows import IndexRow
from fiscus.console.document_search import DocumentFilter
from fiscus.journal import follow
from fiscus.store.connect import reading
from fiscus.store.schema import DOCUMENT_INDEX, SALES_TOTAL


def indexed(engine: Engine) -> None:
    """Everything that is in the journal."""
    while True:
        with reading(engine) as tx:
            behind = follow.behind(tx, document_index.READER, "register")
        if not behind:
            return
        for position in behind:
            document_index.read_on(engine, position)


def rows(engine: Engine) -> dict[str, IndexRow]:
    """The whole index, by id."""
    with reading(engine) as tx:
        found = tx.execute(select(*DOCUMENT_INDEX.c).order_by(DOCUMENT_INDEX.c.id))
        return {row.id: IndexRow._make(row) for row in found}


def totals(engine: Engine) -> list[tuple[object, ...]]:
    """All sums, in an order of their own."""
    with reading(engine) as tx:
        return sorted(map(tuple, tx.execute(select(*SALES_TOTAL.c))))


def found(engine: Engine, organization: str, **wanted: object) -> list[str]:
    """The ids of the documents that a search finds, newest first."""
    wish = DocumentFilter(organization=organization, **wanted)  # type: ignore[arg-type]
    with reading(engine) as tx:
        return [row.id for row in document_search.page(tx, wish).rows]
