"""Series and their standing at the authority, and what the authority has not been told."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from fiscus import regimes
from fiscus.issuing import ending, upkeep
from fiscus.model.times import day
from fiscus.registry import series_lists, taxpayers
from fiscus.registry.series import SeriesState, SeriesView
from fiscus.reporting import listing
from fiscus.reporting.listing import ReportCounts, ReportFilter, ReportView
from fiscus.reporting.states import ReportState
from fiscus.store.schema import LOCATION, REGISTER

PER_PAGE = 50


@dataclass(frozen=True, kw_only=True)
class SeriesFilter:
    """Which series of an organization; what is empty does not narrow. `registers`: only those of
    the places of these, for a key that is limited to some."""

    organization: str
    state: SeriesState | None = None
    location: str = ""
    registers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SeriesLine:
    """A series. `outstanding` is what the authority has not answered, in English (empty: nothing).
    `may_finish`, `may_cancel`: what a person may order now."""

    view: SeriesView
    outstanding: str
    may_finish: bool
    may_cancel: bool


@dataclass(frozen=True, kw_only=True)
class SeriesLines:
    """A page of the list; `after` is the cursor of the next one, empty at the end."""

    lines: tuple[SeriesLine, ...]
    after: str


def listed(
    tx: Connection, which: SeriesFilter, at: datetime, *, after: str = "", limit: int = PER_PAGE
) -> SeriesLines:
    """In the order of their ids, behind `after`."""
    found = series_lists.page(
        tx,
        which.organization,
        location=which.location or None,
        state=which.state,
        after=after,
        limit=limit + 1,
    )
    more = found[limit - 1].series.id if len(found) > limit else ""
    places = _places(tx, which) if which.registers else None
    lines = [line(tx, one, at) for one in found[:limit] if places is None or one.location in places]
    return SeriesLines(lines=tuple(lines), after=more)


def _places(tx: Connection, which: SeriesFilter) -> set[str]:
    query = (
        select(LOCATION.c.id)
        .join(REGISTER, REGISTER.c.location == LOCATION.c.id)
        .where(REGISTER.c.organization == which.organization, REGISTER.c.id.in_(which.registers))
    )
    return set(tx.scalars(query))


def line(tx: Connection, view: SeriesView, at: datetime) -> SeriesLine:
    regime = regimes.find(taxpayers.by_id(tx, view.series.taxpayer).taxpayer.regime)
    law = regime.registration
    is_active = view.state is SeriesState.ACTIVE and law is not None
    return SeriesLine(
        view=view,
        outstanding=upkeep.standing_words(view),
        may_finish=is_active and view.number > 0,
        may_cancel=is_active
        and view.number == 0
        and law is not None
        and ending.may_cancel(view, law, day(at, regime.timezone)),
    )


@dataclass(frozen=True, kw_only=True)
class ReportLines:
    """A page of what authorities are told, and how many wait or were refused."""

    reports: tuple[ReportView, ...]
    counts: ReportCounts
    after: str


def reports(
    tx: Connection,
    organization: str,
    states: tuple[ReportState, ...],
    *,
    first: date | None = None,
    last: date | None = None,
    after: str = "",
    limit: int = PER_PAGE,
) -> ReportLines:
    """In the order of their records, behind `after`; of these days, if they are limited."""
    which = ReportFilter(organization=organization, states=states, first=first, last=last)
    found = listing.listed(tx, which, after=after, limit=limit + 1)
    return ReportLines(
        reports=tuple(found[:limit]),
        counts=listing.counts(tx, (organization,)),
        after=found[limit - 1].id if len(found) > limit else "",
    )
