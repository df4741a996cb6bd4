"""Rates of VAT by region and day, and codes of exemptions, as the authority's tables have them."""

import re
from datetime import date
from decimal import Decimal
from typing import NamedTuple

_LONG_AGO = date(1986, 1, 1)
_FOR_GOOD = date.max


class RateInForce(NamedTuple):
    """A rate in percent, in force from and to a day, both included."""

    region: str
    code: str
    percent: Decimal
    since: date
    until: date = _FOR_GOOD


RATES = (
    RateInForce("PT", "RED", Decimal(6), date(2010, 7, 1)),
    RateInForce("PT", "INT", Decimal(13), date(2010, 7, 1)),
    RateInForce("PT", "NOR", Decimal(23), date(2011, 1, 1)),
    RateInForce("PT-AC", "RED", Decimal(4), _LONG_AGO),
    RateInForce("PT-AC", "INT", Decimal(9), _LONG_AGO),
    RateInForce("PT-AC", "NOR", Decimal(18), date(2014, 1, 1), date(2021, 6, 30)),
    RateInForce("PT-AC", "NOR", Decimal(16), date(2021, 7, 1)),
    RateInForce("PT-MA", "RED", Decimal(5), date(2012, 4, 1), date(2024, 9, 30)),
    RateInForce("PT-MA", "RED", Decimal(4), date(2024, 10, 1)),
    RateInForce("PT-MA", "INT", Decimal(12), date(2012, 4, 1)),
    RateInForce("PT-MA", "NOR", Decimal(22), date(2012, 4, 1)),
)

REGIONS = frozenset({"PT", "PT-AC", "PT-MA"})
VAT_CODES = frozenset({"RED", "INT", "NOR", "ISE", "OUT", "NA"})

EXEMPTIONS = {
    **{f"M{number:02}": _LONG_AGO for number in (*range(1, 17), 20, 99)},
    **{f"M{number}": date(2022, 7, 1) for number in (19, 21, 25, 30, 31, 32, 33, 40, 41, 42, 43)},
    **{f"M{number}": date(2023, 1, 1) for number in (26, 34)},
    **{f"M{number}": date(2025, 9, 1) for number in (44, 45, 46)},
}
"""Each code and the first day of documents that may state it."""


def is_rate(region: str, code: str, percent: Decimal, days: tuple[date, ...]) -> bool:
    """Whether a rate is in force on one of the days; without days, whether it ever was."""
    asked = (region, code, percent)
    found = [rate for rate in RATES if (rate.region, rate.code, rate.percent) == asked]
    if not days:
        return bool(found)
    return any(rate.since <= day <= rate.until for rate in found for day in days)


def is_exemption(text: str, day: date) -> bool:
    """Whether each code of the text is in the table on that day."""
    codes = re.findall("M[0-9]{2}", text)
    return bool(codes) and all(code in EXEMPTIONS and EXEMPTIONS[code] <= day for code in codes)
