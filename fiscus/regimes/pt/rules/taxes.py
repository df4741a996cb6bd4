"""What tax a line may bear: rate or exemption, in force, in a region of Portugal, well computed."""

from collections.abc import Iterator

from fiscus.model.amounts import ZERO
from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.model.roundings import are_rounded, is_rounded, step, vat_in
from fiscus.regimes.pt.qr import LETTERS
from fiscus.regimes.pt.rates import (
    exempt_of,
    home_region,
    is_in_force,
    is_reason_of_another,
    rate_of,
    stated_region,
    tax_days,
)
from fiscus.regimes.pt.rules.law import OSS, SAFT, rule

REGIONS_MAX = len(LETTERS)


@rule(
    Code(
        "PT-TAX-01",
        "a line is taxed neither in a region of Portugal (PT, PT-AC, PT-MA) nor in another member"
        " state of the Union, which is named by its country alone",
    ),
    law=f"CIVA, art. 18 (3); {OSS}",
)
def region_is_known(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        if line.vat.region and stated_region(line.vat, "") is None:
            yield f"lines[{i}].vat.region"


@rule(
    Code("PT-TAX-02", "the rate is not one of that code in that region on that day"),
    law="CIVA, art. 18",
)
def rate_is_in_force(case: Case) -> Iterator[str]:
    home, days = home_region(case.place), tax_days(case)
    for i, line in enumerate(case.draft.lines):
        vat = line.vat
        if vat.is_exempt or not vat.percentage:
            continue
        if rate_of(vat, home, days) is None:
            yield f"lines[{i}].vat.percentage"


@rule(
    Code("PT-TAX-03", "a line has a rate of zero; name an exemption code instead"),
    law="CIVA, art. 36 (5) e",
)
def zero_rate_is_an_exemption(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        if not line.vat.is_exempt and not line.vat.percentage:
            yield f"lines[{i}].vat.code"


@rule(
    Code("PT-TAX-04", "the exemption code is not known in Portugal"),
    law=f"{SAFT}, exemption codes",
)
def exemption_is_known(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        if line.vat.is_exempt and exempt_of(line.vat.code) is None:
            yield f"lines[{i}].vat.code"


@rule(
    Code("PT-TAX-05", "the exemption code is not in force on that day"),
    law=f"{SAFT}, exemption codes",
)
def exemption_is_in_force(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        row = exempt_of(line.vat.code) if line.vat.is_exempt else None
        if row and not is_in_force(row, tax_days(case)):
            yield f"lines[{i}].vat.code"


@rule(
    Code("PT-TAX-06", "an exempt line bears VAT"),
    law="CIVA, art. 36 (5) e",
)
def exempt_line_bears_no_vat(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        if line.vat.is_exempt and line.vat.amount:
            yield f"lines[{i}].vat.amount"


@rule(
    Code(
        "PT-TAX-07",
        "the VAT or the net value of a line is not the exact one of its gross value and rate",
    ),
    law="CIVA, art. 36 (5) d",
)
def line_is_exact(case: Case) -> Iterator[str]:
    """As far as it is stated: in cents to half a cent, with more decimals to the last of them."""
    for i, line in enumerate(case.draft.lines):
        vat, rate = line.vat, line.vat.percentage
        if vat.is_exempt or are_rounded(
            net=vat.exclusive, vat=vat.amount, gross=vat.inclusive, percentage=rate
        ):
            continue
        is_vat_exact = is_rounded(vat.amount, vat_in(vat.inclusive, rate))
        yield f"lines[{i}].vat.{'exclusive' if is_vat_exact else 'amount'}"


@rule(
    Code("PT-TAX-08", "net value and VAT of a line do not make its gross value"),
    law="CIVA, art. 36 (5) d",
)
def net_and_vat_make_gross(case: Case) -> Iterator[str]:
    """Each of the three may be rounded."""
    for i, line in enumerate(case.draft.lines):
        net, vat, gross = line.vat.exclusive, line.vat.amount, line.vat.inclusive
        slack = sum(map(step, (net, vat, gross)), ZERO) / 2
        if abs(net + vat - gross) > (ZERO if line.vat.is_exempt else slack):
            yield f"lines[{i}].vat.inclusive"


@rule(
    Code(
        "PT-TAX-09",
        "the reason of an exemption is the sentence of another code; leave it out to have the"
        " right one",
    ),
    law=f"{SAFT}, exemption codes",
)
def reason_is_of_its_code(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        row = exempt_of(line.vat.code) if line.vat.is_exempt else None
        if row and is_reason_of_another(row.code, line.vat.reason):
            yield f"lines[{i}].vat.reason"


@rule(
    Code(
        "PT-TAX-10",
        "the lines are taxed in more than three regions or countries: the QR code has room for"
        " three; send two documents",
    ),
    law="Portaria n.º 195/2020, QR code, fields I to K",
)
def regions_fit_the_code(case: Case) -> Iterator[str]:
    home, days = home_region(case.place), tax_days(case)
    seen: set[str | None] = set()
    for i, line in enumerate(case.draft.lines):
        rate = None if line.vat.is_exempt else rate_of(line.vat, home, days)
        seen.add(rate.region if rate else stated_region(line.vat, home))
        if len(seen - {None}) > REGIONS_MAX:
            yield f"lines[{i}].vat.region"


TAXES = (
    region_is_known,
    rate_is_in_force,
    zero_rate_is_an_exemption,
    exemption_is_known,
    exemption_is_in_force,
    exempt_line_bears_no_vat,
    line_is_exact,
    net_and_vat_make_gross,
    reason_is_of_its_code,
    regions_fit_the_code,
)
