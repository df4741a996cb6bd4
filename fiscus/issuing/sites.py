"""The locked registers at which orders act, and the intentions that orders conclude."""

from collections.abc import Collection, Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, select

from fiscus.issuing.services import IssuingServices
from fiscus.journal.append import ChainHead as ChainHead
from fiscus.journal.heads import KnownHead
from fiscus.model.faults import Code, Conflict
from fiscus.model.places import Place
from fiscus.model.records import PlaceRef, SeriesWanted
from fiscus.model.times import instant
from fiscus.regimes import Regime, sole_number
from fiscus.regimes import find as regime_of
from fiscus.registry import series as registered
from fiscus.registry.sessions import Session
from fiscus.registry.views import OperatingMode
from fiscus.store.schema import CHAIN, ENTRY, LOCATION, REGISTER, REGISTER_KEY, TAXPAYER

UNKNOWN_REGISTER = Code("ISSUE-PLACE-02", "no system with this id is visible to you")

SeriesKey = tuple[str, str, str, str]


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """An intention as an order needs it: whose it is, where, of which kind."""

    id: str
    register: str
    kind: str
    organization: str
    is_training: bool


class LockedRegister(msgspec.Struct, kw_only=True):
    """A register under its lock: its place, whether it may act, the end of its chain.

    `owner` is what its series belong to: a tax number, where the law counts by it.
    `relies` are the links of the entries that its place rests on, by name; `key` is the id of the
    key that signs its entries. `z` is its last Z number, `closed` the last sequence that one
    covers, `outage` the entry since which its device is out, `session` its cash session in
    progress. `is_marked`: one of the three before that has changed. `trouble`: the
    chain does not go on from where it ended when this process wrote it last.
    """

    organization: str
    place: Place
    reference: PlaceRef
    relies: Mapping[str, str]
    key: str
    owner: str
    regime: Regime
    is_operative: bool
    head: ChainHead
    start: int
    z: int
    closed: int
    outage: str
    session: Session | None = None
    is_marked: bool = False
    trouble: Conflict | None = None

    @property
    def device(self) -> str:
        """The family of devices that must sign here, empty if none: what is sold online passes
        through no register, so there is nothing for a device to guard."""
        return "" if self.place.is_online else self.regime.device

    @property
    def timezone(self) -> str:
        return self.regime.timezone_of(self.place.location)


def series_key(site: LockedRegister, wanted: SeriesWanted) -> SeriesKey:
    return site.owner, site.place.location.id, wanted.document_type, wanted.name.casefold()


def wish(site: LockedRegister, wanted: SeriesWanted) -> registered.SeriesWish:
    return registered.SeriesWish(
        owner=site.owner,
        taxpayer=site.place.taxpayer.id,
        location=site.place.location.id,
        wanted=wanted,
    )


_USE = ENTRY.alias("use")
_INTENTS = (
    select(
        ENTRY.c.id,
        ENTRY.c.chain.label("register"),
        ENTRY.c.kind,
        ENTRY.c.organization,
        ENTRY.c.is_training,
        _USE.c.id.label("used_in"),
    )
    .join(_USE, _USE.c.intent == ENTRY.c.id, isouter=True)
    .where(ENTRY.c.id.in_(bindparam("ids", expanding=True)))
)


def intents(tx: Connection, ids: Collection[str]) -> tuple[dict[str, Intent], set[str]]:
    """The intentions by id, and which of them are concluded.

    Another process may conclude one between this and our commit: the unique index on `intent`
    then refuses the whole group, and the writer tries its orders again one by one.
    """
    found: dict[str, Intent] = {}
    used: set[str] = set()
    for row in tx.execute(_INTENTS, {"ids": list(ids)}) if ids else ():
        found[row.id] = Intent(
            id=row.id,
            register=row.register,
            kind=row.kind,
            organization=row.organization,
            is_training=bool(row.is_training),
        )
        if row.used_in:
            used.add(row.id)
    return found, used


