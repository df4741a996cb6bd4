"""The Portuguese tax authority (Autoridade Tributária): registers series before their first use."""

from fiscus.channels import Channel
from fiscus.channels.at_portugal.simulator import simulate

AT_PORTUGAL = Channel(code="at_portugal", simulate=simulate, connect=None)

CHANNELS = (AT_PORTUGAL,)
