"""How the command line says what was found."""

import pytest

from fiscus.model.faults import Fault, Severity
from fiscus.terminal import say, say_fault


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (Fault(code="X-1", text="it is wrong"), "X-1 it is wrong"),
        (Fault(code="X-1", text="it is wrong", paths=("a", "b[0]")), "X-1 it is wrong a b[0]"),
        (
            Fault(code="X-1", text="it is odd", paths=("a",), more=7, severity=Severity.WARNING),
            "X-1 warning: it is odd a and 7 more",
        ),
        (Fault(code="X-1", text="[red]x[/red]", severity=Severity.NOTE), "X-1 note: [red]x[/red]"),
    ],
)
def test_a_fault_is_one_line(fault: Fault, line: str) -> None:
    with say.capture() as said:
        say_fault(fault)

    assert said.get() == f"{line}\n"
