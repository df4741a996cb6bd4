"""How a sentence of law is written down: a function with its code, its text and its source."""

from collections.abc import Callable, Iterator

from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.regimes import Rule
from fiscus.regimes.pt.documents import UNREGULATED

DESPACHO = "Despacho n.º 8632/2014"
SAFT = "Portaria n.º 302/2016"
VOUCHERS = "Directive 2006/112/EC, art. 30a and 30b"
REPORTS = "Decreto-Lei n.º 198/2012, art. 3"
OSS = "Directive 2006/112/EC, art. 369a to 369k; Lei n.º 47/2020"
SERIES = "Decreto-Lei n.º 28/2019, art. 35"
PLACES = "Portaria n.º 195/2020; Despacho n.º 8632/2014"

BrokenAt = Callable[[Case], Iterator[str]]


def rule(
    code: Code,
    law: str,
    *,
    is_formal: bool = False,
    is_final: bool = False,
    is_not_yet: bool = False,
    judges_all: bool = False,
) -> Callable[[BrokenAt], Rule]:
    """Makes a rule of the function below it: the sentence and its check stand together.

    A rule looks at what the law regulates; with `judges_all` also at the drawer and at closings.
    """
    return lambda broken_at: Rule(
        code=code,
        law=law,
        broken_at=broken_at if judges_all else _regulated(broken_at),
        is_formal=is_formal,
        is_final=is_final,
        is_not_yet=is_not_yet,
    )


def _regulated(broken_at: BrokenAt) -> BrokenAt:
    def judged(case: Case) -> Iterator[str]:
        return iter(()) if case.draft.kind in UNREGULATED else broken_at(case)

    return judged
