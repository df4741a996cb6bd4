"""Writes into the journal what was decided: bodies, seals, numbers, and the marks of registers."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import cast

import msgspec

from fiscus.issuing import cases, numbering, sealing
from fiscus.issuing.answers import DeviceAnswer, OrderDone, SeriesNeeded
from fiscus.issuing.group import OrderGroup, write_beside
from fiscus.issuing.sites import UNKNOWN_REGISTER, LockedRegister, wish
from fiscus.journal import append, stated
from fiscus.model.documents import DocumentKind, Draft
from fiscus.model.faults import Code, Conflict, Fault, Refused, Unavailable
from fiscus.model.kinds import EntryKind
from fiscus.model.orders import Order
from fiscus.model.records import Case, EntryBody, Seal, SeriesWanted, TakenNumber
from fiscus.regimes import Rule, SealFlow
from fiscus.registry.sessions import Session, SessionState
from fiscus.reporting import noting
from fiscus.signers import SignerDown
from fiscus.store.schema import LABEL
from fiscus.webhooks.event_types import EventType
from fiscus.webhooks.events import ToldEvent

NOT_OPERATIVE = Code(
    "ISSUE-PLACE-01", "taxpayer, location and system must be commissioned and operative"
)
NO_SETTING = Code(
    "ISSUE-SETTING-01", "the installation lacks a setting that this country's law needs"
)
NOT_ISSUED_HERE = Code(
    "ISSUE-KIND-01",
    "this kind of document or act is not offered for this country: use one of those that its "
    "documentation lists",
)
NO_SESSIONS_HERE = Code(
    "ISSUE-KIND-02",
    "cash sessions are not offered for this country yet, and this API sells at a register only "
    "within one: sell online, or through the Unified API",
)
NO_TABS_HERE = Code(
    "ISSUE-KIND-03",
    "tables and tabs are not recorded for this country: nothing it hands to its authority has a "
    "place for them",
)
CLOCK_BACK = Code(
    "ISSUE-CLOCK-01", "the system clock is behind the last document: set it right, then go on"
)
SIGNER_DOWN = Code("ISSUE-SIGNER-01", "the signer does not answer; without it nothing is issued")
NOT_LAWFUL = Code("ISSUE-LAW-01", "the law does not allow this document")
NOT_YET = Code("ISSUE-LAW-02", "the law knows this, but it is not implemented yet")
NO_SESSION = Code("ISSUE-SESSION-01", "the register has no open cash session")
COUNTED = Code("ISSUE-SESSION-03", "the cash session is counted: close it, then open a new one")
NO_DEVICE = Code("ISSUE-DEVICE-01", "this register has no signing device yet: fiscalize it first")

_ENTRY_KINDS = {
    DocumentKind.CANCELLATION: EntryKind.VOID,
    DocumentKind.ABORT: EntryKind.ABORT,
    DocumentKind.CLOSING: EntryKind.CLOSING,
}


_TOLD: Mapping[str, EventType] = {
    EntryKind.DOCUMENT: EventType.RECORD_SEALED,
    EntryKind.VOID: EventType.RECORD_SEALED,
    EntryKind.ABORT: EventType.RECORD_SEALED,
    EntryKind.REFUSAL: EventType.RECORD_REJECTED,
    EntryKind.CLOSING: EventType.CLOSING_COMPLETED,
    EntryKind.OUTAGE: EventType.OUTAGE_BEGAN,
    EntryKind.RESTORED: EventType.OUTAGE_ENDED,
}
"""Which entries callers are told of. An intention is no news before it is concluded."""


def operative(group: OrderGroup, order: Order, register: str) -> LockedRegister:
    """The register, if the caller may use it and it may act now."""
    site = group.sites.get(register)
    is_theirs = site is not None and site.organization == order.organization
    if site is None or not is_theirs or (order.within and register not in order.within):
        raise Refused(UNKNOWN_REGISTER, "register")
    if site.trouble is not None:
        raise site.trouble
    if not site.is_operative:
        raise Conflict(NOT_OPERATIVE)
    return site


def expect_register(site: LockedRegister) -> None:
    """Raises `Refused` for the journal of online sales: it is no register that a till can name."""
    if site.place.is_online:
        raise Refused(UNKNOWN_REGISTER, "register")


def expect_device(group: OrderGroup, site: LockedRegister) -> None:
    """Where the law asks for a device, nothing begins before the register has one."""
    if site.device and group.services.devices.of(site.place.register.id) is None:
        raise Conflict(NO_DEVICE)


def open_session(site: LockedRegister) -> Session:
    """The cash session in progress, not counted yet. Raises `Conflict`, or `Refused` where the law
    has no sessions: nobody is told to open what cannot be opened."""
    if DocumentKind.OPENING not in site.regime.issues:
        raise Refused(NO_SESSIONS_HERE, "register")
    if site.session is None:
        raise Conflict(NO_SESSION)
    if site.session.state is not SessionState.OPEN:
        raise Conflict(COUNTED)
    return site.session


def expect_known(group: OrderGroup, site: LockedRegister, draft: Draft) -> None:
    """The law knows the kind, and the installation has what the law needs."""
    if draft.kind not in site.regime.issues:
        raise Refused(NOT_ISSUED_HERE, "kind")
    if DocumentKind.ORDER not in site.regime.issues and (draft.groups or draft.tab):
        raise Refused(NO_TABS_HERE, "groups" if draft.groups else "tab")
    if missing := group.services.missing_settings(site.regime):
        raise Unavailable(NO_SETTING, *missing)


def send_back_formal(faults: tuple[Fault, ...], rules: tuple[Rule, ...]) -> None:
    """Raises `Refused`, with all faults, for what is formally incomplete: it leaves no refusal in
    the journal."""
    formal = {rule.code.id for rule in rules if rule.is_formal}
    if back := tuple(fault for fault in faults if fault.code in formal):
        others = tuple(fault for fault in faults if fault.code not in formal)
        raise Refused(Code(back[0].code, back[0].text), faults=(*back, *others))


def send_back_not_yet(faults: tuple[Fault, ...], rules: tuple[Rule, ...]) -> None:
    """Raises `Refused`, with all faults, for what we cannot record whole: it leaves no refusal."""
    not_yet = {rule.code.id for rule in rules if rule.is_not_yet}
    if any(fault.code in not_yet for fault in faults):
        raise Refused(NOT_YET, faults=faults)


def series_needed(site: LockedRegister, wanted: SeriesWanted) -> SeriesNeeded:
    taxpayer = site.place.taxpayer
    return SeriesNeeded(
        organization=site.organization,
        regime=taxpayer.regime,
        tax_number=taxpayer.facts.get(site.regime.tax_number, ""),
        wish=wish(site, wanted),
    )


def entry_time(group: OrderGroup, site: LockedRegister) -> datetime:
    """Now, but never before the last entry: a clock that slipped back a little is held, a clock
    that is behind by more than the law lets pass stops issuing until it is set right."""
    latest = max(
        (at for at in (site.head.at, group.latest.get(site.place.taxpayer.id)) if at),
        default=None,
    )
    if latest is None or group.at >= latest:
        return group.at
    if latest - group.at > site.regime.clock_back_max:
        raise Unavailable(CLOCK_BACK)
    return latest


def sealed(group: OrderGroup, site: LockedRegister, case: Case) -> Seal:
    """Sealed with the law's keys, within this transaction. Raises `Unavailable`."""
    regime = site.regime
    signer = (
        group.services.seal_key(group.tx, regime, site.place.taxpayer.id)
        if regime.seal_key
        else None
    )
    try:
        return sealing.drive(cast(SealFlow, regime.seal(case)), signer)
    except SignerDown as outage:
        raise Unavailable(SIGNER_DOWN, str(outage)) from outage


