from datetime import timedelta

import pytest
from sqlalchemy import Engine

from fiscus.model.faults import Conflict, Missing
from fiscus.model.tests.clock import MORNING
from fiscus.outbox import kinds, listing, queue
from fiscus.outbox.kinds import Lane, TaskKind
from fiscus.outbox.listing import TaskView
from fiscus.outbox.queue import OutboxTask, TaskState
from fiscus.store.connect import reading, writing

kinds.declare(TaskKind(name="listed call", lane=Lane.QUICK, attempts_max=2))
kinds.declare(TaskKind(name="listed file", lane=Lane.HEAVY, is_final=True))

LATER = MORNING + timedelta(hours=1)


@pytest.fixture
def engine_with_tasks(engine: Engine) -> Engine:
    """Two calls of one organization, one of them dead; a dead file and a call of another."""
    with writing(engine) as tx:
        for id_, kind, organization in (
            ("call-1", "listed call", "a"),
            ("call-2", "listed call", "a"),
            ("call-3", "listed call", "b"),
            ("file-1", "listed file", "b"),
        ):
            queue.enqueue(tx, id_, kind, f"about {id_}", MORNING, organization)
        for lane in (Lane.QUICK, Lane.HEAVY):
            task = queue.lease(tx, MORNING, lane)
            assert task is not None
            assert queue.given_up(tx, task, "nobody there", LATER)
    return engine


def ids(engine: Engine, **where: object) -> list[str]:
    with reading(engine) as tx:
        return [one.id for one in listing.listed(tx, **where)]  # type: ignore[arg-type]


def test_tasks_are_listed_by_state_kind_and_organization_page_by_page(
    engine_with_tasks: Engine,
) -> None:
    engine = engine_with_tasks

    assert ids(engine) == ["call-1", "call-2", "call-3", "file-1"]
    assert ids(engine, state=TaskState.DEAD) == ["call-1", "file-1"]
    assert ids(engine, state=TaskState.WAITING) == ["call-2", "call-3"]
    assert ids(engine, kind="listed call", organization="a") == ["call-1", "call-2"]
    assert ids(engine, organization="") == []
    assert ids(engine, limit=2) == ["call-1", "call-2"]
    assert ids(engine, limit=2, after="call-2") == ["call-3", "file-1"]


def test_a_dead_task_says_why_and_when(engine_with_tasks: Engine) -> None:
    with reading(engine_with_tasks) as tx:
        found = listing.read(tx, "call-1")
        with pytest.raises(Missing):
            listing.read(tx, "call-9")

    assert found == TaskView(
        id="call-1",
        kind="listed call",
        lane="quick",
        organization="a",
        payload="about call-1",
        state=TaskState.DEAD,
        attempts=1,
        attempts_max=2,
        created_at=MORNING,
        due_at=MORNING + kinds.LEASE,
        failed_at=LATER,
        error="nobody there",
    )


def test_a_revived_task_is_due_at_once_and_tried_as_often_as_a_new_one(
    engine_with_tasks: Engine,
) -> None:
    with writing(engine_with_tasks) as tx:
        before = listing.revive(tx, "call-1", LATER)
        after = listing.read(tx, "call-1")

    assert before.state is TaskState.DEAD
    assert (after.state, after.attempts, after.due_at) == (TaskState.WAITING, 0, LATER)
    assert after.error == "nobody there"
    taken = []
    with writing(engine_with_tasks) as tx:
        while task := queue.lease(tx, LATER):
            taken.append(task)
    revived = OutboxTask(
        id="call-1", kind="listed call", payload="about call-1", attempts=1, organization="a"
    )
    assert revived in taken


def test_only_a_dead_task_is_revived_or_forgotten(engine_with_tasks: Engine) -> None:
    for act in (lambda tx, id_: listing.revive(tx, id_, LATER), listing.forget):
        with writing(engine_with_tasks) as tx:
            with pytest.raises(Conflict) as refused:
                act(tx, "call-2")
            with pytest.raises(Missing):
                act(tx, "call-9")
        assert (refused.value.code, refused.value.paths) == (listing.NOT_DEAD, ("call-2",))


def test_what_has_ended_with_its_task_is_not_revived_but_forgotten(
    engine_with_tasks: Engine,
) -> None:
    with writing(engine_with_tasks) as tx:
        with pytest.raises(Conflict) as refused:
            listing.revive(tx, "file-1", LATER)
        assert listing.forget(tx, "file-1").error == "nobody there"

    assert refused.value.code == listing.FINAL
    assert ids(engine_with_tasks, state=TaskState.DEAD) == ["call-1"]


def test_tasks_are_counted_by_state_and_lane(engine_with_tasks: Engine) -> None:
    with reading(engine_with_tasks) as tx:
        found = {**listing.counts(tx)}

    assert {of: count for of, count in found.items() if count} == {
        (TaskState.WAITING, "quick"): 2,
        (TaskState.DEAD, "quick"): 1,
        (TaskState.DEAD, "heavy"): 1,
    }
    assert len(found) == len(TaskState) * len(Lane)
