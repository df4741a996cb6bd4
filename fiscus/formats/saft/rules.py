"""What one document must keep to beyond the schema: one function per rule of the law."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

from fiscus.formats.saft import findings as found
from fiscus.formats.saft.rates import is_in_force, is_judged, was_in_force
from fiscus.formats.saft.sections import PAYMENTS, SALES, SectionDocument
from fiscus.grammars.reading import ReadElement
from fiscus.model.faults import Code
from fiscus.model.found import PATHS_MAX
from fiscus.regimes.pt.rates import exempt_of, is_reason_of_another
from fiscus.regimes.pt.series import is_number

CORRECTIONS = frozenset({"NC", "ND"})
CREDITS = frozenset({"FT", "FS", "FR", "ND"})
ATCUD_SINCE = "2023-01-01"
WITHDRAWN = frozenset({"M03", "M08"})
"""Exemption codes that the authority still takes, and that no law offers any more."""

CENT = Decimal("0.01")
HALF_CENT = Decimal("0.005")
ROUNDED = HALF_CENT + Decimal("0.00001")
"""How far a sum rounded once may be from its lines: half a cent, either way, and what a thousand
lines of eight decimals leave."""

_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}")
_ATCUD = re.compile("[A-Z0-9]{8,}-([0-9]+)")

Tax = tuple[str, str, str, str, Decimal]
"""Type, region, code, whether a percentage or an amount, and its value."""


@dataclass(kw_only=True)
class PeriodFacts:
    """By how many months the periods of documents are off their dates, and where. A fiscal year may
    begin in any month, so all documents of a file may be off by the same."""

    is_calendar: bool = False
    shifts: set[int] = field(default_factory=set)
    paths: list[str] = field(default_factory=list)

    def wrong(self) -> list[str]:
        return self.paths if self.is_calendar or len(self.shifts) > 1 else []


@dataclass(kw_only=True)
class FileFacts:
    """What stands before the documents: the header's days and the master files' ids."""

    first: str = ""
    last: str = "9999-12-31"
    created: str = "9999-12-31"
    customers: set[str] = field(default_factory=set)
    suppliers: set[str] = field(default_factory=set)
    products: set[str] = field(default_factory=set)
    taxes: set[Tax] = field(default_factory=set)
    has_anyone: bool = False
    periods: PeriodFacts = field(default_factory=PeriodFacts)


Place = tuple[Code, str]
Rule = Callable[[SectionDocument, FileFacts], Iterator[Place]]


def dates(document: SectionDocument, known: FileFacts) -> Iterator[Place]:
    """Local time without zone or fraction, inside the file's period; a status is never older."""
    section, path = document.section, document.path
    if not _DAY.fullmatch(document.day):
        yield found.ZONED, f"{path}/{section.day}"
    if not _MOMENT.fullmatch(document.entered):
        yield found.ZONED, f"{path}/SystemEntryDate"
    if not _MOMENT.fullmatch(document.status_at):
        yield found.ZONED, f"{path}/DocumentStatus/{section.status}Date"
    if not known.first <= document.day[:10] <= known.last:
        yield found.OUTSIDE_PERIOD, f"{path}/{section.day}"
    if document.day[:10] > known.created:
        yield found.AFTER_CREATION, f"{path}/{section.day}"
    if document.entered[:10] < document.day[:10]:
        yield found.ENTERED_BEFORE, f"{path}/SystemEntryDate"
    if document.status_at[:19] < document.entered[:19]:
        yield found.EARLY_STATUS, f"{path}/DocumentStatus/{section.status}Date"


def periods(document: SectionDocument, known: FileFacts) -> Iterator[Place]:
    """What is off is told once the whole file was seen."""
    period, on = document.node.text("Period").strip(), _date(document.day)
    if on is None or not period.isdecimal() or len(period) > 2:
        return iter(())
    shift = (on.month - int(period)) % 12
    if shift:
        known.periods.shifts.add(shift)
        if len(known.periods.paths) < PATHS_MAX:
            known.periods.paths.append(f"{document.path}/Period")
    known.periods.is_calendar = known.periods.is_calendar or not shift
    return iter(())


def atcud(document: SectionDocument, known: FileFacts) -> Iterator[Place]:
    """Validation code and sequence; before 2023 it was still `0`."""
    if document.day < ATCUD_SINCE:
        return
    code = _ATCUD.fullmatch(document.node.text("ATCUD"))
    if code is None or int(code[1]) != document.sequence:
        yield found.ATCUD_WRONG, f"{document.path}/ATCUD"


