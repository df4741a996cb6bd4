"""What was proved by those who did not write it, one finding for each thing that was looked at."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fiscus.demo.client import Json, ServiceConnection, UnexpectedAnswer
from fiscus.journal.verify import VerifyReport, load_outside, sentences, verify_file


@dataclass(frozen=True, kw_only=True)
class ProofResult:
    """What was looked at, whether it is as it should be, and why; `report` is for programs."""

    name: str
    is_good: bool
    sentences: tuple[str, ...]
    report: Json


def of_faults(name: str, faults: Iterable[str], good: str) -> ProofResult:
    """Good, in these words, if there are no faults."""
    found = tuple(faults)
    return ProofResult(
        name=name,
        is_good=not found,
        sentences=found or (f"Good: {good}.",),
        report={"is_good": not found, "faults": list(found)},
    )


def of_report(name: str, report: VerifyReport) -> ProofResult:
    return ProofResult(
        name=name,
        is_good=report.is_good,
        sentences=tuple(sentences(report)),
        report=report.as_dict(),
    )


def keep_checkpoint(line: ServiceConnection, to: Path) -> None:
    """A witness against a cut-off tail, as an operator would keep it somewhere else."""
    status, note = line.fetch("/checkpoint")
    if status != 200:
        raise UnexpectedAnswer(f"GET /checkpoint answered {status}: {note}")
    to.write_text(note)


def database(data: Path, checkpoint: Path) -> ProofResult:
    """The whole journal of all stories, read again; the service is not needed any more."""
    return of_report(
        "journal", verify_file(data / "fiscus.db", outside=load_outside(against=checkpoint))
    )


def expect_good(findings: Iterable[ProofResult], report: Path) -> None:
    """Raises `UnexpectedAnswer`, naming what is not proved and where the reasons stand."""
    if bad := [one.name for one in findings if not one.is_good]:
        raise UnexpectedAnswer(f"not proved: {'; '.join(bad)}; see {report}")


def text(findings: Iterable[ProofResult]) -> str:
    return "\n\n".join("\n".join((one.name.upper(), *one.sentences)) for one in findings) + "\n"


def as_json(findings: Iterable[ProofResult]) -> str:
    whole = {one.name: one.report for one in findings}
    return json.dumps(whole, indent=1, default=str) + "\n"
