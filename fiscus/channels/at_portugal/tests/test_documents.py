"""Messages about documents, as a stranger reads and writes them again by the WSDL."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fiscus.channels.at_portugal import documents
from fiscus.channels.at_portugal.documents import (
    DocumentContent,
    DocumentHeader,
    LineSummary,
    ReportedFamily,
    SourceDocument,
    SummaryTax,
    Withholding,
)
from fiscus.channels.at_portugal.tests.canned import NOW
from fiscus.channels.at_portugal.tests.wsdl import CLEAN, NASTY, Wsdl, wsdl


@pytest.fixture
def of_documents(shared_data: Path) -> Wsdl:
    return wsdl(shared_data / "pt" / "wsdl" / "Fatcorews.wsdl")


def a_header(family: ReportedFamily = ReportedFamily.INVOICE, **changes: Any) -> DocumentHeader:
    kind = {"INVOICE": "FT", "WORK": "OR", "PAYMENT": "RC"}[family.name]
    words: dict[str, Any] = {
        "family": family,
        "number": f"{kind} A/7",
        "atcud": "CSDF7T5H-7",
        "day": date(2026, 5, 4),
        "type": kind,
        "customer_number": "514200111",
        "customer_country": "PT",
    }
    return DocumentHeader(**(words | changes))


def a_line(**changes: Any) -> LineSummary:
    tax = SummaryTax(type="IVA", region="PT-MA", code="NOR", percentage=Decimal(22))
    words: dict[str, Any] = {"tax_point": date(2026, 5, 3), "amount": Decimal("100.5"), "tax": tax}
    return LineSummary(**(words | changes))


def a_content(family: ReportedFamily, **changes: Any) -> DocumentContent:
    words: dict[str, Any] = {
        "header": a_header(family),
        "status_at": NOW,
        "entered_at": NOW,
        "hash_characters": "vo6e",
        "activity": "56302",
        "lines": (a_line(),),
        "tax": Decimal("22.11"),
        "net": Decimal("100.50"),
        "gross": Decimal("122.61"),
    }
    return DocumentContent(**(words | changes))


def test_an_invoice(of_documents: Wsdl) -> None:
    exempt = SummaryTax(type="IVA", region="PT", code="ISE")
    stamp = SummaryTax(type="IS", region="PT", code="17.3.4", fixed=Decimal("1.5"))
    told = of_documents.expect_good(
        documents.registering(
            "509876544",
            "0030",
            a_content(
                ReportedFamily.INVOICE,
                lines=(
                    a_line(references=("FT A/1", NASTY), is_debit=True),
                    a_line(tax=exempt, exemption="M07"),
                    a_line(tax=stamp, is_base=True, sources=(SourceDocument(number="NE A/1"),)),
                ),
                withheld=(Withholding(type="IRS", amount=Decimal("3.33")),),
            ),
        ),
        is_written_again=False,
    )

    data = told.InvoiceData
    assert (told.TaxRegistrationNumber, told.SoftwareCertificateNumber) == (509876544, 30)
    assert (data.InvoiceNo, data.ATCUD, data.InvoiceType) == ("FT A/7", "CSDF7T5H-7", "FT")
    assert data.DocumentStatus.InvoiceStatus == "N"
    assert data.SystemEntryDate.isoformat() == "2026-05-04T09:15:01"
    first, second, third = data.LineSummary
    assert (first.Amount, first.DebitCreditIndicator) == (Decimal("100.50"), "D")
    assert list(first.Reference) == ["FT A/1", CLEAN]
    assert second.TaxExemptionCode == "M07"
    assert (third.TotalTaxBase, third.Amount) == (Decimal("100.50"), None)
    assert third.Tax.TotalTaxAmount == Decimal("1.50")
    assert data.WithholdingTax[0].WithholdingTaxAmount == Decimal("3.33")


def test_a_working_document(of_documents: Wsdl) -> None:
    content = a_content(ReportedFamily.WORK, lines=(a_line(), a_line(tax=None)))

    told = of_documents.expect_good(documents.registering("509876544", "30", content))

    assert told.WorkData.DocumentNumber == "OR A/7"
    assert told.WorkData.HashCharacters == "vo6e"
    assert told.WorkData.LineSummary[1].Tax is None


def test_a_receipt(of_documents: Wsdl) -> None:
    line = a_line(
        sources=(SourceDocument(number="FT A/5", day=date(2026, 4, 1)),),
        settlement=Decimal("0.5"),
    )
    content = a_content(
        ReportedFamily.PAYMENT, lines=(line,), withheld=(Withholding(amount=Decimal(1)),)
    )

    told = of_documents.expect_good(documents.registering("509876544", "30", content))

    assert told.PaymentData.PaymentRefNo == "RC A/7"
    assert told.PaymentData.LineSummary[0].SourceDocumentID[0].OriginatingON == "FT A/5"
    assert told.PaymentData.LineSummary[0].SettlementAmount == Decimal("0.50")


@pytest.mark.parametrize("family", ReportedFamily)
def test_what_is_changed_or_deleted(of_documents: Wsdl, family: ReportedFamily) -> None:
    header = a_header(family)
    changed = of_documents.expect_good(documents.changing_status("509876544", header, "A", NOW))
    status = getattr(changed, f"{family.value.family}Status")
    assert getattr(status, f"{family.value.family}Status") == "A"

    listed = of_documents.expect_good(
        documents.deleting("509876544", (header, a_header(family, number="X B/1")), NASTY)
    )
    assert len(getattr(listed.documentsList, family.value.listed)) == 2
    assert listed.reason == CLEAN

    ranged = of_documents.expect_good(
        documents.deleting_days(
            "509876544", family, date(2026, 5, 1), date(2026, 5, 2), "Enviado por engano"
        )
    )
    assert ranged.dateRange.EndDate == date(2026, 5, 2)


def test_a_moment_is_the_wall_clock_of_lisbon_in_winter_too(of_documents: Wsdl) -> None:
    winter = NOW.replace(month=1)
    body = documents.changing_status("509876544", a_header(), "A", winter)

    assert "<InvoiceStatusDate>2026-01-04T08:15:01</InvoiceStatusDate>" in body
    of_documents.expect_good(body)
