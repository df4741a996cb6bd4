"""What laws share when they tell the books of a document: amounts under keys, in whole cents."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

import msgspec

from fiscus.model.accounts import Booking, BookingRole
from fiscus.model.amounts import ZERO, cents_nearest_to

OWED = "owed"
"""What is not paid yet, or still to be given back."""

SHORT = "difference/short"
OVER = "difference/over"
"""Counted cash that is less, or more, than there should be."""

ROUNDING = "difference/rounding"
"""What lies between the lines of a document and its payments. No law of ours leaves anything there;
a law that rounds what is paid in cash does."""


class TaxedPart(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A part of a document under one tax, not rounded yet; signed as its account sees it."""

    key: str
    net: Decimal
    vat: Decimal
    tax_code: str = ""
    percentage: Decimal = Decimal(0)


def in_cents(parts: Iterable[TaxedPart], *, net: Decimal, vat: Decimal) -> Iterator[Booking]:
    """The parts of one tax, one for each key, so that they add up to the net value and the VAT that
    were sealed for it, to the cent."""
    each = _by_key(parts)
    if len(each) == 1:
        yield _sale(each[0], net, vat)
        return
    nets = cents_nearest_to([part.net for part in each], net)
    vats = cents_nearest_to([part.vat for part in each], vat)
    yield from map(_sale, each, nets, vats)


def _by_key(parts: Iterable[TaxedPart]) -> list[TaxedPart]:
    sums: dict[str, TaxedPart] = {}
    for part in parts:
        before = sums.get(part.key)
        sums[part.key] = part if before is None else _together(before, part)
    return [*sums.values()]


def _sale(part: TaxedPart, net: Decimal, vat: Decimal) -> Booking:
    return Booking(
        role=BookingRole.SALE,
        key=part.key,
        amount=net + vat,
        net=net,
        vat=vat,
        tax_code=part.tax_code,
        percentage=part.percentage,
    )


def plain_booking(role: BookingRole, key: str, amount: Decimal) -> Booking:
    """An amount that bears no VAT."""
    return Booking(role=role, key=key, amount=amount, net=amount)


def difference(amount: Decimal) -> Booking:
    """What a drawer held more (positive) or less than it should: income or expense."""
    return plain_booking(BookingRole.DIFFERENCE, OVER if amount > 0 else SHORT, -amount)


def balanced(bookings: Sequence[Booking]) -> tuple[Booking, ...]:
    """Those that bear money, one for each key and tax, in their order; together they are zero."""
    rest = sum([each.amount for each in bookings], ZERO)
    if rest:
        rounding = plain_booking(BookingRole.DIFFERENCE, ROUNDING, -rest)
        bookings = [*bookings, rounding]
    if len({(each.role, each.key) for each in bookings}) < len(bookings):
        bookings = _by_tax(bookings)
    return tuple([each for each in bookings if each.amount or each.vat])


def _by_tax(bookings: Sequence[Booking]) -> list[Booking]:
    sums: dict[tuple[BookingRole, str, str, Decimal], Booking] = {}
    for each in bookings:
        key = (each.role, each.key, each.tax_code, each.percentage)
        before = sums.get(key)
        sums[key] = each if before is None else _added(before, each)
    return [*sums.values()]


def _together(one: TaxedPart, other: TaxedPart) -> TaxedPart:
    return TaxedPart(
        key=one.key,
        net=one.net + other.net,
        vat=one.vat + other.vat,
        tax_code=one.tax_code,
        percentage=one.percentage,
    )


def _added(one: Booking, other: Booking) -> Booking:
    return msgspec.structs.replace(
        one,
        amount=one.amount + other.amount,
        net=one.net + other.net,
        vat=one.vat + other.vat,
    )
