"""Control totals and the report of completeness, as the API shows them."""

from fiscus.accounting.completeness import CompletenessReport, FoundRecords, RateTotal
from fiscus.accounting.totals import ControlTotals, CurrencyTotals
from fiscus.api.families.export_jobs.translate.scalars import Json, minors, moment
from fiscus.model.amounts import plain


def totals(found: ControlTotals) -> Json:
    return {
        "numberOfItems": found.items,
        "items": {str(status): number for status, number in found.by_status.items()},
        "currencies": [_of_currency(one) for one in found.currencies],
    }


def _of_currency(one: CurrencyTotals) -> Json:
    return {
        "currency": one.currency,
        "debit": minors(one.debit),
        "credit": minors(one.credit),
        "accounts": [
            {
                "code": account.account,
                "name": account.name,
                "debit": minors(account.debit),
                "credit": minors(account.credit),
                "balance": minors(account.balance),
            }
            for account in one.accounts
        ],
        "taxes": [
            {
                "code": tax.code,
                "percentage": plain(tax.percentage),
                "net": minors(tax.net),
                "tax": minors(tax.vat),
            }
            for tax in one.taxes
        ],
        "amount": minors(one.amount),
        "successful": minors(one.successful),
        "unfinished": minors(one.unfinished),
        "gap": minors(one.gap),
    }


def completeness(found: CompletenessReport) -> Json:
    return {
        "companyId": found.company,
        "first": found.first.isoformat(),
        "last": found.last.isoformat(),
        "derivedTo": moment(found.derived_to),
        "isComplete": found.is_complete,
        "isRight": found.is_right,
        "documents": found.documents,
        "covered": found.covered,
        "withoutMoney": found.without_money,
        "before": found.before,
        "missing": _records(found.missing),
        "notClosed": _records(found.not_closed),
        "notRead": _records(found.not_read),
        "double": _records(found.double),
        "unbalanced": _records(found.unbalanced),
        "rates": [_rate(one) for one in found.rates],
    }


def _records(found: FoundRecords) -> Json:
    return {"count": found.count, "ids": list(found.ids)}


def _rate(one: RateTotal) -> Json:
    return {
        "taxCode": one.tax_code,
        "percentage": plain(one.percentage),
        "journalNet": minors(one.journal_net),
        "journalVat": minors(one.journal_vat),
        "booksNet": minors(one.books_net),
        "booksVat": minors(one.books_vat),
        "isSame": one.is_same,
    }
