"""From our five errors to this family's status, code and envelope."""

from collections.abc import Collection

from fiscus.access.limits import TOO_MANY_LOGINS
from fiscus.api import problem
from fiscus.model.faults import Code, Conflict, Corrupt, Missing, Refused, Trouble, Unavailable
from fiscus.outbox import queue
from fiscus.registry import roles

BAD_BODY = Code("UNIFIED-BODY-01", "the request body breaks its schema")
BAD_JSON = Code("UNIFIED-BODY-02", "the request body is not JSON")
TOO_LARGE = Code("UNIFIED-BODY-03", "the request body is too large")
LOGIN_TOO_LARGE = Code("UNIFIED-BODY-04", "the body of a login has at most 4 KB")
BAD_HEADER = Code("UNIFIED-HEADER-01", "a header is missing or breaks its schema")
NO_VERSION = Code("UNIFIED-HEADER-03", "Header parameter X-Api-Version is required, but not found")
NO_KEY = Code("UNIFIED-HEADER-04", "Header parameter X-Idempotency-Key is required, but not found")
UNKNOWN_VERSION = Code("UNIFIED-HEADER-02", "this API version is not served")
BAD_PATH = Code("UNIFIED-PATH-01", "an id in the path breaks its schema")
NOTHING = Code("UNIFIED-PATH-02", "There is nothing here")
UNFORESEEN = Code("UNIFIED-ANSWER-01", "The trace identifier tells us what happened")
UNAUTHORIZED = Code("UNIFIED-AUTH-01", "Not authorized to perform this operation")
TOO_MANY = Code("UNIFIED-LIMIT-01", "too many requests; send the same request again a little later")
NOT_UNIT = Code("UNIFIED-SCOPE-01", "this needs the scope of a unit")
NO_TOKEN_SCOPE = Code("UNIFIED-SCOPE-02", "this scope is not visible to you")
NOT_YET = Code("UNIFIED-KIND-02", "the requested functionality is not implemented yet")
BAD_REFERENCE = Code("UNIFIED-REFERENCE-01", "what the body refers to is not visible to you")
LIVE_ONLY = Code("UNIFIED-LIVE-01", "this country is served in the test environment only")

_WORDS = {
    400: ("E_BAD_REQUEST", "Bad Request"),
    401: ("E_UNAUTHORIZED_ACCESS", "Unauthorized Access"),
    404: ("E_RESOURCE_NOT_FOUND", "Resource Not Found"),
    405: ("E_METHOD_NOT_ALLOWED", "Method not allowed"),
    408: ("E_REQUEST_TIMEOUT", "Request Timeout"),
    409: ("E_RESOURCE_CONFLICT", "Resource Conflict"),
    422: ("E_UNPROCESSABLE_CONTENT", "Unprocessable Content"),
    429: ("E_TOO_MANY_REQUESTS", "Too Many Requests"),
    500: ("E_INTERNAL_SERVER_ERROR", "Internal Server Error"),
    501: ("E_NOT_IMPLEMENTED", "Not Implemented"),
    503: ("E_SERVICE_UNAVAILABLE", "Service Unavailable"),
}

_BY_KIND: dict[type[Trouble], int] = {
    Refused: 422,
    Conflict: 405,
    Missing: 404,
    Unavailable: 503,
    Corrupt: 500,
}

