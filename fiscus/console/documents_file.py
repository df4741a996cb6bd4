"""The list of documents as a file that spreadsheets open: CSV (RFC 4180), UTF-8 with its mark,
streamed page by page, each page in a short transaction of its own."""

import csv
import io
from collections.abc import Iterator

from sqlalchemy import Engine

from fiscus.console import document_search, documents_facts
from fiscus.console.documents_facts import DocumentLine, JudgedSearch
from fiscus.model.amounts import money
from fiscus.model.faults import Code, Unavailable
from fiscus.model.times import local
from fiscus.store.connect import reading

NOT_WHOLE = Code(
    "CONSOLE-DOCUMENTS-02",
    "the newest documents are not in the list yet, so a file of it would lack them; try again in a "
    "few minutes",
)

ROWS = 500
"""How many documents are read at a time."""

HEADS = (
    "id",
    "day",
    "entered_at",
    "kind",
    "document_type",
    "number",
    "code",
    "gross",
    "currency",
    "customer",
    "register",
    "register_name",
    "location_name",
    "states",
)

_MARK = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")
"""How a text begins that a spreadsheet may take for a formula, in letters of both widths."""


def harmless(text: str) -> str:
    """A text as a spreadsheet shows it, and never carries out: one that begins like a formula has
    an apostrophe before it; a control character is a space."""
    plain = "".join(each if each.isprintable() else " " for each in text)
    if text.startswith(_FORMULA) or plain.lstrip().startswith(_FORMULA):
        return f"'{plain}"
    return plain


def blocks(engine: Engine, search: JudgedSearch) -> Iterator[bytes]:
    """The file, piece by piece. Raises `Unavailable` at once while the index lacks more of the
    newest documents than are read from the journal."""
    with reading(engine) as tx:
        found = documents_facts.facts(tx, search, limit=ROWS)
    if found.behind:
        raise Unavailable(NOT_WHOLE)
    return _blocks(engine, search, found.lines, found.older)


def _blocks(
    engine: Engine, search: JudgedSearch, lines: tuple[DocumentLine, ...], after: str
) -> Iterator[bytes]:
    yield (_MARK + _text([HEADS])).encode()
    while True:
        if lines:
            yield _text([_cells(line) for line in lines]).encode()
        if not after:
            return
        with reading(engine) as tx:
            place = document_search.place_of(after)
            page = document_search.page(tx, search.wanted, older_than=place, limit=ROWS)
            lines = documents_facts.lines(tx, page.rows)
        after = page.older.text() if page.older else ""


def _cells(line: DocumentLine) -> tuple[str, ...]:
    texts = (
        line.id,
        line.day.isoformat(),
        local(line.at, line.timezone).isoformat(timespec="seconds"),
        line.kind,
        line.document_type,
        line.number,
        line.code,
    )
    after = (
        line.currency,
        line.customer,
        line.register,
        line.register_name,
        line.location_name,
        " ".join(mark.name.lower() for mark in line.marks if mark.name),
    )
    # An amount is ours: digits, a point and perhaps a sign.
    return (*map(harmless, texts), money(line.gross), *map(harmless, after))


def _text(rows: list[tuple[str, ...]]) -> str:
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return file.getvalue()
