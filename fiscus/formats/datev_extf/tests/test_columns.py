"""Our tables say what the format description says."""

import csv
import re
from pathlib import Path

import pytest

from fiscus.formats.datev_extf.columns import COLUMNS, HEADER, columns_of, row, whole_row

READ_WIDER = {9: r'"\d{1,4}"', 39: r"\d{1,12},\d{4}"}
"""Where old files and DATEV's own definition allow more than the pattern that its portal names."""


def facts(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_columns_are_those_of_the_format_description(shared_data: Path) -> None:
    known = facts(shared_data / "export/datev_extf_buchungsstapel_v13_fields.csv")
    ours = [
        {
            "n": str(number),
            "row2_name": column.name,
            "kind": column.kind.value,
            "max_len": str(column.length),
            "decimals": str(column.decimals),
            "required": "yes" if column.is_required else "no",
            "empty_form": column.empty or "(nothing)",
            "value_regex": column.value.replace("(?a:[", "[").replace("/])", "/]"),
            "since_format_version": str(column.since) if column.since > 9 else "<=9",
        }
        for number, column in enumerate(COLUMNS, start=1)
    ]
    for number, pattern in READ_WIDER.items():
        known[number - 1]["value_regex"] = pattern

    assert len(COLUMNS) == 125
    assert ours == known


def test_the_fields_of_the_first_row_are_those_of_the_format_description(
    shared_data: Path,
) -> None:
    known = facts(shared_data / "export/datev_extf_header_700_fields.csv")
    for number, pattern in ((4, '"[^"]+"'), (5, r"\d{1,2}")):
        known[number - 1]["regex"] = pattern  # files of other versions are read too

    assert [(field.name, field.pattern) for field in HEADER] == [
        (one["name"], one["regex"]) for one in known
    ]


@pytest.mark.parametrize(
    ("version", "count"), [(9, 120), (10, 121), (11, 122), (12, 124), (13, 125)]
)
def test_each_version_has_the_columns_it_brought(version: int, count: int) -> None:
    assert len(columns_of(version)) == count


def test_a_row_matches_as_a_whole_when_each_cell_does() -> None:
    right = {1: "1,00", 2: '"S"', 7: "1000", 8: "1371", 10: "0503", 14: '"Bar; und Karte"'}
    pattern = whole_row(COLUMNS)
    match = pattern.fullmatch(";".join(row(right)))

    assert match is not None
    assert match.groups() == tuple(row(right))
    for wrong in ({1: "0,00"}, {2: '""'}, {7: "0000"}, {11: '"Ü"'}, {14: '"\t"'}, {114: "2"}):
        assert not pattern.fullmatch(";".join(row(right | wrong))), wrong


def test_a_reference_allows_no_letter_beyond_ascii() -> None:
    assert not re.fullmatch(COLUMNS[10].value, '"Ü1"')
    assert re.fullmatch(COLUMNS[10].value, '"A_$&%*+-/1"')
