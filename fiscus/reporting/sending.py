"""Works a line off: what is due is marked, told one after the other, and the answers are kept.

A few reports are marked together in one transaction and their answers kept in another, with no
transaction open while an authority is asked. After a crash in between, what was marked may have
arrived, and is sent again as such (`was_sent`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

import msgspec
import structlog
from sqlalchemy import Connection

from fiscus.channels import Answer, ChannelConnection, Later, ObligationReport, Rejected, Remedy
from fiscus.model.faults import Trouble
from fiscus.outbox import queue
from fiscus.outbox.queue import OutboxTask
from fiscus.registry import taxpayers
from fiscus.reporting import answers, lines, messages, pauses
from fiscus.reporting.answers import AnsweredReport
from fiscus.reporting.pauses import Passage
from fiscus.reporting.services import ReportingServices
from fiscus.reporting.states import OPEN
from fiscus.store.connect import writing
from fiscus.store.schema import OBLIGATION

TOGETHER = 5
"""So many reports are marked at once: the answers of so many may be lost with a process, and are
asked for again. On SQLite a sale waits while they are marked or kept, so there are few."""

SECONDS_MAX = timedelta(seconds=10)
"""Nothing more is sent of what was marked so long ago: far shorter than the lease of the task."""

_log = structlog.get_logger("fiscus.reporting")


class MarkedReports(msgspec.Struct, frozen=True, kw_only=True):
    """Reports of one line and taxpayer that nobody else sends now, in their order: their rows as
    they were before, and what is sent. `since`: when they were marked."""

    rows: Sequence[Any]
    reports: Sequence[ObligationReport]
    passage: Passage
    credentials: dict[str, str]
    channel: str
    since: datetime


class _LostTask(Exception):
    """Another worker has taken the task over: nothing of the transaction counts."""


def do(services: ReportingServices, task: OutboxTask) -> None:
    """Send the next reports of a line, and keep what the other side says. A line with more to send
    rests for as long as this took: after an outage sales go on beside thousands of reports."""
    marked = _marked(services, task)
    if marked is None:
        return
    told = _told(services, marked)
    at = services.clock()
    with writing(services.engine) as tx:
        rest = at - marked.since
        answers.keep(tx, task, marked.rows, marked.passage, told, at, rest)


def _marked(services: ReportingServices, task: OutboxTask) -> MarkedReports | None:
    """What is to be sent now; None if the line is at its end, or has to wait."""
    at = services.clock()
    try:
        with writing(services.engine) as tx:
            found = _mark(tx, services, task, at)
            if not queue.take_up(tx, task, at):
                raise _LostTask
            if isinstance(found, MarkedReports):
                return found
            _leave(tx, task, found, at)
    except _LostTask:
        _log.warning("another worker has the line", line=task.payload)
    return None


def _mark(
    tx: Connection, services: ReportingServices, task: OutboxTask, at: datetime
) -> MarkedReports | Passage | None:
    rows = lines.due(tx, task.payload, TOGETHER)
    if not rows:
        return None
    passage = pauses.passage(tx, rows[0], at)
    if passage.until is not None:
        return passage
    first = rows[0]
    whose = (first.taxpayer, first.channel)
    same = list(takewhile(lambda row: (row.taxpayer, row.channel) == whose, rows))
    rows = same[:1] if passage.is_probe else same
    mine = OBLIGATION.c.id.in_([row.id for row in rows]) & OBLIGATION.c.state.in_(OPEN)
    marks = {"attempts": OBLIGATION.c.attempts + 1, "was_sent": 1}
    if tx.execute(OBLIGATION.update().where(mine).values(marks)).rowcount != len(rows):
        raise _LostTask
    return MarkedReports(
        rows=rows,
        reports=messages.made(tx, services, rows),
        passage=passage,
        credentials=taxpayers.credentials(tx, services.vault, first.organization, first.taxpayer),
        channel=first.channel,
        since=at,
    )


def _leave(tx: Connection, task: OutboxTask, passage: Passage | None, at: datetime) -> None:
    if passage is None or passage.until is None:
        lines.go_on(tx, task, at)
    else:
        queue.put_off(tx, task, passage.until, passage.why)


def _told(services: ReportingServices, marked: MarkedReports) -> list[AnsweredReport]:
    """What was said of each, up to the first that stops its line."""
    told: list[AnsweredReport] = []
    for row, report in zip(marked.rows, marked.reports, strict=True):
        if told and services.clock() - marked.since > SECONDS_MAX:
            break
        answer = _answer(services, marked, report)
        told.append(AnsweredReport(row=row, answer=answer))
        if stops(answer):
            break
    return told


def stops(answer: Answer) -> bool:
    """Whether nothing more of the line is sent now: the outcome is not known, or what was said of
    this report would be said of all."""
    return isinstance(answer, Later) or (
        isinstance(answer, Rejected) and answer.remedy in (Remedy.ACCESS, Remedy.TIME)
    )


def _answer(services: ReportingServices, marked: MarkedReports, report: ObligationReport) -> Answer:
    """The other side's, or why there is none. A channel that stumbles may have sent it."""
    channel = _channel(services, marked.channel)
    if isinstance(channel, Later):
        return channel
    try:
        return channel.report(report, marked.credentials)
    except Exception as error:  # noqa: BLE001 - whatever it is, the outcome is not known
        _log.exception("a report could not be told", report=report.id)
        return Later(reason=f"{type(error).__name__}: {error}")


def _channel(services: ReportingServices, code: str) -> ChannelConnection | Later:
    try:
        return services.channels(code)
    except Trouble as trouble:
        return Later(reason=str(trouble), is_unsent=True)
