"""Italy, for tests of callers only: its codes and kinds, but nothing is sent to its authority."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from fiscus.model.documents import DocumentKind
from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.regimes import Exemption, Regime, Rule, VatRate
from fiscus.regimes.plain.seal import seal_in
from fiscus.regimes.plain.series import series

TIMEZONE = "Europe/Rome"

RATES = (
    VatRate(code="STANDARD", percentage="22", description="Aliquota ordinaria"),
    VatRate(code="REDUCED_1", percentage="10", description="Aliquota ridotta 10%"),
    VatRate(code="REDUCED_2", percentage="5", description="Aliquota ridotta 5%"),
    VatRate(code="REDUCED_3", percentage="4", description="Aliquota minima"),
)

EXEMPTIONS = (
    Exemption(code="CAUSE_1", description="Esenti"),
    Exemption(code="CAUSE_2", description="Escluse ex art. 15"),
    Exemption(code="CAUSE_3", description="Regime del margine"),
    Exemption(code="CAUSE_4", description="Altro non IVA"),
    Exemption(code="NOT_SUBJECT", description="Non soggette"),
    Exemption(code="NOT_TAXABLE", description="Non imponibili"),
)

PORTAL = "https://ivaservizi.agenziaentrate.gov.it/portale/"
"""Where the authority shows commercial documents to their taxpayer. It has none of ours: nothing is
sent there."""

_REFERRING = frozenset({DocumentKind.CORRECTION, DocumentKind.CANCELLATION})


def names_a_document(case: Case) -> Iterator[str]:
    if case.draft.kind in _REFERRING and not (case.original and case.original.seal):
        yield "refers_to"


def original_stands(case: Case) -> Iterator[str]:
    if case.draft.kind in _REFERRING and case.is_original_void:
        yield "refers_to"


def rate_exists(case: Case) -> Iterator[str]:
    known = {Decimal(rate.percentage) for rate in RATES}
    for i, line in enumerate(case.draft.lines):
        if not line.vat.is_exempt and line.vat.percentage not in known:
            yield f"lines[{i}].vat.percentage"


def exemption_exists(case: Case) -> Iterator[str]:
    known = {one.code for one in EXEMPTIONS}
    for i, line in enumerate(case.draft.lines):
        if line.vat.is_exempt and line.vat.code not in known:
            yield f"lines[{i}].vat.code"


def is_of_one_rate(case: Case) -> Iterator[str]:
    """Nobody assesses lines here, so a line of several rates would be under none."""
    for i, line in enumerate(case.draft.lines):
        if line.parts:
            yield f"lines[{i}].parts"
    if case.draft.is_full_reversal:
        yield "is_full_reversal"


_LAW = "DM 7 dicembre 2016"
_VAT_LAW = "DPR 633/1972"

RULES = (
    Rule(
        code=Code("IT-NOTE-01", "the correction or cancellation names no issued document"),
        law=_LAW,
        broken_at=names_a_document,
    ),
    Rule(
        code=Code("IT-NOTE-02", "the document is already cancelled"),
        law=_LAW,
        broken_at=original_stands,
    ),
    Rule(
        code=Code("IT-TAX-01", "a rate is none of Italy's: 22, 10, 5 and 4 percent"),
        law=f"{_VAT_LAW}, art. 16",
        broken_at=rate_exists,
    ),
    Rule(
        code=Code("IT-TAX-02", "a line has an exemption code that is not among the system's"),
        law=_VAT_LAW,
        broken_at=exemption_exists,
    ),
    Rule(
        code=Code("IT-SAID-01", "composed lines and full reversals are not implemented yet"),
        law=_LAW,
        broken_at=is_of_one_rate,
        is_not_yet=True,
    ),
)


def vat_number(facts: Mapping[str, str]) -> str:
    number = facts.get("vat_id_number") or facts.get("tax_id_number", "")
    return f"IT{number}" if number else ""


def vat_rates(postal_code: str, on: date) -> tuple[VatRate, ...]:
    return RATES


def exemptions(on: date) -> tuple[Exemption, ...]:
    return EXEMPTIONS


ITALY = Regime(
    code="it",
    name="Italy",
    country="Italy",
    timezone=TIMEZONE,
    issues=frozenset(
        {
            DocumentKind.RECEIPT,
            DocumentKind.CORRECTION,
            DocumentKind.CANCELLATION,
            DocumentKind.ABORT,
            DocumentKind.CLOSING,
        }
    ),
    series=series,
    seal=seal_in(TIMEZONE, {"portal": PORTAL}),
    rules=RULES,
    vat_number=vat_number,
    vat_rates=vat_rates,
    exemptions=exemptions,
    is_test_only=True,
)
