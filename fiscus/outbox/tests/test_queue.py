import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from fiscus.model.tests.clock import MORNING, StandingClock
from fiscus.model.times import micros_z
from fiscus.outbox import queue
from fiscus.outbox.queue import ATTEMPTS_MAX, LEASE, Task
from fiscus.store.connect import reading, writing
from fiscus.store.schema import TASK


def a_task(engine: Engine, id_: str = "t-1", at=MORNING) -> None:
    with writing(engine) as tx:
        queue.enqueue(tx, id_, "export", f"job of {id_}", at)


def leased(engine: Engine, at=MORNING) -> Task | None:
    with writing(engine) as tx:
        return queue.lease(tx, at)


def count(engine: Engine) -> int:
    with reading(engine) as tx:
        return tx.scalar(select(func.count()).select_from(TASK)) or 0


def test_a_task_exists_exactly_when_its_transaction_does(engine: Engine) -> None:
    def enqueue_and_fail() -> None:
        with writing(engine) as tx:
            queue.enqueue(tx, "t-1", "export", "", MORNING)
            1 / 0

    with pytest.raises(ZeroDivisionError):
        enqueue_and_fail()

    assert count(engine) == 0


def test_a_task_is_taken_when_it_is_due_and_by_one_only(engine: Engine) -> None:
    a_task(engine, at=MORNING + timedelta(seconds=1))

    assert leased(engine) is None
    assert leased(engine, MORNING + timedelta(seconds=1)) == Task(
        id="t-1", kind="export", payload="job of t-1", attempts=1
    )
    assert leased(engine, MORNING + timedelta(seconds=1)) is None


def test_the_task_that_has_been_due_longest_comes_first(engine: Engine) -> None:
    a_task(engine, "later", MORNING)
    a_task(engine, "sooner", MORNING - timedelta(hours=1))

    assert [task.id for task in (leased(engine), leased(engine)) if task] == ["sooner", "later"]


def test_two_connections_never_take_the_same(engine: Engine) -> None:
    for number in range(20):
        a_task(engine, f"t-{number:02}")
    taken: list[str] = []

    def work() -> None:
        while task := leased(engine):
            taken.append(task.id)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == [f"t-{number:02}" for number in range(20)]


def test_a_task_being_taken_is_skipped_not_waited_for(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("on SQLite a second writer waits for the first")
    a_task(engine, "a")
    a_task(engine, "b")
    with writing(engine) as one, writing(engine) as two:
        first, second = queue.lease(one, MORNING), queue.lease(two, MORNING)

    assert first is not None
    assert second is not None
    assert (first.id, second.id) == ("a", "b")


def test_a_silent_worker_loses_its_task_to_another(engine: Engine) -> None:
    clock = StandingClock()
    a_task(engine)
    first = leased(engine)
    assert first is not None
    clock.move(seconds=LEASE.total_seconds() - 1)
    assert leased(engine, clock()) is None
    clock.move(seconds=1)
    second = leased(engine, clock())

    assert second is not None
    assert second.attempts == 2
    with writing(engine) as tx:
        assert not queue.renew(tx, first, clock())
        assert not queue.done(tx, first)
        queue.failed(tx, first, "too late to tell", clock())
        assert queue.renew(tx, second, clock())
        assert queue.done(tx, second)
    assert count(engine) == 0


def test_a_worker_that_renews_keeps_its_task(engine: Engine) -> None:
    clock = StandingClock()
    a_task(engine)
    task = leased(engine)
    assert task is not None
    for _ in range(5):
        clock.move(seconds=100)
        with writing(engine) as tx:
            assert queue.renew(tx, task, clock())
        assert leased(engine, clock()) is None


def test_a_failed_task_comes_back_each_time_twice_as_late(engine: Engine) -> None:
    clock = StandingClock()
    a_task(engine)
    waits = []
    for _ in range(4):
        task = leased(engine, clock())
        assert task is not None
        with writing(engine) as tx:
            queue.failed(tx, task, "x" * 900, clock())
            row = tx.execute(select(TASK)).one()
        seconds = 2**task.attempts
        assert row.due_at == micros_z(clock() + timedelta(seconds=seconds))
        assert len(row.error) == 500
        waits.append(seconds)
        clock.move(seconds=seconds)

    assert waits == [2, 4, 8, 16]


def test_a_task_knows_when_it_is_tried_for_the_last_time() -> None:
    tasks = [
        Task(id="t", kind="k", payload="", attempts=number) for number in range(1, ATTEMPTS_MAX + 2)
    ]

    assert [task.is_last for task in tasks] == [False] * (ATTEMPTS_MAX - 1) + [True, True]


def test_the_backlog_says_how_many_wait_and_since_when(engine: Engine) -> None:
    with reading(engine) as tx:
        assert queue.backlog(tx) == (0, "")
        assert not queue.is_due(tx, MORNING)
    a_task(engine, "a")
    a_task(engine, "b", MORNING + timedelta(hours=1))
    with reading(engine) as tx:
        assert queue.backlog(tx) == (2, micros_z(MORNING))
        assert queue.is_due(tx, MORNING)
