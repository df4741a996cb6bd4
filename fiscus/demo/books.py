"""The month goes to the accountant: charts, a proof that nothing is missing, and the files that the
accounting programs import."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from rich.console import Console

from fiscus.app import wall_clock
from fiscus.demo.proof import ProofResult, of_faults
from fiscus.demo.service import checked, commanded
from fiscus.model.times import day

_COMPLETE = re.compile(r"^Complete: .*$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Handover:
    """What one shop's accountant wants: by the shop's tax number and time zone, the chart, the
    format with its settings, and a name for the file under which the program finds it."""

    shop: str
    tax_number: str
    timezone: str
    chart: str
    format: str
    file: str
    settings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class HandedOver:
    """A file for an accounting program, and the report that nothing is missing in it."""

    handover: Handover
    file: Path
    report: Path


def hand_over(
    data: Path, folder: Path, handovers: tuple[Handover, ...], begun: datetime, console: Console
) -> tuple[HandedOver, ...]:
    """Begin the books of each shop and hand its month over, as an operator does it. `begun` is when
    the days began (UTC): at the end of a month they may have gone on into the next."""
    console.print("\n[bold]The month goes to the accountants[/bold]")
    return tuple(_handed(data, folder, one, begun, console) for one in handovers)


def _handed(
    data: Path, folder: Path, handover: Handover, begun: datetime, console: Console
) -> HandedOver:
    owner = ("--taxpayer", handover.tax_number)
    first, _ = month_of(day(begun, handover.timezone))
    _, last = month_of(day(wall_clock(), handover.timezone))
    month = ("--from", first.isoformat(), "--to", last.isoformat())
    name = handover.shop.lower()
    report, file = folder / f"{name}-completeness.txt", folder / handover.file
    commanded(data, "books", "begin", handover.chart, *owner)
    if handover.settings:
        commanded(data, "books", "set", handover.format, *handover.settings, *owner)
    said = commanded(data, "books", "report", *month, *owner)
    report.write_text(said)
    commanded(data, "books", "export", handover.format, "--out", str(file), *month, *owner)
    console.print(f"  {handover.shop}: {handover.chart}, {handover.format}", soft_wrap=True)
    for line in said.splitlines():
        console.print(f"    {line.strip()}", soft_wrap=True)
    return HandedOver(handover=handover, file=file, report=report)


def month_of(one: date) -> tuple[date, date]:
    """Its first and last day."""
    first = one.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def prove(data: Path, handed: tuple[HandedOver, ...]) -> tuple[ProofResult, ...]:
    """The report of each shop says that nothing is missing, and its file has no fault."""
    return tuple(result for one in handed for result in _proved(data, one))


def _proved(data: Path, one: HandedOver) -> tuple[ProofResult, ProofResult]:
    shop, format_ = one.handover.shop, one.handover.format
    said = one.report.read_text()
    faults = [] if _COMPLETE.search(said) else [said]
    is_good, words = checked(data, {format_: one.file})[format_]
    return (
        of_faults(f"{shop}, books", faults, "the books hold what the journal holds"),
        of_faults(
            f"{shop}, file for the accountant",
            [] if is_good else [words],
            f"fiscus check {format_} found no fault",
        ),
    )
