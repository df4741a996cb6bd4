"""How the story is told on a terminal."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from fiscus.demo.client import Json
from fiscus.formats import symbol as qr


@dataclass(frozen=True, kw_only=True)
class Document:
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
            "A café in Lisbon opens its doors. Everything below happens in a real service, over "
            "HTTP, in the [yellow]TEST[/yellow] environment: a simulated authority, a test key, "
            "nothing legally valid.",
            title="Fiscus",
            padding=(1, 2),
        )
    )


def shop(console: Console, taxpayer: Json, location: Json, system: Json) -> None:
    console.print("\n[bold]The shop opens[/bold]")
    console.print(f"  {taxpayer['name']['legal']} ({taxpayer['vat_number']}) is in service,")
    console.print(f"  its shop {location['name']} too, with one till: ", end="")
    console.print(f"{system['producer']['details']['name']}, {system['software']['name']}.")


def documents(console: Console, made: Iterable[Document], *, voided: str) -> None:
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


def symbol(console: Console, document: Document) -> None:
    console.print(f"\n[bold]The QR code of {document.number}[/bold]")
    lines = qr.terminal(qr.symbol(document.qr))
    console.print(Text(lines, style="white on black"), soft_wrap=True)
    console.print(f"ATCUD:{document.atcud}", highlight=False)


def proved(console: Console, lines: Sequence[tuple[str, bool, str]]) -> None:
    console.print("\n[bold]The proof[/bold]")
    for name, is_good, words in lines:
        mark = "[green]✔[/green]" if is_good else "[red]✘[/red]"
        console.print(f"  {mark} {name}: {words}")


def places(console: Console, out: Path, paths: Iterable[tuple[str, Path]]) -> None:
    console.print("\n[bold]Where everything is[/bold]")
    for name, path in paths:
        console.print(f"  {name:32} {path}", soft_wrap=True)
    console.print("\nProve it again, anywhere:")
    package = out / "journal" / "journal.zip"
    console.print(f"  python -m fiscus.journal.verify {package}", soft_wrap=True)
