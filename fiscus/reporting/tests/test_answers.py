"""What an answer makes of a report."""

from types import SimpleNamespace
from typing import Any

import pytest

from fiscus.channels import Accepted, Answer, Later, Rejected, Remedy
from fiscus.model.faults import Fault
from fiscus.reporting.answers import meaning, words
from fiscus.reporting.states import MOVES, OPEN, ReportState
from fiscus.reporting.tests.authority import SILENCE, UNREACHABLE, YES, refused

FAULT = Fault(code="F-1", text="wrong")


def after(answer: Answer, state: str = "pending", *, was_sent: bool = False) -> dict[str, Any]:
    return meaning(SimpleNamespace(state=state, was_sent=was_sent, failures=2), answer)


@pytest.mark.parametrize(
    ("answer", "state", "failures"),
    [
        (YES, "accepted", 0),
        (refused(), "refused", 0),
        (refused(remedy=Remedy.PROGRAM), "refused", 0),
        (refused(remedy=Remedy.ACCESS), "refused", 0),
        (refused(remedy=Remedy.TIME), "pending", 3),
        (SILENCE, "unknown", 3),
        (UNREACHABLE, "pending", 3),
    ],
)
def test_what_is_known_after_each_answer(answer: Answer, state: str, failures: int) -> None:
    found = after(answer)

    assert (found["state"], found["failures"]) == (state, failures)


@pytest.mark.parametrize("was_sent", [False, True])
@pytest.mark.parametrize("answer", [refused(), refused(remedy=Remedy.TIME), UNREACHABLE])
def test_what_took_no_effect_may_have_arrived_only_if_it_might_before(
    answer: Answer, was_sent: bool
) -> None:
    assert after(answer, "unknown", was_sent=was_sent)["was_sent"] is was_sent


def test_silence_and_success_leave_the_mark_that_it_was_sent() -> None:
    assert "was_sent" not in after(SILENCE)
    assert "was_sent" not in after(YES)


def test_the_authoritys_own_words_come_first_and_else_there_are_ours() -> None:
    assert (words(refused("-8")).code, words(refused("-8")).text) == ("-8", "erro -8")
    assert words(Rejected(faults=(FAULT, FAULT))).text == "F-1: wrong; F-1: wrong"
    assert words(Rejected(faults=())).code == ""
    assert words(Accepted(reference="R")).text == ""
    assert words(Later(reason="no way")).text == "no way"


def test_what_was_answered_opens_again_by_a_person_alone() -> None:
    assert MOVES[ReportState.ACCEPTED] == {ReportState.DELETED}
    for state in (ReportState.REFUSED, ReportState.DELETED):
        assert MOVES[state] == {ReportState.PENDING}
    assert all(ReportState.DELETED not in MOVES[state] for state in OPEN)
