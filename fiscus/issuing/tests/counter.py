"""A counter to issue from: services with real keys on a real database, and orders with defaults."""

import os
from collections.abc import Mapping
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Engine, select

from fiscus import channels, settings
from fiscus.devices.pool import DevicePool
from fiscus.issuing import series
from fiscus.issuing.answers import Answer, OrderDone, OrderFailed, QueuedOrder, SeriesNeeded
from fiscus.issuing.issue import carry_out
from fiscus.issuing.law_keys import seal_key_name
from fiscus.issuing.services import IssuingServices
from fiscus.journal.audit import verify_database
from fiscus.journal.verify import sentences
from fiscus.model.documents import (
    Direction,
    DocumentKind,
    Draft,
    DraftLine,
    Payment,
    StatedTotals,
    StatedVat,
)
from fiscus.model.documents import PaymentMeans as Pay
from fiscus.model.ids import uuid4s, uuid7s
from fiscus.model.kinds import EntryKind
from fiscus.model.orders import IdempotencyKey, Issue, Open, Order
from fiscus.model.records import CallerWords, EntryBody, Record
from fiscus.model.tests.clock import MORNING, StandingClock
from fiscus.registry import locations, registers, signers, taxpayers
from fiscus.registry.tests.builders import (
    Shop,
    a_shop,
    a_vault,
    an_id,
    move_location,
    move_register,
    move_taxpayer,
    stated_at,
)
from fiscus.registry.views import LifecycleState, OperatingMode
from fiscus.signers import JOURNAL_ALGORITHM, LOG_ALGORITHM
from fiscus.signers.softkey import create
from fiscus.store.connect import reading, writing
from fiscus.store.schema import ENTRY
from tests.support.founding import founded

SAID = CallerWords(family="test", version="1", text="{}")

seal_secret = cache(partial(create, "rsa-1024"))
"""One key for all tests: a key takes longer to make than most tests."""


class Counter:
    """One shop's register and all it takes to sell there. `regime` is its country's law."""

    def __init__(
        self, engine: Engine, regime: str = "it", folder: Path | None = None, **more: Any
    ) -> None:
        self.regime = regime
        self.clock = StandingClock()
        self.engine = stated_at(engine, self.clock)
        self.folder = folder
        self.services = self.other_services()
        self.shop = founded(
            engine,
            ("a counter", regime, repr(more)),
            MORNING.replace(microsecond=0),
            lambda fresh: _set_up(fresh, regime, more),
        )

    def closes_down(self) -> None:
        """Out of service for good, from the register to the taxpayer."""
        shop, gone = self.shop, (LifecycleState.DECOMMISSIONED, OperatingMode.INACTIVE)
        with writing(self.engine) as tx:
            register = registers.read(tx, shop.organization, shop.register)
            move_register(tx, shop.organization, register, gone)
            place = locations.read(tx, shop.organization, shop.location)
            move_location(tx, shop.organization, place, gone)
            move_taxpayer(tx, taxpayers.by_id(tx, shop.taxpayer), gone)

    def other_services(self) -> IssuingServices:
        """As another process has it: nothing learnt yet."""
        return IssuingServices(
            engine=self.engine,
            clock=self.clock,
            ids=uuid7s(self.clock, os.urandom),
            vault=a_vault(),
            devices=self.devices(),
            settings=settings.of_regimes(False, {}),
            is_live=False,
            digest_key=bytes(32),
        )

    def devices(self) -> DevicePool:
        return DevicePool(
            engine=self.engine,
            clock=self.clock,
            ids=uuid4s(os.urandom),
            vault=a_vault(),
            folder=(self.folder or Path()) / "devices",
            is_live=False,
        )

    def channel(self, code: str) -> channels.ChannelConnection:
        assert self.folder is not None
        return channels.find(code).simulate(self.folder, self.clock)

    def together(
        self, *orders: Order | QueuedOrder, services: IssuingServices | None = None
    ) -> list[Answer]:
        """All these orders as one group."""
        waiting = [
            one if isinstance(one, QueuedOrder) else QueuedOrder(order=one) for one in orders
        ]
        with writing(self.engine) as tx:
            return carry_out(tx, services or self.services, waiting)

    def prepare(self, needed: SeriesNeeded) -> None:
        faults = series.prepare(self.services, self.channel, needed)
        assert faults == (), faults

    def settled(self, *orders: Order) -> list[Answer]:
        """As one group, once the series they need are there."""
        while True:
            answers = self.together(*orders)
            needed = [answer for answer in answers if isinstance(answer, SeriesNeeded)]
            if not needed:
                return answers
            self.prepare(needed[0])

    def open(self, register: str = "", **more: Any) -> Open:
        return Open(
            organization=more.pop("organization", self.shop.organization),
            register=register or self.shop.register,
            said=SAID,
            claim=more.pop("claim", None) or self.claim(),
            **more,
        )

    def intends(self, count: int = 1, register: str = "") -> list[str]:
        """So many fresh intentions; gives their ids."""
        answers = self.together(*(self.open(register) for _ in range(count)))
        return [done(answer).body.id for answer in answers]

    def issue(self, draft: Draft, intent: str = "", **more: Any) -> Issue:
        return Issue(
            organization=more.pop("organization", self.shop.organization),
            intent=intent or self.intends()[0],
            draft=_in_italy(draft) if self.regime == "it" else draft,
            said=SAID,
            claim=more.pop("claim", None) or self.claim(),
            **more,
        )

    def claim(self, key: str = "", digest: str = "d", **more: str) -> IdempotencyKey:
        return IdempotencyKey(
            scope=self.shop.organization, key=key or an_id(), digest=digest, **more
        )

    def sells(self, draft: Draft, **more: Any) -> EntryBody:
        """One document, alone in its group."""
        return done(self.settled(self.issue(draft, **more))[0]).body

    def entries(self) -> list[tuple[str, int | None]]:
        """Kind and number of every entry of a register, in the order of their ids."""
        issued = select(ENTRY.c.kind, ENTRY.c.number).where(ENTRY.c.kind.in_(list(EntryKind)))
        with reading(self.engine) as tx:
            rows = tx.execute(issued.order_by(ENTRY.c.id))
            return [(row.kind, row.number) for row in rows]

    def numbers(self) -> list[int]:
        return [number for _, number in self.entries() if number is not None]

    def assert_proved(self) -> None:
        report = verify_database(self.engine)
        assert report.is_good, "\n".join(sentences(report))


