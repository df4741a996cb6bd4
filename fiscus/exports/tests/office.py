"""An office that exports what a counter sold."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
from sqlalchemy import Engine

from fiscus import formats
from fiscus.exports import jobs, requests, retention, run
from fiscus.exports.run import ExportServices
from fiscus.exports.select import ClosingRange, selection
from fiscus.issuing.tests.counter import Counter
from fiscus.issuing.tests.kiosk import Kiosk
from fiscus.model.tests.clock import MORNING
from fiscus.model.times import Period, day
from fiscus.outbox import queue
from fiscus.outbox.queue import OutboxTask
from fiscus.registry import log, taxpayers
from fiscus.registry.tests.builders import SUBJECT, a_vault, an_id, move_taxpayer
from fiscus.registry.views import OperatingMode
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
        self.services = ExportServices(
            engine=engine,
            clock=self.clock,
            vault=a_vault(),
            artifacts=self.artifacts,
            settings=self.counter.services.settings,
            devices=self.counter.services.devices,
        )

    def asks(
        self,
        type_: jobs.ExportType = jobs.ExportType.EXPORT,
        period: Period = DAY,
        register: str = "",
    ) -> jobs.ExportFile:
        with writing(self.engine) as tx:
            view = taxpayers.by_id(tx, self.counter.shop.taxpayer)
            return jobs.ask(
                tx,
                id_=an_id(),
                taxpayer=view,
                register=register,
                type_=type_,
                period=period,
                today=day(self.clock(), "Europe/Lisbon"),
                by=SUBJECT,
                at=self.clock(),
            )

    def looks(
        self, since: datetime, until: datetime, form: str = "dsfinvk", register: str | None = None
    ) -> requests.AvailablePeriod:
        with reading(self.engine) as tx:
            return requests.look(tx, self.wanted(since, until, form, register), self.clock())

    def wanted(
        self, since: datetime, until: datetime, form: str = "dsfinvk", register: str | None = None
    ) -> requests.FormatRequest:
        return requests.FormatRequest(
            organization=self.counter.shop.organization,
            format=form,
            register=self.counter.shop.register if register is None else register,
            since=since,
            until=until,
            asked=jobs.RequestedPeriod(since="then", until="later"),
        )

    def asks_one(
        self, form: str = "dsfinvk", since: datetime = LONG_AGO, until: datetime = LONG_AFTER
    ) -> jobs.ExportFile:
        """A file of one format."""
        wanted = self.wanted(since, until, form)
        with writing(self.engine) as tx:
            found = requests.look(tx, wanted, self.clock())
            requests.judge(found)
            return requests.ask(tx, wanted, found, id_=an_id(), by=SUBJECT, at=self.clock())

    def makes_one(self, form: str = "dsfinvk") -> jobs.ExportFile:
        job = self.asks_one(form)
        run.do(self.services, self.task())
        return self.file(job.id)

    def makes_one_beside(self, job: jobs.ExportFile) -> str:
        """What a worker does up to the moment before it completes a job; gives the digest."""
        with self.artifacts.scratch() as folder:
            file = folder / "export.tar"
            file.write_bytes(b"".join(self.written(job)))
            return retention.keep(self.services, job, file).digest

    def written(self, job: jobs.ExportFile) -> list[bytes]:
        write = formats.find(job.format).write
        assert write is not None
        assert job.since is not None
        assert job.until is not None
        with reading(self.engine) as tx:
            chosen = selection(
                tx,
                job.taxpayer,
                Period(first=job.first, last=job.last),
                settings=self.services.settings,
                at=job.until,
                progress=lambda: None,
                part=ClosingRange(register=job.register, since=job.since, until=job.until),
            )
            return list(write(chosen))

    def task(self) -> OutboxTask:
        """The next one; checkpoints that closings want are left to their own tests."""
        with writing(self.engine) as tx:
            while (found := queue.lease(tx, self.clock())) and found.kind == log.TASK:
                queue.done(tx, found)
        assert found is not None
        return found

    def gives_up(self, task: OutboxTask, error: str) -> None:
        """As the worker does it after the last attempt."""
        at = self.clock()
        with writing(self.engine) as tx:
            if queue.given_up(tx, task, error, at):
                run.give_up(tx, task, error, at)

    def file(self, id_: str) -> jobs.ExportFile:
        with reading(self.engine) as tx:
            return jobs.read(tx, id_)

    def kept(self, job: jobs.ExportFile) -> Path:
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
        idle = move_taxpayer(tx, view, mode=OperatingMode.SUSPENDED)
        idle = move_taxpayer(tx, idle, content=content, frozen_facts=())
        move_taxpayer(tx, idle, mode=OperatingMode.OPERATIVE)
    return kiosk
