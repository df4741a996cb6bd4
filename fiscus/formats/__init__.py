"""Files we can write and check. A format sees records and a period, never a database."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import msgspec

from fiscus.model.extracts import Extract
from fiscus.model.faults import Code, Fault, Missing
from fiscus.model.places import Taxpayer
from fiscus.model.records import Body
from fiscus.model.sockets import plugged
from fiscus.model.times import Period

UNKNOWN_FORMAT = Code("FORMAT-FIND-01", "no format of that name is installed")


class Issued(msgspec.Struct, frozen=True, kw_only=True):
    """A sealed document, and the cancellation that came after it, if any."""

    body: Body
    void: Body | None = None


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a document that another one refers to is found: its intention, and the sealed closing
    that covers it (None while it is not closed)."""

    intent: str
    closing: Body | None


class Archive(msgspec.Struct, frozen=True, kw_only=True):
    """A foreign device's own export of the selection, in blocks; may be read again."""

    serial: str
    blocks: Callable[[], Iterator[bytes]]


def _no_closings() -> Iterator[tuple[Body, Iterator[Extract]]]:
    return iter(())


def _no_origin(record: str) -> Origin | None:
    return None


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What to write: a taxpayer as it was at the end of the period, and its sealed documents,
    training documents left out, ordered by series and number. `records()` streams and may be
    called again. `settings` are the regime's, `written_at` is UTC.

    `closings()` streams sealed closings, register by register by Z number, each with what
    files show of the documents it covers (training included, the closing itself is not among
    them), in the order of the journal. `origin(record)` finds what a document refers to.
    `archives` are the exports of the devices that signed.
    """

    taxpayer: Taxpayer
    period: Period
    records: Callable[[], Iterator[Issued]]
    settings: Mapping[str, str]
    timezone: str
    written_at: datetime
    closings: Callable[[], Iterator[tuple[Body, Iterator[Extract]]]] = _no_closings
    origin: Callable[[str], Origin | None] = _no_origin
    archives: tuple[Archive, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Format:
    """`write(selection)` streams the file in bounded memory, None where a file can only be read so
    far; `check(path, settings)` reads one back, whoever wrote it, and names every fault
    (`settings` may hold public keys to verify seals with). `is_audit`: it is what the law wants
    handed over, and it needs nothing but the journal."""

    code: str
    regime: str
    version: str
    media_type: str
    extension: str
    check: Callable[[Path, Mapping[str, str]], tuple[Fault, ...]]
    write: Callable[[Selection], Iterator[bytes]] | None = None
    is_audit: bool = True


@dataclass(frozen=True, kw_only=True)
class Print:
    """One record on paper: `pdf(body, paper)` gives a PDF, for one of the `papers`."""

    code: str
    papers: tuple[str, ...]
    pdf: Callable[[Body, str], bytes]


@cache
def prints() -> dict[str, Print]:
    return plugged(__name__, __path__, "PRINTS", Print)


@cache
def installed() -> dict[str, Format]:
    return plugged(__name__, __path__, "FORMATS", Format)


def find(code: str) -> Format:
    try:
        return installed()[code]
    except KeyError:
        raise Missing(UNKNOWN_FORMAT) from None
