"""Deliveries: an event on its way to an endpoint, attempted until it is taken or given up."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog
from sqlalchemy import Connection, Engine, Row, delete, select

from fiscus.model.faults import Code, Conflict, Missing
from fiscus.model.times import Clock, instant, micros_z
from fiscus.outbox import queue
from fiscus.outbox.queue import OutboxTask
from fiscus.registry.vault import Vault
from fiscus.store.connect import reading, writing
from fiscus.store.webhook_schema import WEBHOOK_DELIVERY, WEBHOOK_EVENT
from fiscus.webhooks import events, signature, subscriptions
from fiscus.webhooks.event_types import EventType
from fiscus.webhooks.events import DeliveryTask, ToldEvent
from fiscus.webhooks.failures import FailureCounts
from fiscus.webhooks.sending import NotDelivered, OutgoingRequest
from fiscus.webhooks.states import DeliveryState
from fiscus.webhooks.subscriptions import Subscription

UNKNOWN_DELIVERY = Code("WEBHOOK-DELIVERY-01", "no delivery with this id is visible to you")
UNDER_WAY = Code("WEBHOOK-DELIVERY-02", "this delivery is under way still")
NOT_TOLD = Code(
    "WEBHOOK-DELIVERY-03", "the subscription is inactive: activate it, then deliver again"
)

RETRIES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=24),
    timedelta(hours=30),
)
"""How long after each failed attempt the next one is made: three days, less half an hour."""

KEPT = timedelta(days=30)
"""How long an event and its deliveries are kept."""

_ERROR_MAX = 300
_log = structlog.get_logger("fiscus.webhooks")
_encoder = msgspec.json.Encoder()

Render = Callable[[Connection, ToldEvent], Any]
"""What an API family shows of the subject of an event: its GET body, as plain values."""


@dataclass(frozen=True, kw_only=True)
class WebhookServices:
    """What delivering works with, as long as the process lives. `send` gives the status of the
    answer, or raises `NotDelivered`; `failures` says to whom it gives less time. `at_work` is held
    by whoever does more than wait for an endpoint: many messages at once keep the interpreter and
    the database from tills no more than one after the other would."""

    engine: Engine
    clock: Clock
    vault: Vault
    render: Render
    send: Callable[[OutgoingRequest], int]
    agent: str = "Fiscus"
    failures: FailureCounts = field(default_factory=FailureCounts)
    at_work: threading.Lock = field(default_factory=threading.Lock)


class DeliveryAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt: when, the status of the answer (0: there was none), and why it counts as
    failed (empty: it was taken)."""

    at: datetime
    status: int = 0
    error: str = ""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """An event for one subscription, and how it went so far; the attempts are the oldest first."""

    id: str
    event: ToldEvent
    subscription: str
    state: DeliveryState
    attempts: tuple[DeliveryAttempt, ...]
    next_at: datetime | None
    error: str
    at: datetime


def do(services: WebhookServices, task: OutboxTask) -> None:
    """Make one attempt, outside any transaction, and note what became of it. What is not taken is
    noted to be tried again later."""
    said = msgspec.json.decode(task.payload, type=DeliveryTask)
    at = services.clock()
    with services.at_work, reading(services.engine) as tx:
        found = _find(tx, said.delivery)
        prepared = None if found is None else _prepared(services, tx, found, at)
    if found is None or prepared is None:
        _drop(services, task, found)
        return
    attempt = _attempted(services, prepared, at)
    services.failures.note(found.subscription, is_taken=not attempt.error)
    _log.info(
        "webhook attempted",
        delivery=found.id,
        type=found.event.type.value,
        subscription=found.subscription,
        status=attempt.status,
        error=attempt.error,
    )
    with services.at_work, writing(services.engine) as tx:
        if queue.done(tx, task):
            _note(tx, found, attempt, said, services.clock())


def give_up(tx: Connection, task: OutboxTask, error: str) -> None:
    """Something went wrong here again and again, not at the endpoint: whoever looks reads why."""
    said = msgspec.json.decode(task.payload, type=DeliveryTask)
    _set(tx, said.delivery, DeliveryState.FAILED, next_at=None, error=error[:_ERROR_MAX])


def _prepared(
    services: WebhookServices, tx: Connection, delivery: Delivery, at: datetime
) -> OutgoingRequest | None:
    """What is to be sent; None if its subscription is not told of anything any more."""
    to = subscriptions.find(tx, delivery.subscription)
    if to is None or not to.is_told:
        return None
    secrets = subscriptions.secrets(tx, services.vault, to)
    content = body(delivery.event, services.render(tx, delivery.event))
    message, timestamp = message_id(delivery.event), int(at.timestamp())
    good = subscriptions.good_secrets(to, secrets, at)
    headers = {
        **secrets.headers,
        "Content-Type": "application/json",
        "User-Agent": services.agent,
        "webhook-id": message,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature.signed(good, message, timestamp, content),
    }
    if authorization := secrets.auth.header():
        headers["Authorization"] = authorization
    is_brief = services.failures.is_brief(to.id)
    return OutgoingRequest(url=to.endpoint_url, body=content, headers=headers, is_brief=is_brief)


def message_id(event: ToldEvent) -> str:
    """The same at every attempt and every endpoint: receivers tell repeated messages by it."""
    return f"msg_{event.id.replace('-', '')}"


def body(event: ToldEvent, data: Any) -> bytes:
    """The body, in both forms that readers of such bodies know."""
    told = {"data": data, "eventId": event.id, "eventType": event.type}
    return _encoder.encode(
        {"type": event.type, "timestamp": micros_z(event.at), **told, "payload": told}
    )


