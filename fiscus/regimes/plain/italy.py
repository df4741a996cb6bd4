"""Italy, for tests of callers only: its codes and kinds, but nothing is sent to its authority."""

from collections.abc import Iterator, Mapping
from datetime import date

from fiscus.model.documents import Kind
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
)

_REFERRING = frozenset({Kind.CORRECTION, Kind.CANCELLATION})


def names_a_document(case: Case) -> Iterator[str]:
    if case.draft.kind in _REFERRING and not (case.original and case.original.seal):
        yield "refers_to"


def original_stands(case: Case) -> Iterator[str]:
    if case.draft.kind in _REFERRING and case.is_original_void:
        yield "refers_to"


_LAW = "DM 7 dicembre 2016"

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
    issues=frozenset({Kind.RECEIPT, Kind.CORRECTION, Kind.CANCELLATION, Kind.ABORT, Kind.CLOSING}),
    series=series,
    seal=seal_in(TIMEZONE),
    rules=RULES,
    vat_number=vat_number,
    vat_rates=vat_rates,
    exemptions=exemptions,
    is_test_only=True,
)
