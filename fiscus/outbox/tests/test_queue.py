import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select

from fiscus.model.faults import Unavailable
from fiscus.model.tests.clock import MORNING, StandingClock
from fiscus.model.times import micros_z
from fiscus.outbox import kinds, queue
from fiscus.outbox.kinds import ATTEMPTS_MAX, LEASE, Lane, TaskKind
from fiscus.outbox.queue import OutboxTask, TaskState
from fiscus.store.connect import reading, writing
from fiscus.store.schema import TASK, TASK_TURN

kinds.declare(TaskKind(name="quick work", lane=Lane.QUICK))
kinds.declare(TaskKind(name="heavy work", lane=Lane.HEAVY))
kinds.declare(TaskKind(name="capped work", lane=Lane.HEAVY, waiting_max=3))
kinds.declare(TaskKind(name="unlisted work", lane=Lane.QUICK, is_listed=False))


def a_task(engine: Engine, id_: str = "t-1", at=MORNING) -> None:
    with writing(engine) as tx:
        queue.enqueue(tx, id_, "quick work", f"job of {id_}", at)


def leased(engine: Engine, at=MORNING) -> OutboxTask | None:
    with writing(engine) as tx:
        return queue.lease(tx, at)


def count(engine: Engine) -> int:
    with reading(engine) as tx:
        return tx.scalar(select(func.count()).select_from(TASK)) or 0


def test_a_task_exists_exactly_when_its_transaction_does(engine: Engine) -> None:
    def enqueue_and_fail() -> None:
        with writing(engine) as tx:
            queue.enqueue(tx, "t-1", "quick work", "", MORNING)
            1 / 0

    with pytest.raises(ZeroDivisionError):
        enqueue_and_fail()

    assert count(engine) == 0


