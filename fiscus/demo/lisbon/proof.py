"""Has the café's papers proved: the audit file by its checker, the package by the verifier, and
what the tax authority knows by the audit file."""

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

from fiscus.app import build
from fiscus.demo.lisbon.day import LisbonResults
from fiscus.demo.proof import ProofResult, of_faults, of_report
from fiscus.exports import operator_files
from fiscus.exports.operator_files import WrittenFile
from fiscus.formats import find
from fiscus.journal.verify import verify_file
from fiscus.model.faults import Fault
from fiscus.settings import Settings

AUDIT_FORMAT = "saft-pt"

_NAMESPACE = "{urn:OECD:StandardAuditFile-Tax:PT_1.04_01}"


def prove(data: Path, papers: LisbonResults) -> tuple[ProofResult, ...]:
    """The audit file, the package and the authority's list; the service is not needed any more."""
    faults = [fault.sentence() for fault in _faults(data, papers)]
    faults += _miscounted(papers)
    good = f"{papers.documents} documents, no fault"
    return (
        of_faults("Lisbon, audit file", faults, good),
        of_report("Lisbon, journal package", verify_file(papers.package)),
        of_faults(
            "Lisbon, tax authority",
            differences(papers),
            "each document is at the authority exactly once, with the same values",
        ),
    )


_NAMES = {
    "number": "InvoiceNo",
    "type": "InvoiceType",
    "date": "InvoiceDate",
    "atcud": "ATCUD",
    "status": "DocumentStatus/InvoiceStatus",
    "net": "DocumentTotals/NetTotal",
    "tax": "DocumentTotals/TaxPayable",
    "gross": "DocumentTotals/GrossTotal",
}
"""What the authority's list says of a document, and where the audit file has it."""

_Values = tuple[str | Decimal, ...]


def differences(papers: LisbonResults) -> list[str]:
    """What is in the audit file and not at the authority, or there otherwise, or more than once."""
    tree = ElementTree.parse(papers.audit)
    mine = Counter(_issued(one) for one in tree.iter(f"{_NAMESPACE}Invoice"))
    listed = json.loads(papers.authority.read_text())["documents"]
    theirs = Counter(_values([one[name] for name in _NAMES]) for one in listed)
    here, there = mine - theirs, theirs - mine
    return [
        *(f"not at the authority: {_shown(one)}" for one in here),
        *(f"at the authority alone: {_shown(one)}" for one in there),
    ]


def _issued(invoice: ElementTree.Element) -> _Values:
    return _values(
        [
            invoice.findtext("/".join(_NAMESPACE + part for part in path.split("/")), "")
            for path in _NAMES.values()
        ]
    )


def _values(texts: list[str]) -> _Values:
    """Amounts are numbers: how many zeros they end with says nothing."""
    return (*texts[:5], *(Decimal(text) for text in texts[5:]))


def _shown(values: _Values) -> str:
    return " ".join(f"{name}={value}" for name, value in zip(_NAMES, values, strict=True))


def _faults(data: Path, papers: LisbonResults) -> tuple[Fault, ...]:
    """What the format's own checker finds, each signature verified with the law's public key."""
    [law] = find(AUDIT_FORMAT).laws
    written = WrittenFile(format=AUDIT_FORMAT, law=law, documents=papers.documents)
    services = build(Settings(data_dir=data, database_url=""))
    try:
        return operator_files.checked(services.exports, written, papers.audit)
    finally:
        services.engine.dispose()


def _miscounted(papers: LisbonResults) -> list[str]:
    """The checker cannot know how many documents there were; the story does."""
    tree = ElementTree.parse(papers.audit)
    numbers = tree.findall(f".//{_NAMESPACE}Invoice/{_NAMESPACE}InvoiceNo")
    states = [state.text for state in tree.iter(f"{_NAMESPACE}InvoiceStatus")]
    found, told = (len(numbers), states.count("A")), (papers.documents, papers.voids)
    if found == told:
        return []
    return [f"{found[0]} documents and {found[1]} cancelled, not {told[0]} and {told[1]}"]
