"""A counter to issue from: a desk with real keys on a real database, and orders with defaults."""

import os
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Engine, select

from fiscus import channels, settings
from fiscus.issuing import series
from fiscus.issuing.answers import Answer, Done, Failed, SeriesNeeded, Waiting
from fiscus.issuing.desk import Desk, seal_key_name
from fiscus.issuing.devices import Devices
from fiscus.issuing.issue import carry_out
from fiscus.journal.audit import verify_database
from fiscus.journal.verify import sentences
from fiscus.model.documents import Direction, Draft, Kind, Line, Payment, Totals, Vat
from fiscus.model.documents import Means as Pay
from fiscus.model.ids import uuid4s, uuid7s
from fiscus.model.orders import Claim, Issue, Open, Order
from fiscus.model.records import Body, Record, Said
from fiscus.model.tests.clock import MORNING, StandingClock
from fiscus.registry import signers
from fiscus.registry.tests.builders import a_shop, a_vault, an_id
from fiscus.signers.softkey import create
from fiscus.store.connect import reading, writing
from fiscus.store.schema import ENTRY

SAID = Said(family="test", version="1", text="{}")

seal_secret = cache(partial(create, "rsa-1024"))
"""One key for all tests: a key takes longer to make than most tests."""


class Counter:
    """One shop's register and all it takes to sell there. `regime` is its country's law."""

    def __init__(self, engine: Engine, regime: str = "it", folder: Path | None = None) -> None:
        self.engine = engine
        self.clock = StandingClock()
        self.folder = folder
        self.desk = self.another_desk()
        with writing(engine) as tx:
            signers.ensure(tx, a_vault(), signers.CHECKPOINT, "ecdsa-p256", MORNING)
            name = seal_key_name("pt")
            signers.ensure(tx, a_vault(), name, "rsa-1024", MORNING, seal_secret())
            self.shop = a_shop(tx, regime)

    def another_desk(self) -> Desk:
        """As another process has it: nothing learnt yet."""
        return Desk(
            engine=self.engine, clock=self.clock, ids=uuid7s(self.clock, os.urandom),
            vault=a_vault(), devices=self.devices(), settings=settings.of_regimes(False, {}),
            is_live=False,
        )  # fmt: skip

    def devices(self) -> Devices:
        return Devices(
            engine=self.engine, clock=self.clock, ids=uuid4s(os.urandom), vault=a_vault(),
            folder=(self.folder or Path()) / "devices", is_live=False,
        )  # fmt: skip

    def channel(self, code: str) -> channels.Connection:
        assert self.folder is not None
        return channels.find(code).simulate(self.folder, self.clock)

    def together(self, *orders: Order | Waiting, desk: Desk | None = None) -> list[Answer]:
        """All these orders as one group."""
        waiting = [one if isinstance(one, Waiting) else Waiting(order=one) for one in orders]
        with writing(self.engine) as tx:
            return carry_out(tx, desk or self.desk, waiting)

    def prepare(self, needed: SeriesNeeded) -> None:
        assert series.prepare(self.desk, self.channel, needed) == ()

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
            draft=draft,
            said=SAID,
            claim=more.pop("claim", None) or self.claim(),
            **more,
        )

    def claim(self, key: str = "", digest: str = "d", **more: str) -> Claim:
        return Claim(scope=self.shop.organization, key=key or an_id(), digest=digest, **more)

    def sells(self, draft: Draft, **more: Any) -> Body:
        """One document, alone in its group."""
        return done(self.settled(self.issue(draft, **more))[0]).body

    def entries(self) -> list[tuple[str, int | None]]:
        """Kind and number of every entry of the journal, in the order of their ids."""
        with reading(self.engine) as tx:
            rows = tx.execute(select(ENTRY.c.kind, ENTRY.c.number).order_by(ENTRY.c.id))
            return [(row.kind, row.number) for row in rows]

    def numbers(self) -> list[int]:
        return [number for _, number in self.entries() if number is not None]

    def assert_proved(self) -> None:
        report = verify_database(self.engine)
        assert report.is_good, "\n".join(sentences(report))


def done(answer: Answer) -> Record:
    assert isinstance(answer, Done), answer
    return answer.record


def failure(answer: Answer) -> str:
    """The code of the trouble that an answer must be."""
    assert isinstance(answer, Failed), answer
    return answer.trouble.code.id


def a_line(gross: str = "2.46", **more: Any) -> Line:
    """At 23 %, so that net and VAT come out even for the defaults."""
    inclusive = Decimal(gross)
    exclusive = (inclusive / Decimal("1.23")).quantize(Decimal("0.01"))
    vat = Vat(
        code="STANDARD",
        percentage=Decimal(23),
        amount=inclusive - exclusive,
        exclusive=exclusive,
        inclusive=inclusive,
    )
    said: dict[str, Any] = {"direction": Direction.SALE, "text": "Café", "quantity": Decimal(1)}
    return Line(**(said | {"unit_price": inclusive, "vat": vat} | more))


def a_receipt(*lines: Line, **more: Any) -> Draft:
    lines = lines or (a_line(),)
    totals = Totals(
        exclusive=sum((line.vat.exclusive for line in lines), Decimal("0.00")),
        amount=sum((line.vat.amount for line in lines), Decimal("0.00")),
        inclusive=sum((line.vat.inclusive for line in lines), Decimal("0.00")),
    )
    said: dict[str, Any] = {
        "kind": Kind.RECEIPT,
        "series": "LOJA",
        "totals": totals,
        "payments": (Payment(means=Pay.CASH, amount=totals.inclusive),),
    }
    return Draft(lines=lines, **(said | more))


def a_correction(original: str, *lines: Line, **more: Any) -> Draft:
    lines = lines or (a_line(number="1"),)
    back = tuple(msgspec.structs.replace(line, direction=Direction.RETURN) for line in lines)
    said: dict[str, Any] = {"kind": Kind.CORRECTION, "reason": "Devolvido", "payments": ()}
    return a_receipt(*back, refers_to=original, **(said | more))


def a_cancellation(original: str) -> Draft:
    return Draft(kind=Kind.CANCELLATION, refers_to=original, reason="Engano")
