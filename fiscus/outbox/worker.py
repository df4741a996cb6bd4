"""The worker: takes tasks one by one, and does what is due regularly."""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine

from fiscus.model.faults import Trouble, Unavailable
from fiscus.model.times import Clock
from fiscus.outbox import queue
from fiscus.outbox.queue import Task
from fiscus.store.connect import reading, writing

_log = structlog.get_logger("fiscus.worker")

IDLE_SECONDS = 0.5

Do = Callable[[Task], None]
"""Does a task and calls `queue.done` in the transaction that keeps its result."""

GiveUp = Callable[[Task, str], None]
"""Told when a task has failed for the last time: says so where its owner looks."""


class Chore:
    """Something done regularly, first one interval after the start."""

    def __init__(self, now: datetime, every_seconds: int, do: Callable[[], None]) -> None:
        self.due = now + timedelta(seconds=every_seconds)
        self.every_seconds = every_seconds
        self.do = do


class Worker:
    """One thread. `tasks` maps a kind to what does it and what tells that it was given up;
    `chores` are (seconds between, what to do)."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        tasks: Mapping[str, tuple[Do, GiveUp]],
        chores: tuple[tuple[int, Callable[[], None]], ...] = (),
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._tasks = tasks
        self._chores = [Chore(clock(), every, do) for every, do in chores]
        self._is_stopped = threading.Event()
        self._thread = threading.Thread(target=self.run, name="fiscus-worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Finish the task at hand, take no other."""
        self._is_stopped.set()

    def stop(self) -> None:
        self.ask_to_stop()
        if self._thread.is_alive():
            self._thread.join()

    def run(self) -> None:
        """Work until stopped. A database that is away is waited for, and a chore that failed
        comes again when it is due."""
        while not self._is_stopped.is_set():
            try:
                is_idle = not self.step()
            except Unavailable as trouble:
                _log.warning("worker waits for the database", trouble=str(trouble))
                is_idle = True
            except Exception:  # noqa: BLE001 - a worker that ended would be missed by nobody
                _log.exception("worker stumbled")
                is_idle = True
            if is_idle:
                self._is_stopped.wait(IDLE_SECONDS)

    def step(self) -> bool:
        """Do the chores that are due and one task; False if there was no task."""
        now = self._clock()
        for chore in self._chores:
            if now >= chore.due:
                chore.due = now + timedelta(seconds=chore.every_seconds)
                chore.do()
        with reading(self._engine) as tx:
            if not queue.is_due(tx, now):
                return False
        with writing(self._engine) as tx:
            task = queue.lease(tx, now)
        if task is None:
            return False
        self._attempt(task, now)
        return True

    def _attempt(self, task: Task, now: datetime) -> None:
        do, give_up = self._tasks[task.kind]
        try:
            do(task)
        except Exception as error:  # noqa: BLE001 - whatever it is, the task must not be lost
            words = str(error) if isinstance(error, Trouble) else f"{type(error).__name__}: {error}"
            _log.exception("task failed", task=task.id, kind=task.kind, attempt=task.attempts)
            if task.is_last:
                give_up(task, words)
            else:
                with writing(self._engine) as tx:
                    queue.failed(tx, task, words, now)