_SITES = (
    select(
        CHAIN.c.epoch,
        CHAIN.c.sequence,
        CHAIN.c.link,
        CHAIN.c.entry,
        CHAIN.c.at,
        CHAIN.c.z,
        CHAIN.c.closed,
        CHAIN.c.outage,
        REGISTER.c.id,
        REGISTER.c.organization,
        REGISTER.c.version.label("register_version"),
        REGISTER.c.link.label("register_link"),
        LOCATION.c.id.label("location"),
        LOCATION.c.version.label("location_version"),
        LOCATION.c.link.label("location_link"),
        TAXPAYER.c.id.label("taxpayer"),
        TAXPAYER.c.version.label("taxpayer_version"),
        TAXPAYER.c.link.label("taxpayer_link"),
        TAXPAYER.c.regime,
        REGISTER.c.mode,
        LOCATION.c.mode.label("location_mode"),
        TAXPAYER.c.mode.label("taxpayer_mode"),
    )
    .join(REGISTER, REGISTER.c.id == CHAIN.c.id)
    .join(LOCATION, LOCATION.c.id == REGISTER.c.location)
    .join(TAXPAYER, TAXPAYER.c.id == REGISTER.c.taxpayer)
    .where(CHAIN.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(CHAIN.c.id)
    .with_for_update(of=CHAIN)
)


_KEYS = select(REGISTER_KEY.c.register, REGISTER_KEY.c.serial).where(
    REGISTER_KEY.c.register.in_(bindparam("ids", expanding=True))
)


def lock(
    tx: Connection, services: IssuingServices, registers: Collection[str]
) -> dict[str, LockedRegister]:
    """The registers by id, locked in the order of their ids, as they stand now."""
    if not registers:
        return {}
    ids = {"ids": list(registers)}
    rows = tx.execute(_SITES, ids).all()
    # Read when the chains are locked: what waited for a lock, PostgreSQL reads anew in the locked
    # table alone, and a key may have been rotated meanwhile.
    keys: dict[str, str] = {row.register: row.serial for row in tx.execute(_KEYS, ids)}
    return {row.id: _expected(tx, services, _site(tx, services, row, keys[row.id])) for row in rows}


def _expected(tx: Connection, services: IssuingServices, site: LockedRegister) -> LockedRegister:
    """Its chain held against what this process knows of it: one that was cut must not stop the
    others of its group."""
    try:
        services.heads.expect(tx, known(site.head))
    except Conflict as trouble:
        site.trouble = trouble
    return site


def known(head: ChainHead) -> KnownHead:
    """Where a chain ends, as it is remembered outside the database."""
    return KnownHead(head.chain, head.epoch, head.sequence, head.link)


def _site(tx: Connection, services: IssuingServices, row: Any, key: str) -> LockedRegister:
    reference = PlaceRef(
        organization=row.organization,
        taxpayer=row.taxpayer,
        taxpayer_version=row.taxpayer_version,
        location=row.location,
        location_version=row.location_version,
        register_version=row.register_version,
    )
    relies = {
        "taxpayer": row.taxpayer_link,
        "location": row.location_link,
        "register": row.register_link,
    }
    place = services.place(tx, row.id, reference)
    period = services.period(tx, row) if _keeps_place(row) else None
    if period is not None and period.reference != reference:
        reference, relies = period.reference, dict(period.relies)
        # When the day ends is no master data of what was sold.
        cut_off = place.location.cut_off
        place = services.place(tx, row.id, reference)
        location = msgspec.structs.replace(place.location, cut_off=cut_off)
        place = msgspec.structs.replace(place, location=location)
    return LockedRegister(
        organization=row.organization,
        place=place,
        reference=reference,
        relies=relies,
        key=key,
        owner=sole_number(row.regime, place.taxpayer.facts) or row.taxpayer,
        regime=regime_of(row.regime),
        is_operative=row.mode == row.location_mode == row.taxpayer_mode == OperatingMode.OPERATIVE,
        head=ChainHead(
            chain=row.id,
            epoch=row.epoch,
            sequence=row.sequence,
            link=row.link,
            entry=row.entry,
            at=instant(row.at) if row.at else None,
        ),
        start=row.sequence,
        z=row.z,
        closed=row.closed,
        outage=row.outage,
    )


def _keeps_place(row: Any) -> bool:
    """What is sold online is never closed, so nothing could change there ever."""
    return regime_of(row.regime).has_period_places and row.id != row.taxpayer
