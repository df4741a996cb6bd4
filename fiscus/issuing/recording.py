"""Puts what was decided into the journal: bodies, seals, numbers, marks."""

from datetime import UTC, datetime, timedelta
from typing import cast

import msgspec

from fiscus.issuing import context, numbering, sealing
from fiscus.issuing.answers import DeviceAnswer, Done, SeriesNeeded
from fiscus.issuing.context import Group, Site
from fiscus.journal import append
from fiscus.model.documents import Draft, Kind
from fiscus.model.faults import Code, Conflict, Fault, Refused, Unavailable
from fiscus.model.kinds import EntryKind
from fiscus.model.records import Body, Case, Numbered, Seal, SeriesWanted
from fiscus.regimes import Rule, SealFlow
from fiscus.registry.sessions import Session, State
from fiscus.signers import SignerDown

NOT_OPERATIVE = Code(
    "ISSUE-PLACE-01", "taxpayer, location and system must be commissioned and operative"
)
NO_SETTING = Code(
    "ISSUE-SETTING-01", "the installation lacks a setting that this country's law needs"
)
NOT_ISSUED_HERE = Code("ISSUE-KIND-01", "this country's law does not know this kind of document")
CLOCK_BACK = Code(
    "ISSUE-CLOCK-01", "the system clock is behind the last document: set it right, then go on"
)
SIGNER_DOWN = Code("ISSUE-SIGNER-01", "the signer does not answer; without it nothing is issued")
NOT_LAWFUL = Code("ISSUE-LAW-01", "the law does not allow this document")
NO_SESSION = Code("ISSUE-SESSION-01", "the register has no open cash session")
COUNTED = Code("ISSUE-SESSION-03", "the cash session is counted: close it, then open a new one")
NO_DEVICE = Code("ISSUE-DEVICE-01", "this register has no signing device yet: fiscalize it first")

CLOCK_BACK_MAX = timedelta(minutes=10)

_ENTRY_KINDS = {
    Kind.CANCELLATION: EntryKind.VOID,
    Kind.ABORT: EntryKind.ABORT,
    Kind.CLOSING: EntryKind.CLOSING,
}


def operative(group: Group, organization: str, register: str) -> Site:
    """The register, if it may act now."""
    site = group.sites.get(register)
    if site is None or site.organization != organization:
        raise Refused(context.UNKNOWN_REGISTER, "content.system.id")
    if not site.is_operative:
        raise Conflict(NOT_OPERATIVE)
    return site


def expect_register(site: Site) -> None:
    """What somebody stands at: the journal of online sales is no register to anybody."""
    if site.place.is_online:
        raise Refused(context.UNKNOWN_REGISTER, "content.system.id")


def expect_device(group: Group, site: Site) -> None:
    """Where the law asks for a device, nothing begins before the register has one."""
    if site.device and group.desk.devices.of(site.place.register.id) is None:
        raise Conflict(NO_DEVICE)


def open_session(site: Site) -> Session:
    """The cash session in progress, not counted yet. Raises `Conflict`."""
    if site.session is None:
        raise Conflict(NO_SESSION)
    if site.session.state is not State.OPEN:
        raise Conflict(COUNTED)
    return site.session


def expect_known(group: Group, site: Site, draft: Draft) -> None:
    """The law knows the kind, and the installation has what the law needs."""
    if draft.kind not in site.regime.issues:
        raise Refused(NOT_ISSUED_HERE)
    if missing := group.desk.missing_settings(site.regime):
        raise Unavailable(NO_SETTING, *missing)


def send_back_formal(faults: tuple[Fault, ...], rules: tuple[Rule, ...]) -> None:
    """What is formally incomplete goes back and leaves no refusal behind."""
    formal = {rule.code.id for rule in rules if rule.is_formal}
    if back := tuple(fault for fault in faults if fault.code in formal):
        raise Refused(Code(back[0].code, back[0].text), faults=back)


