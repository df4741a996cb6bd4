"""How a record came to be what it is, as its law and its signing device tell it to people.

Texts stand in the languages of the pages; formulas are numbers that anybody can compute again, and
signed bytes are there as they were signed.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from fractions import Fraction

import msgspec

_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)
_EXACT_DECIMALS = 12
"""How far an exact value is shown that does not end."""


class PageText(msgspec.Struct, frozen=True):
    """A sentence in the languages of the pages; where one is missing, the English stands."""

    en: str
    de: str = ""
    pt: str = ""

    def said(self, language: str) -> str:
        found: str = getattr(self, language, "")
        return found or self.en


class TotalRounding(StrEnum):
    """How a total becomes of its exact value.

    - `EXACT`: not at all;
    - `HALF_UP`: to the nearest, halves away from zero;
    - `HALF_EITHER`: to the nearest, a half in either direction;
    - `NEXT`: cut or up to the next, so that several add up to their total;
    - `CUT`: further digits are cut.
    """

    EXACT = "exact"
    HALF_UP = "half_up"
    HALF_EITHER = "half_either"
    NEXT = "next"
    CUT = "cut"


class ExplainedTerm(msgspec.Struct, frozen=True):
    """A part of a sum: amount × `times` ÷ `by`."""

    amount: Decimal
    times: Decimal = Decimal(1)
    by: Decimal = Decimal(1)

    @property
    def value(self) -> Fraction:
        return Fraction(self.amount) * Fraction(self.times) / Fraction(self.by)


class ExplainedTotal(msgspec.Struct, frozen=True, kw_only=True):
    """An amount and the sum that it is. `sealed` is what the record says (None: a value between,
    which it does not state); `decimals` is how many it is rounded to."""

    name: PageText
    terms: tuple[ExplainedTerm, ...]
    rounding: TotalRounding = TotalRounding.EXACT
    decimals: int = 2
    sealed: Decimal | None = None
    law: str = ""

    @property
    def value(self) -> Fraction:
        return sum((term.value for term in self.terms), Fraction(0))

    @property
    def exact(self) -> Decimal:
        """The exact value, or its first digits where it does not end."""
        value = self.value
        found = _WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))
        return found if Fraction(found) == value else _rounded(value, _EXACT_DECIMALS)

    @property
    def result(self) -> Decimal:
        """The rounded value. Where the law leaves a choice, the sealed one if it is among them."""
        for choice in self.choices:
            if choice == self.sealed:
                return choice
        return self.choices[0]

    @property
    def choices(self) -> tuple[Decimal, ...]:
        """The values that rounding may lawfully give, the usual one first."""
        value, step = self.value, Decimal(1).scaleb(-self.decimals)
        low = _floor(value, self.decimals)
        is_whole = Fraction(low) == value
        match self.rounding:
            case TotalRounding.EXACT:
                return (self.exact,)
            case TotalRounding.HALF_UP:
                return (_rounded(value, self.decimals),)
            case TotalRounding.HALF_EITHER:
                is_half = value - Fraction(low) == Fraction(step) / 2
                return (low + step, low) if is_half else (_rounded(value, self.decimals),)
            case TotalRounding.NEXT:
                return (low,) if is_whole else (low, low + step)
            case TotalRounding.CUT:
                return (low if value >= 0 or is_whole else low + step,)

    @property
    def is_right(self) -> bool:
        """Whether the record says what the sum gives."""
        return self.sealed is None or self.sealed == self.result


class ExplainedValue(msgspec.Struct, frozen=True, kw_only=True):
    """A value under the name that the law has for it, what it means and where it comes from."""

    name: str
    value: str
    meaning: PageText
    law: str = ""


class ExplainedSignature(msgspec.Struct, frozen=True, kw_only=True):
    """What was signed under a law. `algorithm` is `rsa-pkcs1-sha1` or a name of BSI TR-03151
    (`ecdsa-plain-SHA256`, r‖s); `key` a SubjectPublicKeyInfo in DER, empty where it is the law's
    own key, which the registry keeps. `is_good`: what its maker found; None: it has not looked."""

    algorithm: str
    message: bytes
    signature: bytes
    key: bytes = b""
    is_good: bool | None = None


class ExplainedPart(msgspec.Struct, frozen=True, kw_only=True):
    """One subject of an explanation: values in their order, sums, or a signature."""

    title: PageText
    text: PageText
    law: str = ""
    values: tuple[ExplainedValue, ...] = ()
    totals: tuple[ExplainedTotal, ...] = ()
    signature: ExplainedSignature | None = None


def summed(amounts: Iterable[Decimal]) -> tuple[ExplainedTerm, ...]:
    """A plain sum."""
    return tuple(ExplainedTerm(amount) for amount in amounts)


def _floor(value: Fraction, decimals: int) -> Decimal:
    return Decimal(value * 10**decimals // 1).scaleb(-decimals, _WIDE)


def _rounded(value: Fraction, decimals: int) -> Decimal:
    """Halves away from zero."""
    low = _floor(abs(value), decimals)
    rest = abs(value) - Fraction(low)
    step = Decimal(1).scaleb(-decimals)
    found = low + step if rest * 2 >= Fraction(step) else low
    return -found if value < 0 else found
