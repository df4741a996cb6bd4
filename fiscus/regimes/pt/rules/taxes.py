"""What tax a line may bear: rate or exemption, in force, in a region of Portugal, well computed."""

from collections.abc import Iterator
from decimal import Decimal

from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.regimes.pt.rates import (
    exempt_of,
    home_region,
    is_in_force,
    rate_of,
    stated_region,
    tax_days,
)
from fiscus.regimes.pt.rules.law import SAFT, rule

LINE_TOLERANCE = Decimal("0.02")


@rule(
    Code("PT-TAX-01", "the region of a line is none of Portugal's: PT, PT-AC or PT-MA"),
    law="CIVA, art. 18 (3)",
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
    Code("PT-TAX-07", "the VAT of a line is not its net value times the rate"),
    law="CIVA, art. 36 (5) d",
)
def vat_is_net_times_rate(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        vat = line.vat
        if not vat.is_exempt and (
            abs(vat.exclusive * vat.percentage / 100 - vat.amount) > LINE_TOLERANCE
        ):
            yield f"lines[{i}].vat.amount"


@rule(
    Code("PT-TAX-08", "net value and VAT of a line do not make its gross value"),
    law="CIVA, art. 36 (5) d",
)
def net_and_vat_make_gross(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        vat = line.vat
        if abs(vat.exclusive + vat.amount - vat.inclusive) > LINE_TOLERANCE:
            yield f"lines[{i}].vat.inclusive"


TAXES = (
    region_is_known,
    rate_is_in_force,
    zero_rate_is_an_exemption,
    exemption_is_known,
    exemption_is_in_force,
    exempt_line_bears_no_vat,
    vat_is_net_times_rate,
    net_and_vat_make_gross,
)
