"""`fiscus verify` and `fiscus check`: the journal proved, and files checked, whoever wrote them."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.markup import escape

from fiscus import formats
from fiscus.app import seen
from fiscus.checking.process import CheckLimits, CheckProcess
from fiscus.commands.options import DataDir, chosen_settings
from fiscus.commands.telling import counted, tell
from fiscus.journal.audit import verify_database
from fiscus.journal.heads import SeenState
from fiscus.journal.verify import (
    OutsideKnowledge,
    UnreadableFile,
    VerifyReport,
    load_outside,
    sentences,
    verify_package,
)
from fiscus.journal.verify.older import OlderCopy
from fiscus.journal.verify.signed_note import read_note
from fiscus.store.connect import connect, is_sqlite
from fiscus.store.migrate import expect_migrated
from fiscus.terminal import say

cli = typer.Typer()

CHECK_SECONDS = 3600
CHECK_MEMORY_BYTES_MAX = 4 << 30
"""More than a server gives to strangers' files: whoever types the command waits for this one."""

SEEN = "what this machine saw last"

_KINDS = ", ".join(sorted(formats.checkers()))


@cli.command()
def verify(
    package: Annotated[
        Path | None, typer.Argument(help="An export package (ZIP); without one: the database.")
    ] = None,
    jws: Annotated[
        Path | None, typer.Option(help="The package's signature (default: PACKAGE.jws, if there).")
    ] = None,
    root: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|sha256:HEX",
            help="The installation's fingerprint, or a file with it: proves who wrote the journal.",
        ),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(help="Which log and which witnesses count (C2SP tlog-policy)."),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(help="A note, a package or a SQLite database that was kept elsewhere."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    data: DataDir = None,
) -> None:
    """Read the whole journal again and prove it, on a code path of its own.

    It ends with what was checked, what was not, and what would have to be given for that. Exit
    code 0: nothing is wrong. 1: the first bad record is named, or nothing could be read.
    """
    try:
        outside = load_outside(root, policy, against)
        report = _report(package, jws, outside, data)
    except UnreadableFile as error:
        say.print(f"[red]Unreadable[/red] {escape(str(error))}")
        sys.exit(1)
    if as_json:
        print(json.dumps(report.as_dict(), indent=1, default=str))
    else:
        print("\n".join(sentences(report)))
    sys.exit(0 if report.is_good else 1)


def _report(
    package: Path | None, jws: Path | None, outside: OutsideKnowledge, data: Path | None
) -> VerifyReport:
    with counted("Verifying", "entries") as count:
        if package is not None:
            return verify_package(package, jws, outside=outside, progress=count)
        chosen = chosen_settings(data)
        # First what was seen, then the database, which goes on meanwhile.
        outside = _with_seen(outside, seen(chosen))
        engine = connect(chosen.url())
        if not is_sqlite(engine):  # such a file is read by the verifier alone, and never made here
            expect_migrated(engine)
        return verify_database(engine, outside, count)


def _with_seen(outside: OutsideKnowledge, state: SeenState | None) -> OutsideKnowledge:
    """What this machine noted outside the database is held against it too."""
    if state is None or not (state.heads or state.note):
        return outside
    older = outside.older or OlderCopy(name=SEEN, notes=())
    notes = (read_note(state.note),) if state.note else ()
    heads = tuple(
        (head.chain, head.epoch, head.sequence, bytes.fromhex(head.link)) for head in state.heads
    )
    name = older.name if older.name == SEEN else f"{older.name} and {SEEN}"
    return replace(
        outside,
        older=OlderCopy(name=name, notes=older.notes + notes, heads=older.heads + heads),
    )


@cli.command()
def check(
    kind: Annotated[str, typer.Argument(help=f"What the file is: {_KINDS}.")],
    file: Annotated[Path, typer.Argument(help="The file to check.", exists=True)],
    key: Annotated[
        Path | None, typer.Option("--public-key", help="PEM of the key its seals must verify with.")
    ] = None,
    seconds: Annotated[
        int, typer.Option(min=1, help="How long it may take before it is ended.")
    ] = CHECK_SECONDS,
) -> None:
    """Check a file by its format's own rules, whoever wrote it. Exit code 1 if there are faults.

    It is read by a process of its own, with bounded memory and time."""
    formats.find_checker(kind)
    limits = CheckLimits(seconds=seconds, memory_bytes_max=CHECK_MEMORY_BYTES_MAX)
    with counted("Checking", "bytes") as count, TemporaryDirectory() as scratch:
        result = CheckProcess(limits=limits, progress=count).result(
            file.resolve(),
            name=file.name,
            scratch=Path(scratch),
            kind=kind,
            key=key.read_text("ascii") if key else "",
        )
    tell(tuple(one.as_fault() for one in result.findings))
