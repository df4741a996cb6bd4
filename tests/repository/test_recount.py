"""The recounts of Portuguese documents and German days share nothing with what made them."""

import ast
import sys
from pathlib import Path

from fiscus.model import documents
from tests.storms import de_days, de_recount, pt_recount

DRAFTS = "fiscus.model.documents"


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def test_the_recount_knows_drafts_and_the_standard_library_only() -> None:
    found = imported(Path(pt_recount.__file__))

    assert DRAFTS in found
    assert {name.split(".")[0] for name in found - {DRAFTS}} <= sys.stdlib_module_names


def test_drafts_know_neither_the_law_nor_the_formats() -> None:
    """Nor does anything they import."""
    assert {name.split(".")[0] for name in imported(Path(documents.__file__))} <= (
        sys.stdlib_module_names | {"msgspec"}
    )


def test_the_recount_of_german_days_knows_requests_and_the_standard_library_only() -> None:
    """And what makes the requests knows no more."""
    for path in (Path(de_recount.__file__), Path(de_days.__file__)):
        found = {name.split(".")[0] for name in imported(path)}
        assert found <= sys.stdlib_module_names | {"hypothesis"}, path
