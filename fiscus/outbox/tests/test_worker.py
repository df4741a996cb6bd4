import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import Engine, select, text

from fiscus.model.faults import Code, Unavailable
from fiscus.model.tests.clock import StandingClock
from fiscus.outbox import queue
from fiscus.outbox.queue import ATTEMPTS_MAX, Task
from fiscus.outbox.worker import Worker
from fiscus.store.connect import reading, writing
from fiscus.store.schema import TASK

AWAY = Code("TEST-AWAY-01", "the other side is away")


class Desk:
    """Does tasks, or fails as it is told, and remembers what was given up."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.clock = StandingClock()
        self.error: Exception | None = None
        self.tried: list[int] = []
        self.given_up: list[str] = []

    def do(self, task: Task) -> None:
        self.tried.append(task.attempts)
        if self.error:
            raise self.error
        with writing(self.engine) as tx:
            assert queue.done(tx, task)

    def give_up(self, task: Task, error: str) -> None:
        self.given_up.append(error)
        with writing(self.engine) as tx:
            assert queue.done(tx, task)

    def worker(self, *chores: tuple[int, Callable[[], None]]) -> Worker:
        return Worker(self.engine, self.clock, {"work": (self.do, self.give_up)}, chores)

    def enqueue(self, id_: str = "t-1") -> None:
        with writing(self.engine) as tx:
            queue.enqueue(tx, id_, "work", "", self.clock())

    def errors(self) -> list[str]:
        with reading(self.engine) as tx:
            return [row.error for row in tx.execute(select(TASK))]


def and_then(do: Callable[[Task], None], done: threading.Event) -> Callable[[Task], None]:
    """Does a task and says that it is done."""

    def both(task: Task) -> None:
        do(task)
        done.set()

    return both


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return Desk(engine)


def test_a_step_does_one_task(desk: Desk) -> None:
    worker = desk.worker()
    desk.enqueue("a")
    desk.enqueue("b")

    assert [worker.step() for _ in range(3)] == [True, True, False]
    assert desk.tried == [1, 1]


def test_a_task_that_fails_is_tried_again_later_with_its_error_kept(desk: Desk) -> None:
    worker = desk.worker()
    desk.enqueue()
    desk.error = ValueError("no luck")

    assert worker.step()
    assert desk.errors() == ["ValueError: no luck"]
    assert not worker.step()
    desk.clock.move(seconds=2)
    desk.error = None
    assert worker.step()
    assert (desk.tried, desk.errors()) == ([1, 2], [])


def test_a_trouble_is_kept_in_its_own_words(desk: Desk) -> None:
    desk.enqueue()
    desk.error = Unavailable(AWAY)

    desk.worker().step()

    assert desk.errors() == ["TEST-AWAY-01: the other side is away"]


def test_after_the_last_attempt_the_owner_is_told(desk: Desk) -> None:
    worker = desk.worker()
    desk.enqueue()
    desk.error = Unavailable(AWAY)
    for _ in range(ATTEMPTS_MAX + 3):
        worker.step()
        desk.clock.move(minutes=10)

    assert desk.tried == [*range(1, ATTEMPTS_MAX + 1)]
    assert desk.given_up == ["TEST-AWAY-01: the other side is away"]


def test_chores_are_done_each_time_their_interval_has_passed(desk: Desk) -> None:
    often: list[str] = []
    seldom: list[str] = []
    worker = desk.worker((10, lambda: often.append("done")), (60, lambda: seldom.append("done")))
    for _ in range(61):
        worker.step()
        desk.clock.move(seconds=1)
    worker.step()

    assert (len(often), len(seldom)) == (6, 1)


def test_a_chore_that_breaks_ends_neither_the_worker_nor_its_tasks(desk: Desk) -> None:
    broken: list[str] = []
    done = threading.Event()

    def chore() -> None:
        broken.append("once more")
        raise RuntimeError("a bug in a chore")

    worker = Worker(
        desk.engine, desk.clock,
        {"work": (and_then(desk.do, done), desk.give_up)}, ((1, chore),),
    )  # fmt: skip
    desk.enqueue()
    desk.clock.move(seconds=5)
    worker.start()

    assert done.wait(10)
    worker.stop()
    assert broken


def test_a_worker_stops_after_the_task_at_hand(desk: Desk) -> None:
    worker = desk.worker()
    for number in range(3):
        desk.enqueue(f"t-{number}")
    worker.start()
    worker.stop()

    assert len(desk.tried) + len(desk.errors()) == 3


def test_a_worker_that_never_started_stops_at_once(desk: Desk) -> None:
    worker = desk.worker()
    desk.enqueue()
    worker.stop()

    assert desk.tried == []


def test_a_database_that_is_away_is_waited_for(databases: Any) -> None:
    if not databases.is_postgres:
        pytest.skip("a SQLite file does not go away")
    with databases.migrated() as engine:
        desk = Desk(engine)
        done = threading.Event()
        worker = Worker(
            engine, desk.clock,
            {"work": (and_then(desk.do, done), desk.give_up)},
        )  # fmt: skip
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
        enqueued_at_last(desk)

        assert done.wait(10)
        worker.stop()


def enqueued_at_last(desk: Desk) -> None:
    """Asks again until a connection of before the cut is no longer in the way."""
    for _ in range(5):
        with suppress(Unavailable):
            return desk.enqueue()
    pytest.fail("the database did not come back")
