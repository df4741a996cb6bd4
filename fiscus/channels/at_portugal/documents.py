"""Invoices, working documents and receipts as the authority is told of them (portugal.md 5.4).

Three families of documents have the same three operations: register, change the status, delete.
All names are of one namespace, in the order of the WSDL. Amounts are in euro, in cents and never
negative; times are UTC here and the wall clock of Lisbon on the wire.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

import msgspec

from fiscus.channels.at_portugal.answers import TIMEZONE
from fiscus.channels.at_portugal.envelope import element, qualified, text, text_if
from fiscus.model.amounts import money
from fiscus.model.times import local
from fiscus.model.xml_text import clean

NAMESPACE = "http://factemi.at.min_financas.pt/documents"
VERSION = "0.0.1"
AUDIT_FILE_VERSION = "1.04_01"
ENTITY = "Global"
NO_HASH = "0"
NUMBER_LENGTH_MAX = 60
REASON_LENGTH = range(10, 501)


class FamilyNames(NamedTuple):
    """The WSDL's names for one family of documents."""

    family: str
    number: str
    day: str
    listed: str


class ReportedFamily(Enum):
    """Which service of the three takes a document. Receipts are those of the cash-VAT scheme."""

    INVOICE = FamilyNames("Invoice", "InvoiceNo", "InvoiceDate", "invoice")
    WORK = FamilyNames("Work", "DocumentNumber", "WorkDate", "work")
    PAYMENT = FamilyNames("Payment", "PaymentRefNo", "TransactionDate", "payment")


class DocumentHeader(msgspec.Struct, frozen=True, kw_only=True):
    """What tells one document from all others: its number as in the SAF-T, its ATCUD, its date and
    type, and whom it is for: 999999990 and `Desconhecido` where that is not known."""

    family: ReportedFamily = ReportedFamily.INVOICE
    number: str
    atcud: str
    day: date
    type: str
    customer_number: str = "999999990"
    customer_country: str = "Desconhecido"
    is_self_billing: bool = False


class SummaryTax(msgspec.Struct, frozen=True, kw_only=True):
    """A tax of one region: `IVA`, `IS` (stamp duty) or `NS` (not subject), with a percentage, or
    an amount where the tax is a fixed one."""

    type: str
    region: str
    code: str
    percentage: Decimal = Decimal(0)
    fixed: Decimal | None = None


class SourceDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A document that lines come from, and its day: an order, or the invoice that is paid."""

    number: str
    day: date | None = None


class LineSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What all lines of one tax, exemption, tax point, reference and side come to, without tax.

    `sources` are orders, or of a receipt the invoices paid; `references` what a note corrects;
    `settlement` a discount of a receipt; `is_base`: the amount is a tax base and adds nothing to
    the net total.
    """

    tax_point: date | None = None
    is_debit: bool = False
    amount: Decimal
    tax: SummaryTax | None = None
    exemption: str = ""
    references: tuple[str, ...] = ()
    sources: tuple[SourceDocument, ...] = ()
    settlement: Decimal | None = None
    is_base: bool = False


class Withholding(msgspec.Struct, frozen=True, kw_only=True):
    """Tax that the customer keeps back: `IRS`, `IRC` or `IS` (empty: not told), and how much."""

    type: str = ""
    amount: Decimal


class DocumentContent(msgspec.Struct, frozen=True, kw_only=True):
    """A document as it is registered. `hash_characters`: the four printed ones of its signature,
    `0` if it has none; `activity` the five digits of the issuer's activity."""

    header: DocumentHeader
    status: str = "N"
    status_at: datetime
    entered_at: datetime
    hash_characters: str = NO_HASH
    activity: str = ""
    lines: tuple[LineSummary, ...]
    tax: Decimal
    net: Decimal
    gross: Decimal
    withheld: tuple[Withholding, ...] = ()
    is_cash_vat: bool = False
    is_paperless: bool = False


def registering(issuer: str, certificate: str, content: DocumentContent) -> str:
    """The body that registers a document of the issuer with that NIF, made by the program with
    that number of certificate."""
    names = content.header.family.value
    return qualified(
        f"Register{names.family}Request",
        NAMESPACE,
        text("eFaturaMDVersion", VERSION),
        text("AuditFileVersion", AUDIT_FILE_VERSION),
        text("TaxRegistrationNumber", issuer),
        text("TaxEntity", ENTITY),
        text("SoftwareCertificateNumber", certificate),
        element(f"{names.family}Data", *_header(content.header), *_content(content)),
    )


def changing_status(issuer: str, header: DocumentHeader, status: str, at: datetime) -> str:
    """The body that gives a registered document another status, since that moment."""
    names = header.family.value
    return qualified(
        f"Change{names.family}StatusRequest",
        NAMESPACE,
        text("eFaturaMDVersion", VERSION),
        text("TaxRegistrationNumber", issuer),
        element(f"{names.family}Header", *_header(header)),
        _status(f"{names.family}Status", names, status, at),
    )


