"""Whether the service is alive and ready, and if not, what is wrong."""

import re
import shutil
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from fiscus import metrics, regimes
from fiscus.issuing import claimed_numbers, upkeep
from fiscus.journal import checkpoint
from fiscus.model.faults import Unavailable
from fiscus.model.times import instant, seconds_z
from fiscus.outbox import listing as outbox
from fiscus.outbox import queue
from fiscus.outbox.queue import TaskState
from fiscus.registry import devices, series_lists
from fiscus.registry.views import LifecycleState
from fiscus.reporting import listing
from fiscus.reporting.listing import ReportCounts
from fiscus.reporting.month_listing import MonthCounts
from fiscus.services import Services
from fiscus.store.connect import reading
from fiscus.store.migrate import current, newest
from fiscus.store.schema import CHAIN, REGISTER, REGISTER_KEY, SIGNING, TAXPAYER
from fiscus.witness.copies import MemoryDisk

SERIES_PATIENCE = timedelta(minutes=15)
"""So long an authority may be silent before the operator is told."""
SERIES_MAX = 1000
_CODE = re.compile(r"\b[A-Z]+(?:-[A-Z]+)*-[0-9]+\b")

DISK_FREE_MIN = 0.10
NEVER_DAYS = 9999
REPORT_AGE_MAX = timedelta(hours=1)
"""A report that waits for longer is told to the operator: the authority, or the way to it, is out.
"""
CERTIFICATE_DAYS = (90, 30, 14, 7, 1)
"""So many days before a certificate ends the operator is warned, and again at each."""


def health(services: Services) -> dict[str, Any]:
    """`ready` means: a sale can be issued now. `problems` says why not, or what will be next."""
    problems: list[str] = []
    blocking: list[str] = []
    if not services.writer.is_alive:
        blocking.append("the writer is not running")
    free = disk_free(services)
    if free < DISK_FREE_MIN:
        blocking.append(f"the disk of the data folder is {1 - free:.0%} full")
    problems += _devices(services)
    problems += _channels(services)
    problems += services.watermark.warnings
    problems += _verified(services)
    try:
        problems += _database(services, blocking)
    except Unavailable as trouble:
        blocking.append(str(trouble))
    return {
        "live": True,
        "ready": not blocking,
        "environment": services.settings.environment.value,
        "problems": blocking + problems,
    }


def _devices(services: Services) -> list[str]:
    """Signing devices that are out, as this process knows them: sales go on without a signature
    where the law allows it, and an operator must mend the device."""
    return [
        f"signing device {one.device} is down since {seconds_z(one.down_since)}: {one.reason}"
        for one in services.issuing.devices.standings()
        if one.down_since is not None
    ]


def _channels(services: Services) -> list[str]:
    """What is wrong with the ways to authorities, and what of them ends soon."""
    told = []
    for code in services.set_up:
        try:
            expiries = services.channels(code).expiries
        except Unavailable as trouble:
            told.append(str(trouble))
            continue
        for one in expiries:
            if warning := _warning(one.ends_at - services.clock()):
                told.append(f"{one.what} {warning} ({one.setting})")
    return told


def _unfit_laws(services: Services, tx: Connection) -> list[str]:
    """Laws under which taxpayers sell here, though the installation lacks a setting of theirs."""
    codes = tx.scalars(
        select(TAXPAYER.c.regime).where(TAXPAYER.c.state == LifecycleState.COMMISSIONED)
    )
    return [
        f"missing setting {variable}: nothing is issued without it"
        for code in sorted(set(codes))
        for variable in services.issuing.missing_settings(regimes.find(code))
    ]


def _database(services: Services, blocking: list[str]) -> list[str]:
    with reading(services.engine) as tx:
        if current(tx) != newest():
            blocking.append("the database is not at the newest revision: run `fiscus migrate`")
        expires = _first_expiry(tx)
        problems = _unfit_laws(services, tx)
        problems += _witnesses(services, tx)
        problems += _reports(listing.counts(tx), services.clock())
        problems += _months(services.months.counts(tx, services.clock()))
        problems += _series(services, tx)
        problems += _claimed_numbers(services, tx)
        ends = devices.ends(tx, services.clock() + timedelta(days=CERTIFICATE_DAYS[0]))
    now = services.clock()
    if expires is not None and (warning := _warning(expires - now)):
        problems.append(f"a journal certificate {warning}")
    warnings = Counter(_warning(end - now) for end in ends)
    return problems + [
        f"signing devices in service whose certificate {warning}: {count}"
        for warning, count in sorted(warnings.items())
    ]


def _verified(services: Services) -> list[str]:
    """What the service has found in its own journal."""
    state = services.selfcheck.state
    failed = (
        [f"the whole journal could not be verified: {state.whole_failed}"]
        if state.whole_failed
        else []
    )
    if not state.findings:
        return failed
    count, first = len(state.findings) + state.omitted, state.findings[0]
    return [
        f"the journal has {count} findings (docs/journal-findings.md), the first: "
        f"{first.sentence()}",
        *failed,
    ]


