"""B-40: while a TSE is out sales go on unsigned, the outage is on record from its first document to
its last, and its end needs nobody."""

import asyncio
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random
from statistics import median

import pytest

from bench.installation import POSTGRES, fresh
from fiscus.signers.tse.log.verify import check
from tests.storms.driver import engines, need, seed, size, told
from tests.storms.far_tse import FarTse, Way, a_far_tse
from tests.storms.german_judge import judge
from tests.storms.german_shop import GermanShop, Json, Till, Told, a_sale, a_shop

pytestmark = pytest.mark.storm

REGISTERS = 3
CALLS_MAX = 3
"""Requests of one call: it may have asked something else before, and it is tried twice."""

PATIENCE_SECONDS = 150
OPENING: Json = {"type": "session_open", "currency": "EUR", "opening_balance_amount": "100.00"}
CLOSING: Json = {"type": "session_close"}


@engines
def test_sales_go_on_unsigned_while_the_tse_is_out_and_signed_when_it_is_back(
    engine: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    need(engine)
    outages, chance = size("TSE_OUTAGES", 2, 100), seed()
    processes = 2 if engine == POSTGRES else 1
    with a_far_tse(tmp_path) as far, fresh(engine, None, **far.settings) as installation:
        installation.serve(processes)
        shop = a_shop(installation, REGISTERS, Random(chance))
        storm = Storm(shop, far, Random(chance), processes)
        asyncio.run(storm.through(outages))
        archives = {register: shop.archive(register) for register in shop.kiosk.registers}
        verdict = judge(installation.database, archives, shop.told, shop.parked, events=REGISTERS)
        installation.run("verify")
    told(
        capsys,
        f"B-40 {engine}",
        f"{outages} outages, seed {chance}; {verdict.sentence()}; {verdict.outages} on record; "
        f"{storm.sentence()}",
    )
    assert shop.wrong == []
    assert verdict.is_good, verdict
    assert verdict.outages >= outages * REGISTERS
    assert verdict.signed > outages * REGISTERS
    for register, archive in archives.items():
        file = tmp_path / f"{register}.tar"
        file.write_bytes(archive)
        assert check(file) == ()


class Storm:
    """The first register closes its session now and then, two tills sell at each of the others.

    An outage lasts until enough was sold at each register, and closed at the first: that all this
    can be done without the device is proved by its coming back only afterwards.
    """

    def __init__(self, shop: GermanShop, far: FarTse, random: Random, processes: int) -> None:
        self.shop = shop
        self.far = far
        self.random = random
        self.processes = processes
        self.is_over = False

    async def through(self, outages: int) -> None:
        closing, *selling = self.shop.kiosk.registers
        tills = [self.close_now_and_then(closing)]
        tills += [self.sell(register) for register in selling for _ in range(2)]
        load = asyncio.gather(*tills)
        ways = self.random.sample(list(Way), len(Way))
        try:
            for number in range(outages):
                await self.until("signed", self.is_signed, load)
                await self.outage(ways[number % len(ways)], load)
            await self.until("signed", self.is_signed, load)
            self.is_over = True
            await load
        finally:
            load.cancel()
        await self.close_all()

    async def outage(self, way: Way, load: "asyncio.Future[list[None]]") -> None:
        count = self.random.randint(2, 12)
        with self.far.out(way):
            await self.until(way, lambda since: self.is_sold_without(since, count), load)
            await asyncio.sleep(self.random.uniform(0, 1))
            asked = self.far.asked()
        assert asked <= CALLS_MAX * REGISTERS * self.processes, (way, asked)

    async def until(
        self,
        what: str,
        is_enough: Callable[[list[Told]], bool],
        load: "asyncio.Future[list[None]]",
    ) -> None:
        """Until enough has been told from now on."""
        first, deadline = len(self.shop.told), time.monotonic() + PATIENCE_SECONDS
        while not is_enough(self.shop.told[first:]):
            assert not load.done(), (what, self.shop.wrong, load)
            assert time.monotonic() < deadline, (what, self.shop.told[first:], self.problems())
            await asyncio.sleep(0.02)

    def problems(self) -> list[object]:
        installation = self.shop.installation
        return [installation.health(port).get("problems") for port in installation.ports]

    def is_signed(self, since: list[Told]) -> bool:
        """Each register has its device back: operations are signed from beginning to end."""
        signed = {one.register for one in since if one.signature}
        return signed == set(self.shop.kiosk.registers)

    def is_sold_without(self, since: list[Told], count: int) -> bool:
        unsigned = [one for one in since if one.outage]
        sold = [
            sum(one.register == register for one in unsigned)
            for register in self.shop.kiosk.registers
        ]
        return min(sold) >= count and any(one.type == "session_close" for one in unsigned)

    async def sell(self, register: str) -> None:
        """Sales, two at a time: an outage begins and ends in the middle of some."""
        with closing(Till(shop=self.shop)) as till:
            while not self.is_over:
                first = await till.begin(a_sale(register, self.shop.quantity()))
                second = await till.begin(a_sale(register, self.shop.quantity()))
                await till.complete(second)
                await (till.complete(first) if self.random.random() < 0.8 else till.void(first))

    async def close_now_and_then(self, register: str) -> None:
        with closing(Till(shop=self.shop)) as till:
            while not self.is_over:
                for _ in range(self.random.randint(0, 2)):
                    await till.complete(await till.begin(a_sale(register, self.shop.quantity())))
                await till.event(CLOSING, register)
                await till.event(OPENING, register)

    async def close_all(self) -> None:
        """Each register, also where nobody has closed till now: closings list what is unsigned."""
        with closing(Till(shop=self.shop)) as till:
            for register in self.shop.kiosk.registers:
                await till.event(CLOSING, register)

    def sentence(self) -> str:
        unsigned = [one.seconds for one in self.shop.told if one.outage]
        signed = [one.seconds for one in self.shop.told if one.signature]
        return (
            f"answers while out: median {median(unsigned):.3f} s, slowest {max(unsigned):.1f} s, "
            f"{sum(seconds > 1 for seconds in unsigned)} above 1 s; signed: median "
            f"{median(signed):.3f} s"
        )
