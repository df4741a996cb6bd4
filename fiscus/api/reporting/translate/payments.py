"""How something was paid: the family's legs as neutral payments and redemptions. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

import msgspec

from fiscus.api.reporting.translate.goods import untaxed
from fiscus.api.reporting.wire import operations as wire
from fiscus.model.amounts import ZERO
from fiscus.model.documents import Direction, Draft, Line, Means, Payment, Purpose
from fiscus.model.faults import Code, Fault, Refused

NO_SUM = Code("REPORTING-PAYMENT-01", "the payments must add up to the operation's total_amount")
NO_GIFT_CARD = Code("REPORTING-PAYMENT-02", "a payment with a gift card names its gift_card_id")
FOREIGN = Code(
    "REPORTING-PAYMENT-03",
    "another currency than the operation's is taken in cash only, and needs base_amount",
)
NOT_FOREIGN = Code(
    "REPORTING-PAYMENT-04", "base_amount is for payments in another currency than the operation's"
)

DEBIT_BRANDS = frozenset(
    {"girocard", "girokarte", "ec", "maestro", "vpay", "visadebit", "debitmastercard",
     "mastercarddebit", "visaelectron", "debit"}
)  # fmt: skip
"""Brands, in lower case and without anything but letters, of cards that draw on an account."""

NOTHING_MOVED = frozenset({"failed", "voided"})

_MEANS = {
    "cash": Means.CASH,
    "bank_transfer": Means.TRANSFER,
    "digital_wallet": Means.ONLINE,
    "voucher": Means.CARD_PREPAID,
    "store_credit": Means.CARD_PREPAID,
    "other": Means.OTHER,
}


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """What concludes an operation: payments, and the gift cards redeemed for it."""

    payments: tuple[Payment, ...]
    lines: tuple[Line, ...]


def settlement(body: wire.Complete, *, total: Decimal, currency: str) -> Settlement:
    """What was paid. A leg that failed or was voided moved no money: it is kept with what the
    caller said, and counts for nothing. Raises `Refused`."""
    faults = tuple(_faults(body.payments, total, currency))
    if faults:
        raise Refused(Code(faults[0].code, faults[0].text), faults=faults)
    return Settlement(
        payments=tuple(_payments(_moved(body.payments), currency)),
        lines=tuple(_redemptions(_moved(body.payments))),
    )


def settled(draft: Draft, paid: Settlement) -> Draft:
    """The draft as it was opened, with what concludes it."""
    return msgspec.structs.replace(draft, lines=(*draft.lines, *paid.lines), payments=paid.payments)


def _moved(legs: Iterable[wire.Payment]) -> list[wire.Payment]:
    return [leg for leg in legs if leg.status not in NOTHING_MOVED]


def _faults(legs: Sequence[wire.Payment], total: Decimal, currency: str) -> Iterator[Fault]:
    for index, leg in enumerate(legs):
        is_foreign = leg.currency != currency
        if is_foreign and (leg.method != "cash" or leg.base_amount is None):
            yield _fault(FOREIGN, f"payments[{index}].currency")
        elif not is_foreign and leg.base_amount is not None:
            yield _fault(NOT_FOREIGN, f"payments[{index}].base_amount")
        if leg.method == "gift_card" and leg.gift_card_id is None:
            yield _fault(NO_GIFT_CARD, f"payments[{index}].gift_card_id")
    if sum((_worth(leg) for leg in _moved(legs)), ZERO) != total:
        yield _fault(NO_SUM, "payments")


def _fault(code: Code, path: str) -> Fault:
    return Fault(code=code.id, text=code.text, paths=(path,))


def _worth(leg: wire.Payment) -> Decimal:
    """In the currency of the operation."""
    return Decimal(leg.amount if leg.base_amount is None else leg.base_amount)


def _payments(legs: Sequence[wire.Payment], currency: str) -> Iterator[Payment]:
    for leg in legs:
        if leg.method == "gift_card" or not _worth(leg):
            continue
        is_foreign = leg.currency != currency
        yield Payment(
            means=_means(leg),
            amount=_worth(leg),
            name=leg.card_brand or leg.processor or "",
            currency=leg.currency if is_foreign else "",
            foreign_amount=Decimal(leg.amount) if is_foreign else None,
        )


def _means(leg: wire.Payment) -> Means:
    if leg.method != "card":
        return _MEANS[leg.method]
    brand = "".join(letter for letter in (leg.card_brand or "").lower() if letter.isalpha())
    return Means.CARD_DEBIT if brand in DEBIT_BRANDS else Means.CARD_CREDIT


def _redemptions(legs: Sequence[wire.Payment]) -> Iterator[Line]:
    """A gift card of many purposes is no payment to the law: turnover goes down by it."""
    for leg in legs:
        worth = Decimal(leg.amount)
        if leg.method == "gift_card" and worth:
            yield Line(
                direction=Direction.RETURN if worth < 0 else Direction.SALE,
                text="Gift card",
                quantity=Decimal(1),
                unit_price=abs(worth),
                vat=untaxed(abs(worth)),
                product=leg.gift_card_id or "",
                purpose=Purpose.VOUCHER_REDEEMED,
            )
