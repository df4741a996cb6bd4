"""What the core calls a field is on the command line the option or argument that was typed."""

import pytest

from fiscus.commands.fault_options import in_options
from fiscus.model.faults import Fault


def shown(*paths: str, law: str = "") -> tuple[str, ...]:
    return in_options(Fault(code="TEST-ANY-01", text="t", law=law, paths=paths)).paths


@pytest.mark.parametrize(
    ("path", "option"),
    [
        ("taxpayer", "--taxpayer"),
        ("location 01a1e395", "--location 01a1e395"),
        ("register", "--register"),
        ("registers", "--system"),
        ("registers[2]", "--system[2]"),
        ("period", "--from"),
        ("period.last", "--to"),
        ("endpoint_url", "URL"),
        ("event_types[1]", "TYPE[1]"),
        ("headers.X-Tenant", "--header X-Tenant"),
        ("endpoint_auth", "--auth"),
        ("document_type", "TYPE"),
        ("name", "NAME"),
        ("last_number 41", "--last-number 41"),
        ("last_hash", "--last-hash"),
        ("last_date", "--last-date"),
        ("last_entry", "--last-entry-date"),
        ("chart SKR99", "CHART SKR99"),
        ("target", "TARGET"),
        ("first 2026-03-31", "--from 2026-03-31"),
        ("last", "--to"),
        ("after", "--after"),
    ],
)
def test_a_field_is_shown_as_what_was_typed(path: str, option: str) -> None:
    assert shown(path, "first.json") == (option, "first.json")


def test_a_setting_that_a_file_of_the_books_needs_is_shown_as_what_sets_it() -> None:
    path = "formats.datev-extf.client_number"
    asked = Fault(code="BOOKS-WRITE-02", text="t", paths=(path, "target sap"))

    assert in_options(asked).paths == (
        "client_number=… (fiscus books set datev-extf)",
        "TARGET sap",
    )
    assert shown(path) == (path,)  # a place in a file that is loaded


@pytest.mark.parametrize(
    "path", ["FISCUS_DATA_DIR", "/data/x.json", "registers[0].serial", "series", "record_id", ""]
)
def test_other_paths_stay_as_they_are(path: str) -> None:
    assert shown(path) == (path,)


def test_what_a_law_wants_to_know_keeps_the_name_of_the_fact() -> None:
    assert shown("taxpayer", "registers", law="AO § 146a (4)") == ("taxpayer", "registers")
