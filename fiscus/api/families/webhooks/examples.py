"""Examples of the OpenAPI document; all values are invented."""

from typing import Any

Json = dict[str, Any]

ID = "0196a1f0-5d0c-7a0e-9c55-9a4a5f3d2b10"
OTHER = "0196a1f0-6a11-7b42-8d01-2f6f5c1c7a21"
MOMENT = "2026-03-31T08:00:00Z"
URL = "https://ledger.example/hooks/fiscus"

REQUEST: Json = {
    "endpointUrl": URL,
    "eventTypes": ["v1.export-job.created"],
    "status": "ACTIVE",
}
SUBSCRIPTION: Json = {
    "id": ID,
    "endpointUrl": URL,
    "eventTypes": ["v1.export-job.created"],
    "status": "ACTIVE",
    "customHeaders": {},
    "endpointAuth": {"type": "NONE", "credentials": None},
    "companyId": None,
    "createdAt": MOMENT,
    "updatedAt": MOMENT,
    "deletedAt": None,
    "deletedBy": None,
}
DELIVERY: Json = {
    "id": OTHER,
    "subscriptionId": ID,
    "eventId": OTHER,
    "eventType": "v1.export-job.created",
    "subjectId": "7f3a0c1e-22aa-4b6b-9c0d-5e5f6a7b8c9d",
    "messageId": f"msg_{OTHER.replace('-', '')}",
    "status": "DELIVERED",
    "attempts": [{"at": "2026-03-31T08:00:00.512000Z", "status": 204, "error": None}],
    "nextAttemptAt": None,
    "error": None,
    "createdAt": MOMENT,
}
ACTIVITY: Json = {
    "id": OTHER,
    "subscriptionId": ID,
    "operationType": "CREATE",
    "description": "The subscription was created.",
    "actorUrn": "urn:fiscus:key:a1b2c3d4-0000-4000-8000-000000000001",
    "createdAt": MOMENT,
}
SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def _page(row: Json) -> Json:
    return {
        "data": [row],
        "pagination": {
            "currentRequestPagination": {"parameters": {}, "limit": 20},
            "hasNextPage": False,
            "hasPreviousPage": False,
            "startCursor": "GAYTSNTB",
            "endCursor": "GAYTSNTB",
            "total": 1,
        },
    }


REQUESTS: Json = {
    "createSubscription": REQUEST,
    "replaceSubscription": REQUEST,
    "rotateSecret": {"previousSeconds": 86_400},
}
ANSWERS: Json = {
    "createSubscription": {"data": SUBSCRIPTION},
    "listSubscriptions": _page(SUBSCRIPTION),
    "retrieveSubscription": {"data": SUBSCRIPTION},
    "replaceSubscription": {"data": SUBSCRIPTION},
    "retrieveSecret": {"data": {"secretKey": SECRET}},
    "rotateSecret": {"data": {"secretKey": SECRET, "previousUntil": "2026-04-01T08:00:00Z"}},
    "listActivities": _page(ACTIVITY),
    "listDeliveries": _page(DELIVERY),
    "retrieveDelivery": {"data": DELIVERY},
    "redeliver": {"data": {**DELIVERY, "status": "PENDING", "nextAttemptAt": MOMENT}},
}
