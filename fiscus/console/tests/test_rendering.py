"""Filters, files and values for scripts."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from fiscus.console import rendering


def test_numbers_days_and_money_as_each_language_writes_them() -> None:
    value, on = Decimal("1234.5"), date(2026, 11, 6)

    assert rendering.amount("en", value) == "1,234.50\xa0€"
    assert rendering.amount("de", value) == "1.234,50\xa0€"
    assert rendering.amount("pt", value) == "1\xa0234,50\xa0€"
    assert rendering.amount("de", Decimal(-5), "CHF") == "-5,00\xa0CHF"
    assert rendering.amount("en", Decimal("-0.00")) == "0.00\xa0€"
    assert rendering.number("de", 12345) == "12.345"
    assert rendering.percent("de", Decimal("22.5")) == "22,5%"
    assert rendering.percent("pt", Decimal(6)) == "6%"
    assert rendering.day("de", on) == "06.11.2026"
    assert rendering.day("pt", on) == "06/11/2026"


def test_an_instant_is_local_and_tells_utc_beside_it() -> None:
    at = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)

    written = rendering.moment("de", at, "Europe/Berlin")
    assert "02.07.2026, 00:30:00</time>" in written
    assert 'datetime="2026-07-01T22:30:00+00:00" title="2026-07-01 22:30:00 UTC"' in written
    other = rendering.moment("de", at, "Atlantic/Azores", is_named=True)
    assert "01.07.2026, 22:30:00 Atlantic/Azores</time>" in other


def test_a_time_zone_has_the_name_that_people_know_and_its_own() -> None:
    assert rendering.zone_name("de", "Europe/Berlin") == "Mitteleuropäische Zeit (Europe/Berlin)"
    assert rendering.zone_name("pt", "Europe/Lisbon").endswith(" (Europe/Lisbon)")
    assert rendering.zone_name("en", "UTC") == "UTC"


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (1550, "1.6 kB"), (50_000_000, "50 MB")],
)
def test_sizes(value: int, said: str) -> None:
    assert rendering.size("en", value) == said


def test_what_scripts_get_cannot_end_its_element() -> None:
    said = rendering.as_json({"name": "</script><b>&", "at": date(2026, 1, 2)})

    assert "<" not in said
    assert "&" not in said
    assert said == '{"name": "\\u003c/script\\u003e\\u003cb\\u003e\\u0026", "at": "2026-01-02"}'


def test_files_have_addresses_that_change_with_them() -> None:
    assert rendering.static("style.css") == f"/console/static/{rendering.digest()}/style.css"
    with pytest.raises(KeyError):
        rendering.static("no-such-file.js")
