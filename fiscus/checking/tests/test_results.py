"""What a result says of itself."""

import pytest

from fiscus.checking.results import CheckFinding, CheckResult, CheckVerdict, verdict_of
from fiscus.model.faults import Fault, Severity


@pytest.mark.parametrize(
    ("severities", "verdict"),
    [
        ((), CheckVerdict.GOOD),
        ((Severity.NOTE,), CheckVerdict.GOOD),
        ((Severity.NOTE, Severity.WARNING), CheckVerdict.WARNED),
        ((Severity.WARNING, Severity.ERROR), CheckVerdict.BAD),
    ],
)
def test_the_worst_finding_decides(severities: tuple[Severity, ...], verdict: CheckVerdict) -> None:
    found = tuple(CheckFinding(code="X", sentence="x", severity=one) for one in severities)

    assert verdict_of(found) is verdict


def test_findings_are_asked_for_by_severity() -> None:
    wrong = CheckFinding(code="X", sentence="x")
    odd = CheckFinding(code="Y", sentence="y", severity=Severity.WARNING)
    result = CheckResult(verdict=CheckVerdict.BAD, findings=(wrong, odd))

    assert (result.of("error"), result.of("warning"), result.of("note")) == ((wrong,), (odd,), ())


@pytest.mark.parametrize(
    ("places", "more", "count"), [((), 0, 1), (("a",), 0, 1), (("a", "b"), 7, 9)]
)
def test_it_counts_how_often_at_least(places: tuple[str, ...], more: int, count: int) -> None:
    assert CheckFinding(code="X", sentence="x", places=places, more=more).count == count


def test_a_finding_is_a_fault_again() -> None:
    fault = Fault(code="X", text="x", law="a law", paths=("a",), severity=Severity.WARNING, more=3)
    found = CheckFinding(
        code="X", sentence="x", law="a law", places=("a",), severity=Severity.WARNING, more=3
    )

    assert found.as_fault() == fault
