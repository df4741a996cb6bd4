"""The three spellings of a moment in a log message."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from fiscus.signers.tse.log import asn1, logtime
from fiscus.signers.tse.log.logtime import LogTime, TimeFormat

AT = datetime(2026, 5, 4, 10, 0, 7, tzinfo=UTC)
SPELLED = {
    TimeFormat.UNIX: "1777888807",
    TimeFormat.UTC: "260504100007Z",
    TimeFormat.GENERALIZED: "20260504100007Z",
}


@pytest.mark.parametrize("form", TimeFormat)
def test_a_moment_is_spelled_in_its_format_and_comes_back(form: TimeFormat) -> None:
    time = logtime.log_time(AT, form)

    assert time == LogTime(form, SPELLED[form])
    assert time.at() == AT
    assert logtime.decode(time.octets(), form) == time
    assert logtime.format_of(asn1.read(time.element()).tag) is form


@pytest.mark.parametrize("form", TimeFormat)
def test_another_zone_and_a_fraction_of_a_second_change_nothing(form: TimeFormat) -> None:
    berlin = timezone(timedelta(hours=2))
    later = AT.astimezone(berlin) + timedelta(microseconds=999_999)

    assert logtime.log_time(later, form) == logtime.log_time(AT, form)


@pytest.mark.parametrize(
    ("form", "text", "at"),
    [
        (TimeFormat.UTC, "2605041000Z", AT.replace(second=0)),
        (TimeFormat.GENERALIZED, "20260504100007.25Z", AT.replace(microsecond=250_000)),
    ],
)
def test_devices_may_leave_seconds_out_or_add_a_fraction(
    form: TimeFormat, text: str, at: datetime
) -> None:
    assert logtime.decode(text.encode(), form).at() == at


@pytest.mark.parametrize(
    ("form", "octets"),
    [
        (TimeFormat.UTC, b"260504100007"),
        (TimeFormat.UTC, b"261304100007Z"),
        (TimeFormat.GENERALIZED, b"20260504100007"),
        (TimeFormat.GENERALIZED, b"202605041000Z"),
        (TimeFormat.GENERALIZED, b"2026050410000Z"),
        (TimeFormat.GENERALIZED, b"20260504 10007Z"),
        (TimeFormat.GENERALIZED, b"20260504100007.1234567Z"),
        (TimeFormat.UTC, b"26050410000Z"),
        (TimeFormat.UTC, b"26050410Z"),
        (TimeFormat.GENERALIZED, b"\xff"),
        (TimeFormat.UNIX, b""),
        (TimeFormat.UNIX, b"\x7f" * 12),
    ],
)
def test_what_is_no_time_is_refused(form: TimeFormat, octets: bytes) -> None:
    with pytest.raises(asn1.Asn1Error):
        logtime.decode(octets, form)


def test_an_element_that_is_no_time_is_refused() -> None:
    with pytest.raises(asn1.Asn1Error, match="tag 04"):
        logtime.format_of(asn1.OCTETS)
