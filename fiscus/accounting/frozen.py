"""An accounting entry with its accounts, frozen when an export job is made: whoever changes the
mapping afterwards changes nothing of a job that is on its way.

A key that has no account is booked nowhere else: the entry is frozen with a fault, and its item
fails while the others go on.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import NamedTuple, Protocol

import msgspec

from fiscus.accounting.entry_rows import AccountingEntry, EntryLine, line_id
from fiscus.accounting.mapping import BooksContent, ResolvedAccount, resolver
from fiscus.accounting.states import ItemFailure
from fiscus.model.accounts import ChartAccount, ChartTax
from fiscus.model.amounts import plain
from fiscus.model.booked import BookedEntry, BookedLine, BookedTax, BookWarning
from fiscus.model.faults import Code

DOUBTFUL = Code("BOOKS-FROZEN-01", "ask the accountant before this account is used")

METHOD = "journal"
"""How all our entries are booked, in the words of the export API."""


class FrozenFault(NamedTuple):
    """Why an entry cannot be booked: the key or account that is meant, what to do, and the reason
    that its item gets."""

    key: str
    text: str
    type: ItemFailure = ItemFailure.ACCOUNT_UNKNOWN


class FrozenItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What an item of a job exports. `type` is the word with which it is published, `accounts` are
    those that it names, by code; one that is missing is empty in `booked`, and among the
    `faults`."""

    booked: BookedEntry
    type: str
    performed_at: datetime
    accounts: Mapping[str, ChartAccount] = {}
    method: str = METHOD
    faults: tuple[FrozenFault, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether it can be booked."""
        return not self.faults

    @property
    def has_contra(self) -> bool:
        return bool(self.booked.contra)


class FoundAccount(NamedTuple):
    """What the books know of one line; without an account it cannot be booked."""

    account: ChartAccount | None
    tax: ChartTax | None = None
    doubt: str = ""


class BookedBy(Protocol):
    """What decides where a line is booked: a key of the law, or what a caller named."""

    @property
    def key(self) -> str: ...
    @property
    def account(self) -> str: ...
    @property
    def tax_code(self) -> str: ...


def finder(content: BooksContent) -> Callable[[BookedBy], FoundAccount]:
    """What finds the account and the tax of a line: each key is looked up once."""
    resolve = resolver(content)
    chart = {account.code: account for account in content.accounts}
    taxes = {tax.code: tax for tax in content.taxes}

    @cache
    def of_key(key: str) -> FoundAccount:
        resolved = resolve(key)
        if resolved is None:
            return FoundAccount(None)
        return FoundAccount(resolved.account, resolved.tax, resolved.doubt)

    def found(line: BookedBy) -> FoundAccount:
        if line.account:
            return FoundAccount(chart.get(line.account), taxes.get(line.tax_code))
        return of_key(line.key)

    return found


def tax_code(tax: ChartTax | None, line: BookedBy) -> str:
    """Under which code VAT is shown: the company's own, else the law's."""
    return tax.code if tax else line.tax_code


Freezer = Callable[[AccountingEntry], tuple[FrozenItem, tuple[BookWarning, ...]]]


NONE_OPEN: Mapping[str, str] = {}


def freezer(content: BooksContent, unmapped: Mapping[str, str] = NONE_OPEN) -> Freezer:
    """What freezes the entries of one company: each key is looked up once. Gives, beside the item,
    what the accountant must be asked of it. `unmapped`: what must be decided of keys to which the
    law's charts give no account on purpose."""
    resolve, found = resolver(content), finder(content)
    chart = {account.code: account for account in content.accounts}

    def freeze_one(entry: AccountingEntry) -> tuple[FrozenItem, tuple[BookWarning, ...]]:
        contra = resolve(entry.content.contra_key)
        lines = [(line, found(line)) for line in entry.content.lines]
        item = FrozenItem(
            booked=_booked(entry, lines, contra),
            type=_published(entry, content),
            performed_at=entry.performed_at,
            accounts=_accounts(lines, contra, chart),
            faults=_faults(entry, lines, contra, unmapped),
        )
        return item, _warnings(entry, lines, contra)

    return freeze_one


def freeze(entry: AccountingEntry, content: BooksContent) -> FrozenItem:
    """One entry as it would be exported now."""
    return freezer(content)(entry)[0]


def _booked(
    entry: AccountingEntry,
    lines: list[tuple[EntryLine, FoundAccount]],
    contra: ResolvedAccount | None,
) -> BookedEntry:
    return BookedEntry(
        id=entry.id,
        day=entry.day,
        reference=entry.reference,
        sub_type=entry.sub_type,
        currency=entry.currency,
        contra=contra.account.code if contra else "",
        lines=tuple(
            [
                BookedLine(
                    id=line_id(entry.id, position),
                    account=found.account.code if found.account else "",
                    amount=line.amount,
                    net=line.net,
                    tax=_tax(line, found.tax),
                    text=line.text,
                )
                for position, (line, found) in enumerate(lines)
            ]
        ),
        note=entry.content.note,
        record=entry.record,
        link=entry.content.link,
        reverses=entry.reverses,
        partner=entry.content.partner,
        partner_tax_number=entry.content.partner_tax_number,
    )


def _tax(line: EntryLine, tax: ChartTax | None) -> BookedTax | None:
    """The VAT as it was sealed, under the company's own code. Without a tax in the chart it has
    the law's code and no account."""
    if tax is None and not line.vat:
        return None
    return BookedTax(
        code=tax_code(tax, line),
        percentage=line.percentage or (tax.percentage if tax else Decimal(0)),
        amount=line.vat,
        account=tax.account if tax else "",
        posting_key=tax.posting_key if tax else "",
    )


def _published(entry: AccountingEntry, content: BooksContent) -> str:
    """The caller's word, else the mapping's; else by the sign: spending is positive."""
    said = entry.type or content.published(entry.sub_type)
    return said or ("refund" if entry.amount < 0 else "card_purchase")


def _accounts(
    lines: list[tuple[EntryLine, FoundAccount]],
    contra: ResolvedAccount | None,
    chart: Mapping[str, ChartAccount],
) -> dict[str, ChartAccount]:
    used = {contra.account.code: contra.account} if contra else {}
    for _, found in lines:
        if found.account:
            used[found.account.code] = found.account
        if found.tax and found.tax.account in chart:
            used[found.tax.account] = chart[found.tax.account]
    return used


def _faults(
    entry: AccountingEntry,
    lines: list[tuple[EntryLine, FoundAccount]],
    contra: ResolvedAccount | None,
    unmapped: Mapping[str, str],
) -> tuple[FrozenFault, ...]:
    """Each once."""
    faults = [] if contra else [_without_account(entry.content.contra_key, unmapped)]
    for line, found in lines:
        if found.account is None and line.account:
            what = f"Account {line.account} missing: add it to the chart of the company"
            faults.append(FrozenFault(line.account, what))
        elif found.account is None:
            faults.append(_without_account(line.key, unmapped))
        elif line.vat:
            faults += _wrong_tax(line, found)
    return tuple(dict.fromkeys(faults)) if faults else ()


def _wrong_tax(line: EntryLine, found: FoundAccount) -> Iterator[FrozenFault]:
    """VAT that would be booked as revenue, or under the code of another rate."""
    if found.tax is not None and found.tax.percentage == line.percentage:
        return
    key, rate = line.key or line.account, plain(line.percentage)
    if found.tax is None:
        if found.account and not found.account.is_automatic:
            yield FrozenFault(
                key,
                f"Tax for {key} missing: it bears VAT of {rate} %; name a tax of that rate in its "
                "rule",
                ItemFailure.TAX_CODE_UNKNOWN,
            )
    elif line.percentage and found.tax.percentage != line.percentage:
        yield FrozenFault(
            key,
            f"Tax {found.tax.code} does not fit {key}: it was sold with VAT of {rate} %; name a "
            "tax of that rate in a rule for it",
            ItemFailure.TAX_CODE_UNKNOWN,
        )


def _without_account(key: str, unmapped: Mapping[str, str]) -> FrozenFault:
    why = f" ({unmapped[key]})" if key in unmapped else ""
    return FrozenFault(
        key,
        f"Account for {key} missing: add a rule for this key to the mapping of the company{why}",
    )


def _warnings(
    entry: AccountingEntry,
    lines: list[tuple[EntryLine, FoundAccount]],
    contra: ResolvedAccount | None,
) -> tuple[BookWarning, ...]:
    """Each once."""
    warnings = []
    if contra and contra.doubt:
        warnings.append(_doubtful(entry.content.contra_key, contra.account, contra.doubt))
    for line, found in lines:
        if found.account and found.doubt:
            warnings.append(_doubtful(line.key, found.account, found.doubt))
    return tuple(dict.fromkeys(warnings)) if warnings else ()


def _doubtful(key: str, account: ChartAccount, doubt: str) -> BookWarning:
    return BookWarning(
        code=DOUBTFUL.id,
        text=f"{DOUBTFUL.text}: {doubt}",
        field=key,
        said=key,
        written=account.code,
    )
