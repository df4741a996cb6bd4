"""Reads a file back as a stream and names everything that is wrong with it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from fiscus.formats.saft import findings as found
from fiscus.formats.saft.chains import SeriesChains, follow, verifier
from fiscus.formats.saft.findings import SaftFindings
from fiscus.formats.saft.grammar import NAMESPACE, SAFT
from fiscus.formats.saft.rules import CENT, RULES, FileFacts, tax_key
from fiscus.formats.saft.sections import MOVEMENTS, SECTIONS, Section, SectionDocument, paper
from fiscus.formats.saft.structure import complaints, read, simple
from fiscus.grammars.reading import ReadElement
from fiscus.model.faults import Fault

SHELLS = (
    "AuditFile",
    "MasterFiles",
    "SourceDocuments",
    *(section.name for section in SECTIONS.values()),
)
"""What holds many others and is never read as a whole."""

PARENTS = {
    "Header": "AuditFile",
    "Customer": "MasterFiles",
    "Supplier": "MasterFiles",
    "Product": "MasterFiles",
    "TaxTable": "MasterFiles",
    **{section.document: section.name for section in SECTIONS.values()},
}
LEDGER = {
    "Account": "GeneralLedgerAccounts",
    "Journal": "GeneralLedgerEntries",
    "Transaction": "Journal",
}
"""Not judged, only dropped from memory."""

NAMES_MAX = 1000
PART_BYTES_MAX = 12 * 1024 * 1024
"""A document of ten thousand lines. The parser needs forty times as much memory for a part that is
made of the shortest elements."""

BEGINNING_BYTES_MAX = 1024 * 1024
"""What may stand before the root element."""

BEYOND = frozenset({etree.ErrorTypes.ERR_RESOURCE_LIMIT, etree.ErrorTypes.ERR_ENTITY_LOOP})
"""What the parser calls its own limits: depth, length of a text, entities made of entities."""
GENERIC_TAX_ID = "999999990"
GENERIC_NAME = "consumidor final"
POSTAL_CODE = re.compile("[0-9]{4}-[0-9]{3}")


class SaftPart:
    """The file as the parser reads it. A part of it that is kept in memory, such as a document,
    ends where the reading hears of an element; one that does not end is not read on."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = PART_BYTES_MAX - BEGINNING_BYTES_MAX
        self.is_beyond = False

    def read(self, size: int) -> bytes:
        self.is_beyond = self._size > PART_BYTES_MAX
        data = b"" if self.is_beyond else self._file.read(size)
        self._size += len(data)
        return data

    def end(self) -> None:
        self._size = 0


@dataclass
class PassedChildren:
    """The children of a shell that have gone by: their names, repeats left out, and texts."""

    names: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class SectionSums:
    """What the documents of one section add up to."""

    entries: int = 0
    lines: int = 0
    debit: Decimal = Decimal(0)
    credit: Decimal = Decimal(0)
    quantity: Decimal = Decimal(0)


@dataclass(kw_only=True)
class SaftReading:
    """The state of one reading."""

    chains: SeriesChains
    findings: SaftFindings = field(default_factory=SaftFindings)
    known: FileFacts = field(default_factory=FileFacts)
    shells: dict[str, PassedChildren] = field(default_factory=dict)
    sums: dict[str, SectionSums] = field(default_factory=dict)


def check(path: Path, settings: Mapping[str, str]) -> tuple[Fault, ...]:
    """All faults, each with the documents and elements where it was found.

    With `public_key_pem` in the settings every signature is verified, else only its shape.
    """
    key = settings.get("public_key_pem", "")
    audit = SaftReading(chains=SeriesChains(verifies=verifier(key) if key else None))
    with path.open("rb") as file:
        part = SaftPart(file)
        try:
            _read_file(part, audit)
        except etree.XMLSyntaxError as error:
            if error.code == etree.ErrorTypes.ERR_NO_MEMORY:
                raise MemoryError from error  # nothing is said of the file
            is_beyond = error.code in BEYOND or part.is_beyond
            code = found.BEYOND_LIMITS if is_beyond else found.NOT_XML
            audit.findings.add(code, f"line {error.lineno or 0}")
    return audit.findings.faults()


