"""The orders of one transaction: what was read under their locks, and what is written at the
end."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, select

from fiscus.issuing import numbering, signing, sites
from fiscus.issuing.answers import QueuedOrder
from fiscus.issuing.services import IssuingServices
from fiscus.issuing.signing import DeviceRequest
from fiscus.issuing.sites import Intent, LockedRegister, SeriesKey, series_key, wish
from fiscus.model.documents import Draft
from fiscus.model.obligations import Obligation
from fiscus.model.orders import Enter, Issue, Open, Order
from fiscus.model.records import EntryBody, Record, SeriesWanted
from fiscus.registry import log, persons, sessions
from fiscus.registry import series as registered
from fiscus.reporting import noting
from fiscus.store.insert import insert_once
from fiscus.store.schema import CHAIN, CLOSING, ENTRY, FROZEN, LABEL
from fiscus.webhooks import events
from fiscus.webhooks.events import ToldEvent


@dataclass(kw_only=True)
class OrderGroup:
    """One transaction's worth of orders: what was read under lock, and what was made so far.

    `asked` is what devices were asked, by the id of the record it will become; `moves` is what has
    moved on since and is not written yet. `named` are the persons whom tills name. `remembered` is
    what laws remember of taxpayers, as far as it was asked for, `fresh_texts` what is to be
    remembered from now on.
    """

    tx: Connection
    services: IssuingServices
    at: datetime
    sites: dict[str, LockedRegister] = field(default_factory=dict)
    intents: dict[str, Intent] = field(default_factory=dict)
    drafts: dict[tuple[str, str], tuple[Draft, SeriesWanted | None]] = field(default_factory=dict)
    named: persons.Named = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    heads: dict[SeriesKey, numbering.SeriesHead] = field(default_factory=dict)
    starts: dict[SeriesKey, int] = field(default_factory=dict)
    latest: dict[str, datetime] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    fresh: dict[str, list[tuple[str, EntryBody]]] = field(default_factory=dict)
    labels: list[tuple[str, str]] = field(default_factory=list)
    remembered: dict[tuple[str, str], str] = field(default_factory=dict)
    fresh_texts: dict[tuple[str, str], str] = field(default_factory=dict)
    pending: dict[str, DeviceRequest] = field(default_factory=dict)
    asked: dict[str, DeviceRequest] = field(default_factory=dict)
    begun: list[DeviceRequest] = field(default_factory=list)
    moves: list[signing.Move] = field(default_factory=list)
    closings: list[dict[str, Any]] = field(default_factory=list)
    obligations: list[tuple[EntryBody, Obligation]] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    told: list[ToldEvent] = field(default_factory=list)

    def head(
        self, site: LockedRegister, wanted: SeriesWanted | None
    ) -> numbering.SeriesHead | None:
        """Where the wanted series ends, if it may number already. Raises `Unavailable` if the
        journal does not state what its row says."""
        if wanted is None:
            return None
        found = self.heads.get(series_key(site, wanted))
        if found is not None:
            found.expect_stated()
        return found

    def moved(self) -> list[LockedRegister]:
        return [site for site in self.sites.values() if site.head.sequence > site.start]

    def moved_heads(self) -> list[numbering.SeriesHead]:
        return [head for key, head in self.heads.items() if head.number > self.starts[key]]


def gather(
    tx: Connection, services: IssuingServices, waiting: Sequence[QueuedOrder], at: datetime
) -> OrderGroup:
    """Read and lock in one order everywhere: registers by id, then series by id."""
    group = OrderGroup(tx=tx, services=services, at=at)
    if not waiting:
        return group
    orders = [one.order for one in waiting]
    issues = [order for order in orders if isinstance(order, Issue)]
    group.intents, group.used = sites.intents(tx, {order.intent for order in issues})
    registers = {order.register for order in orders if not isinstance(order, Issue)}
    registers |= {intent.register for intent in group.intents.values()}
    lock_sites(group, registers)
    _read_sessions(group, waiting)
    if any(site.device for site in group.sites.values()):
        entries = {one.entry for one in waiting if one.entry}
        group.pending = signing.of_intents(tx, set(group.intents), entries)
        group.asked = {
            pending.entry: pending for pending in group.pending.values() if pending.entry
        }
    group.named = _named(group, orders)
    _lock_series(group, orders)
    _read_remembered(group, orders)
    return group


def _read_sessions(group: OrderGroup, waiting: Sequence[QueuedOrder]) -> None:
    """The cash sessions in progress, where an order asks for them."""
    wanted = {
        one.order.register
        for one in waiting
        if isinstance(one.order, Enter)
        or (isinstance(one.order, Open) and one.order.needs_session and one.device is None)
    }
    for register, session in sessions.currents(group.tx, wanted & set(group.sites)).items():
        group.sites[register].session = session


def _named(group: OrderGroup, orders: Iterable[Order]) -> persons.Named:
    """Who served, where tills say so."""
    operators = {one.draft.operator for one in orders if one.draft and not isinstance(one, Open)}
    organizations = {site.organization for site in group.sites.values()}
    return persons.named(group.tx, organizations, operators - {""})


def lock_sites(group: OrderGroup, registers: Collection[str]) -> None:
    """The registers, locked, as they stand now."""
    group.sites |= sites.lock(group.tx, group.services, registers)


def prepared(
    group: OrderGroup, order: Issue | Enter, site: LockedRegister, *, is_training: bool = False
) -> tuple[Draft, SeriesWanted | None]:
    """The draft with what the caller may leave out (its time, the intention's training mark, the
    name of who served), and the series it draws from. Worked out once per order."""
    key = (order.claim.scope, order.claim.key)
    if key not in group.drafts:
        draft = persons.served(group.named, site.organization, order.draft)
        if draft.issued_at is None or (is_training and not draft.is_training):
            draft = msgspec.structs.replace(
                draft,
                issued_at=draft.issued_at or group.at,
                is_training=draft.is_training or is_training,
            )
        wanted = site.regime.series(draft, site.place)
        if wanted is not None and wanted.is_default:
            wanted = _still_open(group, site, wanted)
        group.drafts[key] = (draft, wanted)
    return group.drafts[key]


def _still_open(group: OrderGroup, site: LockedRegister, wanted: SeriesWanted) -> SeriesWanted:
    """A series that nobody named: where it has ended, the next name goes on."""
    registration = site.regime.registration
    names: Iterable[SeriesWanted] = registration.others(wanted) if registration else ()
    for one in chain((wanted,), names):
        if series_key(site, one) in group.services.series:
            return one
        found = registered.find(group.tx, site.owner, one)
        if found is None or found.state not in registered.ENDED:
            return one
    return wanted


def _lock_series(group: OrderGroup, orders: Iterable[Order]) -> None:
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
            if key not in keys and (series := _active(group, key, wish(site, wanted))):
                keys[key] = series
        if draft.refers_to:
            ids |= set(_series_of(group.tx, draft.refers_to))
    as_stated = group.services.stated_series
    locked, group.latest = numbering.lock(group.tx, ids | set(keys.values()), as_stated)
    for key in [key for key, series in keys.items() if not locked[series].is_active]:
        # It has ended since this process learnt of it.
        group.services.series.pop(key, None)
        del keys[key]
    group.heads = {key: locked[series] for key, series in keys.items()}
    numbering.hold(group.tx, group.heads.values(), group.services.counted)
    group.starts = {key: head.number for key, head in group.heads.items()}


_KEYS_MAX = 10_000
"""So many keys a query asks for: databases bound the parameters of a statement."""

_REMEMBERED = select(FROZEN).where(
    FROZEN.c.taxpayer.in_(bindparam("taxpayers", expanding=True)),
    FROZEN.c.product.in_(bindparam("keys", expanding=True)),
)


def _read_remembered(group: OrderGroup, orders: Iterable[Order]) -> None:
    """What laws have remembered under the keys that the drafts concern, for the whole group at
    once. What is remembered never changes, so it need not be read twice."""
    known = group.services.remembered
    wanted: set[tuple[str, str]] = set()
    for order in orders:
        site, _ = _site_of(group, order)
        if site is None or site.regime.memory is None or order.draft is None:
            continue
        taxpayer = site.place.taxpayer.id
        for key in site.regime.memory.asked(order.draft):
            if (taxpayer, key) in known:
                group.remembered[taxpayer, key] = known[taxpayer, key]
            else:
                wanted.add((taxpayer, key))
    pairs = sorted(wanted)
    for first in range(0, len(pairs), _KEYS_MAX):
        some = pairs[first : first + _KEYS_MAX]
        asked = {
            "taxpayers": list({taxpayer for taxpayer, _ in some}),
            "keys": list({key for _, key in some}),
        }
        for row in group.tx.execute(_REMEMBERED, asked):
            group.remembered[row.taxpayer, row.product] = row.description
            group.services.remember(row.taxpayer, row.product, row.description)


def _site_of(group: OrderGroup, order: Order) -> tuple[LockedRegister | None, bool]:
    """Where an order will be carried out, and whether its intention was a practice."""
    if not isinstance(order, Issue):
        return group.sites.get(order.register), False
    intent = group.intents.get(order.intent)
    if intent is None:
        return None, False
    return group.sites.get(intent.register), intent.is_training


def _active(group: OrderGroup, key: SeriesKey, wish: registered.SeriesWish) -> str:
    """The id of the series if it may number there already, else empty."""
    if key not in group.services.series:
        found = registered.find(group.tx, wish.owner, wish.wanted)
        if found is None or found.state != registered.SeriesState.ACTIVE or not found.serves(wish):
            return ""
        group.services.series[key] = found.series
    return group.services.series[key].id


def _series_of(tx: Connection, record: str) -> list[str]:
    return [
        found for found in tx.scalars(select(ENTRY.c.series).where(ENTRY.c.id == record)) if found
    ]


_MARK = (
    CHAIN.update()
    .where(CHAIN.c.id == bindparam("of"))
    .values(z=bindparam("to_z"), closed=bindparam("to_closed"), outage=bindparam("to_outage"))
)


def write_beside(group: OrderGroup) -> None:
    """What is written beside the entries: device requests, closings, marks of registers, labels,
    what laws remember."""
    signing.begin(group.tx, group.begun)
    signing.move(group.tx, group.moves)
    signing.end(group.tx, group.ended)
    if group.closings:
        group.tx.execute(CLOSING.insert(), group.closings)
        log.want(group.tx, group.closings[-1]["id"], group.at)
    noting.note(group.tx, group.services.ids, group.obligations)
    events.tell_all(group.tx, group.told)
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
    if group.fresh_texts:
        group.tx.execute(
            insert_once(group.tx, FROZEN),
            [
                {"taxpayer": taxpayer, "product": product, "description": text}
                for (taxpayer, product), text in sorted(group.fresh_texts.items())
            ],
        )
