"""The time in a log message: one of three formats, chosen once for a device's whole life."""

import re
from datetime import UTC, datetime
from enum import StrEnum

import msgspec

from fiscus.signers.tse.log import asn1


class TimeFormat(StrEnum):
    """As DSFinV-K and the QR code name them."""

    UNIX = "unixTime"
    UTC = "utcTime"
    GENERALIZED = "generalizedTime"


PREFIXES = {TimeFormat.UNIX: "Unixt", TimeFormat.UTC: "Utc", TimeFormat.GENERALIZED: "Gent"}
"""How the name of a log file begins."""

TAGS = {
    TimeFormat.UNIX: asn1.INTEGER,
    TimeFormat.UTC: asn1.UTC_TIME,
    TimeFormat.GENERALIZED: asn1.GENERALIZED_TIME,
}
_FORMATS = {tag: kind for kind, tag in TAGS.items()}

_SPELLINGS = {
    TimeFormat.UNIX: re.compile(r"-?[0-9]+"),
    TimeFormat.UTC: re.compile(r"[0-9]{10}([0-9]{2})?Z"),
    TimeFormat.GENERALIZED: re.compile(r"[0-9]{14}(\.[0-9]{1,6})?Z"),
}
"""Each part has all its digits: `strptime` alone takes a month or a minute of one digit too."""


class LogTime(msgspec.Struct, frozen=True):
    """A moment as the message spells it: decimal seconds, or the time's characters."""

    format: TimeFormat
    text: str

    def at(self) -> datetime:
        if self.format is TimeFormat.UNIX:
            return datetime.fromtimestamp(int(self.text), UTC)
        if self.format is TimeFormat.UTC:
            form = "%y%m%d%H%M%SZ" if len(self.text) == 13 else "%y%m%d%H%MZ"
        else:
            form = "%Y%m%d%H%M%S.%fZ" if "." in self.text else "%Y%m%d%H%M%SZ"
        return datetime.strptime(self.text, form).replace(tzinfo=UTC)

    def octets(self) -> bytes:
        if self.format is TimeFormat.UNIX:
            return asn1.integer_octets(int(self.text))
        return self.text.encode("ascii")

    def element(self) -> bytes:
        return asn1.write(TAGS[self.format], self.octets())


def log_time(at: datetime, form: TimeFormat) -> LogTime:
    """An instant in a device's format, in whole seconds."""
    at = at.astimezone(UTC)
    if form is TimeFormat.UNIX:
        return LogTime(form, str(int(at.timestamp())))
    spelled = "%y%m%d%H%M%SZ" if form is TimeFormat.UTC else "%Y%m%d%H%M%SZ"
    return LogTime(form, at.strftime(spelled))


def decode(octets: bytes, form: TimeFormat) -> LogTime:
    """Raises `Asn1Error` for what is no time of that format."""
    text = str(asn1.integer(octets)) if form is TimeFormat.UNIX else asn1.text(octets)
    time = LogTime(form, text)
    if not _SPELLINGS[form].fullmatch(text):
        raise asn1.Asn1Error(f"no time: {text}")
    try:
        time.at()
    except (ValueError, OverflowError, OSError):
        raise asn1.Asn1Error(f"no time: {text}") from None
    return time


def format_of(tag: int) -> TimeFormat:
    """Raises `Asn1Error` if elements of this tag are no times."""
    try:
        return _FORMATS[tag]
    except KeyError:
        raise asn1.Asn1Error(f"tag {tag:02x} where a time belongs") from None
