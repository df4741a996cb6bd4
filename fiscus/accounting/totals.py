"""Control totals of an export job: what must come to the same in the accounting system, and what is
missing there because items failed."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

import msgspec
from sqlalchemy import Connection

from fiscus.accounting import items
from fiscus.accounting.frozen import FrozenItem
from fiscus.accounting.job_rows import ExportJob
from fiscus.accounting.states import ItemStatus
from fiscus.model.amounts import ZERO
from fiscus.model.booked import BookedEntry

UNMAPPED = ""
"""The account under which stands what has none."""


class AccountTotal(msgspec.Struct, frozen=True, kw_only=True):
    """What is booked on one account: `debit` and `credit` are not negative, `balance` is debit less
    credit. An empty `account`: the items for which none was mapped."""

    account: str
    name: str = ""
    debit: Decimal
    credit: Decimal
    balance: Decimal


class TaxCodeTotal(msgspec.Struct, frozen=True, kw_only=True):
    """What bears VAT under one code and rate, signed, debit positive: sales are negative."""

    code: str
    percentage: Decimal
    net: Decimal
    vat: Decimal


class CurrencyTotals(msgspec.Struct, frozen=True, kw_only=True):
    """All of one currency: by account in the order of their numbers, by tax in the order of the
    codes. `debit` equals `credit` in any case. Of the entries themselves (the sum of their lines,
    without the contra account): `amount` is that of all, and the others those of the items with
    that status; `gap` is what failed or was abandoned."""

    currency: str
    debit: Decimal
    credit: Decimal
    accounts: tuple[AccountTotal, ...]
    taxes: tuple[TaxCodeTotal, ...]
    amount: Decimal
    successful: Decimal
    unfinished: Decimal
    gap: Decimal


class ControlTotals(msgspec.Struct, frozen=True, kw_only=True):
    """Of one job: how many items there are of each status, and the totals of each currency. The
    accounts and taxes are those of all items, whatever became of them."""

    items: int
    by_status: Mapping[ItemStatus, int]
    currencies: tuple[CurrencyTotals, ...]


class _CurrencySums:
    """Of one currency, while items are read."""

    def __init__(self) -> None:
        self.accounts: dict[str, list[Decimal]] = {}
        self.names: dict[str, str] = {}
        self.taxes: dict[tuple[str, Decimal], list[Decimal]] = {}
        self.amounts = dict.fromkeys(ItemStatus, ZERO)

    def add(self, status: ItemStatus, frozen: FrozenItem) -> None:
        booked = frozen.booked
        for line in booked.lines:
            self._book(line.account, line.amount)
            self._book(booked.contra, -line.amount)
            if line.tax is not None:
                of_tax = self.taxes.setdefault((line.tax.code, line.tax.percentage), [ZERO, ZERO])
                of_tax[0] += line.net
                of_tax[1] += line.tax.amount
        self.amounts[status] += _amount(booked)
        for code, account in frozen.accounts.items():
            self.names.setdefault(code, account.name)

    def _book(self, account: str, amount: Decimal) -> None:
        sides = self.accounts.setdefault(account, [ZERO, ZERO])
        sides[0 if amount > 0 else 1] += abs(amount)

    def totals(self, currency: str) -> CurrencyTotals:
        amounts = self.amounts
        return CurrencyTotals(
            currency=currency,
            debit=sum((debit for debit, _ in self.accounts.values()), ZERO),
            credit=sum((credit for _, credit in self.accounts.values()), ZERO),
            accounts=tuple(
                AccountTotal(
                    account=account,
                    name=self.names.get(account, ""),
                    debit=debit,
                    credit=credit,
                    balance=debit - credit,
                )
                for account, (debit, credit) in sorted(self.accounts.items())
            ),
            taxes=tuple(
                TaxCodeTotal(code=code, percentage=percentage, net=net, vat=vat)
                for (code, percentage), (net, vat) in sorted(self.taxes.items())
            ),
            amount=sum(amounts.values(), ZERO),
            successful=amounts[ItemStatus.SUCCESSFUL],
            unfinished=amounts[ItemStatus.PENDING] + amounts[ItemStatus.IN_PROGRESS],
            gap=amounts[ItemStatus.FAILED] + amounts[ItemStatus.ABANDONED],
        )


def _amount(booked: BookedEntry) -> Decimal:
    return sum((line.amount for line in booked.lines), ZERO)


def of_items(found: Iterable[tuple[ItemStatus, FrozenItem]]) -> ControlTotals:
    """The totals of these items; each is looked at once, and none is kept."""
    counted = dict.fromkeys(ItemStatus, 0)
    sums: dict[str, _CurrencySums] = {}
    for status, frozen in found:
        counted[status] += 1
        sums.setdefault(frozen.booked.currency, _CurrencySums()).add(status, frozen)
    return ControlTotals(
        items=sum(counted.values()),
        by_status=counted,
        currencies=tuple(sums[currency].totals(currency) for currency in sorted(sums)),
    )


def of_job(tx: Connection, job: ExportJob) -> ControlTotals:
    """The totals of a job, which is as `jobs.find` gave it; read in bounded memory."""
    return of_items((item.status, item.frozen) for item in items.each(tx, job))
