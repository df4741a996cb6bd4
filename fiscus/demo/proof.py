"""What was proved by those who did not write it, one finding for each thing that was looked at."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fiscus.demo.client import Json, Line, Unexpected
from fiscus.journal.verify import Report, sentences, verify_file


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was looked at, whether it is as it should be, and why; `report` is for programs."""

    name: str
    is_good: bool
    sentences: tuple[str, ...]
    report: Json


def of_faults(name: str, faults: Iterable[str], good: str) -> Finding:
    """Good, in these words, if there are no faults."""
    found = tuple(faults)
    return Finding(
        name=name,
        is_good=not found,
        sentences=found or (f"Good: {good}.",),
        report={"is_good": not found, "faults": list(found)},
    )


def of_report(name: str, report: Report) -> Finding:
    return Finding(
        name=name,
        is_good=report.is_good,
        sentences=tuple(sentences(report)),
        report=report.as_dict(),
    )


def keep_checkpoint(line: Line, to: Path) -> None:
    """A witness against a cut-off tail, as an operator would keep it somewhere else."""
    status, checkpoint = line.ask("GET", "/checkpoint")
    if status != 200:
        raise Unexpected(f"GET /checkpoint answered {status}: {checkpoint}")
    to.write_text(json.dumps(checkpoint, indent=1) + "\n")


def database(data: Path, checkpoint: Path) -> Finding:
    """The whole journal of all stories, read again; the service is not needed any more."""
    return of_report("journal", verify_file(data / "fiscus.db", checkpoint=checkpoint))


def expect_good(findings: Iterable[Finding], report: Path) -> None:
    """Raises `Unexpected`, naming what is not proved and where the reasons stand."""
    if bad := [one.name for one in findings if not one.is_good]:
        raise Unexpected(f"not proved: {'; '.join(bad)}; see {report}")


def text(findings: Iterable[Finding]) -> str:
    return "\n\n".join("\n".join((one.name.upper(), *one.sentences)) for one in findings) + "\n"


def as_json(findings: Iterable[Finding]) -> str:
    whole = {one.name: one.report for one in findings}
    return json.dumps(whole, indent=1, default=str) + "\n"
