"""German tills that never stop asking: what they do, what they were told, and nothing forgotten."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import msgspec

from bench import client, sales
from bench.client import Link, Reply
from bench.installation import Installation
from bench.kiosk import FIRST_VERSION, Caller, Kiosk, found, headers
from bench.merchant import First
from tests.storms.driver import ANSWER_SECONDS

Json = dict[str, Any]

GOOD = (200, 201)
AGAIN = 503
PATH = "/v1/operations"
ASIDE_SECONDS = 5.0
"""How long a till waits that was asked to come again; by then it has given its place away."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller was told of a concluded operation. `operation` is 32 hex digits; `begun` the
    device's transaction number as the answer to its creation named it, 0 if it named none;
    `number`, `counter` and `signature` those of the end, of an operation that was signed;
    `seconds` what the slower of its requests took."""

    operation: str
    register: str
    type: str
    status: str
    begun: int = 0
    number: int = 0
    counter: int = 0
    signature: str = ""
    outage: str = ""
    seconds: float = 0.0


class Parked(msgspec.Struct, frozen=True, kw_only=True):
    """A sale that was begun and is still open."""

    operation: str
    register: str
    begun: int


@dataclass(kw_only=True)
class GermanShop:
    """Some registers of one merchant. `cut`: requests whose connection broke; `again`: answers
    that asked for the same request once more; `wrong`: any answer there must not be."""

    installation: Installation
    kiosk: Kiosk
    random: Random
    told: list[Told] = field(default_factory=list)
    parked: list[Parked] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    cut: int = 0
    again: int = 0

    async def sell(self, clients: int, is_over: Callable[[], bool]) -> None:
        """So many operations at once, one after the other, until it is over.

        An operation whose device was being asked when its server died waits for half a minute
        before anybody else may go on with it. It gives its place to the next one for good, as the
        next customer would be served at another till.
        """
        places = asyncio.Semaphore(clients)
        tasks: set[asyncio.Task[None]] = set()
        while not is_over():
            await places.acquire()
            till = Till(shop=self, places=places, number=len(tasks))
            tasks.add(asyncio.create_task(self._turn(till)))
        await asyncio.gather(*tasks)

    async def _turn(self, till: "Till") -> None:
        """Mostly sales; some come to nothing, some things come back, some money leaves."""
        register = self.random.choice(self.kiosk.registers)
        dice = self.random.random()
        try:
            if dice < 0.06:
                await till.adjust(register)
            elif dice < 0.18:
                await till.void(await till.begin(a_sale(register, self.quantity())))
            else:
                sold = await till.complete(await till.begin(a_sale(register, self.quantity())))
                if dice > 0.88 and sold is not None:
                    await till.complete(await till.begin(a_return(sold)))
        finally:
            till.give_place()
            till.close()

    async def park(self) -> None:
        """A sale at each register that stays open."""
        till = Till(shop=self)
        for register in self.kiosk.registers:
            begun = await till.begin(a_sale(register, self.quantity()))
            if begun is not None:
                self.parked.append(begun.parked())
        till.close()

    def quantity(self) -> int:
        return self.random.randint(1, 99)

    def caller(self) -> Caller:
        return Caller(self.installation.ports[0], self.kiosk.bearer, self.kiosk.merchant)

    def archive(self, register: str) -> bytes:
        """The whole log of the register's device, as an auditor gets it."""
        return self.caller().ask("GET", f"/registers/{register}/tse/export")


def a_shop(installation: Installation, registers: int, random: Random) -> GermanShop:
    """A merchant with so many registers, each with a device and an open cash session."""
    first = msgspec.json.decode(installation.run("init", "--json"), type=First)
    founded = found(installation.ports[0], first, registers)
    return GermanShop(installation=installation, kiosk=founded, random=random)


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    shown: Json
    seconds: float

    def parked(self) -> Parked:
        return Parked(
            operation=self.shown["id"].removeprefix("op_"),
            register=self.shown["register_id"],
            begun=number_of(self.shown),
        )


