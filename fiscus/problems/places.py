"""What is left undone at registers and with series: closings that nobody made, sessions that nobody
closed, offices that nobody told, series without an answer; and keys that are good for a while."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import select

from fiscus import formats, regimes
from fiscus.issuing import claimed_numbers, cutoffs, upkeep
from fiscus.model.documents import DocumentKind
from fiscus.model.notified import DeviceForm, NotifiedDevice, NotifiedRegister
from fiscus.model.places import Location
from fiscus.model.times import day, instant, micros_z
from fiscus.problems.at_registers import at_register, is_register, registers_with
from fiscus.problems.reports import end_of
from fiscus.problems.rows import (
    AHEAD,
    ROWS_MAX,
    ProblemKind,
    ProblemRow,
    ProblemScope,
    ProblemWeight,
)
from fiscus.registry import registers, series_lists
from fiscus.registry.devices import DeviceState
from fiscus.registry.series import SeriesState
from fiscus.registry.sessions import SessionState
from fiscus.registry.views import KeyState, LifecycleState, OperatingMode
from fiscus.store.schema import (
    CHAIN,
    DEVICE,
    FITTING,
    LOCATION,
    REGISTER,
    SERIES,
    SESSION,
    SUBJECT,
    TAXPAYER,
)

SERIES_PATIENCE = timedelta(minutes=15)
"""So long an authority may be silent before the operator is told."""
SERIES_MAX = 1000

CLOSING_PATIENCE = timedelta(hours=26)
"""A register with documents that lie in no closing for so long was not closed the day before, where
it is closed by hand. A day has up to 25 hours."""

CUT_OFF_PATIENCE = timedelta(minutes=15)
"""So long after its hour a closing that is made by itself may be late."""

SESSION_PATIENCE = timedelta(hours=26)

_STOPS, _HARMS, _WARNS = ProblemWeight.STOPS, ProblemWeight.HARMS, ProblemWeight.WARNS


def series(scope: ProblemScope) -> Iterator[ProblemRow]:
    """Series of which an authority has not answered something for long, the longest first."""
    before = scope.at - SERIES_PATIENCE
    limit = SERIES_MAX if scope.is_whole else ROWS_MAX
    for one in series_lists.unsettled(scope.tx, before, limit, scope.organizations):
        yield ProblemRow(
            kind=ProblemKind.SERIES_WAIT,
            subject=f"{one.series.document_type} {one.series.name}",
            id=one.series.id,
            since=upkeep.since(one),
            words=one.said,
        )


def series_unregistered(scope: ProblemScope) -> Iterator[ProblemRow]:
    """Series that the authority has refused: nothing is numbered in them before somebody mends what
    it says."""
    query = (
        select(SERIES, TAXPAYER.c.organization)
        .join(TAXPAYER, TAXPAYER.c.id == SERIES.c.taxpayer)
        .where(
            SERIES.c.state == SeriesState.WANTED, SERIES.c.said.is_not(None), SERIES.c.said != ""
        )
        .where(scope.has(TAXPAYER.c.organization))
        .order_by(SERIES.c.id)
        .limit(ROWS_MAX)
    )
    for row in scope.tx.execute(query).all():
        yield ProblemRow(
            kind=ProblemKind.SERIES_UNREGISTERED,
            subject=f"{row.document_type} {row.name}",
            id=row.id,
            organization=row.organization,
            since=instant(row.said_at) if row.said_at else None,
            words=row.said,
        )


def numbers(scope: ProblemScope) -> Iterator[ProblemRow]:
    """Tills that state other numbers than ours, as this process knows them: each of their sales is
    refused, and a shop must not stop."""
    for id_ in claimed_numbers.astray(scope.tx, scope.services.issuing.suspects):
        if scope.is_whole:
            yield ProblemRow(kind=ProblemKind.NUMBERS, weight=_STOPS, id=id_)
            continue
        theirs = select(REGISTER.c.organization).where(
            REGISTER.c.id == id_, scope.has(REGISTER.c.organization), *scope.reaches(REGISTER.c.id)
        )
        if (organization := scope.tx.scalar(theirs)) is not None:
            yield ProblemRow(
                kind=ProblemKind.NUMBERS,
                weight=_STOPS,
                subject=registers.by_id(scope.tx, id_).register.name,
                id=id_,
                organization=organization,
                register=id_,
            )


_WORKING = (
    REGISTER.c.state == LifecycleState.COMMISSIONED,
    REGISTER.c.mode == OperatingMode.OPERATIVE,
)


def closings(scope: ProblemScope) -> Iterator[ProblemRow]:
    """Registers with documents of an earlier day that no closing covers: where it is made by itself
    after its hour, elsewhere after a day, under laws that have a device sign."""
    query = (
        registers_with(
            scope,
            LOCATION.c.content.label("place"),
            TAXPAYER.c.regime,
            cutoffs.UNCLOSED_AT.label("unclosed_at"),
        )
        .join(LOCATION, LOCATION.c.id == REGISTER.c.location)
        .join(TAXPAYER, TAXPAYER.c.id == REGISTER.c.taxpayer)
        .join(CHAIN, CHAIN.c.id == REGISTER.c.id)
        .where(*_WORKING, CHAIN.c.sequence > CHAIN.c.closed, is_register())
        .order_by(REGISTER.c.id)
    )
    made = 0
    for row in scope.tx.execute(query).all():
        since = _unclosed_since(row, scope.at)
        if since is not None and made < ROWS_MAX:
            made += 1
            yield at_register(row, ProblemKind.CLOSING, ProblemWeight.HARMS, since=since)


def _unclosed_since(row: Any, at: datetime) -> datetime | None:
    """Since when a closing is missing; None: none is."""
    law = regimes.find(row.regime)
    if row.unclosed_at is None or DocumentKind.CLOSING not in law.issues:
        return None
    first = instant(row.unclosed_at)
    place = msgspec.json.decode(row.place, type=Location)
    if cutoffs.is_cut_off(place.cut_off):
        cut = cutoffs.last_cut_off(at, law.timezone_of(place), place.cut_off)
        return cut if first < cut <= at - CUT_OFF_PATIENCE else None
    return first if law.device and at - first > CLOSING_PATIENCE else None


def sessions(scope: ProblemScope) -> Iterator[ProblemRow]:
    """Cash sessions that nobody has closed since the day before."""
    query = (
        registers_with(scope, SESSION.c.opened_at)
        .join(SESSION, SESSION.c.register == REGISTER.c.id)
        .where(
            SESSION.c.state != SessionState.CLOSED,
            SESSION.c.opened_at < micros_z(scope.at - SESSION_PATIENCE),
        )
        .order_by(SESSION.c.opened_at, REGISTER.c.id)
        .limit(ROWS_MAX)
    )
    for row in scope.tx.execute(query).all():
        yield at_register(row, ProblemKind.SESSION, _WARNS, since=instant(row.opened_at))


_CHANGED = timedelta(days=62)
"""Whoever must tell an office of a register has less time than this after what is to be told."""


def to_notify(scope: ProblemScope) -> Iterator[ProblemRow]:
    """Registers that an office is to be told of soon, because their first device was fitted or
    their last one released lately. Nobody knows here whether it was told: the row goes when the day
    is over."""
    laws = [one.law for one in formats.notifications().values()]
    changed = micros_z(scope.at - _CHANGED)
    query = (
        registers_with(
            scope,
            FITTING.c.fitted_at,
            FITTING.c.released_at,
            TAXPAYER.c.regime,
        )
        .join(FITTING, FITTING.c.register == REGISTER.c.id)
        .join(DEVICE, DEVICE.c.id == FITTING.c.device)
        .join(TAXPAYER, TAXPAYER.c.id == REGISTER.c.taxpayer)
        .where(
            TAXPAYER.c.regime.in_(laws),
            FITTING.c.state.in_([DeviceState.FITTED, DeviceState.RELEASED]),
            (FITTING.c.fitted_at > changed) | (FITTING.c.released_at > changed),
        )
        .order_by(REGISTER.c.id, DEVICE.c.created_at)
        .limit(ROWS_MAX)
    )
    newest = {row.id: row for row in scope.tx.execute(query).all() if row.fitted_at}
    for row in newest.values():
        wanted = formats.notification_of(row.regime)
        assert wanted is not None, "only registers under such laws are looked at"
        timezone = regimes.find(row.regime).timezone
        due = end_of(wanted.due(_notified(row, timezone)), timezone)
        if timedelta(0) < due - scope.at <= AHEAD:
            yield at_register(row, ProblemKind.NOTIFY, _WARNS, due=due)


def _notified(row: Any, timezone: str) -> NotifiedRegister:
    """As much of it as the days depend on."""

    def on(moment: str) -> date:
        return day(instant(moment), timezone)

    return NotifiedRegister(
        serial="",
        manufacturer="",
        model="",
        software="",
        software_version="",
        acquired=on(row.fitted_at),
        fitted=on(row.fitted_at),
        device=NotifiedDevice(
            serial="", certification="", form=DeviceForm.CLOUD, fitted=on(row.fitted_at)
        ),
        released=on(row.released_at) if row.released_at else None,
    )


def keys_in_grace(scope: ProblemScope) -> Iterator[ProblemRow]:
    """API keys whose former secret is good for a while yet: whoever still uses it is shut out
    then."""
    query = (
        select(SUBJECT)
        .where(
            SUBJECT.c.state == KeyState.ENABLED,
            SUBJECT.c.previous_until > micros_z(scope.at),
            SUBJECT.c.previous_until <= micros_z(scope.at + AHEAD),
        )
        .where(scope.has(SUBJECT.c.organization))
        .order_by(SUBJECT.c.previous_until, SUBJECT.c.id)
        .limit(ROWS_MAX)
    )
    for row in scope.tx.execute(query).all():
        yield ProblemRow(
            kind=ProblemKind.KEY_GRACE,
            weight=_WARNS,
            subject=row.name,
            id=row.id,
            organization=row.organization,
            due=instant(row.previous_until),
        )
