"""What XX refuses, with an example of each."""

import pytest

from fiscus.model.documents import DocumentKind
from fiscus.model.records import Case
from fiscus.regimes import faults
from fiscus.regimes.xx.rules import RULES
from fiscus.regimes.xx.tests.builders import a_case, a_draft

BROKEN = (
    ("XX-NOTE-01", a_case(a_draft(DocumentKind.CORRECTION))),
    ("XX-NOTE-02", a_case(a_draft(DocumentKind.CANCELLATION), is_original_void=True)),
)


def test_a_receipt_breaks_no_rule() -> None:
    assert faults(a_case(), RULES) == ()


@pytest.mark.parametrize(("code", "case"), BROKEN, ids=[code for code, _ in BROKEN])
def test_what_breaks_a_rule_is_told_with_its_place(code: str, case: Case) -> None:
    found = {fault.code: fault.paths for fault in faults(case, RULES)}

    assert found[code] == ("refers_to",)


def test_each_rule_has_an_example() -> None:
    assert {rule.code.id for rule in RULES} == {code for code, _ in BROKEN}
