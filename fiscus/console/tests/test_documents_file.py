"""The list as a file: all of it, in bounded pieces, and harmless in a spreadsheet."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.console import document_search, documents_facts, documents_file
from fiscus.console.documents_facts import DocumentSight
from fiscus.console.documents_file import HEADS, harmless
from fiscus.console.tests.shelf import found, indexed
from fiscus.issuing.tests.counter import Counter, a_receipt
from fiscus.model.documents import Party
from fiscus.model.faults import Unavailable

TODAY = date(2026, 5, 4)


@pytest.fixture
def counter(engine: Engine, tmp_path: Path) -> Counter:
    return Counter(engine, "pt", tmp_path)


def read(counter: Counter, **typed: str) -> list[dict[str, str]]:
    """The file as a program reads it."""
    search = documents_facts.judged(
        typed, DocumentSight(organization=counter.shop.organization), TODAY
    )
    whole = b"".join(documents_file.blocks(counter.engine, search))
    assert whole.startswith("\ufeff".encode())
    assert b"\n" not in whole.replace(b"\r\n", b"")
    return list(csv.DictReader(io.StringIO(whole.decode("utf-8-sig"))))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Maria", "Maria"),
        ("", ""),
        ("=1+1", "'=1+1"),
        ("+351 21", "'+351 21"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "' =1"),
        ("\r\n=1", "'  =1"),
        (" =1", "' =1"),
        ("＝1", "'＝1"),
        ("|calc", "'|calc"),
        ("%0A", "'%0A"),
        ("a=b", "a=b"),
        ("a\nb\x00c", "a b c"),
        ('say "hi", now', 'say "hi", now'),
    ],
)
def test_no_text_is_carried_out_by_a_spreadsheet(text: str, shown: str) -> None:
    assert harmless(text) == shown


def test_the_file_says_what_the_list_says(counter: Counter) -> None:
    evil = Party(name='=HYPERLINK("http://evil.example";"x")', tax_number="214567893")
    sold = counter.sells(a_receipt(buyer=evil))
    indexed(counter.engine)

    [line] = read(counter)

    assert sold.seal is not None
    assert tuple(line) == HEADS
    assert (line["id"], line["number"], line["code"]) == (sold.id, sold.seal.number, sold.seal.code)
    assert (line["gross"], line["currency"], line["states"]) == ("2.46", "EUR", "signed")
    assert line["customer"] == "'" + evil.name
    assert line["entered_at"] == "2026-05-04T09:15:01+01:00"


def test_all_pages_come_each_document_once(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        counter.sells(a_receipt())
    indexed(counter.engine)
    counter.sells(a_receipt())
    monkeypatch.setattr(documents_file, "ROWS", 2)

    ids = [line["id"] for line in read(counter)]

    assert len(ids) == len(set(ids)) == 6
    indexed(counter.engine)
    assert ids == found(counter.engine, counter.shop.organization)


def test_the_same_search_narrows_it(counter: Counter) -> None:
    counter.sells(a_receipt())
    named = counter.sells(a_receipt(buyer=Party(name="Maria", tax_number="214567893")))

    assert [line["id"] for line in read(counter, customer="maria")] == [named.id]
    assert read(counter, amount="99") == []


def test_a_file_that_would_lack_documents_is_not_made(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter.sells(a_receipt())
    monkeypatch.setattr(document_search, "FRESH_MAX", 1)

    with pytest.raises(Unavailable):
        read(counter)
    indexed(counter.engine)
    assert len(read(counter)) == 1
