"""The first row of a file: what it is, whose it is, and which days it bears."""

import re
from datetime import date

from fiscus.formats.datev_extf.characters import transliterated
from fiscus.formats.datev_extf.target import DatevTarget
from fiscus.model.booked import BookBatch

ORIGIN = "RE"
MADE_BY = "Fiscus"


def head(batch: BookBatch, found: DatevTarget, year: date, days: tuple[date, date] | None) -> str:
    """31 fields. With days it is a batch of bookings, without them the names of accounts."""
    at = batch.written_at
    made = f"{at:%Y%m%d%H%M%S}{at.microsecond // 1000:03}"
    category = '21;"Buchungsstapel";13' if days else '20;"Kontenbeschriftungen";3'
    first, last = (f"{day:%Y%m%d}" for day in days) if days else ("", "")
    label = f"{found.label} {days[0]:%d.%m.%y}-{days[1]:%d.%m.%y}" if days else "Kontenplan"
    kinds = f"1;0;{found.locked}" if days else ";;"
    job = transliterated(batch.job)[:8]
    return (
        f'"EXTF";700;{category};{made};;"{ORIGIN}";"{MADE_BY}";"";{found.consultant};'
        f'{found.client};{year:%Y%m%d};{found.account_length};{first};{last};"{label}";'
        f'"{found.dictation_code}";{kinds};"{batch.currency}";;"";;;"{_chart(batch, found)}";;;"";'
        f'"job {job}"'
    )


def _chart(batch: BookBatch, found: DatevTarget) -> str:
    """`SKR03` is 03; a chart with another name has no number unless it is set."""
    named = re.fullmatch(r"SKR[- ]?(\d{2})", batch.chart, re.IGNORECASE)
    return found.chart or (named.group(1) if named else "")
