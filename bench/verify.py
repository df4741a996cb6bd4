"""Entries per second of the verifier: `python -m bench.verify --help`.

The journal has entries of every kind, linked and signed with real keys by a writer that shares
nothing with the product's (that of the verifier's own tests), and one checkpoint over all of them.
It is made once and kept for the next run.
"""

import argparse
import os
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import msgspec

from bench.loads import written
from bench.machine import Ended, Machine, cost, headline, machine, table
from fiscus.journal.tests.small_shop import a_journal
from fiscus.journal.verify import verify_sqlite

ENTRIES = 1_000_000
WORKERS = (1, 2)
FORMAT = 2


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """One verification: with so many processes, what it cost, and entries per second."""

    workers: int
    cost: Ended
    per_second: float


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """`bytes` are those of the database, `load` is what else the machine did before: processes
    that were ready to run, on average of a minute."""

    machine: Machine
    entries: int
    bytes: int
    load: float
    runs: list[Verified]


def kept(folder: Path, entries: int) -> Path:
    """A journal with about so many entries: the one of before, if there is one."""
    file = folder / f"journal-{FORMAT}-{entries}.db"
    if not file.exists():
        begun = time.perf_counter()
        folder.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(".draft")
        draft.unlink(missing_ok=True)
        a_journal(entries, checkpoints=1).write(draft).rename(file)
        print(f"{file} written in {time.perf_counter() - begun:.0f} s", file=sys.stderr)
    return file


def verified(file: Path, workers: int) -> None:
    """Verify it, in this process and its helpers. Exits with 1 if it is not good: then remove the
    file, another version has written it."""
    report = verify_sqlite(file, workers=workers)
    if not report.is_good:
        sys.exit(f"{file} is not good: {report.findings[0].text}; remove it")


def measured(file: Path, workers: tuple[int, ...]) -> Result:
    load = round(os.getloadavg()[0], 1)
    entries = counted(file)
    runs = []
    for count in workers:
        command = [
            sys.executable,
            "-m",
            "bench.verify",
            "--judge",
            str(file),
            "--workers",
            f"{count}",
        ]
        spent = cost(command, os.environ)
        runs.append(Verified(workers=count, cost=spent, per_second=round(entries / spent.seconds)))
    return Result(
        machine=machine(), entries=entries, bytes=file.stat().st_size, load=load, runs=runs
    )


def counted(file: Path) -> int:
    with closing(sqlite3.connect(file)) as database:
        found: int = database.execute("SELECT count(*) FROM entry").fetchone()[0]
    return found


def markdown(result: Result) -> str:
    heads = ["Entries", "MB", "Workers", "Seconds", "Processor s", "Entries/s", "Peak memory MiB"]
    rows = [
        (
            f"{result.entries:,}",
            round(result.bytes / 1e6),
            one.workers,
            one.cost.seconds,
            one.cost.processor_seconds,
            f"{one.per_second:,.0f}",
            one.cost.peak_mib,
        )
        for one in result.runs
    ]
    said = f"load before: {result.load}"
    return f"{headline(result.machine)}; {said}\n\n{table(heads, rows)}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.verify", description=__doc__)
    parser.add_argument("--entries", type=int, default=ENTRIES)
    parser.add_argument("--workers", type=int, nargs="+", default=WORKERS)
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path(tempfile.gettempdir(), "fiscus-bench"),
        help="where the journal is kept for the next run",
    )
    parser.add_argument("--json", type=Path, help="also write everything as JSON")
    parser.add_argument("--judge", type=Path, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.judge:
        verified(wanted.judge, wanted.workers[0])
        return
    result = measured(kept(wanted.folder, wanted.entries), tuple(wanted.workers))
    print(markdown(result))
    written(wanted.json, result)


if __name__ == "__main__":
    main()
