"""The words of DSFinV-K for what a register does."""

from typing import Any

import pytest

from fiscus.model.documents import ClosingType, DocumentKind, Draft, DraftLine, LinePurpose
from fiscus.regimes.de import documents
from fiscus.regimes.de.tests.builders import a_draft, a_line, no_vat

KIND = DocumentKind


def of(kind: DocumentKind, *lines: DraftLine, **more: Any) -> Draft:
    return Draft(kind=kind, lines=lines, **more)


@pytest.mark.parametrize(
    ("draft", "kind", "name"),
    [
        (a_draft(), "Beleg", ""),
        (a_draft(is_training=True), "AVTraining", ""),
        (of(KIND.ABORT), "AVBelegabbruch", ""),
        (of(KIND.ABORT, is_training=True), "AVTraining", ""),
        (of(KIND.COUNT), "AVSonstige", "Kassensturz"),
        (of(KIND.COUNT, a_line(purpose=LinePurpose.DIFFERENCE)), "Beleg", ""),
        (of(KIND.CLOSING, closing=ClosingType.DAILY), "AVSonstige", "Tagesabschluss"),
        (of(KIND.CLOSING, closing=ClosingType.SHIFT, is_report=True), "SCHICHTBERICHT", ""),
        (of(KIND.CLOSING, closing=ClosingType.DAILY, is_report=True), "TAGESBERICHT", ""),
        (of(KIND.CLOSING, closing=ClosingType.MONTHLY, is_report=True), "MONATSBERICHT", ""),
        (of(KIND.CLOSING, closing=ClosingType.ANNUAL, is_report=True), "JAHRESBERICHT", ""),
        (
            of(KIND.CLOSING, closing=ClosingType.DAILY, is_training=True),
            "AVSonstige",
            "Tagesabschluss",
        ),
    ],
)
def test_an_operation_has_a_kind_and_a_name_where_the_law_has_none(
    draft: Draft, kind: str, name: str
) -> None:
    assert documents.kind_of(draft) == kind
    assert documents.name_of(draft) == name


def a_purpose(purpose: LinePurpose, *, is_taxed: bool = True, **more: Any) -> DraftLine:
    return a_line(purpose=purpose, vat=None if is_taxed else no_vat("2.00"), **more)


@pytest.mark.parametrize(
    ("line", "is_return", "case", "is_untaxed"),
    [
        (a_purpose(LinePurpose.SALE), False, "Umsatz", False),
        (a_purpose(LinePurpose.SALE), True, "Umsatz", False),
        (a_purpose(LinePurpose.DEPOSIT), False, "Pfand", False),
        (a_purpose(LinePurpose.DEPOSIT), True, "PfandRueckzahlung", False),
        (a_purpose(LinePurpose.VOUCHER_SOLD), False, "EinzweckgutscheinKauf", False),
        (
            a_purpose(LinePurpose.VOUCHER_SOLD, is_taxed=False),
            False,
            "MehrzweckgutscheinKauf",
            True,
        ),
        (a_purpose(LinePurpose.SALE, is_voucher=True), False, "EinzweckgutscheinKauf", False),
        (a_purpose(LinePurpose.VOUCHER_REDEEMED), False, "EinzweckgutscheinEinloesung", False),
        (
            a_purpose(LinePurpose.VOUCHER_REDEEMED, is_taxed=False),
            False,
            "MehrzweckgutscheinEinloesung",
            True,
        ),
        (a_purpose(LinePurpose.TIP_STAFF), False, "TrinkgeldAN", True),
        (a_purpose(LinePurpose.TIP_OWNER), False, "TrinkgeldAG", False),
        (a_purpose(LinePurpose.FLOAT), False, "Anfangsbestand", True),
        (a_purpose(LinePurpose.DIFFERENCE), False, "DifferenzSollIst", True),
    ],
)
def test_a_line_has_a_business_case_and_bears_tax_or_none(
    line: DraftLine, is_return: bool, case: str, is_untaxed: bool
) -> None:
    assert documents.case_of(line, is_return=is_return) == case
    assert documents.is_untaxed(line) is is_untaxed


@pytest.mark.parametrize("kind", DocumentKind)
def test_a_customer_gets_a_receipt_and_the_drawer_has_its_own_acts(kind: DocumentKind) -> None:
    draft = of(kind)

    assert documents.is_receipt(draft) is (kind in (KIND.RECEIPT, KIND.CORRECTION))
    assert documents.is_drawer(draft) is (kind in documents.DRAWER)
