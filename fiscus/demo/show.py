"""How the beginning and the end of the demo are told on a terminal."""

from collections.abc import Iterable
from pathlib import Path

from rich.console import Console

from fiscus.demo.proof import ProofResult


def opening(console: Console) -> None:
    console.print(
        "Two days in two shops. Everything below happens in one real service, over HTTP, in the "
        "[yellow]TEST[/yellow] environment: nothing here is legally valid.\n"
    )


def proved(console: Console, findings: Iterable[ProofResult]) -> None:
    console.print("[bold]The proof[/bold]")
    for one in findings:
        mark = "[green]✔[/green]" if one.is_good else "[red]✘[/red]"
        console.print(f"  {mark} {one.name}: {one.sentences[0]}", soft_wrap=True)


def places(console: Console, paths: Iterable[tuple[str, Path]], package: Path) -> None:
    console.print("\n[bold]Where everything is[/bold]")
    for name, path in paths:
        console.print(f"  {name:32} {path}", soft_wrap=True)
    console.print("\nProve it again, anywhere:")
    console.print(f"  python -m fiscus.journal.verify {package}", soft_wrap=True)


def look(console: Console, command: str) -> None:
    console.print("\nLook at it in a browser:")
    console.print(f"  {command}", soft_wrap=True)
