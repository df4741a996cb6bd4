"""Deliveries to a real server, which checks them with the library of the scheme's own makers."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select
from standardwebhooks import Webhook, WebhookVerificationError

from fiscus.model.faults import Conflict, Missing
from fiscus.model.times import micros_z
from fiscus.store.connect import reading, writing
from fiscus.store.schema import TASK
from fiscus.store.webhook_schema import WEBHOOK_EVENT
from fiscus.webhooks import deliveries, subscriptions, targets
from fiscus.webhooks.deliveries import RETRIES
from fiscus.webhooks.sending import OutgoingRequest, WebhookSender
from fiscus.webhooks.states import MOVES, DeliveryState, SubscriptionStatus
from fiscus.webhooks.subscriptions import AuthKind, EndpointAuth, Subscription
from fiscus.webhooks.tests.receiver import Receiver, listening
from fiscus.webhooks.tests.told import START, Town, ids


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as found:
        yield found


@pytest.fixture
def town(engine: Engine, receiver: Receiver) -> Town:
    return Town(engine, targets.allowed(f"127.0.0.1:{receiver.port}"))


def state(town: Town, of: Subscription) -> DeliveryState:
    [delivery] = town.deliveries(of)
    return delivery.state


def test_a_receiver_verifies_what_it_is_sent(town: Town, receiver: Receiver) -> None:
    town.now = datetime.now(UTC)  # the library compares with the clock on the wall
    told = town.subscribe(receiver.url)
    town.happens()

    assert town.works() == 1

    [request] = receiver.received
    said = Webhook(town.secret(told)).verify(request.body, request.headers)
    assert said["data"] == {"id": "the subject"}
    with pytest.raises(WebhookVerificationError):
        Webhook(town.secret(told)).verify(request.body + b" ", request.headers)


@pytest.mark.parametrize("off", [timedelta(minutes=5, seconds=2), timedelta(minutes=-6)])
def test_a_message_that_is_sent_again_outside_five_minutes_is_refused_by_its_receiver(
    town: Town, receiver: Receiver, off: timedelta
) -> None:
    town.now = datetime.now(UTC) - off
    told = town.subscribe(receiver.url)
    town.happens()
    town.works()

    [request] = receiver.received
    with pytest.raises(WebhookVerificationError, match="timestamp"):
        Webhook(town.secret(told)).verify(request.body, request.headers)


def test_a_body_has_both_forms_that_readers_know(town: Town, receiver: Receiver) -> None:
    town.subscribe(receiver.url)
    town.happens()
    town.works()

    [request] = receiver.received
    [told] = [json.loads(request.body)]
    event_id = told["eventId"]
    told_of = {
        "data": {"id": "the subject"},
        "eventId": event_id,
        "eventType": "record.sealed",
    }
    assert told == {
        "type": "record.sealed",
        "timestamp": "2026-05-04T08:15:01.123456Z",
        **told_of,
        "payload": told_of,
    }
    assert list(told) == ["type", "timestamp", "data", "eventId", "eventType", "payload"]
    assert request.headers["webhook-id"] == "msg_" + event_id.replace("-", "")
    assert request.headers["webhook-timestamp"] == str(int(START.timestamp()))
    assert request.headers["content-type"] == "application/json"


def test_what_is_not_taken_is_tried_eight_times_more_over_three_days(
    town: Town, receiver: Receiver
) -> None:
    receiver.statuses = [503]
    told = town.subscribe(receiver.url)
    town.happens()
    town.works()
    for wait in RETRIES:
        town.now += wait - timedelta(microseconds=1)
        assert town.works() == 0
        town.now += timedelta(microseconds=1)
        assert town.works() == 1

    [delivery] = town.deliveries(told)
    assert (delivery.state, delivery.next_at) == (DeliveryState.FAILED, None)
    assert delivery.error == "the endpoint answered 503"
    assert [one.status for one in delivery.attempts] == [503] * 9
    assert timedelta(days=2, hours=23) < town.now - START <= timedelta(days=3)
    town.later(days=9)
    assert town.works() == 0
    assert len({one.headers["webhook-id"] for one in receiver.received}) == 1
    assert len({one.headers["webhook-timestamp"] for one in receiver.received}) == 9
    assert len({one.body for one in receiver.received}) == 1


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, DeliveryState.DELIVERED),
        (202, DeliveryState.DELIVERED),
        (299, DeliveryState.DELIVERED),
        (300, DeliveryState.PENDING),
        (301, DeliveryState.PENDING),
        (304, DeliveryState.PENDING),
        (400, DeliveryState.PENDING),
        (404, DeliveryState.PENDING),
        (410, DeliveryState.PENDING),
        (500, DeliveryState.PENDING),
    ],
)
def test_only_an_answer_of_the_two_hundreds_takes_it(
    town: Town, receiver: Receiver, status: int, expected: DeliveryState
) -> None:
    receiver.statuses = [status]
    told = town.subscribe(receiver.url)
    town.happens()
    town.works()

    assert state(town, told) is expected
    assert [one.path for one in receiver.received] == ["/hook"]


def test_an_endpoint_that_is_not_there_is_tried_again(town: Town, receiver: Receiver) -> None:
    with listening() as other:
        port = other.port
    town.private = targets.allowed(f"127.0.0.1:{port}")
    sender = WebhookSender(private=town.private, connect_seconds=1, seconds=1)
    town.services = replace(town.services, send=sender.send)
    told = town.subscribe(f"http://127.0.0.1:{port}/hook")
    town.happens()
    town.works()

    [delivery] = town.deliveries(told)
    assert delivery.state is DeliveryState.PENDING
    assert delivery.next_at == START + RETRIES[0]
    assert delivery.error == "no connection (ConnectionRefusedError)"
    assert [one.status for one in delivery.attempts] == [0]


def test_whoever_was_deleted_or_switched_off_meanwhile_is_not_asked(
    town: Town, receiver: Receiver
) -> None:
    deleted, inactive = town.subscribe(receiver.url), town.subscribe(receiver.url)
    town.happens()
    with writing(town.engine) as tx:
        subscriptions.delete(tx, deleted, by="a test", at=town.now)
        subscriptions.update(
            tx,
            town.vault,
            inactive,
            town.wanted(receiver.url, status=SubscriptionStatus.INACTIVE),
            private=town.private,
            by="a test",
            at=town.now,
        )

    assert town.works() == 2
    assert receiver.received == []
    assert state(town, deleted) is state(town, inactive) is DeliveryState.DROPPED


def test_while_a_secret_is_rotated_both_sign(town: Town, receiver: Receiver) -> None:
    told = town.subscribe(receiver.url)
    old = town.secret(told)
    with writing(town.engine) as tx:
        told = subscriptions.rotate(
            tx, town.vault, told, entropy=lambda size: b"n" * size, by="a test", at=town.now
        )
    new = town.secret(told)

    def good() -> list[bool]:
        town.happens()
        town.works()
        request = receiver.received[-1]
        said = request.headers["webhook-signature"].split(" ")
        body = request.body.decode()
        signed = [
            Webhook(one).sign(request.headers["webhook-id"], town.now, body) for one in (new, old)
        ]
        assert set(said) <= set(signed)
        return [one in said for one in signed]

    assert good() == [True, True]
    town.later(hours=23, minutes=59, seconds=59)
    assert good() == [True, True]
    town.later(seconds=1)
    assert good() == [True, False]


@pytest.mark.parametrize(
    ("auth", "expected"),
    [
        (EndpointAuth(), None),
        (EndpointAuth(kind=AuthKind.BASIC, username="u", password="p:ä"), "Basic dTpwOsOk"),
        (EndpointAuth(kind=AuthKind.BASIC, token="t0k"), "Bearer t0k"),
    ],
)
def test_an_endpoint_gets_its_credentials_and_headers(
    town: Town, receiver: Receiver, auth: EndpointAuth, expected: str | None
) -> None:
    town.subscribe(receiver.url, auth=auth, headers={"X-Tenant": "7"})
    town.happens()
    town.works()

    [request] = receiver.received
    assert request.headers.get("authorization") == expected
    assert request.headers["x-tenant"] == "7"


def test_a_caller_may_have_it_delivered_again(town: Town, receiver: Receiver) -> None:
    receiver.statuses = [500]
    told = town.subscribe(receiver.url)
    town.happens()
    town.works()
    [delivery] = town.deliveries(told)
    with writing(town.engine) as tx, pytest.raises(Conflict):
        deliveries.redeliver(tx, told, delivery.id, town.now)
    for wait in RETRIES:
        town.now += wait
        town.works()

    receiver.statuses = [500, 204]
    with writing(town.engine) as tx:
        again = deliveries.redeliver(tx, told, delivery.id, town.now)
    assert (again.state, again.next_at, again.error) == (DeliveryState.PENDING, town.now, "")
    assert town.works() == 1
    town.now += RETRIES[0]
    assert town.works() == 1
    [done] = town.deliveries(told)
    assert (done.state, len(done.attempts)) == (DeliveryState.DELIVERED, 11)
    assert len({one.headers["webhook-id"] for one in receiver.received}) == 1


def test_nothing_is_delivered_again_to_who_is_switched_off_or_is_another(
    town: Town, receiver: Receiver
) -> None:
    told, other = town.subscribe(receiver.url), town.subscribe(receiver.url, "export.failed")
    town.happens()
    town.works()
    [delivery] = town.deliveries(told)
    with writing(town.engine) as tx:
        off = subscriptions.update(
            tx,
            town.vault,
            told,
            town.wanted(receiver.url, status=SubscriptionStatus.INACTIVE),
            private=town.private,
            by="a test",
            at=town.now,
        )

        with pytest.raises(Conflict):
            deliveries.redeliver(tx, off, delivery.id, town.now)
        with pytest.raises(Missing):
            deliveries.redeliver(tx, other, delivery.id, town.now)
        with pytest.raises(Missing):
            deliveries.read(tx, told, ids())


def test_what_fails_here_again_and_again_is_given_up_and_says_why(
    town: Town, receiver: Receiver
) -> None:
    def broken(tx: object, event: object) -> object:
        raise ValueError("no such thing")

    town.services = replace(town.services, render=broken)
    told = town.subscribe(receiver.url)
    town.happens()
    for _ in range(10):
        town.works()
        town.later(minutes=10)

    [delivery] = town.deliveries(told)
    assert delivery.state is DeliveryState.FAILED
    assert delivery.error == "ValueError: no such thing"
    assert receiver.received == []
    with reading(town.engine) as tx:
        assert tx.execute(select(func.count()).select_from(TASK)).scalar_one() == 0


def test_what_was_given_up_here_is_delivered_again_once_it_is_mended(
    town: Town, receiver: Receiver
) -> None:
    whole, told = town.services, town.subscribe(receiver.url)

    def broken(tx: object, event: object) -> object:
        raise ValueError("no such thing")

    town.services = replace(whole, render=broken)
    town.happens()
    for _ in range(10):
        town.works()
        town.later(minutes=10)
    town.services = whole
    [delivery] = town.deliveries(told)

    with writing(town.engine) as tx:
        deliveries.redeliver(tx, told, delivery.id, town.now)

    assert town.works() == 1
    assert state(town, told) is DeliveryState.DELIVERED
    with reading(town.engine) as tx:
        assert tx.execute(select(func.count()).select_from(TASK)).scalar_one() == 0


def test_the_task_of_a_later_attempt_is_made_now_and_due_then(
    town: Town, receiver: Receiver
) -> None:
    receiver.statuses = [503]
    town.subscribe(receiver.url)
    town.happens()
    town.works()

    with reading(town.engine) as tx:
        [row] = tx.execute(select(TASK)).all()
    assert (row.created_at, row.due_at) == (micros_z(town.now), micros_z(town.now + RETRIES[0]))


def test_each_attempt_takes_the_turn_of_who_subscribed(town: Town, receiver: Receiver) -> None:
    """Of those below, in whose names things happen, nobody waits for its endpoint."""

    def turns() -> list[str]:
        with reading(town.engine) as tx:
            return list(tx.scalars(select(TASK.c.organization)))

    receiver.statuses = [503]
    told = town.subscribe(receiver.url, organization=town.account)
    town.happens()
    assert turns() == [town.account]
    town.works()
    assert turns() == [town.account]
    for wait in RETRIES:
        town.now += wait
        town.works()
    assert turns() == []

    [delivery] = town.deliveries(told)
    with writing(town.engine) as tx:
        deliveries.redeliver(tx, told, delivery.id, town.now)
    assert turns() == [town.account]


def test_an_endpoint_that_keeps_failing_gets_less_time_than_others(
    town: Town, receiver: Receiver
) -> None:
    """The others are told although it is asked again and again."""
    sent: list[tuple[str, bool]] = []

    def send(request: OutgoingRequest) -> int:
        sent.append((request.url, request.is_brief))
        return whole.send(request)

    whole = town.services
    town.services = replace(whole, send=send)
    town.subscribe(f"{receiver.url}/dead")
    receiver.statuses = [500] * 6 + [204]
    for _ in range(7):
        town.happens()
        assert town.works() == 1
        town.later(milliseconds=1)
    assert [is_brief for _, is_brief in sent] == [False] * 5 + [True] * 2

    town.subscribe(receiver.url)
    town.happens()
    town.works()
    assert {is_brief for _, is_brief in sent[7:]} == {False}
    assert {url for url, _ in sent[7:]} == {receiver.url, f"{receiver.url}/dead"}


def test_deliveries_are_listed_the_newest_first(town: Town, receiver: Receiver) -> None:
    told = town.subscribe(receiver.url)
    for _ in range(3):
        town.happens()
        town.later(seconds=1)

    found = town.deliveries(told)
    with reading(town.engine) as tx:
        rest = deliveries.of(tx, told.id, after=found[0].id, limit=1)
        none = deliveries.of(tx, told.id, limit=9, state=DeliveryState.FAILED)

    assert [one.at for one in found] == [START + timedelta(seconds=second) for second in (2, 1, 0)]
    assert rest == [found[1]]
    assert none == []


def test_what_is_old_is_forgotten_unless_it_is_under_way(town: Town, receiver: Receiver) -> None:
    told = town.subscribe(receiver.url)
    town.happens()
    town.works()
    town.later(seconds=1)
    town.happens()

    def swept(at: datetime) -> int:
        with writing(town.engine) as tx:
            return deliveries.sweep(tx, at)

    assert swept(START + deliveries.KEPT) == 0
    assert swept(START + deliveries.KEPT + timedelta(microseconds=1)) == 1
    assert swept(town.now + timedelta(days=99)) == 0
    assert len(town.deliveries(told)) == 1
    with reading(town.engine) as tx:
        assert tx.scalars(select(WEBHOOK_EVENT.c.at)).all() == [micros_z(town.now)]


def test_every_end_can_be_left_by_delivering_again_alone() -> None:
    ends = set(DeliveryState) - {DeliveryState.PENDING}

    assert MOVES[DeliveryState.PENDING] == ends
    assert all(MOVES[end] == {DeliveryState.PENDING} for end in ends)
