"""The draft as the law reads it: a cancellation is a receipt that takes all back, money given back
is negative, what lowers a price is gross; with the tables of its tab, the kinds of its vouchers,
and our own words in German."""

from collections.abc import Iterable
from decimal import Decimal

import msgspec

from fiscus.model.amounts import ZERO, five_decimals_half_up
from fiscus.model.documents import Direction, DocumentKind, Draft, DraftLine, Payment
from fiscus.model.records import Case
from fiscus.regimes.de import worth
from fiscus.regimes.de.rates import percentage
from fiscus.regimes.de.tabs import with_tables
from fiscus.regimes.de.vouchers import with_vouchers
from fiscus.regimes.de.wording import in_german


def completed(case: Case) -> Draft:
    for read in (_as_said, with_tables, with_vouchers, in_german):
        case = msgspec.structs.replace(case, draft=read(case))
    return case.draft


def _as_said(case: Case) -> Draft:
    """What was signed stays signed (AO § 146 (4)): a receipt is cancelled by another one, signed as
    well, with the same lines and payments the other way round."""
    draft = case.draft
    if draft.kind is DocumentKind.CANCELLATION:
        return _reversal(case)
    if draft.external_on is not None and not draft.external_text:
        # The file names a document from outside in words, and has no column for its day.
        text = f"Beleg vom {draft.external_on:%d.%m.%Y}"
        draft = msgspec.structs.replace(draft, external_text=text)
    if any(line.discount or line.surcharge for line in draft.lines):
        draft = msgspec.structs.replace(draft, lines=tuple(map(_in_gross, draft.lines)))
    paid, total = sum((each.amount for each in draft.payments), ZERO), worth.total(draft)
    if paid == -total > 0:
        # Some callers state what is paid back as they state the lines of a return: without a sign.
        draft = msgspec.structs.replace(draft, payments=_negated(draft.payments))
    return draft


def _reversal(case: Case) -> Draft:
    """Without lines if there is nothing that could be taken back: rules tell why."""
    asked = msgspec.structs.replace(case.draft, kind=DocumentKind.CORRECTION, is_full_reversal=True)
    original = case.original.draft if case.original else None
    if original is None:
        return asked
    return msgspec.structs.replace(
        asked,
        lines=tuple(map(_back, original.lines)),
        payments=_negated(original.payments),
        discounts=original.discounts,
        totals=original.totals,
        buyer=original.buyer,
        currency=original.currency,
    )


def _back(line: DraftLine) -> DraftLine:
    is_sale = line.direction is Direction.SALE
    return msgspec.structs.replace(line, direction=Direction.RETURN if is_sale else Direction.SALE)


def _negated(payments: Iterable[Payment]) -> tuple[Payment, ...]:
    return tuple(
        msgspec.structs.replace(
            each,
            amount=-each.amount,
            foreign_amount=None if each.foreign_amount is None else -each.foreign_amount,
        )
        for each in payments
    )


def _in_gross(line: DraftLine) -> DraftLine:
    """Some callers state discounts and surcharges net: then, and only then, the price fits the
    amount of the line with their VAT."""
    factor = 1 + percentage(line.vat) / 100
    gross = msgspec.structs.replace(
        line, discount=_times(line.discount, factor), surcharge=_times(line.surcharge, factor)
    )
    as_said, as_net = (abs(worth.by_price(one) - line.vat.inclusive) for one in (line, gross))
    return gross if as_net <= worth.PRICE_TOLERANCE < as_said else line


def _times(amount: Decimal, factor: Decimal) -> Decimal:
    return five_decimals_half_up(amount * factor)
