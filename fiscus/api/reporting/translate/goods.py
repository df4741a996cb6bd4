"""A sale, return or exchange as the caller said it, as a neutral draft. Pure."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from fiscus.api.reporting.wire import operations as wire
from fiscus.model.amounts import ZERO, cents_half_up, five_decimals_half_up
from fiscus.model.documents import Direction, Discount, Draft, Kind, Line, Purpose, Vat
from fiscus.model.faults import Code, Fault, Refused
from fiscus.regimes import ZeroName

NO_SUM = Code(
    "REPORTING-TOTAL-01", "pretax_amount, tax_amount and tip_amount must add up to total_amount"
)
NO_LINE_SUM = Code(
    "REPORTING-TOTAL-02",
    "the lines, less discounts, plus the tip must add up to total_amount, or without tax to"
    " pretax_amount",
)
NO_TAX_SUM = Code(
    "REPORTING-TOTAL-03",
    "the taxes of the lines, less those of discounts, must add up to tax_amount",
)
WRONG_SIGN = Code(
    "REPORTING-SIGN-01",
    "total and tip of a sale are not negative, those of a return not positive, and a tax has the"
    " sign of its line",
)
NOT_LINE_TOTAL = Code("REPORTING-LINE-01", "total_amount is not quantity times unit_price")
ONE_TAX = Code(
    "REPORTING-LINE-02", "a line bears exactly one tax; one with several is several lines"
)
NO_REGISTER = Code("REPORTING-SOURCE-01", "an operation of source POS names its register")
ONLINE = Code(
    "REPORTING-SOURCE-02",
    "an operation of source ONLINE has no register to sign it",
)
ONE_ORIGIN = Code(
    "REPORTING-RELATED-01",
    "a return or an exchange names either related_operation_id or external_related_operation",
)
NO_ORIGIN = Code("REPORTING-RELATED-02", "a sale names no related operation")

NOT_TAXABLE = "NOT_TAXABLE"
RATED = "RATE"
"""The rate tells all: its own name in the law is found by the law."""

_UNNAMED = ZeroName(part="", code=NOT_TAXABLE)
_CENT = Decimal("0.01")
_HUNDRED = Decimal(100)
_KINDS = {"sale": Kind.RECEIPT, "return": Kind.CORRECTION, "exchange": Kind.CORRECTION}
_PURPOSES = {
    "goods": Purpose.SALE,
    "gift_card": Purpose.VOUCHER_SOLD,
    "deposit": Purpose.DEPOSIT,
}


def goods(
    body: wire.GoodsMovement, refers_to: str = "", *, zero_names: Sequence[ZeroName] = ()
) -> Draft:
    """What is sold or taken back, without payments. `refers_to` is the document that concluded
    the related operation, `zero_names` the law's reading of taxes of zero; what they do not name
    is not taxable. Raises `Refused` with all faults at once."""
    if faults := tuple(_faults(body)):
        raise Refused(Code(faults[0].code, faults[0].text), faults=faults)
    is_net = not _are_gross(body)
    lines = [_line(item, zero_names, is_net=is_net) for item in body.line_items]
    external = body.external_related_operation
    return Draft(
        kind=_KINDS[body.type],
        reference=body.external_id or "",
        lines=(*lines, *_tip(Decimal(body.tip_amount))),
        currency=body.currency,
        discounts=_discounts(body, is_net=is_net),
        refers_to=refers_to,
        external_reference=external.external_operation_id if external else "",
        external_text=external.description if external else "",
        text=body.note or "",
    )


def untaxed(amount: Decimal) -> Vat:
    """The VAT of what is not taxable: tips to the staff, vouchers, money that only moves."""
    return Vat(code=NOT_TAXABLE, is_exempt=True, exclusive=amount, inclusive=amount)


def _faults(body: wire.GoodsMovement) -> Iterator[Fault]:
    yield from _place_faults(body)
    yield from _sign_faults(body)
    for index, item in enumerate(body.line_items):
        yield from _line_faults(item, f"line_items[{index}]")
    parts = (body.pretax_amount, body.tax_amount, body.tip_amount)
    if sum(map(Decimal, parts), ZERO) != Decimal(body.total_amount):
        yield _fault(NO_SUM, "total_amount")
    elif not _are_gross(body) and not _are_net(body):
        yield _fault(NO_LINE_SUM, "line_items")
    elif not _is_tax_sum(body):
        yield _fault(NO_TAX_SUM, "tax_amount")


def _fault(code: Code, *paths: str) -> Fault:
    return Fault(code=code.id, text=code.text, paths=paths)


def _place_faults(body: wire.GoodsMovement) -> Iterator[Fault]:
    if body.source == "ONLINE" and body.register_id is not None:
        yield _fault(ONLINE, "register_id")
    elif body.source == "POS" and body.register_id is None:
        yield _fault(NO_REGISTER, "register_id")
    related = (body.related_operation_id, body.external_related_operation)
    named = [one for one in related if one is not None]
    if body.type == "sale" and named:
        yield _fault(NO_ORIGIN, "related_operation_id")
    elif body.type != "sale" and len(named) != 1:
        yield _fault(ONE_ORIGIN, "related_operation_id")


def _sign_faults(body: wire.GoodsMovement) -> Iterator[Fault]:
    """Only what is paid has the sign of the type: empties are taken back in the middle of a sale,
    and may bear more tax than what is sold."""
    if body.type == "exchange":
        return
    sign = 1 if body.type == "sale" else -1
    amounts = {"total_amount": body.total_amount, "tip_amount": body.tip_amount}
    if wrong := tuple(path for path, text in amounts.items() if Decimal(text) * sign < 0):
        yield _fault(WRONG_SIGN, *wrong)


def _line_faults(item: wire.LineItem, path: str) -> Iterator[Fault]:
    total = Decimal(item.total_amount)
    worth = item.quantity * Decimal(item.unit_price)
    # The sign may stand before the quantity, before the price, or before the total alone.
    if not item.quantity or abs(abs(worth) - abs(total)) >= _CENT:
        yield _fault(NOT_LINE_TOTAL, f"{path}.total_amount")
    if len(item.taxes) != 1 and not (item.kind == "gift_card" and not item.taxes):
        yield _fault(ONE_TAX, f"{path}.taxes")
    elif any(Decimal(tax.tax_amount) * total < 0 for tax in item.taxes):
        yield _fault(WRONG_SIGN, f"{path}.taxes[0].tax_amount")


def _are_gross(body: wire.GoodsMovement) -> bool:
    """Prices with tax in them, as in German shops."""
    left = _sum(body) - _sum_discounts(body) + Decimal(body.tip_amount)
    return left == Decimal(body.total_amount)


def _are_net(body: wire.GoodsMovement) -> bool:
    """Prices before tax, as in the contract's own example."""
    return _sum(body) - _sum_discounts(body) == Decimal(body.pretax_amount)


