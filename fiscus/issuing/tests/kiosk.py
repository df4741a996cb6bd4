"""A kiosk in Berlin to issue from: a register with a software TSE, and drafts with defaults."""

import os
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from fiscus.issuing import driver
from fiscus.issuing.answers import Answer, DeviceNeeded, OrderDone, OrderFailed, QueuedOrder
from fiscus.issuing.tests.bench import DOING
from fiscus.issuing.tests.counter import SAID, Counter, done
from fiscus.model.devices import LogFilter
from fiscus.model.documents import (
    ClosingType,
    Direction,
    DocumentKind,
    Draft,
    DraftLine,
    LinePurpose,
    Payment,
    PaymentMeans,
    StatedVat,
)
from fiscus.model.orders import Enter, Order, SessionMove
from fiscus.model.records import EntryBody
from fiscus.outbox import queue
from fiscus.provisioning import provision
from fiscus.registry import log
from fiscus.signers.tse.log.verify import examine
from fiscus.store.connect import reading, writing
from fiscus.store.schema import ENTRY, SIGNING

ZERO_RATED = Decimal(0)


class Kiosk(Counter):
    """Orders go all their steps: out of the transaction for the device, and back."""

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        kind: str = "software-tse",
        wanted: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(engine, "de", folder)
        self.kind, self.wanted = kind, wanted or {}
        with writing(self.engine) as tx:
            provision.ask(
                tx,
                self.provisioning,
                register=self.shop.register,
                organization=self.shop.organization,
                family="tse",
                at=self.clock(),
            )
        self.works()

    @property
    def provisioning(self) -> provision.ProvisioningServices:
        return provision.ProvisioningServices(
            issuing=self.services, entropy=os.urandom, kind=self.kind, wanted=self.wanted
        )

    def works(self) -> None:
        """All tasks of devices that are due, as a worker does them; what closings want of the log
        is left to its own tests."""
        while self.works_once():
            continue

    def works_once(self) -> bool:
        with writing(self.engine) as tx:
            task = queue.lease(tx, self.clock())
            while task is not None and task.kind == log.TASK:
                task = queue.lease(tx, self.clock())
        if task is not None:
            DOING[task.kind](self.provisioning, task)
        return task is not None

    def asks_for_another(self, reason: str = "") -> None:
        with writing(self.engine) as tx:
            provision.exchange(
                tx,
                self.provisioning,
                register=self.shop.register,
                reason=reason,
                family="tse",
                organization=self.shop.organization,
                at=self.clock(),
            )

    def exchanges(self, reason: str = "") -> None:
        """Another device is fitted in the place of the present one."""
        self.asks_for_another(reason)
        self.works()

    @property
    def devices_folder(self) -> Path:
        return self.services.devices.folder

    def out(self, order: Order) -> OrderDone | OrderFailed:
        return driver.carried_out(self.services, self.channel, order)

    def begins(self, **more: Any) -> str:
        """A sale begins; gives its intention."""
        return done(self.out(self.open(**more))).body.id

    def sells(self, draft: Draft | None = None, **more: Any) -> EntryBody:
        intent = more.pop("intent", "") or self.begins()
        return done(self.out(self.issue(draft or a_sale(), intent, **more))).body

    def enter(self, draft: Draft, session: SessionMove | None = None, **more: Any) -> Enter:
        return Enter(
            organization=self.shop.organization,
            register=self.shop.register,
            draft=draft,
            said=SAID,
            claim=more.pop("claim", None) or self.claim(),
            session=session,
        )

    def enters(self, draft: Draft, session: SessionMove | None = None) -> EntryBody:
        return done(self.out(self.enter(draft, session))).body

    def opens_session(self, amount: str = "50.00") -> EntryBody:
        return self.enters(a_drawer_event(DocumentKind.OPENING, amount), SessionMove.OPEN)

    def closes(self, type_: ClosingType = ClosingType.DAILY) -> EntryBody:
        return self.enters(Draft(kind=DocumentKind.CLOSING, closing=type_))

    def pending(self) -> list[str]:
        with reading(self.engine) as tx:
            return list(tx.scalars(select(SIGNING.c.state)))


def a_sale(gross: str = "11.90", **more: Any) -> Draft:
    paid = more.pop("paid", gross)
    return Draft(
        kind=more.pop("kind", DocumentKind.RECEIPT),
        lines=more.pop("lines", None) or (a_line(gross),),
        payments=(Payment(means=PaymentMeans.CASH, amount=Decimal(paid)),),
        **more,
    )


def a_line(gross: str, **more: Any) -> DraftLine:
    inclusive = Decimal(gross)
    exclusive = (inclusive / Decimal("1.19")).quantize(Decimal("0.01"))
    return DraftLine(
        direction=more.pop("direction", Direction.SALE),
        text="Zeitung",
        quantity=Decimal(1),
        unit_price=inclusive,
        vat=StatedVat(
            code="STANDARD",
            percentage=Decimal(19),
            amount=inclusive - exclusive,
            exclusive=exclusive,
            inclusive=inclusive,
        ),
        **more,
    )


def a_drawer_event(
    kind: DocumentKind, amount: str, purpose: LinePurpose = LinePurpose.FLOAT
) -> Draft:
    value = Decimal(amount)
    if not value:
        return Draft(kind=kind)
    size = abs(value)
    line = DraftLine(
        direction=Direction.SALE if value > 0 else Direction.RETURN,
        text="Bargeld",
        quantity=Decimal(1),
        unit_price=size,
        purpose=purpose,
        vat=StatedVat(code="", percentage=ZERO_RATED, exclusive=size, inclusive=size),
    )
    return Draft(
        kind=kind, lines=(line,), payments=(Payment(means=PaymentMeans.CASH, amount=value),)
    )


def needed(answer: Answer) -> DeviceNeeded:
    assert isinstance(answer, DeviceNeeded), answer
    return answer


def until_device(kiosk: Kiosk, order: Order) -> DeviceNeeded:
    """Carry an order out up to where its device is to be asked."""
    waiting = QueuedOrder(order=order)
    while True:
        answer = kiosk.together(waiting)[0]
        if isinstance(answer, DeviceNeeded):
            return answer
        waiting = driver.prepared(kiosk.services, kiosk.channel, waiting, answer)  # type: ignore[arg-type]


def numbers_signed(kiosk: Kiosk, tmp_path: Path) -> int:
    """How many transactions the device has finished, by its own verified export."""
    device = kiosk.services.devices.of(kiosk.shop.register)
    assert device is not None
    file = tmp_path / "export.tar"

    file.write_bytes(b"".join(kiosk.services.devices.export(device.device, LogFilter())))
    report = examine(file)
    assert report.faults == ()
    return report.finished


def kinds(kiosk: Kiosk) -> list[str]:
    with reading(kiosk.engine) as tx:
        issued = select(ENTRY.c.kind).where(ENTRY.c.chain == kiosk.shop.register)
        return list(tx.scalars(issued.order_by(ENTRY.c.sequence)))
