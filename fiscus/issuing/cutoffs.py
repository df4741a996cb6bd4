"""Business days that end at a location's cut-off, and the registers that are due to be closed.

In the night that skips an hour, a cut-off within it falls as late after the change as it would
have fallen before; in the night that repeats an hour, it falls on the first of the two. So days
last 23, 24 or 25 hours, and every instant belongs to exactly one.
"""

import re
from datetime import UTC, date, datetime, time, timedelta

import msgspec
from sqlalchemy import Connection, select

from fiscus.issuing import unfinished
from fiscus.model.documents import DocumentKind
from fiscus.model.kinds import SEALED
from fiscus.model.places import Location
from fiscus.model.times import day, instant, zone
from fiscus.regimes import find as regime_of
from fiscus.registry.sessions import SessionState
from fiscus.registry.views import OperatingMode
from fiscus.store.schema import CHAIN, ENTRY, LOCATION, REGISTER, SESSION, TAXPAYER

_NOON = "12:00"
_ONE_DAY = timedelta(days=1)
_TIME_OF_DAY = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")


class DueClosing(msgspec.Struct, frozen=True, kw_only=True):
    """A register that nobody has closed since its last cut-off. `open_intents` had begun before
    it and would hold the closing up; a sale that began later is a customer at the till."""

    register: str
    organization: str
    cut_off: datetime
    has_session: bool
    open_intents: tuple[str, ...] = ()


def is_cut_off(text: str) -> bool:
    """Whether it names a time of day, `00:00` to `23:59`."""
    return _TIME_OF_DAY.fullmatch(text) is not None


def cut_off_of(on: date, timezone: str, cut_off: str) -> datetime:
    """The instant (UTC) at which the business day of that date begins."""
    return datetime.combine(on, time.fromisoformat(cut_off), zone(timezone)).astimezone(UTC)


def business_day(at: datetime, timezone: str, cut_off: str) -> date:
    """The business day of an instant; without a cut-off the local date.

    It has the date that most of it lies on: a cut-off in the small hours ends the day before, one
    late in the evening ends its own.
    """
    if not cut_off:
        return day(at, timezone)
    began = _began_on(at, timezone, cut_off)
    return began + _ONE_DAY if cut_off >= _NOON else began


def _began_on(at: datetime, timezone: str, cut_off: str) -> date:
    """The date of the cut-off with which the business day of an instant began."""
    on = day(at, timezone)
    # The wall clock alone does not tell: it may show an hour twice, or a date twice.
    on += _ONE_DAY
    while cut_off_of(on, timezone, cut_off) > at:
        on -= _ONE_DAY
    return on


def last_cut_off(now: datetime, timezone: str, cut_off: str) -> datetime:
    """The latest cut-off (UTC) that is not after `now`."""
    return cut_off_of(_began_on(now, timezone, cut_off), timezone, cut_off)


def due(tx: Connection, at: datetime, organization: str = "") -> list[DueClosing]:
    """The registers in service (of that organization, none named: all) that have sealed entries no
    closing covers, or a cash session in progress, from before their location's last cut-off. A
    location whose cut-off is no time of day never closes by itself."""
    found = []
    of_one = REGISTER.c.organization == organization
    for row in tx.execute(_WATCHED.where(of_one) if organization else _WATCHED).all():
        place, regime = msgspec.json.decode(row.content, type=Location), regime_of(row.regime)
        if DocumentKind.CLOSING not in regime.issues or not is_cut_off(place.cut_off):
            continue
        cut = last_cut_off(at, regime.timezone_of(place), place.cut_off)
        if any(begun and instant(begun) < cut for begun in (row.unclosed_at, row.opened_at)):
            found.append(
                DueClosing(
                    register=row.id,
                    organization=row.organization,
                    cut_off=cut,
                    has_session=row.opened_at is not None,
                    open_intents=tuple(
                        unfinished.operations(
                            tx,
                            row.id,
                            has_device=bool(regime.device),
                            session=row.session or "",
                            before=cut,
                        )
                    ),
                )
            )
    return found


UNCLOSED_AT = (
    select(ENTRY.c.at)
    .where(
        ENTRY.c.chain == CHAIN.c.id,
        ENTRY.c.epoch == CHAIN.c.epoch,
        ENTRY.c.sequence > CHAIN.c.closed,
        ENTRY.c.kind.in_(sorted(SEALED)),
    )
    .order_by(ENTRY.c.sequence)
    .limit(1)
    .correlate(CHAIN)
    .scalar_subquery()
)
"""Of a row of `CHAIN`: when the first sealed entry was made that no closing covers (UTC)."""

_WATCHED = (
    select(
        REGISTER.c.id,
        REGISTER.c.organization,
        LOCATION.c.content,
        TAXPAYER.c.regime,
        SESSION.c.id.label("session"),
        SESSION.c.opened_at,
        UNCLOSED_AT.label("unclosed_at"),
    )
    .join(LOCATION, LOCATION.c.id == REGISTER.c.location)
    .join(TAXPAYER, TAXPAYER.c.id == REGISTER.c.taxpayer)
    .join(CHAIN, CHAIN.c.id == REGISTER.c.id)
    .join(
        SESSION,
        (SESSION.c.register == REGISTER.c.id) & (SESSION.c.state != SessionState.CLOSED),
        isouter=True,
    )
    .where(
        LOCATION.c.content.contains('"cut_off":', autoescape=True),
        REGISTER.c.mode == OperatingMode.OPERATIVE,
        LOCATION.c.mode == OperatingMode.OPERATIVE,
        TAXPAYER.c.mode == OperatingMode.OPERATIVE,
    )
    .order_by(REGISTER.c.id)
)
