import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select, text

from fiscus.model.faults import Code, Unavailable
from fiscus.model.tests.clock import StandingClock
from fiscus.outbox import kinds, listing, queue
from fiscus.outbox import worker as worker_module
from fiscus.outbox.kinds import ATTEMPTS_MAX, LEASE, Lane, TaskKind
from fiscus.outbox.queue import OutboxTask, TaskState
from fiscus.outbox.worker import OutboxWorker
from fiscus.store.connect import reading, writing
from fiscus.store.schema import TASK

AWAY = Code("TEST-AWAY-01", "the other side is away")


kinds.declare(TaskKind(name="work", lane=Lane.QUICK))
kinds.declare(TaskKind(name="long work", lane=Lane.HEAVY))
kinds.declare(TaskKind(name="message", lane=Lane.MESSAGES))
kinds.declare(TaskKind(name="deadly work", lane=Lane.QUICK, attempts_max=2))

DEADLY = """
import os, sys
from fiscus.model.tests.clock import StandingClock
from fiscus.outbox import kinds
from fiscus.outbox.kinds import Lane, TaskKind
from fiscus.outbox.worker import OutboxWorker
from fiscus.store.connect import connect

kinds.declare(TaskKind(name="deadly work", lane=Lane.QUICK, attempts_max=2))
clock = StandingClock()
clock.move(seconds=float(sys.argv[2]))
tasks = {"deadly work": (lambda task: os._exit(9), lambda *told: os._exit(8))}
OutboxWorker(connect(sys.argv[1]), clock, tasks).step()
"""
"""A worker whose process a task ends."""


