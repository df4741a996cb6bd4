"""What the law tells the books, in the words of the DSFinV-K: business case and rate of each line,
kind of each payment.

- A receipt books its lines under `case/<GV_TYP>/<rate>`, its payments under `payment/<ZAHLART_TYP>`
  and what is not paid yet, or paid later, under `owed`.
- What happens to the drawer alone stands under `movement/<GV_TYP>`, a counted difference under
  `difference/short` or `difference/over`: it is an operation of its own with its own record, so a
  closing, which only adds up, books nothing. The opening float is the same money as before.
- Orders, training, aborted operations and reports bear no money.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from fiscus.model.accounts import (
    AccountedDocument,
    AccountedLine,
    AccountedSeal,
    Bearing,
    Booking,
    BookingRole,
)
from fiscus.model.amounts import ZERO, cents_half_up, plain
from fiscus.model.bookings import OWED, TaxedPart, balanced, difference, in_cents, plain_booking
from fiscus.model.documents import LinePurpose
from fiscus.regimes import RegimeAccounting
from fiscus.regimes.de import documents
from fiscus.regimes.de.charts import CHARTS

BEARINGS: Mapping[str, Bearing] = {
    documents.RECEIPT: Bearing.REVENUE,
    documents.ABORT: Bearing.NEITHER,
    documents.TRAINING: Bearing.NEITHER,
    documents.ORDER: Bearing.NEITHER,
    documents.OTHER: Bearing.NEITHER,
    **dict.fromkeys(documents.REPORTS.values(), Bearing.NEITHER),
}

KEYS: Mapping[str, str] = {
    "case": "business case (GV_TYP) and rate of VAT, or why there is none",
    "payment": "kind of payment (ZAHLART_TYP)",
    "owed": "sold on account and not paid yet, or paid later",
    "movement": "business case (GV_TYP) of cash put into the drawer or taken out",
    "difference": "counted cash that is short or over",
}

UNTAXED: Mapping[str, str] = {
    "5": "nicht_steuerbar",
    "6": "umsatzsteuerfrei",
    "7": "nicht_ermittelbar",
    "8": "nullsteuersatz",
}
"""Why a line bears no VAT, by VAT key (DSFinV-K, annex 2): each has an account of its own."""

_FLOAT = documents.CASES[LinePurpose.FLOAT]
_DIFFERENCE = documents.CASES[LinePurpose.DIFFERENCE]
_MONEY = documents.RECEIVABLES | {documents.CASES[each] for each in documents.DRAWER_PURPOSES}
"""Cases of lines that only move money, whether it is there or owed."""


def bookings(document: AccountedDocument) -> tuple[Booking, ...]:
    """The amounts of a sealed record, exactly as they were sealed."""
    seal = document.seal
    if seal is None or seal.document_type != documents.RECEIPT:
        return ()
    if any(line.case == _FLOAT for line in seal.lines):
        return ()
    return balanced([*_of_lines(seal), *_of_payments(seal)])


def _of_lines(seal: AccountedSeal) -> Iterator[Booking]:
    """Gross values are in cents. VAT is rounded by rate, as it is printed, and shared among the
    cases under the rate."""
    taxes: dict[tuple[str, Decimal], list[TaxedPart]] = {}
    for line in seal.lines:
        if line.case not in _MONEY:
            taxes.setdefault((line.tax_code, line.percentage), []).append(_part(line))
    for parts in taxes.values():
        vat = sum((part.vat for part in parts), ZERO)
        gross = sum((part.net for part in parts), vat)
        vat = cents_half_up(vat)
        net = cents_half_up(gross) - vat
        yield from in_cents(parts, net=net, vat=vat)
    for line in seal.lines:
        if line.case in _MONEY:
            yield _of_money(line)


def _part(line: AccountedLine) -> TaxedPart:
    """As its account sees it: what is sold is a credit."""
    rate = plain(line.percentage) if line.percentage else UNTAXED.get(line.tax_code, line.tax_code)
    return TaxedPart(
        key=f"case/{line.case}/{rate}",
        net=line.net if line.is_debit else -line.net,
        vat=line.vat if line.is_debit else -line.vat,
        tax_code=line.tax_code if line.tax_type else "",
        percentage=line.percentage,
    )


def _of_money(line: AccountedLine) -> Booking:
    amount = cents_half_up(line.net if line.is_debit else -line.net)
    if line.case in documents.RECEIVABLES:
        return plain_booking(BookingRole.SETTLEMENT, OWED, amount)
    if line.case == _DIFFERENCE:
        return difference(-amount)
    return plain_booking(BookingRole.MOVEMENT, f"movement/{line.case}", amount)


def _of_payments(seal: AccountedSeal) -> Iterator[Booking]:
    for payment in seal.payments:
        if payment.type != documents.NOTHING_PAID:
            key = f"payment/{payment.type}"
            yield plain_booking(BookingRole.SETTLEMENT, key, cents_half_up(payment.amount))


ACCOUNTING = RegimeAccounting(
    bearings=BEARINGS,
    is_per_closing=True,
    bookings=bookings,
    keys=KEYS,
    charts=CHARTS,
)
