"""From our five errors to this family's status, word and envelope, in both of its styles."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from fiscus import regimes
from fiscus.access.limits import TOO_MANY_LOGINS
from fiscus.api import problem
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
from fiscus.outbox import queue
from fiscus.registry import roles

Json = dict[str, Any]
Words = Mapping[str, tuple[int, str]]
"""By the id of a code: the status and the word of this family for it."""

BAD_BODY = Code("REPORTING-BODY-01", "the request body is malformed")
BAD_JSON = Code("REPORTING-BODY-02", "the request body is not JSON")
TOO_LARGE = Code("REPORTING-BODY-03", "the request body is too large")
BAD_QUERY = Code("REPORTING-QUERY-01", "a query parameter is not supported or malformed")
BAD_MERCHANT = Code("REPORTING-HEADER-01", "the header that names the merchant is malformed")
NO_MERCHANT = Code("REPORTING-HEADER-02", "the header that names the merchant is missing")
NO_KEY = Code("REPORTING-HEADER-03", "the header Idempotency-Key is missing")
BAD_KEY = Code("REPORTING-HEADER-04", "an idempotency key has 1 to 255 visible characters")
NO_MATCH = Code("REPORTING-HEADER-05", "the header If-Match is missing")
BAD_MATCH = Code("REPORTING-HEADER-06", "the header If-Match is a resource version in quotes")
REPEATED = Code("REPORTING-HEADER-07", "this header may be sent only once")
UNAUTHORIZED = Code("REPORTING-AUTH-01", "authentication failed")
OTHER_REALM = Code(
    "REPORTING-AUTH-02", "this API key is for the other environment or for another country"
)
NOT_YOURS = Code("REPORTING-AUTH-03", "this API key does not reach the merchant that is named")
TOO_MANY = Code("REPORTING-LIMIT-01", "too many requests; send the same request again a bit later")
NOTHING = Code("REPORTING-PATH-01", "there is nothing at this address")
UNFORESEEN = Code("REPORTING-ANSWER-01", "something went wrong here; the request id tells us what")
LAW = Code("REPORTING-LAW-01", "the payload violates the rules of its country")
STALE = Code("REPORTING-MATCH-01", "the resource has another version by now")

_BY_KIND: dict[type[Trouble], tuple[int, str]] = {
    Refused: (422, "unprocessable_entity"),
    Conflict: (409, "operation_invalid_state"),
    Missing: (404, "not_found"),
    Unavailable: (503, "service_unavailable"),
    Corrupt: (500, "internal_error"),
}

INVALID = (400, "invalid_request")
LAW_BROKEN = (422, "regime_validation_failed")

WORDS: Words = {
    BAD_BODY.id: INVALID,
    BAD_JSON.id: INVALID,
    TOO_LARGE.id: INVALID,
    LATE.id: (408, "request_timeout"),
    "INTAKE-BODY-02": INVALID,
    "INTAKE-JSON-01": INVALID,
    "INTAKE-JSON-02": INVALID,
    "INTAKE-JSON-03": INVALID,
    "INTAKE-JSON-04": INVALID,
    BAD_QUERY.id: INVALID,
    BAD_MERCHANT.id: INVALID,
    NO_MERCHANT.id: INVALID,
    NO_KEY.id: INVALID,
    BAD_KEY.id: INVALID,
    NO_MATCH.id: (428, "precondition_required"),
    BAD_MATCH.id: INVALID,
    REPEATED.id: INVALID,
    UNAUTHORIZED.id: (401, "unauthorized"),
    OTHER_REALM.id: (403, "forbidden"),
    NOT_YOURS.id: (403, "forbidden"),
    STALE.id: (412, "precondition_failed"),
    UNFORESEEN.id: (500, "internal_error"),
    LAW.id: LAW_BROKEN,
    roles.FORBIDDEN.id: (403, "forbidden"),
    TOO_MANY.id: (429, "rate_limit_exceeded"),
    TOO_MANY_LOGINS.id: (429, "rate_limit_exceeded"),
    queue.TOO_MANY.id: (429, "rate_limit_exceeded"),
    "REGISTRY-KEY-03": (401, "unauthorized"),
    "ISSUE-KEY-01": (409, "idempotency_key_conflict"),
    "ISSUE-LAW-01": LAW_BROKEN,
    "ISSUE-LAW-02": LAW_BROKEN,
    "REGISTRY-IDENTITY-01": LAW_BROKEN,
    "REGIME-FIND-01": (422, "validation_error"),
}

RETRYABLE = frozenset(
    {
        "rate_limit_exceeded",
        "precondition_failed",
        "export_dsfinvk_build_pending",
        "proof_pending",
    }
)
"""What may be sent again, besides everything that is our own fault (5xx)."""

SAMPLES = {
    400: (BAD_BODY, "invalid_request"),
    401: (UNAUTHORIZED, "unauthorized"),
    403: (NOT_YOURS, "forbidden"),
    404: (NOTHING, "not_found"),
    408: (LATE, "request_timeout"),
    412: (STALE, "precondition_failed"),
    428: (NO_MATCH, "precondition_required"),
    429: (TOO_MANY, "rate_limit_exceeded"),
}
"""What the OpenAPI document shows of errors that are the same everywhere."""


class ErrorStyle(Enum):
    """How an endpoint's own page shows errors: `A` with `object`, `C` with `retryable`."""

    A = "A"
    C = "C"


