"""What is wrong with the installation itself: its process, its disk, its database, its ways to
authorities, its log and those who watch it."""

import shutil
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func, select

from fiscus import regimes
from fiscus.model.faults import Unavailable
from fiscus.model.times import instant
from fiscus.outbox import listing as outbox
from fiscus.outbox.queue import TaskState
from fiscus.problems.rows import AHEAD, ProblemKind, ProblemRow, ProblemScope, ProblemWeight
from fiscus.registry.views import LifecycleState
from fiscus.services import Services
from fiscus.store.migrate import current, newest
from fiscus.store.schema import TASK, TAXPAYER
from fiscus.witness.copies import MemoryDisk

DISK_FREE_MIN = 0.10

WORKER_PATIENCE = timedelta(minutes=15)
"""A task that may be done and that nobody has done for so long: no worker is there, or it is far
behind."""

VERIFIED_PATIENCE = timedelta(days=2)
"""The whole journal is verified each day; after so long without, somebody should look."""

_STOPS, _WARNS = ProblemWeight.STOPS, ProblemWeight.WARNS


def disk_free(services: Services) -> float:
    """How much of the disk of the data folder is free, 0 to 1."""
    usage = shutil.disk_usage(services.settings.data_dir)
    return usage.free / usage.total


def writer(services: Services) -> Iterator[ProblemRow]:
    if not services.writer.is_alive:
        yield ProblemRow(kind=ProblemKind.WRITER, weight=_STOPS)


def disk(services: Services) -> Iterator[ProblemRow]:
    """`count` is how full it is, in percent."""
    free = disk_free(services)
    if free < DISK_FREE_MIN:
        yield ProblemRow(kind=ProblemKind.DISK, weight=_STOPS, count=round((1 - free) * 100))


def channels(services: Services) -> Iterator[ProblemRow]:
    """What is wrong with the ways to authorities, and what of them ends soon."""
    for code in services.set_up:
        try:
            expiries = services.channels(code).expiries
        except Unavailable as trouble:
            yield ProblemRow(
                kind=ProblemKind.CHANNEL, weight=_STOPS, subject=code, words=str(trouble)
            )
            continue
        for one in expiries:
            if one.ends_at - services.clock() <= AHEAD:
                yield ProblemRow(
                    kind=ProblemKind.CHANNEL_ENDS,
                    weight=_WARNS,
                    subject=one.what,
                    id=one.setting,
                    due=one.ends_at,
                )


def watermark(services: Services) -> Iterator[ProblemRow]:
    for words in services.watermark.warnings:
        yield ProblemRow(kind=ProblemKind.WATERMARK, weight=_WARNS, words=words)


def verified(services: Services) -> Iterator[ProblemRow]:
    """What the service has found in its own journal."""
    state = services.selfcheck.state
    if state.findings:
        yield ProblemRow(
            kind=ProblemKind.FINDINGS,
            weight=_STOPS,
            count=len(state.findings) + state.omitted,
            words=state.findings[0].sentence(),
        )
    if state.whole_failed:
        yield ProblemRow(kind=ProblemKind.UNVERIFIED, words=state.whole_failed)


def verified_long_ago(services: Services) -> Iterator[ProblemRow]:
    """That it is verified at all; nothing where no process of this data folder ever began to."""
    state = services.selfcheck.state
    last = state.whole_at or state.begun_at
    if last is not None and services.clock() - last > VERIFIED_PATIENCE:
        yield ProblemRow(kind=ProblemKind.VERIFIED_LONG_AGO, since=last)


def revision(scope: ProblemScope) -> Iterator[ProblemRow]:
    if current(scope.tx) != newest():
        yield ProblemRow(kind=ProblemKind.REVISION, weight=_STOPS)


def settings(scope: ProblemScope) -> Iterator[ProblemRow]:
    """Laws under which taxpayers sell here, though the installation lacks a setting of theirs."""
    codes = scope.tx.scalars(
        select(TAXPAYER.c.regime).where(TAXPAYER.c.state == LifecycleState.COMMISSIONED).distinct()
    )
    for code in sorted(codes):
        for variable in scope.services.issuing.missing_settings(regimes.find(code)):
            yield ProblemRow(kind=ProblemKind.SETTING, weight=_STOPS, subject=variable)


def history(scope: ProblemScope) -> Iterator[ProblemRow]:
    """Chains that are behind what was seen here last, and a log that takes no checkpoint."""
    services = scope.services
    for words in services.issuing.heads.problems:
        yield ProblemRow(kind=ProblemKind.HISTORY, weight=_STOPS, words=words)
    if services.log.problem and not services.issuing.heads.is_log_stopped:
        yield ProblemRow(kind=ProblemKind.CHECKPOINT, words=services.log.problem)


def witnesses(scope: ProblemScope) -> Iterator[ProblemRow]:
    """What witnesses say against our log, and which give no answer."""
    for view in scope.services.witnesses.views(scope.tx):
        if view.alarm:
            yield ProblemRow(
                kind=ProblemKind.WITNESS_ALARM,
                weight=_STOPS,
                subject=view.name,
                since=view.asked_at,
            )
        elif view.error:
            yield ProblemRow(
                kind=ProblemKind.WITNESS_SILENT,
                subject=view.name,
                since=view.signed_at,
                words=view.error,
            )
        elif view.disk is MemoryDisk.SAME:
            yield ProblemRow(kind=ProblemKind.WITNESS_MEMORY, weight=_WARNS, subject=view.name)


def no_witness(scope: ProblemScope) -> Iterator[ProblemRow]:
    """That nobody else remembers our log."""
    if not scope.services.witnesses.views(scope.tx):
        yield ProblemRow(kind=ProblemKind.WITNESS_NONE, weight=_WARNS)


def worker(scope: ProblemScope) -> Iterator[ProblemRow]:
    """A task that nobody takes: no process does the work beside requests, or it is far behind."""
    oldest = scope.tx.scalar(
        select(func.min(TASK.c.due_at)).where(TASK.c.state == TaskState.WAITING)
    )
    if oldest is not None and scope.at - instant(oldest) > WORKER_PATIENCE:
        yield ProblemRow(kind=ProblemKind.WORKER, weight=_STOPS, since=instant(oldest))


def dead_tasks(scope: ProblemScope) -> Iterator[ProblemRow]:
    """Tasks that were given up, whosever they are: only the operator may try them again."""
    found = outbox.counts(scope.tx)
    dead = sum(found[one] for one in found if one[0] is TaskState.DEAD)
    if dead:
        first = outbox.listed(scope.tx, state=TaskState.DEAD, limit=1)
        yield ProblemRow(
            kind=ProblemKind.TASKS_DEAD,
            count=dead,
            since=first[0].failed_at if first else None,
            words=first[0].error if first else "",
        )
