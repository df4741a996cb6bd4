"""The command line: run it, set it up, prove it, hand it over.

Only the command that is named is loaded: `fiscus --help` is there at once, and a command does not
wait for what others need.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, NamedTuple

import typer
from rich.markup import escape

from fiscus import __version__
from fiscus.commands.fault_options import in_options
from fiscus.model.faults import Trouble
from fiscus.terminal import say, say_fault


class LazyCommand(NamedTuple):
    """A command as `fiscus --help` lists it: the module that has it, and the first sentence of what
    it says of itself there. A group is all commands of its module."""

    name: str
    module: str
    sentence: str
    is_group: bool = False


LISTED = (
    LazyCommand(
        "serve",
        "fiscus.commands.serving",
        "Serve the API; several processes may serve one PostgreSQL database side by side.",
    ),
    LazyCommand(
        "work",
        "fiscus.commands.serving",
        "Do what waits in the outbox (exports, checkpoints) until stopped.",
    ),
    LazyCommand(
        "init",
        "fiscus.commands.founding",
        "Make the first account, group and API key, an owner's. The secret is shown once.",
    ),
    LazyCommand(
        "migrate",
        "fiscus.commands.founding",
        "Bring the database to the newest schema; running it again changes nothing.",
    ),
    LazyCommand(
        "verify",
        "fiscus.commands.proving",
        "Read the whole journal again and prove it, on a code path of its own.",
    ),
    LazyCommand(
        "demo",
        "fiscus.demo.command",
        "Play a day in a Berlin kiosk and one in a Lisbon café against the real service, and have "
        "all that they leave behind checked. Exit code 1 unless everything is proved.",
    ),
    LazyCommand(
        "check",
        "fiscus.commands.proving",
        "Check a file by its format's own rules, whoever wrote it. Exit code 1 if there are "
        "faults.",
    ),
    LazyCommand(
        "notification",
        "fiscus.commands.notification",
        "Write the notification of a location's registers and signing devices to the tax office.",
    ),
    LazyCommand(
        "export",
        "fiscus.commands.export",
        "Write files for auditors and accountants.",
        is_group=True,
    ),
    LazyCommand(
        "books",
        "fiscus.commands.books.command",
        "The books: the chart of accounts, the accounting entries, and files for accountants.",
        is_group=True,
    ),
    LazyCommand(
        "keys",
        "fiscus.commands.keys",
        "API keys, and the keys that a law wants from us.",
        is_group=True,
    ),
    LazyCommand(
        "console",
        "fiscus.commands.console",
        "The pages that people look at.",
        is_group=True,
    ),
    LazyCommand(
        "journal",
        "fiscus.commands.journal",
        "The journal's fingerprint, keys, checkpoints and proofs.",
        is_group=True,
    ),
    LazyCommand(
        "taxpayers",
        "fiscus.commands.taxpayers",
        "Taxpayers: who owes the tax here, and how their documents are reported.",
        is_group=True,
    ),
    LazyCommand(
        "systems",
        "fiscus.commands.systems",
        "Systems: the registers that issue documents, and whether their own numbers count.",
        is_group=True,
    ),
    LazyCommand(
        "series",
        "fiscus.commands.series",
        "The numbered series of documents, each registered with the tax authority.",
        is_group=True,
    ),
    LazyCommand(
        "reporting",
        "fiscus.commands.reporting.command",
        "Reports to tax authorities: what was told, what was refused and what helps.",
        is_group=True,
    ),
    LazyCommand(
        "receipts",
        "fiscus.commands.receipts",
        "Receipts: the pages on which customers look at theirs.",
        is_group=True,
    ),
    LazyCommand(
        "tasks",
        "fiscus.commands.tasks",
        "Tasks of the outbox: what waits, what was given up and why.",
        is_group=True,
    ),
    LazyCommand(
        "webhooks",
        "fiscus.commands.webhooks",
        "Webhooks: who is told of what, whether it was taken, and what is done about it.",
        is_group=True,
    ),
    LazyCommand(
        "simulate",
        "fiscus.commands.simulate",
        "Run the TEST simulator of an authority by itself, until stopped, or list what it knows.",
    ),
    LazyCommand(
        "witness",
        "fiscus.commands.witness",
        "Run a witness: cosign the checkpoints of other people's logs.",
        is_group=True,
    ),
)


def main() -> None:
    """Run a command; trouble becomes one clear line and exit code 1.

    What it writes is for its owner alone: databases, keys and what people buy are among it.
    """
    os.umask(0o077)
    try:
        cli(sys.argv[1:])()
    except Trouble as trouble:
        for fault in trouble.faults:
            say_fault(in_options(fault))
        sys.exit(1)
    except OSError as error:
        say.print(f"[red]{type(error).__name__}[/red] {escape(str(error))}")
        sys.exit(1)


def cli(arguments: Sequence[str]) -> typer.Typer:
    """The command line that these arguments are for: the command they name, whole, and all others
    by name and sentence. A shell that completes a line says what is typed elsewhere: all are whole
    then."""
    named = next((one for one in arguments if not one.startswith("-")), "")
    is_completing = "_FISCUS_COMPLETE" in os.environ
    found = typer.Typer(
        help="Fiscus: the fiscal backend you run yourself. Settings come from FISCUS_… variables, "
        "see docs/settings.md.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    found.callback()(_root)
    for one in LISTED:
        if is_completing or one.name == named:
            _add(found, one)
        else:
            found.command(one.name, help=one.sentence)(_not_loaded)
    return found


def _add(found: typer.Typer, one: LazyCommand) -> None:
    module: typer.Typer = import_module(one.module).cli
    if one.is_group:
        found.add_typer(module, name=one.name)
        return
    commands = module.registered_commands
    found.registered_commands += [
        command for command in commands if (command.name or _function(command)) == one.name
    ]


def _function(command: typer.models.CommandInfo) -> str:
    assert command.callback is not None
    return command.callback.__name__


def _not_loaded() -> None:
    raise AssertionError("the command that is named is loaded")


def _say_version(is_asked: bool) -> None:
    if is_asked:
        print(f"fiscus {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_say_version, is_eager=True, help="Say which one it is."
        ),
    ] = False,
) -> None:
    """Settings come from the environment."""
