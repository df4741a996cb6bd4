"""Errors: status and type by code, else by kind; a message that names every place."""

import pytest

from fiscus.api.families.export_jobs import errors
from fiscus.api.families.export_jobs.routes import words
from fiscus.api.families.export_jobs.translate import fault_paths
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

OTHER = Code("TEST-OTHER-01", "something else is wrong")


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        (Refused(OTHER), (422, "UNPROCESSABLE_ENTITY")),
        (Conflict(OTHER), (409, "CONFLICT")),
        (Missing(OTHER), (404, "NOT_FOUND")),
        (Unavailable(OTHER), (503, "SERVICE_UNAVAILABLE")),
        (Corrupt(OTHER), (500, "INTERNAL_SERVER_ERROR")),
        (Refused(errors.TOO_MANY_UPDATES), (413, "EXPORT_JOB_ITEMS_UPDATE_LIMIT")),
        (Conflict(Code("BOOKS-JOB-04", "")), (409, "EXPORT_ALREADY_IN_PROGRESS")),
        (Refused(Code("BOOKS-JOB-10", "")), (400, "MISSING_CONTRA_ACCOUNTS")),
        (Missing(Code("LINK-EXPIRY-01", "")), (410, "GONE")),
    ],
)
def test_a_trouble_has_its_status_and_type(trouble: Trouble, expected: tuple[int, str]) -> None:
    assert errors.verdict(trouble, words()) == expected


def test_every_type_is_a_word_in_capitals() -> None:
    for status, type_ in words().values():
        assert 400 <= status < 600
        assert type_ == type_.upper()
        assert type_.replace("_", "").isalpha()


def test_a_message_names_every_place_in_the_words_of_the_contract() -> None:
    faults = (
        Fault(code="TEST-OTHER-01", text="is wrong", paths=("expires_in 5", "rules[0].account x")),
        Fault(code="TEST-OTHER-02", text="nothing fits"),
    )
    told = fault_paths.told(Refused(OTHER, faults=faults))

    assert errors.envelope(told, "BAD_REQUEST") == {
        "type": "BAD_REQUEST",
        "message": "expiresIn 5, rules[0].account x: is wrong [TEST-OTHER-01]. "
        "Nothing fits [TEST-OTHER-02].",
    }
