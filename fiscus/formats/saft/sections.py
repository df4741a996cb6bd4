"""The four kinds of documents of the file, and what is common to them under different names."""

import re
from dataclasses import dataclass

from fiscus.grammars.reading import ReadElement


@dataclass(frozen=True, kw_only=True)
class Section:
    """The names one section uses; `uncounted` are the statuses left out of its totals."""

    name: str
    document: str
    number: str
    day: str
    type: str
    status: str
    source: str = "SourceBilling"
    is_signed: bool = True
    uncounted: frozenset[str] = frozenset({"A"})


SALES = Section(
    name="SalesInvoices",
    document="Invoice",
    number="InvoiceNo",
    day="InvoiceDate",
    type="InvoiceType",
    status="InvoiceStatus",
    uncounted=frozenset({"A", "F"}),
)
MOVEMENTS = Section(
    name="MovementOfGoods",
    document="StockMovement",
    number="DocumentNumber",
    day="MovementDate",
    type="MovementType",
    status="MovementStatus",
)
WORK = Section(
    name="WorkingDocuments",
    document="WorkDocument",
    number="DocumentNumber",
    day="WorkDate",
    type="WorkType",
    status="WorkStatus",
)
PAYMENTS = Section(
    name="Payments",
    document="Payment",
    number="PaymentRefNo",
    day="TransactionDate",
    type="PaymentType",
    status="PaymentStatus",
    source="SourcePayment",
    is_signed=False,
)
SECTIONS = {section.document: section for section in (SALES, MOVEMENTS, WORK, PAYMENTS)}

_NUMBER = re.compile(r"(([^ ]+) [^/ ]+)/([0-9]{1,18})")


@dataclass(frozen=True, kw_only=True, slots=True)
class SectionDocument:
    """One document of any section. `series` is empty where its number cannot be read."""

    section: Section
    node: ReadElement
    path: str
    number: str
    series: str
    internal_code: str
    sequence: int
    day: str
    entered: str
    type: str
    status: str
    status_at: str
    source: str

    @property
    def is_counted(self) -> bool:
        return self.status not in self.section.uncounted


def paper(section: Section, node: ReadElement) -> SectionDocument:
    number = node.text(section.number)
    found = _NUMBER.fullmatch(number)
    status = node.part("DocumentStatus")
    return SectionDocument(
        section=section,
        node=node,
        path=node.path,
        number=number,
        series=found[1] if found else "",
        internal_code=found[2] if found else "",
        sequence=int(found[3]) if found else 0,
        day=node.text(section.day).strip(),
        entered=node.text("SystemEntryDate").strip(),
        type=node.text(section.type),
        status=status.text(section.status),
        status_at=status.text(f"{section.status}Date").strip(),
        source=status.text(section.source),
    )
