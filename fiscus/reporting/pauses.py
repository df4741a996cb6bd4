"""Taxpayers that an authority does not let in.

It locks accounts after a few wrong tries, so nothing of such a taxpayer is sent until somebody has
given it other credentials, or says so. Then one line tries, and the others wait for its answer.
"""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from fiscus.model.times import instant, micros_z
from fiscus.reporting import lines
from fiscus.reporting.states import OPEN, ReportState
from fiscus.store.insert import insert_once
from fiscus.store.schema import OBLIGATION, REPORT_PAUSE, TAXPAYER

LOOK_AGAIN = timedelta(hours=1)
PROBE_AGAIN = timedelta(seconds=15)
ACCESS = "access"
"""The remedy of what was refused because of who asks."""

TOGETHER = 100


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a line may send now: `until` says until when not; `is_probe`, that it may try one
    report. `generation` is that of the credentials that are used."""

    generation: int
    is_probe: bool = False
    until: datetime | None = None
    why: str = ""


def passage(tx: Connection, row: Any, at: datetime) -> Passage:
    """For the line of a report that is to be sent."""
    generation = tx.scalar(
        select(TAXPAYER.c.secrets_generation).where(TAXPAYER.c.id == row.taxpayer)
    )
    assert generation is not None
    mine = _of(row.taxpayer, row.channel)
    pause = tx.execute(select(REPORT_PAUSE).where(mine).with_for_update()).one_or_none()
    if pause is None:
        return Passage(generation=generation)
    if not pause.is_lifted and pause.generation == generation:
        why = f"the authority does not let the taxpayer in: {pause.answer}"
        return Passage(generation=generation, until=at + LOOK_AGAIN, why=why)
    if pause.probe not in (None, row.line) and instant(pause.probe_until) > at:
        why = "another line of the taxpayer tries first"
        return Passage(generation=generation, until=at + PROBE_AGAIN, why=why)
    tx.execute(
        REPORT_PAUSE.update()
        .where(mine)
        .values(is_lifted=1, probe=row.line, probe_until=micros_z(at + lines.LEASE))
    )
    return Passage(generation=generation, is_probe=True)


def begin(tx: Connection, row: Any, generation: int, code: str, answer: str, at: datetime) -> None:
    """The authority does not let the taxpayer in with the credentials of this generation."""
    values = {
        "code": code,
        "answer": answer,
        "generation": generation,
        "is_lifted": 0,
        "probe": None,
        "probe_until": None,
    }
    mine = _of(row.taxpayer, row.channel)
    fresh = {**values, "taxpayer": row.taxpayer, "channel": row.channel, "since": micros_z(at)}
    if not tx.execute(insert_once(tx, REPORT_PAUSE), fresh).rowcount:
        tx.execute(REPORT_PAUSE.update().where(mine).values(values))


def probed(tx: Connection, row: Any, *, is_in: bool) -> None:
    """The line that tried has an answer: the taxpayer was let in, and all its lines may go on
    (`wake`); or there was none, and another line may try."""
    mine = _of(row.taxpayer, row.channel)
    if is_in:
        tx.execute(REPORT_PAUSE.delete().where(mine))
    else:
        tx.execute(REPORT_PAUSE.update().where(mine).values(probe=None, probe_until=None))


def lift(tx: Connection, taxpayer: str, channel: str) -> None:
    """Somebody says that it will go now: one line tries (`wake`). What was refused waits again."""
    mine = _of(taxpayer, channel)
    tx.execute(REPORT_PAUSE.update().where(mine).values(is_lifted=1))
    tx.execute(
        OBLIGATION.update()
        .where(
            OBLIGATION.c.taxpayer == taxpayer,
            OBLIGATION.c.channel == channel,
            OBLIGATION.c.state == ReportState.REFUSED,
            OBLIGATION.c.remedy == ACCESS,
        )
        .values(state=ReportState.PENDING, failures=0)
    )


def lift_changed(tx: Connection, at: datetime) -> int:
    """Lift the pauses of taxpayers that have other credentials by now; gives how many."""
    changed = (
        select(REPORT_PAUSE.c.taxpayer, REPORT_PAUSE.c.channel)
        .join(TAXPAYER, TAXPAYER.c.id == REPORT_PAUSE.c.taxpayer)
        .where(
            REPORT_PAUSE.c.is_lifted == 0,
            REPORT_PAUSE.c.generation != TAXPAYER.c.secrets_generation,
        )
        .order_by(REPORT_PAUSE.c.taxpayer, REPORT_PAUSE.c.channel)
        .limit(TOGETHER)
    )
    rows = tx.execute(changed).all()
    for row in rows:
        lift(tx, row.taxpayer, row.channel)
    for row in rows:
        wake(tx, row.taxpayer, row.channel, at)
    return len(rows)


def _of(taxpayer: str, channel: str) -> Any:
    return (REPORT_PAUSE.c.taxpayer == taxpayer) & (REPORT_PAUSE.c.channel == channel)


def wake(tx: Connection, taxpayer: str, channel: str, at: datetime) -> None:
    """Let all lines of the taxpayer go on at once. Tasks are locked last of all: pauses, reports,
    the chain of the organization, tasks is the order of locks here."""
    waiting = (
        select(OBLIGATION.c.line, OBLIGATION.c.organization)
        .where(
            OBLIGATION.c.taxpayer == taxpayer,
            OBLIGATION.c.channel == channel,
            OBLIGATION.c.state.in_(OPEN),
        )
        .distinct()
    )
    for row in sorted(tx.execute(waiting).all()):
        lines.hasten(tx, [row.line], row.organization, at)
