"""`fiscus simulate`: the TEST simulator of an authority as a program of its own."""

import json
import signal
import threading
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from fiscus import __version__, channels, settings
from fiscus.app import wall_clock
from fiscus.channels import StandaloneSimulator
from fiscus.commands.options import AsJson
from fiscus.model.faults import Code, Refused, Unavailable
from fiscus.terminal import say

cli = typer.Typer()

NO_SIMULATOR = Code(
    "CLI-SIMULATE-01", "this channel has no simulator that runs by itself; see `fiscus simulate`"
)
NOT_LIVE = Code(
    "CLI-SIMULATE-02", "simulators do not run where FISCUS_ENVIRONMENT is live: nothing counts here"
)
PORT_TAKEN = Code(
    "CLI-SIMULATE-03", "the simulator cannot listen there: choose another port, or 0 for a free one"
)


def simulators() -> dict[str, StandaloneSimulator]:
    """Those that can run by themselves, by the name of their channel as it is typed."""
    return {
        code.replace("_", "-"): channel.standalone()
        for code, channel in channels.installed().items()
        if channel.standalone is not None
    }


def _epilog() -> str:
    return "\n\n".join(f"{name}. {one.help}" for name, one in simulators().items())


@cli.command(epilog=_epilog())
def simulate(
    name: Annotated[str, typer.Argument(help="Which authority, such as at-portugal.")],
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder", help="Its world and its keys; else `simulators` in the data folder."
        ),
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of its services; 0: a free one.")
    ] = 8443,
    control_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of its control page; 0: a free one.")
    ] = 8444,
    list_: Annotated[
        bool, typer.Option("--list", help="Print what it knows, and end. Changes nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run the TEST simulator of an authority by itself, until stopped, or list what it knows."""
    chosen = settings.load()
    if chosen.is_live:
        raise Refused(NOT_LIVE)
    place = folder or chosen.data_dir / "simulators"
    simulator = simulators().get(name)
    if simulator is None:
        raise Refused(NO_SIMULATOR, name)
    if list_:
        known = simulator.known(place)
        print(json.dumps(known)) if as_json else _show(known)
        return
    try:
        served = simulator.serve(place, port, control_port, wall_clock)
    except OSError as trouble:
        raise Unavailable(PORT_TAKEN, f"({trouble.strerror})") from trouble
    if as_json:
        print(json.dumps(dict(served.facts)), flush=True)
    else:
        for fact, value in served.facts.items():
            print(f"{fact:20} {value}", flush=True)
    say.print(
        f"Fiscus {__version__} simulates {escape(name)} [yellow]TEST: nothing here is legally "
        "valid[/yellow]; stop it with Ctrl-C."
    )
    _until_stopped()
    served.close()


def _until_stopped() -> None:
    stopped = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stopped.set())
    stopped.wait()


def _show(known: Any) -> None:
    for kind, rows in known.items():
        print(f"{kind}: {len(rows)}")
        for row in rows:
            print("  " + "  ".join(f"{name}={value}" for name, value in row.items() if value != ""))
