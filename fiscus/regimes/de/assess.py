"""Lines and payments as the law sees them: business case, VAT key, side, kind of payment."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import count
from typing import NamedTuple

from fiscus.model.amounts import (
    ZERO,
    cents_by_largest_remainder,
    cents_half_up,
    five_decimals_half_up,
)
from fiscus.model.documents import (
    Direction,
    Discount,
    DocumentKind,
    Draft,
    DraftLine,
    LinePurpose,
    Payment,
    PaymentMeans,
    StatedTotals,
)
from fiscus.model.records import AssessedLine, AssessedPayment, Case
from fiscus.regimes.de import composed, documents, taxes, worth
from fiscus.regimes.de.rates import percentage, today, vat_key

TAX_TYPE = "USt"
"""Of lines that count as turnover; those without it only move money."""

_LAST = frozenset(
    {
        LinePurpose.TIP_OWNER,
        LinePurpose.TIP_STAFF,
        LinePurpose.VOUCHER_SOLD,
        LinePurpose.VOUCHER_REDEEMED,
        LinePurpose.RECEIVABLE_SETTLED,
    }
)
"""Stand behind the discounts on the whole document, which do not concern them."""


class Assessment(NamedTuple):
    """What German tax law makes of a draft: lines, payments and sums."""

    lines: tuple[AssessedLine, ...]
    payments: tuple[AssessedPayment, ...]


def assess(case: Case) -> Assessment:
    """What a draft that broke no rule says: turnover, discounts, tips and vouchers, receivables."""
    draft, numbers = case.draft, count(1)
    first = _first(case, numbers)
    shared = _shared(draft, first, numbers)
    last = [_line(case, line, next(numbers)) for line in draft.lines if line.purpose in _LAST]
    owed = [_receivable(each, next(numbers)) for each in draft.payments if _is_owed(each)]
    return Assessment((*first, *shared, *last, *owed), _payments(draft))


def discounts(case: Case) -> list[AssessedLine]:
    """The discounts on the whole document alone, each shared by rates."""
    numbers = count(1)
    return _shared(case.draft, _first(case, numbers), numbers)


def signed(line: AssessedLine) -> Decimal:
    gross = line.net + line.vat
    return -gross if line.is_debit else gross


def totals(lines: Iterable[AssessedLine]) -> StatedTotals:
    """Signed sums in cents. VAT is rounded by rate, as it is printed; net is what remains of gross
    without VAT, so that the three agree."""
    gross, by_rate = ZERO, dict[tuple[str, Decimal], Decimal]()
    for line in lines:
        gross += signed(line)
        rate = (line.tax_code, line.percentage)
        vat = -line.vat if line.is_debit else line.vat
        by_rate[rate] = by_rate.get(rate, ZERO) + vat
    gross, vat = cents_half_up(gross), sum(map(cents_half_up, by_rate.values()), ZERO)
    return StatedTotals(exclusive=gross - vat, amount=vat, inclusive=gross)


def _first(case: Case, numbers: Iterator[int]) -> list[AssessedLine]:
    goods = [line for line in case.draft.lines if line.purpose not in _LAST]
    return [part for line in goods for part in _lines(case, line, next(numbers))]


def _shared(
    draft: Draft, first: Sequence[AssessedLine], numbers: Iterator[int]
) -> list[AssessedLine]:
    base = [each for each in first if each.case in _DISCOUNTED]
    return [part for each in draft.discounts for part in _discount(each, base, next(numbers))]


_DISCOUNTED = frozenset({documents.SALES, documents.SURCHARGE, documents.DISCOUNT})


def _lines(case: Case, line: DraftLine, number: int) -> Iterator[AssessedLine]:
    """A line under several rates is one for each, all of one number."""
    return (_line(case, one, number) for one in composed.by_rate(line))


def _line(case: Case, line: DraftLine, number: int) -> AssessedLine:
    """VAT is taken from the caller, who prints it; net is the rest of gross."""
    key = vat_key(line, today(case))
    assert key is not None
    gross, vat = worth.gross(line), five_decimals_half_up(line.vat.amount)
    net = five_decimals_half_up(gross - vat)
    is_adjusted = bool(line.discount or line.surcharge)
    unit = gross / line.quantity if is_adjusted else line.unit_price
    return AssessedLine(
        number=number,
        product=line.product,
        text=line.text.strip(),
        quantity=line.quantity,
        measure=line.measure,
        unit_price=five_decimals_half_up(net / line.quantity),
        unit_gross=five_decimals_half_up(unit),
        net=net,
        vat=vat,
        region="",
        tax_type="" if documents.is_untaxed(line) else TAX_TYPE,
        tax_code=str(key),
        percentage=percentage(line.vat),
        exemption=line.vat.code if line.vat.is_exempt else "",
        exemption_text=line.vat.reason,
        is_debit=worth.is_lowering(line),
        is_service=line.is_service,
        discount=line.discount - line.surcharge,
        original_line=_original_line(case, line),
        case=documents.case_of(line, is_return=line.direction is Direction.RETURN),
        gtin=line.gtin,
        product_group=line.product_group,
        product_group_name=line.product_group_name,
        is_eaten_in=line.is_eaten_in,
        parts=composed.assessed(line),
        voucher=line.voucher.strip(),
    )


def _original_line(case: Case, line: DraftLine) -> int:
    number = line.number.strip()
    is_number = number.isascii() and number.isdecimal()
    return int(number) if case.draft.kind is DocumentKind.CORRECTION and is_number else 0


def _discount(each: Discount, base: Sequence[AssessedLine], number: int) -> Iterator[AssessedLine]:
    """One line under every VAT key of the turnover that it is taken from, by share of it."""
    sums: dict[tuple[str, Decimal], Decimal] = {}
    for line in base:
        key = (line.tax_code, line.percentage)
        sums[key] = sums.get(key, ZERO) + signed(line)
    is_return = sum(sums.values(), ZERO) < 0
    weights = [max(-amount if is_return else amount, ZERO) for amount in sums.values()]
    shares = cents_by_largest_remainder(cents_half_up(each.amount), weights)
    for (code, rate), share in zip(sums, shares, strict=True):
        if share:
            vat = five_decimals_half_up(share * rate / (100 + rate))
            net = five_decimals_half_up(share - vat)
            yield AssessedLine(
                number=number,
                product="",
                text=each.text.strip() or documents.DISCOUNT,
                quantity=Decimal(1),
                measure="",
                unit_price=net,
                unit_gross=five_decimals_half_up(each.amount),
                net=net,
                vat=vat,
                region="",
                tax_type=TAX_TYPE,
                tax_code=code,
                percentage=rate,
                is_debit=not is_return,
                case=documents.DISCOUNT,
            )


def _is_owed(payment: Payment) -> bool:
    return payment.means is PaymentMeans.OUTSTANDING and bool(payment.amount)


def _receivable(payment: Payment, number: int) -> AssessedLine:
    """What is not paid yet is turnover and a receivable against it, so that lines and payments
    still come to the same."""
    amount = five_decimals_half_up(abs(payment.amount))
    return AssessedLine(
        number=number,
        product="",
        text=payment.name.strip() or documents.RECEIVABLE,
        quantity=Decimal(1),
        measure="",
        unit_price=amount,
        unit_gross=amount,
        net=amount,
        vat=five_decimals_half_up(ZERO),
        region="",
        tax_type="",
        tax_code=str(taxes.UNTAXED),
        percentage=Decimal(0),
        is_debit=payment.amount > 0,
        case=documents.RECEIVABLE,
    )


def _payments(draft: Draft) -> tuple[AssessedPayment, ...]:
    """An operation with lines that nothing was paid for says so: a receipt names its payment. An
    order is not paid at all."""
    paid = tuple(
        AssessedPayment(
            type=documents.PAYMENTS[each.means],
            amount=cents_half_up(each.amount),
            name=each.name.strip(),
            currency=each.currency or draft.currency,
            foreign_amount=each.foreign_amount,
            is_cash=each.means is PaymentMeans.CASH,
        )
        for each in draft.payments
        if each.means is not PaymentMeans.OUTSTANDING and each.amount
    )
    if draft.lines and not paid and not documents.is_order(draft):
        return (AssessedPayment(type=documents.NOTHING_PAID, amount=ZERO, currency=draft.currency),)
    return paid
