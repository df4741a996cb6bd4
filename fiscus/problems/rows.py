"""The rows: one for each thing that is wrong, or will be."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from sqlalchemy import ColumnElement, Connection

from fiscus.registry import organizations
from fiscus.services import Services

AHEAD_DAYS = (90, 30, 14, 7, 1)
"""So many days before something ends the operator is warned, and again at each."""

AHEAD = timedelta(days=AHEAD_DAYS[0])

ROWS_MAX = 100
"""So many rows of one kind are made: who has more of them begins with these."""


class ProblemKind(StrEnum):
    """What a row is about. What is said about it, and what is to be done, is found by it."""

    # Of the installation.
    WRITER = "writer"
    DISK = "disk"
    REVISION = "revision"
    CHANNEL = "channel"
    CHANNEL_ENDS = "channel-ends"
    WATERMARK = "watermark"
    FINDINGS = "findings"
    UNVERIFIED = "unverified"
    VERIFIED_LONG_AGO = "verified-long-ago"
    SETTING = "setting"
    HISTORY = "history"
    CHECKPOINT = "checkpoint"
    WITNESS_ALARM = "witness-alarm"
    WITNESS_SILENT = "witness-silent"
    WITNESS_MEMORY = "witness-memory"
    WITNESS_NONE = "witness-none"
    WORKER = "worker"
    TASKS_DEAD = "tasks-dead"
    # Of an organization.
    DEVICE_OUT = "device-out"
    OUTAGE = "outage"
    DEVICE_ENDS = "device-ends"
    DEVICE_COMING = "device-coming"
    DEVICE_FAILED = "device-failed"
    CERTIFICATE_ENDS = "certificate-ends"
    REPORTS_PAUSED = "reports-paused"
    REPORTS_REFUSED = "reports-refused"
    REPORTS_WAIT = "reports-wait"
    MONTHS_DUE = "months-due"
    MONTHS_OVERDUE = "months-overdue"
    MONTH_COMING = "month-coming"
    SERIES_WAIT = "series-wait"
    SERIES_UNREGISTERED = "series-unregistered"
    NUMBERS = "numbers"
    CLOSING = "closing"
    SESSION = "session"
    NOTIFY = "notify"
    KEY_GRACE = "key-grace"


class ProblemWeight(StrEnum):
    """How bad it is. `stops`: something is not done now, or a law is broken. `harms`: it goes on,
    and something is missing that nobody adds later. `warns`: nothing is wrong yet."""

    STOPS = "stops"
    HARMS = "harms"
    WARNS = "warns"


class ProblemRow(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is wrong, or will be. `subject` is what people call the thing, `id` its id;
    `organization` whose it is (empty: the installation's), `register` the one concerned if it is
    one. `count` is how many there are if a row stands for several. `since` when it began; `due`
    when it begins to matter (None: it does already). `words` are somebody else's, in English.
    Instants are UTC."""

    kind: ProblemKind
    weight: ProblemWeight = ProblemWeight.HARMS
    subject: str = ""
    id: str = ""
    organization: str = ""
    register: str = ""
    count: int = 1
    since: datetime | None = None
    due: datetime | None = None
    words: str = ""

    def is_due(self, at: datetime) -> bool:
        return self.due is None or self.due <= at


@dataclass(frozen=True, kw_only=True)
class ProblemScope:
    """Whose problems are looked for, and when. `organizations`: None for all of them together, as
    the operator counts them; else only what is theirs. `registers`: of these only; none: of all."""

    services: Services
    tx: Connection
    at: datetime
    organizations: Collection[str] | None = None
    registers: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        return self.organizations is None

    def has(self, column: ColumnElement[str]) -> ColumnElement[bool]:
        """The condition that a row belongs to one of the organizations."""
        assert self.organizations is not None, "who counts all asks for nobody's"
        return organizations.among(column, self.organizations)

    def reaches(self, register: ColumnElement[str]) -> tuple[ColumnElement[bool], ...]:
        """The condition that a row is of one of the registers, if they are limited."""
        return (register.in_(self.registers),) if self.registers else ()


def passed(left: timedelta) -> int | None:
    """The smallest of the days that so much time is within; 0 if it is over, None before the
    first."""
    if left <= timedelta(0):
        return 0
    return min((days for days in AHEAD_DAYS if left <= timedelta(days=days)), default=None)