@dataclass(kw_only=True)
class Till:
    """One connection; it goes to the next server when it breaks."""

    shop: GermanShop
    places: asyncio.Semaphore | None = None
    link: Link | None = None
    tries: int = 0
    number: int = 0

    async def begin(self, body: Json) -> Begun | None:
        begun = time.monotonic()
        shown = await self.answered(PATH, body)
        if shown is None:
            return None
        return Begun(shown=shown, seconds=time.monotonic() - begun)

    async def complete(self, begun: Begun | None) -> Json | None:
        if begun is None:
            return None
        return await self._concluded(begun, "complete", {"payments": [cash(begun.shown)]})

    async def void(self, begun: Begun | None) -> Json | None:
        if begun is None:
            return None
        return await self._concluded(begun, "void", {"reason": "customer_abandoned_checkout"})

    async def _concluded(self, begun: Begun, act: str, body: Json) -> Json | None:
        at = time.monotonic()
        path = f"{PATH}/{begun.shown['id']}/{act}"
        shown = await self.answered(path, body, **FIRST_VERSION)
        if shown is not None:
            seconds = max(begun.seconds, time.monotonic() - at)
            self.shop.told.append(told(shown, number_of(begun.shown), seconds))
        return shown

    async def adjust(self, register: str) -> None:
        """Money in or out: an event that is begun and concluded by one request."""
        amount = self.shop.random.choice(["5.00", "-5.00"])
        await self.event(
            {"type": "session_cash_adjustment", "amount": amount, "reason": "Wechselgeld"}, register
        )

    async def event(self, body: Json, register: str) -> Json | None:
        at = time.monotonic()
        shown = await self.answered(PATH, body | {"register_id": register})
        if shown is not None:
            self.shop.told.append(told(shown, 0, time.monotonic() - at))
        return shown

    async def answered(self, path: str, body: Json, **more: str) -> Json | None:
        """The answer to a request with a fresh key; None if it was not a good one."""
        shop = self.shop
        key = sales.a_key(shop.random.getrandbits(128))
        said = headers(shop.kiosk.bearer, shop.kiosk.merchant, key) | more
        request = sales.request(path, said, json.dumps(body).encode())
        deadline = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < deadline:
            reply = await self._tried(request)
            if reply and reply.status in GOOD:
                shown: Json = json.loads(reply.body)
                return shown
            if reply and reply.status != AGAIN:
                shop.wrong.append(f"{path} {reply.status} {reply.body[:300]!r}")
                return None
            if reply:
                shop.again += 1
                self.give_place()
            await asyncio.sleep(ASIDE_SECONDS if reply else 0.02)
        shop.wrong.append(f"{path}: no answer in {ANSWER_SECONDS} s")
        return None

    async def _tried(self, request: bytes) -> Reply | None:
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

    def give_place(self) -> None:
        if self.places is not None:
            self.places.release()
            self.places = None

    def close(self) -> None:
        if self.link is not None:
            self.link.close()
            self.link = None


def told(shown: Json, begun: int, seconds: float) -> Told:
    """The answer that concluded an operation."""
    fiscal = shown["fiscal_information"] or {}
    end = fiscal.get("end_event") or {}
    return Told(
        operation=shown["id"].removeprefix("op_"),
        register=shown["register_id"],
        type=shown["type"],
        status=shown["status"],
        begun=begun,
        number=number_of(shown) if end else 0,
        counter=end.get("transaction_counter", 0),
        signature=end.get("signature", ""),
        outage=(fiscal.get("outage") or {}).get("reason", ""),
        seconds=seconds,
    )


def number_of(shown: Json) -> int:
    """The device's number of the operation; 0 as long as it has none."""
    return int((shown["fiscal_information"] or {}).get("document_number") or 0)


def a_sale(register: str, quantity: int) -> Json:
    """So many things for 1.19 each."""
    net, vat, gross = f"{quantity}.00", _cents(quantity * 19), _cents(quantity * 119)
    return {
        "type": "sale",
        "source": "POS",
        "register_id": register,
        "currency": "EUR",
        "pretax_amount": net,
        "tax_amount": vat,
        "total_amount": gross,
        "line_items": [
            {
                "title": "Zeitung",
                "quantity": quantity,
                "unit_price": "1.19",
                "total_amount": gross,
                "taxes": [{"name": "USt", "rate": "0.19", "tax_amount": vat}],
            },
        ],
    }


def a_return(sold: Json) -> Json:
    """One of the things that were sold comes back."""
    line = {
        "title": "Zeitung",
        "quantity": 1,
        "unit_price": "-1.19",
        "total_amount": "-1.19",
        "taxes": [{"name": "USt", "rate": "0.19", "tax_amount": "-0.19"}],
    }
    return {
        "type": "return",
        "source": "POS",
        "register_id": sold["register_id"],
        "currency": "EUR",
        "related_operation_id": sold["id"],
        "pretax_amount": "-1.00",
        "tax_amount": "-0.19",
        "total_amount": "-1.19",
        "line_items": [line],
    }


def cash(shown: Json) -> Json:
    amount = shown["total_amount"]
    return {"method": "cash", "status": "captured", "amount": amount, "currency": "EUR"}


def _cents(count: int) -> str:
    return f"{count // 100}.{count % 100:02}"
