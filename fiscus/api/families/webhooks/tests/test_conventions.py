"""What every request of this family passes: headers, paths, bodies."""

import pytest

from fiscus.api.families.webhooks.tests.subscriber import Subscriber, a_subscription

URL = "https://ledger.example/hook"


def test_every_answer_names_its_request_and_its_charset(subscriber: Subscriber) -> None:
    for answer in (subscriber.send("GET"), subscriber.send("GET", "/x")):
        assert answer.headers["content-type"] == "application/json;charset=UTF-8"
        assert len(answer.headers["X-Request-Id"]) == 36


@pytest.mark.parametrize("path", ["/x", "/1234", "/0196a1f0-5d0c-7a0e-9c55-9a4a5f3d2b1"])
def test_an_id_that_is_none_is_a_malformed_request(subscriber: Subscriber, path: str) -> None:
    answer = subscriber.send("GET", path)

    assert (answer.status_code, answer.json()["type"]) == (400, "BAD_REQUEST")
    assert "subscription_id" in answer.json()["message"]


@pytest.mark.parametrize("path", ["/", "/a/b", "/a/secret:other"])
def test_what_is_not_there_is_not_found_in_this_familys_words(
    subscriber: Subscriber, path: str
) -> None:
    answer = subscriber.send("GET", path)

    assert (answer.status_code, answer.json()["type"]) == (404, "NOT_FOUND")


def test_an_id_in_capitals_is_the_same(subscriber: Subscriber) -> None:
    made = subscriber.made(URL)

    assert subscriber.data("GET", f"/{made['id'].upper()}") == made


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"endpointUrl":"https://x.example/\\u0000"}', b"[" * 100, b'"x"']
)
def test_a_body_that_says_nothing_is_refused(subscriber: Subscriber, body: bytes) -> None:
    answer = subscriber.http.post(
        "/v1/subscriptions", headers={"Authorization": subscriber.authorization}, content=body
    )

    assert (answer.status_code, answer.json()["type"]) == (400, "BAD_REQUEST")


def test_a_body_may_be_64_kib_and_no_more(subscriber: Subscriber) -> None:
    body = b'{"x":"' + b"a" * 65_536 + b'"}'
    answer = subscriber.http.post(
        "/v1/subscriptions", headers={"Authorization": subscriber.authorization}, content=body
    )

    assert answer.status_code == 400
    assert "WEBHOOK-BODY-03" in answer.json()["message"]


@pytest.mark.parametrize("key", ["", "ä", "x" * 256])
def test_an_idempotency_key_of_another_form_is_refused(subscriber: Subscriber, key: str) -> None:
    headers = {
        b"Authorization": subscriber.authorization.encode(),
        b"Idempotency-Key": key.encode(),
    }
    answer = subscriber.http.post("/v1/subscriptions", headers=headers, json=a_subscription(URL))

    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["message"]


def test_a_key_that_was_used_with_another_request_is_a_conflict(subscriber: Subscriber) -> None:
    first = subscriber.send("POST", "", a_subscription(URL), Idempotency_Key="k")
    other = subscriber.send("POST", "", a_subscription(URL + "2"), Idempotency_Key="k")

    assert (first.status_code, other.status_code) == (200, 409)
