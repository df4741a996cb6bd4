"""Journals in plain text are told apart by what stands in them."""

import pytest

from fiscus.formats import FileClues
from fiscus.formats.plain_text.known import is_beancount, is_ledger


@pytest.mark.parametrize(
    ("name", "head", "kinds"),
    [
        ("a.beancount", b"", "beancount"),
        ("a.BEAN", b"", "beancount"),
        ("a.txt", b"; x\n2026-01-01 open Assets:Cash\n", "beancount"),
        ("a.txt", b"2026-01-01 balance Assets:Cash 1 EUR\n", "beancount"),
        ("a.ledger", b"", "ledger"),
        ("a.journal", b"", "ledger"),
        ("a.txt", b"account Assets:Cash\n", "ledger"),
        ("a.txt", b"2026/01/01 * a sale\n", "ledger"),
        ("a.txt", b'2026-01-01 open A:B\n2026-01-01 * "x"\n', "beancount"),
        ("a.txt", b"Dear Sir, on 2026-01-01 * we open an account\n", ""),
        ("a.txt", b"", ""),
    ],
)
def test_which_journal_it_is(name: str, head: bytes, kinds: str) -> None:
    clues = FileClues(name=name, head=head)
    found = {"beancount": is_beancount(clues), "ledger": is_ledger(clues)}

    assert [kind for kind, is_one in found.items() if is_one] == ([kinds] if kinds else [])
