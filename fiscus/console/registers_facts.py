"""Registers as they stand: their life cycle, their devices, their sessions and closings."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, func, select

from fiscus import formats, regimes
from fiscus.devices.pool import DeviceHealth
from fiscus.journal import encode
from fiscus.model.documents import DocumentKind
from fiscus.model.faults import Missing
from fiscus.model.kinds import EntryKind
from fiscus.model.places import Location
from fiscus.model.records import DeviceSigning
from fiscus.model.times import instant
from fiscus.registry import devices, locations, registers, sessions, taxpayers
from fiscus.registry.devices import DeviceState, FittingView
from fiscus.registry.sessions import Session
from fiscus.registry.views import LifecycleState, LocationView, RegisterView, TaxpayerView
from fiscus.services import Services
from fiscus.store.schema import CHAIN, CLOSING, ENTRY, LOCATION, REGISTER

PER_PAGE = 25
CLOSINGS_SHOWN = 20
SIGNED_LOOKED_AT = 50
"""Among so many of the newest documents one is looked for that a device signed."""
SCANNED_AT_ONCE = 200
SCANNED_MAX = 2000
"""So many registers are looked at for a text, page after page."""


@dataclass(frozen=True, kw_only=True)
class RegisterFilter:
    """Which registers of an organization; what is empty does not narrow. `only`: a key that is
    limited to some."""

    organization: str
    only: tuple[str, ...] = ()
    state: LifecycleState | None = None
    location: str = ""
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class RegisterLine:
    """A register in the list. `device` is its foremost one (None: it never had one), `outage` since
    when its journal tells of an outage, `last_z` the number of its newest sealed closing."""

    view: RegisterView
    location: str
    device: FittingView | None
    session: Session | None
    outage: datetime | None
    last_z: int


@dataclass(frozen=True, kw_only=True)
class RegisterLines:
    """A page of the list; `after` is the cursor of the next one, empty at the end."""

    lines: tuple[RegisterLine, ...]
    after: str


def listed(
    tx: Connection, which: RegisterFilter, *, after: str = "", limit: int = PER_PAGE
) -> RegisterLines:
    """Registers in the order of their ids, behind `after`."""
    found: list[tuple[str, str]] = []
    for id_, place in _matching(tx, which, after):
        found.append((id_, place))
        if len(found) > limit:
            break
    shown = found[:limit]
    ids = [id_ for id_, _ in shown]
    open_ = sessions.currents(tx, ids)
    ends = _ends(tx, ids)
    lines = tuple(
        RegisterLine(
            view=registers.by_id(tx, id_),
            location=place,
            device=devices.of_register(tx, id_),
            session=open_.get(id_),
            outage=ends[id_].outage,
            last_z=ends[id_].z,
        )
        for id_, place in shown
    )
    return RegisterLines(lines=lines, after=ids[-1] if len(found) > limit else "")


def _matching(tx: Connection, which: RegisterFilter, after: str) -> Iterator[tuple[str, str]]:
    """Ids and the names of their locations. A text is looked for in names and ids; of what the
    database finds that has it somewhere else, nothing comes."""
    wanted, scanned = which.text.casefold(), 0
    while scanned < SCANNED_MAX:
        rows = tx.execute(_page(which, after)).all()
        for row in rows:
            name = msgspec.json.decode(row.content)["name"]
            place = msgspec.json.decode(row.place, type=Location).name
            if not wanted or wanted in f"{name}\n{place}\n{row.id}".casefold():
                yield row.id, place
        if len(rows) < SCANNED_AT_ONCE:
            return
        scanned, after = scanned + len(rows), rows[-1].id


def _page(which: RegisterFilter, after: str) -> Select[Any]:
    query = (
        select(
            REGISTER.c.id,
            REGISTER.c.content,
            LOCATION.c.content.label("place"),
        )
        .join(LOCATION, LOCATION.c.id == REGISTER.c.location)
        .where(
            REGISTER.c.id != REGISTER.c.taxpayer,
            REGISTER.c.organization == which.organization,
            REGISTER.c.id > after,
        )
        .order_by(REGISTER.c.id)
        .limit(SCANNED_AT_ONCE)
    )
    if which.only:
        query = query.where(REGISTER.c.id.in_(which.only))
    if which.state is not None:
        query = query.where(REGISTER.c.state == which.state)
    if which.location:
        query = query.where(REGISTER.c.location == which.location)
    return query


@dataclass(frozen=True, kw_only=True)
class ChainEnd:
    """How far a register's chain is: its epoch and last sequence, the last one that a checkpoint
    covers and the last that a closing does, the Z number of that one, when its last entry was
    made; and since when its journal tells of an outage."""

    epoch: int
    sequence: int
    covered: int
    closed: int
    z: int
    at: datetime | None
    outage: datetime | None


def _ends(tx: Connection, ids: Sequence[str]) -> dict[str, ChainEnd]:
    query = (
        select(CHAIN, ENTRY.c.at.label("outage_at"))
        .join(ENTRY, ENTRY.c.id == CHAIN.c.outage, isouter=True)
        .where(CHAIN.c.id.in_(ids))
    )
    return {row.id: _end(row) for row in tx.execute(query)}


def _end(row: Any) -> ChainEnd:
    return ChainEnd(
        epoch=row.epoch,
        sequence=row.sequence,
        covered=row.covered,
        closed=row.closed,
        z=row.z,
        at=instant(row.at) if row.at else None,
        outage=instant(row.outage_at) if row.outage_at else None,
    )


class ClosingLine(msgspec.Struct, frozen=True, kw_only=True):
    """A closing in the list. `number` is the Z number if it is sealed, else that of the report."""

    id: str
    type: str
    is_sealed: bool
    number: int
    day: date
    until: datetime


@dataclass(frozen=True, kw_only=True)
class RegisterFacts:
    """All that is shown of one register. `fittings` are its devices in the order in which they were
    asked for, `device` the foremost one; `asked` how that has answered since the process began;
    `signed` what a device signed last for the register. `may_close`: its law knows closings;
    `may_notify`: it wants an office to be told; `needs_device`: it has a device sign."""

    view: RegisterView
    location: LocationView
    taxpayer: TaxpayerView
    law: str
    end: ChainEnd
    session: Session | None
    device: FittingView | None
    fittings: tuple[FittingView, ...]
    asked: DeviceHealth | None
    signed: DeviceSigning | None
    closings: tuple[ClosingLine, ...]
    may_close: bool
    may_notify: bool
    needs_device: bool

    @property
    def former(self) -> tuple[FittingView, ...]:
        """Devices that signed for it, and no longer do."""
        return tuple(
            one
            for one in self.fittings
            if one.state is DeviceState.RELEASED and one.fitted_at and one is not self.device
        )

    @property
    def coming(self) -> FittingView | None:
        """A device that is to sign for it, and does not yet."""
        return next((one for one in self.fittings if one.state in devices.COMING), None)

    @property
    def is_gone(self) -> bool:
        return self.view.state is LifecycleState.DECOMMISSIONED


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What a visitor may see of registers: those of an organization, of some only (`only`), and
    closings of some days."""

    organization: str
    only: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None


