"""The worker: carries out the tasks of each lane in the lane's slots, and regular chores when they
are due."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection, Engine

from fiscus.model.faults import Code, Fault, Trouble, Unavailable
from fiscus.model.times import Clock
from fiscus.outbox import kinds, queue
from fiscus.outbox.kinds import Lane
from fiscus.outbox.queue import OutboxTask
from fiscus.outbox.slots import LaneSlots
from fiscus.store.connect import reading, writing

_log = structlog.get_logger("fiscus.worker")

IDLE_SECONDS = 0.5

Do = Callable[[OutboxTask], None]
"""Does a task and calls `queue.done` in the transaction that keeps its result."""

GiveUp = Callable[[Connection, OutboxTask, str], None]
"""Told that a task is given up, in the transaction that ends it: says so where its owner looks.
Does not end the task itself."""

SILENT = Code(
    "TASK-LEASE-01",
    "the last attempt ended without a word: its process was ended, or was silent for too long",
)
FIRST_SECONDS = 30
UNKNOWN = Code("TASK-KIND-01", "no part of this version does tasks of this kind")


class PeriodicChore:
    """Something done regularly, first one interval after the start, at the latest after
    `FIRST_SECONDS`: a worker that is often started anew does it all the same."""

    def __init__(self, now: datetime, every_seconds: int, do: Callable[[], None]) -> None:
        self.due = now + timedelta(seconds=min(every_seconds, FIRST_SECONDS))
        self.every_seconds = every_seconds
        self.do = do


class OutboxWorker:
    """`tasks` maps the name of a kind to what does it and what is told when it is given up;
    `chores` are (seconds between, what to do).

    A thread for each lane that hands its tasks out to as many threads as the lane has slots, and
    one for chores: an export may take minutes, and what others wait for must not wait for it.
    """

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
        lanes = {kinds.of(name).lane for name in tasks}
        self._lanes = {lane: LaneSlots(kinds.SLOTS[lane]) for lane in Lane if lane in lanes}
        self._chores = [PeriodicChore(clock(), every, do) for every, do in chores]
        self._is_stopped = threading.Event()
        self._thread = threading.Thread(target=self.run, name="fiscus-worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Finish the tasks at hand, take no other."""
        self._is_stopped.set()
        for slots in self._lanes.values():
            slots.wake()

    def stop(self) -> None:
        self.ask_to_stop()
        if self._thread.is_alive():
            self._thread.join()

    def run(self) -> None:
        """Work until stopped. A database that is away is waited for, and a chore that failed
        comes again when it is due."""
        threads = [self._thread_of("chores", self._run_chores)]
        threads += [
            self._thread_of(lane.value, partial(self._run_lane, lane, slots))
            for lane, slots in self._lanes.items()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _thread_of(self, name: str, run: Callable[[], None]) -> threading.Thread:
        return threading.Thread(target=run, name=f"fiscus-worker-{name}", daemon=True)

    def _run_chores(self) -> None:
        while not self._is_stopped.is_set():
            self._guarded(self._do_chores)
            self._is_stopped.wait(IDLE_SECONDS)

    def _run_lane(self, lane: Lane, slots: LaneSlots) -> None:
        """Ends when the tasks at hand are done."""
        name = f"fiscus-worker-{lane.value}"
        with ThreadPoolExecutor(kinds.SLOTS[lane], thread_name_prefix=name) as threads:
            hand_out = partial(self._hand_out, lane, slots, threads)
            while not self._is_stopped.is_set():
                if not self._guarded(hand_out):
                    slots.wait(IDLE_SECONDS)

    def _guarded(self, do: Callable[[], bool]) -> bool:
        """Do it, whatever happens; False if there was nothing to do, or if it could not be done."""
        try:
            return do()
        except Unavailable as trouble:
            _log.warning("worker waits for the database", trouble=str(trouble))
        except Exception:  # noqa: BLE001 - a worker that ended would be missed by nobody
            _log.exception("worker stumbled")
        return False

    def _hand_out(self, lane: Lane, slots: LaneSlots, threads: Executor) -> bool:
        """Tasks to all free slots, leased in one transaction; False if none is free, or nobody who
        may take it has a task."""
        if slots.is_full():
            return False
        now = self._clock()
        with reading(self._engine) as tx:
            if not queue.is_due(tx, now, lane, slots.excluded()):
                return False
        tasks: list[OutboxTask] = []
        try:
            with writing(self._engine) as tx:
                while not slots.is_full() and (
                    task := queue.lease(tx, now, lane, slots.excluded())
                ):
                    slots.take(task.organization)
                    tasks.append(task)
        except BaseException:
            for task in tasks:
                slots.free(task.organization)
            raise
        for task in tasks:
            threads.submit(self._in_slot, slots, task, now)
        return bool(tasks)

    def _in_slot(self, slots: LaneSlots, task: OutboxTask, now: datetime) -> None:
        try:
            self._guarded(lambda: self._carried_out(task, now))
        finally:
            slots.free(task.organization)

    def step(self) -> bool:
        """Do the chores that are due and one task of any lane; False if there was no task."""
        self._do_chores()
        return any(self._do_task(lane) for lane in self._lanes)

    def _do_chores(self) -> bool:
        """All that are due. Gives False: there is time until the next one."""
        now = self._clock()
        for chore in self._chores:
            if now >= chore.due:
                chore.due = now + timedelta(seconds=chore.every_seconds)
                chore.do()
        return False

    def _do_task(self, lane: Lane) -> bool:
        """One task of the lane, False if there is none."""
        now = self._clock()
        with reading(self._engine) as tx:
            if not queue.is_due(tx, now, lane):
                return False
        with writing(self._engine) as tx:
            task = queue.lease(tx, now, lane)
        return task is not None and self._carried_out(task, now)

    def _carried_out(self, task: OutboxTask, now: datetime) -> bool:
        """True: there was something to do."""
        if task.is_spent:
            self._give_up(task, Fault(code=SILENT.id, text=SILENT.text).sentence(), now)
        else:
            self._attempt(task, now)
        return True

    def _attempt(self, task: OutboxTask, now: datetime) -> None:
        do, _ = self._tasks.get(task.kind, _NOBODY)
        try:
            do(task)
        except Exception as error:  # noqa: BLE001 - whatever it is, the task must not be lost
            words = _words(error)
            _log.exception("task failed", task=task.id, kind=task.kind, attempt=task.attempts)
            if task.is_last:
                self._give_up(task, words, now)
            else:
                with writing(self._engine) as tx:
                    queue.failed(tx, task, words, now)

    def _give_up(self, task: OutboxTask, words: str, now: datetime) -> None:
        """End it and tell its owner, in one transaction; if telling fails, end it nevertheless: it
        would be told for ever, and hold up all that wait behind it."""
        _, tell = self._tasks.get(task.kind, _NOBODY)
        _log.error("task given up", task=task.id, kind=task.kind, error=words)
        try:
            with writing(self._engine) as tx:
                if queue.given_up(tx, task, words, now):
                    tell(tx, task, words)
        except Unavailable:
            raise  # comes again when its lease is over
        except Exception as error:  # noqa: BLE001 - as above
            _log.exception("nobody was told of it", task=task.id, kind=task.kind)
            with writing(self._engine) as tx:
                words = f"{words}; its owner could not be told: {_words(error)}"
                queue.given_up(tx, task, words, now)


def _words(error: Exception) -> str:
    return str(error) if isinstance(error, Trouble) else f"{type(error).__name__}: {error}"


def _do_nothing(task: OutboxTask) -> None:
    raise Unavailable(UNKNOWN, task.kind)


def _tell_nobody(tx: Connection, task: OutboxTask, error: str) -> None:
    """Its row is listed; whoever would be told is not part of this version."""


_NOBODY: tuple[Do, GiveUp] = (_do_nothing, _tell_nobody)