class Tasks:
    """Does tasks, or fails as it is told, and remembers what was given up."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.clock = StandingClock()
        self.error: Exception | None = None
        self.tried: list[int] = []
        self.given_up: list[str] = []

    def do(self, task: OutboxTask) -> None:
        self.tried.append(task.attempts)
        if self.error:
            raise self.error
        with writing(self.engine) as tx:
            assert queue.done(tx, task)

    def give_up(self, tx: Connection, task: OutboxTask, error: str) -> None:
        self.given_up.append(error)

    def worker(self, *chores: tuple[int, Callable[[], None]]) -> OutboxWorker:
        return OutboxWorker(self.engine, self.clock, {"work": (self.do, self.give_up)}, chores)

    def enqueue(self, id_: str = "t-1") -> None:
        with writing(self.engine) as tx:
            queue.enqueue(tx, id_, "work", "", self.clock())

    def dead(self) -> list[tuple[str, int, str]]:
        with reading(self.engine) as tx:
            found = listing.listed(tx, state=TaskState.DEAD)
        return [(one.id, one.attempts, one.error) for one in found]

    def errors(self) -> list[str]:
        with reading(self.engine) as tx:
            return [row.error for row in tx.execute(select(TASK))]


def and_then(
    do: Callable[[OutboxTask], None], done: threading.Event
) -> Callable[[OutboxTask], None]:
    """Does a task and says that it is done."""

    def both(task: OutboxTask) -> None:
        do(task)
        done.set()

    return both


@pytest.fixture
def tasks(engine: Engine) -> Tasks:
    return Tasks(engine)


def test_a_step_does_one_task(tasks: Tasks) -> None:
    worker = tasks.worker()
    tasks.enqueue("a")
    tasks.enqueue("b")

    assert [worker.step() for _ in range(3)] == [True, True, False]
    assert tasks.tried == [1, 1]


def test_a_task_that_fails_is_tried_again_later_with_its_error_kept(tasks: Tasks) -> None:
    worker = tasks.worker()
    tasks.enqueue()
    tasks.error = ValueError("no luck")

    assert worker.step()
    assert tasks.errors() == ["ValueError: no luck"]
    assert not worker.step()
    tasks.clock.move(seconds=2)
    tasks.error = None
    assert worker.step()
    assert (tasks.tried, tasks.errors()) == ([1, 2], [])


def test_a_trouble_is_kept_in_its_own_words(tasks: Tasks) -> None:
    tasks.enqueue()
    tasks.error = Unavailable(AWAY)

    tasks.worker().step()

    assert tasks.errors() == ["TEST-AWAY-01: the other side is away"]


def test_after_the_last_attempt_the_owner_is_told(tasks: Tasks) -> None:
    worker = tasks.worker()
    tasks.enqueue()
    tasks.error = Unavailable(AWAY)
    for _ in range(ATTEMPTS_MAX + 3):
        worker.step()
        tasks.clock.move(minutes=10)

    assert tasks.tried == [*range(1, ATTEMPTS_MAX + 1)]
    assert tasks.given_up == ["TEST-AWAY-01: the other side is away"]


def test_chores_are_done_each_time_their_interval_has_passed(tasks: Tasks) -> None:
    often: list[str] = []
    seldom: list[str] = []
    worker = tasks.worker((10, lambda: often.append("done")), (60, lambda: seldom.append("done")))
    for _ in range(61):
        worker.step()
        tasks.clock.move(seconds=1)
    worker.step()

    assert (len(often), len(seldom)) == (6, 1)


def test_a_chore_that_breaks_ends_neither_the_worker_nor_its_tasks(tasks: Tasks) -> None:
    broken: list[str] = []
    done, tried = threading.Event(), threading.Event()

    def chore() -> None:
        broken.append("once more")
        tried.set()
        raise RuntimeError("a bug in a chore")

    worker = OutboxWorker(
        tasks.engine,
        tasks.clock,
        {"work": (and_then(tasks.do, done), tasks.give_up)},
        ((1, chore),),
    )
    tasks.enqueue()
    tasks.clock.move(seconds=5)
    worker.start()

    assert done.wait(10)
    assert tried.wait(10)
    worker.stop()
    assert broken


def test_a_long_task_does_not_keep_chores_waiting(tasks: Tasks) -> None:
    """An export of minutes: what a crash left behind is recovered meanwhile."""
    begun, recovered = threading.Event(), threading.Event()

    def long(task: OutboxTask) -> None:
        begun.set()
        assert recovered.wait(10)
        tasks.do(task)

    worker = OutboxWorker(
        tasks.engine,
        tasks.clock,
        {"work": (long, tasks.give_up)},
        ((1, lambda: recovered.set() if begun.is_set() else None),),
    )
    tasks.enqueue()
    worker.start()
    assert begun.wait(10)
    tasks.clock.move(seconds=5)

    assert recovered.wait(10)
    worker.stop()
    assert tasks.tried == [1]


def test_a_worker_stops_after_the_task_at_hand(tasks: Tasks) -> None:
    worker = tasks.worker()
    for number in range(3):
        tasks.enqueue(f"t-{number}")
    worker.start()
    worker.stop()

    assert len(tasks.tried) + len(tasks.errors()) == 3


def test_a_worker_that_never_started_stops_at_once(tasks: Tasks) -> None:
    worker = tasks.worker()
    tasks.enqueue()
    worker.stop()

    assert tasks.tried == []


def test_a_database_that_is_away_is_waited_for(databases: Any) -> None:
    if not databases.is_postgres:
        pytest.skip("a SQLite file does not go away")
    with databases.migrated() as engine:
        tasks = Tasks(engine)
        done = threading.Event()
        worker = OutboxWorker(
            engine,
            tasks.clock,
            {"work": (and_then(tasks.do, done), tasks.give_up)},
        )
        worker.start()
        with writing(engine) as tx:
            tx.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        # No `engine.dispose()` here: the worker may hold a connection just then, which would
        # go back into a pool that nobody closes any more.
        enqueued_at_last(tasks)

        assert done.wait(10)
        worker.stop()


def enqueued_at_last(tasks: Tasks) -> None:
    """Asks again until a connection of before the cut is no longer in the way."""
    for _ in range(5):
        with suppress(Unavailable):
            return tasks.enqueue()
    pytest.fail("the database did not come back")


def test_a_task_that_ends_its_worker_is_given_up_after_its_last_attempt(tasks: Tasks) -> None:
    """Really ended, as by a lack of memory: nothing could be noted."""
    with writing(tasks.engine) as tx:
        queue.enqueue(tx, "t-1", "deadly work", "", tasks.clock())
    url = tasks.engine.url.render_as_string(hide_password=False)
    ends = []
    passed = 0.0
    for _ in range(2):
        command = [sys.executable, "-c", DEADLY, url, str(passed)]
        ends.append(subprocess.run(command, check=False, timeout=60).returncode)
        passed += LEASE.total_seconds()
    tasks.clock.move(seconds=passed)
    tasks.enqueue("t-2")

    both = {"deadly work": (tasks.do, tasks.give_up), "work": (tasks.do, tasks.give_up)}
    worker = OutboxWorker(tasks.engine, tasks.clock, both)
    assert [worker.step() for _ in range(3)] == [True, True, False]

    assert ends == [9, 9]
    assert tasks.tried == [1]  # the other task: the deadly one is never leased again
    [said] = tasks.given_up
    assert said.startswith("TASK-LEASE-01: ")
    assert tasks.dead() == [("t-1", 2, said)]


def test_a_give_up_is_told_in_the_transaction_that_ends_the_task(tasks: Tasks) -> None:
    seen: list[tuple[str, str]] = []

    def tell(tx: Connection, task: OutboxTask, error: str) -> None:
        seen.append((tx.execute(select(TASK.c.state)).scalar_one(), error))
        with reading(tasks.engine) as other:
            seen.append((other.execute(select(TASK.c.state)).scalar_one(), "elsewhere"))

    with writing(tasks.engine) as tx:
        queue.enqueue(tx, "t-1", "deadly work", "", tasks.clock())
    tasks.error = Unavailable(AWAY)
    worker = OutboxWorker(tasks.engine, tasks.clock, {"deadly work": (tasks.do, tell)})
    for _ in range(2):
        worker.step()
        tasks.clock.move(minutes=10)

    assert seen == [("dead", "TEST-AWAY-01: the other side is away"), ("waiting", "elsewhere")]


def test_a_task_whose_owner_cannot_be_told_is_given_up_nevertheless(tasks: Tasks) -> None:
    def tell(tx: Connection, task: OutboxTask, error: str) -> None:
        queue.enqueue(tx, "half a message", "work", "", tasks.clock())
        raise ValueError("no such owner")

    with writing(tasks.engine) as tx:
        queue.enqueue(tx, "t-1", "deadly work", "", tasks.clock())
    tasks.error = Unavailable(AWAY)
    worker = OutboxWorker(tasks.engine, tasks.clock, {"deadly work": (tasks.do, tell)})
    for _ in range(3):
        worker.step()
        tasks.clock.move(minutes=10)

    said = (
        "TEST-AWAY-01: the other side is away; its owner could not be told: "
        "ValueError: no such owner"
    )
    assert tasks.dead() == [("t-1", 2, said)]
    assert tasks.errors() == [said]  # and nothing of the half that was told


def test_a_task_of_a_kind_that_nobody_does_here_waits_for_who_does(tasks: Tasks) -> None:
    with writing(tasks.engine) as tx:
        queue.enqueue(tx, "t-1", "deadly work", "", tasks.clock())
    worker = tasks.worker()

    assert worker.step()
    assert tasks.errors() == [
        "TASK-KIND-01: no part of this version does tasks of this kind (deadly work)"
    ]
    tasks.clock.move(minutes=10)
    worker.step()
    assert [one[:2] for one in tasks.dead()] == [("t-1", 2)]


def test_a_long_task_of_one_lane_does_not_hold_up_another_lane(tasks: Tasks) -> None:
    begun, others_done = threading.Event(), threading.Event()

    def long(task: OutboxTask) -> None:
        begun.set()
        assert others_done.wait(10)
        tasks.do(task)

    def short(task: OutboxTask) -> None:
        assert begun.wait(10)
        tasks.do(task)
        if len(tasks.tried) == 3:
            others_done.set()

    worker = OutboxWorker(
        tasks.engine,
        tasks.clock,
        {"long work": (long, tasks.give_up), "work": (short, tasks.give_up)},
    )
    with writing(tasks.engine) as tx:
        queue.enqueue(tx, "long", "long work", "", tasks.clock())
    for number in range(3):
        tasks.enqueue(f"t-{number}")
    worker.start()

    assert others_done.wait(10)
    worker.stop()
    assert tasks.tried == [1, 1, 1, 1]
    assert tasks.errors() == []


def test_who_has_many_slow_tasks_does_not_hold_up_another_in_the_same_lane(tasks: Tasks) -> None:
    slots = kinds.SLOTS[Lane.MESSAGES]
    half, told = threading.Barrier(slots // 2 + 1), threading.Event()

    def message(task: OutboxTask) -> None:
        if task.organization == "loud":
            half.wait(10)
            assert told.wait(10)
        tasks.do(task)
        if task.id == "q-2":
            told.set()

    worker = OutboxWorker(tasks.engine, tasks.clock, {"message": (message, tasks.give_up)})
    with writing(tasks.engine) as tx:
        for number in range(slots // 2):
            queue.enqueue(tx, f"l-{number}", "message", "", tasks.clock(), "loud")
    worker.start()
    half.wait(10)  # as many as it may have are at work at once
    with writing(tasks.engine) as tx:
        for number in range(3):
            queue.enqueue(tx, f"q-{number}", "message", "", tasks.clock(), "quiet")

    assert told.wait(10)
    worker.stop()
    assert tasks.tried == [1] * (slots // 2 + 3)
    assert tasks.errors() == []


def test_who_uses_all_it_may_goes_on_as_soon_as_one_is_done(
    tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not when the worker looks again by itself."""
    monkeypatch.setattr(worker_module, "IDLE_SECONDS", 600)
    count = 2 * kinds.SLOTS[Lane.MESSAGES]
    all_done = threading.Event()

    def message(task: OutboxTask) -> None:
        tasks.do(task)
        if len(tasks.tried) == count:
            all_done.set()

    worker = OutboxWorker(tasks.engine, tasks.clock, {"message": (message, tasks.give_up)})
    with writing(tasks.engine) as tx:
        for number in range(count):
            queue.enqueue(tx, f"t-{number:02}", "message", "", tasks.clock(), "loud")
    worker.start()

    assert all_done.wait(30)
    worker.stop()


def test_a_worker_steps_through_all_lanes(tasks: Tasks) -> None:
    both = {"long work": (tasks.do, tasks.give_up), "work": (tasks.do, tasks.give_up)}
    worker = OutboxWorker(tasks.engine, tasks.clock, both)
    with writing(tasks.engine) as tx:
        queue.enqueue(tx, "long", "long work", "", tasks.clock())
    tasks.enqueue()

    assert [worker.step() for _ in range(3)] == [True, True, False]
