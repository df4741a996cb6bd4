"""Decides what kind of closing this is, and computes its totals.

A shift's or a day's closing seals a cash period (it gets the next Z number) while a cash session
is in progress, or while documents wait that no closing covers; else it reports over the sealed
closings since the one of its type before. Monthly and annual closings always report.

Counting a long day takes a while. `ahead` does it without any lock, so that `closing`, under the
register's lock, only adds what came meanwhile.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta

import msgspec
from sqlalchemy import Connection, select

from fiscus.devices.pool import DevicePeriod
from fiscus.issuing import counting, cutoffs
from fiscus.issuing.counting import CountedTotals, PeriodCount
from fiscus.journal import closings, read
from fiscus.journal.read import present_epoch
from fiscus.model import tabs
from fiscus.model.closings import Closing, ClosingDevice
from fiscus.model.documents import ClosingType
from fiscus.model.faults import Code, Conflict
from fiscus.model.kinds import SEALED
from fiscus.model.places import Place
from fiscus.registry.sessions import Session
from fiscus.store.schema import CHAIN, ENTRY

NOTHING_NEW = Code("ISSUE-CLOSING-01", "there is nothing new since the previous closing")
STILL_OPEN = Code("ISSUE-CLOSING-02", "operations are still open: complete or cancel them first")

_SEALING = frozenset({ClosingType.SHIFT, ClosingType.DAILY})
_TICK = timedelta(microseconds=1)


class ClosingPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What the closing will be. `number` is its Z number, or the number of the report over the Z
    numbers `first_z` to `last_z`; it counts from `first_sequence` on. `session` is the cash
    session it ends (empty: none)."""

    register: str
    type: ClosingType
    is_sealed: bool
    number: int
    first_z: int
    last_z: int
    first_sequence: int
    session: str = ""
    session_opened_at: datetime | None = None


def plan(
    tx: Connection,
    *,
    register: str,
    type: ClosingType,
    z: int,
    closed: int,
    sequence: int,
    session: Session | None,
    still_open: Sequence[str] = (),
) -> ClosingPlan:
    """Decide, under the register's lock. `z`, `closed` and `sequence` are its chain's.

    `still_open`: the operations that hold up what seals a period. Raises `Conflict`.
    """
    if type in _SEALING and still_open:
        raise Conflict(STILL_OPEN, *still_open)
    if type in _SEALING and (session or _is_uncovered(tx, register, closed, sequence)):
        return ClosingPlan(
            register=register,
            type=type,
            is_sealed=True,
            number=z + 1,
            first_z=z + 1,
            last_z=z + 1,
            first_sequence=closed + 1,
            session=session.id if session else "",
            session_opened_at=session.opened_at if session else None,
        )
    before = closings.reported_to(tx, register, type)
    if before >= z:
        raise Conflict(NOTHING_NEW)
    return ClosingPlan(
        register=register,
        type=type,
        is_sealed=False,
        number=closings.last_report(tx, register, type) + 1,
        first_z=before + 1,
        last_z=z,
        first_sequence=closed + 1,
    )


def is_uncovered(tx: Connection, register: str) -> bool:
    """Whether documents of the register wait for a closing."""
    row = tx.execute(
        select(CHAIN.c.closed, CHAIN.c.sequence).where(CHAIN.c.id == register)
    ).one_or_none()
    return row is not None and _is_uncovered(tx, register, row.closed, row.sequence)


def _is_uncovered(tx: Connection, register: str, closed: int, sequence: int) -> bool:
    if sequence <= closed:
        return False
    waiting = select(ENTRY.c.id).where(
        ENTRY.c.chain == register,
        ENTRY.c.epoch == present_epoch(register),
        ENTRY.c.sequence > closed,
        ENTRY.c.kind.in_(sorted(SEALED)),
    )
    return tx.scalar(waiting.limit(1)) is not None


def ahead(tx: Connection, register: str, first_sequence: int) -> PeriodCount:
    """Count the period that begins there as far as it has come, in a transaction that only
    reads."""
    count = _begun(register, first_sequence)
    end = tx.scalar(select(CHAIN.c.sequence).where(CHAIN.c.id == register)) or 0
    _go_on(tx, count, end)
    return count


def _go_on(tx: Connection, count: PeriodCount, end: int) -> None:
    """Add what follows, up to and with the sequence `end`."""
    for kind, body, original in closings.counted(tx, count.register, count.counted_to + 1, end):
        count.add(kind, body, original)
    count.counted_to = max(count.counted_to, end)


def closing(
    tx: Connection,
    plan: ClosingPlan,
    *,
    place: Place,
    at: datetime,
    timezone: str,
    currency: str,
    last_sequence: int,
    devices: Sequence[DevicePeriod],
    signer: str = "",
    memory: PeriodCount | None = None,
) -> Closing:
    """Compute it, under the register's lock and with everything up to `last_sequence` written.

    `memory` is what was counted ahead; that of another period is left aside. `devices` are all
    that the register ever had, `signer` the serial of the one that signed this closing itself; a
    report names those of its closings.
    """
    if not plan.is_sealed:
        bodies = closings.sealed_between(tx, plan.register, plan.first_z - 1, plan.last_z)
        covered = [body.closing for body in bodies if body.closing is not None]
        return _report(plan, covered, place=place, timezone=timezone)
    assert _is_written(tx, plan.register, last_sequence)
    whole = _whole(tx, plan, memory, last_sequence)
    totals = whole.totals()
    until = at.replace(microsecond=0)
    since = (totals.since or plan.session_opened_at or at).replace(microsecond=0)
    return _made(
        plan,
        totals,
        place=place,
        since=min(since, until),
        until=until,
        on=_day(totals, min(since, until), until, timezone, place.location.cut_off),
        timezone=timezone,
        currency=currency,
        devices=_of_period(devices, min(since, until), {*whole.signers, signer}),
        unclosed=closings.uncovered(tx, plan.register, whole.corrected),
        open_tabs=tuple(_open_tabs(tx, whole)),
    )


