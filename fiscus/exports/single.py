"""Makes one file of one format: nothing around it, checked by its format before it is handed out.

Nothing in it depends on when or how often it is made: equal journals give equal bytes.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from fiscus import formats
from fiscus.exports import jobs, keeping
from fiscus.exports.engines import LOST, Engines, Progress
from fiscus.exports.select import Part, selection
from fiscus.exports.states import State
from fiscus.formats import Archive, Format
from fiscus.issuing.devices import Devices
from fiscus.model.devices import Filter
from fiscus.model.faults import Code, Corrupt, Fault, Missing, Refused, Unavailable
from fiscus.model.times import Period, micros_z
from fiscus.outbox import queue
from fiscus.outbox.queue import Task
from fiscus.registry import devices
from fiscus.registry.devices import FittingView
from fiscus.signers import SignerDown
from fiscus.store.connect import reading, writing

UNSOUND = Code("EXPORT-CHECK-01", "the finished file does not pass the check of its own format")
DEVICE_DOWN = Code("EXPORT-DEVICE-01", "the signing device does not hand out its archive now")
NO_DATA = Code("EXPORT-DEVICE-02", "the signing device has nothing of this window")

_DETAILS_MAX = 20


def make(desk: Engines, task: Task, job: jobs.File) -> None:
    """Write it, check it, keep it; or say why there is none. What may pass is tried again."""
    form = formats.find(job.format)
    with desk.artifacts.scratch(job.id) as folder:
        file = folder / f"export.{form.extension}"
        progress = Progress(desk, task)
        try:
            settings = _write(desk, form, job, file, progress)
        except (Refused, Missing, Corrupt) as trouble:
            _fail(desk, task, job, trouble.faults)
            return
        with progress.alive():
            faults = form.check(file, settings)
        if faults:
            _fail(desk, task, job, (Fault(code=UNSOUND.id, text=UNSOUND.text), *faults))
            return
        with progress.alive():
            kept = keeping.keep(desk, job, file)
    at = desk.clock()
    with writing(desk.engine) as tx:
        if not queue.done(tx, task):
            raise Unavailable(LOST)
        jobs.move(
            tx, job.id, State.COMPLETED, artifact=kept.digest, bytes=kept.size,
            documents=progress.count, completed_at=micros_z(at),
            expires_at=micros_z(at + keeping.LIFE),
        )  # fmt: skip


def _fail(desk: Engines, task: Task, job: jobs.File, faults: tuple[Fault, ...]) -> None:
    sentences = [fault.sentence() for fault in faults[:_DETAILS_MAX]]
    with writing(desk.engine) as tx:
        if queue.done(tx, task):
            jobs.fail(tx, job.id, "\n".join(sentences), desk.clock())


def _write(
    desk: Engines, form: Format, job: jobs.File, file: Path, progress: Progress
) -> Mapping[str, str]:
    """The file; gives what its check must know."""
    assert form.write is not None, "a format that is asked for can be written"
    assert job.since is not None
    assert job.until is not None
    with reading(desk.engine) as tx:
        archives = () if form.is_audit else _archives(tx, desk, job)
        chosen = selection(
            tx,
            job.taxpayer,
            Period(first=job.first, last=job.last),
            settings=desk.settings,
            at=job.until,
            progress=progress.one,
            part=Part(register=job.register, since=job.since, until=job.until),
            archives=archives,
        )
        try:
            with file.open("wb") as out:
                for chunk in form.write(chosen):
                    out.write(chunk)
                    progress.beat()
        except SignerDown as error:
            if error.is_particular:
                raise Refused(NO_DATA) from error
            raise Unavailable(DEVICE_DOWN) from error
    return {**chosen.settings, **({"is_filtered": "yes"} if archives else {})}


def _archives(tx: Connection, desk: Engines, job: jobs.File) -> tuple[Archive, ...]:
    """What the register's devices have of the register in the window."""
    since, until = job.since, job.until
    assert since is not None
    assert until is not None
    if desk.devices is None:
        return ()
    return tuple(
        Archive(serial=view.info.serial, blocks=partial(_blocks, desk.devices, view, since, until))
        for view in devices.of_one(tx, job.register)
        if view.info is not None and _served(view, since, until)
    )


def _blocks(
    opened: Devices, view: FittingView, since: datetime, until: datetime
) -> Iterator[bytes]:
    return opened.export(view.device, Filter(client_id=view.client, start_at=since, end_at=until))


def _served(view: FittingView, since: datetime, until: datetime) -> bool:
    """Whether the device signed for the register at any time of the window."""
    if view.fitted_at is None:
        return False
    return view.fitted_at <= until and (view.released_at is None or view.released_at >= since)
