"""Outside parties we can talk to: tax authorities and others, each with its simulator beside it.

An answer that is not understood is `Later`, never `Accepted`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from fiscus.model.faults import Code, Fault, Missing, Unavailable
from fiscus.model.obligations import ReportKind as ReportKind
from fiscus.model.places import Taxpayer
from fiscus.model.plugin_settings import Setting
from fiscus.model.plugins import plugged
from fiscus.model.records import EntryBody
from fiscus.model.records import SeriesPurpose as SeriesPurpose
from fiscus.model.times import Clock

UNKNOWN_CHANNEL = Code("CHANNEL-FIND-01", "no channel of that name is installed")
NOT_OFFERED = Code("CHANNEL-OFFER-01", "the channel does not take messages of this kind")
NOT_LIVE = Code("CHANNEL-LIVE-01", "this authority cannot be reached by this version in live")
NOT_SET_UP = Code("CHANNEL-LIVE-02", "the way to this authority is not set up as it must be")

NOT_OFFERED_HERE = Fault(code=NOT_OFFERED.id, text=NOT_OFFERED.text)


class RegisterSeries(msgspec.Struct, frozen=True, kw_only=True):
    """Ask an authority to register a series before its first use.

    `facts` are the regime's own words (class, certificate number …); `starts_on` is a local date.
    """

    taxpayer: str
    document_type: str
    name: str
    purpose: SeriesPurpose = SeriesPurpose.NORMAL
    first_number: int
    starts_on: date
    facts: Mapping[str, str]


class FinishSeries(msgspec.Struct, frozen=True, kw_only=True):
    """Close a series for good after its last number. `reference` is its validation code."""

    taxpayer: str
    document_type: str
    name: str
    facts: Mapping[str, str]
    reference: str
    last_number: int
    reason: str = ""


class CancelSeries(msgspec.Struct, frozen=True, kw_only=True):
    """Undo the registration of a series that was registered by mistake and never used."""

    taxpayer: str
    document_type: str
    name: str
    facts: Mapping[str, str]
    reference: str


Message = RegisterSeries | FinishSeries | CancelSeries


class ReportedDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A sealed document as it is told to an authority: the entry as the journal has it, who issued
    it (as registered then), what cancelled it, and the law's settings of the installation."""

    body: EntryBody
    taxpayer: Taxpayer
    void: EntryBody | None = None
    settings: Mapping[str, str] = {}


class ObligationReport(msgspec.Struct, frozen=True, kw_only=True):
    """Tell an authority what a law obliges us to. `id` is the report's own: it may come twice, and
    the second is the same report. `record` is the journal entry that it is about.

    `content` is the law's text where it makes one, else `document` is told; `reason` is a person's
    for a deletion. `was_sent`: it has been sent before, and nobody knows what became of it: that
    the other side knows it already is then our own report, and else somebody else's.
    """

    id: str
    record: str
    kind: str
    content: str = ""
    document: ReportedDocument | None = None
    reason: str = ""
    was_sent: bool = False


class AuthorityWords(msgspec.Struct, frozen=True, kw_only=True):
    """What the other side said, as it said it: its own code and its own text."""

    code: str
    text: str


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """Done, by the other side's own word. `reference` is what it gave us (a validation code)."""

    reference: str
    said: AuthorityWords | None = None


class Remedy(StrEnum):
    """What helps against a refusal: the data of the taxpayer or the document are mended; who asks
    gets valid credentials or permissions; time passes; the program or its settings are mended."""

    DATA = "data"
    ACCESS = "access"
    TIME = "time"
    PROGRAM = "program"


class Rejected(msgspec.Struct, frozen=True, kw_only=True):
    """Refused, by the other side's own word: nothing has taken effect."""

    faults: tuple[Fault, ...]
    remedy: Remedy = Remedy.DATA
    said: AuthorityWords | None = None

    @property
    def is_credentials(self) -> bool:
        """Whether the other side does not know who asks, or does not let him."""
        return self.remedy is Remedy.ACCESS


class Later(msgspec.Struct, frozen=True, kw_only=True):
    """No answer, or none that we understand: the outcome is unknown. Ask before sending again.

    `is_unsent`: nothing has left this machine (no connection), so nothing can have taken effect.
    """

    reason: str
    is_unsent: bool = False


Answer = Accepted | Rejected | Later


class SeriesStanding(StrEnum):
    """A series as the other side has it: in use, its registration undone, or closed for good."""

    ACTIVE = "active"
    CANCELLED = "cancelled"
    FINISHED = "finished"


class KnownSeries(msgspec.Struct, frozen=True, kw_only=True):
    """What the other side knows of a series, whoever registered it. `series` is what was asked for
    then, as far as it is told; `reference` its validation code; `registered_on` a local date.
    `last_number` is there for a finished one; `standing_at` since when it stands so, UTC."""

    series: RegisterSeries
    standing: SeriesStanding
    reference: str
    registered_on: date
    last_number: int | None = None
    standing_at: datetime | None = None


Known = KnownSeries | Rejected | Later


class SeriesQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which series of a taxpayer to tell of; what is empty does not narrow. Local dates."""

    taxpayer: str
    document_type: str = ""
    name: str = ""
    registered_from: date | None = None
    registered_to: date | None = None
    standing: SeriesStanding | None = None


class Expiry(msgspec.Struct, frozen=True, kw_only=True):
    """Something the channel needs that ends by itself, such as a certificate: what it is in plain
    words, the setting that names it, and its end in UTC."""

    what: str
    setting: str
    ends_at: datetime


def _no_series(message: Message, credentials: Mapping[str, str]) -> Rejected:
    return Rejected(faults=(NOT_OFFERED_HERE,))


def _no_reports(report: ObligationReport, credentials: Mapping[str, str]) -> Answer:
    return Rejected(faults=(NOT_OFFERED_HERE,))


def _no_list(query: SeriesQuery, credentials: Mapping[str, str]) -> Rejected:
    return Rejected(faults=(NOT_OFFERED_HERE,))


@dataclass(frozen=True, kw_only=True)
class ChannelConnection:
    """An opened channel: `send` a message, or `ask` what the other side knows of what it is about;
    `listed` tells of all series that a query fits; `report` what a law obliges us to. `expiries`:
    what the channel needs and ends by itself, for the operator to renew in time.

    `ask` answers with any series of that taxpayer, type and name (letter case ignored), whoever
    registered it: whether it is ours is for the caller to judge. `Rejected` with no faults: the
    other side has never heard of one.
    A report may come twice: whoever lost the answer sends it again under the same id, and the
    client sees to it that the other side keeps one.
    Credentials are the taxpayer's own (`username`, `password` …), decrypted, never logged.
    """

    send: Callable[[Message, Mapping[str, str]], Answer] = _no_series
    ask: Callable[[Message, Mapping[str, str]], Known] = _no_series
    listed: Callable[
        [SeriesQuery, Mapping[str, str]], tuple[KnownSeries, ...] | Rejected | Later
    ] = _no_list
    report: Callable[[ObligationReport, Mapping[str, str]], Answer] = _no_reports
    expiries: tuple[Expiry, ...] = ()


def _nothing_wrong(given: Mapping[str, str], is_live: bool, at: datetime) -> tuple[Fault, ...]:
    return ()


@dataclass(frozen=True, kw_only=True)
class ServedSimulator:
    """A simulator that serves by itself: what a client needs of it, by name, and its end."""

    facts: Mapping[str, str]
    close: Callable[[], None]


@dataclass(frozen=True, kw_only=True)
class StandaloneSimulator:
    """A channel's TEST simulator as a program of its own, for people and other programs.

    `serve(folder, port, control_port, clock)` serves the world of a folder on this machine (port 0:
    a free one); `known(folder)` tells what that world knows, as JSON, and changes nothing. `help`
    tells how faults are ordered.
    """

    help: str
    serve: Callable[[Path, int, int, Clock], ServedSimulator]
    known: Callable[[Path], Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Channel:
    """`simulate(folder, clock)` opens the TEST simulator, which keeps its world in that folder;
    `connect(settings, clock)` the real thing, None where it is not built yet: live tenants are
    refused. `settings` is what the real thing needs (`FISCUS_<CODE>_<NAME>`); in TEST the simulator
    is spoken to unless one of them is given. `taken(settings, is_live, at)` tells all that is wrong
    with them at that moment, at once; the channel is not opened before nothing is. `standalone`
    gives the simulator as a program, where it can be one."""

    code: str
    simulate: Callable[[Path, Clock], ChannelConnection]
    connect: Callable[[Mapping[str, str], Clock], ChannelConnection] | None = None
    settings: tuple[Setting, ...] = ()
    taken: Callable[[Mapping[str, str], bool, datetime], tuple[Fault, ...]] = _nothing_wrong
    standalone: Callable[[], StandaloneSimulator] | None = None


@cache
def installed() -> dict[str, Channel]:
    return plugged(__name__, __path__, "CHANNELS", Channel)


def find(code: str) -> Channel:
    try:
        return installed()[code]
    except KeyError:
        raise Missing(UNKNOWN_CHANNEL) from None


def opening(
    given: Mapping[str, Mapping[str, str]], folder: Path, clock: Clock, *, is_live: bool
) -> Callable[[str], ChannelConnection]:
    """Opens channels by their code, each once: the real thing in live and where the operator has
    `given` settings (by code), else its simulator, which keeps its world in the folder.

    What is given back raises `Missing` for a code that no channel has, and `Unavailable` with all
    that is wrong with the settings: it may be asked again once they are mended.
    """

    @cache
    def opened(code: str) -> ChannelConnection:
        channel = find(code)
        if not is_live and code not in given:
            return channel.simulate(folder, clock)
        if channel.connect is None:
            raise Unavailable(NOT_LIVE, code)
        settings = given.get(code, {})
        if faults := channel.taken(settings, is_live, clock()):
            raise Unavailable(NOT_SET_UP, code, faults=faults)
        return channel.connect(settings, clock)

    return opened
