"""Jobs, their items and the entries in them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from fiscus.accounting.frozen import FrozenItem
from fiscus.api.families.export_jobs.calls import NEWEST
from fiscus.api.families.export_jobs.translate.export_items import export_item
from fiscus.model.accounts import ChartAccount
from fiscus.model.booked import BookedEntry, BookedLine, BookedTax

Json = dict[str, Any]

ID = "019f3a0c-22aa-7b6b-9c0d-5e5f6a7b8c9d"
COMPANY = "0191c0d3-9a42-7d53-8a7b-3a3f0a1b2c01"
ENTRY = "6f1f0a52-5d0c-5a0e-9c55-9a4a5f3d2b10"
OTHER = "0f5b8a0e-0a5e-5a43-8f0a-2f6f5c1c7a21"
LINE = "b7e1d0a4-3c1d-5f7e-8a52-0c1b2d3e4f50"
PERSON = "a1b2c3d4-1111-4111-8111-000000000001"

JOB: Json = {
    "id": ID,
    "companyId": COMPANY,
    "status": "pending",
    "numberOfItems": 2,
    "isInteractive": True,
    "vendorBasedBookkeeping": False,
    "createdAt": "2026-03-31T08:00:00Z",
    "createdBy": PERSON,
    "startedAt": None,
    "lastUpdatedAt": "2026-03-31T08:00:00Z",
    "completedAt": None,
    "expiredAt": None,
    "expiresIn": 3600,
    "failureReason": None,
    "failureReasonType": None,
}
ITEM: Json = {
    "accountingEntryId": ENTRY,
    "exportJobId": ID,
    "status": "successful",
    "exportedAt": "2026-03-31T08:02:11Z",
    "externalId": "JE-2041",
    "externalUrl": "https://erp.example/je/2041",
    "failureReason": None,
    "failureReasonType": None,
}
FAILED: Json = {
    "accountingEntryId": OTHER,
    "exportJobId": ID,
    "status": "failed",
    "exportedAt": None,
    "externalId": None,
    "externalUrl": None,
    "failureReason": "Account 8400 is missing: add it in the chart",
    "failureReasonType": "invalid_configuration",
}


def page(*rows: Json, key: str, **parameters: list[str]) -> Json:
    return {
        "data": list(rows),
        "pagination": {
            "currentRequestPagination": {
                "parameters": parameters,
                "limit": 20,
                "sortingKeys": [key],
                "sortingOrder": ["ASC"],
                "offset": 0,
            },
            "hasNextPage": False,
            "hasPreviousPage": False,
            "total": len(rows),
            "startCursor": "LMRDMNRVMVSTMYRCFQRDEMBS",
            "endCursor": "LMRDMNRVMVSTMYRCFQRDEMBS",
        },
    }


def a_frozen_sale() -> FrozenItem:
    """A sale of 119.00 with 19 % in it, against the clearing account."""
    booked = BookedEntry(
        id=ENTRY,
        day=date(2026, 3, 5),
        reference="Z-17",
        sub_type="sale",
        currency="EUR",
        contra="1371",
        lines=(
            BookedLine(
                id=LINE,
                account="8400",
                amount=Decimal("-119.00"),
                net=Decimal("-100.00"),
                tax=BookedTax(
                    code="USt19",
                    percentage=Decimal(19),
                    amount=Decimal("-19.00"),
                    account="1776",
                ),
            ),
        ),
        note="Closing 17",
        record=OTHER,
        link="5c1b0f",
    )
    return FrozenItem(
        booked=booked,
        type="refund",
        accounts={
            "8400": ChartAccount(code="8400", name="Umsatz 19 %", is_automatic=True),
            "1371": ChartAccount(code="1371", name="Verrechnung Kasse"),
        },
        method="journal",
        performed_at=datetime(2026, 3, 5, 20, 0, tzinfo=UTC),
    )


_encoder = msgspec.json.Encoder(decimal_format="number")


def _exported(version: int) -> Json:
    item = export_item(
        a_frozen_sale(),
        company=COMPANY,
        is_vendor_based=False,
        version=version,
        address="https://fiscus.example",
    )
    return page(msgspec.json.decode(_encoder.encode(item)), key="position", job_id=[ID])


REQUESTS: dict[str, Any] = {
    "createExportJob": {
        "companyId": COMPANY,
        "accountingEntryIds": [ENTRY, OTHER],
        "employeeId": PERSON,
        "isInteractive": True,
        "options": {"vendorBasedBookkeeping": False},
    },
    "createExportJobEvent": {
        "jobId": ID,
        "event": "failed",
        "failureReason": "Ledger host not reachable",
        "failureReasonType": "accounting_system_unreachable",
    },
    "updateExportJobItems": [
        {
            "accountingEntryId": ENTRY,
            "status": "successful",
            "exportedAt": "2026-03-31T08:02:11Z",
            "externalId": "JE-2041",
            "externalUrl": "https://erp.example/je/2041",
        },
        {
            "accountingEntryId": OTHER,
            "status": "failed",
            "failureReason": "Account 8400 is missing: add it in the chart",
            "failureReasonType": "invalid_configuration",
        },
    ],
    "searchExportJobItems": {"accountingEntryIds": [ENTRY], "status": "successful"},
}

_REFUSED: Json = {
    "accountingEntryId": "99999999-1111-4111-8111-000000000000",
    "type": "ACCOUNTING_ENTRY_DOES_NOT_EXIST",
    "message": "This accounting entry is no part of the job",
}

ANSWERS: dict[str, Any] = {
    "createExportJob": {"data": JOB},
    "listExportJobs": page(JOB, key="createdAt", company_id=[COMPANY], statuses=["pending"]),
    "retrieveExportJob": {"data": JOB},
    "listExportJobItems": page(ITEM, FAILED, key="position"),
    "updateExportJobItems": {"data": [ITEM, FAILED], "errors": [_REFUSED]},
    "retrieveExportJobItem": {"data": ITEM},
    "searchExportJobItems": page(ITEM, key="position"),
    "cancelExportJob": {
        "data": JOB
        | {
            "status": "failed",
            "failureReason": "Cancelled",
            "failureReasonType": "canceled_by_user",
        }
    },
    "retryExportJob": {"data": JOB | {"numberOfItems": 1, "retryOf": OTHER}},
    "retrieveExportJobProgress": {
        "data": {
            "status": "in_progress",
            "numberOfItems": 2,
            "items": {"pending": 1, "successful": 1},
            "expiresAt": "2026-03-31T09:02:11Z",
        }
    },
    "retrieveExportJobTotals": {
        "data": {
            "numberOfItems": 2,
            "items": {
                "pending": 1,
                "in_progress": 0,
                "failed": 0,
                "successful": 1,
                "abandoned": 0,
            },
            "currencies": [
                {
                    "currency": "EUR",
                    "debit": 11900,
                    "credit": 11900,
                    "accounts": [
                        {
                            "code": "1371",
                            "name": "Verrechnung Kasse",
                            "debit": 11900,
                            "credit": 0,
                            "balance": 11900,
                        },
                        {
                            "code": "8400",
                            "name": "Umsatz 19 %",
                            "debit": 0,
                            "credit": 11900,
                            "balance": -11900,
                        },
                    ],
                    "taxes": [{"code": "USt19", "percentage": "19", "net": -10000, "tax": -1900}],
                    "amount": -11900,
                    "successful": -11900,
                    "unfinished": 0,
                    "gap": 0,
                }
            ],
        }
    },
    **{f"listExportItemsV{version}": _exported(version) for version in range(NEWEST + 1)},
}
