"""Drafts as Portuguese callers make them: every rounding there is, and some that are wrong."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import NamedTuple

import msgspec
from hypothesis import strategies as st

from fiscus.model.documents import (
    Address,
    Direction,
    DocumentKind,
    Draft,
    DraftLine,
    Party,
    Payment,
    PaymentMeans,
    StatedTotals,
    StatedVat,
)
from tests.storms.pt_besides import Besides, added, besides

CENT, EIGHT = Decimal("0.01"), Decimal("0.00000001")
ZERO = Decimal("0.00")


class Rate(NamedTuple):
    """`percentage` is empty for exemptions."""

    code: str
    percentage: str = ""
    region: str = ""


RATES = (
    Rate("STANDARD", "23"),
    Rate("REDUCED_1", "13"),
    Rate("REDUCED_2", "6"),
    Rate("STANDARD", "16", "AZORES"),
    Rate("REDUCED_1", "9", "PT-AC"),
    Rate("REDUCED_2", "4", "PT-AZORES"),
    Rate("STANDARD", "22", "MADEIRA"),
    Rate("REDUCED_1", "12", "PT-MADEIRA"),
    Rate("REDUCED_2", "4", "PT-MA"),
    Rate("STANDARD", "21", "ES"),
    Rate("REDUCED_2", "5.5", "FR"),
    Rate("CAUSE_6"),
    Rate("CAUSE_3"),
    Rate("CAUSE_20"),
    Rate("NOT_SUBJECT"),
    Rate("NOT_TAXABLE"),
)


class Piece(NamedTuple):
    """What is sold: gross price of one, and a discount in hundredths of the whole."""

    rate: Rate
    quantity: Decimal
    price: Decimal
    discount: int
    times: int


PRICE = 9
"""The part of a line that a note takes back if only its price was wrong."""


class Sale(NamedTuple):
    """`original`: which of the documents before a note corrects; `parts`: which of its lines, each
    whole or a share of it, or some of its price. `off`: by how many cents what is said is wrong."""

    kind: str
    pieces: tuple[Piece, ...]
    style: str
    stated: str
    off: tuple[int, int, int]
    buyer: Party | None
    is_training: bool
    original: int
    parts: tuple[int, ...]
    besides: Besides


STYLES = ("cents", "net first", "half even", "eight", "before VAT", "cut")
"""How a caller rounds a line; the last is wrong as often as not."""

STATED = ("sum", "rate", "once", "net", "raw", "none")
"""How a caller comes to its totals."""

KINDS = ("receipt", "simplified", "invoice", "credit", "debit")
BUYERS = (
    None,
    Party(tax_number="214567893"),
    Party(name="Maria Antónia"),
    Party(
        name="Oficina Marés, Lda.",
        tax_number="514200111",
        is_business=True,
        address=Address(street="Rua A", code="1100-061", city="Lisboa", country="PT"),
    ),
    Party(
        name="Ferretería Sol, S.L.",
        tax_number="B12345674",
        is_business=True,
        address=Address(street="Calle Mayor 1", code="28013", city="Madrid", country="ES"),
    ),
)

_quantities = st.one_of(
    st.integers(1, 12).map(Decimal),
    st.decimals("0.001", 40, places=3),
    st.decimals("0.0001", 3000, places=4),
)
_prices = st.one_of(
    st.decimals("0.01", 30, places=2),
    st.decimals("0.001", 3, places=3),
    st.decimals(1, 4000, places=2),
    st.sampled_from([Decimal(text) for text in ("0.03", "0.10", "0.13", "0.14", "1.99")]),
)
_pieces = st.builds(
    Piece,
    rate=st.sampled_from(RATES),
    quantity=_quantities,
    price=_prices,
    discount=st.sampled_from([0, 0, 0, 1, 5, 10, 33, 50, 100]),
    times=st.sampled_from([1, 1, 1, 1, 2, 3, 20]),
)
_RIGHT = (0, 0, 0)
_wrong = st.tuples(st.integers(-1, 1), st.integers(-40, 40), st.integers(-1, 1))
_off = st.integers(0, 5).flatmap(lambda n: st.just(_RIGHT) if n else _wrong)

sales = st.builds(
    Sale,
    kind=st.sampled_from([*KINDS, "receipt", "credit"]),
    pieces=st.lists(_pieces, min_size=1, max_size=7).map(tuple),
    style=st.sampled_from([*STYLES, *STYLES[:-1], *STYLES[:-1]]),
    stated=st.sampled_from([*STATED, "sum", "rate"]),
    off=_off,
    buyer=st.sampled_from(BUYERS),
    is_training=st.sampled_from([False, False, False, True]),
    original=st.integers(0, 99),
    parts=st.lists(st.sampled_from([0, 1, 1, 2, 3, PRICE]), min_size=1, max_size=9).map(tuple),
    besides=besides,
)


def draft_of(sale: Sale, series: str, issued: Sequence[tuple[str, Draft]], on: date) -> Draft:
    """The draft of a sale; of a note, if there is a document to correct by now. `on`: its day."""
    return added(_draft_of(sale, series, issued), sale.besides, on)


def _draft_of(sale: Sale, series: str, issued: Sequence[tuple[str, Draft]]) -> Draft:
    notable = [x for x in issued if x[1].is_training == sale.is_training and _is_sale(x[1])]
    if sale.kind not in ("credit", "debit") or not notable:
        lines = tuple(_lines(sale.pieces, sale.style))
        kind = DocumentKind.INVOICE if sale.kind == "invoice" else DocumentKind.RECEIPT
        return _whole(sale, Draft(kind=kind, series=series, lines=lines, buyer=sale.buyer))
    record, original = notable[sale.original % len(notable)]
    lines = tuple(_noted(original.lines, sale))
    note = Draft(
        kind=DocumentKind.CORRECTION,
        series=series,
        lines=lines,
        refers_to=record,
        reason="Devolvido",
    )
    return _whole(sale, note)


def _is_sale(draft: Draft) -> bool:
    return draft.kind in (DocumentKind.RECEIPT, DocumentKind.INVOICE)


def _whole(sale: Sale, draft: Draft) -> Draft:
    totals = _totals(sale, draft.lines)
    gross = totals.inclusive if totals else sum((x.vat.inclusive for x in draft.lines), ZERO)
    paid = Payment(means=PaymentMeans.TRANSFER, amount=gross.quantize(CENT, ROUND_HALF_UP))
    return msgspec.structs.replace(
        draft,
        totals=totals,
        is_training=sale.is_training,
        is_simplified=sale.kind == "simplified",
        payments=(paid,) if draft.kind is DocumentKind.RECEIPT and paid.amount > 0 else (),
    )


def _lines(pieces: Sequence[Piece], style: str) -> list[DraftLine]:
    lines: list[DraftLine] = []
    for piece in pieces:
        for _ in range(piece.times):
            lines.append(_line(piece, style, len(lines) + 1))
    return lines


def _line(piece: Piece, style: str, number: int) -> DraftLine:
    full = piece.price * piece.quantity
    gross = (full - full * piece.discount / 100).quantize(CENT, ROUND_HALF_UP)
    return DraftLine(
        direction=Direction.SALE,
        text=f"Artigo {number}",
        quantity=piece.quantity,
        unit_price=piece.price,
        vat=_vat(piece.rate, gross, style),
        number=str(number),
        discount=max(ZERO, full - gross) if piece.discount else ZERO,
    )


def _vat(rate: Rate, gross: Decimal, style: str) -> StatedVat:
    if not rate.percentage:
        return StatedVat(code=rate.code, is_exempt=True, exclusive=gross, inclusive=gross)
    percentage = Decimal(rate.percentage)
    net, vat, gross = _split(gross, percentage, style)
    return StatedVat(
        code=rate.code,
        percentage=percentage,
        region=rate.region,
        amount=vat,
        exclusive=net,
        inclusive=gross,
    )


def _split(gross: Decimal, rate: Decimal, style: str) -> tuple[Decimal, Decimal, Decimal]:
    """Net, VAT and gross as a caller of that style says them."""
    exact = gross * rate / (100 + rate)
    match style:
        case "cents":
            vat = exact.quantize(CENT, ROUND_HALF_UP)
        case "half even":
            vat = exact.quantize(CENT, ROUND_HALF_EVEN)
        case "cut":
            vat = exact.quantize(CENT, ROUND_DOWN)
        case "net first":
            vat = gross - (gross - exact).quantize(CENT, ROUND_HALF_UP)
        case "eight":
            vat = exact.quantize(EIGHT, ROUND_HALF_UP)
        case _:
            net = (gross - exact).quantize(Decimal("0.0001"), ROUND_HALF_UP)
            return net, net * rate / 100, net * (100 + rate) / 100
    return gross - vat, vat, gross


def _noted(lines: Sequence[DraftLine], sale: Sale) -> list[DraftLine]:
    """Some of the original's lines, whole or in parts; a debit note says them again."""
    found = []
    way = Direction.RETURN if sale.kind == "credit" else Direction.SALE
    for place, line in enumerate(lines):
        part = sale.parts[place % len(sale.parts)]
        if part == 1:
            found.append(msgspec.structs.replace(line, direction=way))
        elif part == PRICE:
            found.append(_cheaper(line, sale.style, way))
        elif part:
            found.append(_part(line, part, sale.style, way))
    return found or [msgspec.structs.replace(lines[0], direction=way)]


