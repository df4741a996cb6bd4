"""What is open at an organization's registers, and what stands in its way, as it is now."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import Connection, func, literal_column, select

from fiscus.console.documents_facts import DocumentSight, named
from fiscus.issuing import cutoffs
from fiscus.model.kinds import EntryKind
from fiscus.model.times import instant, micros_z
from fiscus.registry.devices import DeviceState
from fiscus.registry.sessions import SessionState
from fiscus.registry.views import LifecycleState
from fiscus.reporting.states import ReportState
from fiscus.store.schema import (
    CHAIN,
    DEVICE,
    ENTRY,
    FITTING,
    OBLIGATION,
    REGISTER,
    REGISTER_KEY,
    REPORT_PAUSE,
    SESSION,
    TAXPAYER,
)

SHOWN_MAX = 20
"""So many of one sort are named; the others are counted."""

SOON = timedelta(days=90)
LOOKED_AT_MAX = 2_000
"""So many operations, the newest, are looked at for those that nobody has concluded."""

_DAY = timedelta(days=1)


class RegisterNote(msgspec.Struct, frozen=True, kw_only=True):
    """Something about a register, since or until an instant (UTC). `count` says how many."""

    register: str
    name: str
    at: datetime
    count: int = 0
    has_session: bool = False


class NoteList(msgspec.Struct, frozen=True, kw_only=True):
    """The first few of one sort, and how many there are."""

    shown: tuple[RegisterNote, ...]
    count: int


class Hindrances(msgspec.Struct, frozen=True, kw_only=True):
    """What is open: cash sessions in progress, operations begun in the last day and not concluded,
    closings that a cut-off has left to be made. What stands in the way: devices that do not answer,
    reports that wait or were refused, authorities that do not let the taxpayer in (their words),
    certificates that end within 90 days."""

    sessions: NoteList
    closings: NoteList
    outages: NoteList
    certificates: NoteList
    open_operations: int
    reports_waiting: int
    reports_refused: int
    pauses: tuple[str, ...]


def read(tx: Connection, sight: DocumentSight, at: datetime) -> Hindrances:
    """As it is now, of the registers that the visitor may see."""
    reports = _reports(tx, sight.organization)
    return Hindrances(
        sessions=_sessions(tx, sight),
        closings=_closings(tx, sight, at),
        outages=_outages(tx, sight),
        certificates=_certificates(tx, sight, at),
        open_operations=_open_operations(tx, sight, at),
        reports_waiting=reports.get(ReportState.PENDING, 0) + reports.get(ReportState.UNKNOWN, 0),
        reports_refused=reports.get(ReportState.REFUSED, 0),
        pauses=_pauses(tx, sight.organization),
    )


def first_of(found: list[RegisterNote], registers: Collection[str]) -> NoteList:
    """Those of the registers that may be seen (none named: of all), in the order of their times."""
    visible = [note for note in found if not registers or note.register in registers]
    ordered = sorted(visible, key=lambda note: (note.at, note.register))
    return NoteList(shown=tuple(ordered[:SHOWN_MAX]), count=len(ordered))


def _sessions(tx: Connection, sight: DocumentSight) -> NoteList:
    query = (
        select(SESSION.c.register, SESSION.c.opened_at, REGISTER.c.content)
        .join(REGISTER, REGISTER.c.id == SESSION.c.register)
        .where(
            REGISTER.c.organization == sight.organization,
            # As the index over sessions in progress says it.
            SESSION.c.state != literal_column(f"'{SessionState.CLOSED}'"),
        )
    )
    found = [
        RegisterNote(
            register=row.register,
            name=named(row.content, row.register),
            at=instant(row.opened_at),
        )
        for row in tx.execute(query)
    ]
    return first_of(found, sight.registers)


def _closings(tx: Connection, sight: DocumentSight, at: datetime) -> NoteList:
    due = cutoffs.due(tx, at, sight.organization)
    names = _register_names(tx, [one.register for one in due])
    found = [
        RegisterNote(
            register=one.register,
            name=names[one.register],
            at=one.cut_off,
            count=len(one.open_intents),
            has_session=one.has_session,
        )
        for one in due
    ]
    return first_of(found, sight.registers)


def _register_names(tx: Connection, ids: Collection[str]) -> dict[str, str]:
    query = select(REGISTER.c.id, REGISTER.c.content).where(REGISTER.c.id.in_(list(ids)))
    return {row.id: named(row.content, row.id) for row in tx.execute(query)} if ids else {}


def _outages(tx: Connection, sight: DocumentSight) -> NoteList:
    query = (
        select(REGISTER.c.id, REGISTER.c.content, ENTRY.c.at)
        .join(CHAIN, CHAIN.c.id == REGISTER.c.id)
        .join(ENTRY, ENTRY.c.id == CHAIN.c.outage)
        .where(REGISTER.c.organization == sight.organization, CHAIN.c.outage != "")
    )
    found = [
        RegisterNote(register=row.id, name=named(row.content, row.id), at=instant(row.at))
        for row in tx.execute(query)
    ]
    return first_of(found, sight.registers)


def _certificates(tx: Connection, sight: DocumentSight, at: datetime) -> NoteList:
    """Of devices that sign now, and of the keys of the journals of registers in service."""
    soon = micros_z(at + SOON)
    devices = (
        select(REGISTER.c.id, REGISTER.c.content, DEVICE.c.usable_until.label("until"))
        .join(FITTING, FITTING.c.register == REGISTER.c.id)
        .join(DEVICE, DEVICE.c.id == FITTING.c.device)
        .where(
            REGISTER.c.organization == sight.organization,
            FITTING.c.state == DeviceState.FITTED,
            DEVICE.c.usable_until <= soon,
        )
    )
    own = (
        select(REGISTER.c.id, REGISTER.c.content, REGISTER_KEY.c.expires_at.label("until"))
        .join(REGISTER_KEY, REGISTER_KEY.c.register == REGISTER.c.id)
        .where(
            REGISTER.c.organization == sight.organization,
            REGISTER.c.state == LifecycleState.COMMISSIONED,
            REGISTER_KEY.c.expires_at <= soon,
        )
    )
    found = [
        RegisterNote(register=row.id, name=named(row.content, row.id), at=instant(row.until))
        for query in (devices, own)
        for row in tx.execute(query)
    ]
    return first_of(found, sight.registers)


def _open_operations(tx: Connection, sight: DocumentSight, at: datetime) -> int:
    """Operations of the last day that nobody has concluded or given up."""
    day_ago = str(UUID(int=int((at - _DAY).timestamp() * 1000) << 80))
    newest = select(ENTRY.c.id).where(
        ENTRY.c.organization == sight.organization,
        ENTRY.c.id > day_ago,
        ENTRY.c.kind == EntryKind.INTENT.value,
    )
    if sight.registers:
        newest = newest.where(ENTRY.c.chain.in_(list(sight.registers)))
    begun = newest.order_by(ENTRY.c.id.desc()).limit(LOOKED_AT_MAX).subquery()
    end = ENTRY.alias("conclusion")
    query = (
        select(func.count())
        .select_from(begun)
        .join(end, end.c.intent == begun.c.id, isouter=True)
        .where(end.c.id.is_(None))
    )
    return int(tx.execute(query).scalar_one())


def _reports(tx: Connection, organization: str) -> dict[str, int]:
    """How many reports that authorities have not accepted there are, by state."""
    query = (
        select(OBLIGATION.c.state, func.count())
        .join(TAXPAYER, TAXPAYER.c.id == OBLIGATION.c.taxpayer)
        .where(
            TAXPAYER.c.organization == organization,
            # As the index over reports that are not accepted says it.
            OBLIGATION.c.state != literal_column(f"'{ReportState.ACCEPTED}'"),
        )
        .group_by(OBLIGATION.c.state)
    )
    return {state: count for state, count in tx.execute(query)}


def _pauses(tx: Connection, organization: str) -> tuple[str, ...]:
    query = (
        select(REPORT_PAUSE.c.answer)
        .join(TAXPAYER, TAXPAYER.c.id == REPORT_PAUSE.c.taxpayer)
        .where(TAXPAYER.c.organization == organization, REPORT_PAUSE.c.is_lifted == 0)
        .order_by(REPORT_PAUSE.c.since)
    )
    return tuple(tx.scalars(query.limit(SHOWN_MAX)))
