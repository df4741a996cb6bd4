"""Subscriptions: what is stored and stated of them, and what is not."""

import os
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from fiscus.model.faults import Conflict, Corrupt, Missing, Refused
from fiscus.registry import versions
from fiscus.store.connect import reading, writing
from fiscus.store.schema import ENTRY
from fiscus.store.webhook_schema import WEBHOOK_SUBSCRIPTION
from fiscus.webhooks import subscriptions, targets
from fiscus.webhooks.states import SubscriptionStatus
from fiscus.webhooks.subscriptions import (
    BAD_CREDENTIALS,
    BAD_HEADER,
    OUR_HEADER,
    AuthKind,
    EndpointAuth,
    Subscription,
)
from fiscus.webhooks.tests.told import Town, ids

URL = "https://ledger.example/hook"
CANARY = "canary-5e1f"


@pytest.fixture
def town(engine: Engine) -> Town:
    return Town(engine, targets.allowed(""))


def changed(town: Town, now: Subscription, **said: Any) -> Subscription:
    with writing(town.engine) as tx:
        return subscriptions.update(
            tx,
            town.vault,
            now,
            town.wanted(said.pop("url", URL), *said.pop("types", ()), **said),
            private=town.private,
            by="a test",
            at=town.now,
        )


def opened(town: Town, of: Subscription) -> subscriptions.SigningSecrets:
    with reading(town.engine) as tx:
        return subscriptions.secrets(tx, town.vault, of)


def test_every_change_is_stated_and_the_verifier_finds_the_rows_as_stated(town: Town) -> None:
    made = town.subscribe(URL)
    made = changed(town, made, types=("export.failed",))
    with writing(town.engine) as tx:
        made = subscriptions.rotate(
            tx, town.vault, made, entropy=os.urandom, by="a test", at=town.now
        )
        subscriptions.delete(tx, made, by="a test", at=town.now)

    with reading(town.engine) as tx:
        told = [(one.operation, one.by) for one in subscriptions.activities(tx, made.id)]
        texts = [one.description for one in subscriptions.activities(tx, made.id)]
        versions.expect_stated(tx, WEBHOOK_SUBSCRIPTION, made.id)
    assert told == [(word, "a test") for word in ("CREATE", "UPDATE", "UPDATE", "DELETE")]
    assert texts[1:3] == ["Changed: event types.", "The signing secret was rotated."]


def test_an_endpoint_that_was_exchanged_with_sql_is_found(town: Town) -> None:
    made = town.subscribe(URL)
    with writing(town.engine) as tx:
        tx.execute(WEBHOOK_SUBSCRIPTION.update().values(endpoint_url="https://thief.example/"))

    with reading(town.engine) as tx, pytest.raises(Corrupt):
        versions.expect_stated(tx, WEBHOOK_SUBSCRIPTION, made.id)


def test_no_secret_stands_in_the_row_or_in_the_journal(town: Town) -> None:
    auth = EndpointAuth(kind=AuthKind.BASIC, username="u", password=CANARY)
    made = town.subscribe(URL, auth=auth, headers={"X-Key": CANARY})
    secret = opened(town, made).secret

    with reading(town.engine) as tx:
        rows = [str(row._asdict()) for row in tx.execute(select(WEBHOOK_SUBSCRIPTION))]
        bodies = [bytes(body) for body in tx.scalars(select(ENTRY.c.body))]
    for canary in (CANARY, secret, secret.removeprefix("whsec_")):
        assert not any(canary in row for row in rows)
        assert not any(canary.encode() in body for body in bodies)
    with writing(town.engine) as tx:
        subscriptions.delete(tx, made, by="a test", at=town.now)
        assert tx.scalar(select(WEBHOOK_SUBSCRIPTION.c.secrets)) is None


def test_secrets_of_one_subscription_do_not_open_as_those_of_another(town: Town) -> None:
    one, other = town.subscribe(URL), town.subscribe(URL)
    table = WEBHOOK_SUBSCRIPTION
    with writing(town.engine) as tx:
        stolen = tx.scalar(select(table.c.secrets).where(table.c.id == one.id))
        tx.execute(table.update().where(table.c.id == other.id).values(secrets=stolen))

    with pytest.raises(Corrupt):
        opened(town, other)


def test_a_secret_survives_what_is_said_again_and_each_rotation_makes_another(town: Town) -> None:
    made = town.subscribe(URL)
    first = opened(town, made)
    made = changed(town, made, headers={"A": "b"})
    assert opened(town, made).secret == first.secret

    for _ in range(2):
        with writing(town.engine) as tx:
            made = subscriptions.rotate(
                tx, town.vault, made, entropy=os.urandom, by="a test", at=town.now
            )
    last = opened(town, made)
    assert len({first.secret, last.previous, last.secret}) == 3
    assert last.headers == {"A": "b"}
    until = town.now + subscriptions.PREVIOUS_LIFE
    just_before = until - timedelta(microseconds=1)
    assert subscriptions.good_secrets(made, last, just_before) == (last.secret, last.previous)
    assert subscriptions.good_secrets(made, last, until) == (last.secret,)


def test_a_change_that_meets_another_is_a_conflict(town: Town) -> None:
    made = town.subscribe(URL)
    changed(town, made)

    with pytest.raises(Conflict):
        changed(town, made)
    with writing(town.engine) as tx:
        subscriptions.delete(tx, subscriptions.read(tx, town.unit, made.id), by="x", at=town.now)
        with pytest.raises(Missing):
            subscriptions.secrets(tx, town.vault, made)


