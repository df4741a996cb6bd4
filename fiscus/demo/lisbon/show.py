"""How the café's day is told on a terminal."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from fiscus.demo.client import Json
from fiscus.formats import symbol as qr


@dataclass(frozen=True, kw_only=True)
class PrintedDocument:
    """What the till prints of one sealed document."""

    title: str
    id: str
    number: str
    atcud: str
    total: str
    excerpt: str
    qr: str
    day: date


def opening(console: Console) -> None:
    console.print(
        Panel(
            "A café opens its doors, under Portuguese law. Its till speaks the Unified API; each "
            "document is told to the tax authority at once, which is a simulator.",
            title="Lisbon",
            padding=(0, 2),
        )
    )


def shop(console: Console, taxpayer: Json, location: Json, system: Json) -> None:
    console.print("\n[bold]The shop opens[/bold]")
    console.print(f"  {taxpayer['name']['legal']} ({taxpayer['vat_number']}) is in service,")
    console.print(f"  its shop {location['name']} too, with one till: ", end="")
    console.print(f"{system['producer']['details']['name']}, {system['software']['name']}.")


def documents(console: Console, made: Iterable[PrintedDocument], *, voided: str) -> None:
    console.print("\n[bold]The day[/bold]")
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    for name in ("What happened", "Document", "ATCUD", "Total €", "Hash"):
        table.add_column(name, justify="right" if name.startswith("Total") else "left")
    for document in made:
        mark = " [red](cancelled)[/red]" if document.number == voided else ""
        table.add_row(
            document.title,
            f"[green]{document.number}[/green]{mark}",
            document.atcud,
            document.total,
            document.excerpt,
        )
    table.add_row("Cancellation", f"of {voided}", "", "", "")
    console.print(table)


def lost(console: Console, document: PrintedDocument) -> None:
    console.print(
        f"\n  [yellow]The tax authority was told of {document.number}, and its answer was lost."
        "[/yellow] The day\n  went on; what came of it is not known. It is told again."
    )


def told(console: Console, known: Iterable[Json]) -> None:
    console.print("[bold]What the tax authority knows[/bold]")
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    for name in ("Document", "ATCUD", "Status", "Total €"):
        table.add_column(name, justify="right" if name.startswith("Total") else "left")
    for one in known:
        table.add_row(one["number"], one["atcud"], one["status"], one["gross"])
    console.print(table)
    console.print()


def symbol(console: Console, document: PrintedDocument) -> None:
    console.print(f"\n[bold]The QR code of {document.number}[/bold]")
    lines = qr.terminal(qr.symbol(document.qr))
    console.print(Text(lines, style="white on black"), soft_wrap=True)
    console.print(f"ATCUD:{document.atcud}\n", highlight=False)
