"""What every family does with a body before it reads it: bounds, in the words of each."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from fiscus.api.bounds import MEMBERS_MAX
from fiscus.api.families.reporting.tests import caller as reporting
from fiscus.api.families.reporting.tests.caller import platform
from fiscus.api.intake import LOGIN_BYTES_MAX, OPEN_BYTES_MAX
from tests.support.premises import Model, Premises, opened
from tests.support.till import Till, refusal

HEAVY = b"[" + b"[]," * 300_000 + b"[]]"
WIDE = json.dumps({"content": {f"x{number}": 0 for number in range(MEMBERS_MAX + 1)}}).encode()
DEEP = b'{"content":' + b"[" * 10_000 + b"]" * 10_000 + b"}"
TWICE = b'{"content": {"type": "UNIT", "type": "UNIT"}}'
REFUSED = [
    (WIDE, "INTAKE-JSON-01"),
    (DEEP, "INTAKE-JSON-02"),
    (HEAVY, "INTAKE-JSON-03"),
    (TWICE, "INTAKE-JSON-04"),
]


@pytest.fixture
def premises(model: Model, tmp_path: Path) -> Iterator[Premises]:
    with opened(model, tmp_path / "data") as found:
        yield found


def stranger(premises: Premises) -> Till:
    return premises.anonymous()


@pytest.mark.parametrize(("raw", "code"), REFUSED)
def test_a_body_that_says_too_much_is_refused_with_its_code_and_place(
    premises: Premises, raw: bytes, code: str
) -> None:
    unified = premises.unit().send("POST", "/organizations", raw=raw)
    other = platform(premises).send("POST", "/merchants", raw=raw)

    assert code in refusal(unified, 400)
    error = reporting.refusal(other, 400, "invalid_request")
    assert code in error["message"]
    if code == "INTAKE-JSON-01":
        assert "(content)" in refusal(unified, 400)
        assert reporting.places(error) == ["content"]


def test_of_many_unknown_members_a_hundred_are_told_and_that_there_are_more(
    premises: Premises,
) -> None:
    members = {f"x{number}": 0 for number in range(5_000)}
    told = refusal(premises.unit().send("POST", "/organizations", {"content": members}), 400)
    error = reporting.refusal(
        platform(premises).send("POST", "/merchants", members), 400, "invalid_request"
    )

    assert told.count("is unsupported") == 98
    assert told.endswith("and at least 3 more)")
    assert len(reporting.places(error)) == 101
    assert "more" in error["details"]["errors"][-1]["message"]


def test_a_large_body_needs_a_key_and_a_small_one_is_judged_as_the_contract_says(
    premises: Premises,
) -> None:
    small = b"{" + b" " * (OPEN_BYTES_MAX - 2) + b"}"
    large = small + b" "
    nobody = stranger(premises)

    assert refusal(nobody.send("POST", "/organizations", raw=small), 400)
    assert refusal(nobody.send("POST", "/organizations", raw=large), 401)
    assert refusal(premises.unit().send("POST", "/organizations", raw=large), 400)
    for raw in (small, large):
        answer = platform(premises).send("POST", "/merchants", raw=raw, Authorization="")
        reporting.refusal(answer, 401, "unauthorized")


@pytest.mark.parametrize("bearer", ["Bearer x", "Bearer ", "Basic eDp5", "x" * 5000])
def test_a_wrong_credential_is_no_credential(premises: Premises, bearer: str) -> None:
    large = b" " * (OPEN_BYTES_MAX + 1)

    answer = stranger(premises).send(
        "POST", "/records", raw=large, headers={"Authorization": bearer}
    )

    assert refusal(answer, 401)


def test_a_login_has_four_kilobytes(premises: Premises) -> None:
    nobody = stranger(premises)
    body = json.dumps({"content": {"type": "API_KEY", "key": "k", "secret": "s"}}).encode()

    small = nobody.send("POST", "/tokens", raw=body.ljust(LOGIN_BYTES_MAX))
    large = nobody.send("POST", "/tokens", raw=body.ljust(LOGIN_BYTES_MAX + 1))

    assert refusal(small, 401)
    assert "4 KB" in refusal(large, 400)


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_a_compressed_body_is_refused_by_name(premises: Premises, coding: str) -> None:
    unified = premises.unit().send(
        "POST", "/organizations", raw=b"\x1f\x8b", headers={"Content-Encoding": coding}
    )
    other = platform(premises).send("POST", "/merchants", raw=b"\x1f\x8b", Content_Encoding=coding)

    assert "Content-Encoding" in refusal(unified, 400)
    assert "Content-Encoding" in reporting.refusal(other, 400, "invalid_request")["message"]


def test_nothing_is_held_when_all_are_answered(premises: Premises) -> None:
    till = premises.unit()
    for raw in (b"", b"{", WIDE, b" " * 5_000_000, b"{}"):
        till.send("POST", "/organizations", raw=raw)
        platform(premises).send("POST", "/merchants", raw=raw)
    stranger(premises).send("POST", "/records", raw=b" " * 100_000)

    assert premises.services.budget.total == 0


def test_what_nobody_parses_is_counted_too(model: Model, tmp_path: Path) -> None:
    with opened(model, tmp_path / "data", rate_limit_per_second=3) as premises:
        unversioned = premises.anonymous(version="")
        statuses = [unversioned.send("GET", "/systems").status_code for _ in range(5)]
        premises.clock.move(seconds=1)
        unknown = [premises.http.get("/v1/nothing").status_code for _ in range(5)]

    assert statuses == [400] * 3 + [429] * 2
    assert unknown == [404] * 3 + [429] * 2


def test_a_stranger_who_asks_too_often_does_not_slow_a_key(model: Model, tmp_path: Path) -> None:
    with opened(model, tmp_path / "data", rate_limit_per_second=5) as premises:
        till = premises.group()
        premises.clock.move(seconds=1)
        flood = [stranger(premises).send("GET", "/systems").status_code for _ in range(20)]
        answer: httpx.Response = till.send("GET", "/organizations")

    assert set(flood) == {401, 429}
    assert answer.status_code == 200
