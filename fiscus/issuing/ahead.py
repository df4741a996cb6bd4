"""Series that a person orders ahead of their use: for training, for documents that are recovered,
or so that the first sale need not wait for the authority."""

from collections.abc import Iterator
from datetime import date

import msgspec
from sqlalchemy import Connection as Tx

from fiscus import regimes
from fiscus.issuing import adopting, series_tasks, taken
from fiscus.issuing.ending import registration_of
from fiscus.issuing.services import IssuingServices
from fiscus.model.faults import Code, Conflict, Fault, Refused, Trouble
from fiscus.model.records import SeriesPurpose, SeriesWanted
from fiscus.model.times import day
from fiscus.regimes import SeriesRegistration
from fiscus.registry import series, taxpayers, views
from fiscus.registry.series import SeriesState, SeriesView, SeriesWish

WRONG_PURPOSE = Code(
    "ISSUE-AHEAD-01", "the law tells the purpose of a series by its name, and this one says another"
)
IN_THE_PAST = Code(
    "ISSUE-AHEAD-02", "a series is registered before its first use: say today or later"
)
TAKEN_OTHERWISE = Code(
    "ISSUE-AHEAD-03", "this name is taken already, for another purpose or at another location"
)


class AheadOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator `by` wants registered; `location` may be left out where there is only one.
    `starts_on` is a local date, None: today."""

    taxpayer: str
    document_type: str
    name: str
    location: str = ""
    purpose: SeriesPurpose = SeriesPurpose.NORMAL
    starts_on: date | None = None
    by: str = "fiscus series register"


def order(tx: Tx, services: IssuingServices, said: AheadOrder) -> SeriesView:
    """Note the wish, with a task that asks the authority. What is registered so already is left as
    it is. Raises `Refused` or `Conflict` with all that is wrong."""
    owner = taxpayers.by_id(tx, said.taxpayer)
    registration = registration_of(owner)
    at = services.clock()
    today = day(at, regimes.find(owner.taxpayer.regime).timezone)
    wanted = named(registration, said.document_type, said.name, said.purpose)
    place, faults = _place(tx, owner, said)
    faults += tuple(_against(registration, wanted, said, today))
    if faults or wanted is None:
        raise Refused(Code(faults[0].code, faults[0].text), faults=faults)
    number = regimes.sole_number(owner.taxpayer.regime, owner.taxpayer.facts)
    if not number or not taxpayers.holds(tx, owner.taxpayer.id, number):
        raise Conflict(adopting.NOT_IN_SERVICE, "taxpayer")
    wish = SeriesWish(owner=number, taxpayer=owner.taxpayer.id, location=place, wanted=wanted)
    view = _wished(tx, services, wish, max(today, said.starts_on or today), said.by)
    if view.state is SeriesState.WANTED:
        organization = owner.taxpayer.organization
        series_tasks.hasten(tx, services.ids(), view.series.id, at, organization)
    return view


def named(
    law: SeriesRegistration, document_type: str, name: str, purpose: SeriesPurpose
) -> SeriesWanted | None:
    """The series of that name for that purpose. A name that is for training stays so; that normal
    and recovered documents have their own series is said, not seen from the name."""
    wanted = law.named(document_type, name)
    if wanted is not None and not wanted.is_training and purpose is SeriesPurpose.RECOVERY:
        return msgspec.structs.replace(wanted, purpose=purpose)
    return wanted


def _place(tx: Tx, owner: views.TaxpayerView, said: AheadOrder) -> tuple[str, tuple[Fault, ...]]:
    try:
        return adopting.place(tx, owner, said.location), ()
    except Trouble as trouble:
        return "", (Fault(code=trouble.code.id, text=trouble.code.text, paths=("location",)),)


def _against(
    law: SeriesRegistration, wanted: SeriesWanted | None, said: AheadOrder, today: date
) -> Iterator[Fault]:
    if wanted is None:
        yield _fault(adopting.NO_SUCH_SERIES, "document_type", "name", law=law.law)
    elif wanted.purpose is not said.purpose:
        yield _fault(WRONG_PURPOSE, "name", "purpose", law=law.law)
    if said.starts_on and said.starts_on < today:
        yield _fault(IN_THE_PAST, "starts_on", law=law.law)


def _fault(code: Code, *paths: str, law: str) -> Fault:
    return Fault(code=code.id, text=code.text, paths=paths, law=law)


def _wished(
    tx: Tx, services: IssuingServices, wish: SeriesWish, starts_on: date, by: str
) -> SeriesView:
    here = series.find(tx, wish.owner, wish.wanted)
    if here is None:
        series.want(tx, services.ids(), wish, services.clock(), by, starts_on)
    elif here.state in series.ENDED:
        raise Conflict(taken.ENDED, "name")
    elif here.state is SeriesState.WANTED:
        series.want_otherwise(tx, here.series.id, wish, starts_on, by)
    elif not here.serves(wish):
        raise Conflict(TAKEN_OTHERWISE, "name")
    found = series.find(tx, wish.owner, wish.wanted)
    assert found is not None
    return found
