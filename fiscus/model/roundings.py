"""Which VAT may be stated for what was sold with VAT in the price, and how that was rounded.

A till rounds the VAT of a document in one of two ways: the exact VAT of a rate once, or each line
and then adds. Both are lawful and may differ; anything else is an error. The exact VAT follows
from the gross values and the rates alone, so nothing that is stated proves itself.
"""

from collections.abc import Hashable, Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from fiscus.model.amounts import ZERO, cents_half_up

_CENT = Decimal("0.01")
_HALF = Decimal("0.5")
_HALF_CENT = Decimal("0.005")
_DUST = Decimal("1E-15")
"""Far below what anybody can state (eight decimals): what division leaves over."""


RATES_MAX = 40
"""No law has so many at once; who sends more is refused before anything is tried out."""

_Way = tuple[int, "_Way"] | None
"""The cents of the last rate, and the way to it."""


class TaxedLine(NamedTuple):
    """A line under a rate, which `rate` tells from all others. `gross` and the stated `vat` have
    the line's sign: what is taken back is negative."""

    rate: Hashable
    percentage: Decimal
    gross: Decimal
    vat: Decimal


def vat_in(gross: Decimal, percentage: Decimal) -> Decimal:
    """The exact VAT in a gross value; none where there is no rate."""
    return gross * percentage / (100 + percentage) if percentage > 0 else Decimal(0)


def net_in(gross: Decimal, percentage: Decimal) -> Decimal:
    """The exact net value in a gross one."""
    return gross * 100 / (100 + percentage) if percentage > 0 else gross


def exact_vat(lines: Iterable[TaxedLine]) -> Decimal:
    """The exact VAT of all lines; one division for each rate."""
    return sum((vat_in(gross, rate) for gross, rate in _sums(lines)), Decimal(0))


def exact_net(lines: Iterable[TaxedLine]) -> Decimal:
    """The exact net value of all lines."""
    return sum((net_in(gross, rate) for gross, rate in _sums(lines)), Decimal(0))


def is_rounded(stated: Decimal, exact: Decimal) -> bool:
    """Whether it is the exact value as far as it is stated: to half a cent, or with more decimals
    to one of the last, because who has more decimals rounds in steps."""
    return abs(stated - exact) <= step(stated) * (_HALF if step(stated) == _CENT else 1) + _DUST


def step(stated: Decimal) -> Decimal:
    """The last digit that is stated, zeros at the end left out: a cent, or less."""
    decimals = stated.normalize().as_tuple().exponent
    assert isinstance(decimals, int)
    return min(_CENT, Decimal(1).scaleb(decimals))


def are_rounded(*, net: Decimal, vat: Decimal, gross: Decimal, percentage: Decimal) -> bool:
    """Whether net and VAT of a line follow from its gross value; or, where prices are net, VAT and
    gross from the net one."""
    follows = is_rounded(vat, vat_in(gross, percentage)) and is_rounded(
        net, net_in(gross, percentage)
    )
    return follows or (is_rounded(vat, net * percentage / 100) and is_rounded(gross, net + vat))


def is_lawful(lines: Sequence[TaxedLine], stated: Decimal) -> bool:
    """Whether a document may state this VAT: each rate rounded in one of the two ways, or all
    together once. One with parts of a cent is a sum that nobody rounded."""
    exact = exact_vat(lines)
    if stated != cents_half_up(stated):
        return stated == sum((line.vat for line in lines), ZERO) or is_rounded(stated, exact)
    return int(stated / _CENT) in _nearest(exact) or shares(lines, stated) is not None


def shares(lines: Sequence[TaxedLine], stated: Decimal) -> dict[Hashable, Decimal] | None:
    """The VAT of each rate, so that they make the stated one; None if no lawful ones do.

    The sums of what the lines state come first: where they fit, nothing was rounded otherwise.
    """
    rates: dict[Hashable, list[TaxedLine]] = {}
    for line in lines:
        if line.percentage > 0:
            rates.setdefault(line.rate, []).append(line)
    if len(rates) > RATES_MAX:
        return None
    ways: dict[int, _Way] = {0: None}
    for taxed in rates.values():
        longer: dict[int, _Way] = {}
        for cents in _choices(taxed):
            for total, way in ways.items():
                if total + cents not in longer:
                    longer[total + cents] = (cents, way)
        ways = longer
    wanted = int(stated / _CENT)
    if wanted not in ways:
        return None
    way, found = ways[wanted], dict[Hashable, Decimal]()
    for rate in reversed(rates):
        assert way is not None
        cents, way = way
        found[rate] = cents * _CENT
    return found


def _choices(lines: Sequence[TaxedLine]) -> Iterable[int]:
    """Every lawful VAT of the lines of one rate, in cents. Half a cent may go either way."""
    rate = lines[0].percentage
    rounded = [_nearest(vat_in(line.gross, rate)) for line in lines]
    low, high = sum(map(min, rounded)), sum(map(max, rounded))
    stated = _nearest(sum((line.vat for line in lines), ZERO))
    once = _nearest(vat_in(sum((line.gross for line in lines), ZERO), rate))
    return dict.fromkeys((*stated, *once, *range(low, high + 1)))


def _nearest(exact: Decimal) -> tuple[int, ...]:
    """The cents nearest to it: one, or two that are equally near."""
    nearest = cents_half_up(exact)
    cents = int(nearest / _CENT)
    if abs(nearest - exact) != _HALF_CENT:
        return (cents,)
    return cents, cents - 1 if exact > 0 else cents + 1


def _sums(lines: Iterable[TaxedLine]) -> Iterable[tuple[Decimal, Decimal]]:
    """The gross value under each percentage."""
    sums: dict[Decimal, Decimal] = {}
    for line in lines:
        sums[line.percentage] = sums.get(line.percentage, Decimal(0)) + line.gross
    return ((gross, rate) for rate, gross in sums.items())
