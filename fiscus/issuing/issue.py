"""The one road in: a group of orders becomes journal entries in one transaction.

For each order, in turn: has its key been answered, may it be carried out here and now, which
number is next, what does the law refuse, what does it seal. A refused order leaves nothing (or a
refusal, if its caller keeps those) and disturbs no neighbour. The caller commits.

Where the law wants a foreign device, an order comes back once for each time the device must be
asked: its wish is committed, the device is asked outside, and it goes on with the answer.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from fiscus.issuing import claims, context, device_seal, recording, signing
from fiscus.issuing.answers import Answer, DeviceAnswer, DeviceNeeded, Done, Failed, Waiting
from fiscus.issuing.context import Group, Intent, Site
from fiscus.issuing.desk import Desk
from fiscus.issuing.entering import at_once
from fiscus.issuing.signing import Held
from fiscus.model.documents import Draft, Kind
from fiscus.model.faults import Code, Conflict, Fault, Refused, Trouble, Unavailable
from fiscus.model.kinds import EntryKind
from fiscus.model.orders import Enter, Issue, Open
from fiscus.model.records import Case, Seal
from fiscus.regimes import faults as broken

UNKNOWN_INTENT = Code("ISSUE-INTENT-01", "no intention with this id is visible to you")
NOT_AN_INTENT = Code("ISSUE-INTENT-02", "only an intention can be concluded")
INTENT_USED = Code("ISSUE-INTENT-03", "this intention has been concluded already")


def carry_out(tx: Connection, desk: Desk, waiting: Sequence[Waiting]) -> list[Answer]:
    """All orders of a group, in the order they came; the answers in the same order."""
    at = desk.clock()
    ids = [one.entry or desk.ids() for one in waiting]
    # Whose device was asked has its claim since then, and nobody else ever gets it.
    fresh = [
        (one.order.claim, id_) for one, id_ in zip(waiting, ids, strict=True) if one.device is None
    ]
    taken = claims.take(tx, fresh, at, None)
    answers: dict[int, Answer] = {}
    ours: dict[int, Waiting] = {}
    for place, (one, id_) in enumerate(zip(waiting, ids, strict=True)):
        if one.device is not None:
            ours[place] = one
            continue
        held = taken[one.order.claim.scope, one.order.claim.key]
        if held.is_ours and held.entry == id_:
            ours[place] = one
        elif held.digest != one.order.claim.digest:
            answers[place] = Failed(trouble=Conflict(claims.KEY_REUSED))
        elif not held.is_ours:
            answers[place] = _answered(tx, desk, held)
    group = context.gather(tx, desk, list(ours.values()), at)
    for place, one in ours.items():
        answers[place] = _attempt(group, one, ids[place])
    recording.write(group)
    for place, one in enumerate(waiting):
        if place not in answers:
            answers[place] = _same_as_first(waiting, answers, place, one)
    return [answers[place] for place in range(len(waiting))]


def _answered(tx: Connection, desk: Desk, held: claims.Taken) -> Answer:
    """The answer given to this key before."""
    if held.answer:
        return Failed(trouble=claims.read_back(held.answer), is_replay=True)
    if asked := signing.of_entry(tx, held.entry):
        return _taken_over(tx, desk, asked)  # an intention is in the journal before its device is
    found = context.record(tx, desk, held.entry)
    if found is None:
        return Failed(trouble=Unavailable(signing.IN_FLIGHT))
    return Done(
        record=found[0], previous_id=found[1], serial=found[2], metadata=held.metadata,
        is_replay=True,
    )  # fmt: skip


def _taken_over(tx: Connection, desk: Desk, held: Held) -> Answer:
    """Somebody asked the device under this key: wait for him, or go on where he left off."""
    at = desk.clock()
    if held.held_until is None or held.held_until > at:
        return Failed(trouble=Unavailable(signing.IN_FLIGHT))
    if not signing.lease(tx, held, at):
        return Failed(trouble=Unavailable(signing.IN_FLIGHT))
    return held.needed(is_repeated=True)


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
    if isinstance(answer, DeviceNeeded):
        return Failed(trouble=Unavailable(signing.IN_FLIGHT))  # A device is asked once.
    if not isinstance(answer, Done | Failed):
        return answer
    if isinstance(answer, Failed) and isinstance(answer.trouble, Unavailable):
        return answer
    return msgspec.structs.replace(answer, is_replay=True)


def _attempt(group: Group, one: Waiting, id_: str) -> Answer:
    """One order. What it leaves on failure is the answer under its key, nothing else; once its
    device was asked, its wish stands and is carried out later."""
    claim = one.order.claim
    try:
        answer = _carried_out(group, one, id_)
    except Trouble as trouble:
        if one.device is None and isinstance(trouble, Unavailable):
            claims.release(group.tx, claim)
        elif one.device is None:
            claims.settle(
                group.tx, claim, status=0, answer=claims.written(trouble),
                until=group.at + claims.LIFE,
            )  # fmt: skip
        return Failed(trouble=trouble)
    if not isinstance(answer, Done | DeviceNeeded):
        # Something must be known first: the order comes again, and so does its claim.
        claims.release(group.tx, claim)
    return answer


def _carried_out(group: Group, one: Waiting, id_: str) -> Answer:
    match one.order:
        case Open():
            return _open(group, one.order, one, id_)
        case Issue():
            return _issue(group, one.order, one, id_)
        case Enter():
            return at_once(group, one.order, one, id_)


def _open(group: Group, order: Open, one: Waiting, id_: str) -> Answer:
    if one.device is not None:
        return _opened(group, order, one, one.device, id_)
    site = recording.operative(group, order.organization, order.register)
    if not order.is_online:
        recording.expect_register(site)
    recording.expect_device(group, site)
    session = recording.open_session(site) if order.needs_session else site.session
    draft, at = order.draft, recording.entry_time(group, site)
    if draft is not None:
        _expect_lawful_start(group, site, draft, at)
    elif order.is_training:
        draft = Draft(kind=Kind.RECEIPT, is_training=True)
    body = recording.body(
        site, id_, at, said=order.said, draft=draft, session=session.id if session else ""
    )
    done = recording.enter(group, site, EntryKind.INTENT, body, order.claim.metadata)
    if not site.device:
        return done
    held = signing.begun(intent=id_, register=order.register, entry=id_, order=order, at=group.at)
    group.begun.append(held)
    return held.needed(is_repeated=False, made=done)


def _expect_lawful_start(group: Group, site: Site, draft: Draft, at: datetime) -> None:
    """What is known at the start may break no rule that it can break: nobody is to pay for what
    cannot be concluded, and no device to hear of it."""
    recording.expect_known(group, site, draft)
    dated = msgspec.structs.replace(draft, issued_at=draft.issued_at or group.at)
    rules = tuple(rule for rule in site.regime.rules if not rule.is_final)
    if faults := broken(context.case(group, site, dated, None, at), rules):
        raise Refused(recording.NOT_LAWFUL, faults=faults)


def _opened(group: Group, order: Open, one: Waiting, device: DeviceAnswer, id_: str) -> Answer:
    """The device has heard of the intention, or is out: then the document will go unsigned."""
    held = group.asked.pop(id_, None)  # an answer that comes twice counts once
    if held is not None:
        if signing.is_taken(group.tx, group.moves, held, device):
            return held.needed(is_repeated=True)  # another one that lost its answer was faster
        group.moves.append((held, signing.answered(held, device.started, device.outage)))
        recording.protocol(group, group.sites[order.register], device)
    return one.made or _made(group, id_, order.claim.metadata)


def _made(group: Group, id_: str, label: str) -> Answer:
    """The record, as somebody has made it already; or he is still at it."""
    found = context.record(group.tx, group.desk, id_)
    if found is None:
        return Failed(trouble=Unavailable(signing.IN_FLIGHT))
    return Done(record=found[0], previous_id=found[1], serial=found[2], metadata=label)


def _issue(group: Group, order: Issue, one: Waiting, id_: str) -> Answer:
    intent = _intent(group, order)
    if one.device is not None:
        return _finished(group, order, intent, one.device, id_)
    site = recording.operative(group, order.organization, intent.register)
    recording.expect_known(group, site, order.draft)
    held = _held(group, intent) if site.device else None
    draft, wanted = context.prepared(group, order, site, is_training=intent.is_training)
    head = group.head(site, wanted)
    at = recording.entry_time(group, site)
    case = context.case(group, site, draft, head, at)
    faults = one.faults or broken(case, site.regime.rules)
    recording.send_back_formal(faults, site.regime.rules)
    if faults and (held is not None or not order.keeps_refusals):
        # A device that has started waits for a lawful end: the caller may send another draft.
        raise Refused(recording.NOT_LAWFUL, faults=faults)
    if wanted is not None and head is None and not faults:
        # The authority is asked for lawful documents only, and outside the transaction.
        return recording.series_needed(site, wanted)
    if faults:
        return _refused(group, site, order, draft, faults, at, id_)
    if held is None:
        seal = recording.sealed(group, site, case) if head else None
        return _concluded(group, site, order, case, seal, at, id_)
    question = device_seal.asked(site, case) if held.started else None
    if held.started is None or question is None:
        return _after_outage(group, site, order, case, held, at, id_)
    wish = msgspec.structs.replace(order, draft=draft)
    wished = signing.wish(
        held, entry=id_, order=wish, started=held.started, at=group.at,
        process_type=question.process_type, process_data=question.process_data,
    )  # fmt: skip
    group.moves.append((held, wished))
    group.held[intent.id] = wished  # another order for this intention comes too late
    return wished.needed(is_repeated=False)


def _intent(group: Group, order: Issue) -> Intent:
    intent = group.intents.get(order.intent)
    if intent is None or intent.organization != order.organization:
        raise Refused(UNKNOWN_INTENT, "content.record.id")
    if intent.kind != EntryKind.INTENT:
        raise Conflict(NOT_AN_INTENT)
    if intent.id in group.used:
        raise Conflict(INTENT_USED)
    return intent


def _held(group: Group, intent: Intent) -> Held:
    """What the device knows of the intention. Raises `Unavailable` while it is being asked."""
    held = group.held.get(intent.id)
    if held is None or held.state is not signing.State.OPEN:
        raise Unavailable(signing.IN_FLIGHT)
    return held


def _refused(
    group: Group,
    site: Site,
    order: Issue,
    draft: Draft,
    faults: tuple[Fault, ...],
    at: datetime,
    id_: str,
) -> Done:
    """What the law refuses is journaled, and uses its intention up."""
    group.used.add(order.intent)
    body = recording.body(
        site, id_, at, said=order.said, intent=order.intent, draft=draft,
        refers=draft.refers_to, faults=faults,
    )  # fmt: skip
    return recording.enter(group, site, EntryKind.REFUSAL, body, order.claim.metadata)


def _concluded(
    group: Group, site: Site, order: Issue, case: Case, seal: Seal | None, at: datetime, id_: str
) -> Done:
    draft = case.draft
    _, wanted = context.prepared(group, order, site)
    body = recording.body(
        site, id_, at, said=order.said, intent=order.intent, draft=draft, refers=draft.refers_to
    )
    head = group.head(site, wanted)
    return recording.conclude(group, site, head, body, seal, order.claim.metadata)


def _after_outage(
    group: Group, site: Site, order: Issue, case: Case, held: Held, at: datetime, id_: str
) -> Done:
    """The device never heard of the intention: nothing is asked of it now, nothing is healed."""
    seal = device_seal.sealed(site, case, DeviceAnswer(outage=held.outage))
    group.ended.append(order.intent)
    return _concluded(group, site, order, case, seal, at, id_)


def _finished(group: Group, order: Issue, intent: Intent, device: DeviceAnswer, id_: str) -> Answer:
    """The device has answered, or is out. What was lawful when it was asked is recorded now."""
    held = group.held.get(intent.id)
    if held is None or held.entry != id_:
        return _made(group, id_, order.claim.metadata)
    site = group.sites[intent.register]
    draft, wanted = context.prepared(group, order, site, is_training=intent.is_training)
    head = group.head(site, wanted)
    assert head is not None, "its series was active when the device was asked"
    case = context.case(group, site, draft, head, recording.entry_time(group, site))
    seal = device_seal.sealed(site, case, device)
    recording.protocol(group, site, device)
    group.ended.append(intent.id)
    return _concluded(group, site, order, case, seal, recording.entry_time(group, site), id_)
