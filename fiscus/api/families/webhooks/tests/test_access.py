"""Who may call: tokens, API keys as Bearer and as Basic, roles."""

from typing import Any

import pytest

from fiscus.api.families.webhooks.access import key_and_secret
from fiscus.api.families.webhooks.tests.subscriber import Subscriber, a_subscription, basic
from fiscus.registry.roles import Role
from fiscus.webhooks.tests.receiver import Receiver
from tests.support.premises import Premises
from tests.support.till import Till

KEY, SECRET = "k" * 34, "s" * 43


def api_key(shop: Till) -> str:
    key, secret = shop.credentials
    return f"{key.removeprefix('test_')}{secret}"


@pytest.mark.parametrize("prefix", ["", "of_test_prt_", "ofk_platform_"])
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "Basic", "pair"])
def test_a_key_in_one_word_opens_as_bearer_and_as_the_user_of_basic(
    premises: Premises, shop: Till, scheme: str, prefix: str
) -> None:
    said = prefix + api_key(shop)
    headers = {"Basic": basic(said), "pair": basic(*shop.credentials)}
    subscriber = Subscriber(premises.http, headers.get(scheme, f"{scheme} {said}"))

    assert subscriber.data("GET") == []


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer nothing",
        f"Bearer {KEY}{SECRET}",
        basic(KEY + SECRET),
        basic(f"test_{KEY}", SECRET),
        "Basic ???",
        "Basic Zm9v",
        f"Digest {KEY}{SECRET}",
    ],
)
def test_what_proves_nobody_is_refused_alike(premises: Premises, authorization: str) -> None:
    answer = Subscriber(premises.http, authorization).send("GET")

    assert (answer.status_code, answer.json()["type"]) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize(
    ("scheme", "said", "expected"),
    [
        ("bearer", KEY + SECRET, (f"test_{KEY}", SECRET)),
        ("bearer", f"of_test_deu_{KEY}{SECRET}", (f"test_{KEY}", SECRET)),
        ("bearer", KEY + SECRET[1:], None),
        ("basic", "", None),
        ("basic", basic(KEY + SECRET).removeprefix("Basic "), (f"test_{KEY}", SECRET)),
        ("basic", basic("a", "b:c").removeprefix("Basic "), ("a", "b:c")),
        ("basic", "5Q==", None),
    ],
)
def test_a_credential_is_read_or_is_none(scheme: str, said: str, expected: Any) -> None:
    assert key_and_secret(scheme, said, "test") == expected


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [
        (Role.MANAGER, 200, 200),
        (Role.CONNECTOR, 200, 200),
        (Role.TILL, 403, 403),
        (Role.AUDITOR, 403, 403),
    ],
)
def test_the_role_of_a_key_says_what_it_may(
    premises: Premises, shop: Till, receiver: Receiver, role: Role, reads: int, writes: int
) -> None:
    group = premises.group()
    group.scope = shop.organization
    made = group.made("/subjects", {"type": "API_KEY", "name": role, "role": role})
    key = made["credentials"]
    subscriber = Subscriber(premises.http, basic(key["key"], key["secret"]))
    type_ = "v1.export-job.created" if role is Role.CONNECTOR else "record.sealed"

    assert subscriber.send("GET").status_code == reads
    assert subscriber.send("POST", "", a_subscription(receiver.url, type_)).status_code == writes


def test_a_connector_is_not_told_of_what_it_may_not_read(
    premises: Premises, shop: Till, receiver: Receiver
) -> None:
    group = premises.group()
    group.scope = shop.organization
    made = group.made("/subjects", {"type": "API_KEY", "name": "books", "role": Role.CONNECTOR})
    key = made["credentials"]
    subscriber = Subscriber(premises.http, basic(key["key"], key["secret"]))

    answer = subscriber.send("POST", "", a_subscription(receiver.url, "record.sealed"))

    assert answer.status_code == 400
    assert "WEBHOOK-TYPE-04" in answer.json()["message"]
