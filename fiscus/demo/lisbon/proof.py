"""Has the café's papers proved: the audit file by its checker, the package by the verifier."""

from pathlib import Path
from xml.etree import ElementTree

from fiscus.app import build
from fiscus.demo.lisbon.day import Papers
from fiscus.demo.proof import Finding, of_faults, of_report
from fiscus.exports import shelf
from fiscus.exports.shelf import Written
from fiscus.formats import find
from fiscus.journal.verify import verify_file
from fiscus.model.faults import Fault
from fiscus.settings import Settings

AUDIT_FORMAT = "saft-pt"

_NAMESPACE = "{urn:OECD:StandardAuditFile-Tax:PT_1.04_01}"


def prove(data: Path, papers: Papers) -> tuple[Finding, ...]:
    """The audit file and the package; the service is not needed any more."""
    faults = [fault.sentence() for fault in _faults(data, papers)]
    faults += _miscounted(papers)
    good = f"{papers.documents} documents, no fault"
    return (
        of_faults("Lisbon, audit file", faults, good),
        of_report("Lisbon, journal package", verify_file(papers.package)),
    )


def _faults(data: Path, papers: Papers) -> tuple[Fault, ...]:
    """What the format's own checker finds, each signature verified with the law's public key."""
    written = Written(format=find(AUDIT_FORMAT).code, documents=papers.documents)
    house = build(Settings(data_dir=data, database_url=""))
    try:
        return shelf.checked(house.exports, written, papers.audit)
    finally:
        house.engine.dispose()


def _miscounted(papers: Papers) -> list[str]:
    """The checker cannot know how many documents there were; the story does."""
    tree = ElementTree.parse(papers.audit)
    numbers = tree.findall(f".//{_NAMESPACE}Invoice/{_NAMESPACE}InvoiceNo")
    states = [state.text for state in tree.iter(f"{_NAMESPACE}InvoiceStatus")]
    found, told = (len(numbers), states.count("A")), (papers.documents, papers.voids)
    if found == told:
        return []
    return [f"{found[0]} documents and {found[1]} cancelled, not {told[0]} and {told[1]}"]
