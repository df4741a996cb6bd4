"""Which numbered series a draft draws from, and what its name may look like."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from fiscus.model.documents import Draft
from fiscus.model.places import Place
from fiscus.model.records import SeriesPurpose, SeriesWanted
from fiscus.model.times import day
from fiscus.regimes import SeriesTurn
from fiscus.regimes.pt import workdays
from fiscus.regimes.pt.documents import DOCUMENT_TYPES, DocumentType, document_type
from fiscus.regimes.pt.rates import TIMEZONE

CHANNEL = "at_portugal"
TRAINING_END = ".F"
NAME_LENGTH_MAX = 35
OTHERS_MAX = 999
NUMBER_LENGTH_MAX = 60
"""Of the number of a document, as the SAF-T takes it."""

DELAY_WORKING_DAYS = 5
"""So long a document may wait after the supply: CIVA, art. 36 (1) a."""

_NAME = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*")
_DEFAULT = re.compile(
    r"(?P<type>[A-Z]{2})(?P<year>20[0-9]{2})(?P<register>[0-9A-F]{12})(-[0-9]{1,3})?"
    r"(?P<end>(\.F)?)"
)
_NUMBER = re.compile(r"(?P<type>[^ /^]+) (?P<name>[^ /^]+)/(?P<number>[0-9]{1,18})")
_SIGNATURE = re.compile(r"[A-Za-z0-9+/]{171}=")


def series(draft: Draft, place: Place) -> SeriesWanted | None:
    """One series per document type and name; training documents have their own.

    A slash would end the series inside a document number, so it becomes a hyphen.
    """
    kind = document_type(draft)
    if kind is None:
        return None
    said = draft.series.replace("/", "-")
    purpose = SeriesPurpose.TRAINING if draft.is_training else SeriesPurpose.NORMAL
    return _wanted(kind, said or _default_name(kind, draft, place), purpose, is_default=not said)


def named(document_type: str, name: str) -> SeriesWanted | None:
    """The series of that name, training if its name ends as theirs do."""
    kind = DOCUMENT_TYPES.get(document_type)
    if kind is None or not has_good_name(name):
        return None
    if is_of_training(name):
        return _wanted(kind, name[: -len(TRAINING_END)], SeriesPurpose.TRAINING)
    return _wanted(kind, name, SeriesPurpose.NORMAL)


def read(number: str) -> tuple[SeriesWanted, int] | None:
    """The series that a number of a document tells, and which of it: `FT A/12`."""
    found = _NUMBER.fullmatch(number)
    wanted = named(found["type"], found["name"]) if found else None
    return (wanted, int(found["number"])) if found and wanted else None


def is_number(text: str) -> bool:
    """Whether it may be the number of a document of any certified program: internal code, series,
    sequence."""
    return len(text) <= NUMBER_LENGTH_MAX and _NUMBER.fullmatch(text) is not None


def others(wanted: SeriesWanted) -> Iterator[SeriesWanted]:
    """`TILL-1` may become `TILL-1-2`, `TILL-1-3` …; a long name is cut to make room."""
    kind = DOCUMENT_TYPES[wanted.document_type]
    length = NAME_LENGTH_MAX - len(TRAINING_END) * wanted.is_training
    for number in range(2, OTHERS_MAX + 1):
        end = f"-{number}"
        stem = wanted.said[: length - len(end)].rstrip("._-")
        yield _wanted(kind, stem + end, wanted.purpose, is_default=wanted.is_default)


def following(document_type: str, name: str) -> SeriesTurn | None:
    """The series of next year, for a name that we gave and that says its year. What a till names
    is the till's own affair."""
    found = _DEFAULT.fullmatch(name)
    if found is None or found["type"] != document_type:
        return None
    year = int(found["year"])
    following = named(document_type, f"{document_type}{year + 1}{found['register']}{found['end']}")
    assert following is not None, "as lawful as the name of this year"
    last_day = workdays.days_later(date(year, 12, 31), DELAY_WORKING_DAYS)
    return SeriesTurn(wanted=following, starts_on=date(year + 1, 1, 1), last_day=last_day)


def may_cancel(registered_on: date, today: date) -> bool:
    """On the day of the registration and on the next one."""
    return today <= registered_on + timedelta(days=1)


def _wanted(
    kind: DocumentType, said: str, purpose: SeriesPurpose, *, is_default: bool = False
) -> SeriesWanted:
    return SeriesWanted(
        document_type=kind.code,
        name=said + TRAINING_END if purpose is SeriesPurpose.TRAINING else said,
        purpose=purpose,
        channel=CHANNEL,
        facts={"class": kind.section, "type": kind.code, "processing": "PI"},
        said=said,
        is_default=is_default,
    )


def has_good_name(name: str) -> bool:
    """Whether the authority takes the name: letters, digits, single separators between them."""
    return len(name) <= NAME_LENGTH_MAX and _NAME.fullmatch(name) is not None


def is_of_training(name: str) -> bool:
    return name.upper().endswith(TRAINING_END)


def told_of_program(settings: Mapping[str, str]) -> Mapping[str, str]:
    """The certificate that a series is registered with."""
    return {"certificate": settings["certificate_number"]}


def is_signature(text: str) -> bool:
    """RSA with 1024 bits in base64, as the SAF-T keeps it."""
    return _SIGNATURE.fullmatch(text) is not None


def short_id(place: Place) -> str:
    """The end of the register's id: its beginning is a time and much alike between registers."""
    return place.register.id[-6:].upper()


def _default_name(kind: DocumentType, draft: Draft, place: Place) -> str:
    """All that is random in the register's id: two registers must never meet in one series."""
    year = day(draft.issued_at, TIMEZONE).year if draft.issued_at else ""
    return f"{kind.code}{year}{place.register.id[-12:].upper()}"
