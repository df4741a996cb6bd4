"""Documents told to the Portuguese authority while everything fails that can: none is told twice,
none is lost, and nothing is told that was not sealed (reliability.md 6)."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bench.authority import (
    DOCUMENTS,
    EXPIRED,
    REGISTER,
    FarAuthority,
    a_far_authority,
)
from bench.installation import POSTGRES, Installation, fresh
from bench.judge import rows
from bench.waiting import end_leases, hasten
from tests.storms.at_judge import compared
from tests.storms.at_shop import BAD_WORD, GOOD_WORD, TellingShop, founded
from tests.storms.driver import engines, need, seed, size, told

pytestmark = pytest.mark.storm

CLIENTS = 2
"""Of each taxpayer."""

OPEN_MAX = 400
SETTLED_SECONDS = 300
DO_SECONDS = 30

Fault = tuple[str, str, str, float]
"""Kind, moment, argument, and how much oftener or more rarely than others it comes."""

FAULTS: tuple[Fault, ...] = (
    ("timeout", "before", "", 1),
    ("timeout", "after", "", 1),
    ("timeout", "after", "9", 0.02),
    ("slow", "", "9", 0.02),
    ("slow", "", "0.3", 0.5),
    ("reset", "before", "", 1),
    ("reset", "after", "", 1),
    ("half", "after", "", 1),
    ("html", "before", "", 1),
    ("html", "after", "", 1),
    ("soap-fault", "before", "", 1),
    ("soap-fault", "after", "", 1),
    ("unavailable", "before", "", 1),
    ("unavailable", "after", "", 1),
    ("duplicate", "", "", 1),
    ("refusal", "", "-7", 0.5),
    ("refusal", "", "-99", 0.5),
    ("refusal", "", "-16", 0.05),
)
CONFUSED: tuple[Fault, ...] = (("other-answer", "after", "", 2),)
"""An answer to documents does not say to which. What is not worked, and is answered with the
success of another all the same, would be believed: so these never come together with such."""

ASTRAY: tuple[Fault, ...] = (("clock", "", "-7200", 1), ("clock", "", "7200", 1))

CHANCE = 0.09
"""Of each fault that comes as often as most: about two of three submissions fail."""


@engines
def test_every_document_is_told_once_whatever_fails(
    engine: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    need(engine)
    wanted, chance = size("REPORTS", 120, 10_000), seed()
    with (
        a_far_authority(tmp_path / "authority") as far,
        fresh(engine, None, **far.settings) as installation,
    ):
        installation.serve(2 if engine == POSTGRES else 1)
        shops = founded(installation, size("REPORTS_TAXPAYERS", 3, 6), Random(chance))
        storm = ReportStorm(installation, far, shops, Random(chance))
        begun = time.monotonic()
        asyncio.run(storm.through(wanted))
        seconds = time.monotonic() - begun
        whose = {one.shop.merchant.taxpayer: one.tax_number for one in shops}
        verdict = compared(installation.database, far, whose)
        sold = [judged_alone(one) for one in shops]
        installation.run("verify")
    told(
        capsys,
        f"Reports {engine}",
        f"{storm.faulted} faulted submissions in {seconds:.0f} s, {storm.kills} kills, "
        f"{storm.absences} absences, {storm.words} times wrong credentials, {storm.retried} sent "
        f"again by a person, seed {chance}; {verdict.sentence()}; settled in {storm.settled:.0f} s",
    )
    assert verdict.is_good, verdict
    assert verdict.documents == sum(sold)
    assert verdict.cancelled == sum(one.cancelled for one in shops) > 0
    assert storm.faulted >= wanted


def judged_alone(one: TellingShop) -> int:
    assert one.shop.wrong == []
    return len(one.shop.sold)


class ReportStorm:
    """Shops that sell, an authority that fails, and time that passes quicker than it does."""

    def __init__(
        self,
        installation: Installation,
        far: FarAuthority,
        shops: list[TellingShop],
        random: Random,
    ) -> None:
        self.installation = installation
        self.far = far
        self.shops = shops
        self.random = random
        self.is_over = False
        self.is_full = False
        self.kills = self.absences = self.words = self.retried = 0
        self.hits = 0
        self.faulted = 0
        self.settled = 0.0

    async def through(self, wanted: int) -> None:
        """Until so many submissions have not been answered as they should."""
        for one in self.shops:
            await one.open()
        load = asyncio.gather(
            *(
                one.trade(number, lambda: self.is_over, lambda: self.is_full)
                for one in self.shops
                for number in range(CLIENTS)
            )
        )
        beside = [asyncio.create_task(one) for one in (self._hasten(), self._look_after())]
        try:
            await self._strike(wanted, [load, *beside])
            self.is_over = True
            await load
            await self._settle()
        finally:
            self.is_over = True
            load.cancel()
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    async def _strike(self, wanted: int, beside: "list[asyncio.Future[Any]]") -> None:
        turns = 0
        while self.faulted < wanted or turns < len(self._turns):
            self._order((*FAULTS, *CONFUSED))
            await asyncio.sleep(self.random.uniform(1, 3))
            self._order((*FAULTS, *ASTRAY))
            await self._turns[turns % len(self._turns)](self)
            await asyncio.sleep(self.random.uniform(0.5, 2))
            turns += 1
            assert not any(one.done() for one in beside), beside

    def _order(self, faults: tuple[Fault, ...]) -> None:
        """Other faults than before; what struck is counted."""
        self._count()
        self.far.take_back()
        for operation in DOCUMENTS:
            for kind, moment, argument, often in faults:
                is_registering = operation == REGISTER
                if kind == "refusal" and not is_registering:
                    continue
                self.far.order(
                    kind,
                    operation,
                    CHANCE * often,
                    moment=moment,
                    argument=argument,
                    seed=self.random.getrandbits(32),
                )
        self.far.order(EXPIRED, "", 0.1, seed=self.random.getrandbits(32))

    def _count(self) -> None:
        self.hits += sum(one["hits"] for one in self.far.orders() if one["kind"] == EXPIRED)
        self.faulted = self.far.faulted(*DOCUMENTS) + self.hits

    async def _kill(self) -> None:
        """One server, or all: then nobody holds a task any more, as after the end of its lease."""
        ports = self.installation.ports
        victims = self.random.sample(ports, self.random.randint(1, len(ports)))
        await asyncio.to_thread(self._killed, victims)
        self.kills += len(victims)

    def _killed(self, victims: list[int]) -> None:
        for port in victims:
            self.installation.kill(port)
        if len(victims) == len(self.installation.ports):
            end_leases(self.installation.database, "report")
        for port in victims:
            self.installation.start(port)
        for port in victims:
            self.installation.wait(port)

    async def _be_away(self) -> None:
        self._count()
        await asyncio.to_thread(self.far.leave)
        self.absences += 1
        await asyncio.sleep(self.random.uniform(1, 4))
        await asyncio.to_thread(self.far.come_back)

    async def _mistake(self) -> None:
        """A taxpayer's password becomes wrong, and right again."""
        one = self.random.choice(self.shops)
        await one.pass_word(BAD_WORD)
        self.words += 1
        await asyncio.sleep(self.random.uniform(1, 3))
        await one.pass_word(GOOD_WORD)
        await asyncio.sleep(1)

    _turns = (_kill, _be_away, _mistake)

    async def _until(self, do: Callable[[], bool], seconds: float = DO_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while not await asyncio.to_thread(do):
            assert time.monotonic() < deadline, (do, self._standing())
            await asyncio.sleep(0.2)

    async def _hasten(self) -> None:
        """Time passes for what waits for another try; what a worker has at hand is left alone."""
        while True:
            await asyncio.to_thread(hasten, self.installation.database, "report")
            [(count,)] = await asyncio.to_thread(
                rows,
                self.installation.database,
                "SELECT count(*) FROM obligation WHERE state IN ('pending', 'unknown')",
            )
            self.is_full = count > OPEN_MAX
            await asyncio.sleep(0.1)

    async def _look_after(self) -> None:
        while True:
            await asyncio.sleep(2)
            for one in self.shops:
                self.retried += await asyncio.to_thread(one.look_after)

    async def _settle(self) -> None:
        """All is well again: everything comes to its end by itself, but for what was refused. What
        the last killed process held comes when its lease is over: here all are killed once more."""
        self._count()
        self.far.take_back()
        begun = time.monotonic()
        if len(self.installation.ports) > 1:
            await asyncio.to_thread(self._killed, self.installation.ports)
        await self._until(lambda: not self._standing(), SETTLED_SECONDS)
        self.settled = time.monotonic() - begun

    def _standing(self) -> list[tuple[object, ...]]:
        return rows(
            self.installation.database,
            "SELECT state, code, answer, count(*) FROM obligation WHERE state <> 'accepted'"
            " GROUP BY state, code, answer",
        )
