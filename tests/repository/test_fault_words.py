"""Below the API families and the command line nobody speaks of bodies or options."""

import ast
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fiscus.api.families.reporting.tests.berlin import a_leg
from fiscus.api.families.reporting.tests.test_fault_paths import BODY, a_draft
from fiscus.api.families.reporting.translate import fault_paths, payments
from fiscus.api.families.reporting.wire import operations
from fiscus.api.families.unified.translate.fault_places import in_record
from fiscus.model.documents import Draft
from fiscus.model.faults import Code, Fault, Refused

ROOT = Path(__file__).parents[2]
CORE = (
    "accounting",
    "reporting",
    "webhooks",
    "witness",
    "transparency",
    "grammars",
    "access",
    "exports",
    "provisioning",
    "issuing",
    "devices",
    "formats",
    "channels",
    "regimes",
    "journal",
    "registry",
    "outbox",
    "signers",
    "store",
    "model",
)
"""Each package whose faults are translated above it."""

OF_CALLERS = ("content.", "--")
OWN_COMMAND_LINES = {
    "fiscus/journal/verify/command.py",
    "fiscus/exports/process.py",
    "fiscus/registry/wholecheck.py",
}
"""What reads options of its own, and what starts another process with some."""


def words_of_callers(source: str) -> Iterator[str]:
    """The texts, and beginnings of texts, that name a member of a body or an option."""
    for node in ast.walk(ast.parse(source)):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and text.startswith(OF_CALLERS):
            yield text


@pytest.mark.parametrize("package", CORE)
def test_faults_of_the_core_name_fields_of_the_order(package: str) -> None:
    files = [
        path
        for path in (ROOT / "fiscus" / package).rglob("*.py")
        if "tests" not in path.parts and str(path.relative_to(ROOT)) not in OWN_COMMAND_LINES
    ]
    found = {
        str(path.relative_to(ROOT)): texts
        for path in files
        if (texts := list(words_of_callers(path.read_text())))
    }

    assert files
    assert not found


@pytest.mark.parametrize(
    "source",
    ['raise Refused(X, "--taxpayer")', 'raise Refused(X, f"content.range.{name}")', 'a = "--x"'],
)
def test_a_word_of_a_caller_is_found(source: str) -> None:
    assert list(words_of_callers(source))


@pytest.mark.parametrize("source", ['"register"', '"no content.x"', 'b"-----BEGIN KEY"', 'f"{x}-"'])
def test_other_texts_are_not(source: str) -> None:
    assert not list(words_of_callers(source))


NEVER_SAID = {"discounts", "discounts[0].amount", "discounts[0].text", "external_text"}
NEVER_SAID |= {"external_reference", "groups", "groups[0]", "tab"}
"""What no body of the Unified API can say, so that no law finds fault with it there."""


def paths_of_rules(source: str) -> Iterator[str]:
    """The paths that rules of a law yield, an item being the first; not those put together of
    names that are known when they run only."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Yield) or node.value is None:
            continue
        said = node.value.elts[0] if isinstance(node.value, ast.Tuple) else node.value
        text = ast.unparse(said).removeprefix("f").strip("'\"").replace("{i}", "0")
        if isinstance(said, ast.Constant | ast.JoinedStr) and "{" not in text:
            yield text


def paths_of_laws() -> set[str]:
    return {
        path
        for folder in ("pt/rules", "de/rules", "plain")
        for file in (ROOT / "fiscus/regimes" / folder).rglob("*.py")
        if "tests" not in file.parts
        for path in paths_of_rules(file.read_text())
    }


def test_each_place_that_a_law_names_has_a_word_in_the_unified_api() -> None:
    paths = paths_of_laws()
    fault = Fault(code="TEST-ANY-01", text="t", paths=tuple(paths - NEVER_SAID))

    (moved,) = in_record((fault,), {"operation": {"type": "RECEIPT"}})

    assert len(paths) > 40
    assert set(moved.paths) <= {"content", "content.operation", "content.operation.type"}


NO_MEMBER = re.compile(
    r"breakdown|buyer|closing|delivery|issued_at|operator|order_references|payment_terms|series"
    r"|supplied_on|activity"
    r"|lines\[0\]\.(discount|measure|number|product|serial|surcharge|unit_net|vat\.reason)"
    r"|payments\[0\]\.(discount|on)"
)
"""What bodies of the Reporting API have no member for: a fault there keeps its neutral word."""


def test_each_place_that_a_law_names_has_a_word_in_the_reporting_api() -> None:
    leg = a_leg("22.80")
    body = {**BODY, "payments": [leg]}
    paid = operations.Complete.model_validate({"payments": [leg]})
    draft = payments.settled(
        a_draft(), payments.settlement(paid, total=Decimal("22.80"), currency="EUR")
    )
    paths = {path for path in paths_of_laws() if not NO_MEMBER.match(path)}

    moved = {path: reporting_word(path, draft, body) for path in paths}

    known = {*operations.Sale.model_fields, *operations.SessionCashAdjustment.model_fields}
    known |= {"payments", "related_operation_id", "is_full_reversal"}
    inside = {*operations.LineItem.model_fields, *operations.Payment.model_fields}
    inside |= {*operations.CartDiscount.model_fields, *operations.ExternalOperation.model_fields}
    inside |= {"taxes[0]", "rate", "tax_amount", *operations.Voucher.model_fields}
    strange = {
        path: word
        for path, word in moved.items()
        if word.split(".")[0].split("[")[0] not in known or not set(word.split(".")[1:]) <= inside
    }
    assert not strange


def reporting_word(path: str, draft: Draft, body: dict[str, Any]) -> str:
    trouble = fault_paths.in_order(Refused(Code("TEST-ANY-01", "t"), path), draft, body)
    return fault_paths.in_words(trouble).paths[0]
