"""Keeps series in order without anybody asking: carries out their tasks, follows up lost answers,
registers next year's series before the turn of the year, and ends what nothing is numbered in any
more."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection as Tx
from sqlalchemy import select

from fiscus import regimes
from fiscus.channels import ChannelConnection
from fiscus.issuing import ahead, ending, series_tasks
from fiscus.issuing import series as registering
from fiscus.issuing.answers import SeriesNeeded
from fiscus.issuing.ending import NextAttempt, SeriesObstacle
from fiscus.issuing.services import IssuingServices
from fiscus.model.faults import Trouble, Unavailable
from fiscus.model.times import day, micros_z
from fiscus.outbox import queue
from fiscus.outbox.queue import OutboxTask
from fiscus.regimes import Regime, SeriesTurn
from fiscus.registry import series, series_lists, taxpayers
from fiscus.registry.series import SeriesState, SeriesView, SeriesWish
from fiscus.registry.views import LifecycleState, TaxpayerView
from fiscus.store.connect import reading, writing
from fiscus.store.schema import ENTRY, LOCATION, REGISTER, SERIES, TASK, TAXPAYER

Channels = Callable[[str], ChannelConnection]

BY_YEAR = "fiscus: the year is over"
BY_PLACE = "fiscus: out of service"
BY_AHEAD = "fiscus: before the turn of the year"

USED_DAYS = 60
"""What was used so lately is used next year too, as far as anybody can tell."""

TOGETHER = 200
"""So many series a chore begins something with: the next time it goes on."""

LOST = timedelta(minutes=2)
"""So long after it was begun, what has no answer and no task has lost it."""

_log = structlog.get_logger("fiscus.series")


def do(services: IssuingServices, channels: Channels, task: OutboxTask) -> None:
    """What comes next for one series; what stays open comes again."""
    with reading(services.engine) as tx:
        view = series.by_id(tx, task.payload)
        assert view is not None, "series are never removed"
        owner = taxpayers.by_id(tx, view.series.taxpayer)
    try:
        unsettled = _done(services, channels, view, owner)
    except Unavailable as trouble:
        unsettled = SeriesObstacle(said=str(trouble))
    with writing(services.engine) as tx:
        if queue.done(tx, task):  # else another worker has it
            _go_on(tx, services, view, owner, unsettled)


def _done(
    services: IssuingServices, channels: Channels, view: SeriesView, owner: TaxpayerView
) -> SeriesObstacle | None:
    if view.state in series.ENDING:
        return ending.tell(services, channels, view, owner)
    if view.state not in (SeriesState.WANTED, SeriesState.ASKED):
        return None
    try:
        faults = registering.prepare(services, channels, needed_for(view, owner))
    except Unavailable as trouble:
        return SeriesObstacle(said=str(trouble), is_noted=True)
    if not faults:
        return None
    is_soon = any(fault.code == registering.UNAUTHORIZED.id for fault in faults)
    again = NextAttempt.SOON if is_soon else NextAttempt.NEVER
    words = "; ".join(fault.text for fault in faults)
    return SeriesObstacle(said=words, again=again, is_noted=True)


def needed_for(view: SeriesView, owner: TaxpayerView) -> SeriesNeeded:
    """The registration of a series, as an order of its taxpayer would need it."""
    taxpayer, one = owner.taxpayer, view.series
    law = ending.registration_of(owner)
    wanted = ahead.named(law, one.document_type, one.name, view.purpose)
    assert wanted is not None, "it was wanted under this name"
    wish = SeriesWish(owner=view.owner, taxpayer=taxpayer.id, location=view.location, wanted=wanted)
    return SeriesNeeded(
        organization=taxpayer.organization,
        tax_number=taxpayer.facts.get(regimes.find(taxpayer.regime).tax_number, ""),
        regime=taxpayer.regime,
        wish=wish,
        starts_on=view.starts_on,
    )


def _go_on(
    tx: Tx,
    services: IssuingServices,
    before: SeriesView,
    owner: TaxpayerView,
    unsettled: SeriesObstacle | None,
) -> None:
    at, id_ = services.clock(), before.series.id
    now = series.by_id(tx, id_)
    if unsettled is None:
        if now is not None and now.state in series.OPEN_QUESTIONS:  # ordered meanwhile
            series_tasks.want(tx, services.ids(), id_, at, owner.taxpayer.organization)
        _log.info("series settled", series=id_, state=now.state if now else "")
        return
    if unsettled.is_noted:
        attempts = max(now.attempts, 1) if now else 1
    else:
        attempts = series.note(tx, id_, unsettled.said, at)
    _log.warning("series not settled", series=id_, said=unsettled.said, attempts=attempts)
    if unsettled.again is NextAttempt.NEVER:
        return
    wait = series_tasks.delay(attempts)
    if unsettled.again is NextAttempt.DAILY:
        wait = series_tasks.AGAIN_REFUSED
    series_tasks.want(tx, services.ids(), id_, at + wait, owner.taxpayer.organization)


def postpone(tx: Tx, services: IssuingServices, task: OutboxTask, error: str) -> None:
    """It stumbled several times over: those who look at the series read why, and it goes on."""
    at = services.clock()
    series.note(tx, task.payload, error, at)
    due = at + series_tasks.AGAIN_MAX
    series_tasks.want(tx, services.ids(), task.payload, due, task.organization)


def at_once(services: IssuingServices, channels: Channels, id_: str) -> SeriesView:
    """Do what waits for a series while a person does, and give how it stands then. Nothing, if
    another process is at it (`is_at_work`)."""
    waiting = select(TASK.c.id).where(TASK.c.kind == series_tasks.TASK, TASK.c.payload == id_)
    with writing(services.engine) as tx:
        found = tx.scalar(waiting.limit(1))
        task = queue.lease_one(tx, found, services.clock()) if found else None
    if task is not None:
        do(services, channels, task)
    with reading(services.engine) as tx:
        view = series.by_id(tx, id_)
    assert view is not None, "series are never removed"
    return view


def is_at_work(services: IssuingServices, id_: str) -> bool:
    """Whether another process has begun what waits for the series."""
    begun = select(TASK.c.id).where(
        TASK.c.kind == series_tasks.TASK, TASK.c.payload == id_, TASK.c.attempts > 0
    )
    with reading(services.engine) as tx:
        return tx.scalar(begun.limit(1)) is not None


def follow_up(services: IssuingServices) -> int:
    """A task for each series that has lost its own, whose process was ended between two steps."""
    at = services.clock()
    with reading(services.engine) as tx:
        waiting = select(TASK.c.payload).where(TASK.c.kind == series_tasks.TASK)
        known = set(tx.scalars(waiting))
        lost = [
            view
            for view in series_lists.unsettled(tx, at - LOST, TOGETHER + len(known))
            if view.series.id not in known
        ]
    for view in lost[:TOGETHER]:
        with writing(services.engine) as tx:
            organization = taxpayers.owner(tx, view.series.taxpayer)
            series_tasks.want(tx, services.ids(), view.series.id, at, organization)
    return len(lost)


def look(services: IssuingServices, ahead_days: int) -> None:
    """All that time has brought: answers that were lost, years that end and begin, places that are
    out of service."""
    follow_up(services)
    turn(services, ahead_days)
    retire(services)


def turn(services: IssuingServices, ahead_days: int) -> None:
    """Register what follows the series of a year that were used lately, so many days before the
    year begins (0: never), and finish those in which no document may be dated any more."""
    begun = 0
    for view, owner, following in list(_turning(services)):
        today = day(services.clock(), regimes.find(owner.taxpayer.regime).timezone)
        if begun >= TOGETHER:
            return
        if today > following.last_day:
            begun += view.number > 0 and _ended(services, view, SeriesState.FINISHED, BY_YEAR)
        elif ahead_days and today >= following.starts_on - timedelta(days=ahead_days):
            begun += _is_used(services, view) and _registered(services, view, owner, following)


def _turning(services: IssuingServices) -> Iterator[tuple[SeriesView, TaxpayerView, SeriesTurn]]:
    """Series in use whose name holds for a year."""
    owners: dict[str, TaxpayerView] = {}
    laws = [code for code, regime in regimes.installed().items() if regime.registration]
    with reading(services.engine) as tx:
        for view in series_lists.in_use(tx, laws):
            one = view.series
            owner = owners.get(one.taxpayer) or taxpayers.by_id(tx, one.taxpayer)
            owners[one.taxpayer] = owner
            law = ending.registration_of(owner)
            if following := law.following(one.document_type, one.name):
                yield view, owner, following


def _views(tx: Tx, ids: list[str]) -> Iterator[SeriesView]:
    for id_ in ids:
        if view := series.by_id(tx, id_):
            yield view


def _is_used(services: IssuingServices, view: SeriesView) -> bool:
    since = services.clock() - timedelta(days=USED_DAYS)
    return view.last_at is not None and view.last_at >= since


def _registered(
    services: IssuingServices, view: SeriesView, owner: TaxpayerView, following: SeriesTurn
) -> bool:
    """Order what follows, unless it is there; False: nothing was to be done."""
    wish = SeriesWish(
        owner=view.owner,
        taxpayer=view.series.taxpayer,
        location=view.location,
        wanted=following.wanted,
    )
    at = services.clock()
    with writing(services.engine) as tx:
        if series.find(tx, wish.owner, wish.wanted) is not None:
            return False
        series.want(tx, services.ids(), wish, at, BY_AHEAD, following.starts_on)
        made = series.find(tx, wish.owner, wish.wanted)
        assert made is not None
        organization = owner.taxpayer.organization
        series_tasks.want(tx, services.ids(), made.series.id, at, organization)
    return True


def _ended(services: IssuingServices, view: SeriesView, to: SeriesState, by: str) -> bool:
    try:
        with writing(services.engine) as tx:
            ending.order(tx, services, view, to, by=by)
    except Unavailable:
        raise
    except Trouble as trouble:
        _log.info("series not ended", series=view.series.id, why=str(trouble))
        return False
    return True


def retire(services: IssuingServices) -> None:
    """End the series of places that are out of service for good: of a taxpayer, of a location, and
    those that only registers have used which are. What was never used is cancelled while that may
    be; later it stays at the authority, which wants nothing of it."""
    with reading(services.engine) as tx:
        gone = [*_of_gone_places(tx), *_of_gone_registers(tx)]
    for view, regime in gone[:TOGETHER]:
        if view.number:
            _ended(services, view, SeriesState.FINISHED, BY_PLACE)
        elif _may_cancel(view, regime, services.clock()):
            _ended(services, view, SeriesState.CANCELLED, BY_PLACE)


def _may_cancel(view: SeriesView, regime: Regime, at: datetime) -> bool:
    law, on = regime.registration, view.registered_on
    return law is not None and on is not None and law.may_cancel(on, day(at, regime.timezone))


Gone = tuple[SeriesView, Regime]
"""A series that nobody uses any more, and its law."""


def _gone(tx: Tx, ids: list[str]) -> Iterator[Gone]:
    for view in _views(tx, ids):
        regime = regimes.find(taxpayers.by_id(tx, view.series.taxpayer).taxpayer.regime)
        if regime.registration is not None:
            yield view, regime


_ACTIVE = (
    select(SERIES.c.id)
    .join(LOCATION, LOCATION.c.id == SERIES.c.location)
    .join(TAXPAYER, TAXPAYER.c.id == SERIES.c.taxpayer)
    .where(SERIES.c.state == SeriesState.ACTIVE)
)


def _of_gone_places(tx: Tx) -> Iterator[Gone]:
    is_gone = (LOCATION.c.state == LifecycleState.DECOMMISSIONED) | (
        TAXPAYER.c.state == LifecycleState.DECOMMISSIONED
    )
    return _gone(tx, list(tx.scalars(_ACTIVE.where(is_gone).limit(TOGETHER))))


def _of_gone_registers(tx: Tx) -> Iterator[Gone]:
    """First those whose last document a register made that is out of service; few are left then
    whose documents must be looked through for another register's."""
    last = ENTRY.alias("last_document")
    query = (
        _ACTIVE.join(last, last.c.id == SERIES.c.last_record)
        .join(REGISTER, REGISTER.c.id == last.c.chain)
        .where(REGISTER.c.state == LifecycleState.DECOMMISSIONED)
    )
    others = (
        select(ENTRY.c.id)
        .join(REGISTER, REGISTER.c.id == ENTRY.c.chain)
        .where(REGISTER.c.state != LifecycleState.DECOMMISSIONED)
    )
    ids = [
        id_
        for id_ in tx.scalars(query.limit(TOGETHER))
        if tx.scalar(others.where(ENTRY.c.series == id_).limit(1)) is None
    ]
    return _gone(tx, ids)


def since(view: SeriesView) -> datetime | None:
    """Since when an answer of the authority is outstanding; None: none is."""
    if view.state in series.ENDING:
        return view.ordered_at
    return view.asked_at if view.state is SeriesState.ASKED else None


def standing_words(view: SeriesView) -> str:
    """What is outstanding, since when and why, for people; empty: nothing."""
    begun = since(view)
    if begun is None:
        return ""
    what = {
        SeriesState.ASKED: "its registration",
        SeriesState.FINISHING: f"its end with number {view.last_told}",
        SeriesState.CANCELLING: "the undoing of its registration",
    }[view.state]
    reason = f": {view.said}" if view.said else ""
    return f"no answer to {what} since {micros_z(begun)[:19]}Z{reason}"
