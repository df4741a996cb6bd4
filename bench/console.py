"""How long the pages of the console take over many documents: `python -m bench.console --help`.

The journal is filled by the product's own writer and then indexed, which is timed; a real server
shows the pages. For each page the seconds to its first byte are taken in turns with those of the
list of records of the Unified API, and told as the ratio of the medians: the machine's mood falls
on both sides.
"""

import argparse
import json
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

import msgspec
from sqlalchemy import func, select

from bench import loads, sales
from bench.fill import filled, housed
from bench.installation import POSTGRES, SQLITE, Installation
from bench.machine import Machine, headline, machine, table
from fiscus.app import wall_clock
from fiscus.console import document_index
from fiscus.journal import follow
from fiscus.store.connect import reading
from fiscus.store.schema import DOCUMENT_INDEX, ENTRY, TAXPAYER

DOCUMENTS = 100_000
ROUNDS = 21
RATIO_MAX = 3.0
LIST = "/records?limit=50"


class PageTime(msgspec.Struct, frozen=True, kw_only=True):
    """Of one page: medians of the milliseconds to its first byte, its own and the list's beside."""

    name: str
    milliseconds: float
    list_milliseconds: float

    @property
    def ratio(self) -> float:
        return round(self.milliseconds / self.list_milliseconds, 2)


class Result(msgspec.Struct, frozen=True, kw_only=True):
    machine: Machine
    engine: str
    documents: int
    index_seconds: float
    pages: list[PageTime]


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """A document in the middle of the index, to be looked for."""

    organization: str
    number: str
    code: str
    day: str
    gross: int
    customer: str


def main() -> None:
    wanted = _parser().parse_args()
    with filled(wanted.engine, wanted.documents, wanted.folder) as (installation, _):
        result = measured(installation, wanted.engine, wanted.rounds)
    print(markdown(result), flush=True)
    loads.written(wanted.json, result)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.console", description=__doc__)
    parser.add_argument("--documents", type=int, default=DOCUMENTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--engine", choices=[SQLITE, POSTGRES], default=SQLITE)
    parser.add_argument("--folder", type=Path, help="keep the SQLite journal here and use it again")
    parser.add_argument("--json", type=Path, help="also write everything as JSON")
    return parser


def measured(installation: Installation, engine: str, rounds: int) -> Result:
    seconds, count, sample = _indexed(installation)
    installation.serve(1)
    secret = _key(installation, sample.organization)
    browser, api = _signed_in(installation, secret), _list(installation, secret)
    pages = [_timed(name, browser, api, path, rounds) for name, path in _paths(sample).items()]
    installation.stop()
    return Result(
        machine=machine(),
        engine=engine,
        documents=count,
        index_seconds=seconds,
        pages=pages,
    )


def _indexed(installation: Installation) -> tuple[float, int, Sample]:
    """The index is made of the whole journal."""
    services = housed(installation, wall_clock)
    begun = time.process_time()
    while True:
        with reading(services.engine) as tx:
            behind = follow.behind(tx, document_index.READER, "register")
        if not behind:
            break
        for position in behind:
            document_index.read_on(services.engine, position)
    seconds = round(time.process_time() - begun, 2)
    row = DOCUMENT_INDEX.c
    with reading(services.engine) as tx:
        count = tx.execute(select(func.count()).select_from(DOCUMENT_INDEX)).scalar_one()
        assert count == tx.scalar(select(func.count()).where(ENTRY.c.kind == "document@1"))
        organization = tx.execute(select(TAXPAYER.c.organization)).scalar_one()
        columns = (row.organization, row.number, row.code, row.day, row.gross, row.customer)
        middle = select(*columns).where(row.organization == organization).order_by(row.id)
        found = tx.execute(middle.offset(count // 2).limit(1)).one()
    services.engine.dispose()
    return seconds, count, msgspec.convert(found._mapping, Sample)


def _paths(sample: Sample) -> dict[str, str]:
    """Pages by what is looked for; all days: what is not found along an index looks at all."""
    days = {"first": "2026-01-01"} if sample.day >= "2026-01-01" else {"first": sample.day}

    def documents(**said: str) -> str:
        return f"/console/documents?{urlencode(said)}"

    return {
        "the newest documents": documents(),
        "by number": documents(number=sample.number),
        "by ATCUD": documents(number=sample.code),
        "by day": documents(first=sample.day, last=sample.day),
        "by amount, 31 days": documents(amount=f"{sample.gross / 100:.2f}"),
        "by customer, 31 days": documents(customer=sample.customer),
        "by words, 31 days": documents(text="artigo 0007"),
        "by words that nothing has, 31 days": documents(text="nothing has this"),
        "cancelled ones, all days": documents(status="cancelled", **days),
        "today": "/console/today",
        "a day of before": f"/console/today?day={sample.day}",
    }


def _key(installation: Installation, organization: str) -> tuple[str, str]:
    name = f"bench-{time.time_ns()}"
    made = json.loads(
        installation.run("keys", "create", name, "--organization", organization, "--json")
    )
    return made["key"], made["secret"]


def _signed_in(installation: Installation, secret: tuple[str, str]) -> Callable[[str], float]:
    """Gives the seconds to the first byte of a page, for somebody who is signed in."""
    port = installation.ports[0]
    form = urlencode({"key": secret[0], "secret": secret[1], "csrf": ""})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer, _, _ = _asked(port, "POST", "/console/sign-in", headers, form)
    assert answer.status == 303, answer.status
    cookie = str(answer.headers["Set-Cookie"]).partition(";")[0]

    def page(path: str) -> float:
        answer, seconds, body = _asked(port, "GET", path, {"Cookie": cookie})
        assert answer.status == 200, (path, answer.status, body[:2000])
        return seconds

    return page


def _list(installation: Installation, secret: tuple[str, str]) -> Callable[[], float]:
    caller = installation.caller()
    caller.log_in(*secret)
    headers = {"X-Api-Version": sales.VERSION, "Authorization": f"Bearer {caller.bearer}"}

    def page() -> float:
        answer, seconds, body = _asked(installation.ports[0], "GET", LIST, headers)
        assert answer.status == 200, body
        return seconds

    return page


def _asked(
    port: int, method: str, path: str, headers: dict[str, str], body: str | None = None
) -> tuple[HTTPResponse, float, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.connect()
        begun = time.perf_counter()
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read(1)
        seconds = time.perf_counter() - begun
        return answer, seconds, content + answer.read()
    finally:
        connection.close()


def _timed(
    name: str,
    browser: Callable[[str], float],
    api: Callable[[], float],
    path: str,
    rounds: int,
) -> PageTime:
    browser(path), api()
    pairs = [(browser(path), api()) for _ in range(rounds)]
    return PageTime(
        name=name,
        milliseconds=round(median(pair[0] for pair in pairs) * 1000, 2),
        list_milliseconds=round(median(pair[1] for pair in pairs) * 1000, 2),
    )


def markdown(result: Result) -> str:
    rows = [[one.name, one.milliseconds, one.list_milliseconds, one.ratio] for one in result.pages]
    heads = ["Page", "First byte ms", "List API ms", "Ratio"]
    said = (
        f"{result.engine}, {result.documents:,} documents, indexed in {result.index_seconds} s of "
        f"the processor. Bar: ratio at most {RATIO_MAX:g}."
    )
    return f"{headline(result.machine)}\n\n{said}\n\n{table(heads, rows)}"


if __name__ == "__main__":
    main()
