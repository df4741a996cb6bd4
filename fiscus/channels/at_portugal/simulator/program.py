"""The simulated authority as a program of its own, with keys that stay."""

import threading
from collections.abc import Callable
from pathlib import Path

from fiscus.channels import ServedSimulator, StandaloneSimulator
from fiscus.channels.at_portugal.simulator import keys, listing
from fiscus.channels.at_portugal.simulator.control import ControlServer
from fiscus.channels.at_portugal.simulator.faults import MEANINGS
from fiscus.channels.at_portugal.simulator.server import AtServer
from fiscus.channels.at_portugal.simulator.world import World, connected
from fiscus.model.times import Clock

_HELP = """\
Faults are ordered at the control address, from a browser, or as JSON:
`curl -d '{"kind": "timeout", "operation": "RegisterInvoice", "moment": "after"}' …/faults`.

An order has a kind; an operation (none: all); a moment, before or after the request takes effect;
times (1; null: always); a probability with a seed; an argument.

GET /faults lists the orders, DELETE /faults or /faults/ID takes them back, GET /known tells what
the authority knows, POST /permissions leaves a username the profiles WSE, WFA, WDT or all, POST
/activity closes (open: false) or opens the activity of a nif.
"""


def _help() -> str:
    kinds = "\n\n".join(f"{kind}: {text}" for kind, text in MEANINGS.items())
    return f"{_HELP}\nKinds:\n\n{kinds}"


def serve(folder: Path, port: int, control_port: int, clock: Clock) -> ServedSimulator:
    """Serve the world of a folder until it is closed; its keys are kept beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    connected(folder).close()
    place = folder / "keys"
    server = AtServer(keys.kept(place), port)
    try:
        control = ControlServer(folder, control_port)
    except OSError:
        server.server_close()
        raise
    found = server.endpoints(World(folder=folder, clock=clock))
    for one in (server, control):
        threading.Thread(target=one.serve_forever, daemon=True).start()
    facts = {
        "series": found.series,
        "documents": found.documents,
        "transport": found.transport,
        "certificate": str(place / "producer.pem"),
        "private_key": str(place / "producer.key"),
        "cipher_certificate": str(place / "cipher.pem"),
        "trusted": str(place / "authority.pem"),
        "username": "<tax number>/<sub-user>, such as 599999993/1",
        "password": "any; `wrong` is refused, `timeout` loses the answer",
        "control": f"http://127.0.0.1:{control.server_address[1]}/",
    }
    return ServedSimulator(facts=facts, close=_closing(server, control))


def _closing(*servers: AtServer | ControlServer) -> Callable[[], None]:
    def close() -> None:
        for one in servers:
            one.shutdown()
            one.server_close()

    return close


SIMULATOR = StandaloneSimulator(help=_help(), serve=serve, known=listing.listed)
