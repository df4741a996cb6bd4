"""The Portuguese tax authority (Autoridade Tributária): registers series, is told of documents."""

from collections.abc import Mapping
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from fiscus.channels import Channel, ChannelConnection
from fiscus.channels.at_portugal import simulator
from fiscus.channels.at_portugal.endpoints import AtEndpoints
from fiscus.channels.at_portugal.settings import CODE, SETTINGS
from fiscus.model.faults import Fault
from fiscus.model.times import Clock


def _loaded(name: str) -> Any:
    """A module that speaks, when it is needed: no command waits for what it does not use."""
    return import_module(f"{__name__}.{name}")


def connected(endpoints: AtEndpoints, clock: Clock) -> ChannelConnection:
    """The channel to these services (`connection.connected`); nothing is sent yet."""
    channel: ChannelConnection = _loaded("connection").connected(endpoints, clock)
    return channel


def simulate(folder: Path, clock: Clock) -> ChannelConnection:
    """The channel to the simulated authority, which keeps its world in that folder."""
    return connected(simulator.running(folder, clock), clock)


def connect(given: Mapping[str, str], clock: Clock) -> ChannelConnection:
    """The channel to the authority itself, by settings that have been `taken`."""
    credentials = _loaded("credentials")
    channel: ChannelConnection = _loaded("connection").connected(
        credentials.endpoints(given), clock, credentials.expiries(given)
    )
    return channel


def taken(given: Mapping[str, str], is_live: bool, at: datetime) -> tuple[Fault, ...]:
    """All that is wrong with the settings (`credentials.taken`)."""
    faults: tuple[Fault, ...] = _loaded("credentials").taken(given, is_live, at)
    return faults


AT_PORTUGAL = Channel(
    code=CODE,
    simulate=simulate,
    connect=connect,
    settings=SETTINGS,
    taken=taken,
    standalone=simulator.standalone,
)

CHANNELS = (AT_PORTUGAL,)
