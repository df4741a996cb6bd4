"""One small history of a bakery in Lisbon and five tills in Berlin, the same each time: its clock
moves a minute before each request, and chance is worked out of the clock."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from fiscus.api.families.reporting.tests.berlin import Kiosk, a_leg, a_return, a_sale
from fiscus.api.families.reporting.tests.caller import (
    Caller,
    Json,
    a_location,
    answer,
    platform,
    refusal,
)
from tests.support import words
from tests.support.premises import MovingClock, Premises, copied, served, set_up
from tests.support.till import refusal as refused

KEYS = ("X-Idempotency-Key", "Idempotency-Key")
POOL_BYTES = 64


@dataclass(kw_only=True)
class Chance:
    """Bytes that depend on the instant and on how many were drawn at it: who draws once more
    changes nothing of what is drawn a minute later. What is drawn in advance is always the same,
    which is enough for time-ordered ids: they count as well."""

    clock: Callable[[], datetime]
    word: str
    at: str = ""
    drawn: int = 0

    def __call__(self, size: int) -> bytes:
        if size > POOL_BYTES:
            return b"\x5a" * size
        now = self.clock().isoformat()
        self.drawn = self.drawn + 1 if now == self.at else 1
        self.at = now
        seed = f"{self.word} {now} {self.drawn}".encode()
        return (sha256(seed).digest() + sha256(seed + b"+").digest())[:size]


class Messengers(ThreadPoolExecutor):
    """Who asks devices and authorities. Once `left` are sent no other one goes: what waits for them
    stays as the crash of a process would leave it."""

    left: int | None = None

    def submit(self, *asked: Any, **more: Any) -> Future[Any]:
        if self.left == 0:
            raise RuntimeError("no messenger is left")
        if self.left is not None:
            self.left -= 1
        return super().submit(*asked, **more)


@dataclass(kw_only=True)
class Story:
    """`keys` counts the requests: each has the idempotency key of its number."""

    premises: Premises
    messengers: Messengers
    keys: int = 0

    def before_a_request(self, request: httpx.Request) -> None:
        self.premises.clock.move(minutes=1)
        self.keys += 1
        for name in KEYS:
            if name in request.headers:
                request.headers[name] = str(UUID(int=self.keys, version=4))

    @contextmanager
    def with_messengers(self, left: int) -> Iterator[None]:
        self.messengers.left = left
        yield
        self.messengers.left = None


@contextmanager
def begun(folder: Path, server: str) -> Iterator[Story]:
    """An installation of its own, nothing told yet; `server` is empty for SQLite."""
    model = set_up(folder / "model", server, Chance(clock=MovingClock(), word="model"))
    clock, messengers = MovingClock(), Messengers(max_workers=1)
    chance = Chance(clock=clock, word="story")
    with (
        copied(model, folder / "data") as settings,
        served(settings, model.first, clock, chance, outside=messengers) as premises,
    ):
        story = Story(premises=premises, messengers=messengers)
        premises.http.event_hooks = {"request": [story.before_a_request], "response": []}
        yield story


def lisbon(story: Story) -> None:
    """Each kind of document, what takes it back, a refusal, and what is still going on."""
    unit = story.premises.unit()
    till = unit.opens_shop()
    receipt = till.sells(words.receipt())
    till.sells(words.receipt(simplified=True, series="FS-T01"))
    invoice = till.sells(words.invoice())
    till.sells(words.correction(receipt["id"]))
    till.sells(words.correction(invoice["id"], words.line("Café", "0.50"), series="ND-2026"))
    wrong = till.sells(words.receipt(words.exempt(), series="AULAS"))
    till.sells(words.cancellation(wrong["id"]))
    till.sells({"type": "ABORT"})
    till.sells(words.receipt(), till.intends(details={**words.BY, "training": True}))
    assert till.records(words.receipt(words.line(percentage="22.5")))["state"] == "REJECTED"
    refused(till.send("POST", "/taxpayers", {"content": words.taxpayer()}), 409)
    left = {"type": "INTENTION", "system": {"id": till.system}, "operation": TRANSACTION}
    till.made("/records", left, {"table": "4"})
    with _silent_authority(story.premises.services.settings.data_dir):
        refused(till.concludes(words.receipt(series="NOVA")), 503)
    till.made("/files", {"type": "AUDIT", "range": {"from": "2026-11-16", "to": "2026-11-16"}})


@contextmanager
def _silent_authority(data: Path) -> Iterator[None]:
    """Its world is not to be found: whether it has registered a series stays unknown."""
    world, away = data / "simulators", data / "away"
    world.rename(away)
    yield
    away.rename(world)


def berlin(story: Story) -> None:
    """A day at one till; the others stop in the middle of what their devices are asked."""
    one, two, three, four, five = (_a_till(story, f"Till {number}") for number in range(1, 6))
    _a_day(one)
    _an_outage(story)
    two.opens()
    three.opens()
    paid = three.begins()
    with story.with_messengers(0):
        _is_unavailable(two.operation(a_sale()))
        _is_unavailable(three.complete(paid))
        _is_unavailable(four.operation(OPENING))
    with story.with_messengers(1):
        _is_unavailable(five.operation(OPENING))
    wanted = {"type": "dsfinvk", "register_id": one.register, **WINDOW}
    answer(one.caller.send("POST", "/exports", wanted), 202)
    one.caller.fiscalizes(_a_register(one.caller, "Till 6"))


TRANSACTION = {"type": "TRANSACTION"}
OPENING = {"type": "session_open", "currency": "EUR", "opening_balance_amount": "50.00"}
WINDOW = {"from": "2026-11-16T00:00:00Z", "to": "2026-11-16T23:59:59Z"}


def _a_till(story: Story, name: str) -> Kiosk:
    """Each has a merchant of its own: series are called after the end of a register's id, which is
    the same for all in this history, and belong to a merchant."""
    caller = platform(story.premises).opens_merchant()
    register = _a_register(caller, name)
    caller.fiscalizes(register)
    story.premises.work()
    return Kiosk(premises=story.premises, caller=caller, register=register["id"])


def _an_outage(story: Story) -> None:
    """The device goes for good while a sale is open; the sale is concluded, the till sells on."""
    folder = story.premises.services.settings.data_dir / "devices"
    known = set(folder.iterdir())
    kiosk = _a_till(story, "Till 0")
    (device,) = set(folder.iterdir()) - known
    kiosk.opens()
    sale = kiosk.begins()
    device.rename(folder.parent / "gone")
    assert "outage" in kiosk.completes(sale)["fiscal_information"]
    assert "outage" in kiosk.sells()["fiscal_information"]


def _a_register(caller: Caller, name: str) -> Json:
    location = caller.made("/locations", a_location(cut_off_time="23:59"))
    return caller.made("/registers", {"location_id": location["id"], "name": name})


def _a_day(kiosk: Kiosk) -> None:
    kiosk.opens("50.00")
    sold = kiosk.sells()
    kiosk.sells(a_leg("5.00"), a_leg("6.90", "card", card_brand="girocard"))
    back = kiosk.does(a_return(related_operation_id=sold["id"]))
    kiosk.completes(back, a_leg("-5.95"))
    kiosk.voids(kiosk.begins())
    kiosk.does({"type": "session_cash_adjustment", "amount": "-20.00", "reason": "bank_drop"})
    kiosk.counts("-0.10")
    kiosk.closes(cash_out_amount="30.00")
    kiosk.opens("20.00")
    kiosk.sells()
    assert kiosk.closing("daily").status_code == 201
    assert kiosk.closing("monthly").status_code == 201
    kiosk.opens("20.00")
    kiosk.begins()


def _is_unavailable(response: httpx.Response) -> None:
    refusal(response, 503, "service_unavailable")