def _sum(body: wire.GoodsMovement) -> Decimal:
    return sum((Decimal(item.total_amount) for item in body.line_items), ZERO)


def _cart(body: wire.GoodsMovement) -> Sequence[wire.CartDiscount]:
    return body.cart_level_discounts if isinstance(body, wire.Sale) else ()


def _sum_discounts(body: wire.GoodsMovement) -> Decimal:
    return sum((Decimal(one.amount) for one in _cart(body)), ZERO)


def _line_tax(item: wire.LineItem) -> Decimal:
    return sum((Decimal(tax.tax_amount) for tax in item.taxes), ZERO)


def _is_tax_sum(body: wire.GoodsMovement) -> bool:
    """A discount takes its share of tax with it; tills round that share line by line."""
    taxes = sum((_line_tax(item) for item in body.line_items), ZERO)
    saved = taxes - Decimal(body.tax_amount)
    if not _sum_discounts(body):
        return not saved
    tolerance = _CENT * (len(body.line_items) + len(_cart(body)))
    return abs(saved - _discount_tax(body)) <= tolerance


def _discount_tax(body: wire.GoodsMovement) -> Decimal:
    """What discounts take from each rate by its share of the turnover, as the law records it."""
    is_net, by_rate = not _are_gross(body), dict[Decimal, Decimal]()
    for item in body.line_items:
        if item.kind == "goods":
            rate = sum((Decimal(tax.rate) for tax in item.taxes), ZERO)
            by_rate[rate] = by_rate.get(rate, ZERO) + Decimal(item.total_amount)
    turnover, off = sum(by_rate.values(), ZERO), _sum_discounts(body)
    if not turnover:
        return ZERO
    return sum(
        (
            off * part / turnover * (rate if is_net else rate / (1 + rate))
            for rate, part in by_rate.items()
        ),
        ZERO,
    )


