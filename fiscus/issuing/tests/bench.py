"""A workshop that fits devices to a shop's register, and a cloud to practise with."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Connection, Engine

from fiscus.issuing import fitting
from fiscus.issuing.desk import Desk
from fiscus.issuing.devices import Devices
from fiscus.issuing.fitting import Workshop
from fiscus.model.ids import uuid7s
from fiscus.model.tests.clock import StandingClock
from fiscus.outbox import queue
from fiscus.outbox.queue import LEASE, Task
from fiscus.outbox.worker import Worker
from fiscus.registry import devices as registry
from fiscus.registry.devices import FittingView
from fiscus.registry.tests.builders import a_shop, a_vault
from fiscus.signers.tse.cloud_server import Cloud, serve, stop
from fiscus.store.connect import reading, writing

DOING = {fitting.TASK: fitting.do, fitting.TASK_RELEASE: fitting.release}


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
        self.engine = engine
        self.folder = folder
        self.clock = StandingClock()
        self.kind = kind
        self.wanted = dict(wanted or {"description": "a kiosk"})
        self.is_live = is_live
        self.workshop = self.another()
        with writing(engine) as tx:
            self.shop = a_shop(tx)
        self.register = self.shop.register

    def another(self, call_seconds: float = 0.2) -> Workshop:
        """As another process has it: nothing opened yet."""
        devices = Devices(
            engine=self.engine,
            clock=self.clock,
            ids=lambda: str(uuid4()),
            vault=a_vault(),
            folder=self.folder / "devices",
            is_live=self.is_live,
            call_seconds=call_seconds,
        )
        desk = Desk(
            engine=self.engine, clock=self.clock, ids=uuid7s(self.clock, os.urandom),
            vault=a_vault(), devices=devices, settings={}, is_live=self.is_live,
        )  # fmt: skip
        return Workshop(desk=desk, entropy=os.urandom, kind=self.kind, wanted=self.wanted)

    @property
    def devices(self) -> Devices:
        return self.workshop.desk.devices

    def asks(
        self, register: str = "", *, family: str = "tse", tx: Connection | None = None
    ) -> FittingView:
        """A device for the register, in a transaction of its own if none is given."""
        with nullcontext(tx) if tx is not None else writing(self.engine) as within:
            return fitting.ask(
                within,
                self.workshop,
                register=register or self.register,
                organization=self.shop.organization,
                family=family,
                at=self.clock(),
            )

    def due(self) -> Task | None:
        with writing(self.engine) as tx:
            return queue.lease(tx, self.clock())

    def task(self) -> Task:
        found = self.due()
        assert found is not None
        return found

    def works(self) -> FittingView:
        """All tasks that are due, as a worker does them."""
        while task := self.due():
            DOING[task.kind](self.workshop, task)
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

    def worker(self) -> Worker:
        """With the tasks of devices, as the house has it."""
        return Worker(
            self.engine,
            self.clock,
            {
                fitting.TASK: (
                    lambda task: fitting.do(self.workshop, task),
                    lambda task, error: fitting.give_up(self.workshop, task, error),
                ),
                fitting.TASK_RELEASE: (
                    lambda task: fitting.release(self.workshop, task),
                    lambda task, error: fitting.leave(self.workshop, task, error),
                ),
            },
        )

    def dies(self) -> None:
        """The process that holds the task ends; another one comes when the lease is over."""
        self.workshop = self.another()
        self.clock.move(seconds=LEASE.total_seconds() + 1)

    def exchanges(self, reason: str = "") -> FittingView:
        """Another device is asked for in the place of the present one."""
        with writing(self.engine) as tx:
            return fitting.exchange(
                tx, self.workshop, register=self.register, reason=reason, family="tse",
                organization=self.shop.organization, at=self.clock(),
            )  # fmt: skip

    def retires(self) -> None:
        with writing(self.engine) as tx:
            fitting.retire(tx, self.workshop, self.register, self.clock())

    def memories(self) -> list[Path]:
        """The files of all software TSEs that were ever made here."""
        return sorted((self.folder / "devices").glob("*/*/tse.sqlite"))


@contextmanager
def a_cloud(folder: Path, clock: StandingClock) -> Iterator[tuple[Cloud, dict[str, str]]]:
    """The practice cloud, and what an installation says of its account there."""
    cloud = Cloud(
        folder=folder, clock=clock, api_key="key", api_secret="secret", entropy=os.urandom
    )
    server = serve(cloud)
    port = int(server.server_address[1])
    yield (
        cloud,
        {"base_url": f"http://127.0.0.1:{port}", "api_key": "key", "api_secret": "secret"},
    )
    stop(server)
    cloud.close()
