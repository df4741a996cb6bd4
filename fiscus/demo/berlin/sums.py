"""Adds the day's operations up once more, without asking the service: what must its closing say?"""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from fiscus.demo.berlin.till import TillStep
from fiscus.demo.client import Json

ZERO = Decimal(0)

_CENTS = Decimal(100)
_GOODS = {"sale": "sales", "return": "refunds", "exchange": "exchanges"}
_MOVED = {
    "session_open": "opening_balance_amount",
    "session_cash_adjustment": "amount",
    "session_cash_count": "variance",
}


def drawer(steps: Iterable[TillStep]) -> Decimal:
    """The cash that lies in the drawer, in euros: float, cash paid and given back, movements."""
    steps = list(steps)
    paid = sum((amount for method, amount in _paid(steps) if method == "cash"), ZERO)
    return paid + sum(map(_moved, steps), ZERO)


def summary(steps: Iterable[TillStep]) -> Json:
    """The summary of the closing that covers these steps, in cents, as the API spells it.

    What bears no VAT (tips, gift cards, the drawer's own money) is no turnover: its rate is left
    out, as it is in `compared`.
    """
    steps = list(steps)
    sold = [step for step in steps if step.type in _GOODS and step.is_completed]
    methods: dict[str, Decimal] = {}
    for method, amount in _paid(sold):
        methods[method] = methods.get(method, ZERO) + amount
    moves = [_moved(step) for step in steps if step.type == "session_cash_adjustment"]
    return {
        "operation_count": len(steps),
        "total_gross": _cents(sum(methods.values(), ZERO)),
        "total_tax": _cents(sum((_tax(step) for step in sold), ZERO)),
        "total_by_payment_method": {name: _cents(it) for name, it in sorted(methods.items())},
        "by_operation_type": {
            "sales": _group(sold, "sales"),
            "refunds": _group(sold, "refunds"),
            **_exchanges(sold),
            "voids": {"count": sum(step.operation["status"] == "voided" for step in steps)},
            "cash_movements": {
                "cash_in_total": _cents(sum((one for one in moves if one > 0), ZERO)),
                "cash_out_total": -_cents(sum((one for one in moves if one < 0), ZERO)),
            },
        },
        "tax_breakdown": _taxes(sold),
    }


def compared(told: Json, counted: Json) -> Iterator[str]:
    """What a closing's summary says otherwise than we have counted."""
    said = {**told, "tax_breakdown": _without_names(told["tax_breakdown"])}
    for name, value in counted.items():
        if said[name] != value:
            yield f"{name}: the closing says {said[name]}, the operations come to {value}"


def _without_names(rows: list[Json]) -> list[Json]:
    """Only what is taxed, by rate; what a rate is called is the law's business."""
    kept = [row for row in rows if Decimal(row["rate"])]
    kept = [{name: it for name, it in row.items() if name != "category"} for row in kept]
    return sorted(kept, key=lambda row: str(row["rate"]))


def _group(sold: list[TillStep], group: str) -> Json:
    found = [step for step in sold if _GOODS[step.type] == group]
    paid = sum((amount for _, amount in _paid(found)), ZERO)
    return {"count": len(found), "total_gross": _cents(paid)}


def _exchanges(sold: list[TillStep]) -> Json:
    """A closing names them only where there are any."""
    found = _group(sold, "exchanges")
    return {"exchanges": found} if found["count"] else {}


def _paid(steps: Iterable[TillStep]) -> Iterator[tuple[str, Decimal]]:
    """What customers paid with, and got back."""
    for step in steps:
        for leg in step.operation.get("payments") or ():
            if step.is_completed:
                yield leg["method"], Decimal(leg["amount"])


def _moved(step: TillStep) -> Decimal:
    name = _MOVED.get(step.type)
    return Decimal(step.operation[name]) if name else ZERO


def _tax(step: TillStep) -> Decimal:
    return Decimal(step.operation["tax_amount"])


def _taxes(sold: Iterable[TillStep]) -> list[Json]:
    """Net and VAT by rate."""
    totals: dict[str, tuple[Decimal, Decimal]] = {}
    for step in sold:
        for rate, net, tax in _by_rate(step.operation):
            before = totals.get(rate, (ZERO, ZERO))
            totals[rate] = before[0] + net, before[1] + tax
    return [
        {"rate": rate, "taxable_amount": _cents(net), "tax_amount": _cents(tax)}
        for rate, (net, tax) in sorted(totals.items())
    ]


def _by_rate(operation: Json) -> Iterator[tuple[str, Decimal, Decimal]]:
    """The lines, and what a discount takes off again: in this story all lines of one rate."""
    lines = [line for line in operation["line_items"] if line["taxes"]]
    for line in lines:
        tax = Decimal(line["taxes"][0]["tax_amount"])
        yield line["taxes"][0]["rate"], Decimal(line["total_amount"]) - tax, tax
    if discounts := operation.get("cart_level_discounts"):
        (rate,) = {line["taxes"][0]["rate"] for line in lines}
        given = sum((Decimal(one["amount"]) for one in discounts), ZERO)
        taxes = (Decimal(line["taxes"][0]["tax_amount"]) for line in lines)
        saved = sum(taxes, ZERO) - Decimal(operation["tax_amount"])
        yield rate, saved - given, -saved


def _cents(amount: Decimal) -> int:
    return int(amount * _CENTS)