def one(tx: Connection, reach: Reach, id_: str) -> RegisterView:
    """The register. Raises `Missing`, also for one that the key is not for."""
    if reach.only and id_ not in reach.only:
        raise Missing(registers.UNKNOWN_REGISTER)
    return registers.read(tx, reach.organization, id_)


def facts(services: Services, tx: Connection, reach: Reach, id_: str) -> RegisterFacts:
    """Raises `Missing`."""
    view = one(tx, reach, id_)
    regime = regimes.find(view.regime)
    fittings = tuple(devices.of_one(tx, id_))
    device = devices.foremost(fittings)
    return RegisterFacts(
        view=view,
        location=locations.read(tx, reach.organization, view.location),
        taxpayer=taxpayers.by_id(tx, view.taxpayer),
        law=regime.name,
        end=_ends(tx, [id_])[id_],
        session=sessions.current(tx, id_),
        device=device,
        fittings=fittings,
        asked=_asked(services, device),
        signed=last_signed(tx, id_) if fittings else None,
        closings=closings(tx, reach, id_, limit=CLOSINGS_SHOWN),
        may_close=DocumentKind.CLOSING in regime.issues,
        may_notify=bool(fittings) and formats.notification_of(view.regime) is not None,
        needs_device=bool(regime.device),
    )


