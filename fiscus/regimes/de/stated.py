"""The VAT that a till printed for the whole document, where its lines say something else.

Both ways of rounding are lawful, and the receipt has gone out with one of them: what is recorded
is what was printed. The lines take up the difference, so that they still add up to the receipt.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

import msgspec

from fiscus.model.amounts import ZERO, cents_half_up, five_decimals_half_up
from fiscus.model.documents import Draft, LinePurpose
from fiscus.model.records import AssessedLine
from fiscus.model.roundings import TaxedLine, is_lawful, shares, vat_in
from fiscus.regimes.de import documents, worth
from fiscus.regimes.de.assess import Assessment, signed

CENT = Decimal("0.01")

Rate = tuple[str, Decimal]


class StatedVatSum(NamedTuple):
    """The stated VAT with the sign of what moved, and the lines that it is the VAT of."""

    vat: Decimal
    lines: Sequence[AssessedLine]


def printed(draft: Draft, lines: Sequence[AssessedLine]) -> StatedVatSum | None:
    """None if the caller states no total. Vouchers taken in payment may be left out of one."""
    said = draft.totals
    if said is None:
        return None
    total = worth.total(draft)
    goods = total - worth.redeemed(draft)
    if abs(said.inclusive) == abs(goods) or abs(said.inclusive) != abs(total):
        lines, total = _without_payments(draft, lines), goods
    return StatedVatSum(-said.amount if said.inclusive * total < 0 else said.amount, lines)


def _without_payments(draft: Draft, lines: Sequence[AssessedLine]) -> Sequence[AssessedLine]:
    """The lines without the vouchers taken in payment. All vouchers that come back have one of two
    cases, and stand in the order of the draft."""
    back = iter([line.purpose for line in draft.lines if documents.is_redeemed(line)])
    return [
        line
        for line in lines
        if line.case not in documents.REDEEMED or next(back) is not LinePurpose.VOUCHER_REDEEMED
    ]


def is_lawfully_rounded(draft: Draft, lines: Sequence[AssessedLine]) -> bool:
    """A discount on the whole document is shared by the rates, and each till rounds the shares
    itself: a cent for each rate, however many lines there are."""
    found = printed(draft, lines)
    if found is None:
        return True
    taxed = list(_taxed(found.lines))
    if not draft.discounts:
        return is_lawful(taxed, found.vat)
    rates = len({line.rate for line in taxed})
    return any(is_lawful(taxed, found.vat + CENT * off) for off in range(-rates, rates + 1))


def as_printed(draft: Draft, assessed: Assessment) -> Assessment:
    """The lines with their VAT moved by parts of a cent, so that each rate comes to what was
    printed. Untouched where they come to it already."""
    found = printed(draft, assessed.lines)
    if found is None:
        return assessed
    found = found._replace(vat=cents_half_up(found.vat))
    moved: dict[int, AssessedLine] = {}
    for rate, vat in _wanted(found).items():
        mine = [line for line in found.lines if _rate(line) == rate]
        off = vat - sum((line.vat for line in _taxed(mine)), ZERO)
        if cents_half_up(vat - off) != vat:
            moved.update(_spread(off, mine))
    return assessed._replace(lines=tuple(moved.get(id(x), x) for x in assessed.lines))


def _wanted(found: StatedVatSum) -> dict[Rate, Decimal]:
    """What was printed for each rate. Where only all of them together were rounded, or a discount
    was shared otherwise than here, the largest rate takes the difference."""
    taxed = list(_taxed(found.lines))
    lawful = shares(taxed, found.vat)
    if lawful is not None:
        return {_rate(x): lawful[_rate(x)] for x in found.lines if _rate(x) in lawful}
    gross: dict[Rate, Decimal] = {}
    for line in found.lines:
        if line.percentage > 0:
            gross[_rate(line)] = gross.get(_rate(line), ZERO) + signed(line)
    once = {rate: cents_half_up(vat_in(worth, rate[1])) for rate, worth in gross.items()}
    if once:
        largest = max(once, key=lambda rate: abs(once[rate]))
        once[largest] += found.vat - sum(once.values(), ZERO)
    return once


def _spread(off: Decimal, lines: Sequence[AssessedLine]) -> Iterator[tuple[int, AssessedLine]]:
    """The difference by size, to the fifth decimal: what was given so far is what the lines so
    far deserve."""
    whole, seen, given = sum((line.net + line.vat for line in lines), ZERO), ZERO, ZERO
    for line in lines:
        seen += line.net + line.vat
        part = five_decimals_half_up(off * seen / whole) - given
        given += part
        vat = line.vat - part if line.is_debit else line.vat + part
        net = line.net + line.vat - vat
        price = five_decimals_half_up(net / line.quantity)
        yield id(line), msgspec.structs.replace(line, net=net, vat=vat, unit_price=price)


def _taxed(lines: Iterable[AssessedLine]) -> Iterator[TaxedLine]:
    for line in lines:
        if line.percentage > 0:
            vat = -line.vat if line.is_debit else line.vat
            yield TaxedLine(_rate(line), line.percentage, signed(line), vat)


def _rate(line: AssessedLine) -> Rate:
    return line.tax_code, line.percentage