def body(
    site: LockedRegister, id_: str, kind: EntryKind, at: datetime, **members: object
) -> EntryBody:
    """The next entry of the register's chain."""
    return EntryBody(
        id=id_,
        kind=kind.value,
        chain=site.place.register.id,
        epoch=site.head.epoch,
        sequence=site.head.sequence + 1,
        previous=site.head.link,
        at=at,
        place=site.reference,
        relies=site.relies,
        **members,  # type: ignore[arg-type]
    )


def kind_of(draft: Draft) -> EntryKind:
    """Of the entry that concludes an intention."""
    return _ENTRY_KINDS.get(draft.kind, EntryKind.DOCUMENT)


def conclude(
    group: OrderGroup,
    site: LockedRegister,
    head: numbering.SeriesHead | None,
    body: EntryBody,
    seal: Seal | None,
    label: str,
) -> OrderDone:
    """The document (or act) that concludes an intention takes its number and its place."""
    relies = dict(body.relies)
    draft = body.draft
    assert draft is not None, "a document has its draft"
    if head is not None:
        assert seal is not None
        slot = head.slot()
        numbered = TakenNumber(
            series=head.series.id,
            name=head.series.name,
            number=slot.number,
            previous=slot.last_record,
        )
        relies["series"] = head.link
        rows = body.rows + cases.remember(group, site, seal)
        body = msgspec.structs.replace(body, numbered=numbered, seal=seal, rows=rows)
        head.advance(body, seal)
        group.latest[site.place.taxpayer.id] = seal.entered.astimezone(UTC)
    group.used.add(body.intent)
    if body.refers:
        relies["refers"] = cases.link_of(group, body.refers)
        group.fresh.setdefault(body.refers, []).append((body.kind, body))
    done = enter(group, site, msgspec.structs.replace(body, relies=relies), label)
    owed = noting.owed(site.regime, site.place.taxpayer, body)
    group.obligations += [(body, each) for each in owed]
    return done


