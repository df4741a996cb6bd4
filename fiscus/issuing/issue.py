"""Carries out a group of orders in one transaction: they become journal entries.

For each order, in turn: has its key been answered, may it be carried out here and now, which
number is next, what does the law refuse, what does it seal. A refused order leaves nothing (or a
refusal, if its caller keeps those) and disturbs no neighbour. The caller commits.

Where the law wants a device, an order comes back once for each time the device must be
asked: a device request is committed, the device is asked outside, and the order goes on with the
answer.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from fiscus.issuing import answered, idempotency, recording, signing, steps
from fiscus.issuing.answers import Answer, DeviceNeeded, OrderDone, OrderFailed, QueuedOrder
from fiscus.issuing.group import OrderGroup, gather
from fiscus.issuing.services import IssuingServices
from fiscus.issuing.signing import DeviceRequest
from fiscus.issuing.sites import known
from fiscus.journal.heads import KnownHead
from fiscus.model.faults import Conflict, Trouble, Unavailable
from fiscus.model.orders import IdempotencyKey


def carry_out(
    tx: Connection,
    services: IssuingServices,
    waiting: Sequence[QueuedOrder],
    moved: list[KnownHead] | None = None,
) -> list[Answer]:
    """All orders of a group, in the order they came; the answers in the same order. `moved` is told
    where the chains end once the transaction is committed."""
    at = services.clock()
    ids = [one.entry or services.ids() for one in waiting]
    # Whose device was asked has its claim since then, and nobody else ever gets it.
    fresh = [
        (one.order.claim, id_) for one, id_ in zip(waiting, ids, strict=True) if one.device is None
    ]
    taken = idempotency.take(tx, fresh, at, None)
    answers: dict[int, Answer] = {}
    ours: dict[int, QueuedOrder] = {}
    for place, (one, id_) in enumerate(zip(waiting, ids, strict=True)):
        if one.device is not None:
            ours[place] = one
            continue
        claimed = taken[one.order.claim.scope, one.order.claim.key]
        if claimed.is_ours and claimed.entry == id_:
            ours[place] = one
        elif claimed.digest != one.order.claim.digest:
            answers[place] = OrderFailed(trouble=Conflict(idempotency.KEY_REUSED))
        elif not claimed.is_ours:
            answers[place] = _answered(tx, services, one.order.claim, claimed)
    group = gather(tx, services, list(ours.values()), at)
    for place, one in ours.items():
        answers[place] = _attempt(group, one, ids[place])
    recording.write(group)
    if moved is not None:
        moved += [known(site.head) for site in group.moved()]
    for place, one in enumerate(waiting):
        if place not in answers:
            answers[place] = _same_as_first(waiting, answers, place, one)
    return [answers[place] for place in range(len(waiting))]


def _answered(
    tx: Connection,
    services: IssuingServices,
    claim: IdempotencyKey,
    claimed: idempotency.ClaimedKey,
) -> Answer:
    """The answer given to this key before. A row that was led to another record answers nobody."""
    if claimed.answer:
        return OrderFailed(trouble=idempotency.read_back(claimed.answer), is_replay=True)
    if asked := signing.of_entry(tx, claimed.entry):
        # Looked for first: an intention is in the journal before its device is asked.
        if asked.order is None or not idempotency.is_same_key(asked.order.claim, claim):
            return OrderFailed(trouble=Unavailable(idempotency.NOT_STATED))
        return _taken_over(tx, services, asked)
    found = answered.record(tx, claimed.entry)
    if found is None:
        return OrderFailed(trouble=Unavailable(signing.IN_FLIGHT))
    stated = msgspec.structs.replace(claim, metadata=claimed.metadata)
    if found[0].body.claim != idempotency.bound(stated, claimed.entry):
        return OrderFailed(trouble=Unavailable(idempotency.NOT_STATED))
    return OrderDone(
        record=found[0],
        previous_id=found[1],
        metadata=claimed.metadata,
        is_replay=True,
    )


def _taken_over(tx: Connection, services: IssuingServices, pending: DeviceRequest) -> Answer:
    """Another request asked the device under this key: wait for it, or go on where it stopped."""
    at = services.clock()
    if pending.held_until is None or pending.held_until > at:
        return OrderFailed(trouble=Unavailable(signing.IN_FLIGHT))
    if not signing.lease(tx, pending, at):
        return OrderFailed(trouble=Unavailable(signing.IN_FLIGHT))
    return pending.needed(is_repeated=True)


def _same_as_first(
    waiting: Sequence[QueuedOrder], answers: dict[int, Answer], place: int, one: QueuedOrder
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
        return OrderFailed(trouble=Unavailable(signing.IN_FLIGHT))  # A device is asked once.
    if not isinstance(answer, OrderDone | OrderFailed):
        return answer
    if isinstance(answer, OrderFailed) and isinstance(answer.trouble, Unavailable):
        return answer
    return msgspec.structs.replace(answer, is_replay=True)


def _attempt(group: OrderGroup, one: QueuedOrder, id_: str) -> Answer:
    """One order. What it leaves on failure is the answer under its key, nothing else; once its
    device was asked, the device request stays and is carried out later."""
    claim = one.order.claim
    try:
        answer = steps.step(group, one, id_)
    except Trouble as trouble:
        if one.device is None and isinstance(trouble, Unavailable):
            idempotency.release(group.tx, claim)
        elif one.device is None:
            idempotency.settle(
                group.tx,
                claim,
                status=0,
                answer=idempotency.written(trouble),
                until=group.at + idempotency.LIFE,
            )
        return OrderFailed(trouble=trouble)
    if not isinstance(answer, OrderDone | DeviceNeeded):
        # Something must be known first: the order comes again, and so does its claim.
        idempotency.release(group.tx, claim)
    return answer
