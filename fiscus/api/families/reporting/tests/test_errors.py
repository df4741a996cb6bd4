"""Errors in both styles: every status has its word, every broken rule its place."""

import pytest

from fiscus.api.families.reporting import errors
from fiscus.api.families.reporting.errors import ErrorStyle, envelope, is_retryable, verdict
from fiscus.api.families.reporting.routes import ENDPOINTS, words
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

ANY = Code("TEST-ANY-01", "something is not as it should be")
LAW = Fault(code="XX-LINE-01", text="a line has a rate", law="UStG § 12", paths=("lines[0].rate",))
ID = "req_1"


@pytest.mark.parametrize(
    ("kind", "status", "word"),
    [
        (Refused, 422, "unprocessable_entity"),
        (Conflict, 409, "operation_invalid_state"),
        (Missing, 404, "not_found"),
        (Unavailable, 503, "service_unavailable"),
        (Corrupt, 500, "internal_error"),
    ],
)
def test_each_of_the_five_errors_has_a_status_and_a_word(
    kind: type[Trouble], status: int, word: str
) -> None:
    assert verdict(kind(ANY), {}) == (status, word)


def test_a_code_with_a_word_of_its_own_has_that() -> None:
    assert verdict(Refused(ANY), {ANY.id: (409, "no_open_session")}) == (409, "no_open_session")


def test_a_broken_law_is_called_so() -> None:
    trouble = Refused(ANY, faults=(LAW,))

    assert verdict(trouble, {}) == (422, "regime_validation_failed")


@pytest.mark.parametrize(
    ("status", "word", "expected"),
    [
        (500, "internal_error", True),
        (503, "service_unavailable", True),
        (429, "rate_limit_exceeded", True),
        (412, "precondition_failed", True),
        (422, "export_dsfinvk_build_pending", True),
        (422, "validation_error", False),
        (409, "idempotency_key_conflict", False),
        (400, "invalid_request", False),
    ],
)
def test_what_may_be_sent_again_says_so(status: int, word: str, expected: bool) -> None:
    assert is_retryable(status, word) is expected


def test_the_newer_style_lists_every_place_of_every_broken_rule() -> None:
    trouble = Refused(ANY, faults=(LAW, Fault(code="XX-LINE-02", text="t", paths=("a", "b"))))

    body = envelope(ErrorStyle.C, trouble, (422, "w"), request_id=ID, details={"expected": 1})

    assert body == {
        "code": "w",
        "message": "Something is not as it should be [TEST-ANY-01].",
        "retryable": False,
        "details": {
            "expected": 1,
            "errors": [
                {
                    "path": "lines[0].rate",
                    "message": "a line has a rate",
                    "code": "XX-LINE-01",
                    "law": "UStG § 12",
                },
                {"path": "a", "message": "t", "code": "XX-LINE-02"},
                {"path": "b", "message": "t", "code": "XX-LINE-02"},
            ],
        },
    }


def test_the_older_style_names_the_first_place_and_the_law() -> None:
    body = envelope(ErrorStyle.A, Refused(ANY, faults=(LAW,)), (422, "w"), request_id=ID)

    assert body == {
        "object": "error",
        "code": "w",
        "message": "Something is not as it should be [TEST-ANY-01].",
        "param": "lines[0].rate",
        "fiscal_errors": [
            {"code": "XX-LINE-01", "message": "a line has a rate", "law": "UStG § 12"}
        ],
        "request_id": ID,
    }


def test_the_older_style_tells_more_where_there_is_more_to_tell() -> None:
    told = {"open_operation_ids": ["op_1", "op_2"]}

    body = envelope(ErrorStyle.A, Refused(ANY), (409, "w"), request_id=ID, details=told)

    assert (body["details"], body["param"]) == (told, None)


def test_an_error_of_ours_tells_nothing_of_its_inside() -> None:
    body = envelope(ErrorStyle.C, Corrupt(ANY, "table x"), (500, "internal_error"), request_id=ID)

    assert "details" not in body


def test_every_word_has_a_status_that_the_document_can_describe() -> None:
    described = {status for operation, _ in ENDPOINTS for status in operation.statuses}
    described |= {400, 401, 403, 404, 408, 409, 410, 412, 428, 429, 500, 503}

    assert {status for status, _ in words().values()} <= described
    assert errors.INVALID == (400, "invalid_request")
