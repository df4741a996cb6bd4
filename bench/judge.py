"""Looks at a database after the load, with its own SQL: is everything there that was promised?"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from itertools import pairwise
from typing import Any

import msgspec
import psycopg

from bench import kiosk
from bench.client import Ack, Sold
from bench.kiosk import Signed
from fiscus.journal.audit import verify_database
from fiscus.store.connect import connect

Row = tuple[Any, ...]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of what is wrong; `documents` and `entries` are what was looked at.

    `gaps`: numbers or sequences that are missing. `duplicates`: numbers, sequences or intentions
    taken twice. `lost`: acknowledged documents that are not there as acknowledged. `surplus`:
    documents nobody was told of. `backward`: dates that run against the numbers. `heads`: series
    or chains whose head is not their last entry. `broken`: findings of the verifier.
    """

    documents: int
    entries: int
    gaps: int
    duplicates: int
    lost: int
    surplus: int
    backward: int
    heads: int
    broken: int
    findings: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        wrongs = (
            self.gaps,
            self.duplicates,
            self.lost,
            self.surplus,
            self.backward,
            self.heads,
            self.broken,
        )
        return not any(wrongs)

    def sentence(self) -> str:
        return (
            f"documents {self.documents}, entries {self.entries}: gaps {self.gaps}, duplicates "
            f"{self.duplicates}, lost {self.lost}, surplus {self.surplus}, backward "
            f"{self.backward}, wrong heads {self.heads}, broken {self.broken}"
        )


def judge(url: str, acknowledged: Iterable[Sold], *, verify: bool = True) -> Verdict:
    """Everything at once. The load must have got an answer to each request."""
    asked = {one.record: one for one in acknowledged}
    return _judged(url, asked, ID, is_kept, verify=verify)


def judge_signed(url: str, acknowledged: Iterable[Signed]) -> Verdict:
    """The same for Germany, where an operation is known by its intention."""
    asked = {one.intent: one for one in acknowledged}
    return _judged(url, asked, INTENT, is_kept_signed, verify=True)


ID, INTENT = 0, 5
"""Columns by which a promised document is found."""


def _judged(
    url: str,
    asked: Mapping[str, Ack],
    known_by: int,
    is_kept: Callable[[Ack, Row | None], bool],
    *,
    verify: bool,
) -> Verdict:
    entries = rows(
        url,
        "SELECT id, chain, sequence, series, number, intent, body FROM entry WHERE taxpayer <> ''",
    )
    documents = [row for row in entries if row[3] is not None]
    by_series, by_register = grouped(documents, 3, 4), grouped(entries, 1, 2)
    counted = [*by_series.values(), *by_register.values()]
    intents = [row[INTENT] for row in entries if row[INTENT]]
    kept = {row[known_by]: row for row in documents}
    findings = verified(url) if verify else ()
    return Verdict(
        documents=len(documents),
        entries=len(entries),
        gaps=sum(missing(numbers) for numbers in counted),
        duplicates=sum(len(numbers) - len(set(numbers)) for numbers in (*counted, intents)),
        lost=sum(not is_kept(one, kept.get(known)) for known, one in asked.items()),
        surplus=len(kept.keys() - asked.keys()),
        backward=backward(documents),
        heads=wrong_heads(url, by_series, by_register),
        broken=len(findings),
        findings=findings[:10],
    )


def verified(url: str) -> tuple[str, ...]:
    """What the product's own verifier finds."""
    engine = connect(url)
    try:
        return tuple(finding.sentence() for finding in verify_database(engine).findings)
    finally:
        engine.dispose()


def rows(url: str, query: str) -> list[Row]:
    """The rows of a query, through the database's own driver."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
            return database.execute(query).fetchall()
    with psycopg.connect(url.replace("postgresql+psycopg:", "postgresql:")) as server:
        return list(server.execute(query.encode()).fetchall())


def grouped(entries: Iterable[Row], by: int, value: int) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for row in entries:
        found[row[by]].append(row[value])
    return found


def missing(numbers: list[int]) -> int:
    """How many of 1 to the highest are not there."""
    return max(numbers) - len(set(numbers))


def is_kept(one: Sold, row: Row | None) -> bool:
    """The document is there with the number, the code and the intention that were acknowledged."""
    if row is None:
        return False
    seal = json.loads(bytes(row[6]))["seal"]
    is_number = row[4] == one.number and seal["number"].endswith(f"{one.series}/{one.number}")
    return is_number and row[5] == one.intent and one.atcud.endswith(f"-{one.number}")


def is_kept_signed(one: Signed, row: Row | None) -> bool:
    """The operation is concluded, with the signature that was acknowledged."""
    return row is not None and kiosk.is_kept(one, json.loads(bytes(row[6]))["seal"])


def backward(documents: Iterable[Row]) -> int:
    """Documents dated before the document with the number before."""
    by_series: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for row in documents:
        seal = json.loads(bytes(row[6]))["seal"]
        by_series[row[3]].append((row[4], seal["day"], seal["entered"]))
    pairs = [pair for dated in by_series.values() for pair in pairwise(sorted(dated))]
    return sum(one[1] > two[1] or one[2] > two[2] for one, two in pairs)


def wrong_heads(
    url: str, by_series: Mapping[str, list[int]], by_register: Mapping[str, list[int]]
) -> int:
    series = rows(url, "SELECT id, number FROM series")
    chains = rows(url, "SELECT id, sequence FROM chain WHERE class = 'register'")
    last = {id_: max(numbers) for id_, numbers in {**by_series, **by_register}.items()}
    return sum(last.get(id_, 0) != number for id_, number in [*series, *chains])
