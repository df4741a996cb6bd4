"""What was paid for a document: in the law's words, and in those of its caller. Pure."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from fiscus.model.closings import ZERO
from fiscus.model.documents import Direction, Draft, Payment, PaymentMeans
from fiscus.model.records import AssessedPayment, EntryBody


def beside(body: EntryBody, draft: Draft) -> Iterator[tuple[PaymentMeans, Decimal]]:
    """What the caller said as payment and a law of business cases as a line that lowers the total:
    vouchers taken, and what is owed. Signed as payments are."""
    if body.seal is None or not any(line.case for line in body.seal.lines):
        return
    for line in draft.lines:
        if line.paid_by is not None:
            is_back = line.direction is Direction.RETURN
            yield line.paid_by, -line.vat.inclusive if is_back else line.vat.inclusive
    for payment in draft.payments:
        if payment.means is PaymentMeans.OUTSTANDING and payment.amount:
            yield payment.means, payment.amount


def payments(body: EntryBody, draft: Draft, gross: Decimal) -> Iterable[AssessedPayment]:
    """In the law's words. A law that names business cases names all payments, or there are none."""
    seal = body.seal
    if seal is not None and (seal.payments or any(line.case for line in seal.lines)):
        return seal.payments
    return _drafted(draft, gross)


def _drafted(draft: Draft, gross: Decimal) -> Iterator[AssessedPayment]:
    for one, amount in given(draft, gross):
        foreign = one.foreign_amount
        yield AssessedPayment(
            type=one.means.value,
            amount=amount,
            currency=one.currency,
            foreign_amount=-foreign if foreign and amount * one.amount < 0 else foreign,
            is_cash=one.means is PaymentMeans.CASH,
        )


def given(draft: Draft, gross: Decimal) -> Iterator[tuple[Payment, Decimal]]:
    """The payments of the draft: what is outstanding is none, change given back comes off the
    cash, and what a return names without a sign was given back."""
    real = [one for one in draft.payments if one.means is not PaymentMeans.OUTSTANDING]
    total = sum((one.amount for one in real), ZERO)
    sign = -1 if gross < 0 < total else 1
    change = max(ZERO, total - abs(gross)) if total > 0 else ZERO
    for one in real:
        back = min(change, max(ZERO, one.amount)) if one.means is PaymentMeans.CASH else ZERO
        change -= back
        yield one, sign * (one.amount - back)