@pytest.mark.parametrize(
    ("said", "password"),
    [
        (EndpointAuth(kind=AuthKind.BASIC, username="u"), "p"),
        (EndpointAuth(kind=AuthKind.BASIC, username="u", password="q"), "q"),
        (EndpointAuth(), ""),
    ],
)
def test_credentials_without_a_password_are_those_that_are_there(
    town: Town, said: EndpointAuth, password: str
) -> None:
    made = town.subscribe(URL, auth=EndpointAuth(kind=AuthKind.BASIC, username="u", password="p"))

    assert opened(town, changed(town, made, auth=said)).auth.password == password


def test_the_password_of_one_user_is_not_taken_for_another(town: Town) -> None:
    made = town.subscribe(URL, auth=EndpointAuth(kind=AuthKind.BASIC, username="u", password="p"))

    with pytest.raises(Refused) as refused:
        changed(town, made, auth=EndpointAuth(kind=AuthKind.BASIC, username="v"))
    assert refused.value.code.id == BAD_CREDENTIALS.id


def test_a_token_is_kept_too(town: Town) -> None:
    made = town.subscribe(URL, auth=EndpointAuth(kind=AuthKind.BASIC, token="t"))

    made = changed(town, made, auth=EndpointAuth(kind=AuthKind.BASIC))

    assert opened(town, made).auth.token == "t"


@pytest.mark.parametrize(
    "auth",
    [
        EndpointAuth(kind=AuthKind.BASIC),
        EndpointAuth(kind=AuthKind.BASIC, username="u"),
        EndpointAuth(kind=AuthKind.BASIC, password="p"),
        EndpointAuth(kind=AuthKind.BASIC, username="u:v", password="p"),
        EndpointAuth(kind=AuthKind.BASIC, username="u", password="p", token="t"),
        EndpointAuth(kind=AuthKind.BASIC, token="t\r\nX: y"),
        EndpointAuth(username="u"),
        EndpointAuth(token="t"),
    ],
)
def test_credentials_that_cannot_be_sent_are_refused(town: Town, auth: EndpointAuth) -> None:
    with pytest.raises(Refused) as refused:
        town.subscribe(URL, auth=auth)

    assert refused.value.code.id == BAD_CREDENTIALS.id


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("Host", "x", OUR_HEADER),
        ("content-type", "x", OUR_HEADER),
        ("Content-Length", "0", OUR_HEADER),
        ("Transfer-Encoding", "chunked", OUR_HEADER),
        ("Connection", "x", OUR_HEADER),
        ("Proxy-Authorization", "x", OUR_HEADER),
        ("webhook-signature", "x", OUR_HEADER),
        ("Webhook-Id", "x", OUR_HEADER),
        ("", "x", BAD_HEADER),
        ("A B", "x", BAD_HEADER),
        ("A:", "x", BAD_HEADER),
        ("A", "", BAD_HEADER),
        ("A", "x\r\nHost: y", BAD_HEADER),
        ("A", " x", BAD_HEADER),
        ("A", "ä", BAD_HEADER),
        ("A", "x" * 1001, BAD_HEADER),
        ("A" * 101, "x", BAD_HEADER),
    ],
)
def test_headers_that_are_ours_or_none_are_refused(
    town: Town, name: str, value: str, code: Any
) -> None:
    with pytest.raises(Refused) as refused:
        town.subscribe(URL, headers={name: value})

    assert refused.value.code.id == code.id
    assert refused.value.faults[0].paths == (f"headers.{name[:100]}",)


def test_an_own_authorization_is_for_who_has_no_credentials(town: Town) -> None:
    headers = {"Authorization": "Key 7", "A" * 100: "x" * 1000, "Hosts": "y"}
    assert town.subscribe(URL, headers=headers)

    with pytest.raises(Refused) as refused:
        town.subscribe(URL, headers=headers, auth=EndpointAuth(kind=AuthKind.BASIC, token="t"))
    assert refused.value.code.id == OUR_HEADER.id


def test_lists_are_of_one_organization_and_leave_out_what_was_deleted(town: Town) -> None:
    one = town.subscribe(URL, "record.sealed", "export.failed")
    off = town.subscribe(URL, status=SubscriptionStatus.INACTIVE)
    town.subscribe(URL, organization=town.account)
    gone = town.subscribe(URL)
    with writing(town.engine) as tx:
        subscriptions.delete(tx, gone, by="a test", at=town.now)

        def listed(**more: Any) -> set[str]:
            return {found.id for found in subscriptions.of(tx, town.unit, **more)}

        assert listed() == {one.id, off.id}
        assert listed(status=SubscriptionStatus.INACTIVE) == {off.id}
        assert listed(types=("export.failed", "export.completed")) == {one.id}
        assert listed(types=("export.completed",)) == set()
        assert listed(after=max(one.id, off.id)) == set()
        assert len(listed(limit=1)) == 1
        with pytest.raises(Missing):
            subscriptions.read(tx, town.unit, gone.id)
        with pytest.raises(Missing):
            subscriptions.read(tx, town.account, one.id)
        with pytest.raises(Missing):
            subscriptions.read(tx, town.unit, ids())
        assert subscriptions.find(tx, ids()) is None


def test_a_company_that_is_not_there_is_missing(town: Town) -> None:
    with pytest.raises(Missing):
        town.subscribe(URL, company=ids())
