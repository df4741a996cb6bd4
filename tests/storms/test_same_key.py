"""B-13: one key fired many times at once makes one document, whoever asks and wherever."""

import asyncio
from collections import Counter
from random import Random

import msgspec
import pytest

from bench import client, sales
from bench.client import Link, Reply, Sold
from bench.installation import POSTGRES, Installation, fresh
from bench.judge import judge
from bench.merchant import Merchant
from tests.storms.driver import engines, need, seed, size, told

pytestmark = pytest.mark.storm

AT_ONCE = 50
SERIES = "FR-KEY"


@engines
def test_fifty_identical_requests_make_one_document_and_others_are_refused(
    engine: str, capsys: pytest.CaptureFixture[str]
) -> None:
    need(engine)
    keys, chance = size("KEYS", 10, 200), seed()
    with fresh(engine) as installation:
        installation.serve(2 if engine == POSTGRES else 1)
        volley = Volley(installation, installation.found(1), Random(chance))
        asyncio.run(volley.fire(keys))
        verdict = judge(installation.database, volley.sold)
    told(
        capsys,
        f"B-13 {engine}",
        f"{AT_ONCE} requests at once × {keys} keys × 3 volleys, seed {chance}; "
        f"{verdict.sentence()}; answers {dict(sorted(volley.statuses.items()))}",
    )
    assert verdict.is_good, verdict
    assert verdict.documents == len(volley.sold) == 2 * keys
    assert not [status for status in volley.statuses if status >= 500]


class Volley:
    """Requests fired at once over connections of their own, to all servers in turn."""

    def __init__(self, installation: Installation, merchant: Merchant, random: Random) -> None:
        self.ports = installation.ports
        self.merchant = merchant
        self.random = random
        self.statuses: Counter[int] = Counter()
        self.sold: list[Sold] = []

    async def fire(self, keys: int) -> None:
        links = [await client.connect(self.ports[one % len(self.ports)]) for one in range(AT_ONCE)]
        for _ in range(keys):
            key, intent, body = await self.identical(links)
            await self.differing(links, key, intent, body)
            await self.mixed(links)
        for link in links:
            link.close()

    async def identical(self, links: list[Link]) -> tuple[str, str, bytes]:
        """All get the one document, or are told that it is being made."""
        key, intent = self.key(), await self.intent(links[0])
        body = sales.conclusion(intent, sales.a_receipt(SERIES))
        replies = await self.at_once(links, key, [body] * AT_ONCE)
        good = {reply.body for reply in replies if reply.status == 200}
        assert len(good) == 1
        assert {reply.status for reply in replies} <= {200, 409}
        self.sold.append(client.sold(good.pop(), intent, SERIES))
        return key, intent, body

    async def differing(self, links: list[Link], key: str, intent: str, body: bytes) -> None:
        """The key is taken: a request that differs in one member is refused."""
        bodies = [self.changed(body) for _ in links]
        replies = await self.at_once(links, key, bodies)
        assert {reply.status for reply in replies} == {422}
        assert all(b"ISSUE-KEY-01" in reply.body for reply in replies)

    async def mixed(self, links: list[Link]) -> None:
        """Two different requests race for a fresh key: one wins, the other one is refused."""
        key, intent = self.key(), await self.intent(links[0])
        one = sales.conclusion(intent, sales.a_receipt(SERIES))
        pair = [one, self.changed(one)]
        bodies = [pair[self.random.randrange(2)] for _ in links]
        replies = await self.at_once(links, key, bodies)
        good = {
            (body, reply.body)
            for body, reply in zip(bodies, replies, strict=True)
            if reply.status == 200
        }
        assert len(good) == 1
        winner, document = good.pop()
        losers = {
            reply.status for body, reply in zip(bodies, replies, strict=True) if body != winner
        }
        assert losers <= {422, 409}
        self.sold.append(client.sold(document, intent, SERIES))

    async def at_once(self, links: list[Link], key: str, bodies: list[bytes]) -> list[Reply]:
        bearer = self.merchant.bearer
        replies = await asyncio.gather(
            *(
                link.ask(sales.post("/records", bearer, key, body))
                for link, body in zip(links, bodies, strict=True)
            )
        )
        self.statuses.update(reply.status for reply in replies)
        return replies

    async def intent(self, link: Link) -> str:
        body = sales.intention(self.merchant.systems[0])
        reply = await link.ask(sales.post("/records", self.merchant.bearer, self.key(), body))
        assert reply.status == 200, reply.body
        return client.shown(reply.body).content.id

    def key(self) -> str:
        return sales.a_key(self.random.getrandbits(128))

    def changed(self, body: bytes) -> bytes:
        """The same request, one member different."""
        content = msgspec.json.decode(body)
        number = f"SALE-{self.random.randrange(1_000_000)}"  # digits alone would be compared
        content["content"]["operation"]["document"]["number"] = number
        return msgspec.json.encode(content)
