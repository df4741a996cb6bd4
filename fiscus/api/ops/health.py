"""Is it alive, is it ready, and if not: what is wrong."""

import shutil
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from fiscus import regimes
from fiscus.api import metrics
from fiscus.api.http import House
from fiscus.journal import checkpoint
from fiscus.model.faults import Unavailable
from fiscus.model.times import instant, seconds_z
from fiscus.outbox import queue
from fiscus.registry import devices
from fiscus.registry.things import State
from fiscus.store.connect import reading
from fiscus.store.migrate import current, newest
from fiscus.store.schema import CHAIN, REGISTER, REGISTER_KEY, SIGNING, TAXPAYER

DISK_FREE_MIN = 0.10
NEVER_DAYS = 9999
CERTIFICATE_DAYS = (90, 30, 14, 7, 1)
"""So many days before a certificate ends somebody must hear of it, and again at each."""


def health(house: House) -> dict[str, Any]:
    """`ready` means: a sale can be issued now. `problems` says why not, or what will be next."""
    problems: list[str] = []
    blocking: list[str] = []
    if not house.writer.is_alive:
        blocking.append("the writer is not running")
    free = disk_free(house)
    if free < DISK_FREE_MIN:
        blocking.append(f"the disk of the data folder is {1 - free:.0%} full")
    problems += _devices(house)
    try:
        problems += _database(house, blocking)
    except Unavailable as trouble:
        blocking.append(str(trouble))
    return {
        "live": True,
        "ready": not blocking,
        "environment": house.settings.environment.value,
        "problems": blocking + problems,
    }


def _devices(house: House) -> list[str]:
    """Signing devices that are out, as this process knows them: sales go on without a signature
    where the law allows it, and somebody must mend the device."""
    return [
        f"signing device {one.device} is down since {seconds_z(one.down_since)}: {one.reason}"
        for one in house.desk.devices.standings()
        if one.down_since is not None
    ]


def _unfit_laws(house: House, tx: Connection) -> list[str]:
    """Laws under which taxpayers sell here, though the installation lacks a setting of theirs."""
    codes = tx.scalars(select(TAXPAYER.c.regime).where(TAXPAYER.c.state == State.COMMISSIONED))
    return [
        f"missing setting {variable}: nothing is issued without it"
        for code in sorted(set(codes))
        for variable in house.desk.missing_settings(regimes.find(code))
    ]


def _database(house: House, blocking: list[str]) -> list[str]:
    with reading(house.engine) as tx:
        if current(tx) != newest():
            blocking.append("the database is not at the newest revision: run `fiscus migrate`")
        expires = _first_expiry(tx)
        problems = _unfit_laws(house, tx)
        ends = devices.ends(tx, house.clock() + timedelta(days=CERTIFICATE_DAYS[0]))
    now = house.clock()
    if expires is not None and (warning := _warning(expires - now)):
        problems.append(f"a journal certificate {warning}")
    warnings = Counter(_warning(end - now) for end in ends)
    return problems + [
        f"signing devices in service whose certificate {warning}: {count}"
        for warning, count in sorted(warnings.items())
    ]


def _warning(left: timedelta) -> str:
    """By the last of the days at which somebody must hear of it; empty before the first."""
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
        .where(REGISTER.c.state == State.COMMISSIONED)
    )
    return instant(first) if first else None


def _days_until(now: datetime, expires: datetime | None) -> int:
    return (expires - now).days if expires else NEVER_DAYS


def disk_free(house: House) -> float:
    usage = shutil.disk_usage(house.settings.data_dir)
    return usage.free / usage.total


def measure(house: House) -> None:
    """Set the gauges that are read rather than counted."""
    now = house.clock()
    metrics.GROUPS.set(house.writer.groups)
    metrics.ORDERS.set(house.writer.orders)
    metrics.WAITING.set(house.writer.waiting)
    metrics.DISK_FREE.set(disk_free(house))
    with reading(house.engine) as tx:
        waiting, oldest = queue.backlog(tx)
        newest_checkpoint = checkpoint.newest(tx)
        outages = tx.scalar(select(func.count()).where(CHAIN.c.outage != ""))
        asked = tx.scalar(select(func.count()).where(SIGNING.c.held_until.is_not(None)))
        uncovered = tx.scalar(select(func.sum(CHAIN.c.sequence - CHAIN.c.covered)))
        expires = _first_expiry(tx)
        device_ends = devices.first_end(tx)
        soon = devices.ends(tx, now + timedelta(days=CERTIFICATE_DAYS[0]))
    metrics.DEVICES_DOWN.set(
        sum(one.down_since is not None for one in house.desk.devices.standings())
    )
    metrics.OUTAGES.set(outages or 0)
    metrics.DEVICE_WISHES.set(asked or 0)
    metrics.TASKS.set(waiting)
    metrics.OLDEST_TASK.set(max(0, (now - instant(oldest)).total_seconds()) if oldest else 0)
    metrics.UNCOVERED.set(uncovered or 0)
    metrics.CERTIFICATE_DAYS.set(_days_until(now, expires))
    metrics.DEVICE_CERTIFICATE_DAYS.set(_days_until(now, device_ends))
    for days in CERTIFICATE_DAYS:
        ending = sum(end - now <= timedelta(days=days) for end in soon)
        metrics.DEVICE_CERTIFICATES.labels(days).set(ending)
    if newest_checkpoint:
        metrics.CHECKPOINT_AGE.set((now - instant(newest_checkpoint.at)).total_seconds())
