"""How a report stands is what its answers say, whatever somebody writes into its row."""

from typing import Any

import pytest

from fiscus.journal.tests.small_shop import ORGANIZATION, a_journal
from fiscus.journal.verify.tests.judging import codes, judged

Told = list[dict[str, str]]

ACCEPTED = {"outcome": "accepted", "reference": "R-1"}
RETRIED = {"outcome": "retried"}
ORDERED = {"outcome": "ordered", "reason": "to the wrong customer"}


def refused(remedy: str) -> dict[str, str]:
    return {"outcome": "refused", "code": "-8", "remedy": remedy}


def found(
    state: str, told: Told, reference: str = "", deletion: dict[str, str] | None = None
) -> set[str]:
    """The findings about a document's report in that state after those answers, and one to its
    deletion."""
    journal = a_journal(60)
    said: dict[str, Any] = {"record": "doc-1", "channel": "office", "attempt": 1}
    for one in told:
        report = {**said, "report": "r-1", "kind": "document", **one}
        journal.append(ORGANIZATION, "report@1", by="service", report=report)
    if deletion:
        report = {**said, "report": "r-2", "kind": "deletion", **deletion}
        journal.append(ORGANIZATION, "report@1", by="service", report=report)
    tables = journal.rows()
    row = {"id": "r-1", "organization": ORGANIZATION, "record": "doc-1", "kind": "document"}
    tables["obligation"] = [{**row, "state": state, "reference": reference}]
    return codes(judged(tables))


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("pending", []),
        ("unknown", []),
        ("refused", [refused("data")]),
        ("refused", [refused("program")]),
        ("refused", [refused("access")]),
        ("pending", [refused("access")]),
        ("pending", [refused("time")]),
        ("unknown", [refused("data"), RETRIED]),
        ("pending", [ORDERED]),
    ],
)
def test_a_state_that_follows_from_the_answers_is_good(state: str, told: Told) -> None:
    assert found(state, told) == set()


def test_what_was_accepted_has_its_reference_and_may_be_deleted() -> None:
    assert found("accepted", [ACCEPTED], "R-1") == set()
    assert found("deleted", [ACCEPTED], "R-1", ACCEPTED) == set()
    assert found("accepted", [ACCEPTED], "R-1", refused("data")) == set()


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("accepted", []),
        ("refused", []),
        ("deleted", []),
        ("pending", [refused("data")]),
        ("accepted", [refused("data")]),
        ("refused", [refused("time")]),
        ("refused", [refused("data"), RETRIED]),
        ("pending", [ACCEPTED]),
        ("deleted", [ACCEPTED]),
        ("nonsense", []),
    ],
)
def test_any_other_state_is_found(state: str, told: Told) -> None:
    assert found(state, told, "R-1") == {"VERIFY-REPORT-01"}


def test_another_reference_and_a_deletion_that_is_not_shown_are_found() -> None:
    assert found("accepted", [ACCEPTED], "R-2") == {"VERIFY-REPORT-01"}
    assert found("accepted", [ACCEPTED], "R-1", ACCEPTED) == {"VERIFY-REPORT-01"}
