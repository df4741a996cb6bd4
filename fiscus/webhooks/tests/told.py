"""What tests of webhooks begin with: an organization, a clock to set, a worker's step."""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine

from fiscus.model.ids import uuid4s
from fiscus.outbox.worker import OutboxWorker
from fiscus.registry import organizations
from fiscus.registry.roles import Role
from fiscus.registry.vault import Vault
from fiscus.store.connect import reading, writing
from fiscus.webhooks import deliveries, events, subscriptions, targets
from fiscus.webhooks.deliveries import Delivery, WebhookServices
from fiscus.webhooks.event_types import EventType
from fiscus.webhooks.events import ToldEvent
from fiscus.webhooks.sending import WebhookSender
from fiscus.webhooks.subscriptions import Subscription, WantedSubscription

START = datetime(2026, 5, 4, 8, 15, 1, 123456, tzinfo=UTC)
ids = uuid4s(os.urandom)


@dataclass
class Town:
    """One account with a unit below it, and a worker that delivers to this machine."""

    engine: Engine
    private: targets.PrivateTargets
    now: datetime = START
    data: Any = field(default_factory=lambda: {"id": "the subject"})
    account: str = field(default_factory=ids)
    unit: str = field(default_factory=ids)

    def __post_init__(self) -> None:
        self.vault = Vault(bytes(range(32)), os.urandom)
        sender = WebhookSender(private=self.private, connect_seconds=2, seconds=2)
        self.services = WebhookServices(
            engine=self.engine,
            clock=self.clock,
            vault=self.vault,
            render=self.render,
            send=sender.send,
        )
        with writing(self.engine) as tx:
            self.open(tx, self.account, "", organizations.ACCOUNT)
            self.open(tx, self.unit, self.account, organizations.UNIT)

    def clock(self) -> datetime:
        return self.now

    def render(self, tx: Connection, event: ToldEvent) -> Any:
        return self.data

    def open(self, tx: Connection, id_: str, parent: str, type_: str) -> None:
        organizations.create(
            tx, id_=id_, parent=parent, type_=type_, name=type_, metadata={}, at=self.now
        )

    def wanted(self, url: str, *types: str, **more: Any) -> WantedSubscription:
        said = types or ("record.sealed",)
        role = more.pop("role", Role.OWNER)
        return WantedSubscription(endpoint_url=url, event_types=said, role=role, **more)

    def subscribe(self, url: str, *types: str, organization: str = "", **more: Any) -> Subscription:
        wanted = self.wanted(url, *types, **more)
        with writing(self.engine) as tx:
            return subscriptions.create(
                tx,
                self.vault,
                wanted,
                id_=ids(),
                organization=organization or self.unit,
                private=self.private,
                entropy=os.urandom,
                by="a test",
                at=self.now,
            )

    def secret(self, of: Subscription) -> str:
        with reading(self.engine) as tx:
            return subscriptions.secrets(tx, self.vault, of).secret

    def happens(
        self, type_: EventType = EventType.RECORD_SEALED, subject: str = "", company: str = ""
    ) -> None:
        with writing(self.engine) as tx:
            events.tell(tx, self.unit, type_, subject or ids(), self.now, company)

    def works(self) -> int:
        """All that is due now; how many tasks that were."""
        worker = OutboxWorker(
            self.engine,
            self.clock,
            {
                events.TASK: (
                    lambda task: deliveries.do(self.services, task),
                    deliveries.give_up,
                )
            },
        )
        count = 0
        while worker.step():
            count += 1
        return count

    def later(self, **more: float) -> None:
        self.now += timedelta(**more)

    def deliveries(self, of: Subscription) -> list[Delivery]:
        with reading(self.engine) as tx:
            return list(deliveries.of(tx, of.id, limit=100))
