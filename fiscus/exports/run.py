"""Carries out an export job: selection, format, artifact, signature, state."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from zipfile import ZipFile

from sqlalchemy import Connection

from fiscus import regimes
from fiscus.exports import (
    book_files,
    completion,
    control,
    format_file,
    jobs,
    package,
    retention,
)
from fiscus.exports.control import FileTally
from fiscus.exports.select import selection, stated_taxpayer
from fiscus.exports.services import LOST, ExportServices, JobProgress
from fiscus.exports.states import ExportState
from fiscus.formats import Format
from fiscus.journal import sign
from fiscus.journal.statement import StatedHead
from fiscus.model.faults import Unavailable
from fiscus.model.times import Period
from fiscus.outbox import queue
from fiscus.outbox.queue import OutboxTask
from fiscus.registry import certificates, log, signers
from fiscus.signers import EcdsaDigest, Signer
from fiscus.store.connect import reading, writing

__all__ = ["ExportServices", "do", "give_up"]

_CHUNK_BYTES = 3 << 16  # a multiple of three, so that base64 of chunks is base64 of the whole


def do(services: ExportServices, task: OutboxTask) -> None:
    """Make the file of a job and complete it, in one transaction with the end of its task."""
    if task.kind == book_files.TASK:
        book_files.do(services, task)
        return
    with reading(services.engine) as tx:
        job = jobs.read(tx, task.payload)
    if job.state != ExportState.ACCEPTED:
        with writing(services.engine) as tx:
            queue.done(tx, task)
        return
    if job.type == jobs.ExportType.FORMAT:
        format_file.make(services, task, job)
    else:
        _package(services, task, job)


def give_up(tx: Connection, task: OutboxTask, error: str, at: datetime) -> None:
    """The job has failed for the last time: its owner reads why."""
    if task.kind == book_files.TASK:
        book_files.give_up(tx, task, error, at)
        return
    jobs.fail(tx, task.payload, error, at)


def _package(services: ExportServices, task: OutboxTask, job: jobs.ExportFile) -> None:
    """A ZIP, signed, after a checkpoint that covers all that is in it."""
    at = services.clock()
    with writing(services.engine) as tx:
        signer = signers.opened(tx, services.vault, signers.PACKAGE)
    log.sign(services.engine, services.vault, at, services.heads)
    progress = JobProgress(services, task)
    with services.artifacts.scratch(job.id) as folder:
        file = folder / "export.zip"
        tally = FileTally()
        documents, heads = _write(services, job, file, at, progress, tally)
        with reading(services.engine) as tx:
            serial = certificates.serial(signers.certificate(tx, signers.PACKAGE))
        with progress.alive():
            jws = signed(file, signer, serial)
            kept = retention.keep(services, job, file)
    with writing(services.engine) as tx:
        if not queue.done(tx, task):
            raise Unavailable(LOST)
        at = services.clock()
        totals = control.written(tally.totals())
        completion.complete(tx, job, kept, heads, at, documents=documents, jws=jws, totals=totals)


def _write(
    services: ExportServices,
    job: jobs.ExportFile,
    file: Path,
    at: datetime,
    progress: JobProgress,
    tally: FileTally,
) -> tuple[int, tuple[StatedHead, ...]]:
    """The ZIP of a job; gives the number of sealed documents in it, and where the chains ended."""
    period = Period(first=job.first, last=job.last)
    with reading(services.engine) as tx, ZipFile(file, "w", allowZip64=True) as archive:
        taxpayer = stated_taxpayer(tx, job.taxpayer)
        for form, write in jobs.written(tx, job.taxpayer, taxpayer.regime, period):
            number = taxpayer.facts.get(regimes.find(taxpayer.regime).tax_number, "")
            name = file_name(form, number, period)
            chosen = selection(
                tx, job.taxpayer, period, settings=services.settings, at=at, progress=progress.one
            )
            with archive.open(package.info(name, at), "w", force_zip64=True) as out:
                for chunk in write(tally.counted(form.code, chosen)):
                    out.write(chunk)
        documents = progress.count
        if job.type == jobs.ExportType.EXPORT:
            _add_journal(tx, archive, job, at, progress.one)
        heads = completion.heads(tx, job.organization)
    return documents, heads


def _add_journal(
    tx: Connection,
    archive: ZipFile,
    job: jobs.ExportFile,
    at: datetime,
    progress: Callable[[], None],
) -> None:
    period = Period(first=job.first, last=job.last)
    timezone = regimes.find(stated_taxpayer(tx, job.taxpayer).regime).timezone
    chosen = package.content(
        tx,
        organization=job.organization,
        taxpayer=job.taxpayer,
        period=period,
        timezone=timezone,
        register=job.register,
    )
    package.write(tx, archive, chosen, at=at, progress=progress)


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