def enter(group: OrderGroup, site: LockedRegister, body: EntryBody, label: str = "") -> OrderDone:
    """The next entry of the register's chain, with the label that its caller gave it."""
    previous_id = site.head.entry
    if label:
        row = stated.of(LABEL, body.id, {"entry": body.id, "metadata": label})
        body = msgspec.structs.replace(body, rows=(*body.rows, row))
        group.labels.append((body.id, label))
    key = group.services.journal_key(group.tx, site.place.register.id, site.key)
    record = append.extend(site.head, key, body)
    group.records.append(record)
    if body.kind in _TOLD:
        group.told.append(
            ToldEvent(
                organization=site.organization,
                type=_TOLD[body.kind],
                subject=body.id,
                at=body.at,
                company=site.place.taxpayer.id,
            )
        )
    return OrderDone(record=record, previous_id=previous_id, metadata=label)


def protocol(group: OrderGroup, site: LockedRegister, device: DeviceAnswer) -> None:
    """The outage protocol: an entry when the register's device stops answering, one when it signs
    again. What an exchanged device has begun says nothing about the present one."""
    if device.is_past or bool(device.outage) == bool(site.outage):
        return
    if device.outage:
        kind, members = EntryKind.OUTAGE, {"note": device.outage}
    else:
        kind, members = EntryKind.RESTORED, {"refers": site.outage}
    entry = body(site, group.services.ids(), kind, entry_time(group, site), **members)
    enter(group, site, entry)
    site.outage = entry.id if device.outage else ""
    site.is_marked = True


def flush(group: OrderGroup) -> None:
    """The entries made so far, into the table: a closing reads them back from there."""
    append.append(group.tx, group.records, [site.head for site in group.moved()])
    group.records.clear()


def write(group: OrderGroup) -> None:
    """Everything the group has made, in a few statements."""
    flush(group)
    moved = group.moved_heads()
    numbering.write(group.tx, moved)
    for head in moved:
        group.services.count(head.series.id, head.end)
    write_beside(group)
