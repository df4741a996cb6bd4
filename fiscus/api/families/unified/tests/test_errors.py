"""The message of an error names every fault with its places, its law and what to do."""

from fiscus.api.families.unified.errors import message
from fiscus.model.faults import Code, Conflict, Fault, Refused

ANY = Code("TEST-ANY-01", "not so")
LAW = Fault(code="PT-LINE-01", text="no line", law="CIVA", paths=("content.operation.entries",))


def test_each_fault_is_told_with_its_law_and_what_to_do() -> None:
    told = message(Refused(ANY, faults=(LAW, Fault(code="X-Y-01", text="t", law="CIVA"))), "record")

    assert told == (
        "PT-LINE-01: no line (content.operation.entries) "
        "[law: CIVA; what to do: send at least one line]; X-Y-01: t [law: CIVA]"
    )


def test_what_breaks_no_law_is_told_as_it_was() -> None:
    assert message(Refused(ANY, "content.x"), "record") == "TEST-ANY-01: not so (content.x)"
    assert message(Conflict(ANY), "system") == "system operation invalid: TEST-ANY-01: not so"


def test_a_hundred_places_are_named() -> None:
    fault = Fault(code="X-Y-01", text="t", paths=tuple(f"lines[{i}]" for i in range(103)))

    told = message(Refused(ANY, faults=(fault,)), "record")

    assert told.count("lines[") == 100
    assert told.endswith("; and 3 places more")
