"""A kiosk in Berlin to issue from: a register with a software TSE, and drafts with defaults."""

import os
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from fiscus.issuing import errands, fitting
from fiscus.issuing.answers import Done, Failed
from fiscus.issuing.tests.bench import DOING
from fiscus.issuing.tests.counter import SAID, Counter, done
from fiscus.model.documents import (
    ClosingType,
    Direction,
    Draft,
    Kind,
    Line,
    Means,
    Payment,
    Purpose,
    Vat,
)
from fiscus.model.orders import Enter, Order, SessionMove
from fiscus.model.records import Body
from fiscus.outbox import queue
from fiscus.store.connect import reading, writing
from fiscus.store.schema import SIGNING

ZERO_RATED = Decimal(0)


class Kiosk(Counter):
    """Orders go their whole road: out of the transaction for the device, and back."""

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        kind: str = "software-tse",
        wanted: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(engine, "de", folder)
        self.kind, self.wanted = kind, wanted or {}
        with writing(engine) as tx:
            fitting.ask(
                tx, self.workshop, register=self.shop.register,
                organization=self.shop.organization, family="tse", at=self.clock(),
            )  # fmt: skip
        self.works()

    @property
    def workshop(self) -> fitting.Workshop:
        return fitting.Workshop(
            desk=self.desk, entropy=os.urandom, kind=self.kind, wanted=self.wanted
        )

    def works(self) -> None:
        """All tasks of devices that are due, as a worker does them."""
        while self.works_once():
            continue

    def works_once(self) -> bool:
        with writing(self.engine) as tx:
            task = queue.lease(tx, self.clock())
        if task is not None:
            DOING[task.kind](self.workshop, task)
        return task is not None

    def asks_for_another(self, reason: str = "") -> None:
        with writing(self.engine) as tx:
            fitting.exchange(
                tx, self.workshop, register=self.shop.register, reason=reason, family="tse",
                organization=self.shop.organization, at=self.clock(),
            )  # fmt: skip

    def exchanges(self, reason: str = "") -> None:
        """Another device is fitted in the place of the present one."""
        self.asks_for_another(reason)
        self.works()

    @property
    def devices_folder(self) -> Path:
        return self.desk.devices.folder

    def out(self, order: Order) -> Done | Failed:
        return errands.carried_out(self.desk, self.channel, order)

    def begins(self, **more: Any) -> str:
        """A sale begins; gives its intention."""
        return done(self.out(self.open(**more))).body.id

    def sells(self, draft: Draft | None = None, **more: Any) -> Body:
        intent = more.pop("intent", "") or self.begins()
        return done(self.out(self.issue(draft or a_sale(), intent, **more))).body

    def enter(self, draft: Draft, session: SessionMove | None = None, **more: Any) -> Enter:
        return Enter(
            organization=self.shop.organization, register=self.shop.register, draft=draft,
            said=SAID, claim=more.pop("claim", None) or self.claim(), session=session,
        )  # fmt: skip

    def enters(self, draft: Draft, session: SessionMove | None = None) -> Body:
        return done(self.out(self.enter(draft, session))).body

    def opens_session(self, amount: str = "50.00") -> Body:
        return self.enters(a_drawer_event(Kind.OPENING, amount), SessionMove.OPEN)

    def closes(self, type_: ClosingType = ClosingType.DAILY) -> Body:
        return self.enters(Draft(kind=Kind.CLOSING, closing=type_))

    def held(self) -> list[str]:
        with reading(self.engine) as tx:
            return list(tx.scalars(select(SIGNING.c.state)))


def a_sale(gross: str = "11.90", **more: Any) -> Draft:
    paid = more.pop("paid", gross)
    return Draft(
        kind=more.pop("kind", Kind.RECEIPT),
        lines=more.pop("lines", None) or (a_line(gross),),
        payments=(Payment(means=Means.CASH, amount=Decimal(paid)),),
        **more,
    )


def a_line(gross: str, **more: Any) -> Line:
    inclusive = Decimal(gross)
    exclusive = (inclusive / Decimal("1.19")).quantize(Decimal("0.01"))
    return Line(
        direction=more.pop("direction", Direction.SALE), text="Zeitung", quantity=Decimal(1),
        unit_price=inclusive,
        vat=Vat(
            code="STANDARD", percentage=Decimal(19), amount=inclusive - exclusive,
            exclusive=exclusive, inclusive=inclusive,
        ),
        **more,
    )  # fmt: skip


def a_drawer_event(kind: Kind, amount: str, purpose: Purpose = Purpose.FLOAT) -> Draft:
    value = Decimal(amount)
    if not value:
        return Draft(kind=kind)
    size = abs(value)
    line = Line(
        direction=Direction.SALE if value > 0 else Direction.RETURN, text="Bargeld",
        quantity=Decimal(1), unit_price=size, purpose=purpose,
        vat=Vat(code="", percentage=ZERO_RATED, exclusive=size, inclusive=size),
    )  # fmt: skip
    return Draft(kind=kind, lines=(line,), payments=(Payment(means=Means.CASH, amount=value),))
