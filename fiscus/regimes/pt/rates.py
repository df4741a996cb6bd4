"""Which rate or exemption a line bears, in which fiscal region, on which days."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from fiscus.model.amounts import ZERO, plain
from fiscus.model.documents import RATE_ALONE, StatedVat
from fiscus.model.names import folded
from fiscus.model.places import Place
from fiscus.model.records import Case
from fiscus.model.times import day
from fiscus.regimes import Exemption, VatRate, ZeroName
from fiscus.regimes.pt.taxes import (
    AZORES,
    EXEMPTIONS,
    MADEIRA,
    MAINLAND,
    MEMBER_STATES,
    RATE_NAMES,
    RATES,
    REGION_WORDS,
    STANDARD,
    UNION_MAX,
    UNION_STANDARD_MIN,
    UNION_TAX_CODES,
    ZERO_RATE,
    ZERO_RATE_NAME,
    ExemptionReason,
    RegionRate,
)

TIMEZONE = "Europe/Lisbon"

_MADEIRA_CODES = range(9000, 9500)
_AZORES_CODES = range(9500, 10000)


def _by_code_and_percentage() -> Mapping[tuple[str, Decimal], tuple[RegionRate, ...]]:
    table: dict[tuple[str, Decimal], tuple[RegionRate, ...]] = {}
    for rate in RATES:
        for code in (rate.code, RATE_ALONE):
            key = (code, rate.percentage)
            table[key] = (*table.get(key, ()), rate)
    return table


_RATES_BY = _by_code_and_percentage()
_EXEMPTIONS_BY = {row.code: row for row in EXEMPTIONS} | {row.caller: row for row in EXEMPTIONS}


def _codes_by_mention() -> Mapping[str, frozenset[str]]:
    table: dict[str, frozenset[str]] = {}
    for row in EXEMPTIONS:
        key = folded(row.mention)
        table[key] = table.get(key, frozenset()) | {row.code}
    return table


_CODES_BY_MENTION = _codes_by_mention()


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
    if case.draft.external_on:
        days.append(case.draft.external_on)
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


def stated_region(vat: StatedVat, home: str) -> str | None:
    """The region a line names, else the home one: one of Portugal's, or another member state for
    what the one-stop shop declares there; None if it is neither."""
    if not vat.region:
        return home
    word = vat.region.upper()
    return REGION_WORDS.get(word) or (word if word in MEMBER_STATES else None)


def rate_of(vat: StatedVat, home: str, days: Iterable[date]) -> RegionRate | None:
    """The rate of a line in its region. Who names the country alone means the mainland, or where
    the percentage is none of its own, the region of the shop."""
    stated = stated_region(vat, home)
    if stated in MEMBER_STATES:
        return _of_member_state(vat, stated)
    regions = (MAINLAND, home) if vat.region and stated == MAINLAND else (stated,)
    on = tuple(days)
    found = [
        rate
        for rate in _RATES_BY.get((vat.code, vat.percentage), ())
        if rate.region in regions and any(rate.first <= each <= rate.last for each in on)
    ]
    return min(found, key=lambda rate: regions.index(rate.region), default=None)


def _of_member_state(vat: StatedVat, region: str) -> RegionRate | None:
    """The rate as the caller states it for the day, within what the directive allows."""
    code = UNION_TAX_CODES.get(vat.code)
    least = UNION_STANDARD_MIN if vat.code == STANDARD else ZERO
    if code is None or not vat.percentage or not least <= vat.percentage <= UNION_MAX:
        return None
    return RegionRate(region, vat.code, code, vat.percentage, date.min)


ZERO_NAMES = tuple(ZeroName(part=row.code.lower(), code=row.code) for row in EXEMPTIONS)
"""Who has no codes names the code of the authority (`IVA 0 % M07`); any other name is unclear,
because the law has a reason of its own for nearly each kind of sale."""

ZERO_CATEGORIES: Mapping[str, ZeroName] = {
    "export": ZeroName(part="", code="M05"),
    "intra_community": ZeroName(part="", code="M16"),
    "small_business": ZeroName(part="", code="M10"),
    "not_taxable": ZeroName(part="", code="M99"),
}
"""What has one code only; an exemption or a margin scheme has one of several."""


def exempt_of(code: str) -> ExemptionReason | None:
    return _EXEMPTIONS_BY.get(code)


def is_in_force(row: ExemptionReason, days: Iterable[date]) -> bool:
    return any(row.first <= each <= row.last for each in days)


def is_reason_of_another(code: str, reason: str) -> bool:
    """Whether a caller's reason is what is printed for another code than this. Some codes share
    their sentence."""
    codes = _CODES_BY_MENTION.get(folded(reason), frozenset())
    return bool(codes) and code not in codes


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


def _description(row: ExemptionReason) -> str:
    article = f" ({row.article})" if row.article else ""
    return f"{row.code} – {row.mention}{article}"


_CATEGORIES = {
    "NOR": "standard",
    "INT": "intermediate",
    "RED": "reduced",
    "ISE": "exempt",
    "NS": "not_taxable",
}


def tax_category(tax_code: str) -> str:
    """What a code of the SAF-T stands for."""
    return _CATEGORIES.get(tax_code, "other")
