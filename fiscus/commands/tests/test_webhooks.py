"""`fiscus webhooks` as an operator meets it: endpoints, their secrets, and what they took."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fiscus.commands.tests.command_line import Told, fiscus, mode
from fiscus.commands.tests.places import place_of
from fiscus.journal import encode
from fiscus.model.kinds import StatementKind
from fiscus.store.connect import reading
from fiscus.store.schema import ENTRY
from fiscus.webhooks import subscriptions
from fiscus.webhooks.tests.receiver import Receiver, listening
from tests.support import words
from tests.support.premises import Model, Premises, continued, opened
from tests.support.till import Till

HOOK = "https://ledger.example/hook"
NOBODY = "01a1e395-0000-7000-8000-000000000000"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as found:
        yield found


@dataclass(frozen=True, kw_only=True)
class Operator:
    """Who types commands where there is a shop."""

    premises: Premises
    till: Till
    folder: Path

    def types(self, *arguments: str) -> Told:
        settings = self.premises.services.settings
        targets = {"webhook_private_targets": settings.webhook_private_targets}
        return fiscus("webhooks", *arguments, **place_of(self.premises), **targets)

    def prints(self, *arguments: str) -> str:
        told = self.types(*arguments)
        assert told.code == 0, told.error
        return told.out

    def asks(self, *arguments: str) -> Any:
        return json.loads(self.prints(*arguments, "--json"))

    def adds(self, url: str = HOOK, *more: str) -> Any:
        here = ("--organization", self.till.organization)
        return self.asks("add", url, "record.sealed", *here, *more)

    def shows(self, id_: str) -> Any:
        return json.loads(self.prints("show", id_))

    def sells(self) -> str:
        """Something that the endpoints are told of; its id."""
        id_: str = self.till.sells(words.receipt())["id"]
        return id_

    def sealed(self, id_: str) -> subscriptions.SigningSecrets:
        services = self.premises.services
        with reading(services.engine) as tx:
            found = subscriptions.find(tx, id_)
            assert found is not None
            return subscriptions.secrets(tx, services.vault, found)


def with_shop(premises: Premises) -> Till:
    return premises.unit().opens_shop()


@pytest.fixture(scope="module")
def shop_model(
    model: Model, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Model, Till]]:
    """An installation with a shop in it, to be copied."""
    folder = tmp_path_factory.mktemp("shop")
    with continued(model, folder / "shop", with_shop) as found:
        yield found


@pytest.fixture
def operator(
    shop_model: tuple[Model, Till], tmp_path: Path, receiver: Receiver
) -> Iterator[Operator]:
    installed, till = shop_model
    allowed = f"127.0.0.1:{receiver.port}"
    with opened(installed, tmp_path / "data", webhook_private_targets=allowed) as premises:
        yield Operator(premises=premises, till=replace(till, http=premises.http), folder=tmp_path)


def test_an_endpoint_is_added_listed_and_shown(operator: Operator) -> None:
    file = operator.folder / "auth.json"
    file.write_text('{"username": "fiscus", "password": "let me in"}', "utf-8")
    said = ("--taxpayer", operator.till.taxpayer, "--header", "X-Tenant=7=8", "--auth", str(file))

    made = operator.adds(HOOK, *said)

    kept = operator.sealed(made["subscription"])
    assert made == {
        "subscription": made["subscription"],
        "endpoint_url": HOOK,
        "secret": kept.secret,
    }
    assert kept.auth.header() == "Basic ZmlzY3VzOmxldCBtZSBpbg=="
    [listed] = operator.asks("list")
    assert (listed["id"], listed["organization"], listed["taxpayer"], listed["status"]) == (
        made["subscription"],
        operator.till.organization,
        operator.till.taxpayer,
        "ACTIVE",
    )
    shown = operator.shows(made["subscription"])
    assert listed.items() <= shown.items()
    assert shown["headers"] == {"X-Tenant": "7=8"}
    assert shown["auth"] == {"kind": "BASIC", "username": "fiscus", "has_token": False}
    [change] = shown["changes"]
    assert change["by"].startswith("operator:")
    assert change["description"] == "The subscription was created."
    printed = json.dumps([listed, shown])
    assert kept.secret not in printed
    assert "let me in" not in printed


def test_subscriptions_of_all_organizations_are_listed_unless_one_is_named(
    operator: Operator,
) -> None:
    first = operator.adds()["subscription"]
    account = operator.premises.group().organization
    above = operator.asks("add", HOOK, "outage.began", "outage.ended", "--organization", account)

    def listed(*arguments: str) -> set[str]:
        return {one["id"] for one in operator.asks("list", *arguments)}

    assert listed() == {first, above["subscription"]}
    assert listed("--organization", account) == {above["subscription"]}
    told = operator.types("list", "--organization", NOBODY)
    assert (told.code, "REGISTRY-ORG-01" in told.error) == (1, True)
    assert f"--organization {NOBODY}" in told.error
    operator.prints("pause", first)
    assert listed("--status", "INACTIVE") == {first}
    told = operator.types("list")
    assert f"{first}  INACTIVE  {operator.till.organization}  {HOOK}  record.sealed" in told.out
    assert "outage.began,outage.ended" in told.out
    assert "2 subscriptions." in told.error


def test_the_secret_goes_to_a_file_that_nobody_else_can_read(operator: Operator) -> None:
    made = operator.adds()["subscription"]
    file = operator.folder / "secret.json"

    told = operator.types("secret", made, "--out", str(file))

    assert (told.code, told.out, mode(file)) == (0, "", 0o600)
    assert "shows again" in told.error
    assert json.loads(file.read_text())["secret"] == operator.sealed(made).secret
    assert operator.sealed(made).secret in operator.prints("secret", made)
    again = operator.types("secret", made, "--out", str(file))
    assert again.code == 1
    assert "CLI-OUT-01" in again.error


def test_both_secrets_sign_after_a_rotation_for_as_long_as_was_typed(operator: Operator) -> None:
    made = operator.adds()

    new = operator.asks("rotate", made["subscription"], "--grace", "30m")

    kept = operator.sealed(made["subscription"])
    assert (kept.secret, kept.previous) == (new["secret"], made["secret"])
    assert new["secret"] != made["secret"]
    shown = operator.shows(made["subscription"])
    assert shown["previous_until"] == new["previous_until"]
    length = datetime.fromisoformat(new["previous_until"]) - datetime.fromisoformat(
        shown["updated_at"]
    )
    assert length.total_seconds() == 1800
    assert shown["changes"][-1]["description"] == "The signing secret was rotated."


def test_a_paused_endpoint_is_told_of_nothing_until_it_is_resumed(
    operator: Operator, receiver: Receiver
) -> None:
    made = operator.adds(receiver.url)["subscription"]
    assert operator.asks("pause", made)["status"] == "INACTIVE"
    operator.sells()
    operator.premises.work()
    assert operator.prints("resume", made) == f"{made} {receiver.url}: ACTIVE\n"
    second = operator.sells()
    operator.premises.work()

    assert [one["subject"] for one in operator.asks("deliveries", made)] == [second]
    assert len(receiver.received) == 1
    operator.prints("resume", made)  # changes nothing, and nothing says that it did
    changes = operator.shows(made)["changes"]
    assert [one["description"] for one in changes[1:]] == ["Changed: status."] * 2


def test_an_endpoint_that_may_not_be_reached_any_more_can_be_paused(
    operator: Operator, receiver: Receiver
) -> None:
    made = operator.adds(receiver.url)["subscription"]

    told = fiscus("webhooks", "pause", made, **place_of(operator.premises))

    assert told.code == 0, told.error
    assert operator.shows(made)["status"] == "INACTIVE"


def test_a_deleted_subscription_is_gone(operator: Operator) -> None:
    made = operator.adds()["subscription"]
    assert HOOK in operator.types("delete", made).error

    assert operator.asks("list") == []
    for command in ("show", "secret", "rotate", "pause", "resume", "delete", "deliveries"):
        told = operator.types(command, made)
        assert told.code == 1
        assert "WEBHOOK-SUBSCRIPTION-01" in told.error
        assert made in told.error


def test_what_was_not_taken_is_listed_and_delivered_again(
    operator: Operator, receiver: Receiver
) -> None:
    made = operator.adds(receiver.url)["subscription"]
    first = operator.sells()
    operator.premises.clock.move(seconds=1)
    second = operator.sells()
    operator.premises.work()

    newest, oldest = operator.asks("deliveries", made)
    assert [newest["subject"], oldest["subject"]] == [second, first]
    assert newest["state"] == "DELIVERED"
    assert [one["status"] for one in newest["attempts"]] == [204]
    told = operator.types("deliveries", made, "--limit", "1")
    assert told.out.startswith(f"{newest['id']}  DELIVERED   1  20")
    assert f"--after {newest['id']}" in told.error
    assert operator.asks("deliveries", made, "--after", newest["id"]) == [oldest]
    assert operator.asks("deliveries", made, "--state", "FAILED") == []
    told = operator.types("deliveries", made, "--after", NOBODY)
    assert (told.code, "WEBHOOK-DELIVERY-01" in told.error) == (1, True)
    assert f"--after {NOBODY}" in told.error

    operator.prints("redeliver", made, newest["id"], oldest["id"])
    pending = operator.asks("deliveries", made, "--state", "PENDING")
    assert {one["id"] for one in pending} == {newest["id"], oldest["id"]}
    clock = operator.premises.clock  # a command reads the one on the wall
    clock.move(seconds=int((datetime.now(UTC) - clock.now).total_seconds()) + 2)
    operator.premises.work()
    assert len(receiver.received) == 4
    assert len({one.headers["webhook-id"] for one in receiver.received}) == 2
    with reading(operator.premises.services.engine) as tx:
        rows = tx.execute(ENTRY.select().where(ENTRY.c.kind == StatementKind.TASK)).all()
    said = [encode.statement(row.kind, row.body) for row in rows]
    assert {one.task.task for one in said if one.task} == {newest["id"], oldest["id"]}
    assert {(one.task.kind, one.task.act) for one in said if one.task} == {
        ("webhook", "redelivered")
    }
    assert all(one.by.startswith("operator:") for one in said)
    operator.premises.assert_proved()


def test_all_that_are_named_are_delivered_again_or_none(
    operator: Operator, receiver: Receiver
) -> None:
    made = operator.adds(receiver.url)["subscription"]
    operator.sells()
    operator.premises.work()
    [done] = operator.asks("deliveries", made)

    told = operator.types("redeliver", made, done["id"], NOBODY)
    assert (told.code, "WEBHOOK-DELIVERY-01" in told.error) == (1, True)
    assert f"DELIVERY {NOBODY}" in told.error
    told = operator.types("redeliver", made, done["id"], done["id"])
    assert (told.code, "WEBHOOK-DELIVERY-02" in told.error) == (1, True)
    operator.prints("pause", made)
    told = operator.types("redeliver", made, done["id"])
    assert (told.code, "WEBHOOK-DELIVERY-03" in told.error) == (1, True)
    assert operator.asks("deliveries", made) == [done]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("http://ledger.example/", "record.sealed"), 1, "URL"),
        (("https://10.0.0.7/", "record.sealed"), 1, "URL"),
        ((HOOK, "record.sealed", "record.eaten"), 1, "TYPE[1]"),
        ((HOOK, "record.sealed", "--taxpayer", NOBODY), 1, "--taxpayer"),
        ((HOOK, "record.sealed", "--header", "Host=x"), 1, "--header Host"),
        ((HOOK, "record.sealed", "--header", "no sign"), 2, "NAME=VALUE"),
        ((HOOK, "record.sealed", "--header", "A=1", "--header", "a=2"), 2, "twice"),
        ((HOOK, "record.sealed", "--auth", "missing.json"), 2, "missing.json"),
        ((HOOK,), 2, "TYPE"),
        ((), 2, "URL"),
    ],
)
def test_an_endpoint_that_cannot_be_told_is_refused_at_what_was_typed(
    operator: Operator, arguments: tuple[str, ...], code: int, said: str
) -> None:
    file = operator.folder / "secret.json"
    here = ("--organization", operator.till.organization, "--out", str(file))

    told = operator.types("add", *arguments, *here)

    assert told.code == code, told.error
    assert said in told.error
    assert not file.exists()
    assert operator.asks("list") == []


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (b"{}", 1, "WEBHOOK-CREDENTIALS-01"),
        (b'{"username": "u"}', 1, "--auth"),
        (b'{"token": "t", "username": "u"}', 1, "--auth"),
        (b'{"user": "u"}', 2, "user"),
        (b"u:p", 2, "auth.json"),
        (b'{"token": "\xff"}', 2, "auth.json"),
    ],
)
def test_credentials_that_are_none_are_refused(
    operator: Operator, content: bytes, code: int, said: str
) -> None:
    file = operator.folder / "auth.json"
    file.write_bytes(content)
    here = ("--organization", operator.till.organization)

    told = operator.types("add", HOOK, "record.sealed", *here, "--auth", str(file))

    assert told.code == code, told.error
    assert said in re.sub(r"[\s│]", "", told.error)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("add", HOOK, "record.sealed"), 2, "--organization"),
        (("add", HOOK, "record.sealed", "--organization", NOBODY), 1, "REGISTRY-ORG-01"),
        (("show", NOBODY), 1, "WEBHOOK-SUBSCRIPTION-01"),
        (("rotate", NOBODY, "--grace", "soon"), 2, "--grace"),
        (("rotate", NOBODY), 1, "WEBHOOK-SUBSCRIPTION-01"),
        (("redeliver", NOBODY, NOBODY), 1, "WEBHOOK-SUBSCRIPTION-01"),
        (("redeliver", NOBODY), 2, "DELIVERY"),
        (("deliveries", NOBODY, "--limit", "0"), 2, "--limit"),
        (("deliveries", NOBODY, "--state", "LOST"), 2, "LOST"),
        (("list", "--status", "ASLEEP"), 2, "ASLEEP"),
    ],
)
def test_what_cannot_be_done_is_told(
    operator: Operator, arguments: tuple[str, ...], code: int, said: str
) -> None:
    told = operator.types(*arguments)

    assert told.code == code, told.error
    assert said in told.error
