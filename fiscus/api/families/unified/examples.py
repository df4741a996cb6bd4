"""The samples of the contract, which the OpenAPI document shows with every operation.

They are placeholders by design; `tests/examples` holds the same ones as the reference prints
them, and the tests compare.
"""

from typing import Any

Json = dict[str, Any]

ID4 = "1c81cb86-c2e8-4074-afc3-a0601b2bf063"
ID7 = "0189f7ea-ae2c-7809-8aeb-b819cf5e9e7f"
AT = "2006-01-02T15:04:05+00:00"
DAY = "2006-01-02"
TEXT = "text example..."

METADATA = {"metadata": {"my_property_1": "1234"}}
PAGINATION = {"pagination": {"next": "string", "token": "string", "limit": 10}}
LIFE = {"created_at": AT, "updated_at": AT}
ACQUIRED = {"state": "ACQUIRED", "mode": "INACTIVE"}
PROPERTIES = {"FAC-DUP-RES": "1A2B3C", "my_tag_123": "20250811"}
DESCRIBED = {"description": TEXT}
TRADE = {"legal": TEXT, "trade": TEXT}


def _one(content: Json) -> Json:
    return {"content": content, **METADATA}


def _page(one: Json) -> Json:
    return {"results": [one], **PAGINATION}


ADDRESS = {
    "line": {
        "type": "STREET_NUMBER",
        "prefix": TEXT,
        "street": TEXT,
        "infix": TEXT,
        "number": TEXT,
        "suffix": TEXT,
    },
    "code": TEXT,
    "city": TEXT,
    "country": "AD",
}
FISCALIZATION = {
    "type": "FR",
    "tax_id_number": "123456789",
    "fiscal_year_date": "07-14",
    "credentials": {"type": "LNE", "certificate_code": "33520", "properties": PROPERTIES},
}
COMPANY = {
    "type": "COMPANY",
    "name": TRADE,
    "address": ADDRESS,
    "fiscalization": FISCALIZATION,
}
COORDINATES = {"latitude": "48.199916", "longitude": "48.199916"}
BRANCH = {
    "taxpayer": {"id": ID7},
    "name": TEXT,
    "address": ADDRESS,
    "coordinates": COORDINATES,
    "label": "73282932000074",
}
SOFTWARE = {"name": TEXT, "version": TEXT}
PRODUCER = {
    "type": "MPN",
    "number": "PSP20U-99P98R",
    "details": {
        "name": TEXT,
        "brand": TEXT,
        "model": TEXT,
        "serial": TEXT,
        "label": TEXT,
        "batch": "AGT-M10000",
        "date_of_entry": DAY,
        "date_of_production": DAY,
    },
}
DEVICE = {
    "type": "FISCAL_DEVICE",
    "kind": "INTERNAL",
    "location": {"id": ID7},
    "producer": PRODUCER,
    "software": SOFTWARE,
}
CRYPTOGRAPHY = {
    "certificate": {"serial_number": "0a1B2cD ...", "expires_at": AT, "x509_pem": "string"},
    "signature": {"type": "ECDSA", "hash": "SHA-256"},
}
LOGS = [{"severity": "ERROR", "message": TEXT}]
PERSON = {
    "gender": "DIVERSE",
    "prefix": TEXT,
    "forename": TEXT,
    "infix": TEXT,
    "surname": TEXT,
    "suffix": TEXT,
}
CONTENT = {"type": "application/json", "data": "string"}
INTEGRITY = {"type": "application/jose", "data": "string"}
COMPLIANCE = {
    "data": TEXT,
    "url": "string",
    "artifact": CONTENT,
    "qr_code": TEXT,
    "signature_hash": TEXT,
    "software_certificate": TEXT,
    "sequence": {
        "number": "12345678",
        "signature": TEXT,
        "type": "text...",
        "record": {"id": ID7},
    },
}

