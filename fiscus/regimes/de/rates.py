"""Which VAT key a line stands under, on which day, and the words callers use for rates."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from fiscus.model.amounts import plain
from fiscus.model.documents import DocumentKind, DraftLine, StatedVat
from fiscus.model.places import Place
from fiscus.model.records import Case
from fiscus.model.times import day
from fiscus.regimes import Exemption, VatRate, ZeroName
from fiscus.regimes.de import taxes
from fiscus.regimes.de.documents import is_redeemed, is_untaxed

TIMEZONE = "Europe/Berlin"

EXEMPT, UNKNOWN, ZERO_RATED = 6, 7, 8
CURRENT = range(1, 5)
"""The keys of today's rates; those above are former rates or no rates."""

RATE_CODES: Mapping[int, str] = {1: "STANDARD", 2: "REDUCED_1", 4: "REDUCED_2", 3: "REDUCED_3"}
ZERO_RATE = "REDUCED_4"
NOT_TAXABLE = "NOT_TAXABLE"


class ExemptReason(NamedTuple):
    """A caller's reason for a line without VAT, and the key it stands under."""

    code: str
    key: int
    text: str


EXEMPTIONS = (
    ExemptReason("CAUSE_1", EXEMPT, "Umsatzsteuerfrei nach § 4 UStG"),
    ExemptReason("CAUSE_2", EXEMPT, "Umsatzsteuerfrei nach § 19 UStG (Kleinunternehmer)"),
    ExemptReason("CAUSE_3", UNKNOWN, "Differenzbesteuerung nach § 25a UStG"),
    ExemptReason("NOT_SUBJECT", taxes.UNTAXED, "Nicht steuerbar"),
    ExemptReason(NOT_TAXABLE, taxes.UNTAXED, "Nicht steuerbar (durchlaufender Posten)"),
)

ZERO_NAMES = (
    *(
        ZeroName(part=part, code="CAUSE_2")
        for part in ("§ 19", "§19", "kleinunternehmer", "small business")
    ),
    *(ZeroName(part=part, code="CAUSE_3") for part in ("25a", "differenz", "margin")),
    *(
        ZeroName(part=part, code=ZERO_RATE, is_exempt=False)
        for part in (
            "nullsteuer",
            "zero rate",
            "zero-rate",
            "zero_rate",
            "§ 12",
            "§12",
            "photovolta",
            "solar",
            "pv",
        )
    ),
    *(
        ZeroName(part=part, code=NOT_TAXABLE)
        for part in (
            "nicht steuerbar",
            "nichtsteuerbar",
            "nicht umsatzsteuerbar",
            "not taxable",
            "not_taxable",
            "non-taxable",
            "not subject",
            "out of scope",
            "outside the scope",
            "durchlaufend",
        )
    ),
    *(
        ZeroName(part=part, code="CAUSE_1")
        for part in (
            "exempt",
            "steuerfrei",
            "befreit",
            "§ 4 ",
            "§4 ",
            "export",
            "ausfuhr",
            "innergemeinschaft",
            "intra-community",
            "intra community",
            "intracommunity",
            "intra_community",
        )
    ),
)
"""Parts of names that leave no doubt; `0 %` and `USt` leave it open."""

ZERO_CATEGORIES = {
    category: ZeroName(part=category, code=code, is_exempt=code != ZERO_RATE)
    for category, code in (
        ("zero", ZERO_RATE),
        ("exempt", "CAUSE_1"),
        ("export", "CAUSE_1"),
        ("intra_community", "CAUSE_1"),
        ("small_business", "CAUSE_2"),
        ("margin_scheme", "CAUSE_3"),
        ("not_taxable", NOT_TAXABLE),
    )
}

_EXEMPT_KEYS = {row.code: row.key for row in EXEMPTIONS}


def timezone(place: Place) -> str:
    return place.location.timezone or TIMEZONE


def today(case: Case) -> date:
    return day(case.at, timezone(case.place))


def supply_day(case: Case) -> date:
    return case.draft.supplied_on or today(case)


def vat_key(line: DraftLine, on: date) -> int | None:
    """The key on the day of the record: a rate of the past stands under a key of the past, since
    a key has one rate in a closing. None if no key ever had this rate."""
    vat = line.vat
    if is_untaxed(line):
        return taxes.UNTAXED
    if vat.is_exempt:
        return _EXEMPT_KEYS.get(vat.code, EXEMPT)
    if not vat.percentage:
        return ZERO_RATED if vat.code == ZERO_RATE else taxes.UNTAXED
    return taxes.key(vat.percentage, on)


def percentage(vat: StatedVat) -> Decimal:
    return Decimal(0) if vat.is_exempt else vat.percentage


def is_in_force(case: Case, line: DraftLine, rate: Decimal) -> bool:
    """Whether the law had the rate on the day of supply. What was sold long ago is taken back at
    the rate of then, and a voucher that was taxed then is redeemed at it."""
    if case.draft.kind is DocumentKind.CORRECTION or is_redeemed(line):
        return taxes.key(rate, today(case)) is not None
    return taxes.key(rate, supply_day(case)) in CURRENT


def vat_rates(postal_code: str, on: date) -> tuple[VatRate, ...]:
    """The same in all of Germany; rates that ended are marked as historic."""
    found = {
        (key, rate.percentage): VatRate(
            code=code,
            percentage=plain(rate.percentage),
            description=_text(key),
            is_historic=not rate.holds(on, on),
        )
        for key, code in RATE_CODES.items()
        for rate in taxes.RATES
        if rate.key == key and (rate.since is None or rate.since <= on)
    }
    zero = VatRate(code=ZERO_RATE, percentage="0", description=_text(ZERO_RATED))
    return (*sorted(found.values(), key=lambda rate: rate.is_historic), zero)


def exemptions(on: date) -> tuple[Exemption, ...]:
    return tuple(Exemption(code=row.code, description=row.text) for row in EXEMPTIONS)


def _text(key: int) -> str:
    return next(row.text for row in taxes.KEYS if row.key == key)


_CATEGORIES = {
    "1": "standard",
    "2": "reduced",
    "3": "average",
    "4": "average",
    "5": "not_taxable",
    "6": "exempt",
    "7": "undetermined",
    "8": "zero",
}


def tax_category(tax_code: str) -> str:
    """What a code of DSFinV-K stands for; codes of former rates end with today's."""
    return _CATEGORIES.get(tax_code[-1:], "other")
