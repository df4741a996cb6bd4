"""Subscriptions over HTTP, from the first call to a message that the scheme's library accepts."""

import json
from typing import Any
from uuid import uuid4

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from fiscus.api.families.webhooks.tests.subscriber import Subscriber, a_subscription
from fiscus.webhooks.tests.receiver import Receiver
from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Till


def verified(secret: str, receiver: Receiver, premises: Premises, index: int = -1) -> Any:
    """What the library of the scheme's makers reads; its own look at the clock is left out, the
    story has a clock of its own."""
    request = receiver.received[index]
    library = Webhook(secret)
    at = premises.clock.now
    assert int(request.headers["webhook-timestamp"]) == int(at.timestamp())
    signature = library.sign(request.headers["webhook-id"], at, request.body.decode())
    if signature not in request.headers["webhook-signature"].split(" "):
        raise WebhookVerificationError("No matching signature found")
    return json.loads(request.body)


def test_a_sale_reaches_its_subscriber_as_the_get_of_its_family_shows_it(
    premises: Premises, shop: Till, subscriber: Subscriber, receiver: Receiver
) -> None:
    made = subscriber.made(receiver.url)
    secret = subscriber.data("GET", f"/{made['id']}/secret")["secretKey"]

    sale = shop.sells(words.receipt())
    premises.work()

    said = verified(secret, receiver, premises)
    shown = shop.page(f"/records/{sale['id']}")
    assert (said["type"], said["data"]) == ("record.sealed", shown)
    assert said["payload"] == {
        "data": said["data"],
        "eventId": said["eventId"],
        "eventType": "record.sealed",
    }
    assert receiver.received[-1].headers["webhook-id"] == f"msg_{said['eventId'].replace('-', '')}"
    premises.assert_proved()


def test_a_subscription_is_read_replaced_and_deleted(
    premises: Premises, subscriber: Subscriber, receiver: Receiver
) -> None:
    made = subscriber.made(receiver.url, "record.sealed", "export.failed")
    path = f"/{made['id']}"

    assert made["eventTypes"] == ["record.sealed", "export.failed"]
    assert subscriber.data("GET", path) == made
    assert subscriber.data("GET") == [made]
    premises.clock.move(minutes=1)
    changed = subscriber.data(
        "PUT", path, a_subscription(receiver.url, "closing.completed", status="INACTIVE")
    )
    assert (changed["eventTypes"], changed["status"]) == (["closing.completed"], "INACTIVE")
    assert changed["createdAt"] == made["createdAt"] != changed["updatedAt"]
    assert subscriber.send("DELETE", path).status_code == 204
    assert subscriber.send("DELETE", path).status_code == 404
    assert subscriber.send("GET", path).status_code == 404
    assert subscriber.data("GET") == []
    activities = subscriber.data("GET", f"{path}/activities")
    assert [one["operationType"] for one in activities] == ["CREATE", "UPDATE", "DELETE"]
    assert all(one["actorUrn"].startswith("urn:fiscus:key:") for one in activities)
    only = subscriber.data("GET", f"{path}/activities?operation_types=CREATE,DELETE")
    assert [one["operationType"] for one in only] == ["CREATE", "DELETE"]
    premises.assert_proved()


def test_while_a_secret_is_rotated_both_sign_and_afterwards_the_new_one_alone(
    premises: Premises, shop: Till, subscriber: Subscriber, receiver: Receiver
) -> None:
    made = subscriber.made(receiver.url)
    path = f"/{made['id']}/secret"
    old = subscriber.data("GET", path)["secretKey"]
    new = subscriber.data("POST", f"{path}:rotate", {"previousSeconds": 60})["secretKey"]
    assert subscriber.data("GET", path)["secretKey"] == new != old

    shop.sells(words.receipt())
    premises.work()
    verified(old, receiver, premises)
    verified(new, receiver, premises)
    premises.clock.move(seconds=60)
    shop.sells(words.receipt())
    premises.work()
    verified(new, receiver, premises)
    with pytest.raises(WebhookVerificationError):
        verified(old, receiver, premises)


def test_a_rotation_without_a_body_lets_the_secret_before_sign_for_a_day(
    premises: Premises, subscriber: Subscriber, receiver: Receiver
) -> None:
    made = subscriber.made(receiver.url)

    rotated = subscriber.data("POST", f"/{made['id']}/secret:rotate")

    assert rotated["previousUntil"] == "2026-11-17T09:00:00Z"


def test_failed_deliveries_are_listed_with_their_attempts_and_can_be_made_again(
    premises: Premises, shop: Till, subscriber: Subscriber, receiver: Receiver
) -> None:
    receiver.statuses = [500, 302, 204]
    made = subscriber.made(receiver.url)
    path = f"/{made['id']}/deliveries"
    shop.sells(words.receipt())
    premises.work()

    [waiting] = subscriber.data("GET", path)
    assert waiting["status"] == "PENDING"
    assert [one["status"] for one in waiting["attempts"]] == [500]
    refused = subscriber.send("POST", f"{path}/{waiting['id']}/redeliver")
    assert (refused.status_code, refused.json()["type"]) == (409, "CONFLICT")
    premises.clock.move(seconds=5)
    premises.work()
    premises.clock.move(minutes=5)
    premises.work()
    [done] = subscriber.data("GET", f"{path}?status=DELIVERED")
    assert [one["status"] for one in done["attempts"]] == [500, 302, 204]
    assert {one.path for one in receiver.received} == {"/hook"}
    assert subscriber.data("GET", f"{path}?status=FAILED") == []

    again = subscriber.data("POST", f"{path}/{done['id']}/redeliver", status=202)
    assert again["status"] == "PENDING"
    premises.work()
    ended = subscriber.data("GET", f"{path}/{done['id']}")
    assert (ended["status"], len(ended["attempts"])) == ("DELIVERED", 4)
    assert len({one.headers["webhook-id"] for one in receiver.received}) == 1


