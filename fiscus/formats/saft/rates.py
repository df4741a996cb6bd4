"""Which VAT rates the law knows: asked of the Portuguese regime, by region and day."""

from datetime import date
from decimal import Decimal
from functools import lru_cache

from fiscus.regimes import find

KNOWN_SINCE = date(2021, 7, 1)
"""The first day from which the regime's table is complete; older documents are not judged."""

_POSTAL_CODES = {"PT": "1000-001", "PT-AC": "9500-001", "PT-MA": "9000-001"}
_CODES = {"NOR": "STANDARD", "INT": "REDUCED_1", "RED": "REDUCED_2"}


def is_judged(region: str, tax_code: str, on: date) -> bool:
    """Other regions and special rates follow laws that this program does not know."""
    return region in _POSTAL_CODES and tax_code in _CODES and on >= KNOWN_SINCE


@lru_cache(maxsize=4096)
def is_in_force(region: str, tax_code: str, percentage: Decimal, on: date) -> bool:
    return percentage in _percentages(region, tax_code, on, False)


@lru_cache(maxsize=4096)
def was_in_force(region: str, tax_code: str, percentage: Decimal, on: date) -> bool:
    """On that day or before: a correction keeps the rate of what it corrects."""
    return percentage in _percentages(region, tax_code, on, True)


def _percentages(region: str, tax_code: str, on: date, with_historic: bool) -> set[Decimal]:
    rates = find("pt").vat_rates(_POSTAL_CODES[region], on)
    return {
        Decimal(rate.percentage)
        for rate in rates
        if rate.code == _CODES[tax_code] and (with_historic or not rate.is_historic)
    }
