"""Counts German days again, from what the till asked for alone.

It shares nothing with what assessed, counted, wrote or checked: it knows neither the law, nor the
formats, nor our way of rounding. `tests/repository/test_recount.py` holds it to that.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

Json = dict[str, Any]
Row = dict[str, str]
Tables = dict[str, list[Row]]
Money = dict[tuple[str, ...], Fraction]

CENT, DUST = Fraction(1, 100), Fraction(1, 20_000)
KEYS = {"0.19": "1", "0.07": "2"}
ZERO_KEYS = frozenset({"5", "6", "8"})
"""What bears no tax stands under one of these, by its reason; here they are one."""

UNTAXED = "-"
LAW = {
    "cash": "Bar",
    "girocard": "ECKarte",
    "visa": "Kreditkarte",
    "voucher": "Guthabenkarte",
    "store_credit": "Guthabenkarte",
    "bank_transfer": "Unbar",
    "other": "Unbar",
    "digital_wallet": "ElZahlungsdienstleister",
}
CASES = {"goods": "Umsatz", "gift_card": "MehrzweckgutscheinKauf"}
MOVED = {
    "bank_drop": "Geldtransit",
    "safe_drop": "Geldtransit",
    "change_delivery": "Geldtransit",
    "pay_in": "Einzahlung",
    "pay_out": "Auszahlung",
    "owner_deposit": "Privateinlage",
    "owner_withdrawal": "Privatentnahme",
    "wage": "Lohnzahlung",
}


@dataclass(kw_only=True)
class Told:
    """An operation that was taken: its own id, what began it, and what concluded it (None: it is an
    event of the drawer; empty: it was given up)."""

    bon: str
    body: Json
    paid: list[Json] | None = None
    is_void: bool = False


@dataclass(kw_only=True)
class Period:
    """What a till did between two closings; `summary` is what its closing says of it."""

    register: str
    told: list[Told] = field(default_factory=list)
    summary: Json = field(default_factory=dict)


def differences(period: Period, number: int, tables: Tables) -> Iterator[str]:
    """What the closing of that number, and the rows under it, say otherwise than the till."""
    mine = {
        name: [row for row in rows if row["Z_NR"] == str(number)] for name, rows in tables.items()
    }
    for one in period.told:
        for text in _operation(one, mine):
            yield f"{one.body.get('type')} {one.bon}: {text}"
    known = {one.bon for one in period.told}
    others = [row for row in mine["transactions"] if row["BON_ID"] not in known]
    pulls = [one for one in period.told if one.body.get("type") == "session_close"]
    # What ends a session is the closing itself; what it takes out or puts in stands beside it.
    if len(others) != 1 - len(pulls) + sum(1 for one in pulls if _pull(one.body)):
        yield f"{len(others)} operations that nobody asked for"
    yield from _closing(period, mine)
    yield from _summary(period)


def _operation(one: Told, tables: Tables) -> Iterator[str]:
    rows = {name: _of(tables[name], one.bon) for name in _SINGLE}
    if one.body["type"] == "session_close":
        return
    (head,) = rows["transactions"]
    if one.is_void:
        if head["BON_TYP"] != "AVBelegabbruch" or _amount(head["UMS_BRUTTO"]) or rows["lines"]:
            yield "it was given up"
        return
    cases, payments = _cases(one), _payments(one)
    gross = sum(cases.values(), Fraction(0))
    if cases and (head["BON_TYP"], _amount(head["UMS_BRUTTO"])) != ("Beleg", gross):
        yield f"gross is {head['UMS_BRUTTO']}, not {float(gross)}"
    yield from _same("case", _shares(one, cases), _by_case(rows), _slack(one))
    yield from _same(
        "payment", payments, _sums(rows["datapayment"], ("ZAHLART_TYP",), "BASISWAEH_BETRAG")
    )
    yield from _taxes(one, rows)


_SINGLE = ("transactions", "datapayment", "lines", "lines_vat", "transactions_vat")


def _taxes(one: Told, rows: Tables) -> Iterator[str]:
    """What the till printed in all, and each rate as exact as cents can be."""
    if "line_items" not in one.body:
        return
    found = _sums(rows["transactions_vat"], ("UST_SCHLUESSEL",), "BON_UST")
    gross = _sums(rows["transactions_vat"], ("UST_SCHLUESSEL",), "BON_BRUTTO")
    net = _sums(rows["transactions_vat"], ("UST_SCHLUESSEL",), "BON_NETTO")
    said = _amount(one.body["tax_amount"])
    if sum(map(_half_up, found.values())) != said:
        yield f"tax is {list(map(float, found.values()))}, not the printed {float(said)}"
    for rate, key in KEYS.items():
        share = Fraction(rate)
        exact = gross.get((key,), Fraction(0)) * share / (1 + share)
        if abs(found.get((key,), Fraction(0)) - exact) > _slack(one) + CENT:
            yield f"tax under key {key} is {float(found[key,])}, exact would be {float(exact)}"
    for at, whole in gross.items():
        if abs(net[at] + found[at] - whole) > DUST:
            yield f"gross under key {at[0]} is not net and tax"
    if any(found.get((key,)) for key in ZERO_KEYS):
        yield "there is tax where there is no rate"


def _closing(period: Period, tables: Tables) -> Iterator[str]:
    """Totals of the file: business cases, payments, cash, and the head."""
    (head,) = tables["cashpointclosing"]
    cases: Money = {}
    payments: Money = {}
    cash: Money = {("EUR",): Fraction(0)}
    slack = DUST
    for one in period.told:
        if one.is_void:
            continue
        _add(cases, _shares(one, _cases(one)))
        _add(payments, _payments(one))
        _add(cash, _cash(one))
        slack += _slack(one)
    paid = sum(payments.values(), Fraction(0))
    in_cash = payments.get(("Bar",), Fraction(0))
    shown = _by_key(tables["businesscases"], "GV_TYP", "Z_UMS_BRUTTO")
    yield from _same("total of case", cases, shown, slack)
    yield from _same(
        "total of payment", payments, _sums(tables["payment"], ("ZAHLART_TYP",), "Z_ZAHLART_BETRAG")
    )
    yield from _same(
        "cash", cash, _sums(tables["cash_per_currency"], ("ZAHLART_WAEH",), "ZAHLART_BETRAG_WAEH")
    )
    if (_amount(head["Z_SE_ZAHLUNGEN"]), _amount(head["Z_SE_BARZAHLUNGEN"])) != (paid, in_cash):
        yield f"the head says {head['Z_SE_ZAHLUNGEN']}, {head['Z_SE_BARZAHLUNGEN']}"


def _summary(period: Period) -> Iterator[str]:
    """What the API says of the closing: in whole cents, in the till's own words."""
    said = period.summary
    goods = [x for x in period.told if x.paid is not None and not x.is_void]
    groups = {
        word: _group([x for x in goods if x.body["type"] == type_])
        for type_, word in (("sale", "sales"), ("return", "refunds"), ("exchange", "exchanges"))
    }
    by_type = said["by_operation_type"]
    for word, group in groups.items():
        nothing = {"count": 0, "total_gross": 0}
        if by_type.get(word, nothing) != group:
            yield f"{word} are {by_type.get(word)}, not {group}"
    total = sum(group["total_gross"] for group in groups.values())
    methods: dict[str, int] = {}
    for one in goods:
        for leg in _moved(one):
            methods[leg["method"]] = methods.get(leg["method"], 0) + _cents(_worth(leg))
    shown = {word: cents for word, cents in said["total_by_payment_method"].items() if cents}
    if shown != {word: cents for word, cents in methods.items() if cents}:
        yield f"methods are {shown}, not {methods}"
    if said["total_gross"] != total or sum(shown.values()) != total:
        yield f"total_gross is {said['total_gross']}, not {total}"
    tax = sum(_cents(_amount(one.body["tax_amount"])) for one in goods)
    if said["total_tax"] != tax:
        yield f"total_tax is {said['total_tax']}, not {tax}"
    if by_type["voids"]["count"] != sum(one.is_void for one in period.told):
        yield "voids are not those of the till"
    moves = [_moved_cash(one.body) for one in period.told]
    into = sum(_cents(x) for x in moves if x > 0)
    out = -sum(_cents(x) for x in moves if x < 0)
    if by_type["cash_movements"] != {"cash_in_total": into, "cash_out_total": out}:
        yield f"cash movements are {by_type['cash_movements']}, not {into} and {out}"
    events = [one for one in period.told if one.body["type"] != "session_close"]
    pulls = [one for one in period.told if one.body["type"] == "session_close"]
    count = len(events) + sum(1 for one in pulls if _pull(one.body))
    if said["operation_count"] != count:
        yield f"operation_count is {said['operation_count']}, not {count}"


