"""The table of operations, and how query parameters are read."""

import pytest

from fiscus.api.families.unified import operations


def test_there_are_twenty_seven_operations_and_eleven_extensions():
    assert len(operations.BY_ID) == len(operations.OPERATIONS) == 40
    assert [one.id for one in operations.OPERATIONS if one.is_extension] == [
        "listReports",
        "retrieveReport",
        "retryReport",
        "createReportDeletion",
        "listMonths",
        "createMonthDeclaration",
        "retrieveRecordDocument",
        "retrieveRecordProof",
        "createFile",
        "listSeries",
        "createSeries",
        "updateSeries",
        "retrieveSeries",
    ]


def test_every_method_and_path_occurs_once():
    assert len({(one.method, one.path) for one in operations.OPERATIONS}) == 40


OPTIONAL_KEYS = {"createFile", "retryReport", "createReportDeletion", "createMonthDeclaration"}
"""These change nothing when they come twice; a key is taken all the same."""


def test_every_change_wants_a_key_and_every_reading_wants_none():
    for one in operations.OPERATIONS:
        is_change = one.method in ("POST", "PATCH")
        assert one.needs_key == (is_change and one.id not in OPTIONAL_KEYS)


def test_a_token_is_never_replayed():
    assert [one.id for one in operations.OPERATIONS if one.needs_key and not one.is_idempotent] == [
        "createToken"
    ]


def test_only_subjects_and_organizations_take_a_scope():
    assert [one.id for one in operations.OPERATIONS if one.takes_scope] == [
        "listSubjects",
        "createSubject",
        "listOrganizations",
        "createOrganization",
    ]


@pytest.mark.parametrize(
    ("operation_id", "statuses"),
    [
        ("createToken", {200, 400, 401, 409, 429, 500, 503}),
        ("listTaxpayers", {200, 400, 401, 429, 500, 503}),
        ("createTaxpayer", {200, 400, 401, 405, 409, 422, 429, 500, 501, 503}),
        ("updateTaxpayer", {200, 400, 401, 404, 405, 409, 422, 429, 500, 503}),
        ("updateSystem", {200, 400, 401, 404, 409, 422, 429, 500, 501, 503}),
        ("retrieveLocation", {200, 400, 401, 404, 429, 500, 503}),
        ("retrieveRecord", {200, 400, 401, 404, 429, 500, 501, 503}),
        ("listFiles", {200, 400, 401, 404, 429, 500, 503}),
        ("streamFile", {200, 400, 401, 404, 429, 500, 503}),
    ],
)
def test_the_statuses_are_those_of_the_contract(operation_id: str, statuses: set[int]):
    assert set(operations.find(operation_id).statuses) == statuses