TOKEN = _one(
    {
        "id": ID4,
        "authentication": {
            "type": "JWT",
            "bearer": "string",
            "expires_at": AT,
            "issued_at": AT,
        },
        "organization": {"id": ID4},
        "subject": {"id": ID4},
    }
)
SUBJECT = _one(
    {
        "type": "API_KEY",
        "name": "my-api-key-0",
        "id": ID4,
        "state": "ENABLED",
        "credentials": {"key": TEXT, "secret": TEXT},
    }
)
ORGANIZATION = _one(
    {
        "type": "UNIT",
        "name": TEXT,
        "id": ID4,
        "state": "ENABLED",
        "organization": {"id": ID4},
    }
)
TAXPAYER = _one(
    {
        **COMPANY,
        "id": ID7,
        **ACQUIRED,
        "country": TEXT,
        "locations": [{"type": "HEAD_OFFICE", **DESCRIBED}],
        "vat_number": "FR12345678901",
        **LIFE,
    }
)
LOCATION = _one(
    {
        **BRANCH,
        "type": "HEAD_OFFICE",
        "name": TRADE,
        "id": ID7,
        **ACQUIRED,
        "systems": [{"type": "FISCAL_DEVICE", **DESCRIBED}],
        **LIFE,
    }
)
SYSTEM = _one(
    {
        **DEVICE,
        "id": ID7,
        **ACQUIRED,
        "journal": {"cryptography": CRYPTOGRAPHY},
        "compliance": {
            "cryptography": CRYPTOGRAPHY,
            "software": SOFTWARE,
            "state": "TRANSMISSION_ONLY",
        },
        "records": [{"type": "INTENTION::TRANSACTION", **DESCRIBED}],
        "vat_rates": [{"code": "REDUCED_1", "percentage": "123.45", **DESCRIBED, "historic": True}],
        "vat_exemptions": [{"code": "CAUSE_1", **DESCRIBED}],
        "logs": LOGS,
        "annotations": {"peppol_id": "1234:0123456789"},
        **LIFE,
    }
)
RECORD = _one(
    {
        "id": ID7,
        "type": "INTENTION::TRANSACTION",
        "state": "ACCEPTED",
        "mode": "PROCESSING",
        "system": {"id": ID7},
        "record": {"id": ID7},
        "used_in": {"id": ID7},
        "replayed_by": {"id": ID7},
        "journal": {"signature": TEXT, "signed_at": AT, "record": {"id": ID7}},
        "file": {"location": "SERVICE", "artifact": CONTENT, "integrity": INTEGRITY},
        "operation": "string",
        "compliance": COMPLIANCE,
        "transmission": {"request": CONTENT, "response": CONTENT},
        "data": {
            "location": "SERVICE",
            "artifact": {"type": "application/zip", "path": "string"},
            "integrity": INTEGRITY,
        },
        "logs": LOGS,
    }
)
FILE = _one(
    {
        "id": ID7,
        "created_at": AT,
        "system": {"id": ID7},
        "location": "SERVICE",
        "artifact": {"type": "application/zip", "path": "string"},
        "integrity": {"type": "application/jose", "path": "string"},
    }
)
SEALED_DOCUMENT: Json = {
    "content": {
        "record": {"id": ID7},
        "number": "FR BALCAO-1/17",
        "type": "FR",
        "issued_on": DAY,
        "atcud": "JF7T8K2Q-17",
        "total_vat": {"exclusive": "1617.89", "amount": "372.11", "inclusive": "1990.00"},
        "taxes": [
            {
                "region": "PT",
                "type": "IVA",
                "code": "NOR",
                "percentage": "23",
                "exclusive": "1617.89",
                "amount": "372.11",
            }
        ],
        "prints": ["ATCUD:JF7T8K2Q-17", TEXT],
        "qr_code": "string",
        "warnings": [{"code": "PT-TOTAL-05", "text": TEXT, "remedy": TEXT, "law": TEXT}],
    }
}
RECORD_PROOF: Json = {
    "content": {
        "record": {"id": ID7},
        "link": "9f2b6a0c4d1e8f73a5b69c20d7e4f18b3c6a5d9e0f1b2c3d4e5f60718293a4b5",
        "origin": f"fiscus/{ID7}/journal/1",
        "index": 1,
        "size": 2,
        "witnesses": [{"name": "witness.example/1", "signed_at": "2006-01-02T15:04:05+00:00"}],
        "proof": "c2sp.org/tlog-proof@v1\nindex 1\n"
        "IkQ5Nf0yAXuCGKaNWKoX5MfzPLQHtkHpJsMeX2G5d6A=\n\n…",
    }
}
ERROR: Json = {
    "content": {
        "status": 401,
        "code": "E_UNAUTHORIZED_ACCESS",
        "error": "Unauthorized Access",
        "message": "Not authorized to perform this operation.",
    }
}

