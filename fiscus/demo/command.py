"""`fiscus demo`. It uses the other commands as a person would."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from fiscus.demo import look, show
from fiscus.demo.client import UnexpectedAnswer
from fiscus.demo.play import play
from fiscus.terminal import say

cli = typer.Typer()


@cli.command()
def demo(
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for everything the demo makes.")
    ] = Path("demo-output"),
    serve: Annotated[
        bool,
        typer.Option(
            "--serve",
            help="Keep both shops up until Ctrl-C, and say where to look. If the folder has days "
            "already, they are not played again.",
        ),
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to serve on; 0: 8080, else a free one.")
    ] = 0,
) -> None:
    """Play a day in a Berlin kiosk and one in a Lisbon café against the real service, and have all
    that they leave behind checked. Exit code 1 unless everything is proved."""
    console = Console(highlight=False)
    try:
        if serve:
            look.played_and_served(out, console, port)
        else:
            play(out, console)
            show.look(console, look.command(out))
    except UnexpectedAnswer as deviation:
        say.print(f"[red]The demo did not go as it should:[/red] {escape(str(deviation))}")
        sys.exit(1)