def cancelled_has_reason(document: SectionDocument, known: FileFacts) -> Iterator[Place]:
    reason = document.node.part("DocumentStatus").text("Reason")
    if document.status == "A" and not reason.strip():
        yield found.NO_REASON, f"{document.path}/DocumentStatus/Reason"


def parties(document: SectionDocument, known: FileFacts) -> Iterator[Place]:
    customer, supplier = document.node.text("CustomerID"), document.node.text("SupplierID")
    if customer and customer not in known.customers:
        yield found.NO_CUSTOMER, f"{document.path}/CustomerID"
    if supplier and supplier not in known.suppliers:
        yield found.NO_SUPPLIER, f"{document.path}/SupplierID"


def lines(document: SectionDocument, known: FileFacts) -> Iterator[Place]:
    """Numbers from 1, products that exist, amounts that follow from quantity and price."""
    for number, line in enumerate(document.node.all("Line"), 1):
        if line.text("LineNumber").strip() != str(number):
            yield found.LINE_NUMBER, f"{line.path}/LineNumber"
        if document.section is PAYMENTS:
            continue
        if line.text("ProductCode") not in known.products:
            yield found.NO_PRODUCT, f"{line.path}/ProductCode"
        yield from _line_amount(line)
        if "TaxPointDate" in line.texts and not _DAY.fullmatch(line.text("TaxPointDate").strip()):
            yield found.ZONED, f"{line.path}/TaxPointDate"


def sides(document: SectionDocument, known: FileFacts) -> Iterator[Place]:
    """Debit in credit notes, else credit; the other side only settles an advance or takes back
    a line of the same document."""
    if document.section is not SALES:
        return
    right = "DebitAmount" if document.type == "NC" else "CreditAmount"
    if document.type not in CREDITS and document.type != "NC":
        return
    sold: dict[str, Decimal] = {}
    for line in document.node.all("Line"):
        code = line.text("ProductCode")
        sold[code] = sold.get(code, Decimal(0)) + line.amount(right)
    for line in document.node.all("Line"):
        if right in line.texts:
            continue
        is_settled = line.all("OrderReferences") or line.all("References")
        if document.type == "NC" or not (
            is_settled or sold[line.text("ProductCode")] >= _amount(line)
        ):
            yield found.LINE_SIDE, line.path


def references(document: SectionDocument, known: FileFacts) -> Iterator[Place]:
    if document.section is not SALES or document.type not in CORRECTIONS:
        return
    for line in document.node.all("Line"):
        stated = line.all("References")
        if not any(one.text("Reference") and one.text("Reason") for one in stated):
            yield found.REFERENCE, f"{line.path}/References"
        if not all(is_number(one.text("Reference")) for one in stated if one.text("Reference")):
            yield found.REFERENCE_SHAPE, f"{line.path}/References"


def payments(document: SectionDocument, known: FileFacts) -> Iterator[Place]:
    if document.section is not SALES:
        return
    totals = document.node.part("DocumentTotals")
    gross = totals.amount("GrossTotal")
    stated = totals.all("Payment")
    if document.type == "FR" and gross > 0 and not stated:
        yield found.UNPAID, f"{totals.path}/Payment"
    paid = sum(one.amount("PaymentAmount") for one in stated)
    if paid > gross + HALF_CENT:
        yield found.OVERPAID, f"{totals.path}/Payment"
    if document.type == "FR" and stated and paid < gross - HALF_CENT:
        yield found.PART_PAID, f"{totals.path}/Payment"


def taxes(document: SectionDocument, known: FileFacts) -> Iterator[Place]:
    """Every tax is in the table; a reason and its code stand exactly where nothing is charged."""
    for line in document.node.all("Line"):
        reason, code = line.text("TaxExemptionReason"), line.text("TaxExemptionCode")
        if bool(reason) != bool(code):
            yield found.TAX_CODE, line.path
        if is_reason_of_another(code, reason):
            yield found.OTHER_REASON, f"{line.path}/TaxExemptionReason"
        if code and not _is_exemption(code, _date(document.day)):
            yield found.UNKNOWN_EXEMPTION, f"{line.path}/TaxExemptionCode"
        if not line.all("Tax"):
            if document.section is PAYMENTS and document.type == "RC":
                yield found.TAX_ABSENT, f"{line.path}/Tax"
            continue
        tax = line.part("Tax")
        *_, value = key = tax_key(tax)
        if key not in known.taxes:
            yield found.TAX_UNLISTED, tax.path
        if (value == 0) != bool(reason):
            yield found.TAX_REASON, line.path
        if document.section is not PAYMENTS:
            yield from _rate(document, line, tax)


