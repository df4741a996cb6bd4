"""Which rate or exemption a line bears, in which fiscal region, on which days."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from fiscus.model.amounts import plain
from fiscus.model.documents import Vat
from fiscus.model.places import Place
from fiscus.model.records import Case
from fiscus.model.times import day
from fiscus.regimes import Exemption, VatRate
from fiscus.regimes.pt.taxes import (
    AZORES,
    EXEMPTIONS,
    MADEIRA,
    MAINLAND,
    RATE_NAMES,
    RATES,
    REGION_WORDS,
    ZERO_RATE,
    ZERO_RATE_NAME,
    Exempt,
    Rate,
)

TIMEZONE = "Europe/Lisbon"

_MADEIRA_CODES = range(9000, 9500)
_AZORES_CODES = range(9500, 10000)


def _by_code_and_percentage() -> Mapping[tuple[str, Decimal], tuple[Rate, ...]]:
    table: dict[tuple[str, Decimal], tuple[Rate, ...]] = {}
    for rate in RATES:
        key = (rate.code, rate.percentage)
        table[key] = (*table.get(key, ()), rate)
    return table


_RATES_BY = _by_code_and_percentage()
_EXEMPTIONS_BY = {row.code: row for row in EXEMPTIONS} | {row.caller: row for row in EXEMPTIONS}


def issue_day(case: Case) -> date:
    """The date the document bears: its day in Lisbon."""
    return day(case.draft.issued_at or case.at, TIMEZONE)


def tax_days(case: Case) -> tuple[date, ...]:
    """The days whose law may govern the tax: of the document, of the supply, of the original."""
    days = [issue_day(case)]
    if case.draft.supplied_on:
        days.append(case.draft.supplied_on)
    if case.original and case.original.seal:
        days.append(case.original.seal.day)
    return tuple(days)


def region_of(postal_code: str) -> str:
    """The fiscal region of a Portuguese postal code; the mainland if it tells nothing."""
    head = postal_code[:4]
    if not head.isdecimal() or not head.isascii():
        return MAINLAND
    if int(head) in _MADEIRA_CODES:
        return MADEIRA
    return AZORES if int(head) in _AZORES_CODES else MAINLAND


def home_region(place: Place) -> str:
    address = place.location.address
    return region_of(address.code) if address.country == MAINLAND else MAINLAND


def stated_region(vat: Vat, home: str) -> str | None:
    """The region a line names, else the home one; None if no such region is Portugal's."""
    return REGION_WORDS.get(vat.region.upper()) if vat.region else home


def rate_of(vat: Vat, home: str, days: Iterable[date]) -> Rate | None:
    """The rate of a line. A percentage that its region does not have is looked for in the others:
    a shop may sell to the islands. Only an island that the caller names is taken at its word."""
    stated = stated_region(vat, home)
    found = [
        rate
        for rate in _RATES_BY.get((vat.code, vat.percentage), ())
        if any(rate.first <= each <= rate.last for each in days)
    ]
    if vat.region and stated != MAINLAND:
        return next((rate for rate in found if rate.region == stated), None)
    return min(found, key=lambda rate: (rate.region != stated, rate.region != home), default=None)


def exempt_of(code: str) -> Exempt | None:
    return _EXEMPTIONS_BY.get(code)


def is_in_force(row: Exempt, days: Iterable[date]) -> bool:
    return any(row.first <= each <= row.last for each in days)


def vat_rates(postal_code: str, on: date) -> tuple[VatRate, ...]:
    """The rates of the region, those no longer in force marked as historic."""
    region = region_of(postal_code)
    rates = [
        VatRate(
            code=rate.code,
            percentage=plain(rate.percentage),
            description=RATE_NAMES[rate.code],
            is_historic=rate.last < on,
        )
        for rate in RATES
        if rate.region == region and rate.first <= on
    ]
    return (*rates, VatRate(code=ZERO_RATE, percentage="0", description=ZERO_RATE_NAME))


def exemptions(on: date) -> tuple[Exemption, ...]:
    return tuple(
        Exemption(code=row.caller, description=_description(row))
        for row in EXEMPTIONS
        if is_in_force(row, (on,))
    )


def _description(row: Exempt) -> str:
    article = f" ({row.article})" if row.article else ""
    return f"{row.code} – {row.mention}{article}"
