"""What the index keeps of an entry."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.console.document_rows import (
    DocumentMark,
    IndexRow,
    cents,
    folded,
    number_key,
    row_of,
)
from fiscus.issuing.tests.counter import Counter, a_line, a_receipt
from fiscus.model.amounts import ZERO
from fiscus.model.documents import Party
from fiscus.store.schema import DOCUMENT_INDEX


def test_a_row_is_the_columns_of_the_table_in_their_order() -> None:
    assert IndexRow._fields == tuple(column.name for column in DOCUMENT_INDEX.columns)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Café", "cafe"),
        ("  Straße \t 12 ", "strasse 12"),
        ("ÇÃO", "cao"),
        ("ﬁsh", "fish"),
        ("100%", "100%"),
        ("İstanbul", "istanbul"),
        ("", ""),
    ],
)
def test_case_accents_and_spaces_do_not_count(text: str, plain: str) -> None:
    assert folded(text) == plain
    assert folded(folded(text)) == plain


def test_numbers_are_compared_without_spaces() -> None:
    assert number_key(" FR  A/12 ") == number_key("fra/12") == "fra/12"


def test_amounts_are_whole_cents() -> None:
    assert cents(ZERO) == 0
    assert cents(a_line("2.46").unit_price) == 246


def test_words_are_those_that_people_remember(engine: Engine, tmp_path: Path) -> None:
    counter = Counter(engine, "pt", tmp_path)
    line = a_line(text="Pão de Ló", product="P-7", serial="SN 1")
    buyer = Party(name="Maria Antónia", tax_number="214567893")
    sold = counter.sells(a_receipt(line, line, reference="TILL-7", operator_name="Zé", buyer=buyer))

    row = row_of("document@1", sold, "Europe/Lisbon")

    words = row.words.split("\n")
    assert {"pao de lo", "p-7", "sn 1", "till-7", "ze", "maria antonia", "214567893"} <= set(words)
    assert len(words) == len(set(words)), "each text once"
    assert (row.customer, row.customer_key) == ("Maria Antónia", "maria antonia\n214567893")
    assert DocumentMark(row.marks) is DocumentMark.SIGNED
