"""Time that passes quicker than it does: what waits in the queue of tasks is due now."""

import sqlite3
from contextlib import closing

import psycopg

from fiscus.app import wall_clock
from fiscus.model.times import micros_z

_PUT_OFF = {
    "report": "error IS NOT NULL",
    "series": "attempts = 0",
}
"""By kind of task: what is true of one that waits for another try, and of none at work."""


def hasten(url: str, kind: str) -> None:
    """What waits for another try is due; what a worker has at hand is left alone."""
    _due_now(url, f"kind = '{kind}' AND {_PUT_OFF[kind]}")


def end_leases(url: str, kind: str) -> None:
    """What was leased by processes that are all dead is due, as it is when their leases end."""
    _due_now(url, f"kind = '{kind}'")


def _due_now(url: str, which: str) -> None:
    now = micros_z(wall_clock())
    waiting = f"SELECT id FROM task WHERE due_at > '{now}' AND {which}"  # noqa: S608
    if not url.startswith("sqlite"):
        waiting += " FOR UPDATE SKIP LOCKED"  # what a worker has its hands on is left alone
    statement = f"UPDATE task SET due_at = '{now}' WHERE id IN ({waiting})"  # noqa: S608
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30)) as database:
            database.execute(statement)
            database.commit()
        return
    with psycopg.connect(url.replace("postgresql+psycopg:", "postgresql:")) as server:
        server.execute(statement.encode())