def _moved_cash(body: Json) -> Fraction:
    if body["type"] == "session_cash_adjustment":
        return _amount(body["amount"])
    return _pull(body) if body["type"] == "session_close" else Fraction(0)


def _pull(body: Json) -> Fraction:
    return _amount(body.get("cash_in_amount", "0")) - _amount(body.get("cash_out_amount", "0"))


def _group(goods: Sequence[Told]) -> Json:
    gross = sum(_cents(_amount(one.body["total_amount"])) for one in goods)
    return {"count": len(goods), "total_gross": gross}


def _cases(one: Told) -> Money:
    """Gross by business case and rate; what a discount takes from a rate is exact here."""
    body = one.body
    found: Money = {}
    if "line_items" not in body:
        return _drawer_case(body)
    if one.is_void:
        return {}
    is_net = _is_net(body)
    lines = body["line_items"]
    taxes = _rate_taxes(body) if is_net else {}
    goods: dict[str, Fraction] = {}
    for line in lines:
        total = _amount(line["total_amount"])
        rate = line["taxes"][0]["rate"] if line["taxes"] else UNTAXED
        case = CASES.get(line["kind"]) or ("PfandRueckzahlung" if total < 0 else "Pfand")
        _add(found, {(case, rate): total})
        if line["kind"] == "goods":
            goods[rate] = goods.get(rate, Fraction(0)) + total
    for rate, tax in taxes.items():
        _spread(found, rate, tax, lines)
    off = sum((_amount(x["amount"]) for x in body.get("cart_level_discounts", [])), Fraction(0))
    whole = sum(goods.values(), Fraction(0))
    for rate, total in goods.items() if off else ():
        _add(found, {("Rabatt", rate): -off * total / whole})
    if tip := _amount(body["tip_amount"]):
        _add(found, {("TrinkgeldAN", UNTAXED): tip})
    for leg in _moved(one):
        if leg["method"] == "gift_card":
            _add(found, {("MehrzweckgutscheinEinloesung", UNTAXED): -_worth(leg)})
    return {at: amount for at, amount in found.items() if amount}


