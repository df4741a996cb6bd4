"""Works an export job off: selection, format, artifact, signature, state."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from zipfile import ZipFile

from sqlalchemy import Connection, Engine

from fiscus import regimes
from fiscus.exports import jobs, package
from fiscus.exports.select import selection
from fiscus.exports.states import State
from fiscus.formats import Format
from fiscus.journal import checkpoint, sign
from fiscus.model.faults import Code, Unavailable
from fiscus.model.times import Clock, Period
from fiscus.outbox import queue
from fiscus.outbox.queue import Task
from fiscus.registry import certificates, signers, taxpayers
from fiscus.registry.vault import Vault
from fiscus.signers import EcdsaDigest, Signer
from fiscus.store.artifacts import Artifacts
from fiscus.store.connect import reading, writing

LOST = Code("EXPORT-LEASE-01", "another worker has taken this job over")

_RENEW = timedelta(seconds=20)
_CHUNK_BYTES = 3 << 16  # a multiple of three, so that base64 of chunks is base64 of the whole


@dataclass(kw_only=True)
class Engines:
    """What the export desk works with."""

    engine: Engine
    clock: Clock
    vault: Vault
    artifacts: Artifacts
    settings: dict[str, dict[str, str]]


def do(desk: Engines, task: Task) -> None:
    """Make the file of a job and complete it, in one transaction with the end of its task."""
    with writing(desk.engine) as tx:
        at = desk.clock()
        job = jobs.read(tx, task.payload)
        signer = signers.opened(tx, desk.vault, signers.CHECKPOINT)
    checkpoint.make_all(partial(writing, desk.engine), signer, at)
    if job.state != State.ACCEPTED:
        with writing(desk.engine) as tx:
            queue.done(tx, task)
        return
    beat = _heartbeat(desk, task)
    with desk.artifacts.scratch() as folder:
        file = folder / "export.zip"
        documents = _write(desk, job, file, at, beat)
        kept = desk.artifacts.keep(_chunks(file))
        with reading(desk.engine) as tx:
            serial = certificates.serial(signers.certificate(tx, signers.CHECKPOINT))
        jws = signed(file, signer, serial)
    with writing(desk.engine) as tx:
        if not queue.done(tx, task):
            raise Unavailable(LOST)
        jobs.move(
            tx, job.id, State.COMPLETED, artifact=kept.digest, bytes=kept.size,
            documents=documents, jws=jws,
        )  # fmt: skip


def give_up(desk: Engines, task: Task, error: str) -> None:
    """The job has failed for the last time: its owner reads why."""
    with writing(desk.engine) as tx:
        if queue.done(tx, task):
            jobs.move(tx, task.payload, State.FAILED, error=error[:500])


def _heartbeat(desk: Engines, task: Task) -> Callable[[], None]:
    """Renews the lease now and then while records stream by."""
    last = [desk.clock()]

    def beat() -> None:
        now = desk.clock()
        if now - last[0] >= _RENEW:
            last[0] = now
            with writing(desk.engine) as tx:
                if not queue.renew(tx, task, now):
                    raise Unavailable(LOST)

    return beat


def _write(
    desk: Engines, job: jobs.File, file: Path, at: datetime, beat: Callable[[], None]
) -> int:
    """The ZIP of a job; gives the number of sealed documents in it."""
    period = Period(first=job.first, last=job.last)
    count = [0]

    def progress() -> None:
        count[0] += 1
        if count[0] % 500 == 0:
            beat()

    with reading(desk.engine) as tx, ZipFile(file, "w", allowZip64=True) as archive:
        view = taxpayers.read(tx, job.organization, job.taxpayer)
        for form, write in jobs.formats_of(view.taxpayer.regime):
            name = file_name(form, view.taxpayer.facts.get("tax_id_number", ""), period)
            chosen = selection(
                tx, job.taxpayer, period, settings=desk.settings, at=at, progress=progress
            )
            with archive.open(package.info(name, at), "w", force_zip64=True) as out:
                for chunk in write(chosen):
                    out.write(chunk)
        documents = count[0]
        if job.type == jobs.Type.EXPORT:
            _add_journal(tx, archive, job, at, progress)
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
    return f"{form.code}_{tax_number}_{period.first}_{period.last}.{form.extension}"


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
