"""Seconds and memory of a SAF-T (PT) of many invoices: `python -m bench.saft --help`.

The yardstick is what `json.loads` of the same entries' bodies costs on one core: whoever writes
the file must at least read them.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from bench.fill import Filled, arguments, filled
from bench.installation import Installation
from bench.judge import rows
from bench.machine import Ended, Machine, cost, headline, machine, table


class Result(msgspec.Struct, frozen=True, kw_only=True):
    machine: Machine
    engine: str
    invoices: int
    bytes: int
    export: Ended
    json_seconds: float
    ratio: float


def main() -> None:
    wanted = arguments("bench.saft", __doc__).parse_args()
    with filled(wanted.engine, wanted.invoices, wanted.folder) as (installation, made):
        result = measured(installation, made, wanted.engine)
    print(markdown(result))
    if wanted.json:
        wanted.json.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=1))


def measured(installation: Installation, made: Filled, engine: str) -> Result:
    """The yardstick before and after the export."""
    before = json_seconds(installation)
    out = installation.folder / "saft.xml"
    command = [
        *installation.source.command,
        "export",
        "saft",
        "--no-check",
        "--out",
        str(out),
        "--from",
        made.first.isoformat(),
        "--to",
        made.last.isoformat(),
    ]
    export = cost(command, installation.environment())
    after = json_seconds(installation)
    invoices = counted(out)
    assert invoices == made.invoices, invoices
    yardstick = (before + after) / 2
    return Result(
        machine=machine(),
        engine=engine,
        invoices=invoices,
        bytes=out.stat().st_size,
        export=export,
        json_seconds=round(yardstick, 2),
        ratio=round(export.seconds / yardstick, 2),
    )


def json_seconds(
    installation: Installation,
    where: str = "series IS NOT NULL",
    timer: Callable[[], float] = time.perf_counter,
) -> float:
    """Parsing the bodies of all documents, reading them from the database apart."""
    found = rows(installation.database, f"SELECT body FROM entry WHERE {where}")
    bodies = [bytes(body) for (body,) in found]
    begun = timer()
    for body in bodies:
        json.loads(body)
    return timer() - begun


def counted(out: Path) -> int:
    """How many invoices are in the file, read line by line or in pieces."""
    count, rest = 0, b""
    with out.open("rb") as file:
        while chunk := file.read(1 << 20):
            found = rest + chunk
            count += found.count(b"<Invoice>")
            rest = found[-len(b"<Invoice") :]
    return count


def markdown(result: Result) -> str:
    heads = [
        "Database",
        "Invoices",
        "File MB",
        "Seconds",
        "Peak memory MiB",
        "json.loads s",
        "Ratio",
    ]
    row = [
        result.engine,
        f"{result.invoices:,}",
        round(result.bytes / 1e6, 1),
        result.export.seconds,
        result.export.peak_mib,
        result.json_seconds,
        result.ratio,
    ]
    return f"{headline(result.machine)}\n\n{table(heads, [row])}"


if __name__ == "__main__":
    main()