def _open_tabs(tx: Connection, whole: PeriodCount) -> Iterator[str]:
    """The tabs that the closing leaves open: those of before it and those that began in it."""
    last = closings.last(tx, whole.register, sealed=True)
    before = last.closing.open_tabs if last and last.closing else ()
    for tab in before:
        if tabs.is_open(body.draft for body in read.tab(tx, tab) if body.draft is not None):
            yield tab
    for tab, drafts in whole.tabs.items():
        if tab not in before and tabs.is_open(drafts):
            yield tab


def _of_period(
    devices: Sequence[DevicePeriod], since: datetime, signers: Collection[str]
) -> tuple[ClosingDevice, ...]:
    """Those that were fitted in the period, also if they signed nothing, and those that signed:
    another process may have used a device for a moment after it was exchanged."""
    named = {
        (served.device.serial, served.device.client): served.device
        for served in devices
        if served.until is None or served.until >= since or served.device.serial in signers
    }
    return tuple(named.values())


def _whole(tx: Connection, plan: ClosingPlan, memory: PeriodCount | None, end: int) -> PeriodCount:
    """The whole period. What was counted ahead stays as it was: the writer may have to do all of
    this again, and what it adds here is not committed yet."""
    whole = _begun(plan.register, plan.first_sequence)
    if memory is not None and (memory.register, memory.first_sequence) == (
        plan.register,
        plan.first_sequence,
    ):
        whole.merge(memory)
    _go_on(tx, whole, end)
    assert whole.counted_to == end, "counted ahead of the chain's own end"
    return whole


def _begun(register: str, first_sequence: int) -> PeriodCount:
    return PeriodCount(
        register=register, first_sequence=first_sequence, counted_to=first_sequence - 1
    )


def _is_written(tx: Connection, register: str, sequence: int) -> bool:
    """Whether the journal holds this entry: what is not written yet would be in no closing."""
    here = select(ENTRY.c.id).where(
        ENTRY.c.chain == register,
        ENTRY.c.epoch == present_epoch(register),
        ENTRY.c.sequence == sequence,
    )
    return sequence == 0 or tx.scalar(here) is not None


def _report(
    plan: ClosingPlan, covered: Sequence[Closing], *, place: Place, timezone: str
) -> Closing:
    """The sum of sealed closings: their period, their day, their devices."""
    assert [one.number for one in covered] == list(range(plan.first_z, plan.last_z + 1))
    end = covered[-1]
    devices = {(device.serial, device.client): device for one in covered for device in one.devices}
    return _made(
        plan,
        counting.summed(covered),
        place=place,
        since=covered[0].since,
        until=end.until,
        on=end.day,
        timezone=timezone,
        currency=end.currency,
        devices=tuple(devices.values()),
        open_tabs=end.open_tabs,
    )


def _day(
    totals: CountedTotals, since: datetime, until: datetime, timezone: str, cut_off: str
) -> date:
    """The business day that a sealed closing ends.

    With a cut-off it is the day of the last document: the automatic closing comes only after the
    cut-off, and after an outage may come much later, but closes the day before it. What was sold
    between the cut-off and that closing does not move it to the next day, which has its own.
    """
    if not cut_off:
        return cutoffs.business_day(until, timezone, cut_off)
    latest = min(totals.latest_at or until, until)
    on = cutoffs.business_day(latest, timezone, cut_off)
    cut = cutoffs.last_cut_off(until, timezone, cut_off)
    return min(on, cutoffs.business_day(cut - _TICK, timezone, cut_off)) if since < cut else on


def _made(
    plan: ClosingPlan,
    totals: CountedTotals,
    *,
    place: Place,
    since: datetime,
    until: datetime,
    on: date,
    timezone: str,
    currency: str,
    devices: tuple[ClosingDevice, ...],
    open_tabs: tuple[str, ...],
    unclosed: tuple[str, ...] = (),
) -> Closing:
    return Closing(
        type=plan.type,
        number=plan.number,
        is_sealed=plan.is_sealed,
        first_z=plan.first_z,
        last_z=plan.last_z,
        first_sequence=totals.first_sequence,
        last_sequence=totals.last_sequence,
        first_receipt=totals.first_receipt,
        last_receipt=totals.last_receipt,
        since=since,
        until=until,
        day=on,
        timezone=timezone,
        currency=currency,
        documents=totals.documents,
        sales=totals.sales,
        returns=totals.returns,
        exchanges=totals.exchanges,
        voids=totals.voids,
        orders=totals.orders,
        opening=totals.opening,
        cash_in=totals.cash_in,
        cash_out=totals.cash_out,
        expected=totals.expected,
        difference=totals.difference,
        cases=totals.cases,
        taxes=totals.taxes,
        payments=totals.payments,
        tenders=totals.tenders,
        unsigned=totals.unsigned,
        unclosed=unclosed,
        devices=devices,
        place=place,
        session=plan.session,
        open_tabs=open_tabs,
    )
