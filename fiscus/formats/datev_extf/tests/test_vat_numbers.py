"""Only a VAT identification number of another country of the Union stands in its column."""

import pytest

from fiscus.formats.datev_extf.vat_numbers import column_40


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("PT 508 650 704", "PT508650704"),
        ("at-u12345678", "ATU12345678"),
        ("GR123456783", "EL123456783"),
        ("XI123456789", "XI123456789"),
        ("DE123456788", ""),
        ("508650704", ""),
        ("CHE-123.456.788", ""),
        ("PT" + "1" * 13, "PT" + "1" * 13),
        ("PT" + "1" * 14, ""),
        ("", ""),
    ],
)
def test_a_number_is_written_bare_or_not_at_all(number: str, written: str) -> None:
    assert column_40(number) == written
