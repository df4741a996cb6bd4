"""The steps of an order: which one an attempt takes, and what the steps share.

Open, ask the device, finish, conclude. Where no device signs, what opens and concludes at once does
both in one transaction. A pair of order and row that the table lacks is a bug.
"""

from collections.abc import Callable

import msgspec

from fiscus.issuing import (
    attempt,
    cases,
    claimed_numbers,
    device_seal,
    drawer,
    idempotency,
    recording,
    signing,
    tabs,
)
from fiscus.issuing.answers import Answer, DeviceAnswer, OrderDone, QueuedOrder
from fiscus.issuing.attempt import Attempt, OrderVisit
from fiscus.issuing.group import OrderGroup
from fiscus.issuing.signing import DeviceRequest, DeviceRequestState
from fiscus.model.devices import StartedTransaction
from fiscus.model.documents import DocumentKind, Draft
from fiscus.model.faults import Fault, Refused
from fiscus.model.kinds import EntryKind
from fiscus.model.orders import Enter, Issue, Open
from fiscus.model.records import Seal
from fiscus.regimes import faults as broken
from fiscus.signers import DeviceTransaction


def step(group: OrderGroup, waiting: QueuedOrder, id_: str) -> Answer:
    """Do what this visit is for. Raises the trouble that stands against the order."""
    if waiting.device is not None:
        return _goes_on(group, waiting, id_)
    match waiting.order:
        case Open() as order:
            return _open(attempt.opening(group, order, waiting, id_), order)
        case Issue() as order:
            return _issue(attempt.concluding(group, order, waiting, id_), order)
        case Enter() as order:
            return _enter(attempt.entering(group, order, waiting, id_), order)


def _goes_on(group: OrderGroup, waiting: QueuedOrder, id_: str) -> Answer:
    visit = attempt.answered(group, waiting, id_)
    if not isinstance(visit, OrderVisit):
        return visit
    assert visit.pending is not None
    return _ANSWERED[type(waiting.order), visit.pending.state](visit)


def _open(visit: OrderVisit, order: Open) -> Answer:
    """A sale begins: its intention, and the request that the device starts."""
    group, site, draft = visit.group, visit.site, order.draft
    session = recording.open_session(site) if order.needs_session else None
    if draft is not None:
        _expect_lawful_start(visit, draft)
    elif order.is_training:
        draft = Draft(kind=DocumentKind.RECEIPT, is_training=True)
    body = recording.body(
        site,
        visit.id,
        EntryKind.INTENT,
        visit.at,
        said=order.said,
        draft=draft,
        session=session.id if session else "",
        claim=idempotency.bound(order.claim, visit.id),
        by=order.by,
    )
    done = recording.enter(group, site, body, order.claim.metadata)
    if not site.device:
        return done
    return _start(visit, order, intent=visit.id).needed(is_repeated=False, made=done)


def _expect_lawful_start(visit: OrderVisit, draft: Draft) -> None:
    """Raises `Refused` for what is unlawful already at the start: nobody is to pay for what cannot
    be concluded, and no device is asked for it."""
    group, site = visit.group, visit.site
    recording.expect_known(group, site, draft)
    dated = msgspec.structs.replace(draft, issued_at=draft.issued_at or group.at)
    rules = tuple(rule for rule in site.regime.rules if not rule.is_final)
    if faults := broken(cases.case(group, site, dated, None, visit.at), rules):
        recording.send_back_not_yet(faults, rules)
        raise Refused(recording.NOT_LAWFUL, faults=faults)


def _opened(visit: OrderVisit) -> Answer:
    """The sale is open: the device has started it, or is out and the document will go unsigned."""
    pending, device = _pending(visit), visit.device
    if signing.is_taken(visit.group.tx, visit.group.moves, pending, device):
        return pending.needed(is_repeated=True)  # another one that lost its answer was faster
    visit.group.moves.append((pending, signing.answered(pending, device.started, device.outage)))
    recording.protocol(visit.group, visit.site, device)
    order = visit.waiting.order
    return visit.waiting.made or attempt.made(visit.group, visit.id, order.claim.metadata)


