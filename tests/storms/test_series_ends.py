"""Series registered, finished and cancelled while everything fails that can: none is there twice,
none is lost, and how it stands here is how it stands at the authority."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from bench import client, sales
from bench.authority import SERIES, FarAuthority, a_far_authority
from bench.installation import POSTGRES, Installation, fresh
from bench.judge import rows
from bench.waiting import end_leases, hasten
from tests.storms.at_judge import compared
from tests.storms.at_shop import TellingShop, a_receipt, founded
from tests.storms.driver import ANSWER_SECONDS, Till, engines, need, seed, size, told

pytestmark = pytest.mark.storm

CLIENTS = 6
PATIENCE_SECONDS = 240
KINDS = ("used", "finished", "raced", "cancelled", "never used")
HAS_ENDED = b"ISSUE-SERIES-09"

FAULTS = (
    ("timeout", "before", ""),
    ("timeout", "after", ""),
    ("reset", "before", ""),
    ("reset", "after", ""),
    ("half", "after", ""),
    ("html", "before", ""),
    ("html", "after", ""),
    ("soap-fault", "before", ""),
    ("soap-fault", "after", ""),
    ("unavailable", "before", ""),
    ("unavailable", "after", ""),
    ("other-answer", "before", ""),
    ("other-answer", "after", ""),
    ("slow", "", "0.2"),
    ("clock", "", "7200"),
    ("refusal", "", "5000"),
)
ENDS = ("finalizarSerie", "anularSerie")
CHANCE = 0.04


@engines
def test_series_stand_here_as_they_stand_at_the_authority(
    engine: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    need(engine)
    count, chance = size("SERIES", 6, 200), seed()
    with (
        a_far_authority(tmp_path / "authority") as far,
        fresh(engine, None, **far.settings) as installation,
    ):
        installation.serve(2 if engine == POSTGRES else 1)
        [shop] = founded(installation, 1, Random(chance))
        storm = SeriesStorm(installation, far, shop, Random(chance))
        begun = time.monotonic()
        asyncio.run(storm.through(count))
        seconds = time.monotonic() - begun
        whose = {shop.shop.merchant.taxpayer: shop.tax_number}
        verdict = compared(installation.database, far, whose)
        wrong = list(storm.apart())
        installation.run("verify")
    told(
        capsys,
        f"Series {engine}",
        f"{count} series, {storm.faulted} faulted messages in {seconds:.0f} s, "
        f"{storm.kills} kills, {storm.absences} absences, seed {chance}; {dict(storm.ended)}; "
        f"apart {len(wrong)}; "
        f"{verdict.sentence()}",
    )
    assert wrong == []
    assert shop.shop.wrong == []
    assert verdict.is_good, verdict
    assert verdict.documents == len(shop.shop.sold)


class SeriesStorm:
    """`ended` counts what was ordered of series; `faulted` messages not answered as they should."""

    def __init__(
        self, installation: Installation, far: FarAuthority, shop: TellingShop, random: Random
    ) -> None:
        self.installation = installation
        self.far = far
        self.shop = shop
        self.random = random
        self.is_over = False
        self.ended: Counter[str] = Counter()
        self.kills = self.absences = self.faulted = 0

    async def through(self, count: int) -> None:
        self._order()
        numbers = iter(range(count))
        load = asyncio.gather(*(self._client(numbers, number) for number in range(CLIENTS)))
        beside = [asyncio.create_task(one) for one in (self._hasten(), self._strike())]
        try:
            await load
            self.is_over = True
            await beside[1]
            self.faulted = self.far.faulted(*SERIES)
            self.far.take_back()
            await asyncio.to_thread(self._kill, list(self.installation.ports))
            await self._until_settled()
        finally:
            self.is_over = True
            load.cancel()
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    def _order(self) -> None:
        for operation in SERIES:
            for kind, moment, argument in FAULTS:
                self._ordered(kind, operation, moment, argument)
        for operation in ENDS:
            self._ordered("duplicate", operation, "", "")

    def _ordered(self, kind: str, operation: str, moment: str, argument: str) -> None:
        chance = self.random.getrandbits(32)
        self.far.order(kind, operation, CHANCE, moment=moment, argument=argument, seed=chance)

    async def _client(self, numbers: Iterator[int], number: int) -> None:
        till = Till(shop=self.shop.shop, number=number)
        for one in numbers:
            await self._life(till, f"S{one}", KINDS[one % len(KINDS)])
        till.close()

    async def _life(self, till: Till, name: str, kind: str) -> None:
        """One series from its beginning to what becomes of it."""
        if kind in ("cancelled", "never used") or self.random.random() < 0.3:
            await self._registered(name)
        if kind not in ("cancelled", "never used"):
            for _ in range(self.random.randint(1, 4)):
                assert await self._sold(till, name)
        if kind == "finished":
            await self._changed(name, "FINISHED")
        elif kind == "cancelled":
            await self._changed(name, "CANCELLED")
        elif kind == "raced":
            await asyncio.gather(self._changed(name, "FINISHED"), self._sold_until_it_ends(name))
        self.ended[kind] += 1

    async def _sold_until_it_ends(self, name: str) -> None:
        till = Till(shop=self.shop.shop, number=0)
        while await self._sold(till, name):
            pass
        till.close()

    async def _sold(self, till: Till, name: str) -> bool:
        """False: the series has ended. Anything else is asked for until it is there."""
        shop = self.shop.shop
        opened = await till.answered(sales.intention(shop.merchant.systems[0]))
        assert opened is not None, shop.wrong
        intent = client.shown(opened.body).content.id
        operation = a_receipt(name, self.random.randint(1, 99))
        reply = await till.answered(sales.conclusion(intent, operation))
        assert reply is not None, shop.wrong
        if client.shown(reply.body).content.compliance is None:
            assert HAS_ENDED in reply.body, reply.body
            return False
        shop.sold.append(client.sold(reply.body, intent, name))
        return True

    async def _registered(self, name: str) -> None:
        """Ahead of its first document; until it is there."""
        merchant = self.shop.shop.merchant
        said = {"taxpayer": {"id": merchant.taxpayer}, "document_type": "FR", "name": name}
        said["location"] = {"id": self._location()}
        await self._asked("POST", "/series", {"content": said})
        deadline = time.monotonic() + ANSWER_SECONDS
        while self._row(name)[1] != "active":
            assert time.monotonic() < deadline, self._row(name)
            await asyncio.sleep(0.1)

    def _location(self) -> str:
        found = rows(
            self.installation.database,
            "SELECT id FROM location WHERE is_head_office = 0",
        )
        return str(found[0][0])

    async def _changed(self, name: str, to: str) -> None:
        await self._asked("PATCH", f"/series/{self._row(name)[0]}", {"content": {"state": to}})

    async def _asked(self, method: str, path: str, body: Any) -> None:
        """One request with its key, until it is answered."""
        key, deadline = str(uuid4()), time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < deadline:
            caller = self.installation.caller(self.shop.shop.merchant.bearer)
            try:
                status, answer = await asyncio.to_thread(caller.ask, method, path, body, key=key)
            except (OSError, HTTPException, ValueError):
                status, answer = 503, "cut"
            if status == 200:
                return
            assert status in (409, 503) or "ISSUE-END-08" in str(answer), answer
            await asyncio.sleep(0.1)
        raise AssertionError((method, path, answer))

    def _row(self, name: str) -> tuple[Any, ...]:
        [found] = rows(
            self.installation.database,
            f"SELECT id, state, said FROM series WHERE name = '{name}'",  # noqa: S608
        )
        return found

    async def _strike(self) -> None:
        """Kills and absences, as long as there is something to strike."""
        while not self.is_over:
            await asyncio.sleep(self.random.uniform(2, 5))
            if self.random.random() < 0.5:
                await asyncio.to_thread(self._kill, list(self.installation.ports))
                self.kills += len(self.installation.ports)
            else:
                await asyncio.to_thread(self.far.leave)
                await asyncio.sleep(self.random.uniform(0.5, 2))
                await asyncio.to_thread(self.far.come_back)
                self.absences += 1

    def _kill(self, ports: list[int]) -> None:
        for port in ports:
            self.installation.kill(port)
        for kind in ("series", "report"):
            end_leases(self.installation.database, kind)
        for port in ports:
            self.installation.start(port)
        for port in ports:
            self.installation.wait(port)

    async def _hasten(self) -> None:
        while True:
            for kind in ("series", "report"):
                await asyncio.to_thread(hasten, self.installation.database, kind)
            await asyncio.sleep(0.2)

    async def _until_settled(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while open_ := self._open():
            assert time.monotonic() < deadline, open_
            await asyncio.sleep(0.2)

    def _open(self) -> list[tuple[Any, ...]]:
        url = self.installation.database
        query = "SELECT name, state, said FROM series WHERE state NOT IN"
        query += " ('active', 'finished', 'cancelled')"
        return rows(url, query) + rows(
            url, "SELECT id, state, answer FROM obligation WHERE state <> 'accepted'"
        )

    def apart(self) -> Iterator[str]:
        """Series that stand otherwise here than there, by name."""
        here = {
            name: (code, state.upper()[0], number if state == "finished" else None)
            for name, code, state, number in rows(
                self.installation.database,
                "SELECT name, validation_code, state, number FROM series",
            )
        }
        known = self.far.rows(
            "SELECT s.name, s.code, e.state, e.last_number FROM series s LEFT JOIN ended e"
            " USING (taxpayer, document_type, folded_name)"
        )
        letters = {None: "A", "F": "F", "N": "C"}
        there = {
            name: (code, letters[state], int(last) if last else None)
            for name, code, state, last in known
        }
        if len(there) != len(known):
            yield "two of one name"
        for name in here.keys() | there.keys():
            if here.get(name) != there.get(name):
                yield f"{name}: here {here.get(name)}, there {there.get(name)}"
        for name, code, number in self._beyond():
            yield f"{name} {code}: document {number} beyond its end"

    def _beyond(self) -> list[tuple[Any, ...]]:
        return rows(
            self.installation.database,
            "SELECT series.name, series.validation_code, entry.number FROM entry"
            " JOIN series ON series.id = entry.series"
            " WHERE series.state <> 'active'"
            " AND entry.number > coalesce(series.last_told, 0)",
        )
