"""What every request of both families goes through, in one order."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from fiscus.api import families
from fiscus.api.families.reporting.tests import caller as reporting
from fiscus.api.families.reporting.tests.caller import a_merchant, platform
from fiscus.store.connect import reading
from fiscus.store.schema import ORGANIZATION
from tests.support.premises import Model, Premises, opened
from tests.support.till import refusal


@pytest.fixture
def premises(model: Model, tmp_path: Path) -> Iterator[Premises]:
    with opened(model, tmp_path / "data") as found:
        yield found


def answers(premises: Premises, family: str, operation: str, status: int) -> float:
    """How many such answers the operator sees counted."""
    line = f'fiscus_answers_total{{family="{family}",operation="{operation}",status="{status}"}} '
    premises.clock.move(seconds=2)
    text = premises.http.get("/metrics").text
    return sum(float(one.removeprefix(line)) for one in text.splitlines() if one.startswith(line))


@pytest.mark.parametrize("query", ["limit=1&limit=2", "limit=1&limit=1", "limit=1&token=a&limit=1"])
def test_a_parameter_that_is_sent_twice_is_refused_by_name(premises: Premises, query: str) -> None:
    unified = premises.unit().send("GET", f"/systems?{query}")
    other = platform(premises).send("GET", f"/merchants?{query}")

    assert "limit" in refusal(unified, 400)
    reporting.refusal(other, 400, "invalid_request")


def test_also_where_no_parameter_is_read(premises: Premises) -> None:
    till = premises.group()
    organization = till.made("/organizations", {"type": "UNIT", "name": "Kiosk"})["id"]

    once = till.send("GET", f"/organizations/{organization}?a=1")
    twice = till.send("GET", f"/organizations/{organization}?a=1&a=2")

    assert (once.status_code, twice.status_code) == (200, 400)


@pytest.mark.parametrize(
    ("family", "path"), [("unified", "/nothing"), ("reporting", "/v1/nothing")]
)
def test_answers_to_what_is_not_there_are_counted(
    premises: Premises, family: str, path: str
) -> None:
    before = answers(premises, family, "unknown", 404)
    for method in ("GET", "POST", "DELETE"):
        assert premises.http.request(method, path).status_code == 404

    assert answers(premises, family, "unknown", 404) == before + 3


@pytest.mark.parametrize("path", ["/nothing", "/tokens/x", "/v1/nothing", "/v1/merchants/a/b/c"])
def test_what_is_not_there_says_nothing_else(premises: Premises, path: str) -> None:
    """However wrong the rest of the request is."""
    headers = [("Authorization", "a"), ("Authorization", "b"), ("X-Api-Version", "x")]

    answer = premises.http.get(f"{path}?a=1&a=2", headers=headers)

    assert answer.status_code == 404


def test_who_asks_for_what_is_not_there_is_limited_by_address(model: Model, tmp_path: Path) -> None:
    with opened(model, tmp_path / "data", rate_limit_per_second=3) as premises:
        premises.http.get("/v1/nothing")
        premises.http.get("/nothing")
        premises.http.get("/tokens/x")
        limited = [premises.http.get(path).status_code for path in ("/v1/nothing", "/nothing")]
        known = premises.group().send("GET", "/organizations").status_code

    assert limited == [429, 429]
    assert known == 200


def test_a_status_that_the_contract_does_not_name_is_counted_too(
    model: Model, tmp_path: Path
) -> None:
    with opened(model, tmp_path / "data", strict_gateway=True) as premises:
        before = answers(premises, "unified", "listSystems", 404)
        answer = premises.anonymous(version="").send("GET", "/systems")
        after = answers(premises, "unified", "listSystems", 404)

    assert (answer.status_code, answer.text) == (404, "404 page not found")
    assert after == before + 1


@pytest.mark.parametrize("path", ["/systems", "/v1/merchants"])
def test_at_the_limit_nothing_else_is_judged(model: Model, tmp_path: Path, path: str) -> None:
    with opened(model, tmp_path / "data", rate_limit_per_second=1) as premises:
        statuses = [premises.http.post(path, content=b"{").status_code for _ in range(2)]

    assert statuses[0] in (400, 401)
    assert statuses[1] == 429


def slow(premises: Premises, place: tuple[str, str], body: Any, headers: dict[str, str]) -> Any:
    """The answer to a request whose body comes five seconds after its headers."""
    endpoint: Any = families.served(premises.services).direct[place]
    raw = msgspec.json.encode(body)
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        premises.clock.move(seconds=5)
        return {"type": "http.request", "body": raw, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": place[0],
        "path": place[1],
        "query_string": b"",
        "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()],
        "client": ("127.0.0.1", 1),
    }
    asyncio.run(endpoint(scope, receive, send))
    return msgspec.json.decode(sent[1]["body"])


def test_a_request_happens_when_it_arrives_not_when_its_body_is_there(premises: Premises) -> None:
    group, merchant = premises.group(), platform(premises)
    arrived = premises.clock.now.isoformat()[:19]
    made = slow(
        premises,
        ("POST", "/v1/merchants"),
        a_merchant(),
        {"Authorization": f"Bearer {merchant.key}"},
    )
    later = premises.clock.now.isoformat()[:19]
    subject = {"content": {"type": "UNIT", "name": "x"}}
    organization = slow(
        premises,
        ("POST", "/organizations"),
        subject,
        {
            "Authorization": f"Bearer {group.bearer}",
            "X-Api-Version": "2026-05-04",
            "X-Idempotency-Key": "1c81cb86-c2e8-4074-afc3-a0601b2bf063",
        },
    )

    assert made["created_at"].startswith(arrived)
    with reading(premises.services.engine) as tx:
        where = ORGANIZATION.c.id == organization["content"]["id"]
        row = tx.execute(select(ORGANIZATION.c.created_at).where(where)).scalar_one()
    assert row.startswith(later)


def test_an_answer_that_nobody_takes_is_counted_too(premises: Premises) -> None:
    endpoint: Any = families.served(premises.services).direct["GET", "/systems"]
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/systems",
        "query_string": b"",
        "headers": [],
        "client": ("127.0.0.1", 1),
    }

    async def gone(message: Any) -> None:
        raise OSError("the connection is gone")

    before = answers(premises, "unified", "listSystems", 400)
    with pytest.raises(OSError, match="gone"):
        asyncio.run(endpoint(scope, gone, gone))

    assert answers(premises, "unified", "listSystems", 400) == before + 1