def _issue(this: Attempt, order: Issue) -> Answer:
    """A document or an act for an intention. Once its device has started, what the law refuses
    waits for a lawful end: the caller may send another draft."""
    pending = this.visit.pending
    tabs.expect_alone(this.visit.group, this.visit.site, this.draft)
    if faults := _faults(this):
        if pending is not None or not order.keeps_refusals:
            raise Refused(recording.NOT_LAWFUL, faults=faults)
        return _refuse(this, order, faults)
    if this.wanted is not None and this.head is None:
        # The authority is asked for lawful documents only, and outside the transaction.
        return recording.series_needed(this.visit.site, this.wanted)
    if pending is None:
        return _conclude(this, _sealed(this))
    question = _question(this) if pending.started else None
    if pending.started is None or question is None:
        # The device never heard of the sale: nothing is asked of it now.
        return _end(this, DeviceAnswer(outage=pending.outage))
    return _finish(this, pending, pending.started, question)


def _enter(this: Attempt, order: Enter) -> Answer:
    """What happens to the drawer, and closings. Without a device nothing is written before its seal
    is there: a signer that is silent leaves no intention behind."""
    visit = this.visit
    group, site = visit.group, visit.site
    if this.draft.kind is not DocumentKind.ORDER:
        drawer.expect_alone(group, site)
    tabs.expect_alone(group, site, this.draft)
    drawer.expect_session(group, site, order.session)
    if count := drawer.count_needed(group, site, order, visit.waiting):
        return count
    if faults := _faults(this):
        raise Refused(recording.NOT_LAWFUL, faults=faults)
    if this.wanted is not None and this.head is None:
        return recording.series_needed(site, this.wanted)
    is_signed = bool(site.device) and _question(this) is not None
    seal = None if is_signed else _sealed(this)
    intent = _intend(this, order)
    if is_signed:
        started = msgspec.structs.replace(order, draft=this.draft)
        return _start(visit, started, intent=intent).needed(is_repeated=False)
    return _conclude(this, seal, intent)


def _entered(visit: OrderVisit) -> Answer:
    """The device has started what opens and concludes at once, or is out: then it ends here."""
    pending, device = _pending(visit), visit.device
    this = attempt.going_on(visit, _order(visit))
    if device.started is None:
        return _end(this, device)
    if signing.is_taken(visit.group.tx, visit.group.moves, pending, device):
        return pending.needed(is_repeated=True)  # another one that lost its answer was faster
    question = _question(this)
    assert question is not None, "it was asked when this began"
    return _finish(this, pending, device.started, question)


def _finished(visit: OrderVisit) -> Answer:
    """The device has signed the end, or is out. What was lawful when it was asked is recorded."""
    return _end(attempt.going_on(visit, _order(visit)), visit.device)


_ANSWERED: dict[tuple[type, DeviceRequestState], Callable[[OrderVisit], Answer]] = {
    (Open, DeviceRequestState.STARTING): _opened,
    (Issue, DeviceRequestState.FINISHING): _finished,
    (Enter, DeviceRequestState.STARTING): _entered,
    (Enter, DeviceRequestState.FINISHING): _finished,
}


def _pending(visit: OrderVisit) -> DeviceRequest:
    assert visit.pending is not None
    return visit.pending


def _order(visit: OrderVisit) -> Issue | Enter:
    order = visit.waiting.order
    assert not isinstance(order, Open)
    return order


def _faults(this: Attempt) -> tuple[Fault, ...]:
    """What an authority has said against it, else what the law has. What is formally incomplete,
    or what we cannot record whole, is sent back: raises `Refused`."""
    rules = this.visit.site.regime.rules
    faults = this.visit.waiting.faults or broken(this.case, rules)
    recording.send_back_formal(faults, rules)
    recording.send_back_not_yet(faults, rules)
    return faults


def _question(this: Attempt) -> DeviceTransaction | None:
    """What the device is to sign; None: nothing."""
    return device_seal.asked(this.visit.site, this.case) if this.is_sealed else None


