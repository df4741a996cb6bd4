"""What a group of orders needs to know, read once and under its locks: sites, intentions, heads."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, select

from fiscus.issuing import numbering, signing
from fiscus.issuing.answers import Waiting
from fiscus.issuing.desk import Desk
from fiscus.issuing.signing import Held
from fiscus.journal import closings, encode, read
from fiscus.journal.append import Head as ChainHead
from fiscus.model.documents import Draft, Kind
from fiscus.model.faults import Code, Refused
from fiscus.model.kinds import EntryKind
from fiscus.model.orders import Enter, Issue, Open, Order
from fiscus.model.places import Place
from fiscus.model.records import Body, Case, PlaceRef, Record, Seal, SeriesWanted
from fiscus.model.times import instant
from fiscus.regimes import Regime
from fiscus.regimes import find as regime_of
from fiscus.registry import series as registered
from fiscus.registry import sessions
from fiscus.registry.sessions import Session
from fiscus.registry.things import Mode
from fiscus.store.insert import insert_once
from fiscus.store.schema import CHAIN, ENTRY, FROZEN, LABEL, LOCATION, REGISTER, TAXPAYER

UNKNOWN_REGISTER = Code("ISSUE-PLACE-02", "no system with this id is visible to you")
UNKNOWN_ORIGINAL = Code("ISSUE-ORIGINAL-01", "no document with this id is visible to you")

SeriesKey = tuple[str, str, str]


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    register: str
    kind: str
    organization: str
    is_training: bool


class Site(msgspec.Struct, kw_only=True):
    """A register under its lock: its place, whether it may act, the end of its chain.

    `z` is its last Z number, `closed` the last sequence that one covers, `outage` the entry since
    which its device is out, `session` its cash session in progress. `is_marked`: one of the first
    three has changed.
    """

    organization: str
    place: Place
    reference: PlaceRef
    regime: Regime
    is_operative: bool
    head: ChainHead
    start: int
    z: int
    closed: int
    outage: str
    session: Session | None = None
    is_marked: bool = False

    @property
    def device(self) -> str:
        """The family of devices that must sign here, empty if none: what is sold online passes
        through no register, so there is nothing for a device to guard."""
        return "" if self.place.is_online else self.regime.device

    @property
    def timezone(self) -> str:
        return self.place.location.timezone or self.regime.timezone


def series_key(site: Site, wanted: SeriesWanted) -> SeriesKey:
    return site.place.taxpayer.id, wanted.document_type, wanted.name.casefold()


@dataclass(kw_only=True)
class Group:
    """One transaction's worth of orders: what was read under lock, and what was made so far.

    `asked` is what devices were asked, by the id of the record it will become; `moves` is what has
    moved on since and is not written yet.
    """

    tx: Connection
    desk: Desk
    at: datetime
    sites: dict[str, Site] = field(default_factory=dict)
    intents: dict[str, Intent] = field(default_factory=dict)
    drafts: dict[tuple[str, str], tuple[Draft, SeriesWanted | None]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    heads: dict[SeriesKey, numbering.Head] = field(default_factory=dict)
    starts: dict[SeriesKey, int] = field(default_factory=dict)
    latest: dict[str, datetime] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    fresh: dict[str, list[tuple[str, Body]]] = field(default_factory=dict)
    labels: list[tuple[str, str]] = field(default_factory=list)
    frozen: dict[tuple[str, str], str] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)
    asked: dict[str, Held] = field(default_factory=dict)
    begun: list[Held] = field(default_factory=list)
    moves: list[signing.Move] = field(default_factory=list)
    closings: list[Body] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    def head(self, site: Site, wanted: SeriesWanted | None) -> numbering.Head | None:
        """Where the wanted series ends, if it may number already."""
        if wanted is None:
            return None
        return self.heads.get(series_key(site, wanted))

    def moved(self) -> list[Site]:
        return [site for site in self.sites.values() if site.head.sequence > site.start]

    def moved_heads(self) -> list[numbering.Head]:
        return [head for key, head in self.heads.items() if head.number > self.starts[key]]


def gather(tx: Connection, desk: Desk, waiting: Sequence[Waiting], at: datetime) -> Group:
    """Read and lock in one order everywhere: registers by id, then series by id."""
    group = Group(tx=tx, desk=desk, at=at)
    if not waiting:
        return group
    orders = [one.order for one in waiting]
    issues = [order for order in orders if isinstance(order, Issue)]
    _read_intents(group, {order.intent for order in issues})
    registers = {order.register for order in orders if not isinstance(order, Issue)}
    registers |= {intent.register for intent in group.intents.values()}
    lock_sites(group, registers)
    _read_sessions(group, waiting)
    if any(site.device for site in group.sites.values()):
        entries = {one.entry for one in waiting if one.entry}
        group.held = signing.of_intents(tx, set(group.intents), entries)
        group.asked = {held.entry: held for held in group.held.values() if held.entry}
    _lock_series(group, orders)
    return group


def _read_sessions(group: Group, waiting: Sequence[Waiting]) -> None:
    """The cash sessions in progress, where an order asks for them."""
    wanted = {
        one.order.register
        for one in waiting
        if isinstance(one.order, Enter)
        or (isinstance(one.order, Open) and one.order.needs_session and one.device is None)
    }
    for register, session in sessions.currents(group.tx, wanted & set(group.sites)).items():
        group.sites[register].session = session


_USE = ENTRY.alias("use")
_INTENTS = (
    select(
        ENTRY.c.id,
        ENTRY.c.register,
        ENTRY.c.kind,
        ENTRY.c.organization,
        ENTRY.c.is_training,
        _USE.c.id.label("used_in"),
    )
    .join(_USE, _USE.c.intent == ENTRY.c.id, isouter=True)
    .where(ENTRY.c.id.in_(bindparam("ids", expanding=True)))
)


def _read_intents(group: Group, ids: Collection[str]) -> None:
    """The intentions, and which of them are concluded.

    Another process may conclude one between this and our commit: the unique index on `intent`
    then refuses the whole group, and the writer tries its orders again one by one.
    """
    for row in group.tx.execute(_INTENTS, {"ids": list(ids)}) if ids else ():
        group.intents[row.id] = Intent(
            id=row.id,
            register=row.register,
            kind=row.kind,
            organization=row.organization,
            is_training=bool(row.is_training),
        )
        if row.used_in:
            group.used.add(row.id)


_SITES = (
    select(
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
        LOCATION.c.id.label("location"),
        LOCATION.c.version.label("location_version"),
        TAXPAYER.c.id.label("taxpayer"),
        TAXPAYER.c.version.label("taxpayer_version"),
        TAXPAYER.c.regime,
        REGISTER.c.mode,
        LOCATION.c.mode.label("location_mode"),
        TAXPAYER.c.mode.label("taxpayer_mode"),
    )
    .join(REGISTER, REGISTER.c.id == CHAIN.c.register)
    .join(LOCATION, LOCATION.c.id == REGISTER.c.location)
    .join(TAXPAYER, TAXPAYER.c.id == REGISTER.c.taxpayer)
    .where(CHAIN.c.register.in_(bindparam("ids", expanding=True)))
    .order_by(CHAIN.c.register)
    .with_for_update(of=CHAIN)
)


def lock_sites(group: Group, registers: Collection[str]) -> None:
    """The registers, locked, as they stand now."""
    for row in group.tx.execute(_SITES, {"ids": list(registers)}) if registers else ():
        group.sites[row.id] = _site(group, row)


def _site(group: Group, row: Any) -> Site:
    reference = PlaceRef(
        organization=row.organization,
        taxpayer=row.taxpayer,
        taxpayer_version=row.taxpayer_version,
        location=row.location,
        location_version=row.location_version,
        register_version=row.register_version,
    )
    return Site(
        organization=row.organization,
        place=group.desk.place(group.tx, row.id, reference),
        reference=reference,
        regime=regime_of(row.regime),
        is_operative=row.mode == row.location_mode == row.taxpayer_mode == Mode.OPERATIVE,
        head=ChainHead(
            register=row.id,
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


def prepared(
    group: Group, order: Issue | Enter, site: Site, *, is_training: bool = False
) -> tuple[Draft, SeriesWanted | None]:
    """The draft with what the caller may leave out (its time, the intention's training mark), and
    the series it draws from. Worked out once per order."""
    key = (order.claim.scope, order.claim.key)
    if key not in group.drafts:
        draft = order.draft
        if draft.issued_at is None or (is_training and not draft.is_training):
            draft = msgspec.structs.replace(
                draft,
                issued_at=draft.issued_at or group.at,
                is_training=draft.is_training or is_training,
            )
        group.drafts[key] = (draft, site.regime.series(draft, site.place))
    return group.drafts[key]


def _lock_series(group: Group, orders: Iterable[Order]) -> None:
    """Lock the series that the drafts draw from, and those of the documents they refer to, so
    that two corrections of one document never overlook each other."""
    keys: dict[SeriesKey, str] = {}
    ids: set[str] = set()
    for order in orders:
        site, is_training = _site_of(group, order)
        if isinstance(order, Open) or site is None or order.draft.kind not in site.regime.issues:
            continue
        draft, wanted = prepared(group, order, site, is_training=is_training)
        if wanted is not None:
            key = series_key(site, wanted)
            if key not in keys and (series := _active(group, key, wanted)):
                keys[key] = series
        if draft.refers_to:
            ids |= set(_series_of(group.tx, draft.refers_to))
    locked, group.latest = numbering.lock(group.tx, ids | set(keys.values()))
    group.heads = {key: locked[series] for key, series in keys.items()}
    group.starts = {key: head.number for key, head in group.heads.items()}


def _site_of(group: Group, order: Order) -> tuple[Site | None, bool]:
    """Where an order will be carried out, and whether its intention was a practice."""
    if not isinstance(order, Issue):
        return group.sites.get(order.register), False
    intent = group.intents.get(order.intent)
    if intent is None:
        return None, False
    return group.sites.get(intent.register), intent.is_training


def _active(group: Group, key: SeriesKey, wanted: SeriesWanted) -> str:
    """The id of the series if it may number already, else empty."""
    if key not in group.desk.series:
        found = registered.find(group.tx, key[0], wanted)
        if found is None or found[1] != registered.State.ACTIVE:
            return ""
        group.desk.series[key] = found[0]
    return group.desk.series[key].id


def _series_of(tx: Connection, record: str) -> list[str]:
    return [
        found for found in tx.scalars(select(ENTRY.c.series).where(ENTRY.c.id == record)) if found
    ]


def case(group: Group, site: Site, draft: Draft, head: numbering.Head | None, at: datetime) -> Case:
    """The draft with everything the law may look at."""
    original, is_void, notes = _original(group, site, draft)
    return Case(
        draft=draft,
        place=site.place,
        at=at,
        slot=head.slot() if head else None,
        original=original,
        is_original_void=is_void,
        notes=notes,
        latest_at=group.latest.get(site.place.taxpayer.id),
        descriptions=_descriptions(group, site, draft),
        settings=group.desk.settings.get(site.regime.code, {}),
        is_live=group.desk.is_live,
    )


def _original(group: Group, site: Site, draft: Draft) -> tuple[Body | None, bool, tuple[Body, ...]]:
    """The document referred to, whether it is void, and its standing corrections."""
    if draft.kind not in (Kind.CORRECTION, Kind.CANCELLATION):
        return None, False, ()
    if draft.external_reference and not draft.refers_to:
        return None, False, ()
    original = read.body(group.tx, draft.refers_to)
    if original is None or original.place.organization != site.organization:
        raise Refused(UNKNOWN_ORIGINAL, "content.operation.record.id")
    later = read.about(group.tx, original.id) + group.fresh.get(original.id, [])
    is_void = any(kind == EntryKind.VOID for kind, _ in later)
    notes = tuple(
        note for kind, note in later if kind == EntryKind.DOCUMENT and not _is_void(group, note.id)
    )
    return original, is_void, notes


def _is_void(group: Group, record: str) -> bool:
    later = read.about(group.tx, record) + group.fresh.get(record, [])
    return any(kind == EntryKind.VOID for kind, _ in later)


def _descriptions(group: Group, site: Site, draft: Draft) -> dict[str, str]:
    """The frozen descriptions of the products that the draft names."""
    taxpayer = site.place.taxpayer.id
    known: dict[str, str] = {}
    for product in {line.product for line in draft.lines if line.product}:
        key = (taxpayer, product)
        found = group.frozen.get(key) or group.desk.descriptions.get(key)
        if found is None:
            found = group.tx.scalar(
                select(FROZEN.c.description).where(
                    FROZEN.c.taxpayer == taxpayer, FROZEN.c.product == product
                )
            )
            if found is not None:
                group.desk.descriptions[key] = found
        if found is not None:
            known[product] = found
    return known


def freeze_descriptions(group: Group, site: Site, seal: Seal) -> None:
    """From its first document on, a product keeps its description (Despacho 8632/2014, 3.3.5)."""
    taxpayer = site.place.taxpayer.id
    for line in seal.lines:
        key = (taxpayer, line.product)
        if line.product and key not in group.desk.descriptions and key not in group.frozen:
            group.frozen[key] = line.text


_MARK = (
    CHAIN.update()
    .where(CHAIN.c.register == bindparam("of"))
    .values(z=bindparam("to_z"), closed=bindparam("to_closed"), outage=bindparam("to_outage"))
)


def write(group: Group) -> None:
    """What stands beside the entries: wishes to devices, closings, marks of registers, labels,
    newly frozen descriptions."""
    signing.begin(group.tx, group.begun)
    signing.move(group.tx, group.moves)
    signing.end(group.tx, group.ended)
    for body in group.closings:
        closings.note(group.tx, body)
    marks = [
        {"of": register, "to_z": site.z, "to_closed": site.closed, "to_outage": site.outage}
        for register, site in group.sites.items()
        if site.is_marked
    ]
    if marks:
        group.tx.execute(_MARK, marks)
    if group.labels:
        rows = [{"entry": entry, "metadata": metadata} for entry, metadata in group.labels]
        group.tx.execute(LABEL.insert(), rows)
    if group.frozen:
        group.tx.execute(
            insert_once(group.tx, FROZEN),
            [
                {"taxpayer": taxpayer, "product": product, "description": text}
                for (taxpayer, product), text in sorted(group.frozen.items())
            ],
        )


def record(tx: Connection, desk: Desk, id_: str) -> tuple[Record, str, str] | None:
    """A record as it was answered first, the id before it, and its key's serial number; None
    while its device is being asked."""
    row = tx.execute(select(ENTRY).where(ENTRY.c.id == id_)).one_or_none()
    if row is None:
        return None
    before = tx.scalar(
        select(ENTRY.c.id).where(
            ENTRY.c.register == row.register, ENTRY.c.sequence == row.sequence - 1
        )
    )
    found = Record(
        kind=row.kind,
        body=encode.decode(row.kind, row.body),
        stored=row.body,
        link=row.link,
        signature=row.signature,
    )
    return found, before or "", desk.journal_key(tx, row.register).serial
