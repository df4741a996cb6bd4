"""The authority of this process: started when it is first asked for, then there until the end."""

import os
import threading
from functools import cache
from pathlib import Path

from fiscus.channels.at_portugal.endpoints import AtEndpoints
from fiscus.channels.at_portugal.simulator import keys
from fiscus.channels.at_portugal.simulator.server import AtServer
from fiscus.channels.at_portugal.simulator.world import World, connected
from fiscus.model.times import Clock

_starting = threading.Lock()


def running(folder: Path, clock: Clock) -> AtEndpoints:
    """Serve the world of a folder from now on, and tell a client what it needs.

    Several processes may share a folder; one process serves all its worlds on one port.
    """
    folder.mkdir(parents=True, exist_ok=True)
    connected(folder).close()
    with _starting:
        server = _server(os.getpid())
    return server.endpoints(World(folder=folder, clock=clock))


@cache
def _server(pid: int) -> AtServer:
    """The server of a process; one that was forked has no thread of its parent's."""
    server = AtServer(keys.made())
    threading.Thread(target=server.serve_forever, name="at-simulator", daemon=True).start()
    return server
