"""Errors in this family's words."""

import pytest

from fiscus.api.families.webhooks import errors
from fiscus.model.faults import Code, Conflict, Corrupt, Fault, Missing, Refused, Unavailable

SOME = Code("SOME-CODE-01", "something")


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        (Refused(SOME), (400, "BAD_REQUEST")),
        (Conflict(SOME), (409, "CONFLICT")),
        (Missing(SOME), (404, "NOT_FOUND")),
        (Unavailable(SOME), (503, "SERVICE_UNAVAILABLE")),
        (Corrupt(SOME), (500, "INTERNAL_ERROR")),
        (Missing(errors.UNAUTHORIZED), (401, "UNAUTHORIZED")),
        (Unavailable(errors.TOO_MANY), (429, "TOO_MANY_REQUESTS")),
    ],
)
def test_each_trouble_has_its_status(trouble: Refused, expected: tuple[int, str]) -> None:
    assert errors.verdict(trouble) == expected


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("endpoint_url", "endpointUrl"),
        ("event_types[3]", "eventTypes[3]"),
        ("headers.X-Key", "customHeaders.X-Key"),
        ("endpoint_auth", "endpointAuth"),
        ("company", "companyId"),
        ("headerscape", "headerscape"),
        ("limit", "limit"),
    ],
)
def test_places_are_told_in_the_callers_words(path: str, word: str) -> None:
    fault = Fault(code=SOME.id, text=SOME.text, paths=(path,))

    assert errors.envelope(Refused(SOME, faults=(fault,)), "BAD_REQUEST") == {
        "type": "BAD_REQUEST",
        "message": f"SOME-CODE-01: something ({word})",
    }