def test_a_task_is_taken_when_it_is_due_and_by_one_only(engine: Engine) -> None:
    a_task(engine, at=MORNING + timedelta(seconds=1))

    assert leased(engine) is None
    assert leased(engine, MORNING + timedelta(seconds=1)) == OutboxTask(
        id="t-1", kind="quick work", payload="job of t-1", attempts=1
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
    a_task(engine, "before")  # the lane's first turn makes a row, and only that is waited for
    assert leased(engine) is not None
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


def test_a_failed_task_comes_back_each_time_about_twice_as_late(engine: Engine) -> None:
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
        wait = kinds.of("quick work").wait("t-1", task.attempts)
        assert timedelta(seconds=0.9 * seconds) < wait <= timedelta(seconds=seconds)
        assert row.due_at == micros_z(clock() + wait)
        assert row.failed_at == micros_z(clock())
        assert len(row.error) == 500
        waits.append(seconds)
        clock.move(seconds=seconds)

    assert waits == [2, 4, 8, 16]


def test_a_task_knows_when_it_is_tried_for_the_last_time() -> None:
    tasks = [
        OutboxTask(id="t", kind="quick work", payload="", attempts=number)
        for number in range(1, ATTEMPTS_MAX + 2)
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
        assert queue.is_due(tx, MORNING, Lane.QUICK)
        assert not queue.is_due(tx, MORNING, Lane.HEAVY)


def many(engine: Engine, organization: str, count: int, at: datetime = MORNING) -> None:
    with writing(engine) as tx:
        for number in range(count):
            id_ = f"{organization}-{number:04}"
            queue.enqueue(tx, id_, "quick work", "", at, organization)


def served(engine: Engine, count: int, at: datetime = MORNING) -> list[str]:
    """The ids of the next tasks; each is done before the next is taken."""
    found = []
    for _ in range(count):
        with writing(engine) as tx:
            if task := queue.lease(tx, at, Lane.QUICK):
                queue.done(tx, task)
                found.append(task.id)
    return found


@pytest.mark.parametrize("busy", ["a", "z"], ids=["before", "behind"])
def test_a_thousand_tasks_of_one_organization_delay_another_s_by_one(
    engine: Engine, busy: str
) -> None:
    many(engine, busy, 1_000, MORNING - timedelta(hours=1))
    served(engine, 3)
    many(engine, "m", 1)

    assert "m-0000" in served(engine, 2)


def test_a_thousand_tasks_that_fail_delay_another_s_by_one(engine: Engine) -> None:
    """They come back again and again, and are always due first."""
    many(engine, "a", 1_000, MORNING - timedelta(hours=1))
    with writing(engine) as tx:
        for _ in range(20):
            task = queue.lease(tx, MORNING)
            assert task is not None
            queue.failed(tx, task, "no", MORNING - timedelta(hours=1))
    many(engine, "b", 1)

    assert "b-0000" in served(engine, 2)


def test_organizations_take_turns(engine: Engine) -> None:
    for organization in ("", "a", "b", "c"):
        many(engine, organization, 3)

    order = served(engine, 12)

    assert [one[:-5] for one in order] == ["", "a", "b", "c"] * 3
    assert [one[-1] for one in order] == [*"000011112222"]


def test_whoever_comes_meanwhile_waits_for_one_round_at_most(engine: Engine) -> None:
    for organization in ("a", "b", "d"):
        many(engine, organization, 9)
    assert served(engine, 4)[-1] == "a-0001"
    many(engine, "c", 9)

    assert [one[0] for one in served(engine, 8)] == [*"bcdabcda"]


def test_a_turn_passes_over_who_has_nothing_due(engine: Engine) -> None:
    many(engine, "a", 2)
    many(engine, "b", 5, MORNING + timedelta(hours=1))
    many(engine, "c", 1)

    assert served(engine, 9) == ["a-0000", "c-0000", "a-0001"]


@pytest.mark.parametrize("each", [queue.FEW // 4 - 1, queue.FEW // 2], ids=["few", "many"])
def test_turns_are_the_same_whether_few_tasks_are_due_or_many(engine: Engine, each: int) -> None:
    """Few are looked at one and all; of many, only the next organization is looked for."""
    for organization in ("", "a", "c", "e"):
        many(engine, organization, each)
    many(engine, "b", 5, MORNING + timedelta(hours=1))
    many(engine, "f", 5, MORNING + timedelta(hours=1))

    assert [one[:-5] for one in served(engine, 9)] == ["", "a", "c", "e", "", "a", "c", "e", ""]


@pytest.mark.parametrize("each", [2, queue.FEW], ids=["few", "many"])
def test_who_is_excluded_is_passed_over_and_nobody_else(engine: Engine, each: int) -> None:
    for organization in ("a", "b", "c"):
        many(engine, organization, each)

    with writing(engine) as tx:
        tasks = [queue.lease(tx, MORNING, Lane.QUICK, {"a", "c"}) for _ in range(2)]
        assert [task.organization for task in tasks if task] == ["b", "b"]
        assert queue.is_due(tx, MORNING, Lane.QUICK, {"a", "c"}) == (each > 2)
        assert not queue.is_due(tx, MORNING, Lane.QUICK, {"a", "b", "c"})
        assert queue.lease(tx, MORNING, Lane.QUICK, {"a", "b", "c"}) is None


def test_of_many_whose_tasks_are_all_taken_none_is_served_twice(engine: Engine) -> None:
    many(engine, "a", queue.FEW + 1)
    assert len(served(engine, 2 * queue.FEW)) == queue.FEW + 1
    assert served(engine, 1) == []


def test_the_turn_is_kept_where_all_processes_see_it(engine: Engine) -> None:
    """Also after a process that a task has ended, so that it does not begin with the same one."""
    many(engine, "a", 2)
    many(engine, "b", 2)
    served(engine, 1)

    with reading(engine) as tx:
        rows = tx.execute(select(TASK_TURN)).all()
    assert [tuple(row) for row in rows] == [("quick", "a")]


def test_lanes_are_served_apart(engine: Engine) -> None:
    a_task(engine, "fast")
    with writing(engine) as tx:
        queue.enqueue(tx, "slow", "heavy work", "", MORNING - timedelta(hours=1))
        slow = queue.lease(tx, MORNING, Lane.HEAVY)
        fast = queue.lease(tx, MORNING, Lane.QUICK)
        none = queue.lease(tx, MORNING, Lane.STEADY)

    assert slow is not None
    assert fast is not None
    assert (slow.id, fast.id, none) == ("slow", "fast", None)


def test_an_attempt_counts_when_it_is_leased_and_after_the_last_none_is(engine: Engine) -> None:
    """Workers that never come back: their process is ended each time."""
    clock = StandingClock()
    a_task(engine)
    tasks = []
    for _ in range(20):
        task = leased(engine, clock())
        assert task is not None
        tasks.append(task)
        clock.move(seconds=LEASE.total_seconds())

    count_up = [(number, False) for number in range(1, ATTEMPTS_MAX + 1)]
    assert [(task.attempts, task.is_spent) for task in tasks] == count_up + [
        (ATTEMPTS_MAX, True)
    ] * (20 - ATTEMPTS_MAX)
    with writing(engine) as tx:
        assert queue.given_up(tx, tasks[-1], "silent", clock())
        assert not queue.given_up(tx, tasks[-1], "silent", clock())
        assert queue.lease(tx, clock()) is None


def test_a_task_that_is_to_be_given_up_is_held_by_one_as_well(engine: Engine) -> None:
    clock = StandingClock()
    a_task(engine)
    for _ in range(ATTEMPTS_MAX):
        assert leased(engine, clock()) is not None
        clock.move(seconds=LEASE.total_seconds())

    spent = leased(engine, clock())
    assert spent is not None
    assert spent.is_spent
    assert leased(engine, clock()) is None
    clock.move(seconds=LEASE.total_seconds())
    assert leased(engine, clock()) == spent


def test_what_was_given_up_is_not_ended_by_a_worker_that_comes_late(engine: Engine) -> None:
    a_task(engine)
    task = leased(engine)
    assert task is not None
    with writing(engine) as tx:
        assert queue.given_up(tx, task, "x" * 900, MORNING)
        assert not queue.renew(tx, task, MORNING)
        assert not queue.done(tx, task)
        row = tx.execute(select(TASK)).one()

    assert (row.state, len(row.error), row.failed_at) == ("dead", 500, micros_z(MORNING))


def test_what_goes_on_elsewhere_is_not_listed_when_given_up(engine: Engine) -> None:
    with writing(engine) as tx:
        queue.enqueue(tx, "t-1", "unlisted work", "", MORNING)
    task = leased(engine)
    assert task is not None
    with writing(engine) as tx:
        assert queue.given_up(tx, task, "no", MORNING)

    assert count(engine) == 0


def test_a_dead_task_makes_room_for_a_new_one_with_its_id(engine: Engine) -> None:
    a_task(engine)
    task = leased(engine)
    assert task is not None
    with writing(engine) as tx:
        assert not queue.forget(tx, "t-1")
        assert queue.given_up(tx, task, "no", MORNING)
        assert queue.forget(tx, "t-1")
        queue.enqueue(tx, "t-1", "quick work", "", MORNING)

    assert leased(engine) is not None


def test_as_many_tasks_of_an_organization_wait_as_may(engine: Engine) -> None:
    def ask(id_: str, organization: str) -> None:
        with writing(engine) as tx:
            queue.enqueue(tx, id_, "capped work", "", MORNING, organization)

    for number in range(3):
        ask(f"a-{number}", "a")
    with pytest.raises(Unavailable) as refused:
        ask("a-3", "a")
    ask("b-0", "b")
    many(engine, "a", 5)  # another kind, and another lane

    assert refused.value.code == queue.TOO_MANY
    first = leased(engine)
    assert first is not None
    with pytest.raises(Unavailable):
        ask("a-4", "a")  # the one at work is still on its way
    with writing(engine) as tx:
        assert queue.lease(tx, MORNING, Lane.HEAVY) is not None
        capped = queue.lease(tx, MORNING, Lane.HEAVY)
        assert capped is not None
        assert capped.id == "b-0"
    with writing(engine) as tx:
        a_capped = OutboxTask(id="a-0", kind="capped work", payload="", attempts=1)
        assert queue.given_up(tx, a_capped, "no", MORNING)
    ask("a-5", "a")  # what was given up does not wait


def test_the_installation_s_own_tasks_have_no_bound(engine: Engine) -> None:
    with writing(engine) as tx:
        for number in range(5):
            queue.enqueue(tx, f"t-{number}", "capped work", "", MORNING)

    assert count(engine) == 5


def test_of_those_who_ask_at_once_none_gets_beyond_the_bound(engine: Engine) -> None:
    outcomes: list[str] = []
    start = threading.Barrier(8)

    def ask(number: int) -> None:
        start.wait()
        try:
            with writing(engine) as tx:
                queue.enqueue(tx, f"t-{number}", "capped work", "", MORNING, "a")
        except Unavailable as refused:
            outcomes.append(refused.code.id)
        else:
            outcomes.append("taken")

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == [queue.TOO_MANY.id] * 5 + ["taken"] * 3
    assert count(engine) == 3


def test_only_kinds_that_are_declared_can_be_enqueued(engine: Engine) -> None:
    with pytest.raises(KeyError), writing(engine) as tx:
        queue.enqueue(tx, "t-1", "no such work", "", MORNING)


def test_what_is_dead_can_come_back_and_what_waits_can_die() -> None:
    assert {
        TaskState.WAITING: {TaskState.DEAD},
        TaskState.DEAD: {TaskState.WAITING},
    } == {**queue.MOVES}
