"""Decimal in, Decimal out; the only place that rounds, with the mode in the name."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, DefaultContext, FloatOperation, setcontext

ZERO = Decimal("0.00")
_CENT = Decimal("0.01")
_HUNDRED_THOUSANDTH = Decimal("0.00001")
_WIDE = Context(prec=40, rounding=ROUND_HALF_UP)


def trap_floats() -> None:
    """Make any mix of float and Decimal raise, in this thread and in all later ones."""
    DefaultContext.traps[FloatOperation] = True
    DefaultContext.prec = 40
    setcontext(DefaultContext.copy())


def cents_half_up(amount: Decimal) -> Decimal:
    """The amount with two decimals, halves away from zero."""
    return amount.quantize(_CENT, context=_WIDE)


def five_decimals_half_up(amount: Decimal) -> Decimal:
    """The amount with five decimals, halves away from zero."""
    return amount.quantize(_HUNDRED_THOUSANDTH, context=_WIDE)


def cents_by_largest_remainder(total: Decimal, weights: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """The total shared by weight in whole cents, so that the shares add up to it exactly.

    Each share is cut to the cent; the cents left over go to the largest remainders, the first of
    equal ones. Neither total nor weights are negative, and some weight is not zero.
    """
    whole, cents = sum(weights, ZERO), int(total / _CENT)
    assert whole > 0
    assert total >= 0
    assert cents * _CENT == total
    parts = [divmod(cents * weight, whole) for weight in weights]
    shares = [int(quotient) for quotient, _ in parts]
    by_remainder = sorted(range(len(parts)), key=lambda i: parts[i][1], reverse=True)
    for i in by_remainder[: cents - sum(shares)]:
        shares[i] += 1
    return tuple(share * _CENT for share in shares)


def money(amount: Decimal) -> str:
    """The amount as `1234.50`: exactly two decimals, a point, no thousands mark."""
    return str(cents_half_up(amount))


def plain(amount: Decimal) -> str:
    """The amount unrounded, without exponent and without trailing zeros: `23.3938`, `2`."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