def verdict(trouble: Trouble, words: Words) -> tuple[int, str]:
    """Status and word: by code, else by whether a law was broken, else by the kind of error."""
    if trouble.code.id in words:
        return words[trouble.code.id]
    if isinstance(trouble, Refused) and any(fault.law for fault in trouble.faults):
        return LAW_BROKEN
    return _BY_KIND[type(trouble)]


def is_retryable(status: int, word: str) -> bool:
    return status >= 500 or word in RETRYABLE


def envelope(
    style: ErrorStyle,
    trouble: Trouble,
    verdict_: tuple[int, str],
    *,
    request_id: str,
    details: Mapping[str, Any] | None = None,
) -> Json:
    """The body of an error. Values of the request never occur in it."""
    status, word = verdict_
    message = _sentence(trouble)
    if style is ErrorStyle.A:
        paths = [path for fault in trouble.faults for path in fault.paths]
        return {
            "object": "error",
            "code": word,
            "message": message,
            "param": paths[0] if paths else None,
            "fiscal_errors": [_fiscal(fault) for fault in trouble.faults if fault.law],
            "request_id": request_id,
        } | ({"details": dict(details)} if details else {})
    shown: Json = {"code": word, "message": message, "retryable": is_retryable(status, word)}
    told = dict(details or {})
    if status < 500 and "errors" not in told and (errors := _errors(trouble)):
        told["errors"] = errors
    return {**shown, "details": told} if told else shown


def _sentence(trouble: Trouble) -> str:
    """Our own code comes along: it is what the handbook explains."""
    code = trouble.code
    return f"{code.text[:1].upper()}{code.text[1:]} [{code.id}]."


def _errors(trouble: Trouble) -> list[Json]:
    """Every broken rule at every place where it is broken, a hundred places at most."""
    faults, more = problem.limited(trouble.faults)
    told: list[Json] = [
        {"path": path, "message": fault.text, "code": fault.code}
        | ({"law": fault.law} if fault.law else {})
        | ({"remedy": remedy} if (remedy := regimes.remedy(fault.code)) else {})
        for fault in faults
        for path in fault.paths or ([""] if fault.law else [])
    ]
    return [*told, *([{"path": "", "message": f"and {more} places more"}] if more else [])]


def _fiscal(fault: Fault) -> Json:
    return {"code": fault.code, "message": fault.text, "law": fault.law}
