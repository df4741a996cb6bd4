"""Kinds of tasks: which lane each waits in, how often and when it is tried again, and how many of
an organization may wait.

Who enqueues a kind declares it beside the function that does. Here is only the list of what was
declared, so that the queue knows the lane of a task and imports nothing from above.
"""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

import msgspec

ATTEMPTS_MAX = 8
LEASE = timedelta(minutes=2)

DOUBLING = tuple(timedelta(seconds=2**attempt) for attempt in range(1, ATTEMPTS_MAX))
"""2, 4, 8 … 128 seconds: what is away for a moment is there again, what is away for long is not
asked all the time."""

JITTER_PERCENT = 10

_HASH_BITS = 32


class Lane(StrEnum):
    """What takes minutes never holds up what takes a moment: each lane is worked off by itself. A
    process does as many tasks of a lane at once as the lane has slots (`SLOTS`)."""

    STEADY = "steady"
    """Short work of our own: checkpoints, files that nobody needs any more."""

    QUICK = "quick"
    """Short calls to authorities, of which each stands for itself."""

    REPORTS = "reports"
    """What authorities are told of documents, many in one task."""

    MESSAGES = "messages"
    """Webhooks: calls to addresses that callers name, which may be slow, or never answer."""

    DEVICES = "devices"
    """Signing devices that are fitted, exchanged or released."""

    HEAVY = "heavy"
    """Files that take minutes: exports."""


SLOTS: Mapping[Lane, int] = {
    Lane.STEADY: 1,
    Lane.QUICK: 1,
    Lane.REPORTS: 8,
    Lane.MESSAGES: 16,
    Lane.DEVICES: 1,
    Lane.HEAVY: 2,
}
"""How many tasks of a lane a process does at once. Messages and reports mostly wait for somebody
else. The second file is one of another organization: who wants a small one does not wait for a
large one."""


class TaskKind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of task, under the name that stands in its rows.

    `waits`: how long it waits after each attempt that failed, the last one also after all further
    ones; each is shortened by up to `jitter_percent`, so that what failed together does not come
    back together. `lease`: how long a worker may be silent before its task goes to another.

    `waiting_max`: how many of one organization may wait, the one at work included; 0: any number.
    `is_listed`: a task that was given up stays listed for the operator; False where something else
    goes on with what it was for. `is_final`: what it was for has ended with it, and its owner asks
    anew; such a task is not revived.
    """

    name: str
    lane: Lane
    attempts_max: int = ATTEMPTS_MAX
    waits: tuple[timedelta, ...] = DOUBLING
    jitter_percent: int = JITTER_PERCENT
    lease: timedelta = LEASE
    waiting_max: int = 0
    is_listed: bool = True
    is_final: bool = False

    def wait(self, task: str, attempts: int) -> timedelta:
        """How long the task with this id waits after so many attempts: always the same."""
        full = self.waits[min(attempts, len(self.waits)) - 1] // timedelta(microseconds=1)
        digest = hashlib.sha256(f"{task}:{attempts}".encode()).digest()
        part = int.from_bytes(digest[: _HASH_BITS // 8], "big")
        cut = full * self.jitter_percent * part // (100 << _HASH_BITS)
        return timedelta(microseconds=full - cut)


_DECLARED: dict[str, TaskKind] = {}


def declare(kind: TaskKind) -> TaskKind:
    """Make a kind known, at the top of the module that enqueues it."""
    assert _DECLARED.setdefault(kind.name, kind) == kind, "two kinds of tasks have one name"
    return kind


def names() -> list[str]:
    """Of all kinds that this version has."""
    return sorted(_DECLARED)


def declared(name: str) -> TaskKind:
    return _DECLARED[name]


def of(name: str) -> TaskKind:
    """A kind that was declared; the usual terms for one that only another version knows."""
    return _DECLARED.get(name) or TaskKind(name=name, lane=Lane.STEADY)