def _attempted(
    services: WebhookServices, request: OutgoingRequest, at: datetime
) -> DeliveryAttempt:
    try:
        status = services.send(request)
    except NotDelivered as error:
        return DeliveryAttempt(at=at, error=str(error)[:_ERROR_MAX])
    if 200 <= status < 300:
        return DeliveryAttempt(at=at, status=status)
    return DeliveryAttempt(at=at, status=status, error=f"the endpoint answered {status}")


def _note(
    tx: Connection, delivery: Delivery, attempt: DeliveryAttempt, done: DeliveryTask, now: datetime
) -> None:
    state, next_at = DeliveryState.DELIVERED, None
    tried = (*delivery.attempts, attempt)
    if attempt.error:
        state = DeliveryState.FAILED
        if done.failed < len(RETRIES):
            state, next_at = DeliveryState.PENDING, now + RETRIES[done.failed]
            task = msgspec.structs.replace(done, failed=done.failed + 1)
            events.enqueue(tx, task, len(tried), now, next_at)
    _set(
        tx,
        delivery.id,
        state,
        attempts=len(tried),
        tried=_encoder.encode(tried).decode(),
        next_at=micros_z(next_at) if next_at else None,
        response_status=attempt.status or None,
        error=attempt.error or None,
    )


def _set(tx: Connection, id_: str, state: DeliveryState, **values: Any) -> None:
    change = WEBHOOK_DELIVERY.update().where(WEBHOOK_DELIVERY.c.id == id_)
    tx.execute(change.values(status=state, **values))


def _drop(services: WebhookServices, task: OutboxTask, delivery: Delivery | None) -> None:
    with services.at_work, writing(services.engine) as tx:
        if queue.done(tx, task) and delivery is not None:
            error = "the subscription is inactive, or was deleted"
            _set(tx, delivery.id, DeliveryState.DROPPED, next_at=None, error=error)


def redeliver(tx: Connection, of: Subscription, id_: str, at: datetime) -> Delivery:
    """Deliver it once more, with all retries, whatever became of it. The message has the id that it
    had. Raises `Missing`, or `Conflict` while it is under way or the subscription is inactive."""
    found = read(tx, of, id_)
    if found.state is DeliveryState.PENDING:
        raise Conflict(UNDER_WAY)
    if not of.is_told:
        raise Conflict(NOT_TOLD)
    _set(tx, id_, DeliveryState.PENDING, next_at=micros_z(at), error=None)
    task = DeliveryTask(delivery=id_, organization=of.organization)
    events.enqueue(tx, task, len(found.attempts), at)
    return read(tx, of, id_)


def read(tx: Connection, of: Subscription, id_: str) -> Delivery:
    """A delivery of that subscription. Raises `Missing`."""
    found = _find(tx, id_)
    if found is None or found.subscription != of.id:
        raise Missing(UNKNOWN_DELIVERY)
    return found


def of(
    tx: Connection,
    subscription: str,
    *,
    after: str = "",
    limit: int,
    state: DeliveryState | None = None,
) -> Sequence[Delivery]:
    """The deliveries of a subscription, the newest first; `after` is the id before the page."""
    query = _WHOLE.where(WEBHOOK_DELIVERY.c.subscription == subscription)
    if after:
        query = query.where(WEBHOOK_DELIVERY.c.id < after)
    if state is not None:
        query = query.where(WEBHOOK_DELIVERY.c.status == state)
    rows = tx.execute(query.order_by(WEBHOOK_DELIVERY.c.id.desc()).limit(limit))
    return [_view(row) for row in rows]


def sweep(tx: Connection, now: datetime) -> int:
    """Forget events that are old and whose deliveries have all ended; how many."""
    pending = select(WEBHOOK_DELIVERY.c.event).where(
        WEBHOOK_DELIVERY.c.status == DeliveryState.PENDING
    )
    old = select(WEBHOOK_EVENT.c.id).where(
        WEBHOOK_EVENT.c.at < micros_z(now - KEPT), WEBHOOK_EVENT.c.id.not_in(pending)
    )
    ids = list(tx.scalars(old.order_by(WEBHOOK_EVENT.c.at).limit(_SWEEP_MAX)))
    if ids:
        tx.execute(delete(WEBHOOK_DELIVERY).where(WEBHOOK_DELIVERY.c.event.in_(ids)))
        tx.execute(delete(WEBHOOK_EVENT).where(WEBHOOK_EVENT.c.id.in_(ids)))
    return len(ids)


_SWEEP_MAX = 10_000

_WHOLE = select(
    WEBHOOK_DELIVERY,
    WEBHOOK_EVENT.c.organization,
    WEBHOOK_EVENT.c.company,
    WEBHOOK_EVENT.c.type,
    WEBHOOK_EVENT.c.subject,
    WEBHOOK_EVENT.c.at.label("happened_at"),
).join(WEBHOOK_EVENT, WEBHOOK_EVENT.c.id == WEBHOOK_DELIVERY.c.event)


def _find(tx: Connection, id_: str) -> Delivery | None:
    row = tx.execute(_WHOLE.where(WEBHOOK_DELIVERY.c.id == id_)).one_or_none()
    return None if row is None else _view(row)


def _view(row: Row[tuple[object, ...]]) -> Delivery:
    return Delivery(
        id=row.id,
        event=ToldEvent(
            organization=row.organization,
            type=EventType(row.type),
            subject=row.subject,
            at=instant(row.happened_at),
            company=row.company,
        ),
        subscription=row.subscription,
        state=DeliveryState(row.status),
        attempts=msgspec.json.decode(row.tried, type=tuple[DeliveryAttempt, ...]),
        next_at=instant(row.next_at) if row.next_at else None,
        error=row.error or "",
        at=instant(row.at),
    )
