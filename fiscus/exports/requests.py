"""Requests for a file of one format, one register and one period: what must hold before a job is
made."""

from datetime import datetime

import msgspec
from sqlalchemy import Connection, select

from fiscus import formats, regimes
from fiscus.exports import jobs
from fiscus.exports.states import ExportState
from fiscus.formats import FormatSource
from fiscus.issuing import signing
from fiscus.journal import read
from fiscus.model.documents import DocumentKind
from fiscus.model.faults import Code, Refused, Unavailable
from fiscus.model.orders import Enter
from fiscus.model.times import day, micros_z
from fiscus.registry import devices, registers, sessions
from fiscus.registry.views import RegisterView
from fiscus.store.schema import CLOSING, FILE

BACKWARDS = Code("EXPORT-WINDOW-01", "the window must end at or after the instant it begins")
NO_REGISTER = Code("EXPORT-WINDOW-02", "files of this format are of one register: say which")
OTHER_LAW = Code("EXPORT-WINDOW-03", "the register is not under the law of this format")
NOTHING_CLOSED = Code("EXPORT-WINDOW-04", "nothing was closed on the register in this window")
BEING_CLOSED = Code(
    "EXPORT-WINDOW-05", "a closing in this window is being made; send the request again shortly"
)
NO_DEVICE = Code("EXPORT-WINDOW-06", "no device was ever fitted to the register")


class FormatRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for. `since` and `until` are included; `asked` are the caller's words."""

    organization: str
    format: str
    register: str
    since: datetime
    until: datetime
    asked: jobs.RequestedPeriod


class AvailablePeriod(msgspec.Struct, frozen=True, kw_only=True):
    """What can be exported: the window within the time in which a device was fitted, how much was
    closed in it, and the cash sessions that are just being closed."""

    register: RegisterView
    format: formats.Format
    since: datetime
    until: datetime
    is_fitted: bool
    has_closings: bool
    is_closing: bool
    sessions: tuple[str, ...]


def expect_forwards(since: datetime, until: datetime) -> None:
    if until < since:
        raise Refused(BACKWARDS, "since", "until")


def look(tx: Connection, wanted: FormatRequest, now: datetime) -> AvailablePeriod:
    """What the journal has for the request. Raises `Refused` or `Missing` for a request that
    cannot become right by waiting."""
    expect_forwards(wanted.since, wanted.until)
    if not wanted.register:
        raise Refused(NO_REGISTER, "register")
    register = registers.read(tx, wanted.organization, wanted.register)
    form = formats.find(wanted.format)
    if not form.is_for(register.regime):
        raise Refused(OTHER_LAW, "register")
    since, until, is_fitted = _clamped(tx, wanted, form, now)
    is_closing = _is_closing(tx, wanted.register, since, until)
    return AvailablePeriod(
        register=register,
        format=form,
        since=since,
        until=until,
        is_fitted=is_fitted,
        has_closings=_has_closings(tx, wanted.register, since, until),
        is_closing=is_closing,
        sessions=_sessions(tx, wanted.register) if is_closing else (),
    )


def _clamped(
    tx: Connection, wanted: FormatRequest, form: formats.Format, now: datetime
) -> tuple[datetime, datetime, bool]:
    """The window within the time in which the register had a device, and whether it ever had.
    Records are there without a device."""
    views = devices.of_one(tx, wanted.register)
    times = [(one.fitted_at, one.released_at) for one in views if one.fitted_at is not None]
    if not times or form.reads is FormatSource.RECORDS:
        return wanted.since, min(wanted.until, now), bool(times)
    # A closing's end is in whole seconds, and may be in the very second in which the device was
    # fitted.
    since = max(wanted.since, min(at for at, _ in times).replace(microsecond=0))
    return since, min(wanted.until, max(until or now for _, until in times)), True


def _has_closings(tx: Connection, register: str, since: datetime, until: datetime) -> bool:
    sealed = select(CLOSING.c.id).where(
        CLOSING.c.register == register,
        CLOSING.c.is_sealed == 1,
        CLOSING.c.until.between(micros_z(since), micros_z(until)),
    )
    return tx.scalar(sealed.limit(1)) is not None


def _is_closing(tx: Connection, register: str, since: datetime, until: datetime) -> bool:
    """Whether the register's device is being asked to sign a closing of this window."""
    for pending in signing.in_flight(tx, register):
        if isinstance(pending.order, Enter) and pending.order.draft.kind == DocumentKind.CLOSING:
            intent = read.body(tx, pending.intent)
            return intent is not None and since <= intent.at <= until
    return False


def _sessions(tx: Connection, register: str) -> tuple[str, ...]:
    """The cash session that the closing will end, if the register has one."""
    session = sessions.current(tx, register)
    return (session.id,) if session else ()


def judge(window: AvailablePeriod) -> None:
    """Raises `Refused` if there is nothing to write, `Unavailable` if there will be shortly."""
    source = window.format.reads
    if source is FormatSource.ARCHIVES and not window.is_fitted:
        raise Refused(NO_DEVICE, "register")
    if source is FormatSource.CLOSINGS and window.is_closing:
        raise Unavailable(BEING_CLOSED)
    if source is FormatSource.CLOSINGS and not window.has_closings:
        raise Refused(NOTHING_CLOSED, "since", "until")


def ask(
    tx: Connection,
    wanted: FormatRequest,
    window: AvailablePeriod,
    *,
    id_: str,
    by: str,
    at: datetime,
) -> jobs.ExportFile:
    """Note a job for a window that was judged, and its task, in the caller's transaction."""
    timezone = regimes.find(window.register.regime).timezone
    tx.execute(
        FILE.insert().values(
            id=id_,
            organization=wanted.organization,
            taxpayer=window.register.taxpayer,
            register=wanted.register,
            type=jobs.ExportType.FORMAT,
            state=ExportState.ACCEPTED,
            first=day(window.since, timezone).isoformat(),
            last=day(max(window.since, window.until), timezone).isoformat(),
            created_at=micros_z(at),
            format=wanted.format,
            since=micros_z(window.since),
            until=micros_z(window.until),
            asked=msgspec.json.encode(wanted.asked).decode(),
        )
    )
    return jobs.noted(tx, id_, by, at)
