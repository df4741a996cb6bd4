"""Whether the service is alive and ready, and if not, what is wrong."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from fiscus import metrics
from fiscus.journal import checkpoint
from fiscus.model.faults import Unavailable
from fiscus.model.times import instant, seconds_z
from fiscus.outbox import listing as outbox
from fiscus.outbox import queue
from fiscus.outbox.queue import TaskState
from fiscus.problems import listing as problems
from fiscus.problems.devices import first_expiry
from fiscus.problems.installation import disk_free
from fiscus.problems.rows import AHEAD, AHEAD_DAYS, ProblemKind, ProblemRow, ProblemScope, passed
from fiscus.registry import devices
from fiscus.reporting import listing
from fiscus.reporting.listing import ReportCounts
from fiscus.services import Services
from fiscus.store.connect import reading
from fiscus.store.schema import CHAIN, SIGNING

_CODE = re.compile(r"\b[A-Z]+(?:-[A-Z]+)*-[0-9]+\b")

NEVER_DAYS = 9999

BLOCKING = frozenset({ProblemKind.WRITER, ProblemKind.DISK, ProblemKind.REVISION})
"""While one of them is there, no sale can be issued."""


def health(services: Services) -> dict[str, Any]:
    """`ready` means: a sale can be issued now. `problems` says why not, or what will be next."""
    rows = list(problems.of_process(services, problems.PROCESS))
    away = []
    try:
        rows += _database(services)
    except Unavailable as trouble:
        away = [str(trouble)]
    blocking = [row for row in rows if row.kind in BLOCKING]
    others = [row for row in rows if row.kind not in BLOCKING]
    stopped = [*sentences(blocking, services.clock()), *away]
    return {
        "live": True,
        "ready": not stopped,
        "environment": services.settings.environment.value,
        "problems": stopped + list(sentences(others, services.clock())),
    }


def _database(services: Services) -> list[ProblemRow]:
    with reading(services.engine) as tx:
        scope = ProblemScope(services=services, tx=tx, at=services.clock())
        return list(problems.of_database(scope, problems.COUNTED))


def sentences(rows: Iterable[ProblemRow], at: datetime) -> Iterator[str]:
    """What is wrong, in English: a sentence for each row, or for all rows of a kind at once where
    they are counted."""
    some = list(rows)
    told: set[ProblemKind] = set()
    for row in some:
        if row.kind not in _TOGETHER:
            yield _EACH[row.kind](row, at)
        elif row.kind not in told:
            told.add(row.kind)
            yield from _TOGETHER[row.kind]([one for one in some if one.kind is row.kind], at)


def _devices_ending(rows: list[ProblemRow], at: datetime) -> Iterator[str]:
    warnings = Counter(_warning(row, at) for row in rows)
    for warning, count in sorted(warnings.items()):
        yield f"signing devices in service whose certificate {warning}: {count}"


def _series(rows: list[ProblemRow], at: datetime) -> Iterator[str]:
    """This page is for everybody: codes say why, whose they are stands in `fiscus series list`."""
    begun = rows[0].since
    codes = sorted({code for row in rows for code in _CODE.findall(row.words)})
    why = f" ({', '.join(codes)})" if codes else ""
    yield (
        f"{len(rows)} series wait for an answer of the authority, the first since "
        f"{seconds_z(begun) if begun else ''}{why}: `fiscus series list`"
    )


_TOGETHER: Mapping[ProblemKind, Callable[[list[ProblemRow], datetime], Iterator[str]]] = {
    ProblemKind.DEVICE_ENDS: _devices_ending,
    ProblemKind.SERIES_WAIT: _series,
}


def _since(row: ProblemRow) -> str:
    return seconds_z(row.since) if row.since else ""


def _day(at: datetime | None) -> str:
    return str(at.date()) if at else ""


def _paused(row: ProblemRow) -> str:
    taxpayer, _, channel = row.id.partition(" ")
    return (
        f"reports of {row.subject} ({taxpayer}) to {channel} pause since {_since(row)}, its "
        f"credentials were refused: {row.words}"
    )


_EACH: Mapping[ProblemKind, Callable[[ProblemRow, datetime], str]] = {
    ProblemKind.WRITER: lambda row, at: "the writer is not running",
    ProblemKind.DISK: lambda row, at: f"the disk of the data folder is {row.count}% full",
    ProblemKind.REVISION: lambda row, at: (
        "the database is not at the newest revision: run `fiscus migrate`"
    ),
    ProblemKind.DEVICE_OUT: lambda row, at: (
        f"signing device {row.id} is down since {_since(row)}: {row.words}"
    ),
    ProblemKind.CHANNEL: lambda row, at: row.words,
    ProblemKind.CHANNEL_ENDS: lambda row, at: f"{row.subject} {_warning(row, at)} ({row.id})",
    ProblemKind.WATERMARK: lambda row, at: row.words,
    ProblemKind.FINDINGS: lambda row, at: (
        f"the journal has {row.count} findings (docs/journal-findings.md), the first: {row.words}"
    ),
    ProblemKind.UNVERIFIED: lambda row, at: f"the whole journal could not be verified: {row.words}",
    ProblemKind.SETTING: lambda row, at: (
        f"missing setting {row.subject}: nothing is issued without it"
    ),
    ProblemKind.HISTORY: lambda row, at: row.words,
    ProblemKind.CHECKPOINT: lambda row, at: f"no checkpoint is signed: {row.words}",
    ProblemKind.WITNESS_ALARM: lambda row, at: (
        f"alarm of witness {row.subject}: it has seen another history of this journal "
        "(docs/witness.md)"
    ),
    ProblemKind.WITNESS_SILENT: lambda row, at: (
        f"witness {row.subject} gives no answer: {row.words}"
    ),
    ProblemKind.WITNESS_MEMORY: lambda row, at: (
        f"{row.subject} is a memory on the same machine, and no witness"
    ),
    ProblemKind.REPORTS_PAUSED: lambda row, at: _paused(row),
    ProblemKind.REPORTS_REFUSED: lambda row, at: (
        f"reports that authorities refused: {row.count} (fiscus reporting list --state refused)"
    ),
    ProblemKind.REPORTS_WAIT: lambda row, at: (
        f"{row.count} reports to authorities wait, the oldest since {_since(row)}"
    ),
    ProblemKind.MONTHS_DUE: lambda row, at: (
        f"months to be reported or declared, the first by {_day(row.due)}: {row.count} "
        "(fiscus reporting months)"
    ),
    ProblemKind.MONTHS_OVERDUE: lambda row, at: (
        f"months that are overdue, the oldest since {_day(row.since)}: {row.count} "
        "(fiscus reporting months --overdue)"
    ),
    ProblemKind.NUMBERS: lambda row, at: (
        f"the last sales at system {row.id} were refused, because its till states other numbers "
        f"than ours: set the till right, or `fiscus systems set --numbers ignore --system {row.id}`"
    ),
    ProblemKind.CERTIFICATE_ENDS: lambda row, at: f"a journal certificate {_warning(row, at)}",
}


def _warning(row: ProblemRow, at: datetime) -> str:
    """The warning for an operator, one for each of the days; empty before the first."""
    days = passed(row.due - at) if row.due else None
    if days is None:
        return ""
    if days == 0:
        return "has ended"
    return f"ends within {days} days" if days > 1 else "ends within a day"


def _days_until(now: datetime, expires: datetime | None) -> int:
    return (expires - now).days if expires else NEVER_DAYS


def _measure_verified(services: Services) -> None:
    state = services.selfcheck.state
    metrics.FINDINGS.set(len(state.findings) + state.omitted)
    if state.recent_at is not None:
        metrics.VERIFIED_RECENT.set(state.recent_at.timestamp())
    if state.whole_at is not None:
        metrics.VERIFIED_WHOLE.set(state.whole_at.timestamp())


def _measure_reports(counts: ReportCounts, now: datetime) -> None:
    oldest = now if counts.oldest is None else counts.oldest
    metrics.REPORTS_WAITING.set(counts.waiting)
    metrics.REPORTS_OLDEST.set(max(0, (now - oldest).total_seconds()))
    metrics.REPORTS_REFUSED.set(counts.refused)
    metrics.REPORTS_PAUSED.set(len(counts.pauses))


def measure(services: Services) -> None:
    """Set the gauges that are read rather than counted."""
    now = services.clock()
    metrics.GROUPS.set(services.writer.groups)
    metrics.ORDERS.set(services.writer.orders)
    metrics.WAITING.set(services.writer.waiting)
    metrics.DISK_FREE.set(disk_free(services))
    _measure_verified(services)
    with reading(services.engine) as tx:
        waiting, oldest = queue.backlog(tx)
        tasks = outbox.counts(tx)
        reports = listing.counts(tx)
        months = services.months.counts(tx, now)
        newest_checkpoint = checkpoint.newest(tx)
        outages = tx.scalar(select(func.count()).where(CHAIN.c.outage != ""))
        asked = tx.scalar(select(func.count()).where(SIGNING.c.held_until.is_not(None)))
        alarms = sum(bool(view.alarm) for view in services.witnesses.views(tx))
        uncovered = tx.scalar(select(func.sum(CHAIN.c.sequence - CHAIN.c.covered)))
        expires = first_expiry(tx)
        device_ends = devices.first_end(tx)
        soon = devices.ends(tx, now + AHEAD)
    _measure_reports(reports, now)
    metrics.MONTHS_DUE.set(months.due)
    metrics.MONTHS_OVERDUE.set(months.overdue)
    metrics.DEVICES_DOWN.set(
        sum(one.down_since is not None for one in services.issuing.devices.standings())
    )
    metrics.WITNESS_ALARMS.set(alarms)
    metrics.OUTAGES.set(outages or 0)
    metrics.DEVICE_WISHES.set(asked or 0)
    metrics.TASKS.set(waiting)
    for (state, lane), count in tasks.items():
        if state is TaskState.WAITING:
            metrics.LANE_TASKS.labels(lane).set(count)
    metrics.DEAD_TASKS.set(sum(tasks[one] for one in tasks if one[0] is TaskState.DEAD))
    metrics.OLDEST_TASK.set(max(0, (now - instant(oldest)).total_seconds()) if oldest else 0)
    metrics.UNCOVERED.set(uncovered or 0)
    metrics.CERTIFICATE_DAYS.set(_days_until(now, expires))
    metrics.DEVICE_CERTIFICATE_DAYS.set(_days_until(now, device_ends))
    for code in services.set_up:
        with suppress(Unavailable):  # `health` says what is wrong there
            for one in services.channels(code).expiries:
                left = _days_until(now, one.ends_at)
                metrics.CHANNEL_DAYS.labels(one.setting).set(left)
    for days in AHEAD_DAYS:
        ending = sum(end - now <= timedelta(days=days) for end in soon)
        metrics.DEVICE_CERTIFICATES.labels(days).set(ending)
    if newest_checkpoint:
        metrics.CHECKPOINT_AGE.set((now - instant(newest_checkpoint.at)).total_seconds())