def series_needed(site: Site, wanted: SeriesWanted) -> SeriesNeeded:
    taxpayer = site.place.taxpayer
    return SeriesNeeded(
        organization=site.organization, taxpayer=taxpayer.id, regime=taxpayer.regime,
        tax_number=taxpayer.facts.get(site.regime.tax_number, ""), wanted=wanted,
    )  # fmt: skip


def entry_time(group: Group, site: Site) -> datetime:
    """Now, but never before the last entry: a clock that slipped back a little is held, a clock
    that is far behind stops issuing until it is set right (Despacho 8632/2014, 3.4.3)."""
    latest = max(
        (at for at in (site.head.at, group.latest.get(site.place.taxpayer.id)) if at),
        default=None,
    )
    if latest is None or group.at >= latest:
        return group.at
    if latest - group.at > CLOCK_BACK_MAX:
        raise Unavailable(CLOCK_BACK)
    return latest


def sealed(group: Group, site: Site, case: Case) -> Seal:
    """Sealed with the producer's key, within this transaction. Raises `Unavailable`."""
    regime = site.regime
    signer = group.desk.seal_key(group.tx, regime.code) if regime.seal_key else None
    try:
        return sealing.drive(cast(SealFlow, regime.seal(case)), signer)
    except SignerDown as outage:
        raise Unavailable(SIGNER_DOWN, str(outage)) from outage


def body(site: Site, id_: str, at: datetime, **members: object) -> Body:
    return Body(
        id=id_,
        register=site.place.register.id,
        sequence=site.head.sequence + 1,
        previous=site.head.link,
        at=at,
        place=site.reference,
        **members,  # type: ignore[arg-type]
    )


def conclude(
    group: Group, site: Site, head: numbering.Head | None, body: Body, seal: Seal | None, label: str
) -> Done:
    """The document (or act) that concludes an intention takes its number and its place.

    A seal comes with a number: what the law does not number it does not seal.
    """
    draft = body.draft
    assert draft is not None, "a document has its draft"
    if head is not None:
        assert seal is not None
        slot = head.slot()
        numbered = Numbered(
            series=head.series.id, name=head.series.name, number=slot.number,
            previous=slot.last_record,
        )  # fmt: skip
        body = msgspec.structs.replace(body, numbered=numbered, seal=seal)
        head.advance(body, seal)
        group.latest[site.place.taxpayer.id] = seal.entered.astimezone(UTC)
        context.freeze_descriptions(group, site, seal)
    group.used.add(body.intent)
    kind = _ENTRY_KINDS.get(draft.kind, EntryKind.DOCUMENT)
    if body.refers:
        group.fresh.setdefault(body.refers, []).append((kind.value, body))
    return enter(group, site, kind, body, label)


def enter(group: Group, site: Site, kind: EntryKind, body: Body, label: str = "") -> Done:
    """The next entry of the register's chain."""
    previous_id = site.head.entry
    key = group.desk.journal_key(group.tx, site.place.register.id)
    record = append.extend(site.head, key, kind, body)
    group.records.append(record)
    if label:
        group.labels.append((body.id, label))
    return Done(record=record, previous_id=previous_id, serial=key.serial, metadata=label)


def protocol(group: Group, site: Site, device: DeviceAnswer) -> None:
    """The outage protocol writes itself: an entry when the register's device falls silent, one
    when it signs again (AEAO zu § 146a, 2.4). What was begun by a device of before tells nothing
    of the present one."""
    if device.is_past or bool(device.outage) == bool(site.outage):
        return
    if device.outage:
        kind, members = EntryKind.OUTAGE, {"note": device.outage}
    else:
        kind, members = EntryKind.RESTORED, {"refers": site.outage}
    entry = body(site, group.desk.ids(), entry_time(group, site), **members)
    enter(group, site, kind, entry)
    site.outage = entry.id if device.outage else ""
    site.is_marked = True


def flush(group: Group) -> None:
    """The entries made so far, into the table: a closing reads them back from there."""
    append.append(group.tx, group.records, [site.head for site in group.moved()])
    group.records.clear()


def write(group: Group) -> None:
    """Everything the group has made, in a few statements."""
    flush(group)
    numbering.write(group.tx, group.moved_heads())
    context.write(group)
