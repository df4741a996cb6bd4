"""Files we can write and check. A format sees records and a period, never a database."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import msgspec

from fiscus.model.faults import Code, Fault, Missing
from fiscus.model.records import Body, Taxpayer
from fiscus.model.sockets import plugged
from fiscus.model.times import Period

UNKNOWN_FORMAT = Code("FORMAT-FIND-01", "no format of that name is installed")


class Issued(msgspec.Struct, frozen=True, kw_only=True):
    """A sealed document, and the cancellation that came after it, if any."""

    body: Body
    void: Body | None = None


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What to write: a taxpayer as it was at the end of the period, and its sealed documents,
    training documents left out, ordered by series and number. `records()` streams and may be
    called again. `settings` are the regime's, `written_at` is UTC."""

    taxpayer: Taxpayer
    period: Period
    records: Callable[[], Iterator[Issued]]
    settings: Mapping[str, str]
    timezone: str
    written_at: datetime


@dataclass(frozen=True, kw_only=True)
class Format:
    """`write(selection)` streams the file in bounded memory, None where a file can only be read so
    far; `check(path, settings)` reads one back, whoever wrote it, and names every fault
    (`settings` may hold public keys to verify seals with)."""

    code: str
    regime: str
    version: str
    media_type: str
    extension: str
    check: Callable[[Path, Mapping[str, str]], tuple[Fault, ...]]
    write: Callable[[Selection], Iterator[bytes]] | None = None


@cache
def installed() -> dict[str, Format]:
    return plugged(__name__, __path__, "FORMATS", Format)


def find(code: str) -> Format:
    try:
        return installed()[code]
    except KeyError:
        raise Missing(UNKNOWN_FORMAT) from None
