"""`fiscus witness`: the other side, which somebody else runs than who runs the logs."""

import json
import re
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn

from fiscus import __version__
from fiscus.api.protocol import KEEP_ALIVE_SECONDS, BoundedProtocol
from fiscus.app import wall_clock
from fiscus.commands.options import AsJson
from fiscus.commands.serving import listening_at
from fiscus.model.times import at_seconds, seconds_z
from fiscus.terminal import say
from fiscus.witness import folder, forks
from fiscus.witness.folder import LogState
from fiscus.witness.forks import EvidenceKind
from fiscus.witness.memory import WitnessMemory, serving
from fiscus.witness.server import application

cli = typer.Typer(
    help="Run a witness: cosign the checkpoints of other people's logs.", no_args_is_help=True
)

CONNECTIONS_MAX = 256
"""A witness holds little for each, and little in all."""

Folder = Annotated[Path, typer.Option("--folder", help="The witness's own folder.")]

_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)*", re.ASCII)


class WitnessProtocol(BoundedProtocol):
    """The service's bounds for a connection, with room for fewer of them."""

    connections_allowed = CONNECTIONS_MAX


@cli.command()
def init(
    name: Annotated[str, typer.Option(help="Its name for good, such as witness.example.com/w1.")],
    place: Folder,
) -> None:
    """Make a witness with new keys in an empty folder, and print its public keys."""
    keys = folder.make(place, name)
    for key in keys.public():
        print(key.text())
    say.print(
        "These are its keys, one for each type of cosignature: shops put one or more of them "
        "behind its address in FISCUS_WITNESSES. Never copy or put back its folder; if it is "
        "lost, make a new witness with a new name."
    )


@cli.command()
def trust(
    place: Folder,
    key: Annotated[
        str | None, typer.Argument(help="A log's public key; without it all are listed.")
    ] = None,
    remove: Annotated[
        bool, typer.Option("--remove", help="Cosign nothing more that this key has signed.")
    ] = False,
) -> None:
    """Know a log by its public key, or list the logs that are known. A witness that is running
    follows at once."""
    if key is None:
        if remove:
            raise typer.BadParameter("name the key that is to go", param_hint="KEY")
        folder.read_keys(place)
        for log in folder.read_logs(place):
            print(f"{'trusted' if log.is_trusted else 'removed':8} {log.key}")
        return
    found = folder.distrust(place, key) if remove else folder.trust(place, key)
    say.print(f"{found.name} is {'no longer trusted with this key' if remove else 'trusted'}.")


@cli.command()
def serve(
    place: Folder,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on; 0: a free one.")
    ] = 8090,
    prefix: Annotated[
        str, typer.Option(help="What its addresses begin with, such as /w1; empty: nothing.")
    ] = "",
) -> None:
    """Cosign the checkpoints of the logs that are trusted, over HTTP, until stopped."""
    if not _PREFIX.fullmatch(prefix):
        raise typer.BadParameter("such as /w1, without a slash at the end", param_hint="--prefix")
    name = folder.read_keys(place).name
    with serving(place):
        memory = WitnessMemory(place, wall_clock)
        listening = listening_at(host, port)
        config = uvicorn.Config(
            application(memory, prefix),
            http=WitnessProtocol,
            ws="none",
            lifespan="off",
            access_log=False,
            log_level="warning",
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=10,
        )
        where = f"http://{host}:{listening.getsockname()[1]}{prefix}"
        say.print(f"Fiscus {__version__}: witness {name} at {where}")
        uvicorn.Server(config).run(sockets=[listening])


@cli.command()
def show(place: Folder, as_json: AsJson = False) -> None:
    """Show each log with its size and the time that was signed last, and what contradicts itself.
    Exit code 1 if a log has signed two histories."""
    keys = folder.read_keys(place)
    trusted = folder.trusted(folder.read_logs(place))
    logs = [_shown(place, state, state.origin in trusted) for state in folder.read_states(place)]
    if as_json:
        public = [key.text() for key in keys.public()]
        print(json.dumps({"name": keys.name, "keys": public, "logs": logs}))
    else:
        print(f"witness {keys.name}")
        for key in keys.public():
            print(f"  key {key.text()}")
        for log in logs:
            _print(log)
    if any(one["kind"] == EvidenceKind.FORK for log in logs for one in log["evidence"]):
        raise typer.Exit(1)


def _shown(place: Path, state: LogState, is_trusted: bool) -> dict[str, Any]:
    evidence = [
        {"kind": one.kind, "at": _moment(one.at), "says": forks.told(one), "file": str(file)}
        for file, one in forks.all_(place, state.origin)
    ]
    return {
        "origin": state.origin,
        "is_trusted": is_trusted,
        "size": state.size,
        "root": state.root,
        "last_time": _moment(state.time),
        "note": state.note,
        "evidence": evidence,
    }


def _print(log: dict[str, Any]) -> None:
    mark = "" if log["is_trusted"] else "  (no longer trusted)"
    when = log["last_time"] or "never"
    print(f"{log['origin']}  size {log['size']}  last signed {when}{mark}")
    for one in log["evidence"]:
        print(f"  {one['at']}  {one['says']}\n    {one['file']}")


def _moment(seconds: int) -> str | None:
    return seconds_z(at_seconds(seconds)) if seconds else None
