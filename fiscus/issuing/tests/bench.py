"""A workshop that fits devices to a shop's register, and a cloud to practise with."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Connection, Engine

from fiscus.issuing import fitting
from fiscus.issuing.devices import Devices
from fiscus.issuing.fitting import Workshop
from fiscus.model.ids import uuid7s
from fiscus.model.tests.clock import StandingClock
from fiscus.outbox import queue
from fiscus.outbox.queue import Task
from fiscus.registry import devices as registry
from fiscus.registry.devices import FittingView
from fiscus.registry.tests.builders import a_shop, a_vault
from fiscus.signers.tse.cloud_server import Cloud, serve, stop
from fiscus.store.connect import reading, writing


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
        return Workshop(
            engine=self.engine,
            clock=self.clock,
            ids=uuid7s(self.clock, os.urandom),
            entropy=os.urandom,
            vault=a_vault(),
            devices=Devices(
                engine=self.engine,
                clock=self.clock,
                ids=lambda: str(uuid4()),
                vault=a_vault(),
                folder=self.folder / "devices",
                is_live=self.is_live,
                call_seconds=call_seconds,
            ),
            kind=self.kind,
            wanted=self.wanted,
        )

    @property
    def devices(self) -> Devices:
        return self.workshop.devices

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
            fitting.do(self.workshop, task)
        return self.view()

    def fitted(self) -> FittingView:
        self.asks()
        return self.works()

    def view(self) -> FittingView:
        with reading(self.engine) as tx:
            return registry.read_fitting(tx, self.register)

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
