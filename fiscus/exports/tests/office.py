"""An office that exports what a counter sold."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
from sqlalchemy import Engine

from fiscus import formats
from fiscus.exports import jobs, keeping, run, window
from fiscus.exports.run import Engines
from fiscus.exports.select import Part, selection
from fiscus.issuing.tests.counter import Counter
from fiscus.issuing.tests.kiosk import Kiosk
from fiscus.model.tests.clock import MORNING
from fiscus.model.times import Period, day
from fiscus.outbox import queue
from fiscus.outbox.queue import Task
from fiscus.registry import taxpayers
from fiscus.registry.tests.builders import a_vault, an_id, move_taxpayer
from fiscus.registry.things import Mode
from fiscus.store.artifacts import Artifacts
from fiscus.store.connect import reading, writing

TODAY = day(MORNING, "Europe/Lisbon")
DAY = Period(first=TODAY, last=TODAY)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
LONG_AFTER = datetime(2100, 1, 1, tzinfo=UTC)


class Office:
    def __init__(
        self, engine: Engine, folder: Path, regime: str = "pt", counter: Counter | None = None
    ) -> None:
        self.engine = engine
        self.folder = folder
        self.counter = counter or Counter(engine, regime, folder)
        self.clock = self.counter.clock
        self.artifacts = Artifacts(folder / "artifacts")
        self.desk = Engines(
            engine=engine, clock=self.clock, vault=a_vault(), artifacts=self.artifacts,
            settings=self.counter.desk.settings,  # type: ignore[arg-type]
            devices=self.counter.desk.devices,
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

    def looks(
        self, since: datetime, until: datetime, form: str = "dsfinvk", register: str | None = None
    ) -> window.Window:
        with reading(self.engine) as tx:
            return window.look(tx, self.wanted(since, until, form, register), self.clock())

    def wanted(
        self, since: datetime, until: datetime, form: str = "dsfinvk", register: str | None = None
    ) -> window.Wanted:
        return window.Wanted(
            organization=self.counter.shop.organization,
            format=form,
            register=self.counter.shop.register if register is None else register,
            since=since,
            until=until,
            asked=jobs.Asked(since="then", until="later"),
        )

    def asks_one(
        self, form: str = "dsfinvk", since: datetime = LONG_AGO, until: datetime = LONG_AFTER
    ) -> jobs.File:
        """A file of one format."""
        wanted = self.wanted(since, until, form)
        with writing(self.engine) as tx:
            found = window.look(tx, wanted, self.clock())
            window.judge(found)
            return window.ask(tx, wanted, found, id_=an_id(), at=self.clock())

    def makes_one(self, form: str = "dsfinvk") -> jobs.File:
        job = self.asks_one(form)
        run.do(self.desk, self.task())
        return self.file(job.id)

    def makes_one_beside(self, job: jobs.File) -> str:
        """What a worker does up to the moment before it completes a job; gives the digest."""
        with self.artifacts.scratch() as folder:
            file = folder / "export.tar"
            file.write_bytes(b"".join(self.written(job)))
            return keeping.keep(self.desk, job, file).digest

    def written(self, job: jobs.File) -> list[bytes]:
        write = formats.find(job.format).write
        assert write is not None
        assert job.since is not None
        assert job.until is not None
        with reading(self.engine) as tx:
            chosen = selection(
                tx, job.taxpayer, Period(first=job.first, last=job.last),
                settings=self.desk.settings, at=job.until, progress=lambda: None,
                part=Part(register=job.register, since=job.since, until=job.until),
            )  # fmt: skip
            return list(write(chosen))

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


def a_kiosk(engine: Engine, folder: Path) -> Kiosk:
    """Of a taxpayer with the numbers that a file of its law must show."""
    kiosk = Kiosk(engine, folder)
    with writing(engine) as tx:
        view = taxpayers.by_id(tx, kiosk.shop.taxpayer)
        facts = {"tax_number": "2181508150", "vat_id_number": "DE123456788"}
        content = msgspec.structs.replace(view.taxpayer, facts=facts)
        idle = move_taxpayer(tx, view, mode=Mode.SUSPENDED)
        idle = move_taxpayer(tx, idle, content=content, frozen_facts=())
        move_taxpayer(tx, idle, mode=Mode.OPERATIVE)
    return kiosk
