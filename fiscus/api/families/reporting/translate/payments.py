"""How something was paid: the family's legs as neutral payments and redemptions. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from fiscus.api.families.reporting.translate.lines import VOUCHER_KINDS, untaxed
from fiscus.api.families.reporting.wire import operations as wire
from fiscus.model.amounts import ZERO, cents_half_up
from fiscus.model.documents import (
    RATE_ALONE,
    Direction,
    Draft,
    DraftLine,
    LinePurpose,
    Payment,
    PaymentMeans,
    StatedVat,
)
from fiscus.model.faults import Code, Fault, Refused
from fiscus.model.roundings import vat_in
from fiscus.model.times import instant

NO_SUM = Code("REPORTING-PAYMENT-01", "the payments must add up to the operation's total_amount")
NO_GIFT_CARD = Code("REPORTING-PAYMENT-02", "a payment with a gift card names its gift_card_id")
FOREIGN = Code(
    "REPORTING-PAYMENT-03",
    "another currency than the operation's is taken in cash only, and needs base_amount",
)
NOT_FOREIGN = Code(
    "REPORTING-PAYMENT-04", "base_amount is for payments in another currency than the operation's"
)
NO_VOUCHER = Code(
    "REPORTING-PAYMENT-05",
    "voucher is said of a payment that redeems none: its method is gift_card, voucher or"
    " store_credit",
)
TWO_NUMBERS = Code("REPORTING-PAYMENT-06", "voucher.number is another one than gift_card_id")
NOT_YET = Code("REPORTING-PAYMENT-07", "processed_at is more than a day ahead")

AHEAD_MAX = timedelta(days=1)
"""How far the clock of who processes payments may be ahead, its time zone included."""

DEBIT_BRANDS = frozenset(
    {
        "girocard",
        "girokarte",
        "ec",
        "maestro",
        "vpay",
        "visadebit",
        "debitmastercard",
        "mastercarddebit",
        "visaelectron",
        "debit",
    }
)
"""Brands, in lower case and without anything but letters, of cards that draw on an account."""

NOTHING_MOVED = frozenset({"failed", "voided"})
PROMISED = frozenset({"pending", "authorized"})
_VOUCHERS = frozenset({"gift_card", "voucher", "store_credit"})
_HUNDRED = Decimal(100)

_MEANS = {
    "cash": PaymentMeans.CASH,
    "bank_transfer": PaymentMeans.TRANSFER,
    "digital_wallet": PaymentMeans.ONLINE,
    "voucher": PaymentMeans.VOUCHER_MULTIPLE,
    "store_credit": PaymentMeans.CARD_PREPAID,
    "other": PaymentMeans.OTHER,
}


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """What concludes an operation: payments, and the vouchers redeemed for it."""

    payments: tuple[Payment, ...]
    lines: tuple[DraftLine, ...]


def settlement(
    body: wire.Complete, *, total: Decimal, currency: str, at: datetime | None = None
) -> Settlement:
    """What was paid. A leg that failed or was voided moved no money: it is kept with what the
    caller said, and counts for nothing. `at` is now, if times are to be compared with it. Raises
    `Refused`."""
    faults = (*_faults(body.payments, total, currency), *_time_faults(body.payments, at))
    if faults:
        raise Refused(Code(faults[0].code, faults[0].text), faults=faults)
    legs = _counted(body.payments, total)
    return Settlement(payments=tuple(_payments(legs, currency)), lines=tuple(_redemptions(legs)))


def settled(draft: Draft, paid: Settlement) -> Draft:
    """The draft as it was opened, with what concludes it."""
    return msgspec.structs.replace(draft, lines=(*draft.lines, *paid.lines), payments=paid.payments)


def is_owed(*, status: str, amount: Decimal) -> bool:
    """Whether a leg is a promise: not paid yet, or paid and given back again. What a return gives
    back is paid when it was refunded."""
    return status in PROMISED or was_given_back(status=status, amount=amount)


def was_given_back(*, status: str, amount: Decimal) -> bool:
    """Whether a leg brought money that went back again."""
    return status == "refunded" and amount > 0


def is_redemption(*, method: str, status: str, amount: Decimal, has_voucher: bool) -> bool:
    """Whether a leg takes a voucher that turnover goes down by, as far as it is no promise."""
    is_voucher = method == "gift_card" or has_voucher
    return is_voucher and not is_owed(status=status, amount=amount)


def _is_owed(leg: wire.Payment) -> bool:
    return is_owed(status=leg.status, amount=Decimal(leg.amount))


def _is_redemption(leg: wire.Payment) -> bool:
    return is_redemption(
        method=leg.method,
        status=leg.status,
        amount=Decimal(leg.amount),
        has_voucher=leg.voucher is not None,
    )


def _counted(legs: Iterable[wire.Payment], total: Decimal) -> list[wire.Payment]:
    """Without those that moved nothing. What was given back again counts for nothing either where
    the others are the total: something else was paid instead."""
    moved = [leg for leg in legs if leg.status not in NOTHING_MOVED]
    kept = [
        leg for leg in moved if not was_given_back(status=leg.status, amount=Decimal(leg.amount))
    ]
    return kept if _sum(kept) == total else moved


def _sum(legs: Iterable[wire.Payment]) -> Decimal:
    return sum(map(_worth, legs), ZERO)


def _faults(legs: Sequence[wire.Payment], total: Decimal, currency: str) -> Iterator[Fault]:
    for index, leg in enumerate(legs):
        is_foreign = leg.currency != currency
        if is_foreign and (leg.method != "cash" or leg.base_amount is None):
            yield _fault(FOREIGN, f"payments[{index}].currency")
        elif not is_foreign and leg.base_amount is not None:
            yield _fault(NOT_FOREIGN, f"payments[{index}].base_amount")
        if leg.method == "gift_card" and leg.gift_card_id is None:
            yield _fault(NO_GIFT_CARD, f"payments[{index}].gift_card_id")
        if leg.voucher is not None:
            yield from _voucher_faults(leg, leg.voucher, f"payments[{index}].voucher")
    if _sum(_counted(legs, total)) != total:
        yield _fault(NO_SUM, "payments")


def _time_faults(legs: Sequence[wire.Payment], at: datetime | None) -> Iterator[Fault]:
    for index, leg in enumerate(legs):
        if at and leg.processed_at and instant(leg.processed_at) > at + AHEAD_MAX:
            yield _fault(NOT_YET, f"payments[{index}].processed_at")


def _voucher_faults(leg: wire.Payment, voucher: wire.RedeemedVoucher, path: str) -> Iterator[Fault]:
    if leg.method not in _VOUCHERS:
        yield _fault(NO_VOUCHER, path)
    if leg.gift_card_id and voucher.number not in (None, leg.gift_card_id):
        yield _fault(TWO_NUMBERS, f"{path}.number")


def _fault(code: Code, path: str) -> Fault:
    return Fault(code=code.id, text=code.text, paths=(path,))


def _worth(leg: wire.Payment) -> Decimal:
    """In the currency of the operation."""
    return Decimal(leg.amount if leg.base_amount is None else leg.base_amount)


def _payments(legs: Sequence[wire.Payment], currency: str) -> Iterator[Payment]:
    for leg in legs:
        if _is_redemption(leg) or not _worth(leg):
            continue
        if _is_owed(leg):
            yield Payment(means=PaymentMeans.OUTSTANDING, amount=_worth(leg))
            continue
        is_foreign = leg.currency != currency
        yield Payment(
            means=_means(leg),
            amount=_worth(leg),
            name=leg.card_brand or leg.processor or "",
            currency=leg.currency if is_foreign else "",
            foreign_amount=Decimal(leg.amount) if is_foreign else None,
        )


def _means(leg: wire.Payment) -> PaymentMeans:
    if leg.method != "card":
        return _MEANS[leg.method]
    brand = "".join(letter for letter in (leg.card_brand or "").lower() if letter.isalpha())
    return PaymentMeans.CARD_DEBIT if brand in DEBIT_BRANDS else PaymentMeans.CARD_CREDIT


def _redemptions(legs: Sequence[wire.Payment]) -> Iterator[DraftLine]:
    """A voucher is no payment to the law: turnover goes down by it."""
    for leg in legs:
        worth = Decimal(leg.amount)
        if _is_redemption(leg) and worth:
            said = leg.voucher or wire.RedeemedVoucher()
            yield DraftLine(
                direction=Direction.RETURN if worth < 0 else Direction.SALE,
                text="Gift card",
                quantity=Decimal(1),
                unit_price=abs(worth),
                vat=_vat(abs(worth), said.rate),
                purpose=LinePurpose.VOUCHER_REDEEMED,
                paid_by=_MEANS.get(leg.method, PaymentMeans.CARD_GIFT),
                voucher=said.number or leg.gift_card_id or "",
                voucher_kind=VOUCHER_KINDS[said.kind],
            )


def _vat(gross: Decimal, rate: str | None) -> StatedVat:
    if rate is None:
        return untaxed(gross)
    percentage = Decimal(rate) * _HUNDRED
    tax = cents_half_up(vat_in(gross, percentage))
    return StatedVat(
        code=RATE_ALONE,
        percentage=percentage,
        amount=tax,
        exclusive=gross - tax,
        inclusive=gross,
    )