def _cheaper(line: DraftLine, style: str, way: Direction) -> DraftLine:
    """A credit of a tenth of the price of all of them."""
    part = _part(line, 10, style, way)
    price = part.vat.inclusive / line.quantity
    return msgspec.structs.replace(part, quantity=line.quantity, unit_price=price)


def _part(line: DraftLine, part: int, style: str, way: Direction) -> DraftLine:
    vat = line.vat
    gross = (vat.inclusive / part).quantize(CENT, ROUND_DOWN)
    percentage = "" if vat.is_exempt else str(vat.percentage)
    quantity = (line.quantity / part).quantize(Decimal("0.0001"), ROUND_DOWN) or line.quantity
    return msgspec.structs.replace(
        line,
        direction=way,
        quantity=quantity,
        unit_price=gross / quantity,
        vat=_vat(Rate(vat.code, percentage, vat.region), gross, style),
        discount=ZERO,
    )


def _totals(sale: Sale, lines: Sequence[DraftLine]) -> StatedTotals | None:
    if sale.stated == "none":
        return None
    gross = sum((line.vat.inclusive for line in lines), ZERO)
    vat = _WAYS[sale.stated](lines)
    if sale.stated == "raw":
        return StatedTotals(exclusive=gross - vat, amount=vat, inclusive=gross)
    net = sum((line.vat.exclusive for line in lines), ZERO).quantize(CENT, ROUND_HALF_UP)
    gross = net + vat if sale.stated == "net" else gross.quantize(CENT, ROUND_HALF_UP)
    more_gross, more_vat, more_net = (each * CENT for each in sale.off)
    gross, vat = gross + more_gross, vat + more_vat
    return StatedTotals(exclusive=gross - vat + more_net, amount=vat, inclusive=gross)


def _by_rate(lines: Sequence[DraftLine]) -> list[Decimal]:
    gross: dict[Decimal, Decimal] = {}
    for line in lines:
        rate = line.vat.percentage
        gross[rate] = gross.get(rate, ZERO) + line.vat.inclusive
    return [worth * rate / (100 + rate) for rate, worth in gross.items()]


def _stated(lines: Sequence[DraftLine]) -> Decimal:
    return sum((line.vat.amount for line in lines), ZERO)


_WAYS: dict[str, Callable[[Sequence[DraftLine]], Decimal]] = {
    "sum": lambda lines: _stated(lines).quantize(CENT, ROUND_HALF_UP),
    "net": lambda lines: _stated(lines).quantize(CENT, ROUND_HALF_UP),
    "raw": _stated,
    "rate": lambda lines: sum((x.quantize(CENT, ROUND_HALF_UP) for x in _by_rate(lines)), ZERO),
    "once": lambda lines: sum(_by_rate(lines), ZERO).quantize(CENT, ROUND_HALF_UP),
}
