"""Decimal in, Decimal out; the only place that rounds, with the mode in the name."""

from decimal import ROUND_HALF_UP, Context, Decimal, DefaultContext, FloatOperation, setcontext

ZERO = Decimal("0.00")
_CENT = Decimal("0.01")
_WIDE = Context(prec=40, rounding=ROUND_HALF_UP)


def trap_floats() -> None:
    """Make any mix of float and Decimal raise, in this thread and in all later ones."""
    DefaultContext.traps[FloatOperation] = True
    DefaultContext.prec = 40
    setcontext(DefaultContext.copy())


def cents_half_up(amount: Decimal) -> Decimal:
    """The amount with two decimals, halves away from zero."""
    return amount.quantize(_CENT, context=_WIDE)


def money(amount: Decimal) -> str:
    """The amount as `1234.50`: exactly two decimals, a point, no thousands mark."""
    return str(cents_half_up(amount))


def plain(amount: Decimal) -> str:
    """The amount unrounded, without exponent and without trailing zeros: `23.3938`, `2`."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
