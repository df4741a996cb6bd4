"""`fiscus tasks` as an operator meets it after something was away for too long."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fiscus.commands.tests.command_line import fiscus
from fiscus.commands.tests.places import place_of
from fiscus.exports import jobs
from fiscus.journal import encode
from fiscus.model.kinds import StatementKind
from fiscus.outbox import queue
from fiscus.outbox.queue import OutboxTask
from fiscus.provisioning.provision import TASK_RELEASE
from fiscus.registry.log import TASK as CHECKPOINT
from fiscus.store.connect import reading, writing
from fiscus.store.schema import ENTRY
from tests.support.premises import Model, Premises, opened


@pytest.fixture
def premises(model: Model, tmp_path: Path) -> Iterator[Premises]:
    """With a dead release, a dead export and a checkpoint that waits."""
    with opened(model, tmp_path / "installation") as found:
        services = found.services
        unit = found.unit().organization
        with writing(services.engine) as tx:
            for id_, kind in (("r-1", TASK_RELEASE), ("x-1", jobs.TASK)):
                queue.enqueue(tx, id_, kind, "what it is about", services.clock(), unit)
                task = OutboxTask(id=id_, kind=kind, payload="", attempts=0)
                assert queue.given_up(tx, task, "nobody there", services.clock())
            queue.enqueue(tx, "w-1", CHECKPOINT, "entry", services.clock())
        yield found


def listed(premises: Premises, *arguments: str) -> list[str]:
    told = fiscus("tasks", "list", *arguments, "--json", **place_of(premises))
    assert told.code == 0, told.error
    return [one["id"] for one in json.loads(told.out)]


def test_dead_tasks_are_listed_unless_others_are_asked_for(premises: Premises) -> None:
    assert listed(premises) == ["r-1", "x-1"]
    assert listed(premises, "--state", "waiting") == ["w-1"]
    assert listed(premises, "--state", "all") == ["r-1", "w-1", "x-1"]
    assert listed(premises, "--kind", "export") == ["x-1"]
    told = fiscus("tasks", "list", "--state", "waiting", **place_of(premises))
    [waits] = [one for one in told.out.splitlines() if one.startswith("w-1")]
    assert "  0  20" in waits  # when it is due

    told = fiscus("tasks", "list", "--limit", "1", **place_of(premises))
    assert told.out.startswith("r-1  dead     release     0  2026-")
    assert told.out.rstrip().endswith("nobody there")
    assert "There are more: --after r-1" in told.error
    assert listed(premises, "--after", "r-1") == ["x-1"]


def test_a_kind_or_an_organization_that_is_not_there_is_no_empty_list(premises: Premises) -> None:
    told = fiscus("tasks", "list", "--organization", "somebody else", **place_of(premises))
    assert (told.code, "REGISTRY-ORG-01" in told.error) == (1, True)
    assert "--organization somebody else" in told.error
    told = fiscus("tasks", "list", "--kind", "exprot", **place_of(premises))
    assert (told.code, "exprot is no kind of task" in told.error) == (2, True)
    assert listed(premises, "--kind", "books") == []


def test_a_task_is_shown_with_all_that_is_known_of_it(premises: Premises) -> None:
    told = fiscus("tasks", "show", "x-1", **place_of(premises))
    shown = json.loads(told.out)

    assert (shown["lane"], shown["state"], shown["error"], shown["payload"]) == (
        "heavy",
        "dead",
        "nobody there",
        "what it is about",
    )
    missing = fiscus("tasks", "show", "x-9", **place_of(premises))
    assert missing.code == 1
    assert "TASK-FIND-01" in missing.error


def test_a_revived_task_waits_again_and_the_journal_says_who_wanted_it(
    premises: Premises,
) -> None:
    told = fiscus("tasks", "revive", "r-1", **place_of(premises))
    assert told.code == 0, told.error

    assert listed(premises, "--state", "waiting") == ["r-1", "w-1"]
    with reading(premises.services.engine) as tx:
        [row] = tx.execute(ENTRY.select().where(ENTRY.c.kind == StatementKind.TASK)).all()
    said = encode.statement(row.kind, row.body)
    assert said.by.startswith("operator:")
    assert said.task is not None
    assert (said.task.task, said.task.kind, said.task.act) == ("r-1", "release", "revived")
    premises.assert_proved()


def test_what_has_ended_with_its_task_is_asked_for_anew(premises: Premises) -> None:
    told = fiscus("tasks", "revive", "r-1", "x-1", **place_of(premises))

    assert told.code == 1
    assert "TASK-STATE-02" in told.error
    assert listed(premises) == ["r-1", "x-1"]  # all or none


def test_forgotten_tasks_are_gone_and_those_that_wait_are_not_forgotten(
    premises: Premises,
) -> None:
    assert fiscus("tasks", "forget", "w-1", **place_of(premises)).code == 1
    assert fiscus("tasks", "forget", "r-1", "x-1", **place_of(premises)).code == 0

    assert listed(premises, "--state", "all") == ["w-1"]
