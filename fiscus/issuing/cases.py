"""Builds the case: a draft with everything that the law may look at."""

from datetime import datetime

import msgspec
from sqlalchemy import select

from fiscus.issuing import cash, numbering, signing
from fiscus.issuing.group import OrderGroup
from fiscus.issuing.sites import LockedRegister
from fiscus.journal import read, stated
from fiscus.model.documents import DocumentKind, Draft
from fiscus.model.faults import Code, Refused
from fiscus.model.kinds import EntryKind
from fiscus.model.orders import Issue, Order
from fiscus.model.places import NumberCheck
from fiscus.model.records import Case, EntryBody, Seal, StatedRow
from fiscus.registry import series as registered
from fiscus.reporting.month_facts import is_handed_in
from fiscus.store.schema import ENTRY, FROZEN

UNKNOWN_TAB = Code("ISSUE-TAB-01", "no tab with this id is visible to you")
UNKNOWN_ORIGINAL = Code("ISSUE-ORIGINAL-01", "no document with this id is visible to you")


def case(
    group: OrderGroup,
    site: LockedRegister,
    draft: Draft,
    head: numbering.SeriesHead | None,
    at: datetime,
    *,
    claims_number: bool = False,
    is_read: bool = False,
) -> Case:
    """The draft as the law reads it, with everything that the law may look at. What the caller
    claims of its number counts unless the register's numbers are ignored. `is_read`: the law has
    read it before, and a device was asked about what it read."""
    original, is_void, notes = _original(group, site, draft)
    found = Case(
        draft=draft,
        place=site.place,
        at=at,
        slot=head.slot() if head else None,
        original=original,
        is_original_void=is_void,
        is_external_ours=_is_ours(group, site, draft),
        is_original_declared=_is_declared(group, site, draft, original),
        notes=notes,
        tab=_tab(group, site, draft),
        begun=_begun(group, site, original),
        drawer=cash.left(group, site, draft),
        latest_at=group.latest.get(site.place.taxpayer.id),
        remembered=_remembered(group, site, draft),
        settings=group.services.settings.get(site.regime.code, {}),
        is_live=group.services.is_live,
        is_number_claimed=claims_number and site.place.register.numbers is NumberCheck.COMPARE,
    )
    if is_read:
        return found
    return msgspec.structs.replace(found, draft=site.regime.completed(found))


def _original(
    group: OrderGroup, site: LockedRegister, draft: Draft
) -> tuple[EntryBody | None, bool, tuple[EntryBody, ...]]:
    """The document referred to, whether it is void, and its standing corrections."""
    if not draft.refers_to:
        return None, False, ()
    original = read.body(group.tx, draft.refers_to)
    if original is None or original.place.organization != site.organization:
        raise Refused(UNKNOWN_ORIGINAL, "refers_to")
    later = read.about(group.tx, original.id) + group.fresh.get(original.id, [])
    is_void = any(kind == EntryKind.VOID for kind, _ in later)
    notes = tuple(
        note for kind, note in later if kind == EntryKind.DOCUMENT and not _is_void(group, note.id)
    )
    return original, is_void, notes


def _is_declared(
    group: OrderGroup, site: LockedRegister, draft: Draft, original: EntryBody | None
) -> bool:
    """Whether the month of what is to be cancelled was handed in, where a law reports months."""
    if draft.kind is not DocumentKind.CANCELLATION or site.regime.reporting_months is None:
        return False
    seal = original.seal if original else None
    return seal is not None and is_handed_in(group.tx, site.place.taxpayer.id, seal.day)


def _is_ours(group: OrderGroup, site: LockedRegister, draft: Draft) -> bool:
    """Whether the number of a document that is said to be from outside was given here."""
    registration = site.regime.registration
    if registration is None or draft.refers_to or not draft.external_reference:
        return False
    told = registration.read(draft.external_reference)
    found = registered.find(group.tx, site.owner, told[0]) if told else None
    if told is None or found is None:
        return False
    taken = select(ENTRY.c.id).where(ENTRY.c.series == found.series.id, ENTRY.c.number == told[1])
    return group.tx.scalar(taken) is not None


def _tab(group: OrderGroup, site: LockedRegister, draft: Draft) -> tuple[EntryBody, ...]:
    """The first order of the draft's tab, and what was recorded for the tab since."""
    if not draft.tab:
        return ()
    known = read.tab(group.tx, draft.tab)
    if not known or known[0].place.organization != site.organization:
        raise Refused(UNKNOWN_TAB, "tab")
    return (*known, *(body for _, body in group.fresh.get(draft.tab, [])))


def _begun(
    group: OrderGroup, site: LockedRegister, original: EntryBody | None
) -> tuple[Draft, ...]:
    """The drafts that refer to the original and that a device is finishing, at any register."""
    if original is None or not site.device:
        return ()
    orders: dict[str, Order | None] = {
        **signing.finishing(group.tx),
        **{after.intent: after.order for _, after in group.moves},
    }
    return tuple(
        order.draft
        for intent, order in orders.items()
        if isinstance(order, Issue)
        and order.draft.refers_to == original.id
        and intent not in group.used
    )


def _is_void(group: OrderGroup, record: str) -> bool:
    later = read.about(group.tx, record) + group.fresh.get(record, [])
    return any(kind == EntryKind.VOID for kind, _ in later)


def _remembered(group: OrderGroup, site: LockedRegister, draft: Draft) -> dict[str, str]:
    """What the law has remembered under the keys that the draft concerns, documents of this group
    included."""
    memory, taxpayer = site.regime.memory, site.place.taxpayer.id
    if memory is None:
        return {}
    found = {}
    for key in memory.asked(draft):
        text = group.fresh_texts.get((taxpayer, key)) or group.remembered.get((taxpayer, key))
        if text is not None:
            found[key] = text
    for beginning in memory.listed(draft):
        found |= _listed(group, taxpayer, beginning)
    return found


def _listed(group: OrderGroup, taxpayer: str, beginning: str) -> dict[str, str]:
    """Unlike a single text, a list grows: it is read each time."""
    query = select(FROZEN.c.product, FROZEN.c.description).where(
        FROZEN.c.taxpayer == taxpayer, FROZEN.c.product.startswith(beginning, autoescape=True)
    )
    found = {row.product: row.description for row in group.tx.execute(query)}
    fresh = group.fresh_texts.items()
    return found | {
        key: text for (owner, key), text in fresh if owner == taxpayer and key.startswith(beginning)
    }


def remember(group: OrderGroup, site: LockedRegister, seal: Seal) -> tuple[StatedRow, ...]:
    """What the law wants to remember of a document, for those after it; gives what is new, as the
    document's entry states it."""
    if site.regime.memory is None:
        return ()
    taxpayer = site.place.taxpayer.id
    fresh = []
    for key, text in site.regime.memory.kept(seal):
        mine = (taxpayer, key)
        known = (group.remembered, group.services.remembered, group.fresh_texts)
        if not any(mine in texts for texts in known):
            group.fresh_texts[mine] = text
            row = {"taxpayer": taxpayer, "product": key, "description": text}
            fresh.append(stated.of(FROZEN, f"{taxpayer}/{key}", row))
    return tuple(fresh)


def link_of(group: OrderGroup, record: str) -> str:
    """The link of a record that another one refers to. Raises `Refused` if there is none."""
    link: str | None = group.tx.scalar(select(ENTRY.c.link).where(ENTRY.c.id == record))
    if link is None:
        raise Refused(UNKNOWN_ORIGINAL, "refers_to")
    return link