def _sealed(this: Attempt, device: DeviceAnswer | None = None) -> Seal | None:
    """With a device's answer, else with a key of ours, within this transaction."""
    if not this.is_sealed:
        return None
    if device is not None:
        return device_seal.sealed(this.visit.site, this.case, device)
    return recording.sealed(this.visit.group, this.visit.site, this.case)


def _intend(this: Attempt, order: Enter) -> str:
    """The intention of what concludes at once; gives its id. A session bears the id of the
    intention that opened it."""
    visit = this.visit
    intent = visit.group.services.ids()
    session = drawer.session_of(visit.site, order, intent)
    body = recording.body(
        visit.site,
        intent,
        EntryKind.INTENT,
        visit.at,
        said=order.said,
        draft=this.draft,
        session=session,
        by=order.by,
    )
    recording.enter(visit.group, visit.site, body)
    return intent


def _start(visit: OrderVisit, order: Open | Enter, *, intent: str) -> DeviceRequest:
    """The request that the device starts."""
    pending = signing.to_start(
        intent=intent, register=order.register, entry=visit.id, order=order, at=visit.group.at
    )
    visit.group.begun.append(pending)
    return pending


def _finish(
    this: Attempt, pending: DeviceRequest, started: StartedTransaction, question: DeviceTransaction
) -> Answer:
    """The request that the device finishes. It keeps the draft as the law read it: what comes back
    is asked again with the very same words, whatever became known meanwhile."""
    group = this.visit.group
    asked = signing.to_finish(
        pending,
        entry=this.visit.id,
        order=msgspec.structs.replace(this.order, draft=this.case.draft),
        started=started,
        at=group.at,
        process_type=question.process_type,
        process_data=question.process_data,
    )
    group.moves.append((pending, asked))
    group.pending[pending.intent] = asked  # another order for this intention comes too late
    return asked.needed(is_repeated=False)


def _end(this: Attempt, device: DeviceAnswer) -> OrderDone:
    """The device was asked for the last time: its answer goes into the seal."""
    visit = this.visit
    seal = _sealed(this, device)
    if visit.waiting.device is not None:
        recording.protocol(visit.group, visit.site, device)
    visit.group.ended.append(this.intent)
    return _conclude(this, seal)


def _refuse(this: Attempt, order: Issue, faults: tuple[Fault, ...]) -> OrderDone:
    """What the law refuses is journaled, and uses its intention up."""
    visit = this.visit
    visit.group.used.add(this.intent)
    if claimed_numbers.is_refused(faults):
        visit.group.services.suspect(visit.site.place.register.id)
    body = recording.body(
        visit.site,
        visit.id,
        EntryKind.REFUSAL,
        visit.at,
        said=order.said,
        intent=this.intent,
        draft=this.draft,
        refers=this.draft.refers_to,
        faults=faults,
        claim=idempotency.bound(order.claim, visit.id),
        by=order.by,
    )
    return recording.enter(visit.group, visit.site, body, order.claim.metadata)


def _conclude(this: Attempt, seal: Seal | None, intent: str = "") -> OrderDone:
    """The record takes its number and its place; a closing is counted under the register's lock."""
    visit, order, draft = this.visit, this.order, this.case.draft
    counted = None
    if isinstance(order, Enter) and draft.kind is DocumentKind.CLOSING:
        counted = drawer.counted(visit.group, visit.site, order, visit.waiting.ahead, seal)
    body = recording.body(
        visit.site,
        visit.id,
        recording.kind_of(draft),
        visit.at,
        said=order.said,
        intent=intent or this.intent,
        draft=draft,
        refers=draft.refers_to or draft.tab,
        closing=counted,
        claim=idempotency.bound(order.claim, visit.id),
        by=order.by,
    )
    if isinstance(order, Enter):
        rows = drawer.moved(visit.group, visit.site, order, body)
        body = msgspec.structs.replace(body, rows=rows)
    return recording.conclude(visit.group, visit.site, this.head, body, seal, order.claim.metadata)
