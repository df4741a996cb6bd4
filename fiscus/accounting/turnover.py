"""What a sealed document adds to revenue and VAT, by rate: counted from the seal alone."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from fiscus.model.accounts import AccountedDocument, AccountedLine, AccountedSeal
from fiscus.model.amounts import ZERO, cents_half_up
from fiscus.model.documents import NO_TURNOVER
from fiscus.model.kinds import EntryKind


class Rate(NamedTuple):
    """A tax of the law; the code is not empty."""

    tax_code: str
    percentage: Decimal


class Turnover(NamedTuple):
    """Net value and VAT in cents; what is sold is positive."""

    net: Decimal
    vat: Decimal


def turnover(document: AccountedDocument) -> Iterator[tuple[Rate, Turnover]]:
    """By rate; nothing for what happens to the drawer alone, for orders, and for training."""
    draft, seal = document.draft, document.seal
    if document.kind != EntryKind.DOCUMENT or draft is None or seal is None:
        return
    if draft.kind in NO_TURNOVER or draft.is_training:
        return
    yield from _of_shares(seal) if seal.taxes else _of_lines(seal)


def _of_shares(seal: AccountedSeal) -> Iterator[tuple[Rate, Turnover]]:
    """As the law stated it; laws print what is given back without a sign."""
    gross = sum((_signed(line, line.net + line.vat) for line in seal.lines), ZERO)
    sign = -1 if gross < 0 < seal.gross else 1
    for share in seal.taxes:
        yield (
            Rate(share.tax_code, share.percentage),
            Turnover(sign * share.net, sign * share.vat),
        )


def _of_lines(seal: AccountedSeal) -> Iterator[tuple[Rate, Turnover]]:
    """Of each rate gross value and VAT in whole cents, as they are printed."""
    sums: dict[Rate, Turnover] = {}
    for line in seal.lines:
        if line.tax_type:
            rate = Rate(line.tax_code, line.percentage)
            net, vat = sums.get(rate, (ZERO, ZERO))
            sums[rate] = Turnover(net + _signed(line, line.net), vat + _signed(line, line.vat))
    for rate, (net, vat) in sums.items():
        in_cents = cents_half_up(vat)
        yield rate, Turnover(cents_half_up(net + vat) - in_cents, in_cents)


def _signed(line: AccountedLine, amount: Decimal) -> Decimal:
    return -amount if line.is_debit else amount