def totals(document: SectionDocument, known: FileFacts) -> Iterator[Place]:
    """Gross is net plus tax, and each of the three is what the lines come to, rounded once."""
    stated = document.node.part("DocumentTotals")
    net, tax = stated.amount("NetTotal"), stated.amount("TaxPayable")
    if stated.amount("GrossTotal") != net + tax:
        yield found.GROSS_TOTAL, f"{stated.path}/GrossTotal"
    rows = document.node.all("Line")
    if abs(_net(document, rows) - net) > ROUNDED:
        yield found.NET_TOTAL, f"{stated.path}/NetTotal"
    if document.section is not PAYMENTS and abs(_tax_payable(document, rows) - tax) > ROUNDED:
        yield found.TAX_TOTAL, f"{stated.path}/TaxPayable"


RULES: tuple[Rule, ...] = (
    dates,
    periods,
    atcud,
    cancelled_has_reason,
    parties,
    lines,
    sides,
    references,
    payments,
    taxes,
    totals,
)


def tax_key(tax: ReadElement) -> Tax:
    """A tax as the table lists it; the percentage as a number, so that 23 is 23.00."""
    kind = "TaxAmount" if "TaxAmount" in tax.texts else "TaxPercentage"
    return (
        tax.text("TaxType"),
        tax.text("TaxCountryRegion"),
        tax.text("TaxCode"),
        kind,
        tax.amount(kind),
    )


def _line_amount(line: ReadElement) -> Iterator[Place]:
    """Neither the price nor the amount may be rounded so that it shows in the cents."""
    quantity, price, amount = line.amount("Quantity"), line.amount("UnitPrice"), _amount(line)
    if "TaxBase" in line.texts:
        if price or amount:
            yield found.LINE_TAX_BASE, line.path
    elif abs(quantity * price - amount) > HALF_CENT:
        yield found.LINE_AMOUNT, line.path


def _rate(document: SectionDocument, line: ReadElement, tax: ReadElement) -> Iterator[Place]:
    """A correction keeps the rate of its original, which may be no longer in force."""
    days = (_date(document.day), _date(line.text("TaxPointDate").strip() or document.day))
    if tax.text("TaxType") != "IVA":
        return
    region, code = tax.text("TaxCountryRegion"), tax.text("TaxCode")
    judged = [day for day in days if day and is_judged(region, code, day)]
    if len(judged) < len(days):
        return
    accepts = was_in_force if document.type in CORRECTIONS else is_in_force
    percentage = tax.amount("TaxPercentage")
    if not any(accepts(region, code, percentage, day) for day in judged):
        yield found.TAX_RATE, tax.path


def _is_exemption(code: str, on: date | None) -> bool:
    """A code that was withdrawn is still read: a correction keeps that of its original."""
    row = exempt_of(code)
    return code in WITHDRAWN or (row is not None and (on is None or row.first <= on))


@lru_cache(maxsize=1024)
def _date(text: str) -> date | None:
    """The day; None where the text is none (and was reported)."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _amount(line: ReadElement) -> Decimal:
    return line.amount("DebitAmount") + line.amount("CreditAmount")


def _net(document: SectionDocument, rows: list[ReadElement]) -> Decimal:
    return sum((sign * _amount(line) for sign, line in _signed(document, rows)), Decimal(0))


def _tax_payable(document: SectionDocument, rows: list[ReadElement]) -> Decimal:
    return sum((sign * _line_tax(line) for sign, line in _signed(document, rows)), Decimal(0))


def _signed(
    document: SectionDocument, rows: list[ReadElement]
) -> Iterator[tuple[int, ReadElement]]:
    """Credit counts for a document, debit against it; where a document takes back (a credit
    note, or debit throughout) it is the other way round."""
    takes_back = document.type == "NC" or all("DebitAmount" in line.texts for line in rows)
    for line in rows:
        yield (1 if ("DebitAmount" in line.texts) == takes_back else -1), line


def _line_tax(line: ReadElement) -> Decimal:
    if not line.all("Tax"):
        return Decimal(0)
    tax = line.part("Tax")
    if "TaxAmount" in tax.texts:
        return tax.amount("TaxAmount")
    base = _amount(line)
    if "TaxBase" in line.texts:
        base = line.amount("Quantity") * line.amount("TaxBase")
    return base * tax.amount("TaxPercentage") / 100
