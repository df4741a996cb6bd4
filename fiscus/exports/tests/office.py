"""An office that exports what a counter sold."""

from pathlib import Path

from sqlalchemy import Engine

from fiscus.exports import jobs
from fiscus.exports.run import Engines
from fiscus.issuing.tests.counter import Counter
from fiscus.model.tests.clock import MORNING
from fiscus.model.times import Period, day
from fiscus.outbox import queue
from fiscus.outbox.queue import Task
from fiscus.registry import taxpayers
from fiscus.registry.tests.builders import a_vault, an_id
from fiscus.store.artifacts import Artifacts
from fiscus.store.connect import reading, writing

TODAY = day(MORNING, "Europe/Lisbon")
DAY = Period(first=TODAY, last=TODAY)


class Office:
    def __init__(self, engine: Engine, folder: Path, regime: str = "pt") -> None:
        self.engine = engine
        self.folder = folder
        self.counter = Counter(engine, regime, folder)
        self.clock = self.counter.clock
        self.artifacts = Artifacts(folder / "artifacts")
        self.desk = Engines(
            engine=engine, clock=self.clock, vault=a_vault(), artifacts=self.artifacts,
            settings=self.counter.desk.settings,  # type: ignore[arg-type]
        )  # fmt: skip

    def asks(
        self, type_: jobs.Type = jobs.Type.EXPORT, period: Period = DAY, register: str = ""
    ) -> jobs.File:
        with writing(self.engine) as tx:
            view = taxpayers.by_id(tx, self.counter.shop.taxpayer)
            return jobs.ask(
                tx, id_=an_id(), taxpayer=view, register=register, type_=type_, period=period,
                today=day(self.clock(), "Europe/Lisbon"), at=self.clock(),
            )  # fmt: skip

    def task(self) -> Task:
        with writing(self.engine) as tx:
            found = queue.lease(tx, self.clock())
        assert found is not None
        return found

    def file(self, id_: str) -> jobs.File:
        with reading(self.engine) as tx:
            return jobs.read(tx, id_)

    def kept(self, job: jobs.File) -> Path:
        """The finished ZIP with its signature beside it, as somebody downloads them."""
        file = self.folder / f"{job.id}.zip"
        file.write_bytes(b"".join(self.artifacts.read(job.artifact)))
        file.with_name(f"{file.name}.jws").write_text(job.jws)
        return file
