"""Accounting entries, and the books that they are made by."""

from typing import Any

from fiscus.api.families.export_jobs.examples.jobs import COMPANY, ENTRY, LINE, OTHER, page

Json = dict[str, Any]

MONEY: Json = {"currency": "EUR", "minors": -11900}
AT = "2026-03-05T20:00:00Z"

ACCOUNTING_ENTRY: Json = {
    "id": ENTRY,
    "companyId": COMPANY,
    "family": "CARD_PURCHASE",
    "status": "COMPLETED",
    "reviewStatus": "NOT_REQUIRED",
    "exportStatus": "NOT_EXPORTED",
    "performedAt": AT,
    "settledAt": AT,
    "bookkeepingDate": "2026-03-05T00:00:00Z",
    "createdAt": AT,
    "updatedAt": AT,
    "transactionValue": MONEY,
    "totalBillValue": MONEY,
    "attendees": [],
    "receiptIds": [],
    "tags": [],
    "splitItems": [],
    "lines": [
        {
            "id": LINE,
            "key": "case/Umsatz/19",
            "account": "",
            "net": -10000,
            "vat": -1900,
            "gross": -11900,
            "taxCode": "1",
            "percentage": "19",
            "text": "",
        }
    ],
    "subType": "sale",
    "reference": "Z-17",
    "recordId": OTHER,
    "recordHash": "5c1b0f",
    "documents": 14,
}

CHART: Json = {
    "accounts": [
        {"code": "8400", "name": "Umsatz 19 %", "isAutomatic": True, "identifier": ""},
        {"code": "1776", "name": "Umsatzsteuer 19 %", "isAutomatic": False, "identifier": ""},
        {"code": "1371", "name": "Verrechnung Kasse", "isAutomatic": False, "identifier": ""},
    ],
    "taxes": [
        {
            "code": "USt19",
            "name": "Umsatzsteuer 19 %",
            "percentage": "19",
            "account": "1776",
            "postingKey": "",
        }
    ],
    "rules": [
        {"key": "clearing", "account": "1371", "tax": "", "doubt": ""},
        {"key": "case/Umsatz/19", "account": "8400", "tax": "USt19", "doubt": ""},
    ],
}

CONTENT: Json = {
    "chart": "SKR03",
    "coverage": "per_closing",
    "since": "2026-01-01",
    **CHART,
    "types": {"sale": "refund"},
    "expiresIn": 3600,
    "formats": {},
}
BOOKS: Json = {"data": {"companyId": COMPANY, "version": 1, "derivedTo": AT, **CONTENT}}
NONE: Json = {"count": 0, "ids": []}

REQUESTS: dict[str, Any] = {
    "searchAccountingEntries": {"includeDeleted": False, "exportStatus": ["NOT_EXPORTED"]},
    "createAccountingEntry": {
        "companyId": COMPANY,
        "bookkeepingDate": "2026-03-05",
        "reference": "Bank fee",
        "subType": "fee",
        "type": "fee",
        "lines": [{"net": 250, "account": "4970", "text": "Card terminal, March"}],
    },
    "changeAccountingEntry": {"note": "As agreed with the accountant"},
    "beginBookkeeping": {"chart": "SKR03", "since": "2026-01-01", "coverage": "per_closing"},
    "changeBookkeeping": {"version": 1, **CONTENT},
}

ANSWERS: dict[str, Any] = {
    "searchAccountingEntries": page(ACCOUNTING_ENTRY, key="bookkeepingDate", company_id=[COMPANY])
    | {"derivedTo": AT},
    "retrieveAccountingEntry": {"data": ACCOUNTING_ENTRY},
    "createAccountingEntry": {"data": ACCOUNTING_ENTRY},
    "changeAccountingEntry": {"data": ACCOUNTING_ENTRY | {"note": "As agreed with the accountant"}},
    "deleteAccountingEntry": {"data": ACCOUNTING_ENTRY | {"deletedAt": AT}},
    "beginBookkeeping": BOOKS,
    "retrieveBookkeeping": BOOKS,
    "changeBookkeeping": BOOKS,
    "listCharts": {
        "data": [
            {
                "code": "SKR03",
                "name": "DATEV SKR 03",
                "sources": ["a"],
                **CHART,
                "unmapped": {"movement/Auszahlung": "Only the receipt says what was paid"},
            }
        ],
        "keys": {"case": "A case of business, and its VAT rate"},
    },
    "retrieveCompleteness": {
        "data": {
            "companyId": COMPANY,
            "first": "2026-03-01",
            "last": "2026-03-31",
            "derivedTo": AT,
            "isComplete": True,
            "isRight": True,
            "documents": 412,
            "covered": 412,
            "withoutMoney": 3,
            "before": 0,
            "missing": NONE,
            "notClosed": NONE,
            "notRead": NONE,
            "double": NONE,
            "unbalanced": NONE,
            "rates": [
                {
                    "taxCode": "1",
                    "percentage": "19",
                    "journalNet": 1000000,
                    "journalVat": 190000,
                    "booksNet": 1000000,
                    "booksVat": 190000,
                    "isSame": True,
                }
            ],
        }
    },
}
