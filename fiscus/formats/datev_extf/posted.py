"""Which bookings DATEV wants of a line: gross where it takes the VAT out itself, else net and VAT
apart."""

from collections.abc import Collection, Iterable
from decimal import Decimal
from uuid import NAMESPACE_URL

import msgspec

from fiscus.model.accounts import ChartAccount
from fiscus.model.booked import BookedLine
from fiscus.model.ids import uuid5_of

SWITCHED_OFF = "0040"
"""The only key that an automatic account allows: it takes no VAT out this time."""


class PostedAmount(msgspec.Struct, frozen=True, gc=False):
    """One booking of a line: on which account, signed, under which key, by which id."""

    account: str
    amount: Decimal
    key: str
    id: str


class PostingRules(msgspec.Struct, frozen=True, kw_only=True):
    """What decides how lines are posted: the codes of the accounts that take VAT out by themselves,
    and whether the company has them switched off throughout."""

    automatic: Collection[str] = frozenset()
    is_automatic_off: bool = False


def automatic_codes(accounts: Iterable[ChartAccount]) -> frozenset[str]:
    return frozenset(one.code for one in accounts if one.is_automatic)


def posted(line: BookedLine, rules: PostingRules) -> list[PostedAmount]:
    """Gross where DATEV takes the VAT out itself, by account or by key; else net, and the VAT on
    its own account, which is empty if the tax has none. A line without VAT on an automatic account
    switches it off: its VAT would be invented. What is zero is left out."""
    tax = line.tax
    asked = tax.posting_key.zfill(4) if tax is not None and tax.posting_key else ""
    if line.account in rules.automatic:
        is_off = rules.is_automatic_off or tax is None or asked == SWITCHED_OFF
        key = SWITCHED_OFF if is_off else ""
    else:
        is_off, key = asked in ("", SWITCHED_OFF), asked
    if tax is None or not is_off or not tax.amount:
        whole = PostedAmount(line.account, line.amount, key, line.id)
        return [whole] if line.amount else []
    net = PostedAmount(line.account, line.amount - tax.amount, key, line.id)
    vat = PostedAmount(tax.account, tax.amount, "", _tax_id(line.id))
    return [net, vat] if net.amount else [vat]


def lacks_tax_account(line: BookedLine, rules: PostingRules) -> bool:
    """Whether VAT would be posted on no account at all."""
    tax = line.tax
    if tax is None or tax.account or not tax.amount:
        return False
    return any(one.id != line.id and not one.account for one in posted(line, rules))


def _tax_id(line: str) -> str:
    """A stable id for the VAT of a line: no two bookings may share one."""
    return uuid5_of(NAMESPACE_URL.bytes, f"{line}/vat")
