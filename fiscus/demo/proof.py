"""Has everything proved by those who did not write it: the checker and the verifier."""

import json
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from fiscus.app import build
from fiscus.demo.client import Client
from fiscus.exports import shelf
from fiscus.exports.shelf import Written
from fiscus.formats import find
from fiscus.journal.verify import Report, sentences, verify_file
from fiscus.model.faults import Fault
from fiscus.settings import Settings

AUDIT_FORMAT = "saft-pt"

_NAMESPACE = "{urn:OECD:StandardAuditFile-Tax:PT_1.04_01}"


@dataclass(frozen=True, kw_only=True)
class Proved:
    """The outcome: one line each for the screen, and both reports."""

    is_good: bool
    lines: tuple[tuple[str, bool, str], ...]
    text: str
    json: str


def keep_checkpoint(client: Client, to: Path) -> None:
    """A witness against a cut-off tail, as an operator would keep it somewhere else."""
    to.write_text(json.dumps(client.content("GET", "/checkpoint"), indent=1) + "\n")


def prove(data: Path, *, audit: Path, package: Path, documents: int, voids: int) -> Proved:
    """Check the audit file, the package and the database; the service is not needed any more."""
    faults = [fault.sentence() for fault in _faults(data, audit, documents)]
    faults += _miscounted(audit, documents, voids)
    witness = package.with_name("checkpoint.json")
    reports = {
        "journal package": verify_file(package),
        "database": verify_file(data / "fiscus.db", checkpoint=witness),
    }
    lines = [
        ("audit file", not faults, faults[0] if faults else f"{documents} documents, no fault")
    ]
    lines += [(name, report.is_good, sentences(report)[0]) for name, report in reports.items()]
    return Proved(
        is_good=all(is_good for _, is_good, _ in lines),
        lines=tuple(lines),
        text=_text(audit, faults, reports),
        json=_json(audit, faults, reports),
    )


def _faults(data: Path, audit: Path, documents: int) -> tuple[Fault, ...]:
    """What the format's own checker finds, each signature verified with the law's public key."""
    form = find(AUDIT_FORMAT)
    house = build(Settings(data_dir=data, database_url=""))
    try:
        return shelf.checked(house.exports, Written(format=form.code, documents=documents), audit)
    finally:
        house.engine.dispose()


def _miscounted(audit: Path, documents: int, voids: int) -> list[str]:
    """The checker cannot know how many documents there were; the story does."""
    tree = ElementTree.parse(audit)
    numbers = tree.findall(f".//{_NAMESPACE}Invoice/{_NAMESPACE}InvoiceNo")
    states = [state.text for state in tree.iter(f"{_NAMESPACE}InvoiceStatus")]
    found = (len(numbers), states.count("A"))
    if found == (documents, voids):
        return []
    return [f"{found[0]} documents and {found[1]} cancelled, not {documents} and {voids}"]


def _text(audit: Path, faults: list[str], reports: dict[str, Report]) -> str:
    parts = [f"AUDIT FILE {audit.name}", *(faults or ["Good: the checker found nothing wrong."])]
    for name, report in reports.items():
        parts += ["", name.upper(), *sentences(report)]
    return "\n".join(parts) + "\n"


def _json(audit: Path, faults: list[str], reports: dict[str, Report]) -> str:
    whole = {
        "audit file": {"is_good": not faults, "name": audit.name, "faults": faults},
        **{name: report.as_dict() for name, report in reports.items()},
    }
    return json.dumps(whole, indent=1, default=str) + "\n"