def _asked(services: Services, device: FittingView | None) -> DeviceHealth | None:
    if device is None:
        return None
    standings = services.issuing.devices.standings()
    return next((one for one in standings if one.device == device.device), None)


def last_signed(tx: Connection, register: str) -> DeviceSigning | None:
    """What a device signed last for the register, among its newest documents."""
    query = (
        select(ENTRY.c.kind, ENTRY.c.body)
        .join(CHAIN, (CHAIN.c.id == ENTRY.c.chain) & (CHAIN.c.epoch == ENTRY.c.epoch))
        .where(
            ENTRY.c.chain == register,
            ENTRY.c.kind.in_([EntryKind.DOCUMENT.value, EntryKind.ABORT.value]),
        )
        .order_by(ENTRY.c.sequence.desc())
        .limit(SIGNED_LOOKED_AT)
    )
    for row in tx.execute(query):
        seal = encode.decode(row.kind, row.body).seal
        if seal is not None and seal.signing is not None:
            return seal.signing
    return None


def closings(
    tx: Connection, reach: Reach, register: str, *, before: str = "", limit: int
) -> tuple[ClosingLine, ...]:
    """The newest first, older than the one with the id `before`."""
    query = select(CLOSING).where(
        CLOSING.c.organization == reach.organization, CLOSING.c.register == register
    )
    if reach.first is not None:
        query = query.where(CLOSING.c.day >= reach.first.isoformat())
    if reach.last is not None:
        query = query.where(CLOSING.c.day <= reach.last.isoformat())
    if before:
        query = query.where(CLOSING.c.id < before)
    rows = tx.execute(query.order_by(CLOSING.c.id.desc()).limit(limit))
    return tuple(
        ClosingLine(
            id=row.id,
            type=row.type,
            is_sealed=bool(row.is_sealed),
            number=row.number,
            day=date.fromisoformat(row.day),
            until=instant(row.until),
        )
        for row in rows
    )


@dataclass(frozen=True, kw_only=True)
class PlaceChoice:
    """A location to choose in a filter."""

    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class RegisterChoices:
    """What the filters offer: locations of the organization, the first hundred, and how many
    registers it has in each state."""

    places: tuple[PlaceChoice, ...]
    counts: dict[str, int] = field(default_factory=dict)


def choices(tx: Connection, organization: str, only: Collection[str] = ()) -> RegisterChoices:
    counted = (
        select(REGISTER.c.state, func.count())
        .where(REGISTER.c.organization == organization, REGISTER.c.id != REGISTER.c.taxpayer)
        .group_by(REGISTER.c.state)
    )
    there = select(REGISTER.c.location).where(REGISTER.c.organization == organization)
    if only:
        counted = counted.where(REGISTER.c.id.in_(list(only)))
        there = there.where(REGISTER.c.id.in_(list(only)))
    query = (
        select(LOCATION.c.id, LOCATION.c.content)
        .where(LOCATION.c.organization == organization, LOCATION.c.id.in_(there))
        .order_by(LOCATION.c.id)
        .limit(100)
    )
    return RegisterChoices(
        places=tuple(
            PlaceChoice(id=row.id, name=msgspec.json.decode(row.content, type=Location).name)
            for row in tx.execute(query)
        ),
        counts={state: count for state, count in tx.execute(counted)},
    )
