"""How the text of query parameters is read."""

from datetime import UTC, datetime

import pytest

from fiscus.api.families.unified import operations
from fiscus.api.families.unified.wire import scalars
from fiscus.model.faults import Refused

ID = "0189f7ea-ae2c-7809-8aeb-b819cf5e9e7f"


def values(operation_id: str, **params: str) -> dict[str, object]:
    return operations.query(operations.find(operation_id), params)


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


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("state", "GONE"),
        ("state", "pending"),
        ("period", "2026-13"),
        ("period", "0000-01"),
        ("period", "2026-1"),
        ("series", ""),
        ("series", "x" * 65),
        ("series", "A\0"),
    ],
)
def test_filters_of_reports_have_their_form(name: str, text: str):
    with pytest.raises(Refused, match=name):
        values("listReports", **{name: text})
    good = {"state": "REFUSED", "period": "2026-12", "series": "x" * 64}
    assert values("listReports", **good) == {"limit": 10, **good}
