"""Days as German tills make them, in the bodies of the Reporting API: every rounding, kind and
payment there is, and some that are wrong."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from hypothesis import strategies as st

Json = dict[str, Any]

CENT, ZERO = Decimal("0.01"), Decimal("0.00")
KOTTI = "Altes Kassensystem"


class Piece(NamedTuple):
    """What is sold: `price` is as the till prints it, with or without tax."""

    rate: str
    kind: str
    quantity: Decimal
    price: Decimal


class Goods(NamedTuple):
    """`paid`: how the total is split, by methods; `parts`: how much of each line of the original
    goes back. `off`: by how many cents the tax is wrong. `leg`: one that moved no money."""

    till: int
    kind: str
    pieces: tuple[Piece, ...]
    is_net: bool
    is_once: bool
    discount: int
    tip: int
    paid: tuple[tuple[str, int], ...]
    is_given_up: bool
    is_external: bool
    original: int
    parts: tuple[int, ...]
    off: int
    leg: str


class Move(NamedTuple):
    """Money put into the drawer, or taken out."""

    till: int
    cents: int
    reason: str


class Close(NamedTuple):
    """How a till ends its period: `variance` is None where nobody counts."""

    till: int
    way: str
    variance: int | None
    pull: int


RATES = ("0.19", "0.07", "0.19", "0.07", "0")
NAMES = {"0.19": "USt 19 %", "0.07": "USt 7 %", "0": "steuerfrei"}
METHODS = (
    "cash",
    "cash",
    "girocard",
    "visa",
    "voucher",
    "store_credit",
    "gift_card",
    "bank_transfer",
    "digital_wallet",
    "other",
    "CHF",
)
REASONS = (
    "bank_drop",
    "safe_drop",
    "change_delivery",
    "pay_in",
    "pay_out",
    "owner_deposit",
    "owner_withdrawal",
    "wage",
    "Briefmarken",
)

_prices = st.one_of(
    st.decimals("0.01", 30, places=2),
    st.sampled_from([Decimal(text) for text in ("0.03", "0.10", "0.33", "1.99", "2.99")]),
    st.decimals(1, 900, places=2),
)
_pieces = st.builds(
    lambda **it: Piece(**it | ({"quantity": Decimal(1)} if it["kind"] == "gift_card" else {})),
    rate=st.sampled_from(RATES),
    kind=st.sampled_from(["goods"] * 8 + ["deposit", "gift_card"]),
    quantity=st.one_of(st.integers(1, 12).map(Decimal), st.decimals("0.05", 4, places=3)),
    price=_prices,
)
_till = st.sampled_from([0, 0, 1])
_goods = st.builds(
    Goods,
    till=_till,
    kind=st.sampled_from(["sale", "sale", "sale", "return", "exchange"]),
    pieces=st.lists(_pieces, min_size=1, max_size=6).map(tuple),
    is_net=st.sampled_from([False, False, True]),
    is_once=st.booleans(),
    discount=st.sampled_from([0, 0, 0, 5, 10, 33]),
    tip=st.sampled_from([0, 0, 0, 50, 123]),
    paid=st.lists(
        st.tuples(st.sampled_from(METHODS), st.integers(0, 5)), min_size=1, max_size=3
    ).map(tuple),
    is_given_up=st.sampled_from([False] * 9 + [True]),
    is_external=st.sampled_from([False, False, True]),
    original=st.integers(0, 99),
    parts=st.lists(st.sampled_from([0, 1, 1, 2]), min_size=1, max_size=6).map(tuple),
    off=st.sampled_from([0] * 9 + [40, -40]),
    leg=st.sampled_from(["", "", "", "failed", "voided"]),
)
_moves = st.builds(
    Move,
    till=_till,
    cents=st.integers(-6000, 9000).filter(bool),
    reason=st.sampled_from(REASONS),
)
_closes = st.builds(
    Close,
    till=_till,
    way=st.sampled_from(["session", "shift", "daily"]),
    variance=st.one_of(st.none(), st.integers(-200, 200)),
    pull=st.integers(-3000, 3000),
)
acts = st.integers(0, 9).flatmap(lambda n: _moves if n == 8 else _closes if n == 9 else _goods)


def money(amount: Decimal) -> str:
    return f"{amount:.2f}"


def line_of(piece: Piece, *, is_net: bool, sign: int = 1) -> Json:
    """A line with the tax that a till prints for it, rounded by itself."""
    total = sign * (piece.quantity * piece.price).quantize(CENT, ROUND_HALF_UP)
    line: Json = {
        "title": "Ware",
        "quantity": float(piece.quantity) if piece.quantity % 1 else int(piece.quantity),
        "unit_price": money(sign * piece.price),
        "total_amount": money(total),
        "kind": piece.kind,
        "taxes": [],
    }
    if piece.kind != "gift_card":
        tax = _tax(total, Decimal(piece.rate), is_net=is_net).quantize(CENT, ROUND_HALF_UP)
        line["taxes"] = [{"name": NAMES[piece.rate], "rate": piece.rate, "tax_amount": money(tax)}]
    return line


def _tax(total: Decimal, rate: Decimal, *, is_net: bool) -> Decimal:
    return total * rate if is_net else total * rate / (1 + rate)


def body_of(act: Goods, sales: Sequence[tuple[str, Json]]) -> Json:
    """What the till sends to begin it; `sales` are those that can be referred to, by id."""
    lines = [line_of(piece, is_net=act.is_net) for piece in act.pieces]
    related: Json = {}
    is_net = act.is_net
    if act.kind != "sale":
        # A voucher that comes back is a matter of its own, and has tests of its own.
        goods = [piece._replace(kind="goods") for piece in act.pieces if piece.kind == "gift_card"]
        goods += [piece for piece in act.pieces if piece.kind != "gift_card"]
        back = [line_of(piece, is_net=act.is_net) for piece in goods]
        lines, is_net, related = _taken_back(act, back, sales)
    if act.kind == "exchange":
        lines += [line_of(piece, is_net=is_net) for piece in act.pieces]
    return _added_up(act, lines, is_net=is_net) | related


def _taken_back(
    act: Goods, lines: list[Json], sales: Sequence[tuple[str, Json]]
) -> tuple[list[Json], bool, Json]:
    """Lines that go back, of a sale that we know, or of a till before us."""
    if act.is_external or not sales:
        named = {"description": KOTTI, "external_operation_id": "4711"}
        return [_back(x) for x in lines], act.is_net, {"external_related_operation": named}
    id_, sale = sales[act.original % len(sales)]
    is_net = is_net_body(sale)
    found = []
    for place, line in enumerate(sale["line_items"]):
        part = act.parts[place % len(act.parts)]
        if part and line["kind"] == "goods" and Decimal(line["total_amount"]) > 0:
            found.append(_back(_part(line, part, is_net=is_net)))
    if not found:
        return (
            [_back(x) for x in lines],
            act.is_net,
            {"external_related_operation": {"description": KOTTI, "external_operation_id": "4712"}},
        )
    return found, is_net, {"related_operation_id": id_}


def _part(line: Json, part: int, *, is_net: bool) -> Json:
    """Half of what was sold, where it can be halved."""
    quantity = Decimal(str(line["quantity"]))
    if part == 1 or quantity % 2:
        return line
    piece = Piece(line["taxes"][0]["rate"], "goods", quantity / 2, Decimal(line["unit_price"]))
    return line_of(piece, is_net=is_net)


def _back(line: Json) -> Json:
    taxes = [{**tax, "tax_amount": money(-Decimal(tax["tax_amount"]))} for tax in line["taxes"]]
    back = {name: money(-Decimal(line[name])) for name in ("unit_price", "total_amount")}
    return line | back | {"taxes": taxes}


def is_net_body(body: Json) -> bool:
    lines = sum((Decimal(line["total_amount"]) for line in body["line_items"]), ZERO)
    cuts = sum((Decimal(one["amount"]) for one in body.get("cart_level_discounts", [])), ZERO)
    return lines - cuts + Decimal(body["tip_amount"]) != Decimal(body["total_amount"])


def _added_up(act: Goods, lines: list[Json], *, is_net: bool) -> Json:
    sums = sum((Decimal(line["total_amount"]) for line in lines), ZERO)
    off = ZERO
    if act.discount and act.kind == "sale" and not is_net:
        base = sum((Decimal(x["total_amount"]) for x in lines if x["kind"] == "goods"), ZERO)
        off = (base * act.discount / 100).quantize(CENT, ROUND_HALF_UP)
    tax = _tax_amount(lines, off, is_once=act.is_once or bool(off), is_net=is_net)
    tax += act.off * CENT
    tip = act.tip * CENT if act.kind == "sale" else ZERO
    left = sums - off
    total = left + tip + (tax if is_net else ZERO)
    body: Json = {
        "type": act.kind,
        "source": "POS",
        "currency": "EUR",
        "pretax_amount": money(total - tip - tax),
        "tax_amount": money(tax),
        "tip_amount": money(tip),
        "total_amount": money(total),
        "line_items": lines,
    }
    if off:
        body["cart_level_discounts"] = [{"description": "Nachlass", "amount": money(off)}]
    return body


def _tax_amount(lines: Sequence[Json], off: Decimal, *, is_once: bool, is_net: bool) -> Decimal:
    """As the sum of what stands at the lines, or once for each rate."""
    if not is_once:
        return sum((Decimal(x["tax_amount"]) for line in lines for x in line["taxes"]), ZERO)
    base = sum((Decimal(x["total_amount"]) for x in lines if x["kind"] == "goods"), ZERO)
    rates: dict[Decimal, Decimal] = {}
    for line in lines:
        total = Decimal(line["total_amount"])
        share = off * total / base if off and line["kind"] == "goods" else ZERO
        for tax in line["taxes"]:
            rate = Decimal(tax["rate"])
            rates[rate] = rates.get(rate, ZERO) + total - share
    taxes = [_tax(total, rate, is_net=is_net) for rate, total in rates.items()]
    return sum((one.quantize(CENT, ROUND_HALF_UP) for one in taxes), ZERO)


def legs_of(act: Goods, total: Decimal) -> list[Json]:
    """The total split over the methods by their weights; the first one takes what is left. A gift
    card takes no money back here, and there is no change of foreign money."""
    methods = [x for x in act.paid if total > 0 or x[0] not in ("gift_card", "CHF")]
    methods = methods or [("cash", 1)]
    weights = sum(weight for _, weight in methods) or 1
    shares = [(total * weight / weights).quantize(CENT) for _, weight in methods[1:]]
    shares = [total - sum(shares, ZERO), *shares]
    legs = [_leg(name, share) for (name, _), share in zip(methods, shares, strict=True)]
    if act.leg:
        legs.append(_leg("visa", total + 1) | {"status": act.leg})
    return legs


def _leg(name: str, amount: Decimal) -> Json:
    leg: Json = {"method": name, "status": "captured", "amount": money(amount), "currency": "EUR"}
    if name in ("girocard", "visa"):
        return leg | {"method": "card", "card_brand": name}
    if name == "gift_card":
        return leg | {"gift_card_id": "GK-1"}
    if name == "CHF" and amount > 0:
        foreign = {"currency": "CHF", "amount": money(amount + 1), "base_amount": money(amount)}
        return leg | {"method": "cash"} | foreign
    return leg | ({"method": "cash"} if name == "CHF" else {})
