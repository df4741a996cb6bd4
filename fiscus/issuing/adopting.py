"""Takes over a series that was numbered elsewhere: by another program, or in a database that was
lost.

The operator says where it stands; the authority is asked whether it is there. What was said is kept
for ever in the journal, and `fiscus verify` reads it.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime

import msgspec
from sqlalchemy import Connection as Tx
from sqlalchemy import select

from fiscus import regimes
from fiscus.channels import (
    ChannelConnection,
    KnownSeries,
    Later,
    RegisterSeries,
    SeriesStanding,
)
from fiscus.issuing.series import UNAUTHORIZED, UNKNOWN
from fiscus.issuing.services import IssuingServices
from fiscus.model.faults import Code, Conflict, Fault, Missing, Refused, Unavailable
from fiscus.model.kinds import StatementKind
from fiscus.model.records import SeriesWanted
from fiscus.model.times import day, micros_z
from fiscus.regimes import Regime
from fiscus.registry import locations, series, taxpayers, views
from fiscus.registry.series import SeriesState, SeriesView, SeriesWish
from fiscus.store.connect import reading, writing
from fiscus.store.schema import ENTRY

NO_REGISTRATION = Code("ISSUE-ADOPT-01", "this country's law registers no series")
NO_SUCH_SERIES = Code(
    "ISSUE-ADOPT-02",
    "the law knows no series of this type and name: say both as the authority does",
)
NOT_IN_SERVICE = Code(
    "ISSUE-ADOPT-03", "the taxpayer is out of service, or another one has its tax number now"
)
NOT_ITS_PLACE = Code("ISSUE-ADOPT-04", "the taxpayer has no such location in service")
NOT_THERE = Code(
    "ISSUE-ADOPT-05", "the authority does not know the series: just name it, it is registered then"
)
NOT_ACTIVE = Code(
    "ISSUE-ADOPT-06", "the authority has ended the series, nothing is numbered in it: name another"
)
OTHER_PURPOSE = Code(
    "ISSUE-ADOPT-07",
    "the series is registered for another purpose than its name says: name another",
)
IN_USE = Code("ISSUE-ADOPT-08", "the series is in use here already, there is nothing to take over")
BELOW_FIRST = Code("ISSUE-ADOPT-09", "the last number lies below what the series begins with")
TOO_HIGH = Code("ISSUE-ADOPT-10", "no series counts that far")
NO_SIGNATURE = Code("ISSUE-ADOPT-11", "the last hash is no signature as the audit file keeps it")
NOTHING_ISSUED = Code(
    "ISSUE-ADOPT-12", "nothing was issued before that number, so there is neither hash nor date"
)
IN_THE_FUTURE = Code(
    "ISSUE-ADOPT-13", "the last document lies in the future of this machine's clock"
)
OTHERWISE_HERE = Code(
    "ISSUE-ADOPT-14",
    "this installation has numbered the series itself, and to another number or hash",
)
ENDED_HERE = Code(
    "ISSUE-ADOPT-17", "the series has ended here, nothing is numbered in it: name another"
)
WHICH_PLACE = Code(
    "ISSUE-ADOPT-16", "there are several locations: say which one goes on with the series"
)
MOVED = Code("ISSUE-ADOPT-15", "the series is being used or asked for just now; look again")

NUMBER_MAX = 2_000_000_000
_PLACES_MAX = 10_000


class Adoption(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator `by` says. `last_number` is the last one issued, 0 if none was; `last_hash`
    and the two times are those of that document, as far as they are known. `location` may be left
    out where there is only one."""

    taxpayer: str
    document_type: str
    name: str
    last_number: int
    location: str = ""
    last_hash: str = ""
    last_date: date | None = None
    last_entry: datetime | None = None
    by: str = "fiscus series adopt"


class AdoptionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The fact, as it is kept: what was said, and what the authority knew."""

    series: str
    owner: str
    taxpayer: str
    location: str
    document_type: str
    name: str
    validation_code: str
    registered_on: date
    certificate: str
    last_number: int
    last_hash: str
    last_date: date | None
    last_entry: datetime | None


def adopt(
    services: IssuingServices, channels: Callable[[str], ChannelConnection], said: Adoption
) -> AdoptionRecord:
    """Go on with a series after `last_number`. Raises `Refused`, `Conflict`, `Missing`, or
    `Unavailable` while the authority does not answer; nothing is kept then."""
    with reading(services.engine) as tx:
        view = taxpayers.by_id(tx, said.taxpayer)
        regime = regimes.find(view.taxpayer.regime)
        wish = _wish(tx, view, regime, said)
        here = series.find(tx, wish.owner, wish.wanted)
        faults = tuple(_against_here(here, wish, said))
        credentials = taxpayers.credentials(
            tx, services.vault, view.taxpayer.organization, view.taxpayer.id
        )
    if faults:
        raise Conflict(Code(faults[0].code, faults[0].text), faults=faults)
    known = _known(
        channels(wish.wanted.channel), _message(services, regime, wish, view), credentials
    )
    if faults := tuple(_against(services, regime, known, wish.wanted, said)):
        raise Refused(Code(faults[0].code, faults[0].text), faults=faults)
    return _kept(services, wish, known, said)


def _wish(tx: Tx, view: views.TaxpayerView, regime: Regime, said: Adoption) -> SeriesWish:
    registration = regime.registration
    if registration is None:
        raise Refused(NO_REGISTRATION)
    wanted = registration.named(said.document_type, said.name)
    if wanted is None:
        raise Refused(NO_SUCH_SERIES, "document_type", "name")
    owner = regimes.sole_number(regime.code, view.taxpayer.facts)
    if not owner or not taxpayers.holds(tx, view.taxpayer.id, owner):
        raise Conflict(NOT_IN_SERVICE, "taxpayer")
    at_place = place(tx, view, said.location)
    return SeriesWish(owner=owner, taxpayer=view.taxpayer.id, location=at_place, wanted=wanted)


def place(tx: Tx, view: views.TaxpayerView, wanted: str) -> str:
    """The id of the location; the only one there is, if none is said."""
    places = locations.of(
        tx, view.taxpayer.organization, taxpayer=view.taxpayer.id, after="", limit=_PLACES_MAX
    )
    in_service = [
        one.location.id for one in places if one.state is not views.LifecycleState.DECOMMISSIONED
    ]
    if not wanted and len(in_service) == 1:
        return in_service[0]
    if not wanted:
        raise Refused(WHICH_PLACE, "location")
    if wanted not in in_service:
        raise Missing(NOT_ITS_PLACE, "location")
    return wanted


def _against_here(here: SeriesView | None, wish: SeriesWish, said: Adoption) -> Iterator[Fault]:
    """A series of this installation is taken over only from a taxpayer who has the number no more,
    and goes on where it stands: its last hash is known here."""
    if here is None or here.state in (SeriesState.WANTED, SeriesState.ASKED):
        return
    if here.state is not SeriesState.ACTIVE:
        yield _fault(ENDED_HERE, "name")
        return
    if here.series.taxpayer == wish.taxpayer:
        yield _fault(IN_USE, "name")
        return
    if here.number != said.last_number:
        yield _fault(OTHERWISE_HERE, f"last_number {here.number}")
    if said.last_hash not in ("", here.carried):
        yield _fault(OTHERWISE_HERE, "last_hash")


def _message(
    services: IssuingServices, regime: Regime, wish: SeriesWish, view: views.TaxpayerView
) -> RegisterSeries:
    """Only to name the series: nothing of it is sent to be registered."""
    return RegisterSeries(
        taxpayer=view.taxpayer.facts.get(regime.tax_number, ""),
        document_type=wish.wanted.document_type,
        name=wish.wanted.name,
        purpose=wish.wanted.purpose,
        first_number=1,
        starts_on=day(services.clock(), regime.timezone),
        facts=wish.wanted.facts,
    )


def _known(
    channel: ChannelConnection, message: RegisterSeries, credentials: dict[str, str]
) -> KnownSeries:
    known = channel.ask(message, credentials)
    if isinstance(known, KnownSeries):
        return known
    if isinstance(known, Later):
        raise Unavailable(UNKNOWN, known.reason)
    if known.is_credentials:
        raise Refused(UNAUTHORIZED, "taxpayer")
    raise Missing(NOT_THERE, "name")


def _against(
    services: IssuingServices,
    regime: Regime,
    known: KnownSeries,
    wanted: SeriesWanted,
    said: Adoption,
) -> Iterator[Fault]:
    if known.standing is not SeriesStanding.ACTIVE:
        yield _fault(NOT_ACTIVE, "name")
    if known.series.purpose is not wanted.purpose:
        yield _fault(OTHER_PURPOSE, "name")
    if said.last_number < known.series.first_number - 1:
        yield _fault(BELOW_FIRST, "last_number")
    if said.last_number > NUMBER_MAX:
        yield _fault(TOO_HIGH, "last_number")
    told = {
        "last_hash": said.last_hash,
        "last_date": said.last_date,
        "last_entry": said.last_entry,
    }
    if said.last_number == known.series.first_number - 1:
        if surplus := [name for name, value in told.items() if value]:
            yield _fault(NOTHING_ISSUED, *surplus)
        return
    registration = regime.registration
    assert registration is not None
    if said.last_hash and not registration.carries(said.last_hash):
        yield _fault(NO_SIGNATURE, "last_hash")
    if said.last_date and said.last_date > day(services.clock(), regime.timezone):
        yield _fault(IN_THE_FUTURE, "last_date")
    if said.last_entry and said.last_entry > services.clock():
        yield _fault(IN_THE_FUTURE, "last_entry")


def _fault(code: Code, *paths: str) -> Fault:
    return Fault(code=code.id, text=code.text, paths=paths)


def _kept(
    services: IssuingServices, wish: SeriesWish, known: KnownSeries, said: Adoption
) -> AdoptionRecord:
    """Its name is the authority's from now on, letter case included."""
    wanted = msgspec.structs.replace(wish.wanted, name=known.series.name)
    wish = SeriesWish(
        owner=wish.owner, taxpayer=wish.taxpayer, location=wish.location, wanted=wanted
    )
    at = services.clock()
    with writing(services.engine) as tx:
        series.want(tx, services.ids(), wish, at, said.by)
        now = series.find(tx, wish.owner, wanted)
        assert now is not None
        if any(_against_here(now, wish, said)) or (now.held_until and now.held_until > at):
            raise Conflict(MOVED, "name")
        adopted = AdoptionRecord(
            series=now.series.id,
            owner=wish.owner,
            taxpayer=wish.taxpayer,
            location=wish.location,
            document_type=wanted.document_type,
            name=wanted.name,
            validation_code=known.reference,
            registered_on=known.registered_on,
            certificate=known.series.facts.get("certificate", ""),
            last_number=said.last_number,
            last_hash=said.last_hash or now.carried,
            last_date=said.last_date,
            last_entry=said.last_entry,
        )
        start: dict[str, object] = {
            "validation_code": known.reference,
            "number": said.last_number,
            "carried": adopted.last_hash,
            "starts_on": known.series.starts_on.isoformat(),
            "registered_on": known.registered_on.isoformat(),
        }
        if now.state is not SeriesState.ACTIVE:
            start["last_day"] = said.last_date.isoformat() if said.last_date else None
            start["last_at"] = micros_z(said.last_entry) if said.last_entry else None
        kept = msgspec.to_builtins(adopted)
        if not series.adopt(tx, now, wish, start, adoption=kept, by=said.by):
            raise Conflict(MOVED, "name")
    return adopted


def is_adopted(tx: Tx, series_id: str) -> bool:
    """Whether it was counted elsewhere before."""
    taken = select(ENTRY.c.id).where(
        ENTRY.c.kind == StatementKind.ADOPTION, ENTRY.c.thing == series_id
    )
    return tx.scalar(taken.limit(1)) is not None
