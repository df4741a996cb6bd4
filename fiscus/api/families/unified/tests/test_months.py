"""Months as this family shows them: what is to be done, with its operations."""

from datetime import date

import pytest

from fiscus.api.families.unified import translate
from fiscus.api.families.unified.wire.months import Month
from fiscus.reporting.months import Declaration, DeclarationType, MonthFacts
from fiscus.reporting.tests.test_months import APRIL, MAY, declared, judged

PLACE = "/taxpayers/1"
SAYS = f"POST {PLACE}/months"


@pytest.mark.parametrize(
    ("month", "facts", "state", "remedy"),
    [
        (MAY, MonthFacts(has_invoices=True), "REPORTED", ""),
        (MAY, MonthFacts(refused=1), "OPEN", f"GET {PLACE}/reports?period=2026-05"),
        (MAY, MonthFacts(), "NO_INVOICING", f"declare it; then {SAYS}/2026-05/declaration"),
        (
            APRIL,
            MonthFacts(has_invoices=True),
            "FILE_DUE",
            "POST /files with type AUDIT and range from 2026-04-01 to 2026-04-30 writes the file; "
            f"hand it in; then {SAYS}/2026-04/declaration with type FILE",
        ),
    ],
)
def test_a_month_says_what_is_to_be_done(
    month: date, facts: MonthFacts, state: str, remedy: str
) -> None:
    shown = translate.month(judged(facts, month))["content"]

    assert shown["state"] == state
    assert shown.get("remedy", "").startswith(remedy)
    assert bool(remedy) is ("remedy" in shown)


@pytest.mark.parametrize("reference", ["", "1234567"])
def test_what_is_shown_is_what_the_document_of_the_family_describes(reference: str) -> None:
    told = declared(DeclarationType.FILE)
    told = Declaration(
        id=told.id, type=told.type, reference=reference, at=told.at, by="ana", latecomers=0
    )
    shown = translate.month(judged(MonthFacts(has_invoices=True, declaration=told), APRIL))
    shown["content"]["taxpayer"]["id"] = "0189f7ea-ae2c-7809-8aeb-b819cf5e9e7f"

    assert Month.model_validate(shown).content.state == "DONE"
    assert shown["content"]["declaration"].get("reference", "") == reference
