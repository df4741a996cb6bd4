from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

import pytest

from fiscus.formats.dsfinvk.tables.cells import AmountSpelling, moment_text, record
from fiscus.model.times import zone

ZONES = ("Europe/Berlin", "UTC", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns")


@pytest.mark.parametrize("timezone", ZONES)
def test_every_instant_is_spelled_as_the_clocks_of_its_zone_show_it(timezone: str) -> None:
    random = Random(timezone)
    for _ in range(2_000):
        hours = timedelta(hours=random.randrange(30 * 8_766))
        at = datetime(2006, 1, 1, tzinfo=UTC) + hours + timedelta(seconds=random.randrange(3_600))
        shown = at.astimezone(zone(timezone)).isoformat(timespec="seconds")
        shown = shown.replace("+00:00", "Z") if timezone == "UTC" else shown
        assert moment_text(at, timezone) == shown
        assert moment_text(at.astimezone(zone("Asia/Tokyo")), timezone) == shown
        assert moment_text(at + timedelta(microseconds=999_999), timezone) == shown


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        ("2026-03-29T00:59:59+00:00", "2026-03-29T01:59:59+01:00"),
        ("2026-03-29T01:00:00+00:00", "2026-03-29T03:00:00+02:00"),
        ("2026-10-25T00:59:59+00:00", "2026-10-25T02:59:59+02:00"),
        ("2026-10-25T01:00:00+00:00", "2026-10-25T02:00:00+01:00"),
    ],
)
def test_the_hour_in_which_clocks_change_is_told_by_its_offset(at: str, shown: str) -> None:
    assert moment_text(datetime.fromisoformat(at), "Europe/Berlin") == shown


@pytest.mark.parametrize("places", [2, 3, 5])
def test_an_amount_is_spelled_as_arithmetic_rounds_it(places: int) -> None:
    random, spelled = Random(places), AmountSpelling(places)
    step = Decimal(1).scaleb(-places)
    amounts = [Decimal(text) for text in ("0", "-0.00", "-0.000001", "1E+3", "0E-9", "7E-1")]
    for _ in range(2_000):
        digits = random.randrange(-(10**8), 10**8)
        amounts.append(Decimal(digits).scaleb(-random.randrange(9)))
    for amount in amounts:
        rounded = amount.quantize(step, ROUND_HALF_UP)
        wanted = f"{rounded if rounded else abs(rounded):f}".replace(".", ",")
        assert spelled[str(amount)] == wanted, amount


def test_only_values_that_ask_for_quotes_get_them() -> None:
    assert record(["", "a;b", "c", ' "d"', ""]) == ';"a;b";c;" ""d""";'
