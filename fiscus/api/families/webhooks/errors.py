"""Errors of this family: status, word and sentence."""

from collections.abc import Mapping
from typing import Any

import msgspec

from fiscus.access.limits import TOO_MANY_LOGINS
from fiscus.api.intake import LATE
from fiscus.model.faults import (
    Code,
    Conflict,
    Corrupt,
    Fault,
    Missing,
    Refused,
    Trouble,
    Unavailable,
)
from fiscus.registry import roles
from fiscus.webhooks import deliveries, subscriptions

BAD_BODY = Code("WEBHOOK-BODY-01", "the body is malformed")
BAD_JSON = Code("WEBHOOK-BODY-02", "the body is not valid JSON")
TOO_LARGE = Code("WEBHOOK-BODY-03", "the body is too large")
BAD_QUERY = Code("WEBHOOK-QUERY-01", "this query parameter is unknown or has no such value")
BAD_PATH = Code("WEBHOOK-PATH-01", "the id in the address is no UUID")
NOTHING = Code("WEBHOOK-PATH-02", "there is nothing at this address")
BAD_KEY = Code("WEBHOOK-HEADER-03", "an idempotency key has 1 to 255 visible characters")
REPEATED = Code("WEBHOOK-HEADER-04", "this header may be sent only once")
UNAUTHORIZED = Code("WEBHOOK-AUTH-01", "authentication failed")
TOO_MANY = Code("WEBHOOK-LIMIT-01", "too many requests; send the same request again a bit later")
UNFORESEEN = Code("WEBHOOK-ANSWER-01", "something went wrong here; the request id tells us what")

_BY_KIND: Mapping[type[Trouble], tuple[int, str]] = {
    Refused: (400, "BAD_REQUEST"),
    Conflict: (409, "CONFLICT"),
    Missing: (404, "NOT_FOUND"),
    Unavailable: (503, "SERVICE_UNAVAILABLE"),
    Corrupt: (500, "INTERNAL_ERROR"),
}

_WORDS: Mapping[str, tuple[int, str]] = {
    UNAUTHORIZED.id: (401, "UNAUTHORIZED"),
    "REGISTRY-KEY-03": (401, "UNAUTHORIZED"),
    roles.FORBIDDEN.id: (403, "FORBIDDEN"),
    subscriptions.UNKNOWN_SUBSCRIPTION.id: (404, "SUBSCRIPTION_NOT_FOUND"),
    deliveries.UNKNOWN_DELIVERY.id: (404, "DELIVERY_NOT_FOUND"),
    # Named in a body: it is the body that is wrong.
    "REGISTRY-TAXPAYER-01": (400, "BAD_REQUEST"),
    "REGISTRY-ORG-01": (400, "BAD_REQUEST"),
    LATE.id: (408, "REQUEST_TIMEOUT"),
    TOO_MANY.id: (429, "TOO_MANY_REQUESTS"),
    TOO_MANY_LOGINS.id: (429, "TOO_MANY_REQUESTS"),
}

_OURS = {
    "endpoint_url": "endpointUrl",
    "event_types": "eventTypes",
    "endpoint_auth": "endpointAuth",
    "headers": "customHeaders",
    "company": "companyId",
}
"""What callers call the fields of a subscription."""


def verdict(trouble: Trouble) -> tuple[int, str]:
    """Status and word: by code, else by the kind of error."""
    return _WORDS.get(trouble.code.id) or _BY_KIND[type(trouble)]


def envelope(trouble: Trouble, word: str) -> dict[str, Any]:
    """The body of an error: a word for programs, and a sentence that names every place. Values of
    the request never occur in it."""
    sentences = (_in_words(fault).sentence() for fault in trouble.faults)
    return {"type": word, "message": "; ".join(sentences)}


def _in_words(fault: Fault) -> Fault:
    return msgspec.structs.replace(fault, paths=tuple(map(_place, fault.paths)))


def _place(path: str) -> str:
    for name, word in _OURS.items():
        rest = path.removeprefix(name)
        if path.startswith(name) and rest[:1] in ("", ".", "["):
            return word + rest
    return path