def _read_file(file: SaftPart, audit: SaftReading) -> None:
    """No network, no entities; libxml2's own limits on depth and text length stay on."""
    names = (*SHELLS, *PARENTS, *LEDGER)
    stream = etree.iterparse(
        file,
        events=("start", "end"),
        tag=[NAMESPACE + name for name in names],
        no_network=True,
        load_dtd=False,
        resolve_entities=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    for event, element in stream:
        file.end()
        if event == "end":
            _ended(element, audit)
        elif element.getroottree().docinfo.doctype:
            audit.findings.add(found.DOCTYPE, "line 1")
            return
        if audit.findings.are_too_many:
            audit.findings.add(found.TOO_MANY, f"line {element.sourceline or 0}")
            return
    for path in audit.known.periods.wrong():
        audit.findings.add(found.OTHER_MONTH, path)
    root = stream.root
    if root is None or root.tag != f"{NAMESPACE}AuditFile":
        audit.findings.add(found.OTHER_ROOT, "/")


def _ended(element: etree._Element, audit: SaftReading) -> None:
    name = _local(element)
    parent = element.getparent()
    if name in SHELLS:
        _pass_all(element, name, audit)
        _shell_ended(name, audit)
        return
    above = _local(parent) if parent is not None else ""
    if parent is None or above not in (PARENTS.get(name), LEDGER.get(name)):
        return
    if above in SHELLS:
        _pass_before(element, parent, above, audit)
        _master_or_document(element, name, audit)
    element.clear()


def _master_or_document(element: etree._Element, name: str, audit: SaftReading) -> None:
    if name in SECTIONS:
        _document(element, SECTIONS[name], audit)
    elif name == "Header":
        _header(element, audit)
    elif name == "TaxTable":
        _tax_table(element, audit)
    else:
        _master(element, name, audit)


def _document(element: etree._Element, section: Section, audit: SaftReading) -> None:
    number = element.findtext(NAMESPACE + section.number) or "?"
    where = f"{section.name}/{section.document}[{number}]"
    document = paper(section, read(element, section.document, where, audit.findings))
    follow(audit.chains, document, audit.findings)
    for rule in RULES:
        for code, path in rule(document, audit.known):
            audit.findings.add(code, path)
    _count(audit.sums.setdefault(section.name, SectionSums()), document)


def _count(sums: SectionSums, document: SectionDocument) -> None:
    """Cancelled documents and their lines are counted, but not added."""
    lines = document.node.all("Line")
    sums.entries += 1
    sums.lines += len(lines)
    if not document.is_counted:
        return
    for line in lines:
        sums.debit += line.amount("DebitAmount")
        sums.credit += line.amount("CreditAmount")
        sums.quantity += line.amount("Quantity")


def _header(element: etree._Element, audit: SaftReading) -> None:
    """A fiscal year may begin in one calendar year and end in the next; a file holds no two."""
    header = read(element, "Header", "Header", audit.findings)
    known = audit.known
    known.first = header.text("StartDate").strip()[:10]
    known.last = header.text("EndDate").strip()[:10] or known.last
    known.created = header.text("DateCreated").strip()[:10] or known.created
    year = header.amount("FiscalYear")
    next_year = f"{year + 1}{known.first[4:]}" if known.first[:4] == str(year) else f"{year + 2}"
    is_reversed = known.last < known.first or known.first[:4] not in (str(year), str(year + 1))
    if is_reversed or known.last >= next_year:
        audit.findings.add(found.PERIOD, "Header/EndDate")
    if not POSTAL_CODE.fullmatch(header.part("CompanyAddress").text("PostalCode")):
        audit.findings.add(found.POSTAL_CODE, "Header/CompanyAddress/PostalCode")


def _master(element: etree._Element, name: str, audit: SaftReading) -> None:
    """A customer, supplier or product: once each."""
    id_name = "ProductCode" if name == "Product" else f"{name}ID"
    id_text = element.findtext(NAMESPACE + id_name) or "?"
    path = f"MasterFiles/{name}[{id_text}]"
    node = read(element, name, path, audit.findings)
    ids, twice = {
        "Customer": (audit.known.customers, found.SECOND_CUSTOMER),
        "Supplier": (audit.known.suppliers, found.SECOND_SUPPLIER),
        "Product": (audit.known.products, found.SECOND_PRODUCT),
    }[name]
    if id_text in ids:
        audit.findings.add(twice, path)
    ids.add(id_text)
    is_generic = node.text("CompanyName").strip().casefold() == GENERIC_NAME
    if is_generic and node.text("CustomerTaxID") == GENERIC_TAX_ID:
        if audit.known.has_anyone:
            audit.findings.add(found.SECOND_ANYONE, path)
        audit.known.has_anyone = True


def _tax_table(element: etree._Element, audit: SaftReading) -> None:
    table = read(element, "TaxTable", "MasterFiles/TaxTable", audit.findings)
    audit.known.taxes.update(tax_key(entry) for entry in table.all("TaxTableEntry"))


def _pass_before(
    element: etree._Element, parent: etree._Element, name: str, audit: SaftReading
) -> None:
    """What stands before the element has been read: note its name and drop it."""
    while parent[0] is not element:
        _pass(parent[0], name, audit)
        del parent[0]


def _pass_all(shell: etree._Element, name: str, audit: SaftReading) -> None:
    for child in shell:
        _pass(child, name, audit)
    shell.clear()


def _pass(child: etree._Element, name: str, audit: SaftReading) -> None:
    shell = audit.shells.setdefault(name, PassedChildren())
    tag = str(child.tag)
    if shell.names[-2:] != [tag, tag] and len(shell.names) < NAMES_MAX:
        shell.names.append(tag)
    local = tag.removeprefix(NAMESPACE)
    for row in SAFT.rows(name):
        kind = row.kinds.get(local, "unread")
        if kind != "unread" and kind not in SAFT.tables:
            shell.texts[local] = simple(child, kind, f"{name}/{local}", audit.findings)


def _shell_ended(name: str, audit: SaftReading) -> None:
    shell = audit.shells.pop(name, PassedChildren())
    for code, child in complaints(name, tuple(shell.names)):
        audit.findings.add(code, f"{name}/{child}")
    sums = audit.sums.pop(name, SectionSums())
    if name == MOVEMENTS.name:
        _compare_movements(shell, sums, audit.findings)
    elif "NumberOfEntries" in shell.texts:
        _compare(shell, sums, name, audit.findings)


def _compare(shell: PassedChildren, sums: SectionSums, name: str, findings: SaftFindings) -> None:
    if _number(shell, "NumberOfEntries") != sums.entries:
        findings.add(found.ENTRIES, f"{name}/NumberOfEntries")
    if abs(_number(shell, "TotalDebit") - sums.debit) > CENT:
        findings.add(found.DEBIT_TOTAL, f"{name}/TotalDebit")
    if abs(_number(shell, "TotalCredit") - sums.credit) > CENT:
        findings.add(found.CREDIT_TOTAL, f"{name}/TotalCredit")


def _compare_movements(shell: PassedChildren, sums: SectionSums, findings: SaftFindings) -> None:
    if _number(shell, "NumberOfMovementLines") != sums.lines:
        findings.add(found.ENTRIES, f"{MOVEMENTS.name}/NumberOfMovementLines")
    if abs(_number(shell, "TotalQuantityIssued") - sums.quantity) > CENT:
        findings.add(found.QUANTITY_TOTAL, f"{MOVEMENTS.name}/TotalQuantityIssued")


def _number(shell: PassedChildren, name: str) -> Decimal:
    return ReadElement(name, shell.texts).amount(name)


def _local(element: etree._Element) -> str:
    return str(element.tag).removeprefix(NAMESPACE)
