"""TEST: the tax authority on this machine, over TLS, with a memory of its own.

It verifies what it gets as the authority would and remembers what it was told. It shares no code
with the client but the addresses, so that each finds the other's errors.
"""

from importlib import import_module
from pathlib import Path

from fiscus.channels import StandaloneSimulator
from fiscus.channels.at_portugal.endpoints import AtEndpoints
from fiscus.model.times import Clock

# Its modules are loaded when they are needed: no command waits for a server that it does not ask.


def running(folder: Path, clock: Clock) -> AtEndpoints:
    """The authority of a folder, served by this process from now on (`serving.running`)."""
    serving = import_module(f"{__name__}.serving")
    endpoints: AtEndpoints = serving.running(folder, clock)
    return endpoints


def standalone() -> StandaloneSimulator:
    """The authority as a program of its own (`fiscus simulate at-portugal`)."""
    simulator: StandaloneSimulator = import_module(f"{__name__}.program").SIMULATOR
    return simulator
