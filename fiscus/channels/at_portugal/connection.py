"""The opened channel: what can be asked of the authority, by which function."""

from functools import partial

from fiscus.channels import ChannelConnection, Expiry
from fiscus.channels.at_portugal import reports, series
from fiscus.channels.at_portugal.client import client
from fiscus.channels.at_portugal.endpoints import AtEndpoints
from fiscus.model.times import Clock


def connected(
    endpoints: AtEndpoints, clock: Clock, expiries: tuple[Expiry, ...] = ()
) -> ChannelConnection:
    """The channel to these services; nothing is sent yet, and nothing at all once one of the
    `expiries` has passed."""
    own = client(endpoints, clock, expiries)
    return ChannelConnection(
        send=partial(series.send, own),
        ask=partial(series.ask, own),
        listed=partial(series.listed, own),
        report=partial(reports.report, own),
        expiries=expiries,
    )
