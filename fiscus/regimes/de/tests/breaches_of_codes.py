"""Codes and times that do not agree with a line or a receipt: a case that breaks each rule of
them, parts of a line included."""

from datetime import timedelta
from typing import Any

from fiscus.model.documents import DraftLine
from fiscus.model.records import Case
from fiscus.regimes.de.tests.builders import (
    AT,
    a_case,
    a_draft,
    a_line,
    a_return,
    a_return_case,
    a_vat,
    no_vat,
    with_,
)
from fiscus.regimes.de.tests.more_breaches import a_part


def with_vat(**changes: Any) -> DraftLine:
    return a_line(vat=with_(a_vat("10.00"), **changes))


def of_one(line: DraftLine) -> Case:
    return a_case(a_draft(line))


CODE = ("lines[0].vat.code",)
STRANGE = no_vat("10.00", "CAUSE_17", is_exempt=True)
MENU = a_line("9.90", vat=a_vat("9.90", "7"), parts=(a_part(vat=a_vat("9.90", "7", "STANDARD")),))

BREACHES: list[tuple[str, Case, tuple[str, ...]]] = [
    ("DE-CODE-01", of_one(with_vat(code="REDUCED_1")), CODE),
    ("DE-CODE-01", of_one(with_vat(code="REDUCED_7")), CODE),
    ("DE-CODE-01", of_one(a_line(vat=no_vat("10.00", "REDUCED_3"))), CODE),
    ("DE-CODE-01", of_one(MENU), ("lines[0].parts[0].vat.code",)),
    ("DE-CODE-02", of_one(a_line(vat=STRANGE)), CODE),
    ("DE-CODE-03", of_one(with_vat(region="FR")), ("lines[0].vat.region",)),
    ("DE-DATE-02", a_case(a_draft(issued_at=AT + timedelta(minutes=61))), ("issued_at",)),
    ("DE-DATE-02", a_case(a_draft(issued_at=AT - timedelta(days=7, minutes=1))), ("issued_at",)),
    (
        "DE-DATE-03",
        a_case(a_draft(supplied_on=AT.date() - timedelta(days=367))),
        ("supplied_on",),
    ),
    (
        "DE-REVERSAL-05",
        a_return_case(
            a_return(is_full_reversal=True), a_return(is_full_reversal=True, refers_to="r-0")
        ),
        ("refers_to",),
    ),
]
