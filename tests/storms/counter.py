"""One till of one shop, the whole service in this process: what a storm of single steps needs."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import httpx
import msgspec

from bench import merchant, sales
from bench.client import Sold
from bench.installation import new_database
from bench.judge import rows
from bench.merchant import Caller, First, Merchant, Send
from fiscus.app import application, build, wall_clock
from fiscus.model.times import Clock
from fiscus.registry import bootstrap
from fiscus.services import Services
from fiscus.settings import Settings
from fiscus.store.connect import writing
from tests.storms.driver import need
from tests.storms.faults import Points, watched


class Sale(msgspec.Struct, kw_only=True):
    """An intention and what concludes it, each with its key: what is sent, and sent again."""

    bearer: str
    system: str
    operation: dict[str, Any]
    keys: list[str]


def sell(caller: Caller, sale: Sale) -> tuple[int, Any]:
    """Both requests; the answer of the first that is not good, else the document."""
    intention = msgspec.json.decode(sales.intention(sale.system))
    status, opened = caller.ask("POST", "/records", intention, key=sale.keys[0])
    if status != 200:
        return status, opened
    content = {
        "type": "TRANSACTION",
        "record": {"id": opened["content"]["id"]},
        "operation": sale.operation,
    }
    return caller.ask("POST", "/records", {"content": content}, key=sale.keys[1])


class Counter:
    """A shop with one till, in this process, and all documents it was promised."""

    def __init__(
        self, services: Services, caller: Caller, merchant: Merchant, random: Random
    ) -> None:
        self.services = services
        self.caller = caller
        self.merchant = merchant
        self.random = random
        self.sold: list[Sold] = []
        self.series = 0

    @property
    def url(self) -> str:
        return self.services.engine.url.render_as_string(hide_password=False)

    def documents(self) -> int:
        """How many documents and acts are in the journal."""
        count: int = rows(self.url, "SELECT count(*) FROM entry WHERE intent IS NOT NULL")[0][0]
        return count

    def sale(self, kind: str) -> Sale:
        """A fresh sale; corrections and cancellations get a receipt of their own to refer to."""
        return Sale(
            bearer=self.merchant.bearer,
            system=self.merchant.systems[0],
            operation=self._operation(kind),
            keys=[sales.a_key(self.random.getrandbits(128)) for _ in range(2)],
        )

    def _operation(self, kind: str) -> dict[str, Any]:
        match kind:
            case "first of a series":
                self.series += 1
                return sales.a_receipt(f"FR-NEW-{self.series}")
            case "invoice":
                return sales.an_invoice("FT-A")
            case "correction":
                return sales.a_correction("NC-A", self.good(self.sale("receipt")))
            case "cancellation":
                return sales.a_cancellation(self.good(self.sale("receipt")))
        return sales.a_receipt("FR-A")

    def good(self, sale: Sale) -> str:
        """Sell, be answered with 200, remember the document; gives its id."""
        status, answer = sell(self.caller, sale)
        assert status == 200, answer
        self.remember(sale, answer["content"])
        record: str = answer["content"]["id"]
        return record

    def remember(self, sale: Sale, content: Any) -> None:
        compliance = content.get("compliance")
        if compliance is None:
            return
        operation = sale.operation.get("data", sale.operation)
        self.sold.append(
            Sold(
                record=content["id"],
                intent=content["record"]["id"],
                series=operation["document"]["series"],
                number=int(compliance["sequence"]["number"]),
                atcud=compliance["data"],
            )
        )


@contextmanager
def an_installation(
    folder: Path, url: str, points: Points, clock: Clock = wall_clock
) -> Iterator[tuple[Services, Caller]]:
    """The whole service in this process, each of its steps a fault point."""
    settings = Settings(data_dir=folder, database_url=url, log_level="error")
    services = watched(build(settings, clock), points)
    service = application(services, with_worker=False)
    with asyncio.Runner() as runner:
        stage = Lifespan()
        running = runner.run(stage.begun(service))
        http = httpx.AsyncClient(transport=httpx.ASGITransport(service), base_url="http://fiscus")
        try:
            yield services, Caller(over(runner, http))
        finally:
            runner.run(http.aclose())
            runner.run(stage.ended(running))


class Lifespan:
    """The server's part of starting and stopping a service (ASGI)."""

    def __init__(self) -> None:
        self._said: asyncio.Queue[Any] = asyncio.Queue()
        self._heard: asyncio.Queue[Any] = asyncio.Queue()

    async def begun(self, service: Any) -> "asyncio.Task[None]":
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
        running: asyncio.Task[None] = asyncio.ensure_future(
            service(scope, self._said.get, self._heard.put)
        )
        await self._pass("startup")
        return running

    async def ended(self, running: "asyncio.Task[None]") -> None:
        await self._pass("shutdown")
        await running

    async def _pass(self, what: str) -> None:
        await self._said.put({"type": f"lifespan.{what}"})
        answer = await self._heard.get()
        assert answer["type"] == f"lifespan.{what}.complete", answer


def over(runner: asyncio.Runner, http: httpx.AsyncClient) -> Send:
    def send(method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Any]:
        asked = http.request(method, path, headers=dict(headers), content=body, timeout=60)
        answer = runner.run(asked)
        return answer.status_code, answer.json()

    return send


@contextmanager
def a_counter(engine: str, folder: Path, points: Points, random: Random) -> Iterator[Counter]:
    need(engine)
    with new_database(engine) as url, an_installation(folder, url, points) as (services, caller):
        with writing(services.engine) as tx:
            first = bootstrap.found(
                tx,
                services.macs.credentials,
                by="operator",
                account="Account",
                group="Group",
                environment="test",
                ids=services.uuid4,
                entropy=services.entropy,
                at=services.clock(),
            )
        shop = merchant.found(caller, First(first.key, first.secret), 1)
        counter = Counter(services, caller, shop, random)
        for kind in ("receipt", "invoice", "correction"):
            counter.good(counter.sale(kind))
        yield counter
