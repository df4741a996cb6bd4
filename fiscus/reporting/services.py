"""What reporting works with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Engine

from fiscus.channels import ChannelConnection
from fiscus.model.times import Clock
from fiscus.registry.vault import Vault


@dataclass(frozen=True, kw_only=True)
class ReportingServices:
    """`channels` opens a channel by its code; `settings` are the laws' own, by the law's code."""

    engine: Engine
    clock: Clock
    vault: Vault
    channels: Callable[[str], ChannelConnection]
    settings: Mapping[str, Mapping[str, str]]
