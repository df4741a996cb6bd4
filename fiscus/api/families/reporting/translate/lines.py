"""A line of a sale as the caller said it, as a line of a neutral draft. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from fiscus.api.families.reporting.wire import operations as wire
from fiscus.model.amounts import CENT, ZERO, cents_half_up, five_decimals_half_up
from fiscus.model.documents import (
    RATE_ALONE,
    SEVERAL_RATES,
    Direction,
    DraftLine,
    LinePart,
    LinePurpose,
    StatedVat,
    VoucherKind,
)
from fiscus.model.faults import Code, Fault
from fiscus.model.roundings import vat_in
from fiscus.regimes import ZeroName

NOT_TAXABLE = "NOT_TAXABLE"
_UNNAMED = ZeroName(part="", code=NOT_TAXABLE)
NO_CATEGORIES: Mapping[str, ZeroName] = {}
PURPOSES = {
    "goods": LinePurpose.SALE,
    "gift_card": LinePurpose.VOUCHER_SOLD,
    "deposit": LinePurpose.DEPOSIT,
    "receivable": LinePurpose.RECEIVABLE_SETTLED,
}
VOUCHER_KINDS = {
    "single_purpose": VoucherKind.SINGLE,
    "multi_purpose": VoucherKind.MULTIPLE,
    None: None,
}
MAY_BE_UNTAXED = frozenset({"gift_card", "receivable"})
UNCLEAR_ZERO = Code(
    "REPORTING-TAX-01",
    "the name of a tax does not say why its rate is zero: say it in the line's tax_category",
)
NO_ZERO = Code(
    "REPORTING-TAX-02",
    "tax_category says why a rate is zero: the line has no such tax, or the country's law no such"
    " category",
)
_HUNDRED = Decimal(100)


class ZeroReading(NamedTuple):
    """How a law reads why a rate is zero: by the name of the tax, or by the caller's word for it.
    A law without names does not look at them: nothing is taxable."""

    names: Sequence[ZeroName]
    categories: Mapping[str, ZeroName]

    def of(self, item: wire.LineItem | wire.LineComponent) -> ZeroName | None:
        """Why the tax is zero, if it is; None: nobody says so."""
        category = item.tax_category if isinstance(item, wire.LineItem) else None
        if category is not None:
            return self.categories.get(category)
        if not self.names or not item.taxes:
            return _UNNAMED
        folded = item.taxes[0].name.casefold()
        return next((one for one in self.names if one.part in folded), None)

    def faults(self, items: Sequence[wire.LineItem]) -> Iterator[Fault]:
        """A voucher for many purposes is under no tax whatever its name; so is what was owed."""
        for index, item in enumerate(items):
            path = f"line_items[{index}]"
            is_single = item.voucher is not None and item.voucher.kind == "single_purpose"
            is_money = item.kind in MAY_BE_UNTAXED and not is_single
            is_said = item.tax_category is not None
            if is_said and (self.of(item) is None or not _is_zero(item)):
                yield _fault(NO_ZERO, f"{path}.tax_category")
            elif not item.components and not is_money and self._is_unclear(item):
                yield _fault(UNCLEAR_ZERO, f"{path}.taxes[0].name")
            for number, part in enumerate(item.components):
                if self._is_unclear(part):
                    yield _fault(UNCLEAR_ZERO, f"{path}.components[{number}].taxes[0].name")

    def _is_unclear(self, item: wire.LineItem | wire.LineComponent) -> bool:
        return _is_zero(item) and self.of(item) is None


def _is_zero(item: wire.LineItem | wire.LineComponent) -> bool:
    return bool(item.taxes) and not any(Decimal(tax.rate) for tax in item.taxes)


def _fault(code: Code, path: str) -> Fault:
    return Fault(code=code.id, text=code.text, paths=(path,))


def drafted_line(
    item: wire.LineItem, zeros: ZeroReading, *, is_net: bool, extra: Decimal
) -> DraftLine:
    total, tax = Decimal(item.total_amount), line_tax(item)
    gross = abs(total + tax + extra if is_net else total)
    if extra:
        tax = cents_half_up(vat_in(gross, rate_of(item) * _HUNDRED))
    return DraftLine(
        direction=Direction.RETURN if _is_back(item) else Direction.SALE,
        text=item.title,
        quantity=abs(item.quantity),
        unit_price=_gross_price(item, gross) if is_net else abs(Decimal(item.unit_price)),
        vat=_vat(item, zeros, gross, abs(tax)),
        purpose=PURPOSES[item.kind],
        product=item.article_number or "",
        gtin=item.gtin or "",
        product_group=item.article_group.id if item.article_group else "",
        product_group_name=(item.article_group and item.article_group.name) or "",
        is_eaten_in=item.is_eaten_in,
        parts=tuple(_part(part, zeros, total) for part in item.components),
        voucher=(item.voucher.number or "") if item.voucher else "",
        voucher_kind=VOUCHER_KINDS[item.voucher.kind] if item.voucher else None,
    )


def _is_back(item: wire.LineItem) -> bool:
    """What cost nothing is taken back by its quantity alone."""
    total = Decimal(item.total_amount)
    return item.quantity < 0 if not total else total < 0


def _part(part: wire.LineComponent, zeros: ZeroReading, line: Decimal) -> LinePart:
    """With the sign of its line taken away: one that goes the other way is negative."""
    sign = -1 if line < 0 else 1
    gross, (tax,) = sign * Decimal(part.total_amount), part.taxes
    return LinePart(
        text=part.title,
        quantity=abs(part.quantity),
        vat=_taxed_by(tax, zeros.of(part) or _UNNAMED, gross, sign * Decimal(tax.tax_amount)),
        product=part.article_number,
        gtin=part.gtin or "",
        product_group=part.article_group.id if part.article_group else "",
        product_group_name=(part.article_group and part.article_group.name) or "",
    )


def _gross_price(item: wire.LineItem, gross: Decimal) -> Decimal:
    """The net price with tax. Where net and tax were each rounded up, that would be less than was
    charged: then the price is what was charged for one."""
    rate = Decimal(item.taxes[0].rate) if item.taxes else ZERO
    price = five_decimals_half_up(abs(Decimal(item.unit_price)) * (1 + rate))
    quantity = abs(item.quantity)
    if abs(price * quantity - gross) <= CENT:
        return price
    return five_decimals_half_up(gross / quantity)


def _vat(item: wire.LineItem, zeros: ZeroReading, gross: Decimal, tax: Decimal) -> StatedVat:
    if not item.taxes:
        return untaxed(gross)
    if len(item.taxes) > 1:
        net = gross - tax
        return StatedVat(code=SEVERAL_RATES, amount=tax, exclusive=net, inclusive=gross)
    return _taxed_by(item.taxes[0], zeros.of(item) or _UNNAMED, gross, tax)


def _taxed_by(stated: wire.Tax, zero: ZeroName, gross: Decimal, tax: Decimal) -> StatedVat:
    rate, name = Decimal(stated.rate), stated.name
    is_exempt = not rate and zero.is_exempt
    return StatedVat(
        code=RATE_ALONE if rate else zero.code,
        is_exempt=is_exempt,
        percentage=rate * _HUNDRED,
        amount=tax,
        exclusive=gross - tax,
        inclusive=gross,
        reason=name if is_exempt else "",
    )


def untaxed(amount: Decimal) -> StatedVat:
    """The VAT of what is not taxable: tips to the staff, vouchers, money that only moves."""
    return StatedVat(code=NOT_TAXABLE, is_exempt=True, exclusive=amount, inclusive=amount)


def line_tax(item: wire.LineItem) -> Decimal:
    return sum((Decimal(tax.tax_amount) for tax in item.taxes), ZERO)


def rate_of(item: wire.LineItem) -> Decimal:
    return sum((Decimal(tax.rate) for tax in item.taxes), ZERO)