def _witnesses(services: Services, tx: Connection) -> list[str]:
    """What witnesses say against our log, and which give no answer. Chains that are behind what was
    seen here last."""
    told = list(services.issuing.heads.problems)
    if services.log.problem and not services.issuing.heads.is_log_stopped:
        told.append(f"no checkpoint is signed: {services.log.problem}")
    for view in services.witnesses.views(tx):
        if view.alarm:
            told.append(
                f"alarm of witness {view.name}: it has seen another history of this journal "
                "(docs/witness.md)"
            )
        elif view.error:
            told.append(f"witness {view.name} gives no answer: {view.error}")
        elif view.disk is MemoryDisk.SAME:
            told.append(f"{view.name} is a memory on the same machine, and no witness")
    return told


def _reports(counts: ReportCounts, now: datetime) -> list[str]:
    """What authorities have not been told in time, what they refused, and whom they do not let in:
    sales go on, and somebody must see to it."""
    told = [
        f"reports of {one.name} ({one.taxpayer}) to {one.channel} pause since "
        f"{seconds_z(one.since)}, its credentials were refused: {one.words}"
        for one in counts.pauses
    ]
    if counts.refused:
        told.append(
            f"reports that authorities refused: {counts.refused} (fiscus reporting list --state "
            "refused)"
        )
    if counts.oldest is not None and now - counts.oldest > REPORT_AGE_MAX:
        told.append(
            f"{counts.waiting} reports to authorities wait, the oldest since "
            f"{seconds_z(counts.oldest)}"
        )
    return told


def _months(counts: MonthCounts) -> list[str]:
    """Months that are over and that a person, or the authority, has something to do about."""
    told = []
    if counts.due:
        told.append(
            f"months to be reported or declared, the first by {counts.first_due}: {counts.due} "
            "(fiscus reporting months)"
        )
    if counts.overdue:
        told.append(
            f"months that are overdue, the oldest since {counts.oldest}: {counts.overdue} "
            "(fiscus reporting months --overdue)"
        )
    return told


def _series(services: Services, tx: Connection) -> list[str]:
    """Series of which an authority has not answered something for long. This page is for everybody:
    codes say why, whose they are stands in `fiscus series list`."""
    waiting = series_lists.unsettled(tx, services.clock() - SERIES_PATIENCE, SERIES_MAX)
    if not waiting:
        return []
    begun = upkeep.since(waiting[0])
    codes = sorted({code for one in waiting for code in _CODE.findall(one.said)})
    why = f" ({', '.join(codes)})" if codes else ""
    return [
        f"{len(waiting)} series wait for an answer of the authority, the first since "
        f"{seconds_z(begun) if begun else ''}{why}: `fiscus series list`"
    ]


def _claimed_numbers(services: Services, tx: Connection) -> list[str]:
    """Tills that state other numbers than ours, as this process knows them: each of their sales is
    refused, and a shop must not stop."""
    return [
        f"the last sales at system {one} were refused, because its till states other numbers than "
        f"ours: set the till right, or `fiscus systems set --numbers ignore --system {one}`"
        for one in claimed_numbers.astray(tx, services.issuing.suspects)
    ]


def _warning(left: timedelta) -> str:
    """The warning for an operator, one for each of the days; empty before the first."""
    if left <= timedelta(0):
        return "has ended"
    passed = [days for days in CERTIFICATE_DAYS if left <= timedelta(days=days)]
    if not passed:
        return ""
    return f"ends within {min(passed)} days" if min(passed) > 1 else "ends within a day"


def _first_expiry(tx: Connection) -> datetime | None:
    """When the first journal certificate of a register in service expires."""
    first: str | None = tx.scalar(
        select(func.min(REGISTER_KEY.c.expires_at))
        .join(REGISTER, REGISTER.c.id == REGISTER_KEY.c.register)
        .where(REGISTER.c.state == LifecycleState.COMMISSIONED)
    )
    return instant(first) if first else None


def _days_until(now: datetime, expires: datetime | None) -> int:
    return (expires - now).days if expires else NEVER_DAYS


def disk_free(services: Services) -> float:
    usage = shutil.disk_usage(services.settings.data_dir)
    return usage.free / usage.total


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
        expires = _first_expiry(tx)
        device_ends = devices.first_end(tx)
        soon = devices.ends(tx, now + timedelta(days=CERTIFICATE_DAYS[0]))
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
    for days in CERTIFICATE_DAYS:
        ending = sum(end - now <= timedelta(days=days) for end in soon)
        metrics.DEVICE_CERTIFICATES.labels(days).set(ending)
    if newest_checkpoint:
        metrics.CHECKPOINT_AGE.set((now - instant(newest_checkpoint.at)).total_seconds())
