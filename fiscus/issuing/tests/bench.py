"""Provisioning for one register: devices of a shop, and a simulated cloud."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Connection, Engine

from fiscus.devices.pool import DevicePool
from fiscus.issuing.services import IssuingServices
from fiscus.model.ids import uuid7s
from fiscus.model.tests.clock import StandingClock
from fiscus.outbox import queue
from fiscus.outbox.kinds import LEASE
from fiscus.outbox.queue import OutboxTask
from fiscus.outbox.worker import OutboxWorker
from fiscus.provisioning import provision
from fiscus.provisioning.provision import ProvisioningServices
from fiscus.registry import devices as registry
from fiscus.registry.devices import FittingView
from fiscus.registry.tests.builders import Shop, a_shop, a_vault, stated_at
from fiscus.signers.tse.simulator.server import SimulatedCloud, serve, stop
from fiscus.store.connect import reading, writing
from tests.support.founding import founded

DOING = {provision.TASK: provision.do, provision.TASK_RELEASE: provision.release}


class Bench:
    def __init__(
        self,
        engine: Engine,
        folder: Path,
        kind: str = "software-tse",
        wanted: Mapping[str, str] | None = None,
        *,
        is_live: bool = False,
    ) -> None:
        self.clock = StandingClock()
        self.engine = stated_at(engine, self.clock)
        self.folder = folder
        self.kind = kind
        self.wanted = dict(wanted or {"description": "a kiosk"})
        self.is_live = is_live
        self.provisioning = self.another()
        self.shop = founded(self.engine, "a bench", self.clock(), _set_up)
        self.register = self.shop.register

    def another(self, call_seconds: float = 0.2) -> ProvisioningServices:
        """As another process has it: nothing opened yet."""
        devices = DevicePool(
            engine=self.engine,
            clock=self.clock,
            ids=lambda: str(uuid4()),
            vault=a_vault(),
            folder=self.folder / "devices",
            is_live=self.is_live,
            call_seconds=call_seconds,
        )
        services = IssuingServices(
            engine=self.engine,
            clock=self.clock,
            ids=uuid7s(self.clock, os.urandom),
            vault=a_vault(),
            devices=devices,
            settings={},
            is_live=self.is_live,
            digest_key=bytes(32),
        )
        return ProvisioningServices(
            issuing=services, entropy=os.urandom, kind=self.kind, wanted=self.wanted
        )

    @property
    def devices(self) -> DevicePool:
        return self.provisioning.issuing.devices

    def asks(
        self, register: str = "", *, family: str = "tse", tx: Connection | None = None
    ) -> FittingView:
        """A device for the register, in a transaction of its own if none is given."""
        with nullcontext(tx) if tx is not None else writing(self.engine) as within:
            return provision.ask(
                within,
                self.provisioning,
                register=register or self.register,
                organization=self.shop.organization,
                family=family,
                at=self.clock(),
            )

    def due(self) -> OutboxTask | None:
        with writing(self.engine) as tx:
            return queue.lease(tx, self.clock())

    def task(self) -> OutboxTask:
        found = self.due()
        assert found is not None
        return found

    def works(self) -> FittingView:
        """All tasks that are due, as a worker does them."""
        while task := self.due():
            DOING[task.kind](self.provisioning, task)
        return self.view()

    def fitted(self) -> FittingView:
        self.asks()
        return self.works()

    def view(self) -> FittingView:
        with reading(self.engine) as tx:
            found = registry.of_register(tx, self.register)
        assert found is not None
        return found

    def views(self) -> list[FittingView]:
        """All devices of the register, the first first."""
        with reading(self.engine) as tx:
            return registry.of_one(tx, self.register)

    def backlog(self) -> int:
        with reading(self.engine) as tx:
            return queue.backlog(tx)[0]

    def worker(self) -> OutboxWorker:
        """With the tasks for devices, as the application has them."""
        return OutboxWorker(
            self.engine,
            self.clock,
            {
                provision.TASK: (
                    lambda task: provision.do(self.provisioning, task),
                    provision.give_up,
                ),
                provision.TASK_RELEASE: (
                    lambda task: provision.release(self.provisioning, task),
                    provision.leave,
                ),
            },
        )

    def dies(self) -> None:
        """The process that holds the task ends; another one comes when the lease is over."""
        self.provisioning = self.another()
        self.clock.move(seconds=LEASE.total_seconds() + 1)

    def exchanges(self, reason: str = "") -> FittingView:
        """Another device is asked for in the place of the present one."""
        with writing(self.engine) as tx:
            return provision.exchange(
                tx,
                self.provisioning,
                register=self.register,
                reason=reason,
                family="tse",
                organization=self.shop.organization,
                at=self.clock(),
            )

    def retires(self) -> None:
        with writing(self.engine) as tx:
            provision.retire(tx, self.provisioning, self.register, self.clock())

    def memories(self) -> list[Path]:
        """The files of all software TSEs that were ever made here."""
        return sorted((self.folder / "devices").glob("*/*/tse.sqlite"))


def _set_up(engine: Engine) -> Shop:
    with writing(engine) as tx:
        return a_shop(tx)


@contextmanager
def a_cloud(folder: Path, clock: StandingClock) -> Iterator[tuple[SimulatedCloud, dict[str, str]]]:
    """The practice cloud, and what an installation says of its account there."""
    cloud = SimulatedCloud(
        folder=folder, clock=clock, api_key="key", api_secret="secret", entropy=os.urandom
    )
    server = serve(cloud)
    port = int(server.server_address[1])
    yield (
        cloud,
        {"url": f"http://127.0.0.1:{port}", "key": "key", "secret": "secret"},
    )
    stop(server)
    cloud.close()
