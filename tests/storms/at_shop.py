"""Portuguese shops whose documents are told to the authority at once: they sell, take back, cancel,
and a person looks after what was refused."""

import asyncio
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from http.client import HTTPException
from random import Random

from bench import client, sales
from bench.authority import tells_at_once
from bench.installation import Installation
from bench.judge import rows
from bench.merchant import Caller, Merchant, found
from tests.storms.driver import ANSWER_SECONDS, Shop, Till

RECEIPTS, INVOICES, NOTES = ("FR-A", "FR-B"), ("FT-A",), ("NC-A",)
SERIES = [*RECEIPTS, *INVOICES, *NOTES]
GOOD_WORD, BAD_WORD = "example-only", "wrong"
REGISTERS = 2
_WEIGHTS = range(9, 1, -1)
_DOWN = (OSError, HTTPException, ValueError)


@dataclass(kw_only=True)
class TellingShop:
    """One taxpayer. `originals`: receipts that nothing has been done about yet; `is_closed`: nobody
    begins a sale; `busy`: clients that are at one."""

    shop: Shop
    tax_number: str
    originals: list[str] = field(default_factory=list)
    cancelled: int = 0
    is_closed: bool = False
    busy: int = 0

    async def open(self) -> None:
        """The first document of each series, so that all are registered."""
        till = Till(shop=self.shop, number=0)
        for series in RECEIPTS:
            await self._issue(till, a_receipt(series, 1), series)
        for series in INVOICES:
            await self._issue(till, sales.an_invoice(series), series)
        await self._issue(till, sales.a_correction(NOTES[0], self.originals.pop()), NOTES[0])
        till.close()

    async def trade(
        self, number: int, is_over: Callable[[], bool], is_full: Callable[[], bool]
    ) -> None:
        """One client, as long as it is not over; it waits while too much is still to be told."""
        till = Till(shop=self.shop, number=number)
        while not is_over():
            if is_full() or self.is_closed:
                await asyncio.sleep(0.1)
                continue
            self.busy += 1
            await self._act(till)
            self.busy -= 1
        till.close()

    async def _act(self, till: Till) -> None:
        random = self.shop.random
        dice = random.random()
        if dice < 0.12 and self.originals:
            await self._cancel(till, self.originals.pop())
        elif dice < 0.24 and self.originals:
            note = sales.a_correction(NOTES[0], self.originals.pop())
            await self._issue(till, note, NOTES[0])
        elif dice < 0.4:
            await self._issue(till, sales.an_invoice(INVOICES[0]), INVOICES[0])
        else:
            series = random.choice(RECEIPTS)
            await self._issue(till, a_receipt(series, random.randint(1, 99)), series)

    async def _issue(self, till: Till, operation: sales.Operation, series: str) -> None:
        reply, intent = await self._concluded(till, operation)
        if reply is None:
            return
        sold = client.sold(reply.body, intent, series)
        self.shop.sold.append(sold)
        if series in RECEIPTS:
            self.originals.append(sold.record)

    async def _cancel(self, till: Till, record: str) -> None:
        reply, _ = await self._concluded(till, sales.a_cancellation(record))
        self.cancelled += reply is not None

    async def _concluded(
        self, till: Till, operation: sales.Operation
    ) -> tuple[client.Reply | None, str]:
        system = self.shop.random.choice(self.shop.merchant.systems)
        opened = await till.answered(sales.intention(system))
        if opened is None:
            return None, ""
        intent = client.shown(opened.body).content.id
        return await till.answered(sales.conclusion(intent, operation)), intent

    async def pass_word(self, word: str) -> None:
        """Give the taxpayer another password. It is out of service meanwhile: nobody sells then."""
        self.is_closed = True
        while self.busy:
            await asyncio.sleep(0.02)
        law = self._law(word)
        deadline = time.monotonic() + ANSWER_SECONDS
        for content in ({"mode": "SUSPENDED"}, {"fiscalization": law}, {"mode": "OPERATIVE"}):
            while not await asyncio.to_thread(self._changed, content):
                assert time.monotonic() < deadline, (content, self.shop.wrong)
                await asyncio.sleep(0.2)
        self.is_closed = False

    def _law(self, word: str) -> sales.Operation:
        said = {"type": "AT", "username": f"{self.tax_number}/1", "password": word}
        return {"type": "PT", "tax_id_number": self.tax_number, "credentials": said}

    def _changed(self, content: sales.Operation) -> bool:
        """Change the taxpayer; False if nobody answered."""
        path = f"/taxpayers/{self.shop.merchant.taxpayer}"
        try:
            status, answer = self._caller().ask("PATCH", path, {"content": content})
        except _DOWN:
            return False
        assert status in (200, 503), answer
        return status == 200

    def look_after(self, most: int = 10) -> int:
        """A person has refused reports sent again; gives how many."""
        merchant = self.shop.merchant
        refused = rows(
            self.shop.installation.database,
            "SELECT id FROM obligation WHERE state = 'refused'"  # noqa: S608 - an id of ours
            f" AND taxpayer = '{merchant.taxpayer}'",
        )
        try:
            for (id_,) in refused[:most]:
                path = f"/taxpayers/{merchant.taxpayer}/reports/{id_}/retry"
                status, answer = self._caller().ask("POST", path)
                assert status in (200, 405, 409, 503), answer
        except _DOWN:
            return 0
        return len(refused)

    def _caller(self) -> Caller:
        return self.shop.installation.caller(self.shop.merchant.bearer)


def founded(installation: Installation, taxpayers: int, random: Random) -> list[TellingShop]:
    """So many taxpayers that tell at once, each with an organization of its own."""
    first = installation.first()
    shops = []
    for number in range(taxpayers):
        nif = tax_number(50_300_100 + number)
        merchant: Merchant = found(installation.caller(), first, REGISTERS, nif)
        tells_at_once(installation.caller(merchant.bearer), merchant)
        shop = Shop(installation=installation, merchant=merchant, series=SERIES, random=random)
        shops.append(TellingShop(shop=shop, tax_number=nif))
    return shops


def tax_number(eight: int) -> str:
    """A Portuguese one of these eight digits and what checks them."""
    digits = f"{eight:08}"
    rest = sum(int(one) * weight for one, weight in zip(digits, _WEIGHTS, strict=True)) % 11
    return f"{digits}{0 if rest < 2 else 11 - rest}"


def a_receipt(series: str, coffees: int) -> sales.Operation:
    """So many coffees at 1 and 23 %, and a loaf of bread."""
    operation = deepcopy(sales.a_receipt(series))
    net, vat = f"{coffees}.00", f"{coffees * 23 / 100:.2f}"
    gross = f"{coffees * 123 / 100:.2f}"
    coffee = operation["entries"][0]["data"]
    coffee["unit"]["quantity"], coffee["value"]["base"] = str(coffees), net
    coffee["vat"].update(amount=vat, exclusive=net, inclusive=gross)
    total = {
        "amount": f"{(coffees * 23 + 6) / 100:.2f}",
        "exclusive": f"{coffees + 1}.00",
        "inclusive": f"{(coffees * 123 + 106) / 100:.2f}",
    }
    operation["document"]["total_vat"] = total
    operation["payments"][0]["details"]["amount"] = total["inclusive"]
    return operation
