"""Makes one file of one format, without a package around it; the format checks it before it is
stored.

Nothing in it depends on when or how often it is made: equal journals give equal bytes.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from fiscus import formats
from fiscus.devices.pool import DevicePool
from fiscus.exports import completion, control, jobs, retention
from fiscus.exports.control import FileTally
from fiscus.exports.select import ClosingRange, selection
from fiscus.exports.services import LOST, ExportServices, JobProgress
from fiscus.formats import DeviceArchive, Format, FormatSource
from fiscus.journal.statement import StatedHead
from fiscus.model.devices import LogFilter
from fiscus.model.faults import Code, Corrupt, Fault, Missing, Refused, Unavailable, is_sound
from fiscus.model.times import Period, micros_z
from fiscus.outbox import queue
from fiscus.outbox.queue import OutboxTask
from fiscus.registry import devices
from fiscus.registry.devices import FittingView
from fiscus.signers import SignerDown
from fiscus.store.connect import reading, writing

UNSOUND = Code("EXPORT-CHECK-01", "the finished file does not pass the check of its own format")
DEVICE_DOWN = Code("EXPORT-DEVICE-01", "the signing device does not hand out its archive now")
NO_DATA = Code("EXPORT-DEVICE-02", "the signing device has nothing of this window")

_DETAILS_MAX = 20


def make(services: ExportServices, task: OutboxTask, job: jobs.ExportFile) -> None:
    """Write it, check it, keep it; or say why there is none. What may pass is tried again."""
    form = formats.find(job.format)
    with services.artifacts.scratch(job.id) as folder:
        file = folder / f"export.{form.extension}"
        progress, tally = JobProgress(services, task), FileTally()
        try:
            settings, heads = _write(services, form, job, file, progress, tally)
        except (Refused, Missing, Corrupt) as trouble:
            _fail(services, task, job, trouble.faults)
            return
        with progress.alive():
            faults = form.check(file, settings)
        if not is_sound(faults):
            _fail(services, task, job, (Fault(code=UNSOUND.id, text=UNSOUND.text), *faults))
            return
        with progress.alive():
            kept = retention.keep(services, job, file)
    at = services.clock()
    with writing(services.engine) as tx:
        if not queue.done(tx, task):
            raise Unavailable(LOST)
        expires = micros_z(at + retention.LIFE)
        totals = control.written(tally.totals())
        completion.complete(
            tx,
            job,
            kept,
            heads,
            at,
            documents=progress.count,
            expires_at=expires,
            totals=totals,
        )


def _fail(
    services: ExportServices, task: OutboxTask, job: jobs.ExportFile, faults: tuple[Fault, ...]
) -> None:
    sentences = [fault.sentence() for fault in faults[:_DETAILS_MAX]]
    with writing(services.engine) as tx:
        if queue.done(tx, task):
            jobs.fail(tx, job.id, "\n".join(sentences), services.clock())


def _write(
    services: ExportServices,
    form: Format,
    job: jobs.ExportFile,
    file: Path,
    progress: JobProgress,
    tally: FileTally,
) -> tuple[Mapping[str, str], tuple[StatedHead, ...]]:
    """The file; gives what its check must know, and where the chains ended that it was read
    from."""
    assert form.write is not None, "a format that is asked for can be written"
    assert job.since is not None
    assert job.until is not None
    with reading(services.engine) as tx:
        archives = _archives(tx, services, job) if form.reads is FormatSource.ARCHIVES else ()
        chosen = selection(
            tx,
            job.taxpayer,
            Period(first=job.first, last=job.last),
            settings=services.settings,
            at=job.until,
            progress=progress.one,
            part=ClosingRange(register=job.register, since=job.since, until=job.until),
            archives=archives,
        )
        try:
            with file.open("wb") as out:
                for chunk in form.write(tally.counted(form.code, chosen)):
                    out.write(chunk)
                    progress.beat()
        except SignerDown as error:
            if error.is_particular:
                raise Refused(NO_DATA) from error
            raise Unavailable(DEVICE_DOWN) from error
        heads = completion.heads(tx, job.organization)
    return {**chosen.settings, **({"is_filtered": "yes"} if archives else {})}, heads


def _archives(
    tx: Connection, services: ExportServices, job: jobs.ExportFile
) -> tuple[DeviceArchive, ...]:
    """What the register's devices have of the register in the window."""
    since, until = job.since, job.until
    assert since is not None
    assert until is not None
    if services.devices is None:
        return ()
    return tuple(
        DeviceArchive(
            serial=view.info.serial, blocks=partial(_blocks, services.devices, view, since, until)
        )
        for view in devices.of_one(tx, job.register)
        if view.info is not None and _served(view, since, until)
    )


def _blocks(
    opened: DevicePool, view: FittingView, since: datetime, until: datetime
) -> Iterator[bytes]:
    return opened.export(
        view.device, LogFilter(client_id=view.client, start_at=since, end_at=until)
    )


def _served(view: FittingView, since: datetime, until: datetime) -> bool:
    """Whether the device signed for the register at any time of the window."""
    if view.fitted_at is None:
        return False
    return view.fitted_at <= until and (view.released_at is None or view.released_at >= since)
