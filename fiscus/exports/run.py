"""Works an export job off: selection, format, artifact, signature, state."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from zipfile import ZipFile

from sqlalchemy import Connection

from fiscus import regimes
from fiscus.exports import jobs, keeping, package, single
from fiscus.exports.engines import LOST, Engines, Progress
from fiscus.exports.select import selection
from fiscus.exports.states import State
from fiscus.formats import Format
from fiscus.journal import checkpoint, sign
from fiscus.model.faults import Unavailable
from fiscus.model.times import Period, micros_z
from fiscus.outbox import queue
from fiscus.outbox.queue import Task
from fiscus.registry import certificates, signers, taxpayers
from fiscus.signers import EcdsaDigest, Signer
from fiscus.store.connect import reading, writing

__all__ = ["Engines", "do", "give_up"]

_CHUNK_BYTES = 3 << 16  # a multiple of three, so that base64 of chunks is base64 of the whole


def do(desk: Engines, task: Task) -> None:
    """Make the file of a job and complete it, in one transaction with the end of its task."""
    with reading(desk.engine) as tx:
        job = jobs.read(tx, task.payload)
    if job.state != State.ACCEPTED:
        with writing(desk.engine) as tx:
            queue.done(tx, task)
        return
    if job.type == jobs.Type.FORMAT:
        single.make(desk, task, job)
    else:
        _package(desk, task, job)


def give_up(desk: Engines, task: Task, error: str) -> None:
    """The job has failed for the last time: its owner reads why."""
    with writing(desk.engine) as tx:
        if queue.done(tx, task):
            jobs.fail(tx, task.payload, error, desk.clock())


def _package(desk: Engines, task: Task, job: jobs.File) -> None:
    """A ZIP, signed, after a checkpoint that covers all that is in it."""
    at = desk.clock()
    with writing(desk.engine) as tx:
        signer = signers.opened(tx, desk.vault, signers.CHECKPOINT)
    checkpoint.make_all(partial(writing, desk.engine), signer, at)
    progress = Progress(desk, task)
    with desk.artifacts.scratch(job.id) as folder:
        file = folder / "export.zip"
        documents = _write(desk, job, file, at, progress)
        with reading(desk.engine) as tx:
            serial = certificates.serial(signers.certificate(tx, signers.CHECKPOINT))
        with progress.alive():
            jws = signed(file, signer, serial)
            kept = keeping.keep(desk, job, file)
    with writing(desk.engine) as tx:
        if not queue.done(tx, task):
            raise Unavailable(LOST)
        jobs.move(
            tx, job.id, State.COMPLETED, artifact=kept.digest, bytes=kept.size,
            documents=documents, jws=jws, completed_at=micros_z(desk.clock()),
        )  # fmt: skip


def _write(desk: Engines, job: jobs.File, file: Path, at: datetime, progress: Progress) -> int:
    """The ZIP of a job; gives the number of sealed documents in it."""
    period = Period(first=job.first, last=job.last)
    with reading(desk.engine) as tx, ZipFile(file, "w", allowZip64=True) as archive:
        view = taxpayers.read(tx, job.organization, job.taxpayer)
        for form, write in jobs.formats_of(view.taxpayer.regime):
            number = view.taxpayer.facts.get(regimes.find(view.taxpayer.regime).tax_number, "")
            name = file_name(form, number, period)
            chosen = selection(
                tx, job.taxpayer, period, settings=desk.settings, at=at, progress=progress.one
            )
            with archive.open(package.info(name, at), "w", force_zip64=True) as out:
                for chunk in write(chosen):
                    out.write(chunk)
        documents = progress.count
        if job.type == jobs.Type.EXPORT:
            _add_journal(tx, archive, job, at, progress.one)
    return documents


def _add_journal(
    tx: Connection, archive: ZipFile, job: jobs.File, at: datetime, progress: Callable[[], None]
) -> None:
    period = Period(first=job.first, last=job.last)
    view = taxpayers.read(tx, job.organization, job.taxpayer)
    timezone = regimes.find(view.taxpayer.regime).timezone
    parts = package.runs(tx, job.taxpayer, period, timezone, job.register)
    package.write(
        tx, archive, taxpayer=job.taxpayer, period=period, parts=parts, at=at, progress=progress
    )


def file_name(form: Format, tax_number: str, period: Period) -> str:
    """Some offices write slashes into their numbers, which would make folders."""
    number = tax_number.replace("/", "-")
    return f"{form.code}_{number}_{period.first}_{period.last}.{form.extension}"


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        while chunk := source.read(_CHUNK_BYTES):
            yield chunk


def signed(file: Path, signer: Signer, serial: str) -> str:
    """A compact JWS with detached payload over the file's bytes."""
    header = sign.header(serial, "fiscus-package+zip")
    digest = hashlib.sha256(header.encode("ascii") + b".")
    for chunk in _chunks(file):
        digest.update(urlsafe_b64encode(chunk).rstrip(b"="))
    return f"{header}..{signer.sign(EcdsaDigest(digest.digest()))}"
