"""What is wrong with the installation itself."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from fiscus.exports import jobs
from fiscus.outbox import queue
from fiscus.outbox.kinds import Lane
from fiscus.problems import installation, listing
from fiscus.problems.rows import ProblemKind, ProblemWeight
from fiscus.problems.tests.looking import kinds, rows
from fiscus.registry.selfcheck import KnownFinding, SelfCheckState
from fiscus.store.connect import writing
from fiscus.store.log_schema import WITNESS
from tests.support.premises import Model, Premises, opened
from tests.support.till import Till

HOUR = timedelta(hours=1)


def of_operator(premises: Premises) -> list[ProblemKind]:
    process = listing.of_process(premises.services, listing.OPERATOR_PROCESS)
    return [*kinds(list(process)), *kinds(rows(premises, finds=listing.OPERATOR))]


def test_nothing_is_wrong_but_that_nobody_else_remembers_the_log(premises: Premises) -> None:
    assert of_operator(premises) == [ProblemKind.WITNESS_NONE]


def test_a_task_that_nobody_takes_tells_that_no_worker_is_there(premises: Premises) -> None:
    services = premises.services
    with writing(services.engine) as tx:
        queue.enqueue(tx, "t", jobs.TASK, "", services.clock())
    premises.clock.move(minutes=15)
    assert ProblemKind.WORKER not in of_operator(premises)

    premises.clock.move(seconds=1)

    assert ProblemKind.WORKER in of_operator(premises)


def test_tasks_that_were_given_up_are_counted_with_the_first_reason(premises: Premises) -> None:
    services = premises.services
    with writing(services.engine) as tx:
        for name in ("a", "b"):
            queue.enqueue(tx, name, jobs.TASK, "", services.clock())
            task = queue.lease(tx, services.clock(), Lane.HEAVY)
            assert task is not None
            assert queue.given_up(tx, task, f"no {name}", services.clock())

    [row] = [row for row in rows(premises, finds=listing.OPERATOR) if row.kind == "tasks-dead"]

    assert (row.count, row.words) == (2, "no a")


def verified(premises: Premises, **members: object) -> None:
    """What the file in the data folder says of the last verification."""
    file = premises.services.settings.data_dir / "verified.json"
    file.write_bytes(msgspec.json.encode(SelfCheckState(**members)))  # type: ignore[arg-type]


def test_a_journal_that_was_not_verified_for_two_days_is_told(premises: Premises) -> None:
    at = premises.clock()
    verified(premises, begun_at=at - HOUR)
    assert not list(installation.verified_long_ago(premises.services))
    verified(premises, begun_at=at - 100 * HOUR, whole_at=at - 48 * HOUR)
    assert not list(installation.verified_long_ago(premises.services))

    verified(premises, begun_at=at - 100 * HOUR, whole_at=at - 49 * HOUR)

    [row] = installation.verified_long_ago(premises.services)
    assert row.since == at - 49 * HOUR


def test_findings_stop_the_shop_and_a_verification_that_failed_is_told_beside(
    premises: Premises,
) -> None:
    finding = KnownFinding(code="VERIFY-LINK", where="chain a, sequence 1", text="other link")
    verified(premises, findings=(finding,), omitted=4, whole_failed="no room")

    first, second = installation.verified(premises.services)

    assert (first.kind, first.count, first.weight) == (
        ProblemKind.FINDINGS,
        5,
        ProblemWeight.STOPS,
    )
    assert "VERIFY-LINK" in first.words
    assert (second.kind, second.words) == (ProblemKind.UNVERIFIED, "no room")


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"alarm": "evidence"}, ProblemKind.WITNESS_ALARM),
        ({"error": "no route"}, ProblemKind.WITNESS_SILENT),
        ({}, ProblemKind.WITNESS_MEMORY),
    ],
)
def test_what_witnesses_say_is_told_and_a_memory_on_this_disk_is_none(
    model: Model, tmp_path: Path, told: dict[str, str], kind: ProblemKind
) -> None:
    memory = tmp_path / "memory"
    memory.mkdir()
    with opened(model, tmp_path / "data", witnesses=f"file:{memory}") as premises:
        name = f"file:{memory}"
        with writing(premises.services.engine) as tx:
            tx.execute(WITNESS.insert().values(name=name, place=name, size=0, **told))

        assert of_operator(premises) == [kind]


def test_a_setting_that_a_law_lacks_is_named(
    premises: Premises, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = premises.services
    monkeypatch.setattr(
        type(services.issuing), "missing_settings", lambda self, law: ("FISCUS_PT_X",)
    )

    [row] = [row for row in rows(premises) if row.kind is ProblemKind.SETTING]

    assert row.subject == "FISCUS_PT_X"
