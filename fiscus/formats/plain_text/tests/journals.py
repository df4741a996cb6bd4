"""Entries of a German shop, as the tests of plain-text journals want them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from fiscus.formats import BookFormat
from fiscus.model.accounts import ChartAccount
from fiscus.model.booked import BookBatch, BookedEntry, BookedLine, BookedTax

ACCOUNTS = {
    code: ChartAccount(code=code, name=name)
    for code, name in (
        ("1000", "Kasse"),
        ("1361", "Kartenzahlungen"),
        ("1371", "Verrechnung Tagesabschluss"),
        ("1604", "Mehrzweckgutscheine"),
        ("1776", "Umsatzsteuer 19 %"),
        ("8200", "Erlöse"),
        ("8400", "Erlöse_19"),
    )
}


def a_line(
    account: str = "8400", gross: str = "-1190.00", vat: str = "", **more: Any
) -> BookedLine:
    amount, taken = Decimal(gross), Decimal(vat or "0.00")
    tax = BookedTax(code="19", percentage=Decimal(19), amount=taken, account="1776")
    said = {"id": f"line-{account}-{gross}", "tax": tax if vat else None} | more
    return BookedLine(account=account, amount=amount, net=amount - taken, **said)


def a_sale(*lines: BookedLine, **more: Any) -> BookedEntry:
    said: dict[str, Any] = {
        "id": "0f5b8a0e-0a5e-4a43-8f0a-2f6f5c1c7a21",
        "day": date(2026, 3, 5),
        "reference": "Z-17",
        "sub_type": "sale",
        "currency": "EUR",
        "contra": "1371",
        "lines": lines or (a_line(vat="-190.00", text="Umsatz 19 %"),),
        "record": "01957f6e-0000-7000-8000-000000000017",
        "link": "ab" * 32,
    }
    return BookedEntry(**(said | more))


def a_day() -> tuple[BookedEntry, ...]:
    """A closing with its payment, a reversal, and a sale with all that can be said."""
    paid = a_sale(a_line("1000", "1190.00", text="Bar"), id="e2", sub_type="payment")
    back = a_sale(
        a_line(gross="1190.00", vat="190.00", text="Umsatz 19 %"),
        id="e3",
        reverses="0f5b8a0e-0a5e-4a43-8f0a-2f6f5c1c7a21",
    )
    named = a_sale(
        a_line("8200", "-10.00", text="date: 2026; [x] (y) |z|"),
        a_line("9999", "-5.00", id="l\n2"),
        id="e4",
        reference="FT A/1",
        partner='Łódź "☕" \\ GmbH',
        partner_tax_number="PT 508",
        note="=HYPERLINK(\n1)",
    )
    return (a_sale(), paid, back, named)


def a_batch(*entries: BookedEntry, **more: Any) -> BookBatch:
    kept = entries or (a_sale(),)
    said: dict[str, Any] = {
        "job": "7f3a0c1e-22aa-4b6b-9c0d-5e5f6a7b8c9d",
        "company": "01957f6e-0000-7000-8000-000000000001",
        "tax_number": "DE123456788",
        "country": "DE",
        "currency": "EUR",
        "chart": "SKR03",
        "accounts": ACCOUNTS,
        "first": date(2026, 3, 1),
        "last": date(2026, 3, 31),
        "settings": {},
        "written_at": datetime(2026, 4, 1, 9, 30, tzinfo=UTC),
        "entries": lambda: iter(kept),
    }
    return BookBatch(**(said | more))


def written(book: BookFormat, batch: BookBatch) -> str:
    (file,) = book.files(batch)
    return b"".join(file.blocks).decode()
