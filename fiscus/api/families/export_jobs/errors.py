"""From our five errors to this family's status, type and message."""

from collections.abc import Mapping
from typing import Any

from fiscus.access.limits import TOO_MANY_LOGINS
from fiscus.api.intake import LATE
from fiscus.model.faults import (
    Code,
    Conflict,
    Corrupt,
    Missing,
    Refused,
    Trouble,
    Unavailable,
)
from fiscus.registry import roles

Json = dict[str, Any]
Words = Mapping[str, tuple[int, str]]
"""By the id of a code: the status and the type of this family for it."""

BAD_BODY = Code("EXPORTJOBS-BODY-01", "the request body is malformed")
BAD_JSON = Code("EXPORTJOBS-BODY-02", "the request body is not JSON")
TOO_LARGE = Code("EXPORTJOBS-BODY-03", "the request body is too large")
BAD_QUERY = Code("EXPORTJOBS-QUERY-01", "a query parameter is not supported or malformed")
BAD_PATH = Code("EXPORTJOBS-PATH-01", "an id in the path is a UUID")
NOTHING = Code("EXPORTJOBS-PATH-02", "there is nothing at this address")
BAD_KEY = Code("EXPORTJOBS-HEADER-01", "an idempotency key has 1 to 255 visible characters")
REPEATED = Code("EXPORTJOBS-HEADER-02", "this header may be sent only once")
UNAUTHORIZED = Code(
    "EXPORTJOBS-AUTH-01",
    "authentication failed: send a token of POST /tokens as Bearer, or an API key as the user of "
    "Basic with an empty password",
)
TOO_MANY = Code("EXPORTJOBS-LIMIT-01", "too many requests; send the same request again a bit later")
UNFORESEEN = Code("EXPORTJOBS-ANSWER-01", "something went wrong here; our log tells what")
UNKNOWN_COMPANY = Code(
    "EXPORTJOBS-COMPANY-01", "there is no company with this id, or it is not yours"
)
WHICH_COMPANY = Code(
    "EXPORTJOBS-COMPANY-02", "this key reaches several companies: say which one in company_id"
)
TOO_MANY_UPDATES = Code(
    "EXPORTJOBS-ITEMS-01", "at most 100 items are updated by one request: send the rest in others"
)
SEVERAL_CURRENCIES = Code(
    "EXPORTJOBS-ITEMS-02",
    "the entries of this job have several currencies, which only version v3 can show",
)

_BY_KIND: dict[type[Trouble], tuple[int, str]] = {
    Refused: (422, "UNPROCESSABLE_ENTITY"),
    Conflict: (409, "CONFLICT"),
    Missing: (404, "NOT_FOUND"),
    Unavailable: (503, "SERVICE_UNAVAILABLE"),
    Corrupt: (500, "INTERNAL_SERVER_ERROR"),
}

INVALID = (400, "BAD_REQUEST")
UNPROCESSABLE = (422, "EXPORT_JOB_STATUS_UNPROCESSABLE")

WORDS: Words = {
    BAD_BODY.id: INVALID,
    BAD_JSON.id: INVALID,
    TOO_LARGE.id: (413, "PAYLOAD_TOO_LARGE"),
    LATE.id: (408, "REQUEST_TIMEOUT"),
    "INTAKE-BODY-02": INVALID,
    "INTAKE-JSON-01": INVALID,
    "INTAKE-JSON-02": INVALID,
    "INTAKE-JSON-03": INVALID,
    "INTAKE-JSON-04": INVALID,
    BAD_QUERY.id: INVALID,
    BAD_PATH.id: INVALID,
    NOTHING.id: (404, "NOT_FOUND"),
    BAD_KEY.id: INVALID,
    REPEATED.id: INVALID,
    UNAUTHORIZED.id: (401, "UNAUTHORIZED"),
    "REGISTRY-KEY-03": (401, "UNAUTHORIZED"),
    roles.FORBIDDEN.id: (403, "FORBIDDEN"),
    TOO_MANY.id: (429, "TOO_MANY_REQUESTS"),
    TOO_MANY_LOGINS.id: (429, "TOO_MANY_REQUESTS"),
    UNFORESEEN.id: (500, "INTERNAL_SERVER_ERROR"),
    UNKNOWN_COMPANY.id: (404, "COMPANY_NOT_FOUND"),
    WHICH_COMPANY.id: INVALID,
    TOO_MANY_UPDATES.id: (413, "EXPORT_JOB_ITEMS_UPDATE_LIMIT"),
    SEVERAL_CURRENCIES.id: (400, "MULTI_CURRENCY_NOT_SUPPORTED"),
    "ISSUE-KEY-01": (409, "IDEMPOTENCY_KEY_CONFLICT"),
}


def verdict(trouble: Trouble, words: Words) -> tuple[int, str]:
    """Status and type: by code, else by the kind of error."""
    return words.get(trouble.code.id) or _BY_KIND[type(trouble)]


def envelope(trouble: Trouble, type_: str) -> Json:
    """The body of an error: `type` for programs, `message` for people, which names every place and
    the code that the handbook explains. Values of the request never occur in it."""
    said = [_sentence(fault.text, fault.code, fault.paths) for fault in trouble.faults]
    return {"type": type_, "message": " ".join(said)}


def _sentence(text: str, code: str, paths: tuple[str, ...]) -> str:
    where = ", ".join(path for path in paths if path)
    text = f"{where}: {text}" if where else f"{text[:1].upper()}{text[1:]}"
    return f"{text} [{code}]."