def test_credentials_of_an_endpoint_are_sent_and_never_shown(
    premises: Premises, shop: Till, subscriber: Subscriber, receiver: Receiver
) -> None:
    auth = {"type": "BASIC", "credentials": {"username": "fiscus", "password": "Hc7-canary"}}
    made = subscriber.made(receiver.url, endpointAuth=auth, customHeaders={"X-Tenant": "7"})

    assert made["endpointAuth"] == {"type": "BASIC", "credentials": {"username": "fiscus"}}
    assert made["customHeaders"] == {"X-Tenant": "7"}
    said_again = a_subscription(
        receiver.url, endpointAuth=made["endpointAuth"], customHeaders=made["customHeaders"]
    )
    subscriber.data("PUT", f"/{made['id']}", said_again)
    shop.sells(words.receipt())
    premises.work()
    headers = receiver.received[-1].headers
    assert headers["authorization"] == "Basic ZmlzY3VzOkhjNy1jYW5hcnk="
    assert headers["x-tenant"] == "7"


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ({}, ["endpointUrl", "eventTypes"]),
        (a_subscription("http://ledger.example/"), ["endpointUrl"]),
        (a_subscription("https://10.0.0.7/"), ["endpointUrl"]),
        (a_subscription("https://user@ledger.example/"), ["endpointUrl"]),
        (a_subscription("https://ledger.example/", "x", "record.sealed"), ["eventTypes[0]"]),
        (a_subscription("https://ledger.example/", "x", "x"), ["eventTypes"]),
        (a_subscription("https://ledger.example/", "export-job.created"), ["eventTypes[0]"]),
        (
            a_subscription("ftp://x/", "nothing", customHeaders={"Host": "x", "A": "ä"}),
            ["endpointUrl", "eventTypes[0]", "customHeaders.Host", "customHeaders.A"],
        ),
        (a_subscription("https://x.example/", endpointAuth={"type": "BASIC"}), ["endpointAuth"]),
        (a_subscription("https://x.example/", more=1), ["more"]),
    ],
)
def test_all_that_is_wrong_is_said_at_once_in_the_callers_words(
    subscriber: Subscriber, body: Any, places: list[str]
) -> None:
    answer = subscriber.send("POST", "", body)

    assert (answer.status_code, answer.json()["type"]) == (400, "BAD_REQUEST")
    assert all(place in answer.json()["message"] for place in places)
    assert answer.json()["message"].count("WEBHOOK-") == len(places)


def test_one_shop_neither_sees_nor_hears_of_another(
    premises: Premises, subscriber: Subscriber, receiver: Receiver
) -> None:
    made = subscriber.made(receiver.url)
    stranger_shop = premises.unit("B").opens_shop()
    stranger = Subscriber(premises.http, f"Bearer {stranger_shop.bearer}")
    stranger_shop.sells(words.receipt())
    premises.work()

    assert receiver.received == []
    for method, rest in (
        ("GET", ""),
        ("DELETE", ""),
        ("PUT", ""),
        ("GET", "/secret"),
        ("POST", "/secret:rotate"),
        ("GET", "/activities"),
        ("GET", "/deliveries"),
        ("GET", f"/deliveries/{uuid4()}"),
        ("POST", f"/deliveries/{uuid4()}/redeliver"),
    ):
        body = a_subscription("https://x.example/") if method == "PUT" else None
        here = stranger.send(method, f"/{made['id']}{rest}", body)
        nowhere = stranger.send(method, f"/{uuid4()}{rest}", body)
        assert (here.status_code, here.json()) == (404, nowhere.json())
    assert subscriber.data("GET", f"/{made['id']}") == made


def test_a_company_is_one_that_the_key_reaches(
    premises: Premises, shop: Till, subscriber: Subscriber, receiver: Receiver
) -> None:
    stranger = premises.unit("B").opens_shop()

    answer = subscriber.send("POST", "", a_subscription(receiver.url, companyId=stranger.taxpayer))
    made = subscriber.made(receiver.url, companyId=shop.taxpayer)

    assert (answer.status_code, answer.json()["type"]) == (400, "BAD_REQUEST")
    assert made["companyId"] == shop.taxpayer


def test_the_same_key_makes_one_subscription(subscriber: Subscriber, receiver: Receiver) -> None:
    first, again = (
        subscriber.send("POST", "", a_subscription(receiver.url), Idempotency_Key="k")
        for _ in range(2)
    )

    assert first.json() == again.json()
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(subscriber.data("GET")) == 1


def test_an_organization_has_fifty_subscriptions_and_no_more(
    subscriber: Subscriber, receiver: Receiver
) -> None:
    for _ in range(50):
        subscriber.made(receiver.url)

    assert subscriber.send("POST", "", a_subscription(receiver.url)).status_code == 400
    [one, *_] = subscriber.data("GET", "?limit=100")
    assert subscriber.send("DELETE", f"/{one['id']}").status_code == 204
    subscriber.made(receiver.url)
