"""Dates and times of messages as Python's; the grammar has judged their form before."""

from datetime import date, datetime

_TIME_CHARACTERS = 19


def day(text: str) -> date:
    """The day; one beyond our calendar is the first or the last that there is."""
    plain = text.strip()
    if plain.startswith("-"):
        return date.min
    year, month, number = plain.split("-")[:3]
    return date(int(year), int(month), int(number[:2])) if int(year) <= 9999 else date.max


def moment(text: str) -> datetime:
    """The time without its zone and fraction: documents state that of Lisbon."""
    plain = text.strip()
    if plain.startswith("-"):
        return datetime.min
    if len(plain.split("-")[0]) > 4:
        return datetime.max
    if "T24:" in plain:
        return datetime.fromisoformat(plain[:10] + "T23:59:59")
    return datetime.fromisoformat(plain[:_TIME_CHARACTERS])
