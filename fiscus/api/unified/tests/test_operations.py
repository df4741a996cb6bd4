"""The table of operations, and how query parameters are read."""

from datetime import UTC, datetime

import pytest

from fiscus.api.unified import operations
from fiscus.api.unified.wire import scalars
from fiscus.model.faults import Refused

ID = "0189f7ea-ae2c-7809-8aeb-b819cf5e9e7f"


def values(operation_id: str, **params: str) -> dict[str, object]:
    return operations.query(operations.find(operation_id), params)


def test_there_are_twenty_seven_operations_and_one_extension():
    assert len(operations.BY_ID) == len(operations.OPERATIONS) == 28
    assert [one.id for one in operations.OPERATIONS if one.is_extension] == ["createFile"]


def test_every_method_and_path_occurs_once():
    assert len({(one.method, one.path) for one in operations.OPERATIONS}) == 28


def test_every_change_wants_a_key_and_every_reading_wants_none():
    for one in operations.OPERATIONS:
        assert one.needs_key == (one.method in ("POST", "PATCH") and one.id != "createFile")


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


def test_a_page_has_ten_results_if_nothing_is_said():
    assert values("listSystems") == {"limit": 10}


def test_filters_are_read():
    assert values("listSystems", limit="100", token="e30=", taxpayer_id=ID, location_id=ID) == {
        "limit": 100,
        "token": "e30=",
        "taxpayer_id": ID,
        "location_id": ID,
    }


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten", "", "1.0", "٣", "+5", "1000"])
def test_a_limit_out_of_bounds_is_refused(limit: str):
    with pytest.raises(Refused, match=r"UNIFIED-QUERY-02.*limit"):
        values("listRecords", limit=limit)


@pytest.mark.parametrize("token", ["", "abc", "e30\n", "*", "e30=" * 300])
def test_a_broken_token_is_refused(token: str):
    with pytest.raises(Refused, match="token"):
        values("listRecords", token=token)


@pytest.mark.parametrize("id_", [ID.upper(), "1c81cb86-c2e8-4074-afc3-a0601b2bf063", ID + "\n", ""])
def test_an_id_of_another_form_is_refused(id_: str):
    with pytest.raises(Refused, match="system_id"):
        values("listRecords", system_id=id_)


def test_record_types_are_separated_by_commas():
    assert values("listRecords", type="TRANSACTION::RECEIPT,EXPORT::RECORDS")["type"] == (
        "TRANSACTION::RECEIPT",
        "EXPORT::RECORDS",
    )


@pytest.mark.parametrize(
    "types",
    [
        "",
        "RECEIPT",
        "TRANSACTION::RECEIPT,TRANSACTION::RECEIPT",
        "TRANSACTION::RECEIPT,",
        ",".join(sorted(scalars.RECORD_TYPES)[:11]),
    ],
)
def test_record_types_are_known_distinct_and_at_most_ten(types: str):
    with pytest.raises(Refused, match="type"):
        values("listRecords", type=types)


def test_moments_become_instants_even_if_the_plus_was_not_escaped():
    expected = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)

    assert values("listFiles", start="2026-05-04T10:00:00+01:00")["start"] == expected
    assert values("listFiles", start="2026-05-04T10:00:00 01:00")["start"] == expected
    assert values("listFiles", end="2026-05-04T09:00:00Z")["end"] == expected


@pytest.mark.parametrize("moment", ["2026-05-04", "2026-05-04T10:00:00", "2026-02-30T10:00:00Z"])
def test_a_moment_without_zone_or_existence_is_refused(moment: str):
    with pytest.raises(Refused, match="start"):
        values("listFiles", start=moment)


def test_flags_are_empty():
    assert values("retrieveRecord", **{"operation": "", "file-integrity": ""}) == {
        "operation": True,
        "file-integrity": True,
    }
    with pytest.raises(Refused, match="file-artifact"):
        values("retrieveRecord", **{"file-artifact": "true"})


@pytest.mark.parametrize("operation_id", ["listTaxpayers", "retrieveSystem", "createToken"])
def test_an_unknown_parameter_is_refused_by_name(operation_id: str):
    with pytest.raises(Refused, match=r"UNIFIED-QUERY-01.*offset"):
        values(operation_id, offset="3")


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"])
def test_a_moment_that_falls_out_of_the_calendar_elsewhere_is_refused(text: str):
    with pytest.raises(Refused):
        values("listFiles", start=text)
