"""Whatever a law refuses says which law, and what to do about it."""

import re

import pytest

from fiscus import regimes
from fiscus.regimes import Rule
from fiscus.regimes.de.rules import RULES as GERMAN
from fiscus.regimes.pt.rules import RULES as PORTUGUESE

SAYS_IT_ITSELF = re.compile(r"[;:] \w")
"""A sentence goes on with what to do."""

FACTS = ("", "x", "123", "999999999", "DE123456789")


@pytest.mark.parametrize("rule", [*PORTUGUESE, *GERMAN], ids=lambda rule: rule.code.id)
def test_each_rule_names_its_law_and_what_to_do(rule: Rule) -> None:
    assert rule.law
    assert regimes.remedy(rule.code.id) or SAYS_IT_ITSELF.search(rule.code.text)


@pytest.mark.parametrize("code", ["pt", "de"])
def test_so_does_what_is_asked_of_a_taxpayer(code: str) -> None:
    law = regimes.find(code)
    facts = [
        {"tax_id_number": text, "tax_number": text, "vat_id_number": text, "nif": text}
        for text in FACTS
    ]
    found = [fault for one in facts for live in (True, False) for fault in law.identity(one, live)]

    assert found
    for fault in found:
        assert fault.law, fault
        assert regimes.remedy(fault.code) or SAYS_IT_ITSELF.search(fault.text), fault


@pytest.mark.parametrize("code", ["pt", "de"])
def test_no_advice_is_left_of_a_rule_that_is_gone(code: str) -> None:
    law = regimes.find(code)
    known = {rule.code.id for rule in law.rules}

    assert {one for one in law.remedies if "-IDENTITY-" not in one} <= known


def test_what_no_law_refuses_has_none() -> None:
    assert regimes.remedy("ISSUE-KEY-01") == ""
