"""What lies between what was sold and the total that a document states."""

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from fiscus.console import document_sums
from fiscus.issuing.tests.counter import Counter, a_receipt
from fiscus.journal import encode
from fiscus.model.kinds import EntryKind
from fiscus.model.records import AssessedLine, EntryBody
from fiscus.store.connect import reading
from fiscus.store.schema import ENTRY


@pytest.fixture
def body(engine: Engine, tmp_path: Path) -> EntryBody:
    """A sale in Lisbon, paid in cash."""
    Counter(engine, "pt", tmp_path).sells(a_receipt())
    query = select(ENTRY.c.body).where(ENTRY.c.kind == EntryKind.DOCUMENT)
    with reading(engine) as tx:
        return encode.decode(EntryKind.DOCUMENT, tx.execute(query).scalar_one())


def test_nothing_lies_between_where_no_voucher_was_taken(body: EntryBody) -> None:
    assert document_sums.of(body) is None


def test_the_lines_of_a_sale_have_no_sign_and_come_to_its_total(body: EntryBody) -> None:
    assert body.seal is not None
    lines: tuple[AssessedLine, ...] = body.seal.lines

    assert document_sums.side(body.seal) == 1
    assert sum(map(document_sums.signed, lines)) == body.seal.gross == Decimal("2.46")
