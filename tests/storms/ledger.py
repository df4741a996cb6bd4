"""Reads the journal with SQL and JSON of its own, and adds up again what its closings say.

Nothing of the product reads or counts here: what both got wrong in the same way would else agree.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from bench.judge import rows

ZERO = Decimal(0)
SEALED = ("document@1", "void@1", "abort@1")
DRAWER = ("opening", "movement", "count")

Json = dict[str, Any]
Sums = dict[tuple[str, ...], Decimal]
"""Totals by what they are of: ("documents",), ("tax", key, rate, "net") and so on; no zeros."""

AMOUNTS = ("case", "tax", "payment")
"""Sums that a cancellation takes back wherever it stands; groups of documents it may move."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    register: str
    sequence: int
    kind: str
    body: Json


def journal(url: str) -> dict[str, list[Entry]]:
    """All entries by register, in their order. The columns must say what the stored bytes say."""
    found: dict[str, list[Entry]] = defaultdict(list)
    query = (
        "SELECT id, chain, sequence, kind, body FROM entry WHERE taxpayer <> '' "
        "ORDER BY chain, sequence"
    )
    for id_, register, sequence, kind, stored in rows(url, query):
        body = json.loads(bytes(stored))
        assert (body["id"], body["chain"], body["sequence"]) == (id_, register, sequence)
        found[register].append(
            Entry(id=id_, register=register, sequence=sequence, kind=kind, body=body)
        )
    return found


def closings(entries: Iterable[Entry], *, sealed: bool) -> list[Json]:
    """What the closings of a register say, in the order of the journal."""
    said = (entry.body["closing"] for entry in entries if entry.kind == "closing@1")
    return [one for one in said if one["is_sealed"] is sealed]


def covered(entries: Iterable[Entry], closing: Json) -> list[Entry]:
    first, last = closing["first_sequence"], closing["last_sequence"]
    return [one for one in entries if one.kind in SEALED and first <= one.sequence <= last]


def wrongs(entries: Sequence[Entry]) -> Iterator[str]:
    """What is wrong with the closings of one register."""
    z = closings(entries, sealed=True)
    numbers = [one["number"] for one in z]
    if numbers != list(range(1, len(z) + 1)):
        yield f"Z numbers {numbers}"
    yield from _coverage(entries, z)
    originals = {one.id: one for one in entries}
    for one in z:
        yield from _sealed(one, covered(entries, one), originals)
    yield from _sum_of_all(entries, z)
    yield from _reports(entries)


def _coverage(entries: Sequence[Entry], z: Sequence[Json]) -> Iterator[str]:
    """Each document in exactly one closing, or behind the last of them."""
    spans = [(one["first_sequence"], one["last_sequence"]) for one in z]
    end = max((last for _, last in spans), default=0)
    for one in entries:
        if one.kind in SEALED:
            times = sum(first <= one.sequence <= last for first, last in spans)
            if times != (one.sequence <= end):
                yield f"document {one.sequence} is in {times} closings"
    made = [one for one in entries if one.kind == "closing@1" and one.body["closing"]["is_sealed"]]
    for entry, (_, last) in zip(made, spans, strict=True):
        between = [x for x in entries if last < x.sequence < entry.sequence and x.kind in SEALED]
        if last >= entry.sequence or between:
            yield f"closing {entry.sequence} ends at {last}, before documents it should cover"


def _sealed(closing: Json, documents: Sequence[Entry], by_id: Mapping[str, Entry]) -> Iterator[str]:
    told, found = of_closing(closing), added(documents, by_id, closing["first_sequence"])
    if told != found:
        yield f"Z {closing['number']} says {_apart(told, found)} otherwise than its documents"
    ends = (closing.get("first_receipt", ""), closing.get("last_receipt", ""))
    bounds = (documents[0], documents[-1]) if documents else ()
    if ends != (tuple(one.body["intent"] for one in bounds) or ("", "")):
        yield f"Z {closing['number']} names {ends} as its first and last document"


def _sum_of_all(entries: Sequence[Entry], z: Sequence[Json]) -> Iterator[str]:
    """Sum of closings = sum of documents, cancelled ones left out, counted without the closings."""
    end = max((one["last_sequence"] for one in z), default=0)
    closed = [one for one in entries if one.kind in SEALED and one.sequence <= end]
    cancelled = {one.body["refers"] for one in closed if one.kind == "void@1"}
    standing = [one for one in closed if one.kind == "document@1" and one.id not in cancelled]
    told = total(map(of_closing, z), AMOUNTS)
    found = total((of_document(one.body) for one in standing), AMOUNTS)
    if told != found:
        yield f"all closings together say {_apart(told, found)} otherwise than all documents"


def _reports(entries: Sequence[Entry]) -> Iterator[str]:
    """Each report goes on where the closing of its type before it ended, and is the sum of the
    closings it names."""
    z = closings(entries, sealed=True)
    reached: dict[str, int] = defaultdict(int)
    numbers: dict[str, list[int]] = defaultdict(list)
    for entry in entries:
        one = entry.body.get("closing")
        if one is None:
            continue
        if not one["is_sealed"]:
            name = f"report {one['type']} {one['number']}"
            numbers[one["type"]].append(one["number"])
            if one["first_z"] != reached[one["type"]] + 1:
                yield f"{name} begins at Z {one['first_z']} after {reached[one['type']]}"
            found = total(map(of_closing, z[one["first_z"] - 1 : one["last_z"]]))
            if of_closing(one) != found:
                yield f"{name} says {_apart(of_closing(one), found)} otherwise than its closings"
        reached[one["type"]] = one["last_z"]
    for type_, given in numbers.items():
        if given != list(range(1, len(given) + 1)):
            yield f"reports {type_} are numbered {given}"