def _line(item: wire.LineItem, zero_names: Sequence[ZeroName], *, is_net: bool) -> Line:
    total, tax = Decimal(item.total_amount), _line_tax(item)
    gross = abs(total + tax if is_net else total)
    return Line(
        direction=Direction.RETURN if total < 0 else Direction.SALE,
        text=item.title,
        quantity=abs(item.quantity),
        unit_price=_gross_price(item, gross) if is_net else abs(Decimal(item.unit_price)),
        vat=_vat(item, zero_names, gross, abs(tax)),
        purpose=_PURPOSES[item.kind],
    )


def _gross_price(item: wire.LineItem, gross: Decimal) -> Decimal:
    """The net price with tax. Where net and tax were each rounded up, that would be less than was
    charged: then the price is what was charged for one."""
    rate = Decimal(item.taxes[0].rate) if item.taxes else ZERO
    price = five_decimals_half_up(abs(Decimal(item.unit_price)) * (1 + rate))
    quantity = abs(item.quantity)
    if abs(price * quantity - gross) <= _CENT:
        return price
    return five_decimals_half_up(gross / quantity)


def _vat(item: wire.LineItem, zero_names: Sequence[ZeroName], gross: Decimal, tax: Decimal) -> Vat:
    if not item.taxes:
        return untaxed(gross)
    rate, name = Decimal(item.taxes[0].rate), item.taxes[0].name
    zero = _zero(name, zero_names)
    is_exempt = not rate and zero.is_exempt
    return Vat(
        code=RATED if rate else zero.code,
        is_exempt=is_exempt,
        percentage=rate * _HUNDRED,
        amount=tax,
        exclusive=gross - tax,
        inclusive=gross,
        reason=name if is_exempt else "",
    )


def _zero(name: str, zero_names: Sequence[ZeroName]) -> ZeroName:
    folded = name.casefold()
    return next((one for one in zero_names if one.part in folded), _UNNAMED)


def _tip(amount: Decimal) -> Iterator[Line]:
    """Nobody tells whether a tip is for the staff; it is, unless the business keeps it."""
    if amount:
        yield Line(
            direction=Direction.RETURN if amount < 0 else Direction.SALE,
            text="Tip",
            quantity=Decimal(1),
            unit_price=abs(amount),
            vat=untaxed(abs(amount)),
            purpose=Purpose.TIP_STAFF,
        )


def _discounts(body: wire.GoodsMovement, *, is_net: bool) -> tuple[Discount, ...]:
    """Gross, as drafts want them. Net ones share the tax that they save by their size."""
    said = [one for one in _cart(body) if Decimal(one.amount)]
    shares = [Decimal(one.amount) for one in said]
    if is_net and said:
        saved = sum((_line_tax(item) for item in body.line_items), ZERO) - Decimal(body.tax_amount)
        shares = [share + part for share, part in zip(shares, _split(saved, shares), strict=True)]
    return tuple(
        Discount(text=one.description, amount=share)
        for one, share in zip(said, shares, strict=True)
    )


def _split(amount: Decimal, weights: Sequence[Decimal]) -> Iterator[Decimal]:
    """Cents by weight that add up: what was given so far is what the sum of weights deserves."""
    whole, seen, given = sum(weights, ZERO), ZERO, ZERO
    for weight in weights:
        seen += weight
        due = cents_half_up(amount * seen / whole)
        yield due - given
        given = due
