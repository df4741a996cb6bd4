"""What a caller states beside the amounts of a line, or of its receipt: codes and times must agree
with them."""

from collections.abc import Iterator
from datetime import timedelta

from fiscus.model.documents import RATE_ALONE, StatedVat
from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.regimes.de import taxes
from fiscus.regimes.de.composed import bearers
from fiscus.regimes.de.documents import is_receipt
from fiscus.regimes.de.rates import (
    EXEMPTIONS,
    RATE_CODES,
    ZERO_RATE,
    percentage,
    supply_day,
    today,
)
from fiscus.regimes.de.rules.law import EXPORT, LOGGED, rule

HOME = "DE"
AHEAD_MAX = timedelta(hours=1)
"""Clocks of tills are a little off."""

BEHIND_MAX = timedelta(days=7)
"""A till that had no connection sends its receipts later."""

_FORMER = 10
"""Keys of former rates are those of today with tens before them."""

SUPPLIED_BEFORE_MAX = timedelta(days=366)

_KEYS = {code: key for key, code in RATE_CODES.items()}
_REASONS = frozenset(reason.code for reason in EXEMPTIONS)
_UNSAID = frozenset({"", RATE_ALONE})
_NO_RATES = _REASONS | _UNSAID | {ZERO_RATE}


@rule(
    Code(
        "DE-CODE-01",
        "the code of a rate stands for another percentage; a zero that is no zero rate is an"
        " exemption",
    ),
    law=f"{EXPORT}, annex I, UST_SCHLUESSEL; UStG § 12",
)
def code_stands_for_the_rate(case: Case) -> Iterator[str]:
    """Former rates have the code of the rate that took their place."""
    for path, line in bearers(case.draft):
        if not line.vat.is_exempt and not _agrees(case, line.vat):
            yield f"{path}.vat.code"


def _agrees(case: Case, vat: StatedVat) -> bool:
    rate = percentage(vat)
    if not rate:
        return vat.code in _NO_RATES
    if vat.code in _UNSAID:
        return True
    found = [taxes.key(rate, day) for day in (supply_day(case), today(case))]
    keys = [key % _FORMER for key in found if key is not None]
    return not keys or _KEYS.get(vat.code) in keys


@rule(
    Code("DE-CODE-02", "this law has no exemption with this code; the system lists those it has"),
    law=f"{EXPORT}, annex I, UST_SCHLUESSEL",
)
def exemption_is_known(case: Case) -> Iterator[str]:
    for path, line in bearers(case.draft):
        if line.vat.is_exempt and line.vat.code not in _REASONS | _UNSAID:
            yield f"{path}.vat.code"


@rule(
    Code("DE-CODE-03", "the VAT of another country cannot be recorded here"),
    law="UStG § 1 (1) no. 1",
)
def vat_is_of_this_country(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        if line.vat.region not in ("", HOME):
            yield f"lines[{i}].vat.region"


@rule(
    Code(
        "DE-DATE-02",
        "the receipt is dated later than now, or more than seven days back: what counts is the time"
        " at which the TSE signs it",
    ),
    law=f"{LOGGED} no. 1 and 6",
)
def receipt_is_of_now(case: Case) -> Iterator[str]:
    issued = case.draft.issued_at
    if issued is None or not is_receipt(case.draft):
        return
    if not case.at - BEHIND_MAX <= issued <= case.at + AHEAD_MAX:
        yield "issued_at"


@rule(
    Code("DE-DATE-03", "the day of supply is more than a year back"),
    law="UStG § 14 (4) no. 6",
)
def supply_is_not_long_ago(case: Case) -> Iterator[str]:
    supplied = case.draft.supplied_on
    if supplied is not None and supplied < today(case) - SUPPLIED_BEFORE_MAX:
        yield "supplied_on"


CODES = (
    code_stands_for_the_rate,
    exemption_is_known,
    vat_is_of_this_country,
    receipt_is_of_now,
    supply_is_not_long_ago,
)
