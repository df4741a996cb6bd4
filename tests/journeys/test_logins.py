"""Logins of strangers: guesses are counted, twice said is not said, nobody locks out others."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from fiscus.api.families.reporting.tests.caller import a_merchant, answer
from tests.support.premises import Model, Premises, opened
from tests.support.till import Json, Till, envelope, refusal

PROXY = "127.0.0.0/8"
WRONG = "w" * 43


@pytest.fixture
def behind(model: Model, tmp_path: Path) -> Iterator[Premises]:
    """An installation behind a trusted proxy, so that callers have addresses of their own."""
    with opened(model, tmp_path / "behind", trusted_proxies=PROXY) as premises:
        yield premises


def login(premises: Premises, key: str, secret: str, address: str = "") -> httpx.Response:
    what = {"type": "API_KEY", "key": key, "secret": secret}
    headers = {"X-Forwarded-For": address} if address else {}
    return premises.anonymous().send("POST", "/tokens", envelope(what), headers=headers)


def spoken(premises: Premises, word: str, address: str = "") -> httpx.Response:
    headers = {"Authorization": f"Bearer {word}"}
    if address:
        headers["X-Forwarded-For"] = address
    return premises.http.get("/v1/merchants", headers=headers)


def right(premises: Premises, address: str = "") -> httpx.Response:
    return login(premises, premises.first.key, premises.first.secret, address)


def test_ten_wrong_secrets_lock_the_address_for_a_minute(behind: Premises) -> None:
    guesses = [login(behind, f"test_{n}", WRONG, "192.0.2.1").status_code for n in range(10)]
    locked = login(behind, "test_other", WRONG, "192.0.2.1")

    assert guesses == [401] * 10
    assert "ACCESS-LOGIN-01" in refusal(locked, 429)
    assert int(locked.headers["Retry-After"]) == 60
    assert right(behind, "192.0.2.1").status_code == 429
    assert right(behind, "192.0.2.2").status_code == 200
    behind.clock.move(seconds=60)
    assert right(behind, "192.0.2.1").status_code == 200


def test_ten_wrong_secrets_from_ten_addresses_lock_the_key(behind: Premises) -> None:
    key = behind.first.key
    guesses = [login(behind, key, WRONG, f"192.0.2.{n}").status_code for n in range(10)]

    assert guesses == [401] * 10
    assert login(behind, key, WRONG, "192.0.2.99").status_code == 429
    assert login(behind, "test_other", WRONG, "192.0.2.99").status_code == 401


def test_who_guesses_at_a_key_locks_nobody_out_who_has_proved_it(behind: Premises) -> None:
    assert right(behind, "198.51.100.7").status_code == 200
    for n in range(20):
        login(behind, behind.first.key, WRONG, f"192.0.2.{n}")

    assert right(behind, "198.51.100.7").status_code == 200
    assert right(behind, "198.51.100.8").status_code == 429


def test_a_till_with_a_wrong_secret_does_not_stop_the_others_of_its_shop(behind: Premises) -> None:
    """All tills of a shop have one address outside."""
    assert right(behind, "192.0.2.1").status_code == 200
    for _ in range(20):
        login(behind, "test_misconfigured", WRONG, "192.0.2.1")
    behind.clock.move(seconds=30)

    assert right(behind, "192.0.2.1").status_code == 200
    assert spoken(behind, behind.first.api_key, "192.0.2.1").status_code == 200
    guesses = [login(behind, behind.first.key, WRONG, "192.0.2.1").status_code for _ in range(11)]
    assert guesses == [401] * 10 + [429]


def test_both_families_count_together(behind: Premises) -> None:
    word = behind.first.api_key[:-43] + WRONG
    for n in range(5):
        assert login(behind, behind.first.key, WRONG, f"192.0.2.{n}").status_code == 401
        assert spoken(behind, word, f"192.0.2.{n + 100}").status_code == 401

    locked = spoken(behind, word, "192.0.2.200")
    assert locked.status_code == 429
    assert locked.json()["code"] == "rate_limit_exceeded"
    assert locked.headers["Retry-After"] == "60"
    assert login(behind, behind.first.key, WRONG, "192.0.2.201").status_code == 429


def test_good_logins_are_not_counted(behind: Premises) -> None:
    assert {right(behind, "192.0.2.1").status_code for _ in range(30)} == {200}


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1:4711", "192.0.2.1", True),
        ("[2001:db8::1]:4711", "2001:db8::2", True),
        ("192.0.2.1, 127.0.0.9", "192.0.2.1", True),
        ("203.0.113.5, 192.0.2.1", "203.0.113.6, 192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_whose_address_it_is(behind: Premises, first: str, second: str, is_same: bool) -> None:
    """The nearest one that is no proxy of ours: what a stranger writes before it counts nothing."""
    for n in range(10):
        login(behind, f"test_{n}", WRONG, first)

    assert right(behind, second).status_code == (429 if is_same else 200)


def test_without_a_trusted_proxy_nobodys_word_for_his_address_counts(premises: Premises) -> None:
    for n in range(10):
        login(premises, f"test_{n}", WRONG, f"192.0.2.{n}")

    assert right(premises, "192.0.2.77").status_code == 429


def test_what_is_no_address_is_the_proxys(behind: Premises) -> None:
    for n in range(10):
        login(behind, f"test_{n}", WRONG, "unknown")

    assert right(behind, "nobody knows").status_code == 429
    assert right(behind, "192.0.2.1").status_code == 200


@pytest.fixture
def limited(model: Model, tmp_path: Path) -> Iterator[Premises]:
    with opened(
        model, tmp_path / "limited", trusted_proxies=PROXY, rate_limit_per_second=4
    ) as premises:
        yield premises


def test_strangers_who_ask_for_nothing_lock_nobody_out(limited: Premises) -> None:
    nothing = [limited.http.get("/v1/nothing").status_code for _ in range(8)]

    assert nothing == [404] * 4 + [429] * 4
    assert right(limited).status_code == 200
    assert spoken(limited, limited.first.api_key).status_code == 200
    at = {"X-Forwarded-For": "192.0.2.9"}
    assert limited.http.get("/v1/nothing", headers=at).status_code == 404


@pytest.mark.parametrize("path", ["/v1/merchants", "/systems"])
def test_strangers_are_limited_by_their_address(limited: Premises, path: str) -> None:
    def ask(address: str) -> int:
        headers = {
            "X-Forwarded-For": address,
            "X-Api-Version": "2026-05-04",
            "Authorization": "Bearer nonsense",
        }
        return limited.http.get(path, headers=headers).status_code

    assert [ask("192.0.2.1") for _ in range(6)] == [401] * 4 + [429] * 2
    assert ask("192.0.2.2") == 401
    bearer = limited.group()
    assert bearer.send("GET", "/organizations").status_code == 200


def test_who_floods_logins_of_a_key_takes_nothing_from_its_owner(limited: Premises) -> None:
    guesses = [login(limited, limited.first.key, WRONG, "192.0.2.1").status_code for _ in range(9)]

    assert guesses[:4] == [401] * 4
    assert guesses[4:] == [429] * 5
    assert right(limited, "192.0.2.2").status_code == 200


def test_one_key_takes_nothing_from_another(limited: Premises) -> None:
    group = limited.group()
    limited.clock.move(seconds=1)
    unit = limited.unit()
    limited.clock.move(seconds=1)

    assert [group.send("GET", "/organizations").status_code for _ in range(6)] == (
        [200] * 4 + [429] * 2
    )
    assert unit.send("GET", "/organizations").status_code == 200


Headers = list[tuple[str, str]]


def twice(name: str, value: str, other: str = "") -> Headers:
    return [(name, value), (name, other or value)]


def said(till: Till, *more: tuple[str, str]) -> Headers:
    return [("X-Api-Version", "2026-05-04"), ("Authorization", f"Bearer {till.bearer}"), *more]


def raw(till: Till, method: str, path: str, headers: Headers, body: Json | None) -> httpx.Response:
    return till.http.request(method, path, headers=headers, json=body)


def test_two_authorization_headers_are_refused_also_for_a_replay(
    premises: Premises, unit: Till
) -> None:
    other = premises.unit("B")
    key, body = str(uuid4()), envelope({"type": "UNIT", "name": "A"})
    own = ("X-Idempotency-Key", key)
    group = premises.group()
    first = raw(group, "POST", "/organizations", said(group, own), body)
    assert first.status_code == 200

    for bearer in (group.bearer, other.bearer, "nonsense", unit.bearer):
        headers = [*said(group, own), ("Authorization", f"Bearer {bearer}")]
        refusal(raw(group, "POST", "/organizations", headers, body), 401)
    key_and_secret = {"type": "API_KEY", "key": premises.first.key, "secret": premises.first.secret}
    headers = [*said(group, own), ("Authorization", f"Bearer {group.bearer}")]
    refusal(raw(group, "POST", "/tokens", headers, envelope(key_and_secret)), 401)


@pytest.mark.parametrize("name", ["X-Idempotency-Key", "X-Api-Version", "X-Scope-Identifier"])
def test_other_headers_that_come_twice_are_refused(premises: Premises, name: str) -> None:
    group = premises.group()
    key = str(uuid4())
    values = {
        "X-Idempotency-Key": (key, str(uuid4())),
        "X-Api-Version": ("2026-05-04", "2026-06-01"),
        "X-Scope-Identifier": (group.organization, premises.unit().organization),
    }
    base = [one for one in said(group, ("X-Idempotency-Key", key)) if one[0] != name]
    body = envelope({"type": "UNIT", "name": "A"})
    before = group.page("/organizations")

    for pair in (values[name], values[name][::-1], (values[name][0],) * 2):
        headers = [*base, *((name, value) for value in pair)]
        message = refusal(raw(group, "POST", "/organizations", headers, body), 400)
        assert name.lower() in message.lower()

    assert group.page("/organizations") == before


def test_the_other_family_refuses_them_too(premises: Premises) -> None:
    key = ("Authorization", f"Bearer {premises.first.api_key}")
    wrong = ("Authorization", "Bearer nonsense")

    def post(*headers: tuple[str, str]) -> httpx.Response:
        return premises.http.post("/v1/merchants", headers=list(headers), json=a_merchant())

    first = post(key, ("Idempotency-Key", "k"))
    answer(first, 201)
    for two in ((key, key), (key, wrong), (wrong, key)):
        assert post(*two, ("Idempotency-Key", "k")).status_code == 401
    for name, one, other in (
        ("Idempotency-Key", "k", "l"),
        ("X-OpenFiskal-Merchant", first.json()["id"], "merchant_" + "0" * 32),
        ("If-Match", '"1"', '"2"'),
    ):
        refused = post(key, *twice(name, one, other))
        assert answer(refused, 400)["code"] == "invalid_request"
        assert name.lower() in refused.text
    for path, status in (("/v1/nothing", 404), ("/v1/exports/exp_1/download", 401)):
        assert premises.http.get(path, headers=[key, wrong]).status_code == status
