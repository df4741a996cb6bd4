"""Entries of a German shop, as the tests want them."""

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from fiscus.formats.datev_extf.write import files
from fiscus.model.accounts import ChartAccount
from fiscus.model.booked import BookBatch, BookedEntry, BookedLine, BookedTax

JOB = "7f3a0c1e-22aa-4b6b-9c0d-5e5f6a7b8c9d"
ENTRY = "0f5b8a0e-0a5e-4a43-8f0a-2f6f5c1c7a21"
SETTINGS = {"consultant_number": "4711", "client_number": "815"}
ACCOUNTS = {
    code: ChartAccount(code=code, name=name, is_automatic=code in ("8400", "8300"))
    for code, name in (
        ("1000", "Kasse"),
        ("1361", "Kartenzahlungen"),
        ("1371", "Verrechnung Tagesabschluss"),
        ("1590", "Durchlaufende Posten"),
        ("1604", "Mehrzweckgutscheine"),
        ("1776", "Umsatzsteuer 19 %"),
        ("8200", "Erlöse"),
        ("8300", "Erlöse 7 % USt"),
        ("8400", "Erlöse 19 % USt"),
    )
}


def a_tax(percentage: str = "19", amount: str = "-19.00", **more: Any) -> BookedTax:
    return BookedTax(
        code=percentage, percentage=Decimal(percentage), amount=Decimal(amount), **more
    )


def a_line(
    account: str = "8400", amount: str = "-119.00", tax: BookedTax | None = None, **more: Any
) -> BookedLine:
    said = {"id": f"line-{account}-{amount}", "text": ""} | more
    gross = Decimal(amount)
    net = gross - tax.amount if tax is not None else gross
    return BookedLine(account=account, amount=gross, net=net, tax=tax, **said)


def a_sale(*lines: BookedLine, **more: Any) -> BookedEntry:
    said: dict[str, Any] = {
        "id": ENTRY,
        "day": date(2026, 3, 5),
        "reference": "Z-17",
        "sub_type": "sale",
        "currency": "EUR",
        "contra": "1371",
        "lines": lines or (a_line(tax=a_tax()),),
        "record": "01957f6e-0000-7000-8000-000000000017",
        "link": "ab" * 32,
    }
    return BookedEntry(**(said | more))


def a_batch(*entries: BookedEntry, **more: Any) -> BookBatch:
    kept = entries or (a_sale(),)
    said: dict[str, Any] = {
        "job": JOB,
        "company": "01957f6e-0000-7000-8000-000000000001",
        "tax_number": "DE123456788",
        "country": "DE",
        "currency": "EUR",
        "chart": "SKR03",
        "accounts": ACCOUNTS,
        "first": min((one.day for one in kept), default=date(2026, 3, 1)),
        "last": max((one.day for one in kept), default=date(2026, 3, 31)),
        "settings": SETTINGS,
        "written_at": datetime(2026, 4, 1, 9, 30, 0, 123000, tzinfo=UTC),
        "entries": lambda: iter(kept),
    }
    return BookBatch(**(said | more))


def written(batch: BookBatch) -> dict[str, bytes]:
    return {file.name: b"".join(file.blocks) for file in files(batch)}


def cells(*entries: BookedEntry, **more: Any) -> list[list[str]]:
    """The bookings of the only file, cell by cell as a reader that is not ours splits them."""
    (data,) = written(a_batch(*entries, **more)).values()
    rows = list(csv.reader(data.decode("cp1252").splitlines(), delimiter=";"))
    return rows[2:]


def saved(folder: Path, batch: BookBatch) -> list[Path]:
    paths = []
    for name, data in written(batch).items():
        (folder / name).write_bytes(data)
        paths.append(folder / name)
    return paths


def a_closing() -> tuple[BookedEntry, ...]:
    """A day's closing: two rates, a voucher sold, a tip, paid in three ways."""
    seven = a_line("8300", "-107.00", a_tax("7", "-7.00"), text="Umsatz 7 %", id="l1")
    nineteen = a_line("8400", "-119.00", a_tax("19", "-19.00"), text="Umsatz 19 %", id="l2")
    voucher = a_line("1604", "-50.00", text="Gutschein verkauft", id="l3")
    tip = a_line("1590", "-5.00", text="Trinkgeld", id="l4")
    paid = (("1000", "181.00", "Bar"), ("1361", "80.00", "Karte"), ("1604", "20.00", "Gutschein"))
    payments = tuple(
        a_sale(
            a_line(account, amount, text=text, id=f"p{at}"),
            id=f"entry-p{at}",
            sub_type="payment",
        )
        for at, (account, amount, text) in enumerate(paid)
    )
    return (a_sale(seven, nineteen, voucher, tip), *payments)
