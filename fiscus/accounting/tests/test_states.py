import pytest

from fiscus.accounting import states
from fiscus.accounting.states import (
    ItemFailure,
    ItemStatus,
    JobEvent,
    JobFailure,
    JobStatus,
)
from fiscus.model.faults import Conflict

JOB_MOVES = {
    ("pending", "started"): "in_progress",
    ("pending", "failed"): "failed",
    ("in_progress", "failed"): "failed",
    ("in_progress", "completed"): "completed",
    ("in_progress", "completed_with_errors"): "completed_with_errors",
}
"""Section 3.1 of the contract, written down once more."""

ITEM_MOVES = {
    "pending": {"pending", "in_progress", "successful", "failed", "abandoned"},
    "in_progress": {"in_progress", "successful", "failed", "abandoned"},
    "successful": {"successful"},
    "failed": {"failed"},
    "abandoned": {"abandoned"},
}
"""Section 3.3."""


@pytest.mark.parametrize("event", JobEvent)
@pytest.mark.parametrize("status", JobStatus)
def test_a_job_moves_as_the_contract_says_and_no_other_way(
    status: JobStatus, event: JobEvent
) -> None:
    to = JOB_MOVES.get((status.value, event.value))
    if to is None:
        with pytest.raises(Conflict) as caught:
            states.after(status, event)
        assert caught.value.code == states.BAD_EVENT
    else:
        assert states.after(status, event) == to


@pytest.mark.parametrize("to", ItemStatus)
@pytest.mark.parametrize("status", ItemStatus)
def test_an_item_moves_as_the_contract_says_and_no_other_way(
    status: ItemStatus, to: ItemStatus
) -> None:
    if to.value in ITEM_MOVES[status.value]:
        assert states.moved(status, to) == to
    else:
        with pytest.raises(Conflict) as caught:
            states.moved(status, to)
        assert caught.value.code == states.BAD_MOVE


def test_finished_and_final_are_what_nothing_follows() -> None:
    assert {one.value for one in JobStatus if one.is_finished} == {
        "failed",
        "completed",
        "completed_with_errors",
    }
    assert {one.value for one in ItemStatus if one.is_final} == {
        "failed",
        "successful",
        "abandoned",
    }


def test_there_are_as_many_reasons_as_the_contract_has() -> None:
    assert (len(JobFailure), len(ItemFailure)) == (15, 18)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (ItemFailure.ACCOUNTING_SYSTEM_VALIDATION_FAILURE, JobFailure.VALIDATION_FAILURE),
        (ItemFailure.ACCOUNT_UNKNOWN, JobFailure.VALIDATION_FAILURE),
        (ItemFailure.MISSING_CONFIGURATION, JobFailure.MISSING_CONFIGURATION),
        (JobFailure.CANCELED_BY_USER, JobFailure.CANCELED_BY_USER),
    ],
)
def test_a_reason_that_only_items_have_is_a_failed_validation_of_the_job(
    said: JobFailure | ItemFailure, shown: JobFailure
) -> None:
    assert states.shown_failure(said) is shown
