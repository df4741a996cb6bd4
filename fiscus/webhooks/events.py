"""Notes what happened, in the transaction in which it happens, for everybody who wants to know.

Whoever is told of it is decided then: who subscribes later hears of later events alone. While
nobody subscribes, an event costs one look into an empty index.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, bindparam, select, text

from fiscus.model.times import micros_z
from fiscus.outbox import kinds, queue
from fiscus.outbox.kinds import Lane, TaskKind
from fiscus.store.insert import insert_once
from fiscus.store.schema import ORGANIZATION
from fiscus.store.webhook_schema import WEBHOOK_DELIVERY, WEBHOOK_EVENT, WEBHOOK_SUBSCRIPTION
from fiscus.webhooks.event_types import EventType
from fiscus.webhooks.states import DeliveryState

TASK = "webhook"
# Each attempt is a task of its own, and its delivery says when the next one is, or why there is
# none and that it can be begun again: an attempt that was given up is not listed besides.
kinds.declare(TaskKind(name=TASK, lane=Lane.MESSAGES, is_listed=False))


class ToldEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What happened: of which type, to which thing of which organization, and when. `company` is
    the taxpayer that it concerns, empty if none in particular."""

    organization: str
    type: EventType
    subject: str
    at: datetime
    company: str = ""

    @property
    def id(self) -> str:
        """The same for the same event, in every process; ids rise with the time."""
        return _id(self.at, self.organization, self.type, self.subject, micros_z(self.at))


class DeliveryTask(msgspec.Struct, frozen=True, kw_only=True):
    """What a task says: which delivery, and how many attempts of this round failed before.

    `organization`: the subscription's, whose turn it takes. An endpoint that is slow holds up the
    messages of those who chose it, and no organization below them that it is told of.
    """

    delivery: str
    organization: str
    failed: int = 0


_IS_ACTIVE = text("status = 'ACTIVE' AND deleted_at IS NULL")
_ANYBODY = select(WEBHOOK_SUBSCRIPTION.c.id).where(_IS_ACTIVE).limit(1)

_above = (
    select(ORGANIZATION.c.id, ORGANIZATION.c.parent)
    .where(ORGANIZATION.c.id == bindparam("of"))
    .cte("above", recursive=True)
)
_above = _above.union_all(
    select(ORGANIZATION.c.id, ORGANIZATION.c.parent).join(
        _above, ORGANIZATION.c.id == _above.c.parent
    )
)
_LISTENING = (
    select(
        WEBHOOK_SUBSCRIPTION.c.id,
        WEBHOOK_SUBSCRIPTION.c.organization,
        WEBHOOK_SUBSCRIPTION.c.company,
        WEBHOOK_SUBSCRIPTION.c.event_types,
    )
    .where(WEBHOOK_SUBSCRIPTION.c.organization.in_(select(_above.c.id)), _IS_ACTIVE)
    .order_by(WEBHOOK_SUBSCRIPTION.c.id)
)


def tell(
    tx: Connection,
    organization: str,
    type: EventType,
    subject: str,
    at: datetime,
    company: str = "",
) -> None:
    """Note one event, in the transaction of what happened: its subscribers are told after the
    commit, and never of what was rolled back."""
    event = ToldEvent(
        organization=organization, type=EventType(type), subject=subject, at=at, company=company
    )
    tell_all(tx, [event])


def tell_all(tx: Connection, events: Sequence[ToldEvent]) -> None:
    """The same for several; who listens is looked up once for each organization."""
    if not events or tx.scalar(_ANYBODY) is None:
        return
    listening: dict[str, list[_Listener]] = {}
    for event in events:
        of = event.organization
        if of not in listening:
            listening[of] = [
                _Listener(
                    row.id,
                    row.organization,
                    row.company or "",
                    frozenset(msgspec.json.decode(row.event_types)),
                )
                for row in tx.execute(_LISTENING, {"of": of})
            ]
        told = [one for one in listening[of] if one.wants(event)]
        if told:
            _note(tx, event, told)


class _Listener(msgspec.Struct, frozen=True):
    """An active subscription, as far as it matters who is told: an empty company is any."""

    subscription: str
    organization: str
    company: str
    types: frozenset[str]

    def wants(self, event: ToldEvent) -> bool:
        return event.type in self.types and self.company in ("", event.company)


def _note(tx: Connection, event: ToldEvent, told: Sequence[_Listener]) -> None:
    at = micros_z(event.at)
    row = {
        "id": event.id,
        "organization": event.organization,
        "company": event.company,
        "type": event.type,
        "subject": event.subject,
        "at": at,
    }
    if not tx.execute(insert_once(tx, WEBHOOK_EVENT), row).rowcount:
        return  # told already
    for one in told:
        delivery = _id(event.at, event.id, one.subscription)
        tx.execute(
            WEBHOOK_DELIVERY.insert().values(
                id=delivery,
                event=event.id,
                subscription=one.subscription,
                status=DeliveryState.PENDING,
                attempts=0,
                next_at=at,
                tried="[]",
                at=at,
            )
        )
        task = DeliveryTask(delivery=delivery, organization=one.organization)
        enqueue(tx, task, 0, event.at)


def enqueue(
    tx: Connection,
    task: DeliveryTask,
    attempt: int,
    at: datetime,
    due: datetime | None = None,
) -> None:
    """The task of a delivery's next attempt, at once or when it is due; `attempt` is how many there
    were, of all rounds."""
    payload = msgspec.json.encode(task).decode()
    id_ = f"{TASK}:{task.delivery}:{attempt}"
    queue.enqueue(tx, id_, TASK, payload, at, task.organization, due)


def _id(at: datetime, *parts: str) -> str:
    """A UUID of version 7 whose random part is a digest of what it is the id of."""
    digest = hashlib.sha256(msgspec.json.encode(parts)).digest()
    millis = int(at.timestamp() * 1000)
    low = int.from_bytes(digest[:10], "big")
    bits = (millis << 80) | (0x7 << 76) | ((low >> 64 & 0xFFF) << 64) | (0b10 << 62)
    hex_ = f"{bits | (low & (2**62 - 1)):032x}"
    return f"{hex_[:8]}-{hex_[8:12]}-{hex_[12:16]}-{hex_[16:20]}-{hex_[20:]}"
