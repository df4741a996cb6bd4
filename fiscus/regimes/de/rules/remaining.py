"""What may still be given back of a document: no more than it sold, in all corrections together.

What comes back is looked for in the document: by the number of its line if that is said, else by
text and rate. Of what was sold under one name no more comes back; and under one rate, whatever the
lines are called now, no more than was sold less discounts. Worth is what is used up: money given
back for a fault takes no piece of it away. Deposits are left out: any bottle is as good as another.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

import msgspec

from fiscus.model.amounts import ZERO
from fiscus.model.documents import Direction, DocumentKind, Draft, DraftLine, LinePurpose
from fiscus.model.faults import Code
from fiscus.model.records import AssessedLine, Case
from fiscus.regimes.de import composed, documents, worth
from fiscus.regimes.de.assess import discounts, signed
from fiscus.regimes.de.rates import percentage, today, vat_key
from fiscus.regimes.de.rules.law import EXPORT, RECORDING, rule
from fiscus.regimes.de.rules.totals import NEEDED

_DISCOUNT = LinePurpose.DISCOUNT
_GOODS, _TIP, _VOUCHER = "goods", "tip", "voucher"
_SORTS = {
    LinePurpose.SALE: _GOODS,
    LinePurpose.SURCHARGE: _GOODS,
    LinePurpose.DISCOUNT: _GOODS,
    LinePurpose.TIP_OWNER: _TIP,
    LinePurpose.TIP_STAFF: _TIP,
    LinePurpose.VOUCHER_SOLD: _VOUCHER,
}
_SOLD = {
    documents.SALES: _GOODS,
    documents.SURCHARGE: _GOODS,
    documents.CASES[LinePurpose.TIP_OWNER]: _TIP,
    documents.CASES[LinePurpose.TIP_STAFF]: _TIP,
    **dict.fromkeys(documents.SOLD, _VOUCHER),
}


class Pool(NamedTuple):
    """Goods, tips or vouchers under one rate; `key` is the VAT key where the rate is zero."""

    sort: str
    percentage: Decimal
    key: int


class Name(NamedTuple):
    """The lines of one text in a pool."""

    pool: Pool
    text: str


class _Left:
    """What is left of a document while its corrections are taken off, one after the other."""

    def __init__(self, case: Case) -> None:
        assert case.original
        assert case.original.draft
        assert case.original.seal
        self._case = case
        self._worth: dict[Pool | Name, Decimal] = {}
        self._quantity: dict[Name, Decimal] = {}
        self._numbers: dict[str, Name] = {}
        for assessed in case.original.seal.lines:
            self._pour(assessed)
        for position, line in enumerate(case.original.draft.lines, start=1):
            for one in composed.by_rate(line):
                self._name(one, str(position))

    def _pour(self, line: AssessedLine) -> None:
        """Into its pool; a discount out of it."""
        is_discount = line.case == documents.DISCOUNT
        sort = _GOODS if is_discount else _SOLD.get(line.case)
        if sort is not None and line.is_debit is is_discount:
            pool = _pool(sort, line.percentage, int(line.tax_code))
            self._worth[pool] = self._worth.get(pool, ZERO) + signed(line)

    def _name(self, line: DraftLine, position: str) -> None:
        name = self._name_of(line)
        if name is None or line.direction is Direction.RETURN:
            return
        self._worth[name] = self._worth.get(name, ZERO) + worth.gross(line)
        self._quantity[name] = self._quantity.get(name, ZERO) + line.quantity
        self._numbers[line.number.strip() or position] = name

    def _name_of(self, line: DraftLine) -> Name | None:
        pool = self._pool_of(line)
        if pool is None or line.purpose is LinePurpose.DISCOUNT:
            return None
        return Name(pool, line.text.strip().casefold())

    def _pool_of(self, line: DraftLine) -> Pool | None:
        sort = _SORTS.get(line.purpose)
        key = vat_key(line, today(self._case))
        return None if sort is None or key is None else _pool(sort, percentage(line.vat), key)

    def take(self, draft: Draft) -> Iterator[str]:
        """Takes off what a correction gives back; the places where that is too much."""
        pays_out = worth.total(draft) < 0
        self._give_back_discounts(draft)
        for i, line in _by_rate(draft):
            pool = self._pool_of(line)
            is_back = line.direction is Direction.RETURN and line.purpose is not _DISCOUNT
            if pool is None or not is_back:
                continue
            if pool.sort == _VOUCHER and not pays_out:
                continue  # it pays for something else
            self._worth[pool] = self._worth.get(pool, ZERO) - worth.gross(line)
            name = self._named(pool, line)
            if name in self._quantity:
                self._worth[name] -= worth.gross(line)
            if self._worth[pool] < 0 or (name and self._worth.get(name, ZERO) < 0):
                yield f"lines[{i}].vat.inclusive"
            elif name and line.quantity > self._quantity.get(name, line.quantity):
                yield f"lines[{i}].quantity"

    def _named(self, pool: Pool, line: DraftLine) -> Name | None:
        """The line that its number means, if that stood under the same rate."""
        name = self._numbers.get(line.number.strip())
        return name if name and name.pool == pool else self._name_of(line)

    def _give_back_discounts(self, draft: Draft) -> None:
        """What was sold with a discount comes back with it."""
        for line in draft.lines:
            pool = self._pool_of(line)
            if pool and line.purpose is _DISCOUNT and line.direction is Direction.RETURN:
                self._worth[pool] = self._worth.get(pool, ZERO) + worth.gross(line)
        case = msgspec.structs.replace(self._case, draft=draft)
        if not draft.discounts or any(any(rule.broken_at(case)) for rule in NEEDED):
            return
        for part in discounts(case):
            if not part.is_debit:
                pool = _pool(_GOODS, part.percentage, int(part.tax_code))
                self._worth[pool] = self._worth.get(pool, ZERO) + signed(part)


def _by_rate(draft: Draft) -> Iterator[tuple[int, DraftLine]]:
    """Each line with its place; one under several rates once under each of them."""
    return ((i, one) for i, line in enumerate(draft.lines) for one in composed.by_rate(line))


def _pool(sort: str, rate: Decimal, key: int) -> Pool:
    """A rate of the past has another key today."""
    return Pool(sort, rate, 0 if rate else key)


@rule(
    Code(
        "DE-REFERENCE-07",
        "more is given back than is left of the document that is named: of one of its lines, or of"
        " all under one rate",
    ),
    law=f"{RECORDING}; {EXPORT}, Bon_Referenzen",
)
def no_more_comes_back_than_was_sold(case: Case) -> Iterator[str]:
    original = case.original
    is_known = original is not None and original.draft and original.seal
    if case.draft.kind is not DocumentKind.CORRECTION or not is_known:
        return
    left = _Left(case)
    for draft in (*(note.draft for note in case.notes), *case.begun):
        if draft is not None and draft.kind is DocumentKind.CORRECTION:
            list(left.take(draft))
    yield from left.take(case.draft)


REMAINING = (no_more_comes_back_than_was_sold,)
