"""What the books are told where no law assesses lines: the totals that were sealed, shared among
the lines as the caller stated them.

A document books `sale/<kind>/<code of VAT>`, its payments under `payment/<means>` with the change
taken off the cash, and the rest under `owed`.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from fiscus.model.accounts import (
    AccountedDocument,
    AccountedDraft,
    AccountedDraftLine,
    AccountedSeal,
    Bearing,
    Booking,
    BookingRole,
)
from fiscus.model.amounts import ZERO, cents_half_up
from fiscus.model.bookings import OWED, TaxedPart, balanced, in_cents, plain_booking
from fiscus.model.documents import Direction, PaymentMeans
from fiscus.model.kinds import EntryKind
from fiscus.regimes import RegimeAccounting
from fiscus.regimes.plain.series import CLOSING_TYPE, DOCUMENT_TYPE

BEARINGS: Mapping[str, Bearing] = {
    DOCUMENT_TYPE: Bearing.REVENUE,
    CLOSING_TYPE: Bearing.NEITHER,
}

KEYS: Mapping[str, str] = {
    "sale": "kind of document and code of VAT, both as the caller stated them",
    "payment": "means of payment",
    "owed": "not paid yet, or still to be given back",
}

NO_LINES = "total"
"""Stands for the code of VAT where a document has no lines."""


def bookings(document: AccountedDocument) -> tuple[Booking, ...]:
    draft, seal = document.draft, document.seal
    if document.kind != EntryKind.DOCUMENT or draft is None or draft.is_training or seal is None:
        return ()
    gross, vat = _worth(draft, seal)
    return balanced([*_of_lines(draft, gross, vat), *_of_payments(draft, gross)])


def _worth(draft: AccountedDraft, seal: AccountedSeal) -> tuple[Decimal, Decimal]:
    """Gross value and VAT, signed as the lines are: a return may be stated without a sign."""
    total = sum((_signed(line, line.vat.inclusive) for line in draft.lines), ZERO)
    sign = -1 if seal.gross > 0 > total else 1
    return sign * seal.gross, sign * seal.vat


def _of_lines(draft: AccountedDraft, gross: Decimal, vat: Decimal) -> Iterator[Booking]:
    parts = [_part(draft, line) for line in draft.lines]
    parts = parts or [TaxedPart(key=f"sale/{draft.kind.value}/{NO_LINES}", net=ZERO, vat=ZERO)]
    yield from in_cents(parts, net=vat - gross, vat=-vat)


def _part(draft: AccountedDraft, line: AccountedDraftLine) -> TaxedPart:
    return TaxedPart(
        key=f"sale/{draft.kind.value}/{line.vat.code}",
        net=-_signed(line, line.vat.exclusive),
        vat=-_signed(line, line.vat.amount),
        tax_code=line.vat.code,
        percentage=line.vat.percentage,
    )


def _signed(line: AccountedDraftLine, amount: Decimal) -> Decimal:
    return -amount if line.direction is Direction.RETURN else amount


def _of_payments(draft: AccountedDraft, gross: Decimal) -> Iterator[Booking]:
    """What a return names without a sign was given back."""
    real = [one for one in draft.payments if one.means is not PaymentMeans.OUTSTANDING]
    total = sum((cents_half_up(one.amount) for one in real), ZERO)
    sign = -1 if gross < 0 < total else 1
    change = max(ZERO, total - abs(gross))
    rest = gross
    for one in real:
        amount = cents_half_up(one.amount)
        if one.means is PaymentMeans.CASH:
            back = min(change, max(ZERO, amount))
            change, amount = change - back, amount - back
        rest -= sign * amount
        key = f"payment/{one.means.value}"
        yield plain_booking(BookingRole.SETTLEMENT, key, sign * amount)
    yield plain_booking(BookingRole.SETTLEMENT, OWED, rest)


ACCOUNTING = RegimeAccounting(
    bearings=BEARINGS,
    is_per_closing=False,
    bookings=bookings,
    keys=KEYS,
)
