"""Orders at a table in Berlin, and cases with a tab."""

from typing import Any

from fiscus.model.documents import DocumentKind, Draft, DraftLine
from fiscus.model.records import Case
from fiscus.regimes.de.tests.builders import a_body, a_case, a_draft, a_line, with_


def an_order(*lines: DraftLine, **more: Any) -> Draft:
    """The first of its tab, unless it names one."""
    said = {"kind": DocumentKind.ORDER, "groups": ("Tisch 5",), "payments": ()}
    return a_draft(*lines, **said | more)


def with_tab(draft: Draft, *recorded: Draft, **more: Any) -> Case:
    """A draft for a tab on which these were recorded, two cups where none are named."""
    drafts = recorded or (an_order(a_line("20.00", quantity="2")),)
    tab = tuple(a_body(a_case(one), id=f"r-{i}") for i, one in enumerate(drafts))
    return a_case(with_(draft, tab="r-0"), tab=tab, **more)
