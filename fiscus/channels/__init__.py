"""Outside parties we can talk to: tax authorities and others, each with its simulator beside it.

An answer that is not understood is `Later`, never `Accepted`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import msgspec

from fiscus.model.faults import Code, Fault, Missing
from fiscus.model.sockets import plugged
from fiscus.model.times import Clock

UNKNOWN_CHANNEL = Code("CHANNEL-FIND-01", "no channel of that name is installed")


class RegisterSeries(msgspec.Struct, frozen=True, kw_only=True):
    """Ask an authority to register a series before its first use.

    `facts` are the regime's own words (class, certificate number …); `starts_on` is a local date.
    """

    taxpayer: str
    document_type: str
    name: str
    is_training: bool
    first_number: int
    starts_on: date
    facts: Mapping[str, str]


Message = RegisterSeries


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """Done, by the other side's own word. `reference` is what it gave us (a validation code)."""

    reference: str


class Rejected(msgspec.Struct, frozen=True, kw_only=True):
    """Refused, by the other side's own word. `is_credentials`: it does not know who asks."""

    faults: tuple[Fault, ...]
    is_credentials: bool = False


class Later(msgspec.Struct, frozen=True, kw_only=True):
    """No answer, or none that we understand: the outcome is unknown. Ask before sending again."""

    reason: str


Answer = Accepted | Rejected | Later


@dataclass(frozen=True, kw_only=True)
class Connection:
    """An opened channel: `send` a message, or `ask` what became of the same message.

    `ask` answers `Rejected` with no faults if the other side has never heard of it.
    Credentials are the taxpayer's own (`username`, `password` …), decrypted, never logged.
    """

    send: Callable[[Message, Mapping[str, str]], Answer]
    ask: Callable[[Message, Mapping[str, str]], Answer]


@dataclass(frozen=True, kw_only=True)
class Channel:
    """`simulate(folder, clock)` opens the TEST simulator, which keeps its world in that folder;
    `connect(settings)` the real thing, None where it is not built yet: live tenants are refused."""

    code: str
    simulate: Callable[[Path, Clock], Connection]
    connect: Callable[[Mapping[str, str]], Connection] | None = None


@cache
def installed() -> dict[str, Channel]:
    return plugged(__name__, __path__, "CHANNELS", Channel)


def find(code: str) -> Channel:
    try:
        return installed()[code]
    except KeyError:
        raise Missing(UNKNOWN_CHANNEL) from None
