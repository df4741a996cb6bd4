"""One German till with its device, the whole service in this process: for storms of single steps.

The clock can be moved on, because nobody may go on with what a dead process asked of a device
before half a minute is over."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from bench import kiosk, sales
from bench.installation import new_database
from bench.judge import rows
from bench.merchant import Send
from fiscus.api.families.reporting import ids
from fiscus.app import wall_clock
from fiscus.background import worker
from fiscus.issuing import driver
from fiscus.issuing.signing import HELD
from fiscus.model.devices import LogFilter
from fiscus.registry import bootstrap
from fiscus.services import Services
from fiscus.store.connect import writing
from tests.storms import german_shop
from tests.storms.counter import an_installation
from tests.storms.driver import need
from tests.storms.faults import Points
from tests.storms.german_judge import Verdict, judge
from tests.storms.german_shop import GOOD, PATH, Told

Json = dict[str, Any]

OPENING: Json = {"type": "session_open", "currency": "EUR", "opening_balance_amount": "100.00"}
CLOSING: Json = {"type": "session_close"}
MOVEMENT: Json = {"type": "session_cash_adjustment", "amount": "5.00", "reason": "Wechselgeld"}
VOID: Json = {"reason": "customer_abandoned_checkout"}


class LateClock:
    """The clock on the wall, and so many seconds more."""

    def __init__(self, seconds: float = 0) -> None:
        self.seconds = seconds

    def __call__(self) -> datetime:
        return wall_clock() + timedelta(seconds=self.seconds)


class Deed(msgspec.Struct, kw_only=True):
    """What is asked for by one request or two, each with its key: what is sent, and sent again.
    `act` is what concludes it, empty if it is concluded as it begins."""

    bearer: str
    merchant: str
    body: Json
    act: str
    keys: list[str]


def do(send: Send, deed: Deed) -> tuple[int, Json, int]:
    """Both requests; the answer of the first that is not good, else what was concluded; and the
    number its device gave it, as the answer to its creation told it."""
    status, begun = _ask(send, deed, 0, PATH, deed.body)
    if status not in GOOD or not deed.act:
        return status, begun, 0
    body = VOID if deed.act == "void" else {"payments": [german_shop.cash(begun)]}
    status, ended = _ask(send, deed, 1, f"{PATH}/{begun['id']}/{deed.act}", body)
    return status, ended, german_shop.number_of(begun)


def _ask(send: Send, deed: Deed, which: int, path: str, body: Json) -> tuple[int, Json]:
    said = kiosk.headers(deed.bearer, deed.merchant, deed.keys[which])
    said |= kiosk.FIRST_VERSION if which else {}
    said |= {"Content-Type": "application/json"}
    return send("POST", path, said, json.dumps(body).encode())


class GermanCounter:
    """A register that is fitted and open, and all it was told of."""

    def __init__(self, services: Services, send: Send, clock: LateClock, random: Random) -> None:
        self.services = services
        self.send = send
        self.clock = clock
        self.random = random
        self.told: list[Told] = []
        self.bearer = self.merchant = self.register = ""

    @property
    def url(self) -> str:
        return self.services.engine.url.render_as_string(hide_password=False)

    def founded(self, bearer: str) -> None:
        """A merchant, its location and its register, which gets its device."""
        self.bearer = bearer
        self.merchant = self._made("/v1/merchants", kiosk.MERCHANT)["id"]
        location = self._made("/v1/locations", kiosk.LOCATION)["id"]
        body = {"location_id": location, "name": "Kasse 1"}
        self.register = self._made("/v1/registers", body)["id"]
        self._made(f"/v1/registers/{self.register}/fiscalize", {})
        helper = worker(self.services)
        while helper.step():
            pass

    def _made(self, path: str, body: Json) -> Json:
        said = kiosk.headers(self.bearer, self.merchant, self._key())
        said |= {"Content-Type": "application/json"}
        status, shown = self.send("POST", path, said, json.dumps(body).encode())
        assert status in (200, 201, 202), shown
        made: Json = shown
        return made

    def _key(self) -> str:
        return sales.a_key(self.random.getrandbits(128))

    def deed(self, kind: str) -> Deed:
        """A fresh one; the register is ready for it."""
        if kind == "session_open":
            self.good(self.asked(CLOSING))
            return self.asked(OPENING)
        sale = german_shop.a_sale(self.register, self.random.randint(1, 99))
        match kind:
            case "sale":
                return self.asked(sale, "complete")
            case "void":
                return self.asked(sale, "void")
            case "closing":
                self.good(self.asked(sale, "complete"))
                return self.asked(CLOSING)
        return self.asked(MOVEMENT)

    def asked(self, body: Json, act: str = "") -> Deed:
        return Deed(
            bearer=self.bearer,
            merchant=self.merchant,
            act=act,
            body={"register_id": self.register} | body,
            keys=[self._key(), self._key()],
        )

    def good(self, deed: Deed) -> None:
        """Done and answered well; what was told is remembered."""
        status, shown, begun = do(self.send, deed)
        assert status in GOOD, shown
        self.told.append(german_shop.told(shown, begun, 0.0))

    def afterwards(self, kind: str) -> None:
        """A session is open again, and the device signs again."""
        if kind == "closing":
            self.good(self.asked(OPENING))
        self.good(self.asked(MOVEMENT))

    def wait(self) -> None:
        """Until nobody waits any more for whoever asked the device."""
        self.clock.seconds += HELD.total_seconds() + 1

    def recover(self) -> None:
        driver.recover(self.services.issuing, self.services.channels)

    def concluded(self) -> int:
        """How many operations are concluded in the journal."""
        count: int = rows(self.url, "SELECT count(*) FROM entry WHERE intent IS NOT NULL")[0][0]
        return count

    def judged(self) -> Verdict:
        devices = self.services.issuing.devices
        fitted = devices.of(ids.read("reg", self.register))
        assert fitted is not None
        archive = b"".join(devices.export(fitted.device, LogFilter()))
        return judge(self.url, {self.register: archive}, self.told)


@contextmanager
def a_german_counter(
    engine: str, folder: Path, points: Points, random: Random
) -> Iterator[GermanCounter]:
    need(engine)
    clock = LateClock()
    with (
        new_database(engine) as url,
        an_installation(folder, url, points, clock) as (services, caller),
    ):
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
        counter = GermanCounter(services, caller.send, clock, random)
        counter.founded(first.api_key)
        counter.good(counter.asked(OPENING))
        yield counter
