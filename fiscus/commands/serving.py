"""`fiscus serve` and `fiscus work`: the service, and the worker beside it."""

import contextlib
import gc
import os
import signal
import socket
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from fiscus import __version__, settings
from fiscus.api.protocol import KEEP_ALIVE_SECONDS, BoundedProtocol
from fiscus.app import application, build
from fiscus.background import end_helpers, helpers, worker
from fiscus.commands.options import DataDir, chosen_settings, settings_of
from fiscus.exports import process, run, warm
from fiscus.model.faults import Code, Refused, Unavailable
from fiscus.outbox.queue import OutboxTask
from fiscus.terminal import say

cli = typer.Typer()

NO_ADDRESS = Code(
    "CLI-SERVE-01",
    "the service cannot listen there: stop the program that does, or choose another address with "
    "`fiscus serve --host … --port …`",
)

GARBAGE_THRESHOLD = 50_000
"""A request makes many small values and few cycles: look for cycles less often."""


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on; 0: a free one.")
    ] = None,
    data: DataDir = None,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Leave exports and checkpoints to `fiscus work`.")
    ] = False,
) -> None:
    """Serve the API; several processes may serve one PostgreSQL database side by side."""
    exporter = None if no_worker else warm.started(partial(_export, data))
    chosen = chosen_settings(data, host=host, port=port)
    listening = [listening_at(chosen.host, chosen.port)]
    chosen = chosen.model_copy(update={"port": listening[0].getsockname()[1]})
    if place := chosen.ops_place():
        if place[1] == chosen.port:
            raise Refused(settings.BAD_SETTING, "FISCUS_OPS_ADDRESS")
        listening.append(listening_at(*place))
    services = build(chosen)
    export_by = exporter.do if exporter else None
    service = application(services, with_worker=not no_worker, export_by=export_by)
    config = uvicorn.Config(
        service,
        http=BoundedProtocol,
        ws="none",
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=10,
    )
    server = uvicorn.Server(config)
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD, 20, 50)
    where = f"http://{chosen.host}:{chosen.port}"
    mark = "" if chosen.is_live else " [yellow]TEST: nothing here is legally valid[/yellow]"
    say.print(f"Fiscus {__version__} at {where} ({chosen.url().split('@')[-1]}){mark}")
    server.run(sockets=listening)


def _export(data: Path | None, task: OutboxTask) -> None:
    """In a process that was split off before anything was read or opened."""
    run.do(build(settings_of(data)).exports, task)


def listening_at(host: str, port: int) -> socket.socket:
    """The port, taken before anything is opened: the addresses that we hand out name it. Raises
    `Refused`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        number = error.errno or 0  # below zero: of the search for a name
        why = os.strerror(number) if number > 0 else error.strerror
        raise Refused(NO_ADDRESS, f"{host}:{port}", f"({why})") from error


@cli.command()
def work(
    data: DataDir = None,
    leased: Annotated[
        bool, typer.Option(hidden=True, help="Only the export that a server leased.")
    ] = False,
) -> None:
    """Do what waits in the outbox (exports, checkpoints) until stopped."""
    services = build(chosen_settings(data))
    if leased:
        do = partial(run.do, services.exports)
        sys.exit(process.leased(do, sys.stdin.buffer, sys.stdout.buffer))
    helper = worker(services)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: helper.ask_to_stop())
    services.watermark.start()
    beside = helpers(services, apart=True)
    for thread in beside:
        thread.start()
    say.print("Fiscus works; stop it with Ctrl-C.")
    helper.run()
    end_helpers(services, beside)
    with contextlib.suppress(Unavailable):
        services.log.sign()
    services.watermark.stop()
