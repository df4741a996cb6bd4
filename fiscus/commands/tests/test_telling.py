"""What a check prints, and with which exit code it ends."""

import pytest

from fiscus.commands.telling import counted, tell
from fiscus.model.faults import Fault, Severity

WRONG = Fault(code="XX-SUM-01", text="the sum is another", paths=("line 7",))
NOTE = Fault(
    code="XX-KEY-01", text="no key is given, so no seal was checked", severity=Severity.NOTE
)
ODD = Fault(code="XX-NAME-01", text="the name is unusual", severity=Severity.WARNING)


@pytest.mark.parametrize(
    ("faults", "code", "last"),
    [
        ((), 0, "The checker found nothing wrong."),
        ((NOTE,), 0, "1 note."),
        ((ODD, NOTE), 0, "1 warning, 1 note."),
        ((WRONG,), 1, "1 error."),
        ((NOTE, WRONG, ODD, WRONG), 1, "2 errors, 1 warning, 1 note."),
    ],
)
def test_all_is_told_and_only_what_is_wrong_counts(
    capfd: pytest.CaptureFixture[str], faults: tuple[Fault, ...], code: int, last: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        tell(faults)

    told = capfd.readouterr().err
    assert ended.value.code == code
    assert told.strip().splitlines()[-1] == last
    for fault in faults:
        assert fault.code in told
        assert fault.text in " ".join(told.split())


def test_what_is_wrong_is_told_first_and_all_else_says_how_it_is_meant(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        tell((NOTE, ODD, WRONG))

    said = [line.split()[:2] for line in capfd.readouterr().err.splitlines()]
    assert said[:3] == [["XX-SUM-01", "the"], ["XX-NAME-01", "warning:"], ["XX-KEY-01", "note:"]]


def test_a_count_that_nobody_watches_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with counted("Verifying", "entries") as count:
        count(1_000)

    assert "1,000" not in capfd.readouterr().err