def _drawer_case(body: Json) -> Money:
    match body["type"]:
        case "session_open":
            return {("Anfangsbestand", UNTAXED): _amount(body["opening_balance_amount"])}
        case "session_cash_count":
            variance = _amount(body["variance"])
            return {("DifferenzSollIst", UNTAXED): variance} if variance else {}
        case "session_close":
            return {("Geldtransit", UNTAXED): _pull(body)} if _pull(body) else {}
    amount = _amount(body["amount"])
    other = "Einzahlung" if amount > 0 else "Auszahlung"
    return {(MOVED.get(body["reason"], other), UNTAXED): amount}


def _rate_taxes(body: Json) -> dict[str, Fraction]:
    """On top of net prices: what the till added for each rate, as the sum of its lines or rounded
    once, whichever makes the printed tax."""
    lines: dict[str, Fraction] = {}
    nets: dict[str, Fraction] = {}
    for line in body["line_items"]:
        for tax in line["taxes"]:
            rate = tax["rate"]
            lines[rate] = lines.get(rate, Fraction(0)) + _amount(tax["tax_amount"])
            nets[rate] = nets.get(rate, Fraction(0)) + _amount(line["total_amount"])
    if sum(lines.values(), Fraction(0)) == _amount(body["tax_amount"]):
        return lines
    return {rate: _half_up(net * Fraction(rate)) for rate, net in nets.items()}


def _spread(found: Money, rate: str, tax: Fraction, lines: Iterable[Json]) -> None:
    """The tax of a rate over its business cases, as the lines say it; what rounding left over goes
    where most was sold."""
    by_case: dict[str, Fraction] = {}
    sizes: dict[str, Fraction] = {}
    for line in lines:
        if line["taxes"] and line["taxes"][0]["rate"] == rate:
            total = _amount(line["total_amount"])
            case = CASES.get(line["kind"]) or ("PfandRueckzahlung" if total < 0 else "Pfand")
            by_case[case] = by_case.get(case, Fraction(0)) + _amount(line["taxes"][0]["tax_amount"])
            sizes[case] = sizes.get(case, Fraction(0)) + abs(total)
    left = tax - sum(by_case.values(), Fraction(0))
    for case, said in by_case.items():
        _add(
            found, {(case, rate): said + (left if case == max(sizes, key=sizes.__getitem__) else 0)}
        )