def deleting(issuer: str, headers: Iterable[DocumentHeader], reason: str) -> str:
    """The body that has registered documents of one family forgotten: at least one, all of one
    customer and one year; the reason has 10 to 500 characters."""
    wanted = tuple(headers)
    names = wanted[0].family.value
    listed = (element(names.listed, *_header(one)) for one in wanted)
    return _deleting(names, issuer, element("documentsList", *listed), reason)


def deleting_days(issuer: str, family: ReportedFamily, first: date, last: date, reason: str) -> str:
    """The body that has all documents of a family forgotten that were issued on these days."""
    days = element("dateRange", text("StartDate", first), text("EndDate", last))
    return _deleting(family.value, issuer, days, reason)


def _deleting(names: FamilyNames, issuer: str, which: str, reason: str) -> str:
    return qualified(
        f"Delete{names.family}Request",
        NAMESPACE,
        text("eFaturaMDVersion", VERSION),
        text("TaxRegistrationNumber", issuer),
        which,
        text("reason", clean(reason, REASON_LENGTH.stop - 1)),
    )


def _header(header: DocumentHeader) -> Iterator[str]:
    names = header.family.value
    yield text(names.number, header.number)
    yield text("ATCUD", header.atcud)
    yield text(names.day, header.day)
    yield text(f"{names.family}Type", header.type)
    if header.family is ReportedFamily.INVOICE:
        yield text("SelfBillingIndicator", int(header.is_self_billing))
    yield text("CustomerTaxID", clean(header.customer_number, 30))
    yield text("CustomerTaxIDCountry", header.customer_country)


def _content(content: DocumentContent) -> Iterator[str]:
    family = content.header.family
    yield _status("DocumentStatus", family.value, content.status, content.status_at)
    if family is not ReportedFamily.PAYMENT:
        yield text("HashCharacters", content.hash_characters)
    if family is ReportedFamily.INVOICE:
        yield text("CashVATSchemeIndicator", int(content.is_cash_vat))
        yield text("PaperLessIndicator", int(content.is_paperless))
    if family is not ReportedFamily.PAYMENT:
        yield text_if("EACCode", content.activity)
    yield text("SystemEntryDate", _moment(content.entered_at))
    of_line = _payment_line if family is ReportedFamily.PAYMENT else _line
    for line in content.lines:
        yield element("LineSummary", *of_line(line))
    yield element(
        "DocumentTotals",
        text("TaxPayable", money(content.tax)),
        text("NetTotal", money(content.net)),
        text("GrossTotal", money(content.gross)),
    )
    if family is not ReportedFamily.WORK:
        for one in content.withheld:
            yield element("WithholdingTax", *_withheld(one))


def _status(outer: str, names: FamilyNames, status: str, at: datetime) -> str:
    return element(
        outer,
        text(f"{names.family}Status", status),
        text(f"{names.family}StatusDate", _moment(at)),
    )


def _line(line: LineSummary) -> Iterator[str]:
    for source in line.sources:
        yield element(
            "OrderReferences",
            text_if("OriginatingON", clean(source.number, NUMBER_LENGTH_MAX)),
            text_if("OrderDate", source.day),
        )
    yield text("TaxPointDate", line.tax_point)
    for reference in line.references:
        yield text("Reference", clean(reference, NUMBER_LENGTH_MAX))
    yield text("DebitCreditIndicator", _side(line))
    yield text("TotalTaxBase" if line.is_base else "Amount", money(line.amount))
    yield from _taxed(line)


def _payment_line(line: LineSummary) -> Iterator[str]:
    for source in line.sources:
        yield element(
            "SourceDocumentID",
            text("OriginatingON", clean(source.number, NUMBER_LENGTH_MAX)),
            text("InvoiceDate", source.day),
        )
    if line.settlement is not None:
        yield text("SettlementAmount", money(line.settlement))
    yield text("DebitCreditIndicator", _side(line))
    yield text("Amount", money(line.amount))
    yield from _taxed(line)


def _taxed(line: LineSummary) -> Iterator[str]:
    if (tax := line.tax) is not None:
        yield element(
            "Tax",
            text("TaxType", tax.type),
            text("TaxCountryRegion", tax.region),
            text("TaxCode", tax.code),
            text("TaxPercentage", money(tax.percentage))
            if tax.fixed is None
            else text("TotalTaxAmount", money(tax.fixed)),
        )
    yield text_if("TaxExemptionCode", line.exemption)


def _withheld(one: Withholding) -> Iterator[str]:
    yield text_if("WithholdingTaxType", one.type)
    yield text("WithholdingTaxAmount", money(one.amount))


def _side(line: LineSummary) -> str:
    return "D" if line.is_debit else "C"


def _moment(at: datetime) -> str:
    """`2026-05-04T09:15:01`: the second on the wall clock of Lisbon, as the SAF-T has it."""
    return local(at, TIMEZONE).isoformat()[:19]
