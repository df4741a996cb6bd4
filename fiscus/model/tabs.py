"""What a tab comes to: ordered, and neither taken back nor billed yet. Pure.

Lines speak of the same thing if their text, their purpose and their tax are the same. A thing may
be billed for less than it was ordered at, never for more.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from fiscus.model.amounts import CENT
from fiscus.model.documents import Direction, DocumentKind, Draft, DraftLine, LinePurpose

_ZERO = Decimal(0)

ORDERABLE = frozenset({LinePurpose.SALE, LinePurpose.DEPOSIT})
"""What is ordered, and billed against an order: no tips, no vouchers, no discounts."""


class OrderedThing(NamedTuple):
    """What makes two lines speak of the same thing; `exemption` is why there is no tax."""

    text: str
    purpose: LinePurpose
    percentage: Decimal
    exemption: str


class ThingLeft(NamedTuple):
    """How much of a thing is left of a tab, and what it comes to, gross, at the prices at which it
    was ordered, less what was billed; `prices` are all that it was ordered at, `lines` how many
    lines made this."""

    quantity: Decimal
    gross: Decimal
    prices: frozenset[Decimal]
    lines: int

    @property
    def is_exceeded(self) -> bool:
        """More was taken back or billed than was ordered: of the thing, or of money. Where prices
        are net, each line may be a cent off."""
        return self.quantity < 0 or self.gross < -CENT * self.lines

    def was_at(self, price: Decimal) -> bool:
        """Whether it was ordered at this price, to the cent."""
        return any(abs(price - known) <= CENT for known in self.prices)

    def was_below(self, price: Decimal) -> bool:
        """Whether it was only ever ordered for less."""
        return all(price > known + CENT for known in self.prices)


NOTHING_LEFT = ThingLeft(_ZERO, _ZERO, frozenset(), 0)


def thing(line: DraftLine) -> OrderedThing:
    vat = line.vat
    exemption = vat.code if vat.is_exempt else ""
    return OrderedThing(line.text.strip(), line.purpose, vat.percentage, exemption)


def is_taken_back(draft: Draft, line: DraftLine) -> bool:
    return draft.kind is DocumentKind.ORDER and line.direction is Direction.RETURN


def is_billed(draft: Draft, line: DraftLine) -> bool:
    """Empties that come back, tips and vouchers are on the same receipt and were never ordered."""
    is_sold = line.direction is Direction.SALE and line.purpose in ORDERABLE
    return draft.kind is DocumentKind.RECEIPT and is_sold and not line.is_voucher


def lowers(draft: Draft) -> bool:
    """Whether it takes from what is left: bills it, or takes it back."""
    return any(is_taken_back(draft, line) or is_billed(draft, line) for line in draft.lines)


def left(drafts: Iterable[Draft]) -> dict[OrderedThing, ThingLeft]:
    """What is left of everything that was ever ordered, in that order; also of what is used up."""
    found: dict[OrderedThing, ThingLeft] = {}
    for draft in drafts:
        for line, sign in _counted(draft):
            before = found.get(thing(line), NOTHING_LEFT)
            found[thing(line)] = ThingLeft(
                quantity=before.quantity + sign * line.quantity,
                gross=before.gross + sign * line.vat.inclusive,
                prices=before.prices | {line.unit_price} if sign > 0 else before.prices,
                lines=before.lines + 1,
            )
    return found


def is_open(drafts: Iterable[Draft]) -> bool:
    """Whether anything is left to be billed."""
    return any(one.quantity > 0 for one in left(drafts).values())


def is_concluded(drafts: Iterable[Draft]) -> bool:
    """Whether a receipt has billed the last of it. A tab of which all was taken back may go on."""
    known = tuple(drafts)
    return not is_open(known) and any(one.kind is DocumentKind.RECEIPT for one in known)


def _counted(draft: Draft) -> Iterator[tuple[DraftLine, int]]:
    for line in draft.lines:
        if draft.kind is DocumentKind.ORDER:
            yield line, -1 if line.direction is Direction.RETURN else 1
        elif is_billed(draft, line):
            yield line, -1
