"""What all storms share: their sizes, a shop that never stops asking, and the judge's last word."""

import asyncio
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

import pytest

from bench import client, sales
from bench.client import Link, Reply, Sold
from bench.installation import POSTGRES, SQLITE, Installation, has_postgres
from bench.judge import Verdict, judge
from bench.merchant import Merchant

IS_FULL = os.environ.get("FISCUS_TEST_STORM") == "full" or os.environ.get("FISCUS_LONG") == "1"

ANSWER_SECONDS = 90
"""Longer than any time-out of the service: a request that takes longer has been forgotten."""

AGAIN = {409, 503}
"""Answers that mean: send the same request again."""


def size(name: str, small: int, full: int) -> int:
    """How big a storm is: `FISCUS_TEST_STORM_<NAME>`, else small, or full if asked for."""
    given = os.environ.get(f"FISCUS_TEST_STORM_{name}", "")
    return int(given) if given else full if IS_FULL else small


def seed() -> int:
    """`FISCUS_TEST_STORM_SEED`, else another one each time; every storm prints it."""
    given = os.environ.get("FISCUS_TEST_STORM_SEED", "")
    return int(given) if given else int.from_bytes(os.urandom(4), "big")


def need(engine: str) -> None:
    """Skip what needs PostgreSQL where there is none."""
    if engine == POSTGRES and not has_postgres():
        pytest.skip("no PostgreSQL: set FISCUS_TEST_POSTGRES_URL, or run one at 127.0.0.1:5432")


def each(engine: str) -> None:
    """Skip on PostgreSQL, in a small run, what goes through every table: the verifier's steps are
    the same on both engines, and SQLite has shown it."""
    if engine == POSTGRES and not IS_FULL:
        pytest.skip("every table on PostgreSQL too: set FISCUS_TEST_STORM=full")


engines = pytest.mark.parametrize("engine", [SQLITE, POSTGRES])


@dataclass(kw_only=True)
class Shop:
    """Clients that sell one document after the other, and send a request again, with the same
    key, until it is answered: at the same server or at another.

    `cut`: requests whose connection broke; `replayed`: those of them that had been carried out;
    `again`: answers that asked for the same request again; `wrong`: any other answer.
    """

    installation: Installation
    merchant: Merchant
    series: list[str]
    random: Random
    sold: list[Sold] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    cut: int = 0
    replayed: int = 0
    again: int = 0

    async def sell(self, turns: Iterator[int], clients: int) -> None:
        """A document for each turn, by so many clients at once."""
        await asyncio.gather(*(self._client(turns, number) for number in range(clients)))

    async def _client(self, turns: Iterator[int], number: int) -> None:
        till = Till(shop=self, number=number)
        for turn in turns:
            await till.sell_one(turn)
        till.close()


@dataclass(kw_only=True)
class Till:
    """One client and its connection."""

    shop: Shop
    number: int
    link: Link | None = None
    tries: int = 0

    async def sell_one(self, turn: int) -> None:
        shop = self.shop
        system = shop.merchant.systems[turn % len(shop.merchant.systems)]
        series = shop.series[turn % len(shop.series)]
        opened = await self.answered(sales.intention(system))
        if opened is None:
            return
        intent = client.shown(opened.body).content.id
        reply = await self.answered(sales.conclusion(intent, sales.a_receipt(series)))
        if reply is not None:
            shop.sold.append(client.sold(reply.body, intent, series))

    async def answered(self, body: bytes) -> Reply | None:
        """The answer to a request with a fresh key; None if it was not a good one."""
        key = sales.a_key(self.shop.random.getrandbits(128))
        request = sales.post("/records", self.shop.merchant.bearer, key, body)
        deadline = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < deadline:
            reply = await self.tried(request)
            if reply and reply.status == 200:
                self.shop.replayed += reply.is_replay
                return reply
            if reply and reply.status in AGAIN:
                self.shop.again += 1
            elif reply:
                self.shop.wrong.append(f"{reply.status} {reply.body[:300]!r}")
                return None
            await asyncio.sleep(0.02)
        self.shop.wrong.append(f"no answer in {ANSWER_SECONDS} s")
        return None

    async def tried(self, request: bytes) -> Reply | None:
        """One try; after a lost connection the next one goes to the next server."""
        try:
            if self.link is None:
                ports = self.shop.installation.ports
                self.link = await client.connect(ports[(self.number + self.tries) % len(ports)])
            return await asyncio.wait_for(self.link.ask(request), ANSWER_SECONDS)
        except OSError:
            self.shop.cut += self.link is not None
            self.close()
            self.tries += 1
            return None

    def close(self) -> None:
        if self.link is not None:
            self.link.close()
            self.link = None


def judged(shop: Shop) -> Verdict:
    """The verdict over all that was acknowledged, after the load has ended."""
    assert shop.wrong == []
    return judge(shop.installation.database, shop.sold)


def told(capsys: pytest.CaptureFixture[str], storm: str, figures: str) -> None:
    """A line with the storm's figures: at once, and again at the end of the run. Helpers of a run
    in several processes cannot print, theirs stand at its end alone."""
    line = f"{storm}: {figures}"
    capsys.request.node.user_properties.append(("figures", line))
    with capsys.disabled():
        print(f"\n{line}", flush=True)
