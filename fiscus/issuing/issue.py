"""The one road in: a group of orders becomes journal entries in one transaction.

For each order, in turn: has its key been answered, may it be carried out here and now, which
number is next, what does the law refuse, what does it seal. A refused order leaves nothing (or a
refusal, if its caller keeps those) and disturbs no neighbour. The caller commits.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection

from fiscus.issuing import claims, context, numbering, sealing
from fiscus.issuing.context import Group, Intent, Site
from fiscus.issuing.desk import Desk
from fiscus.journal import append
from fiscus.model.documents import Draft, Kind
from fiscus.model.faults import Code, Conflict, Fault, Refused, Trouble, Unavailable
from fiscus.model.kinds import EntryKind
from fiscus.model.orders import Issue, Open, Order
from fiscus.model.records import Body, Case, Numbered, Record, Seal, SeriesWanted
from fiscus.regimes import Regime, Rule
from fiscus.regimes import faults as broken
from fiscus.signers import SignerDown

NOT_OPERATIVE = Code(
    "ISSUE-PLACE-01", "taxpayer, location and system must be commissioned and operative"
)
UNKNOWN_INTENT = Code("ISSUE-INTENT-01", "no intention with this id is visible to you")
NOT_AN_INTENT = Code("ISSUE-INTENT-02", "only an intention can be concluded")
INTENT_USED = Code("ISSUE-INTENT-03", "this intention has been concluded already")
NOT_ISSUED_HERE = Code("ISSUE-KIND-01", "this country's law does not know this kind of document")
NO_SETTING = Code(
    "ISSUE-SETTING-01", "the installation lacks a setting that this country's law needs"
)
CLOCK_BACK = Code(
    "ISSUE-CLOCK-01", "the system clock is behind the last document: set it right, then go on"
)
SIGNER_DOWN = Code("ISSUE-SIGNER-01", "the signer does not answer; without it nothing is issued")

NOT_LAWFUL = Code("ISSUE-LAW-01", "the law does not allow this document")

CLOCK_BACK_MAX = timedelta(minutes=10)

_ENTRY_KINDS = {Kind.CANCELLATION: EntryKind.VOID, Kind.ABORT: EntryKind.ABORT}


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """An order in the queue; `faults` are what an authority said against it meanwhile."""

    order: Order
    faults: tuple[Fault, ...] = ()


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """A record was made now, or was made before under the same key (`is_replay`)."""

    record: Record
    previous_id: str
    serial: str
    metadata: str
    is_replay: bool = False


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    trouble: Trouble
    is_replay: bool = False


class SeriesNeeded(msgspec.Struct, frozen=True, kw_only=True):
    """Set aside: this series must be registered first, outside any transaction."""

    organization: str
    taxpayer: str
    tax_number: str
    regime: str
    wanted: SeriesWanted


Answer = Done | Failed | SeriesNeeded


def carry_out(tx: Connection, desk: Desk, waiting: Sequence[Waiting]) -> list[Answer]:
    """All orders of a group, in the order they came; the answers in the same order."""
    at = desk.clock()
    ids = [desk.ids() for _ in waiting]
    taken = claims.take(
        tx, [(one.order.claim, id_) for one, id_ in zip(waiting, ids, strict=True)], at, None
    )
    answers: dict[int, Answer] = {}
    ours: dict[int, Waiting] = {}
    for place, (one, id_) in enumerate(zip(waiting, ids, strict=True)):
        held = taken[one.order.claim.scope, one.order.claim.key]
        if held.is_ours and held.entry == id_:
            ours[place] = one
        elif held.digest != one.order.claim.digest:
            answers[place] = Failed(trouble=Conflict(claims.KEY_REUSED))
        elif not held.is_ours:
            answers[place] = _answered(tx, desk, held)
    group = context.gather(tx, desk, [one.order for one in ours.values()], at)
    for place, one in ours.items():
        answers[place] = _attempt(group, one, ids[place])
    _write(group)
    for place, one in enumerate(waiting):
        if place not in answers:
            answers[place] = _same_as_first(waiting, answers, place, one)
    return [answers[place] for place in range(len(waiting))]


def _answered(tx: Connection, desk: Desk, held: claims.Taken) -> Answer:
    """The answer given to this key before."""
    if held.answer:
        return Failed(trouble=claims.read_back(held.answer), is_replay=True)
    found = context.record(tx, desk, held.entry)
    return Done(
        record=found[0], previous_id=found[1], serial=found[2], metadata=held.metadata,
        is_replay=True,
    )  # fmt: skip


def _same_as_first(
    waiting: Sequence[Waiting], answers: dict[int, Answer], place: int, one: Waiting
) -> Answer:
    """The same request twice in one group: the second gets the first one's answer."""
    first = next(
        index
        for index in range(place)
        if (waiting[index].order.claim.scope, waiting[index].order.claim.key)
        == (one.order.claim.scope, one.order.claim.key)
    )
    answer = answers[first]
    if isinstance(answer, SeriesNeeded):
        return answer
    if isinstance(answer, Failed) and isinstance(answer.trouble, Unavailable):
        return answer
    return msgspec.structs.replace(answer, is_replay=True)


def _attempt(group: Group, one: Waiting, id_: str) -> Answer:
    """One order. What it leaves on failure is the answer under its key, nothing else."""
    claim = one.order.claim
    try:
        if isinstance(one.order, Open):
            return _open(group, one.order, id_)
        return _issue(group, one.order, one.faults, id_)
    except Unavailable as trouble:
        claims.release(group.tx, claim)
        return Failed(trouble=trouble)
    except Trouble as trouble:
        claims.settle(
            group.tx, claim, status=0, answer=claims.written(trouble), until=group.at + claims.LIFE
        )
        return Failed(trouble=trouble)