def added(documents: Iterable[Entry], by_id: Mapping[str, Entry], first: int) -> Sums:
    """A period that begins with the sequence `first`: what is cancelled within it is taken out,
    what was counted before comes as its opposite."""
    sums: Sums = defaultdict(Decimal)
    for one in documents:
        sums["documents",] += 1
        if one.kind == "document@1":
            _add(sums, of_document(one.body))
            continue
        sums["voids",] += 1
        if one.kind == "void@1":
            original = by_id[one.body["refers"]]
            is_here = original.sequence >= first
            _add(sums, of_document(original.body, is_taken_out=is_here, is_opposite=not is_here))
    return _whole(sums)


def of_document(body: Json, *, is_taken_out: bool = False, is_opposite: bool = False) -> Sums:
    """What one document adds; negative if it is taken out or comes as its opposite."""
    sign = -1 if is_taken_out or is_opposite else 1
    sums: Sums = defaultdict(Decimal)
    kind, gross, vat = body["draft"]["kind"], ZERO, ZERO
    for case, key, rate, net, tax, is_turnover in _lines(body):
        gross, vat = gross + net + tax, vat + tax
        _add(sums, {("case", case, key, rate, "net"): net, ("case", case, key, rate, "vat"): tax})
        if is_turnover and kind not in DRAWER:
            _add(sums, {("tax", key, rate, "net"): net, ("tax", key, rate, "vat"): tax})
    cash = ZERO
    for paid in _payments(body):
        amount = Decimal(paid["amount"])
        sums["payment", paid["type"], paid["currency"]] += amount
        cash += amount if paid["is_cash"] else ZERO
    _add(sums, _drawer(kind, cash))
    sums = {key: sign * value for key, value in sums.items()}
    if kind not in DRAWER:
        is_return = kind == "correction" or gross < 0
        group = "returns" if is_return != is_opposite else "sales"
        sums[group, "count"] = Decimal(-1 if is_taken_out else 1)
        sums |= {(group, "gross"): sign * gross, (group, "vat"): sign * vat}
    return sums


def _lines(body: Json) -> Iterator[tuple[str, str, str, Decimal, Decimal, bool]]:
    """Business case, tax key, rate, net, VAT, and whether it is turnover: as the law has assessed
    it, else as the till said it."""
    for line in body.get("seal", {}).get("lines", ()):
        sign = -1 if line.get("is_debit") else 1
        net, vat = sign * Decimal(line["net"]), sign * Decimal(line["vat"])
        rate = _rate(line["percentage"])
        yield line["case"], line["tax_code"], rate, net, vat, line["tax_type"] == "USt"
    if "lines" in body.get("seal", {}):
        return
    for line in body["draft"].get("lines", ()):
        sign, tax = -1 if line["direction"] == "return" else 1, line["vat"]
        net, vat = sign * Decimal(tax["exclusive"]), sign * Decimal(tax.get("amount", 0))
        yield line.get("purpose", "sale"), tax["code"], _rate(tax["percentage"]), net, vat, True


def _payments(body: Json) -> Iterator[Json]:
    draft, seal = body["draft"], body.get("seal", {})
    currency = draft.get("currency", "EUR")
    if "payments" in seal or "lines" in seal:
        for paid in seal.get("payments", ()):
            yield {"currency": currency, "is_cash": False} | paid
        return
    for paid in draft.get("payments", ()):
        amount, is_cash = paid["amount"], paid["means"] == "cash"
        yield {"type": paid["means"], "amount": amount, "currency": currency, "is_cash": is_cash}


def _drawer(kind: str, cash: Decimal) -> Sums:
    match kind:
        case "count":
            return {("difference",): cash}
        case "opening":
            return {("expected",): cash, ("opening",): cash}
        case "movement":
            return {("expected",): cash, ("cash_in" if cash > 0 else "cash_out",): cash}
    return {("expected",): cash}


def of_closing(said: Json) -> Sums:
    """What a closing says."""
    names = ("documents", "voids", "opening", "cash_in", "cash_out", "expected", "difference")
    sums: Sums = {(name,): Decimal(said.get(name) or 0) for name in names}
    for group in ("sales", "returns"):
        told = {"count": 0, "gross": "0", "vat": "0"} | said.get(group, {})
        sums |= {(group, name): Decimal(value) for name, value in told.items()}
    for one in said.get("cases", ()):
        key = ("case", one["case"], one["tax_code"], _rate(one["percentage"]))
        sums |= {(*key, name): Decimal(one[name]) for name in ("net", "vat")}
    for one in said.get("taxes", ()):
        rate = _rate(one["percentage"])
        sums |= {
            ("tax", one["tax_code"], rate, name): Decimal(one[name]) for name in ("net", "vat")
        }
    for one in said.get("payments", ()):
        sums["payment", one["type"], one["currency"]] = Decimal(one["amount"])
    return _whole(sums)


def total(many: Iterable[Sums], only: Sequence[str] = ()) -> Sums:
    """Their sum; of these kinds alone, if any are named."""
    sums: Sums = defaultdict(Decimal)
    for one in many:
        _add(sums, {key: value for key, value in one.items() if not only or key[0] in only})
    return _whole(sums)


def _add(sums: Sums, more: Mapping[tuple[str, ...], Decimal]) -> None:
    for key, value in more.items():
        sums[key] += value


def _whole(sums: Sums) -> Sums:
    return {key: value for key, value in sums.items() if value}


def _apart(told: Sums, found: Sums) -> str:
    keys = sorted(key for key in told.keys() | found.keys() if told.get(key) != found.get(key))
    return ", ".join(f"{'/'.join(key)} {told.get(key)}≠{found.get(key)}" for key in keys)


def _rate(text: str) -> str:
    return f"{Decimal(text):.2f}"
