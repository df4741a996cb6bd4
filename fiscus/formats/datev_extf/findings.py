"""What the checker of EXTF files can find: its codes, and the places gathered under each."""

from fiscus.model.faults import Code, Fault
from fiscus.model.found import FoundPlaces

NOT_ENCODED = Code("EXTF-FILE-01", "the file is not Windows-1252 without a mark at its beginning")
LINE_END = Code("EXTF-FILE-02", "a row does not end with carriage return and line feed")
NOT_EXTF = Code(
    "EXTF-FILE-03", "the file is not an EXTF file of version 700 with its first two rows"
)
OTHER_KIND = Code(
    "EXTF-FILE-04", "not checked: only bookings and names of accounts are looked at row by row"
)
TOO_LONG = Code("EXTF-FILE-05", "a file holds at most 99,999 bookings; it was not read any further")
ENDLESS = Code("EXTF-FILE-07", "a row is longer than 64 KB; the file was not read any further")
FILE_NAME = Code("EXTF-FILE-06", "DATEV finds the file only when its name is EXTF_….csv")

HEADER_VALUE = Code("EXTF-HEADER-01", "a field of the first row breaks its type, length or pattern")
HEADER_COUNT = Code("EXTF-HEADER-02", "the first row does not have 31 fields")
HEADER_DAYS = Code(
    "EXTF-HEADER-03", "the days from and to are no days of one fiscal year, the first one first"
)
NAMES_ROW = Code("EXTF-NAMES-01", "the second row does not name the columns of this version")

CELL_COUNT = Code("EXTF-ROW-01", "a row does not have as many cells as its version has columns")
CELL_QUOTES = Code(
    "EXTF-CELL-01", "text stands in quotes, inner quotes double; anything else stands without"
)
CELL_VALUE = Code("EXTF-CELL-02", "a value breaks its type, length or pattern")
CELL_MISSING = Code("EXTF-CELL-03", "a compulsory value is missing")
CONTROL = Code("EXTF-CELL-04", "a text has a control character in it")

OUTSIDE = Code("EXTF-DATE-01", "a booking is outside the days that the first row names")
ACCOUNT_LENGTH = Code(
    "EXTF-ACCOUNT-01", "an account is longer than a customer's account may be by the first row"
)
CURRENCY = Code(
    "EXTF-CURRENCY-01", "another currency needs its rate, the base amount and the base currency"
)
PAIR = Code("EXTF-PAIR-01", "of a pair only the kind or only the content is there")
PERIOD = Code("EXTF-DATE-02", "a day of delivery needs the day that the tax period goes by")
LOCK = Code("EXTF-LOCK-01", "a booking is locked in another way than the first row says")
LOCK_EMPTY = Code("EXTF-LOCK-02", "a booking does not say whether it is locked, which means locked")
REPEATED = Code("EXTF-GUID-01", "two bookings have the same Buchungs GUID")

NOTES = frozenset({OTHER_KIND})
WARNINGS = frozenset({FILE_NAME, LOCK_EMPTY})


class ExtfFindings:
    """The broken rules found so far, each with its places in the order of the file."""

    def __init__(self) -> None:
        self._found = FoundPlaces()

    def add(self, code: Code, path: str) -> None:
        self._found.add(code, path)

    def faults(self) -> tuple[Fault, ...]:
        return self._found.faults(notes=NOTES, warnings=WARNINGS)
