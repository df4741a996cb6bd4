"""Compares what the journal holds with what the authority knows, by SQL of its own: is each
document there once, as it was sealed, in its order, and cancelled if it was?"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from bench.authority import FarAuthority
from bench.judge import rows

Json = dict[str, Any]
Key = tuple[str, str]
"""Tax number of the issuer and number of the document."""

LISBON = ZoneInfo("Europe/Lisbon")

_SINGLE = (
    "InvoiceNo",
    "ATCUD",
    "InvoiceDate",
    "InvoiceType",
    "CustomerTaxID",
    "CustomerTaxIDCountry",
    "HashCharacters",
    "SystemEntryDate",
)


class ToldVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of what is wrong; `documents` and `cancelled` are what was looked at.

    `lost`: sealed, and not at the authority. `unknown`: at the authority, and not sealed, or
    deleted there. `duplicates`: there more than once, or two with one place in a series.
    `otherwise`: there with other values. `statuses`: cancelled on one side only. `disorder`: told
    after one with a higher number of its series, though it was never refused. `open`: reports that
    are not accepted. `examples` are some of what is wrong.
    """

    documents: int
    cancelled: int
    lost: int
    unknown: int
    duplicates: int
    otherwise: int
    statuses: int
    disorder: int
    open: int
    examples: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        wrongs = (self.lost, self.unknown, self.duplicates, self.otherwise, self.statuses)
        return not any((*wrongs, self.disorder, self.open))

    def sentence(self) -> str:
        return (
            f"documents {self.documents}, {self.cancelled} of them cancelled: duplicates "
            f"{self.duplicates}, lost {self.lost}, unknown {self.unknown}, otherwise "
            f"{self.otherwise}, wrong status {self.statuses}, out of order {self.disorder}, "
            f"not accepted {self.open}"
        )


class JournaledDocuments:
    """What was sealed, by key, and what happened to it since."""

    def __init__(self, url: str, tax_numbers: Mapping[str, str]) -> None:
        self.seals: dict[Key, Json] = {}
        self.places: dict[Key, tuple[str, int]] = {}
        by_id: dict[str, Key] = {}
        found = "SELECT id, taxpayer, series, number, body FROM entry WHERE series IS NOT NULL"
        for id_, taxpayer, series, number, body in rows(url, found):
            seal = json.loads(bytes(body))["seal"]
            key = (tax_numbers[taxpayer], seal["number"])
            self.seals[key], self.places[key], by_id[id_] = seal, (series, number), key
        voids = _bodies(url, "void@1")
        reports = [body["report"] for body in _bodies(url, "report@1")]
        self.cancelled = {by_id[one["refers"]] for one in voids}
        self.refused = {by_id[one["record"]] for one in reports if one["outcome"] == "refused"}


def compared(url: str, far: FarAuthority, tax_numbers: Mapping[str, str]) -> ToldVerdict:
    """Everything at once; `tax_numbers` are those of the taxpayers, by their ids."""
    ours = JournaledDocuments(url, tax_numbers)
    query = "SELECT taxpayer, number, atcud, status, standing, content FROM documents ORDER BY id"
    told = far.rows(query)
    keys = [(row[0], row[1]) for row in told]
    there = dict(zip(keys, told, strict=True))
    known = [key for key in there if key in ours.seals]
    otherwise = [key for key in known if _said(there[key][5]) != _sealed(ours.seals[key])]
    statuses = [key for key in known if (there[key][3] == "A") != (key in ours.cancelled)]
    lost, strange = ours.seals.keys() - there.keys(), there.keys() - ours.seals.keys()
    disorder = list(_disorder(known, ours))
    unaccepted = rows(
        url, "SELECT kind, state, code, answer, attempts FROM obligation WHERE state <> 'accepted'"
    )
    wrong = (otherwise, statuses, sorted(lost), sorted(strange), disorder, unaccepted)
    return ToldVerdict(
        documents=len(ours.seals),
        cancelled=len(ours.cancelled),
        lost=len(lost),
        unknown=len(strange) + sum(row[4] != "registered" for row in told),
        duplicates=_more(keys) + _more(row[2] for row in told),
        otherwise=len(otherwise),
        statuses=len(statuses),
        disorder=len(disorder),
        open=len(unaccepted),
        examples=tuple(str(one) for some in wrong for one in some[:3]),
    )


def _bodies(url: str, kind: str) -> list[Json]:
    found = rows(url, f"SELECT body FROM entry WHERE kind = '{kind}'")  # noqa: S608 - our own word
    return [json.loads(bytes(body)) for (body,) in found]


def _more(values: Iterable[object]) -> int:
    return sum(count - 1 for count in Counter(values).values())


def _disorder(known: Iterable[Key], ours: JournaledDocuments) -> Iterator[Key]:
    """What was refused once is told when a person has mended it; all else in its order."""
    reached: dict[str, int] = defaultdict(int)
    for key in known:
        series, number = ours.places[key]
        if key in ours.refused:
            continue
        if number < reached[series]:
            yield key
        reached[series] = max(reached[series], number)


def _sealed(seal: Json) -> Json:
    """What must have been told of a sealed document."""
    entered = datetime.fromisoformat(seal["entered"]).astimezone(LISBON)
    original = seal["facts"].get("original_number")
    sums: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for line in seal["lines"]:
        side = "D" if line.get("is_debit") else "C"
        rate = f"{Decimal(line['percentage']):.2f}"
        tax = (line["tax_type"], line["region"], line["tax_code"], rate)
        sums[side, *tax, original or ""] += Decimal(line["net"])
    return {
        "InvoiceNo": seal["number"],
        "ATCUD": seal["code"],
        "InvoiceDate": seal["day"],
        "InvoiceType": seal["document_type"],
        "CustomerTaxID": seal["facts"]["buyer_tax_number"],
        "CustomerTaxIDCountry": seal["facts"]["buyer_country"],
        "HashCharacters": seal["excerpt"],
        "SystemEntryDate": entered.strftime("%Y-%m-%dT%H:%M:%S"),
        "totals": [Decimal(seal[name]) for name in ("net", "vat", "gross")],
        "lines": dict(sums),
    }


def _said(content: str) -> Json:
    """The same of what the authority was told."""
    told = json.loads(content)
    [totals] = told["DocumentTotals"]
    sums: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for line in told["LineSummary"]:
        [tax] = line["Tax"]
        named = ("TaxType", "TaxCountryRegion", "TaxCode", "TaxPercentage")
        [reference] = line.get("Reference", [""])
        [side] = line["DebitCreditIndicator"]
        sums[side, *(tax[name][0] for name in named), reference] += Decimal(line["Amount"][0])
    return {
        **{name: told[name][0] for name in _SINGLE},
        "totals": [Decimal(totals[name][0]) for name in ("NetTotal", "TaxPayable", "GrossTotal")],
        "lines": dict(sums),
    }