def _shares(one: Told, cases: Money) -> Money:
    """By case and VAT key, all keys without a rate as one."""
    found: Money = {}
    for (case, rate), amount in cases.items():
        _add(found, {(case, KEYS.get(rate, UNTAXED)): amount})
    return found


def _by_case(rows: Tables) -> Money:
    """Of the lines of one operation."""
    cases = {row["POS_ZEILE"]: row["GV_TYP"] for row in rows["lines"]}
    found: Money = {}
    for row in rows["lines_vat"]:
        at = (cases[row["POS_ZEILE"]], _key(row["UST_SCHLUESSEL"]))
        _add(found, {at: _amount(row["POS_BRUTTO"])})
    return found


def _by_key(rows: Iterable[Row], case: str, amount: str) -> Money:
    found: Money = {}
    for row in rows:
        _add(found, {(row[case], _key(row["UST_SCHLUESSEL"])): _amount(row[amount])})
    return found


def _key(key: str) -> str:
    return UNTAXED if key in ZERO_KEYS else key


def _slack(one: Told) -> Fraction:
    """A till and we may part a cent of a discount, or of a tax on top, otherwise."""
    lines = one.body.get("line_items", ())
    return CENT * (1 + len(lines)) if lines else DUST


def _payments(one: Told) -> Money:
    found: Money = {}
    if one.paid is None:
        for (_, _), amount in _drawer_case(one.body).items():
            _add(found, {("Bar",): amount})
        return found
    for leg in _moved(one):
        if leg["method"] != "gift_card" and _worth(leg):
            word = leg.get("card_brand") or leg["method"]
            _add(found, {(LAW[word],): _worth(leg)})
    return {at: amount for at, amount in found.items() if amount} or ({("Keine",): Fraction(0)})


def _cash(one: Told) -> Money:
    if one.paid is None:
        return {("EUR",): sum(_drawer_case(one.body).values(), Fraction(0))}
    found: Money = {}
    for leg in _moved(one):
        if leg["method"] == "cash":
            _add(found, {(leg["currency"],): _amount(leg["amount"])})
    return found


def _moved(one: Told) -> Iterator[Json]:
    yield from (leg for leg in one.paid or () if leg["status"] not in ("failed", "voided"))


def _worth(leg: Json) -> Fraction:
    return _amount(leg.get("base_amount") or leg["amount"])


def _is_net(body: Json) -> bool:
    lines = sum((_amount(line["total_amount"]) for line in body["line_items"]), Fraction(0))
    cuts = sum((_amount(x["amount"]) for x in body.get("cart_level_discounts", [])), Fraction(0))
    return lines - cuts + _amount(body["tip_amount"]) != _amount(body["total_amount"])


def _of(rows: Iterable[Row], bon: str) -> list[Row]:
    return [row for row in rows if row["BON_ID"] == bon]


def _sums(rows: Iterable[Row], names: Sequence[str], amount: str) -> Money:
    found: Money = {}
    for row in rows:
        _add(found, {tuple(row[name] for name in names): _amount(row[amount])})
    return found


def _same(
    what: str, wanted: Money, found: Mapping[tuple[str, ...], Fraction], slack: Fraction = DUST
) -> Iterator[str]:
    """Each within the slack, and all of them together to the cent."""
    for at in sorted({*wanted, *found}):
        mine, theirs = wanted.get(at, Fraction(0)), found.get(at, Fraction(0))
        if abs(mine - theirs) > slack:
            yield f"{what} {at} is {float(theirs)}, not {float(mine)}"
    mine, theirs = sum(wanted.values(), Fraction(0)), sum(found.values(), Fraction(0))
    if abs(mine - theirs) > DUST:
        yield f"all of {what} is {float(theirs)}, not {float(mine)}"


def _add(sums: Money, more: Mapping[tuple[str, ...], Fraction]) -> None:
    for at, amount in more.items():
        sums[at] = sums.get(at, Fraction(0)) + amount


def _amount(text: str) -> Fraction:
    return Fraction(Decimal(text.replace(",", ".")))


def _cents(amount: Fraction) -> int:
    assert (amount * 100).denominator == 1
    return int(amount * 100)


def _half_up(exact: Fraction) -> Fraction:
    """Away from zero."""
    cents = int(abs(exact) * 100 + Fraction(1, 2))
    return (cents if exact >= 0 else -cents) * CENT
