"""What one document must keep to beyond the schema: one function per rule of the law."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

from fiscus.formats.saft import findings as found
from fiscus.formats.saft.rates import is_in_force, is_judged, was_in_force
from fiscus.formats.saft.sections import PAYMENTS, SALES, Paper
from fiscus.formats.saft.structure import Node
from fiscus.model.faults import Code

CORRECTIONS = frozenset({"NC", "ND"})
CREDITS = frozenset({"FT", "FS", "FR", "ND"})
ATCUD_SINCE = "2023-01-01"
CENT = Decimal("0.01")
LEAST_TOLERANCE = Decimal("0.05")
HALF_CENT = Decimal("0.005")

_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}")
_ATCUD = re.compile("[A-Z0-9]{8,}-([0-9]+)")

Tax = tuple[str, str, str, str, Decimal]
"""Type, region, code, whether a percentage or an amount, and its value."""


@dataclass(kw_only=True)
class Known:
    """What stands before the documents: the header's days and the master files' ids."""

    first: str = ""
    last: str = "9999-12-31"
    created: str = "9999-12-31"
    customers: set[str] = field(default_factory=set)
    suppliers: set[str] = field(default_factory=set)
    products: set[str] = field(default_factory=set)
    taxes: set[Tax] = field(default_factory=set)
    has_anyone: bool = False


Place = tuple[Code, str]
Rule = Callable[[Paper, Known], Iterator[Place]]


def dates(document: Paper, known: Known) -> Iterator[Place]:
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
    if document.status_at[:19] < document.entered[:19]:
        yield found.EARLY_STATUS, f"{path}/DocumentStatus/{section.status}Date"


def atcud(document: Paper, known: Known) -> Iterator[Place]:
    """Validation code and sequence; before 2023 it was still `0`."""
    if document.day < ATCUD_SINCE:
        return
    code = _ATCUD.fullmatch(document.node.text("ATCUD"))
    if code is None or int(code[1]) != document.sequence:
        yield found.ATCUD_WRONG, f"{document.path}/ATCUD"


def cancelled_has_reason(document: Paper, known: Known) -> Iterator[Place]:
    reason = document.node.part("DocumentStatus").text("Reason")
    if document.status == "A" and not reason.strip():
        yield found.NO_REASON, f"{document.path}/DocumentStatus/Reason"


def parties(document: Paper, known: Known) -> Iterator[Place]:
    customer, supplier = document.node.text("CustomerID"), document.node.text("SupplierID")
    if customer and customer not in known.customers:
        yield found.NO_CUSTOMER, f"{document.path}/CustomerID"
    if supplier and supplier not in known.suppliers:
        yield found.NO_SUPPLIER, f"{document.path}/SupplierID"


def lines(document: Paper, known: Known) -> Iterator[Place]:
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


def sides(document: Paper, known: Known) -> Iterator[Place]:
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


def references(document: Paper, known: Known) -> Iterator[Place]:
    if document.section is not SALES or document.type not in CORRECTIONS:
        return
    for line in document.node.all("Line"):
        stated = line.all("References")
        if not any(one.text("Reference") and one.text("Reason") for one in stated):
            yield found.REFERENCE, f"{line.path}/References"


def payments(document: Paper, known: Known) -> Iterator[Place]:
    if document.section is not SALES:
        return
    totals = document.node.part("DocumentTotals")
    gross = totals.amount("GrossTotal")
    stated = totals.all("Payment")
    if document.type == "FR" and gross > 0 and not stated:
        yield found.UNPAID, f"{totals.path}/Payment"
    if sum(one.amount("PaymentAmount") for one in stated) > gross + HALF_CENT:
        yield found.OVERPAID, f"{totals.path}/Payment"


def taxes(document: Paper, known: Known) -> Iterator[Place]:
    """Every tax is in the table; a reason and its code stand exactly where nothing is charged."""
    for line in document.node.all("Line"):
        reason, code = line.text("TaxExemptionReason"), line.text("TaxExemptionCode")
        if bool(reason) != bool(code):
            yield found.TAX_CODE, line.path
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


def totals(document: Paper, known: Known) -> Iterator[Place]:
    """Gross is net plus tax, and both follow from the lines up to a cent for each."""
    stated = document.node.part("DocumentTotals")
    net, tax = stated.amount("NetTotal"), stated.amount("TaxPayable")
    if stated.amount("GrossTotal") != net + tax:
        yield found.GROSS_TOTAL, f"{stated.path}/GrossTotal"
    rows = document.node.all("Line")
    tolerance = max(LEAST_TOLERANCE, CENT * len(rows))
    if abs(_net(document, rows) - net) > tolerance:
        yield found.NET_TOTAL, f"{stated.path}/NetTotal"
    if document.section is not PAYMENTS and abs(_tax_payable(document, rows) - tax) > tolerance:
        yield found.TAX_TOTAL, f"{stated.path}/TaxPayable"


RULES: tuple[Rule, ...] = (
    dates,
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


def tax_key(tax: Node) -> Tax:
    """A tax as the table lists it; the percentage as a number, so that 23 is 23.00."""
    kind = "TaxAmount" if "TaxAmount" in tax.texts else "TaxPercentage"
    return (
        tax.text("TaxType"),
        tax.text("TaxCountryRegion"),
        tax.text("TaxCode"),
        kind,
        tax.amount(kind),
    )


def _line_amount(line: Node) -> Iterator[Place]:
    """Prices may be rounded to cents, so the tolerance grows with the quantity."""
    quantity, price, amount = line.amount("Quantity"), line.amount("UnitPrice"), _amount(line)
    if "TaxBase" in line.texts:
        if price or amount:
            yield found.LINE_TAX_BASE, line.path
    elif abs(quantity * price - amount) > CENT + HALF_CENT * quantity:
        yield found.LINE_AMOUNT, line.path


def _rate(document: Paper, line: Node, tax: Node) -> Iterator[Place]:
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


@lru_cache(maxsize=1024)
def _date(text: str) -> date | None:
    """The day; None where the text is none (and was reported)."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _amount(line: Node) -> Decimal:
    return line.amount("DebitAmount") + line.amount("CreditAmount")


def _net(document: Paper, rows: list[Node]) -> Decimal:
    return sum((sign * _amount(line) for sign, line in _signed(document, rows)), Decimal(0))


def _tax_payable(document: Paper, rows: list[Node]) -> Decimal:
    return sum((sign * _line_tax(line) for sign, line in _signed(document, rows)), Decimal(0))


def _signed(document: Paper, rows: list[Node]) -> Iterator[tuple[int, Node]]:
    """Credit counts for a document, debit against it; where a document takes back (a credit
    note, or debit throughout) it is the other way round."""
    takes_back = document.type == "NC" or all("DebitAmount" in line.texts for line in rows)
    for line in rows:
        yield (1 if ("DebitAmount" in line.texts) == takes_back else -1), line


def _line_tax(line: Node) -> Decimal:
    if not line.all("Tax"):
        return Decimal(0)
    tax = line.part("Tax")
    if "TaxAmount" in tax.texts:
        return tax.amount("TaxAmount")
    base = _amount(line)
    if "TaxBase" in line.texts:
        base = line.amount("Quantity") * line.amount("TaxBase")
    return base * tax.amount("TaxPercentage") / 100
