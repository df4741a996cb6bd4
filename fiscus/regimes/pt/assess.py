"""Each line as the law sees it: net price, tax code, region, exemption, side."""

from datetime import date
from decimal import Decimal
from hashlib import sha256
from itertools import count, repeat
from typing import NamedTuple

from fiscus.model.amounts import ZERO, decimals_half_up, trimmed
from fiscus.model.documents import DraftLine, StatedVat
from fiscus.model.records import AssessedLine, Case
from fiscus.model.roundings import net_in
from fiscus.regimes.pt.corrections import NET_DECIMALS, described, original_lines
from fiscus.regimes.pt.documents import is_correction, is_credit
from fiscus.regimes.pt.rates import exempt_of, home_region, rate_of, stated_region, tax_days
from fiscus.regimes.pt.sums import gross_values
from fiscus.regimes.pt.taxes import ExemptionReason

MENTION_LENGTH = range(6, 61)
PRODUCT_LENGTH_MAX = 60
MEASURE_LENGTH_MAX = 20
MEASURE = "UN"


class LineTax(NamedTuple):
    """The VAT of one line in the law's codes."""

    region: str
    type: str
    code: str
    percentage: Decimal
    exemption: str = ""
    mention: str = ""


def assess(case: Case) -> tuple[AssessedLine, ...]:
    """The lines of a draft that broke no rule."""
    draft = case.draft
    home, days = home_region(case.place), tax_days(case)
    is_debit = is_credit(draft)
    originals = original_lines(case) if is_correction(draft) else repeat(None)
    return tuple(
        _assessed(line, gross, tax_of(line.vat, home, days), number, original, is_debit)
        for number, line, gross, original in zip(
            count(1), draft.lines, gross_values(draft), originals, strict=False
        )
    )


def _assessed(
    line: DraftLine,
    gross: Decimal,
    tax: LineTax,
    number: int,
    original: AssessedLine | None,
    is_debit: bool,
) -> AssessedLine:
    """Net is the exact one in the gross value, whatever the caller rounded it to; VAT the rest."""
    text = described(line.text)
    net = trimmed(decimals_half_up(net_in(gross, tax.percentage), NET_DECIMALS))
    return AssessedLine(
        number=number,
        product=original.product if original else product_code(line.product, text),
        text=text,
        quantity=line.quantity,
        measure=line.measure.strip()[:MEASURE_LENGTH_MAX] or MEASURE,
        unit_price=_unit_price(net, line.quantity),
        net=net,
        vat=trimmed(gross - net),
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
        serial=line.serial.strip(),
    )


def _unit_price(net: Decimal, quantity: Decimal) -> Decimal:
    """With so many decimals that quantity × price is the line to its last one."""
    digits = max(0, quantity.adjusted() + 1)
    return trimmed(decimals_half_up(net / quantity, NET_DECIMALS + digits))


def tax_of(vat: StatedVat, home: str, days: tuple[date, ...]) -> LineTax:
    """The tax of a line that the rules let through."""
    if vat.is_exempt:
        exempt, region = exempt_of(vat.code), stated_region(vat, home)
        assert exempt is not None
        assert region is not None
        mention = mention_of(vat, exempt)
        return LineTax(region, exempt.tax_type, exempt.tax_code, ZERO, exempt.code, mention)
    rate = rate_of(vat, home, days)
    assert rate is not None
    return LineTax(rate.region, "IVA", rate.tax_code, rate.percentage)


def mention_of(vat: StatedVat, exempt: ExemptionReason) -> str:
    """The caller's words for an exemption, if they have the length of a reason, else the law's."""
    own = vat.reason.strip()
    return own if len(own) in MENTION_LENGTH else exempt.mention


def product_code(product: str, text: str) -> str:
    """The caller's code, or one made from the description: the same text, the same product."""
    return product.strip()[:PRODUCT_LENGTH_MAX] or sha256(text.encode()).hexdigest()[:12].upper()