REPORT: Json = {
    "content": {
        "id": ID7,
        "type": "DOCUMENT",
        "state": "REFUSED",
        "taxpayer": {"id": ID7},
        "record": {"id": ID7},
        "channel": "at_portugal",
        "series": "FR 2026",
        "number": 17,
        "day": DAY,
        "attempts": 1,
        "may_have_arrived": False,
        "answer": {"code": "-8", "message": TEXT, "answered_at": AT},
        "remedy": {"type": "DATA", "description": TEXT},
        "created_at": AT,
    }
}

MONTH: Json = {
    "content": {
        "month": "2026-01",
        "taxpayer": {"id": ID7},
        "reporting": "SAFT",
        "state": "DONE",
        "due": "2026-02-05",
        "overdue": False,
        "reopened": False,
        "reports": {"waiting": 0, "refused": 0, "deleted": 0},
        "declaration": {"type": "FILE", "reference": TEXT, "declared_at": AT, "by": ID4},
        "came_since": 0,
    }
}

REQUESTS: dict[str, Json] = {
    "createToken": _one({"type": "API_KEY", "key": "string", "secret": "string"}),
    "createSubject": _one({"type": "API_KEY", "name": "my-api-key-0"}),
    "updateSubject": _one({"name": TEXT}),
    "createOrganization": _one({"type": "UNIT", "name": TEXT}),
    "updateOrganization": _one({"name": TEXT}),
    "createTaxpayer": _one(COMPANY),
    "updateTaxpayer": _one({**COMPANY, **ACQUIRED}),
    "createLocation": _one({"type": "BRANCH", **BRANCH}),
    "updateLocation": _one({**ACQUIRED, **BRANCH}),
    "createSystem": _one(DEVICE),
    "updateSystem": _one(
        {
            **ACQUIRED,
            "location": {"id": ID7},
            "software": SOFTWARE,
            "producer": PRODUCER,
            "acquirer": {"tax_id_number": TEXT, "legal_name": TEXT},
            "label": TEXT,
            "connected_to": [ID7],
        }
    ),
    "createReportDeletion": {"content": {"reason": "issued to the wrong customer"}},
    "createMonthDeclaration": {"content": {"type": "FILE", "reference": "1234567"}},
    "createRecord": _one(
        {
            "type": "INTENTION",
            "system": {"id": ID7},
            "operation": {
                "type": "TRANSACTION",
                "details": {
                    "creators": [{"type": "PERSON", "label": TEXT, "name": PERSON}],
                    "training": True,
                    "properties": PROPERTIES,
                },
            },
        }
    ),
    "updateRecord": _one({}),
    "createFile": {
        "content": {"type": "AUDIT", "range": {"from": "2026-07-01", "to": "2026-07-31"}}
    },
}
_SERIES = {
    "taxpayer": {"id": ID7},
    "location": {"id": ID7},
    "document_type": "FR",
    "name": "TILL-1",
    "purpose": "NORMAL",
    "starts_on": DAY,
}
REQUESTS["createSeries"] = {"content": _SERIES}
REQUESTS["updateSeries"] = {"content": {"state": "FINISHED"}}
SERIES: Json = {
    "content": {
        "id": ID7,
        **_SERIES,
        "state": "FINISHING",
        "validation_code": "JF7T8K2Q",
        "last_number": 4711,
        "registered_on": DAY,
        "last_told": 4711,
        "ordered_at": AT,
        "outstanding": {
            "since": AT,
            "attempts": 1,
            "message": "no answer to its end with number 4711",
        },
        "created_at": AT,
    }
}
_SINGLE = {
    "Token": TOKEN,
    "Subject": SUBJECT,
    "Organization": ORGANIZATION,
    "Taxpayer": TAXPAYER,
    "Location": LOCATION,
    "System": SYSTEM,
    "Record": RECORD,
    "File": FILE,
}
RESPONSES: dict[str, Json] = {
    **{f"{act}{name}": one for name, one in _SINGLE.items() for act in ("create", "update")},
    **{f"retrieve{name}": one for name, one in _SINGLE.items()},
    **{f"list{name}s": _page(one) for name, one in _SINGLE.items()},
    **{f"{act}Series": SERIES for act in ("create", "update", "retrieve")},
    "listSeries": _page(SERIES),
    "retrieveRecordDocument": SEALED_DOCUMENT,
    "retrieveRecordProof": RECORD_PROOF,
    "listReports": _page(REPORT),
    "retrieveReport": REPORT,
    "retryReport": REPORT,
    "createReportDeletion": REPORT,
    "listMonths": _page(MONTH),
    "createMonthDeclaration": MONTH,
}