def _set_up(engine: Engine, regime: str, more: Mapping[str, Any]) -> Shop:
    with writing(engine) as tx:
        signers.ensure(tx, a_vault(), signers.LOG, LOG_ALGORITHM, MORNING)
        signers.ensure(tx, a_vault(), signers.PACKAGE, JOURNAL_ALGORITHM, MORNING)
        signers.ensure(tx, a_vault(), seal_key_name("pt"), "rsa-1024", MORNING, seal_secret())
        return a_shop(tx, regime, **more)


def done(answer: Answer) -> Record:
    assert isinstance(answer, OrderDone), answer
    return answer.record


def failure(answer: Answer) -> str:
    """The code of the trouble that an answer must be."""
    assert isinstance(answer, OrderFailed), answer
    return answer.trouble.code.id


def a_line(gross: str = "2.46", **more: Any) -> DraftLine:
    """At 23 %, so that net and VAT come out even for the defaults."""
    inclusive = Decimal(gross)
    exclusive = (inclusive / Decimal("1.23")).quantize(Decimal("0.01"))
    vat = StatedVat(
        code="STANDARD",
        percentage=Decimal(23),
        amount=inclusive - exclusive,
        exclusive=exclusive,
        inclusive=inclusive,
    )
    said: dict[str, Any] = {"direction": Direction.SALE, "text": "Café", "quantity": Decimal(1)}
    return DraftLine(**(said | {"unit_price": inclusive, "vat": vat} | more))


def _in_italy(draft: Draft) -> Draft:
    """At a rate that Italy has; its law looks at no amounts."""
    replaced = msgspec.structs.replace
    return replaced(
        draft,
        lines=tuple(
            replaced(line, vat=replaced(line.vat, percentage=Decimal(22))) for line in draft.lines
        ),
    )


def a_receipt(*lines: DraftLine, **more: Any) -> Draft:
    lines = lines or (a_line(),)
    totals = StatedTotals(
        exclusive=sum((line.vat.exclusive for line in lines), Decimal("0.00")),
        amount=sum((line.vat.amount for line in lines), Decimal("0.00")),
        inclusive=sum((line.vat.inclusive for line in lines), Decimal("0.00")),
    )
    said: dict[str, Any] = {
        "kind": DocumentKind.RECEIPT,
        "series": "LOJA",
        "totals": totals,
        "payments": (Payment(means=Pay.CASH, amount=totals.inclusive),),
    }
    return Draft(lines=lines, **(said | more))


def a_correction(original: str, *lines: DraftLine, **more: Any) -> Draft:
    lines = lines or (a_line(number="1"),)
    back = tuple(msgspec.structs.replace(line, direction=Direction.RETURN) for line in lines)
    said: dict[str, Any] = {"kind": DocumentKind.CORRECTION, "reason": "Devolvido", "payments": ()}
    return a_receipt(*back, refers_to=original, **(said | more))


def a_cancellation(original: str) -> Draft:
    return Draft(kind=DocumentKind.CANCELLATION, refers_to=original, reason="Engano")
