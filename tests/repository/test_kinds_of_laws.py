"""Every law, every kind: what it lists works from opening to closing, all else is refused."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from fiscus import regimes
from fiscus.issuing import driver, recording
from fiscus.issuing.answers import OrderDone, OrderFailed
from fiscus.issuing.tests.counter import SAID, Counter, done
from fiscus.issuing.tests.kiosk import Kiosk, a_drawer_event
from fiscus.model.documents import (
    CASH_KINDS,
    ClosingType,
    Direction,
    DocumentKind,
    Draft,
    DraftLine,
    LinePurpose,
    Party,
    Payment,
    PaymentMeans,
    StatedVat,
)
from fiscus.model.orders import Enter, Order, SessionMove
from fiscus.model.times import day
from fiscus.regimes import Regime
from fiscus.registry.tests.builders import an_address

LAWS = sorted(regimes.installed())
PAIRS = [(code, kind) for code in LAWS for kind in DocumentKind]
IDS = [f"{code}-{kind}" for code, kind in PAIRS]

MOVES = {
    DocumentKind.OPENING: SessionMove.OPEN,
    DocumentKind.MOVEMENT: SessionMove.ADJUST,
    DocumentKind.COUNT: SessionMove.COUNT,
    DocumentKind.ORDER: SessionMove.WITHIN,
}
PURPOSES = {
    DocumentKind.OPENING: LinePurpose.FLOAT,
    DocumentKind.MOVEMENT: LinePurpose.TRANSIT,
    DocumentKind.COUNT: LinePurpose.DIFFERENCE,
}
ENTERED = CASH_KINDS | {DocumentKind.CLOSING, DocumentKind.ORDER}
"""Kinds that open and conclude at once; all others conclude an intention."""


class Till:
    """A register under one law, and what is said there in neutral words."""

    def __init__(self, engine: Engine, law: Regime, folder: Path) -> None:
        self.law = law
        if law.device:
            self.counter: Counter = Kiosk(engine, folder)
            assert self.counter.shop.taxpayer
        else:
            self.counter = Counter(engine, law.code, folder)

    def out(self, order: Order) -> OrderDone | OrderFailed:
        return driver.carried_out(self.counter.services, self.counter.channel, order)

    def draft(self, kind: DocumentKind) -> Draft:
        match kind:
            case DocumentKind.CORRECTION | DocumentKind.CANCELLATION:
                return self.referring(kind)
            case DocumentKind.ABORT:
                return Draft(kind=kind, reason="Engano")
            case DocumentKind.OPENING | DocumentKind.MOVEMENT | DocumentKind.COUNT:
                return a_drawer_event(kind, "5.00", PURPOSES[kind])
            case DocumentKind.CLOSING:
                return Draft(kind=kind, closing=ClosingType.DAILY)
            case DocumentKind.ORDER:
                return Draft(
                    kind=kind,
                    lines=(self.line(Decimal("12.30"), Direction.SALE),),
                    groups=("Mesa 5",),
                )
            case _:
                return self.goods(kind)

    def goods(
        self, kind: DocumentKind, direction: Direction = Direction.SALE, **more: Any
    ) -> Draft:
        gross = Decimal("12.30")
        is_back = direction is Direction.RETURN
        paid = Payment(means=PaymentMeans.CASH, amount=-gross if is_back else gross)
        has_payment = kind is DocumentKind.RECEIPT or bool(self.law.device)
        return Draft(
            kind=kind,
            series="A",
            lines=(self.line(gross, direction),),
            payments=(paid,) if has_payment else (),
            buyer=a_buyer(kind),
            **more,
        )

    def line(self, gross: Decimal, direction: Direction) -> DraftLine:
        """One thing at the first rate that the law has in force."""
        today = day(self.counter.clock(), self.law.timezone)
        rates = [rate for rate in self.law.vat_rates("1100-061", today) if not rate.is_historic]
        code, percentage = (rates[0].code, Decimal(rates[0].percentage)) if rates else ("S", 0)
        net = (gross / (1 + Decimal(percentage) / 100)).quantize(Decimal("0.01"))
        vat = StatedVat(
            code=code,
            percentage=Decimal(percentage),
            amount=gross - net,
            exclusive=net,
            inclusive=gross,
        )
        return DraftLine(
            direction=direction,
            text="Livro",
            quantity=Decimal(1),
            unit_price=gross,
            vat=vat,
            number="1",
        )

    def referring(self, kind: DocumentKind) -> Draft:
        """What takes an earlier document back, if this law knows documents at all."""
        sold = self.sells().id
        if kind is DocumentKind.CANCELLATION:
            return Draft(kind=kind, refers_to=sold, reason="Engano")
        return self.goods(kind, Direction.RETURN, refers_to=sold, reason="Devolvido")

    def sells(self) -> Any:
        return done(self.out(self.order(self.goods(DocumentKind.RECEIPT)))).body

    def order(self, draft: Draft) -> Order:
        if draft.kind in ENTERED:
            return Enter(
                organization=self.counter.shop.organization,
                register=self.counter.shop.register,
                draft=draft,
                said=SAID,
                claim=self.counter.claim(),
                session=MOVES.get(draft.kind),
            )
        intent = done(self.out(self.counter.open())).body.id
        return self.counter.issue(draft, intent)

    def prepares(self, kind: DocumentKind) -> None:
        """What must have happened before: a session is open, something was sold."""
        if (
            kind in MOVES
            and kind is not DocumentKind.OPENING
            and DocumentKind.OPENING in self.law.issues
        ):
            done(self.out(self.order(self.draft(DocumentKind.OPENING))))
        if kind is DocumentKind.CLOSING:
            self.sells()


def a_buyer(kind: DocumentKind) -> Party | None:
    return Party(name="Ana", address=an_address()) if kind is DocumentKind.INVOICE else None


@pytest.mark.parametrize(("code", "kind"), PAIRS, ids=IDS)
def test_a_law_does_what_it_lists_and_refuses_all_else_clearly(
    code: str, kind: DocumentKind, engine: Engine, tmp_path: Path
) -> None:
    law = regimes.find(code)
    till = Till(engine, law, tmp_path)
    till.prepares(kind)
    order = till.order(till.draft(kind))
    before = till.counter.entries()

    answer = till.out(order)

    if kind in law.issues:
        assert isinstance(answer, OrderDone), answer
        assert answer.record.body.intent, "it concludes what was opened"
    else:
        assert isinstance(answer, OrderFailed)
        assert answer.trouble.code.id == recording.NOT_ISSUED_HERE.id
        assert till.counter.entries() == before, "a refusal leaves nothing"
    till.counter.assert_proved()


@pytest.mark.parametrize("code", LAWS)
def test_a_law_without_cash_sessions_says_so_to_who_needs_one(
    code: str, engine: Engine, tmp_path: Path
) -> None:
    till = Till(engine, regimes.find(code), tmp_path)
    before = till.counter.entries()

    answer = till.out(till.counter.open(needs_session=True))

    assert isinstance(answer, OrderFailed)
    has_sessions = DocumentKind.OPENING in till.law.issues
    wanted = recording.NO_SESSION if has_sessions else recording.NO_SESSIONS_HERE
    assert answer.trouble.code.id == wanted.id
    assert till.counter.entries() == before
