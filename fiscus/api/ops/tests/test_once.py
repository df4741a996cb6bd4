"""What is made once, and what once a second, however many ask."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import cast

import pytest
from starlette.requests import Request

from fiscus.api.ops.once import OncePerSecond, StaticPage
from fiscus.model.tests.clock import StandingClock
from fiscus.services import Services


@dataclass
class Watched:
    """As much of the services as `/healthz` looks at, and how often it looked."""

    clock: StandingClock = field(default_factory=StandingClock)
    looked: int = 0
    is_broken: bool = False

    async def in_thread(self, do, *args):
        return await asyncio.to_thread(do, *args)

    def look(self, _: Services) -> int:
        self.looked += 1
        time.sleep(0.05)
        if self.is_broken:
            raise RuntimeError
        return self.looked


def a_view(services: Watched) -> OncePerSecond[int]:
    return OncePerSecond(cast(Services, services), services.look)


def crowd(view: OncePerSecond[int], count: int = 50) -> list[int]:
    async def ask() -> list[int]:
        return await asyncio.gather(*(view.get() for _ in range(count)))

    return asyncio.run(ask())


def test_a_crowd_costs_as_much_as_one() -> None:
    services = Watched()

    assert crowd(a_view(services)) == [1] * 50
    assert services.looked == 1


def test_after_a_second_somebody_looks_again() -> None:
    services = Watched()
    view = a_view(services)
    crowd(view)
    services.clock.move(seconds=0.9)
    assert crowd(view) == [1] * 50
    services.clock.move(seconds=0.1)
    assert crowd(view) == [2] * 50


def test_a_clock_that_is_set_back_keeps_no_old_answer_alive() -> None:
    services = Watched()
    view = a_view(services)
    crowd(view)
    services.clock.move(seconds=-3600)

    assert crowd(view, 1) == [2]


def test_a_look_that_fails_is_not_kept() -> None:
    services = Watched(is_broken=True)
    view = a_view(services)
    with pytest.raises(RuntimeError):
        crowd(view, 1)
    services.is_broken = False

    assert crowd(view, 3) == [2] * 3


PAGE = StaticPage(b"text", "text/plain")


def answered(tags: str | None = None) -> tuple[int, bytes]:
    headers = [] if tags is None else [(b"if-none-match", tags.encode())]
    answer = PAGE.answer(Request({"type": "http", "headers": headers}))
    assert answer.headers["ETag"] == TAG
    return answer.status_code, bytes(answer.body)


TAG = PAGE.answer(Request({"type": "http", "headers": []})).headers["ETag"]


@pytest.mark.parametrize("tags", [TAG, f"W/{TAG}", f'"other", {TAG}', "*"])
def test_who_has_the_page_gets_no_second_one(tags: str) -> None:
    assert answered(tags) == (304, b"")


@pytest.mark.parametrize("tags", [None, "", '"other"', TAG.strip('"'), "W/"])
def test_who_has_another_page_gets_this_one(tags: str | None) -> None:
    assert answered(tags) == (200, b"text")


def test_pages_of_other_bytes_have_other_tags() -> None:
    other = StaticPage(b"texts", "text/plain").answer(Request({"type": "http", "headers": []}))

    assert other.headers["ETag"] != TAG
