"""A sale, return or exchange as the caller said it, as a neutral draft. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from fiscus.api.families.reporting.translate import people
from fiscus.api.families.reporting.translate.lines import (
    MAY_BE_UNTAXED,
    NO_CATEGORIES,
    PURPOSES,
    ZeroReading,
    drafted_line,
    line_tax,
    rate_of,
    untaxed,
)
from fiscus.api.families.reporting.wire import operations as wire
from fiscus.model.amounts import CENT, ZERO, cents_half_up, money
from fiscus.model.documents import (
    Direction,
    Discount,
    DocumentKind,
    Draft,
    DraftLine,
    LinePurpose,
    StatedTotals,
)
from fiscus.model.faults import Code, Fault, Refused
from fiscus.model.roundings import TaxedLine, is_lawful, is_rounded, shares, vat_in
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
    "tax_amount is neither the sum of the lines' taxes nor, for each rate, the exact tax rounded"
    " once, less the taxes of discounts",
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
NOT_ALL_TOTALS = Code(
    "REPORTING-TOTAL-04",
    "an order states pretax_amount, tax_amount and total_amount, or none of them",
)
NO_PARTS_SUM = Code(
    "REPORTING-LINE-04",
    "the components of a line must add up to its total_amount, and under each rate to its tax",
)
NET_PARTS = Code("REPORTING-LINE-05", "a line with components needs prices with tax in them")
NO_ARTICLE = Code(
    "REPORTING-LINE-03",
    "a gift card is no article: it has no article_number, gtin, article_group, is_eaten_in or"
    " components",
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
NO_ORIGIN = Code(
    "REPORTING-RELATED-02",
    "a sale names no related operation, unless a line of kind receivable pays what that one left"
    " owed",
)
NO_VOUCHER = Code(
    "REPORTING-VOUCHER-01", "voucher is said of a line that sells or takes back none: use gift_card"
)

_OF_ARTICLES = ("article_number", "gtin", "article_group", "is_eaten_in", "components")

HOME_CURRENCY = "EUR"
_HUNDRED = Decimal(100)
_KINDS = {
    "sale": DocumentKind.RECEIPT,
    "return": DocumentKind.CORRECTION,
    "exchange": DocumentKind.CORRECTION,
    "order": DocumentKind.ORDER,
}


def goods(
    body: wire.GoodsMovement,
    refers_to: str = "",
    *,
    tab: str = "",
    zero_names: Sequence[ZeroName] = (),
    zero_categories: Mapping[str, ZeroName] = NO_CATEGORIES,
) -> Draft:
    """What is sold or taken back, without payments. `refers_to` is the document that concluded
    the related operation, `tab` the one that began the tab, `zero_names` and `zero_categories` the
    law's reading of taxes of zero; where it reads none they are not taxable. Raises `Refused` with
    all faults at once."""
    zeros = ZeroReading(zero_names, zero_categories)
    if faults := (*_faults(body), *zeros.faults(body.line_items)):
        raise Refused(Code(faults[0].code, faults[0].text), faults=faults)
    is_net = not _are_gross(body)
    extra = _extra_cents(body) if is_net else [ZERO] * len(body.line_items)
    lines = [
        drafted_line(item, zeros, is_net=is_net, extra=cents)
        for item, cents in zip(body.line_items, extra, strict=True)
    ]
    external = body.external_related_operation
    draft = Draft(
        kind=_KINDS[body.type],
        reference=body.external_id or "",
        lines=(*lines, *_tip(Decimal(body.tip_amount))),
        currency=body.currency,
        totals=_totals(body),
        discounts=_discounts(body, is_net=is_net),
        refers_to=refers_to,
        external_reference=external.external_operation_id if external else "",
        external_text=external.description if external else "",
        is_exchange=body.type == "exchange",
        text=body.note or "",
        groups=tuple(dict.fromkeys(table.strip() for table in body.tables)),
        tab=tab,
        is_training=body.is_training,
        is_full_reversal=not isinstance(body, wire.Sale) and body.is_full_reversal,
        buyer=people.buyer(body.customer),
    )
    return people.served(draft, body.operator)


def order(
    body: wire.Order,
    *,
    tab: str = "",
    zero_names: Sequence[ZeroName] = (),
    zero_categories: Mapping[str, ZeroName] = NO_CATEGORIES,
) -> Draft:
    """What is ordered, by the rules for what is sold, with any sign. Raises `Refused`."""
    stated = (body.pretax_amount, body.tax_amount, body.total_amount)
    if any(stated) and not all(stated):
        raise Refused(NOT_ALL_TOTALS, "total_amount")
    shared = {name: getattr(body, name) for name in wire.Order.model_fields if name != "tab_id"}
    whole = wire.Sale.model_construct(**shared | {"source": "POS", "currency": _currency(body)})
    if not any(stated):
        tax, gross = sum(map(line_tax, body.line_items), ZERO), _sum(whole)
        whole.tax_amount, whole.total_amount = money(tax), money(gross)
        whole.pretax_amount = money(gross - tax)
    return goods(whole, tab=tab, zero_names=zero_names, zero_categories=zero_categories)


def _currency(body: wire.Order) -> str:
    return body.currency or HOME_CURRENCY


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
    elif any(item.components for item in body.line_items) and not _are_gross(body):
        yield _fault(NET_PARTS, "line_items")
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
    if body.type == "sale" and named and not (_is_settling(body) and len(named) == 1):
        yield _fault(NO_ORIGIN, "related_operation_id")
    elif (
        body.type in ("return", "exchange")
        and len(named) != 1
        and not (_is_of_empties(body) and not named)
    ):
        yield _fault(ONE_ORIGIN, "related_operation_id")


def _sign_faults(body: wire.GoodsMovement) -> Iterator[Fault]:
    """Only what is paid has the sign of the type. Empties are taken back in the middle of a sale,
    may bear more tax than what is sold, and may be worth more. An order may take back all that was
    ordered."""
    back = [item for item in body.line_items if Decimal(item.total_amount) < 0]
    if body.type not in ("sale", "return"):
        return
    sign = 1 if body.type == "sale" else -1
    amounts = {"total_amount": body.total_amount, "tip_amount": body.tip_amount}
    if body.type == "sale" and back and all(item.kind == "deposit" for item in back):
        del amounts["total_amount"]
    if wrong := tuple(path for path, text in amounts.items() if Decimal(text) * sign < 0):
        yield _fault(WRONG_SIGN, *wrong)


def _line_faults(item: wire.LineItem, path: str) -> Iterator[Fault]:
    total = Decimal(item.total_amount)
    worth = item.quantity * Decimal(item.unit_price)
    # The sign may stand before the quantity, before the price, or before the total alone.
    if not item.quantity or abs(abs(worth) - abs(total)) >= CENT:
        yield _fault(NOT_LINE_TOTAL, f"{path}.total_amount")
    if item.voucher is not None and item.kind != "gift_card":
        yield _fault(NO_VOUCHER, f"{path}.voucher")
    if item.components:
        if not _is_sum_of_parts(item):
            yield _fault(NO_PARTS_SUM, f"{path}.components")
    elif len(item.taxes) != 1 and not (item.kind in MAY_BE_UNTAXED and not item.taxes):
        yield _fault(ONE_TAX, f"{path}.taxes")
    elif any(Decimal(tax.tax_amount) * total < 0 for tax in item.taxes):
        yield _fault(WRONG_SIGN, f"{path}.taxes[0].tax_amount")
    if item.kind == "gift_card":
        named = [f"{path}.{x}" for x in _OF_ARTICLES if getattr(item, x) not in (None, [])]
        if named:
            yield _fault(NO_ARTICLE, *named)


def _is_settling(body: wire.GoodsMovement) -> bool:
    return any(item.kind == "receivable" for item in body.line_items)


def _is_of_empties(body: wire.GoodsMovement) -> bool:
    """Whether only deposits move: nobody knows with which sale a bottle went out."""
    return all(item.kind == "deposit" for item in body.line_items)


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
    return () if isinstance(body, wire.Exchange) else body.cart_level_discounts


def _sum_discounts(body: wire.GoodsMovement) -> Decimal:
    """Signed: what is taken back with the goods lessens what is given back."""
    off = sum((Decimal(one.amount) for one in _cart(body)), ZERO)
    return -off if body.type == "return" else off


def _is_tax_sum(body: wire.GoodsMovement) -> bool:
    """The sum of the lines' taxes, less those of discounts; or rounded otherwise, if each line's is
    right. How tills round the share of a discount in each rate is worth a cent for each rate,
    however many lines there are."""
    taxed, stated = [*_taxed(body), *_discounted(body)], Decimal(body.tax_amount)
    if stated == sum((one.vat for one in taxed), ZERO):
        return True
    if not all(is_rounded(one.vat, vat_in(one.gross, one.percentage)) for one in _taxed(body)):
        return False
    rates = len({one.rate for one in taxed}) if _sum_discounts(body) else 0
    return any(is_lawful(taxed, stated + CENT * off) for off in range(-rates, rates + 1))


def _taxed(
    body: wire.GoodsMovement, kinds: frozenset[str] = frozenset(PURPOSES)
) -> Iterator[TaxedLine]:
    """Each line of these kinds as its rates see it, with its sign. A net price bears its tax on
    top."""
    is_net = not _are_gross(body)
    for item in body.line_items:
        if item.kind not in kinds:
            continue
        for rate, (total, tax) in _by_rate(item).items():
            yield TaxedLine(rate, rate * _HUNDRED, total * (1 + rate) if is_net else total, tax)


def _discounted(body: wire.GoodsMovement) -> Iterator[TaxedLine]:
    """What discounts take from each rate by its share of the turnover, as the law records it."""
    by_rate: dict[Decimal, Decimal] = {}
    for one in _taxed(body, frozenset({"goods"})):
        rate = one.percentage / _HUNDRED
        by_rate[rate] = by_rate.get(rate, ZERO) + one.gross
    whole = sum((x if _are_gross(body) else x / (1 + rate) for rate, x in by_rate.items()), ZERO)
    if off := _sum_discounts(body) if whole else ZERO:
        for rate, gross in by_rate.items():
            share = -off * gross / whole
            yield TaxedLine(rate, rate * _HUNDRED, share, vat_in(share, rate * _HUNDRED))


def _by_rate(item: wire.LineItem) -> dict[Decimal, tuple[Decimal, Decimal]]:
    """What of a line stands under each rate: its total as priced, and its tax."""
    if not item.components:
        return {rate_of(item): (Decimal(item.total_amount), line_tax(item))}
    found: dict[Decimal, tuple[Decimal, Decimal]] = {}
    for part in item.components:
        (tax,) = part.taxes
        total, vat = found.get(Decimal(tax.rate), (ZERO, ZERO))
        found[Decimal(tax.rate)] = total + Decimal(part.total_amount), vat + Decimal(tax.tax_amount)
    return found


def _is_sum_of_parts(item: wire.LineItem) -> bool:
    """Each rate of the components is a tax of the line, and no other."""
    found = _by_rate(item)
    stated = {Decimal(tax.rate): Decimal(tax.tax_amount) for tax in item.taxes}
    total = sum((worth for worth, _ in found.values()), ZERO)
    return (
        total == Decimal(item.total_amount)
        and len(stated) == len(item.taxes)
        and stated == {rate: tax for rate, (_, tax) in found.items()}
    )


def _totals(body: wire.GoodsMovement) -> StatedTotals:
    """As stated, with the tip; a total that goes back without its sign, as lines have none."""
    net = Decimal(body.pretax_amount) + Decimal(body.tip_amount)
    tax, gross = Decimal(body.tax_amount), Decimal(body.total_amount)
    sign = -1 if gross < 0 else 1
    return StatedTotals(exclusive=sign * net, amount=sign * tax, inclusive=sign * gross)


def _extra_cents(body: wire.GoodsMovement) -> list[Decimal]:
    """Where prices are net and the tax is rounded once, what is paid is not the sum of the lines
    with their taxes: the cents that are missing go to the lines that were rounded down most."""
    taxed, extra = list(_taxed(body)), [ZERO] * len(body.line_items)
    if _sum_discounts(body):
        return extra
    for rate, vat in (shares(taxed, Decimal(body.tax_amount)) or {}).items():
        mine = [i for i, one in enumerate(taxed) if one.rate == rate]
        missing = vat - sum((taxed[i].vat for i in mine), ZERO)
        cent = CENT.copy_sign(missing)
        mine.sort(key=lambda i: _rest(taxed[i]) * cent, reverse=True)
        for i in mine[: int(abs(missing) / CENT)]:
            extra[i] = cent
    return extra


def _rest(one: TaxedLine) -> Decimal:
    """The exact tax less the stated one."""
    return vat_in(one.gross, one.percentage) - one.vat


def _tip(amount: Decimal) -> Iterator[DraftLine]:
    """Nobody tells whether a tip is for the staff; it is, unless the business keeps it."""
    if amount:
        yield DraftLine(
            direction=Direction.RETURN if amount < 0 else Direction.SALE,
            text="Tip",
            quantity=Decimal(1),
            unit_price=abs(amount),
            vat=untaxed(abs(amount)),
            purpose=LinePurpose.TIP_STAFF,
        )


def _discounts(body: wire.GoodsMovement, *, is_net: bool) -> tuple[Discount, ...]:
    """Gross, as drafts want them. Net ones share the tax that they save by their size."""
    said = [one for one in _cart(body) if Decimal(one.amount)]
    shares = [Decimal(one.amount) for one in said]
    if is_net and said:
        saved = sum((line_tax(item) for item in body.line_items), ZERO) - Decimal(body.tax_amount)
        saved = -saved if body.type == "return" else saved
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
