"""Control totals: what the accounting system must show after a job."""

from fiscus.api.families.export_jobs.wire.scalars import Currency, Wire


class AccountSums(Wire):
    """Of one account, in minor units: `debit` and `credit` are not negative, `balance` is debit
    less credit. Without `code`: the items for which no account is mapped."""

    code: str
    name: str
    debit: int
    credit: int
    balance: int


class TaxTotal(Wire):
    """Of one tax code, in minor units, debit positive: sales are negative."""

    code: str
    percentage: str
    net: int
    tax: int


class CurrencySums(Wire):
    """Of one currency, in minor units. `amount` is the sum of all items, `successful` of those that
    were taken over, `unfinished` of those that wait, `gap` of those that failed or were
    abandoned: what is missing in the accounting system."""

    currency: Currency
    debit: int
    credit: int
    accounts: list[AccountSums]
    taxes: list[TaxTotal]
    amount: int
    successful: int
    unfinished: int
    gap: int


class JobTotals(Wire):
    """`items`: how many there are of each status. Accounts and taxes are those of all items,
    whatever became of them."""

    numberOfItems: int
    items: dict[str, int]
    currencies: list[CurrencySums]


class OneTotals(Wire):
    data: JobTotals
