"""Each line as the law sees it: net price, tax code, region, exemption, side."""

from datetime import date
from decimal import Context, Decimal
from hashlib import sha256
from itertools import count, repeat
from typing import NamedTuple

from fiscus.model.amounts import ZERO, cents_half_up
from fiscus.model.documents import Draft, Line, Totals, Vat
from fiscus.model.records import Assessed, Case
from fiscus.regimes.pt.corrections import described, original_lines
from fiscus.regimes.pt.documents import is_correction, is_credit
from fiscus.regimes.pt.rates import exempt_of, home_region, rate_of, stated_region, tax_days

MENTION_LENGTH = range(6, 61)
PRODUCT_LENGTH_MAX = 60
MEASURE_LENGTH_MAX = 20
MEASURE = "UN"

_UNIT = Context(prec=18)
"""A unit price may have no end (10 / 3): 18 digits, so that quantity × price is the line."""


class Tax(NamedTuple):
    region: str
    type: str
    code: str
    percentage: Decimal
    exemption: str = ""
    mention: str = ""


def assess(case: Case) -> tuple[Assessed, ...]:
    """The lines of a draft that broke no rule."""
    draft = case.draft
    home, days = home_region(case.place), tax_days(case)
    is_debit = is_credit(draft)
    originals = original_lines(case) if is_correction(draft) else repeat(None)
    return tuple(
        _assessed(line, tax_of(line.vat, home, days), number, original, is_debit)
        for number, line, original in zip(count(1), draft.lines, originals, strict=False)
    )


def _assessed(
    line: Line, tax: Tax, number: int, original: Assessed | None, is_debit: bool
) -> Assessed:
    text, net = described(line.text), line.vat.exclusive
    return Assessed(
        number=number,
        product=original.product if original else product_code(line.product, text),
        text=text,
        quantity=line.quantity,
        measure=line.measure.strip()[:MEASURE_LENGTH_MAX] or MEASURE,
        unit_price=_UNIT.divide(net, line.quantity),
        net=net,
        vat=line.vat.amount,
        region=tax.region,
        tax_type=tax.type,
        tax_code=tax.code,
        percentage=tax.percentage,
        exemption=tax.exemption,
        exemption_text=tax.mention,
        is_debit=is_debit,
        is_service=line.is_service,
        discount=line.discount,
        original_line=original.number if original else 0,
    )


def tax_of(vat: Vat, home: str, days: tuple[date, ...]) -> Tax:
    """The tax of a line that the rules let through."""
    if vat.is_exempt:
        exempt, region = exempt_of(vat.code), stated_region(vat, home)
        assert exempt is not None
        assert region is not None
        is_own_mention = len(vat.reason.strip()) in MENTION_LENGTH
        mention = vat.reason.strip() if is_own_mention else exempt.mention
        return Tax(region, exempt.tax_type, exempt.tax_code, ZERO, exempt.code, mention)
    rate = rate_of(vat, home, days)
    assert rate is not None
    return Tax(rate.region, "IVA", rate.tax_code, rate.percentage)


def product_code(product: str, text: str) -> str:
    """The caller's code, or one made from the description: the same text, the same product."""
    return product.strip()[:PRODUCT_LENGTH_MAX] or sha256(text.encode()).hexdigest()[:12].upper()


def totals(draft: Draft) -> Totals:
    """Net, VAT, gross in cents: as the caller states them, else the sum of the lines.

    Net is what remains of gross without VAT, so that the three always agree.
    """
    said = draft.totals
    vat = said.amount if said else sum((line.vat.amount for line in draft.lines), ZERO)
    gross = said.inclusive if said else sum((line.vat.inclusive for line in draft.lines), ZERO)
    vat, gross = cents_half_up(vat), cents_half_up(gross)
    return Totals(exclusive=gross - vat, amount=vat, inclusive=gross)