def _open(group: Group, order: Open, id_: str) -> Answer:
    site = _operative(group, order.organization, order.register)
    draft = Draft(kind=Kind.RECEIPT, is_training=True) if order.is_training else None
    body = _body(site, id_, _entry_time(group, site), said=order.said, draft=draft)
    return _append(group, site, EntryKind.INTENT, body, order.claim.metadata)


def _operative(group: Group, organization: str, register: str) -> Site:
    site = group.sites.get(register)
    if site is None or site.organization != organization:
        raise Refused(context.UNKNOWN_REGISTER, "content.system.id")
    if not site.is_operative:
        raise Conflict(NOT_OPERATIVE)
    return site


def _issue(group: Group, order: Issue, faults: tuple[Fault, ...], id_: str) -> Answer:
    intent = _intent(group, order)
    site = _operative(group, order.organization, intent.register)
    regime = site.regime
    if order.draft.kind not in regime.issues:
        raise Refused(NOT_ISSUED_HERE)
    if missing := group.desk.missing_settings(regime):
        raise Unavailable(NO_SETTING, *missing)
    draft, wanted = context.prepared(group, order, intent, site)
    head = group.head(site, wanted)
    at = _entry_time(group, site)
    case = context.case(group, site, draft, head, at)
    faults = faults or broken(case, regime.rules)
    _send_back_formal(faults, regime.rules)
    if faults and not order.keeps_refusals:
        raise Refused(NOT_LAWFUL, faults=faults)
    if wanted is not None and head is None and not faults:
        # The authority is asked for lawful documents only, and outside the transaction.
        claims.release(group.tx, order.claim)
        return _series_needed(site, wanted)
    body = _body(
        site, id_, at, said=order.said, intent=intent.id, draft=draft, refers=draft.refers_to
    )
    if faults:
        group.used.add(intent.id)
        refused = msgspec.structs.replace(body, faults=faults)
        return _append(group, site, EntryKind.REFUSAL, refused, order.claim.metadata)
    return _sealed(group, site, case, head, body, order.claim.metadata)


def _send_back_formal(faults: tuple[Fault, ...], rules: tuple[Rule, ...]) -> None:
    formal = {rule.code.id for rule in rules if rule.is_formal}
    if back := tuple(fault for fault in faults if fault.code in formal):
        raise Refused(Code(back[0].code, back[0].text), faults=back)


def _intent(group: Group, order: Issue) -> Intent:
    intent = group.intents.get(order.intent)
    if intent is None or intent.organization != order.organization:
        raise Refused(UNKNOWN_INTENT, "content.record.id")
    if intent.kind != EntryKind.INTENT:
        raise Conflict(NOT_AN_INTENT)
    if intent.id in group.used:
        raise Conflict(INTENT_USED)
    return intent


def _series_needed(site: Site, wanted: SeriesWanted) -> SeriesNeeded:
    taxpayer = site.place.taxpayer
    return SeriesNeeded(
        organization=site.organization, taxpayer=taxpayer.id, regime=taxpayer.regime,
        tax_number=taxpayer.facts.get("tax_id_number", ""), wanted=wanted,
    )  # fmt: skip


def _entry_time(group: Group, site: Site) -> datetime:
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


def _sealed(
    group: Group, site: Site, case: Case, head: numbering.Head | None, body: Body, metadata: str
) -> Answer:
    kind = _ENTRY_KINDS.get(case.draft.kind, EntryKind.DOCUMENT)
    if head is not None:
        assert case.slot is not None
        seal = _seal(group, site.regime, case)
        numbered = Numbered(
            series=head.series.id,
            name=head.series.name,
            number=case.slot.number,
            previous=case.slot.last_record,
        )
        body = msgspec.structs.replace(body, numbered=numbered, seal=seal)
        head.advance(body, seal)
        group.latest[site.place.taxpayer.id] = seal.entered
        context.freeze_descriptions(group, site, seal)
    group.used.add(body.intent)
    if body.refers:
        group.fresh.setdefault(body.refers, []).append((kind.value, body))
    return _append(group, site, kind, body, metadata)


def _seal(group: Group, regime: Regime, case: Case) -> Seal:
    signer = group.desk.seal_key(group.tx, regime.code) if regime.seal_key else None
    try:
        return sealing.drive(regime.seal(case), signer)
    except SignerDown as outage:
        raise Unavailable(SIGNER_DOWN, str(outage)) from outage


def _body(site: Site, id_: str, at: datetime, **members: object) -> Body:
    place = site.place
    return Body(
        id=id_,
        register=place.register.id,
        sequence=site.head.sequence + 1,
        previous=site.head.link,
        at=at,
        place=site.reference,
        **members,  # type: ignore[arg-type]
    )


def _append(group: Group, site: Site, kind: EntryKind, body: Body, metadata: str) -> Done:
    previous_id = site.head.entry
    key = group.desk.journal_key(group.tx, site.place.register.id)
    record = append.extend(site.head, key, kind, body)
    group.records.append(record)
    if metadata:
        group.labels.append((body.id, metadata))
    return Done(record=record, previous_id=previous_id, serial=key.serial, metadata=metadata)


def _write(group: Group) -> None:
    """Everything the group has made, in a few statements."""
    append.append(group.tx, group.records, [site.head for site in group.moved()])
    numbering.write(group.tx, group.moved_heads())
    context.write(group)
