"""Entries per second of the verifier: `python -m bench.verify --help`."""

import msgspec

from bench.fill import Filled, arguments, filled
from bench.installation import FISCUS, Installation
from bench.judge import rows
from bench.machine import Ended, Machine, cost, headline, machine, table


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """`bytes` are those of the bodies."""

    machine: Machine
    engine: str
    entries: int
    bytes: int
    verify: Ended
    per_second: float


def main() -> None:
    wanted = arguments("bench.verify", __doc__).parse_args()
    with filled(wanted.engine, wanted.invoices, wanted.folder) as (installation, made):
        result = measured(installation, made, wanted.engine)
    print(markdown(result))
    if wanted.json:
        wanted.json.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=1))


def measured(installation: Installation, made: Filled, engine: str) -> Result:
    query = "SELECT count(*), sum(length(body)) FROM entry"
    entries, size = rows(installation.database, query)[0]
    assert entries == 2 * made.invoices
    ended = cost([*FISCUS, "verify"], installation.environment())
    return Result(
        machine=machine(), engine=engine, entries=entries, bytes=int(size), verify=ended,
        per_second=round(entries / ended.seconds),
    )  # fmt: skip


def markdown(result: Result) -> str:
    heads = ["Database", "Entries", "Bodies MB", "Seconds", "Processor s", "Entries/s",
             "Peak memory MiB"]  # fmt: skip
    row = [
        result.engine, f"{result.entries:,}", round(result.bytes / 1e6, 1), result.verify.seconds,
        result.verify.processor_seconds, f"{result.per_second:,}", result.verify.peak_mib,
    ]  # fmt: skip
    return f"{headline(result.machine)}\n\n{table(heads, [row])}"


if __name__ == "__main__":
    main()
