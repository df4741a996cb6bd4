"""Has the kiosk's papers proved: by both checkers, by each receipt's QR code, and by counting."""

import csv
import io
import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path

from fiscus.demo import service
from fiscus.demo.berlin import sums
from fiscus.demo.berlin.day import BerlinResults
from fiscus.demo.berlin.till import TillStep
from fiscus.demo.client import Json
from fiscus.demo.proof import ProofResult, of_faults
from fiscus.signers.tse.log import qr

CHECKS = {"dsfinvk": "DSFinV-K", "tse": "TSE log"}
"""What `fiscus check` calls the files, and what people do."""


def prove(data: Path, papers: BerlinResults) -> tuple[ProofResult, ...]:
    """Everything that can be said about the day without the service. What the checkers print is
    kept beside the files, as `dsfinvk.check.txt` and `tse.check.txt`."""
    counted = sums.summary(papers.steps)
    signed = [step for step in papers.steps if step.is_signed]
    return (
        *_checked(data, {"dsfinvk": papers.dsfinvk, "tse": papers.tse}),
        of_faults(
            "Berlin, sums",
            sums.compared(papers.closing["summary"], counted),
            f"{len(papers.steps)} operations add up to what Z 1 says",
        ),
        of_faults("Berlin, DSFinV-K and till", archived(papers), "both tell of the same day"),
        of_faults(
            "Berlin, TSE log and till", logged(papers), "the log has every signature we were given"
        ),
        of_faults(
            "Berlin, QR codes", scanned(signed), f"{len(signed)} signatures verify by their QR code"
        ),
    )


def _checked(data: Path, files: Mapping[str, Path]) -> Iterator[ProofResult]:
    for kind, (is_good, printed) in service.checked(data, files).items():
        files[kind].with_suffix(".check.txt").write_text(f"{printed}\n")
        faults = () if is_good else printed.splitlines() or ["the checker did not say why"]
        yield of_faults(f"Berlin, {CHECKS[kind]}", faults, f"fiscus check {kind} found no fault")


def archived(papers: BerlinResults) -> Iterator[str]:
    """The checker cannot know what happened; the till does."""
    with tarfile.open(papers.dsfinvk) as archive:
        operations = table(archive, "transactions.csv")
        cash = table(archive, "cash_per_currency.csv")
    found = Counter(row["BON_TYP"] for row in operations)
    completed = sum(step.is_completed for step in papers.steps)
    aborted = len(papers.steps) - completed
    told = Counter({"Beleg": completed, "AVBelegabbruch": aborted, "AVSonstige": 1})
    if found != told:
        yield f"the archive holds {dict(found)}, not {dict(told)}"
    drawers = [Decimal(row["ZAHLART_BETRAG_WAEH"].replace(",", ".")) for row in cash]
    if drawers != [sums.drawer(papers.steps)]:
        yield f"the archive has {drawers} in cash, not {sums.drawer(papers.steps)}"


def table(archive: tarfile.TarFile, name: str) -> list[Json]:
    file = archive.extractfile(name)
    assert file is not None, "a table is a file"
    return list(csv.DictReader(io.TextIOWrapper(file, "utf-8-sig"), delimiter=";"))


def logged(papers: BerlinResults) -> Iterator[str]:
    """The device's own log names every signature that the till was told of."""
    with tarfile.open(papers.tse) as archive:
        names = archive.getnames()
    counters = {step.counter: step.title for step in papers.steps if step.is_signed}
    counters[papers.closing["fiscal"]["transaction_counter"]] = "the closing"
    for counter, title in counters.items():
        if not any(f"_Sig-{counter}_" in name for name in names):
            yield f"signature {counter} ({title}) is not in the log"


def scanned(signed: Iterable[TillStep]) -> Iterator[str]:
    """What an auditor's phone does: the text of the QR code alone proves the signature."""
    for step in signed:
        if not qr.verifies(qr.parse(step.fiscal["verification"]["qr_data"])):
            yield f"the QR code of {step.title} does not verify"