_BY_CODE = {
    BAD_BODY.id: 400,
    BAD_JSON.id: 400,
    TOO_LARGE.id: 400,
    LOGIN_TOO_LARGE.id: 400,
    "INTAKE-BODY-01": 408,
    "INTAKE-BODY-02": 400,
    "INTAKE-JSON-01": 400,
    "INTAKE-JSON-02": 400,
    "INTAKE-JSON-03": 400,
    "INTAKE-JSON-04": 400,
    BAD_HEADER.id: 400,
    BAD_PATH.id: 400,
    UNKNOWN_VERSION.id: 400,
    NO_VERSION.id: 400,
    NO_KEY.id: 400,
    "UNIFIED-QUERY-01": 400,
    "UNIFIED-QUERY-02": 400,
    "UNIFIED-VERSION-01": 400,
    UNAUTHORIZED.id: 401,
    NO_TOKEN_SCOPE.id: 404,
    "REGISTRY-KEY-03": 401,
    "REGISTRY-KEY-02": 409,
    "REGISTRY-PERSON-02": 409,
    roles.FORBIDDEN.id: 405,
    roles.MORE_THAN_OWN.id: 405,
    "REGISTRY-KEY-04": 405,
    TOO_MANY_LOGINS.id: 429,
    "REGISTRY-TAXPAYER-02": 409,
    "REGISTRY-TAXPAYER-03": 409,
    "ISSUE-KEY-01": 422,
    "JOURNAL-HEAD-01": 409,
    "LOG-PROOF-01": 409,
    TOO_MANY.id: 429,
    queue.TOO_MANY.id: 429,
    NOT_YET.id: 501,
    "UNIFIED-KIND-01": 501,
    "UNIFIED-VERSION-02": 501,
    LIVE_ONLY.id: 501,
    "REGIME-FIND-01": 501,
    "ISSUE-KIND-01": 501,
    "ISSUE-LAW-02": 501,
    "ISSUE-KIND-02": 501,
    "EXPORT-FORMAT-01": 501,
}

_ALWAYS = frozenset({roles.FORBIDDEN.id, roles.MORE_THAN_OWN.id, "REGISTRY-KEY-04"})
"""What a key may not do is 405 at every operation: this contract has no 403."""

_VERBATIM = frozenset({NOT_UNIT.id, "ISSUE-PLACE-01"})
"""What existing clients may look for: their one path is the reference's own sentence."""

_FALLBACKS = {404: (401, 400), 405: (422, 409), 501: (422, 400), 409: (422,), 422: (400,)}


def status(trouble: Trouble, documented: Collection[int]) -> int:
    """The HTTP status for a trouble, among those that the operation documents."""
    wanted = _BY_CODE.get(trouble.code.id, _BY_KIND[type(trouble)])
    if trouble.code.id in _ALWAYS:
        return wanted
    for candidate in (wanted, *_FALLBACKS.get(wanted, ())):
        if candidate in documented:
            return candidate
    return wanted


def envelope(status_: int, message: str) -> dict[str, object]:
    code, error = _WORDS[status_]
    return {"content": {"status": status_, "code": code, "error": error, "message": message}}


def message(trouble: Trouble, noun: str) -> str:
    """What is wrong and where, in the words of the API: our own code comes with it, unless the
    reference gives the whole sentence."""
    if trouble.code in (NO_VERSION, NO_KEY):
        return trouble.code.text
    if trouble.code.id in (UNAUTHORIZED.id, "REGISTRY-KEY-03"):
        return f"{UNAUTHORIZED.text}."
    if trouble.code in (NOTHING, UNFORESEEN):
        return f"{trouble.code.text}."
    if _BY_CODE.get(trouble.code.id) == 501:
        return f"The request functionality is not implemented yet. ['{_sentences(trouble)}']"
    if trouble.code.id in _VERBATIM and trouble.paths:
        return f"{noun} operation invalid: {trouble.paths[0]}"
    if isinstance(trouble, Conflict) and trouble.code.id not in _BY_CODE:
        return f"{noun} operation invalid: {_sentences(trouble)}"
    return _sentences(trouble)


def _sentences(trouble: Trouble) -> str:
    """Each fault with its places, its law and what to do: at most a hundred places in all."""
    faults, more = problem.limited(trouble.faults)
    told = [
        f"{fault.sentence()} [{advice}]" if (advice := problem.advice(fault)) else fault.sentence()
        for fault in faults
    ]
    return "; ".join([*told, *([f"and {more} places more"] if more else [])])
