"""Decimal in, Decimal out; the only place that rounds, with the mode in the name."""

from collections.abc import Sequence
from decimal import (
    ROUND_HALF_UP,
    Context,
    Decimal,
    DefaultContext,
    FloatOperation,
    setcontext,
)

ZERO = Decimal("0.00")
CENT = Decimal("0.01")
_HUNDRED_THOUSANDTH = Decimal("0.00001")
_WIDE = Context(prec=40, rounding=ROUND_HALF_UP)


def trap_floats() -> None:
    """Make any mix of float and Decimal raise, in this thread and in all later ones."""
    DefaultContext.traps[FloatOperation] = True
    DefaultContext.prec = 40
    setcontext(DefaultContext.copy())


def cents_half_up(amount: Decimal) -> Decimal:
    """The amount with two decimals, halves away from zero."""
    return amount.quantize(CENT, context=_WIDE)


def decimals_half_up(amount: Decimal, decimals: int) -> Decimal:
    """The amount with so many decimals, halves away from zero."""
    return amount.quantize(Decimal(1).scaleb(-decimals), context=_WIDE)


def trimmed(amount: Decimal) -> Decimal:
    """The same amount without zeros at the end, except those of the cents."""
    whole = amount.quantize(CENT, context=_WIDE)
    return whole if whole == amount else amount.normalize(_WIDE)


def five_decimals_half_up(amount: Decimal) -> Decimal:
    """The amount with five decimals, halves away from zero."""
    return amount.quantize(_HUNDRED_THOUSANDTH, context=_WIDE)


def cents_by_largest_remainder(total: Decimal, weights: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """The total shared by weight in whole cents, so that the shares add up to it exactly.

    Each share is cut to the cent; the cents left over go to the largest remainders, the first of
    equal ones. Neither total nor weights are negative, and some weight is not zero.
    """
    whole, cents = sum(weights, ZERO), int(total / CENT)
    assert whole > 0
    assert total >= 0
    assert cents * CENT == total
    parts = [divmod(cents * weight, whole) for weight in weights]
    shares = [int(quotient) for quotient, _ in parts]
    by_remainder = sorted(range(len(parts)), key=lambda i: parts[i][1], reverse=True)
    for i in by_remainder[: cents - sum(shares)]:
        shares[i] += 1
    return tuple(share * CENT for share in shares)


def cents_that_add_up(
    amounts: Sequence[Decimal], total: Decimal, *, is_last_first: bool = False
) -> tuple[Decimal, ...]:
    """Each amount cut to the cent or to the next one, so that together they are the total: the
    largest remainders get the next cent, the first of equal ones, or the last.

    The amounts are not negative, and their sum lies less than a cent from the total. Two lists
    whose amounts make whole cents in pairs still do so if only one of them `is_last_first`.
    """
    whole = [int(amount / CENT) for amount in amounts]
    rest = [amount - cents * CENT for amount, cents in zip(amounts, whole, strict=True)]
    places = reversed(range(len(rest))) if is_last_first else range(len(rest))
    missing = int(total / CENT) - sum(whole)
    assert 0 <= missing <= len(whole)
    for place in sorted(places, key=lambda place: rest[place], reverse=True)[:missing]:
        whole[place] += 1
    return tuple(cents * CENT for cents in whole)


def cents_nearest_to(amounts: Sequence[Decimal], total: Decimal) -> tuple[Decimal, ...]:
    """Each amount rounded to the cent, signed, and then moved by single cents until together they
    are the total: first those that rounding took most from, the first of equal ones.

    The total is in whole cents; there are amounts, or the total is zero.
    """
    found = [cents_half_up(amount) for amount in amounts]
    off = total - sum(found, ZERO)
    step = CENT if off > 0 else -CENT
    lost = [(amount - cents) * step for amount, cents in zip(amounts, found, strict=True)]
    order = sorted(range(len(found)), key=lambda place: lost[place], reverse=True)
    if off:
        each, more = divmod(int(abs(off) / CENT), len(order))
        for rank, place in enumerate(order):
            found[place] += step * (each + (rank < more))
    return tuple(found)


def money(amount: Decimal) -> str:
    """The amount as `1234.50`: exactly two decimals, a point, no thousands mark."""
    return str(cents_half_up(amount))


def plain(amount: Decimal) -> str:
    """The amount unrounded, without exponent and without trailing zeros: `23.3938`, `2`."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
