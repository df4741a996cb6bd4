"""What DATEV's format knows: the columns of a booking, and the fields of the first row.

Facts of the format description EXTF 700, Buchungsstapel version 13.
"""

import re
from enum import StrEnum

import msgspec


class ColumnKind(StrEnum):
    """Only text stands in quotes, also where it is empty."""

    TEXT = "text"
    AMOUNT = "amount"
    NUMBER = "number"
    ACCOUNT = "account"
    DATE = "date"


class DatevColumn(msgspec.Struct, frozen=True):
    """A column of a booking: its name in the second row, how long a value may be, the pattern of a
    value that is not empty (without the quotes of a text), and the version that brought it."""

    name: str
    kind: ColumnKind
    length: int
    decimals: int = 0
    pattern: str = ""
    is_required: bool = False
    since: int = 9

    @property
    def empty(self) -> str:
        return '""' if self.kind is ColumnKind.TEXT else ""

    @property
    def value(self) -> str:
        """The pattern of the whole cell, quotes included, for a value that is there."""
        if self.kind is ColumnKind.TEXT:
            return f'"{self.pattern or f".{{0,{self.length}}}"}"'
        return self.pattern


AMOUNT = r"(?!0{1,10},00)\d{1,10},\d{2}"
ACCOUNT = r"(?!0{1,9}$)\d{1,9}"
DAY = r"(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])20\d{2}"
REFERENCE = r"(?a:[\w$&%*+\-/])"
"""Without umlauts, which `\\w` would take."""


def _text(name: str, length: int, pattern: str = "", since: int = 9) -> DatevColumn:
    return DatevColumn(name, ColumnKind.TEXT, length, pattern=pattern, since=since)


def _number(name: str, length: int, pattern: str, decimals: int = 0, since: int = 9) -> DatevColumn:
    return DatevColumn(name, ColumnKind.NUMBER, length, decimals, pattern, since=since)


def _amount(name: str, pattern: str = AMOUNT, length: int = 10) -> DatevColumn:
    return DatevColumn(name, ColumnKind.AMOUNT, length, 2, pattern)


def _day(name: str) -> DatevColumn:
    return DatevColumn(name, ColumnKind.DATE, 8, pattern=DAY)


def _account(name: str, length: int, pattern: str, since: int = 9) -> DatevColumn:
    return DatevColumn(name, ColumnKind.ACCOUNT, length, pattern=pattern, since=since)


def _needed(column: DatevColumn) -> DatevColumn:
    return msgspec.structs.replace(column, is_required=True)


def _pairs(kind: str, content: str, count: int) -> tuple[DatevColumn, ...]:
    return tuple(
        column
        for number in range(1, count + 1)
        for column in (_text(f"{kind} {number}", 20), _text(f"{content} {number}", 210))
    )


COLUMNS: tuple[DatevColumn, ...] = (
    _needed(_amount("Umsatz (ohne Soll/Haben-Kz)")),
    _needed(_text("Soll/Haben-Kennzeichen", 1, "(S|H)")),
    _text("WKZ Umsatz", 3, "[A-Z]{3}"),
    _number("Kurs", 5, r"[1-9]\d{0,3},\d{2,6}", decimals=6),
    _amount("Basis-Umsatz"),
    _text("WKZ Basis-Umsatz", 3, "[A-Z]{3}"),
    _needed(_account("Konto", 9, ACCOUNT)),
    _needed(_account("Gegenkonto (ohne BU-Schlüssel)", 9, ACCOUNT)),
    _text("BU-Schlüssel", 4, r"\d{1,4}"),
    _needed(DatevColumn("Belegdatum", ColumnKind.DATE, 4, pattern=r"\d{4}")),
    _text("Belegfeld 1", 36, f"{REFERENCE}{{0,36}}"),
    _text("Belegfeld 2", 12, f"{REFERENCE}{{0,12}}"),
    _amount("Skonto", r"[1-9]\d{0,7},\d{2}", length=8),
    _text("Buchungstext", 60),
    _number("Postensperre", 1, "[01]"),
    _text("Diverse Adressnummer", 9, r"\w{0,9}"),
    _number("Geschäftspartnerbank", 3, r"\d{3}"),
    _number("Sachverhalt", 2, r"\d{2}"),
    _number("Zinssperre", 1, "[01]"),
    _text("Beleglink", 210),
    *_pairs("Beleginfo - Art", "Beleginfo - Inhalt", 8),
    _text("KOST1 - Kostenstelle", 36, r"[\w ]{0,36}"),
    _text("KOST2 - Kostenstelle", 36, r"[\w ]{0,36}"),
    _number("Kost-Menge", 12, r"\d{1,12},\d{4}", decimals=4),
    _text("EU-Land u. UStID (Bestimmung)", 15),
    _number("EU-Steuersatz (Bestimmung)", 2, r"\d{2},\d{2}", decimals=2),
    _text("Abw. Versteuerungsart", 1, "[IKPS]"),
    _number("Sachverhalt L+L", 3, r"\d{1,3}"),
    _number("Funktionsergänzung L+L", 3, r"\d{0,3}"),
    _number("BU 49 Hauptfunktionstyp", 1, r"\d"),
    _number("BU 49 Hauptfunktionsnummer", 2, r"\d{0,2}"),
    _number("BU 49 Funktionsergänzung", 3, r"\d{0,3}"),
    *_pairs("Zusatzinformation - Art", "Zusatzinformation- Inhalt", 20),
    _number("Stück", 8, r"\d{0,8}"),
    _number("Gewicht", 8, r"\d{1,8},\d{2}", decimals=2),
    _number("Zahlweise", 2, r"\d{0,2}"),
    _text("Forderungsart", 10, r"\w{0,10}"),
    _number("Veranlagungsjahr", 4, r"20\d{2}"),
    _day("Zugeordnete Fälligkeit"),
    _number("Skontotyp", 1, r"\d"),
    _text("Auftragsnummer", 30),
    _text("Buchungstyp", 2, "[A-Z]{2}"),
    _number("USt-Schlüssel (Anzahlungen)", 2, r"\d{0,2}"),
    _text("EU-Land (Anzahlungen)", 2, "[A-Z]{2}"),
    _number("Sachverhalt L+L (Anzahlungen)", 3, r"\d{0,3}"),
    _number("EU-Steuersatz (Anzahlungen)", 2, r"\d{1,2},\d{2}", decimals=2),
    _account("Erlöskonto (Anzahlungen)", 9, r"\d{4,8}"),
    _text("Herkunft-Kz", 2, "[A-Z]{2}"),
    _text("Buchungs GUID", 36),
    _day("KOST-Datum"),
    _text("SEPA-Mandatsreferenz", 35),
    _number("Skontosperre", 1, "[01]"),
    _text("Gesellschaftername", 76),
    _number("Beteiligtennummer", 4, r"\d{4}"),
    _text("Identifikationsnummer", 11),
    _text("Zeichnernummer", 20),
    _day("Postensperre bis"),
    _text("Bezeichnung SoBil-Sachverhalt", 30),
    _number("Kennzeichen SoBil-Buchung", 2, r"\d{1,2}"),
    _number("Festschreibung", 1, "[01]"),
    _day("Leistungsdatum"),
    _day("Datum Zuord. Steuerperiode"),
    _day("Fälligkeit"),
    _text("Generalumkehr (GU)", 1, "[01]"),
    _number("Steuersatz", 2, r"\d{1,2},\d{2}", decimals=2),
    _text("Land", 2, "[A-Z]{2}"),
    _text("Abrechnungsreferenz", 50, since=10),
    _number("BVV-Position", 1, "[1-5]", since=11),
    _text("EU-Land u. UStID (Ursprung)", 15, since=12),
    _number("EU-Steuersatz (Ursprung)", 2, r"\d{2},\d{2}", decimals=2, since=12),
    _account("Abw. Skontokonto", 8, r"\d{1,9}", since=13),
)
"""In the order of the row; the first has number 1."""


class DatevField(msgspec.Struct, frozen=True):
    """A field of the first row: `pattern` is that of the whole cell, quotes included."""

    name: str
    pattern: str


HEADER: tuple[DatevField, ...] = (
    DatevField("Kennzeichen", '"(EXTF|DTVF)"'),
    DatevField("Versionsnummer", "700"),
    DatevField("Formatkategorie", "(16|20|21|46|48|65)"),
    DatevField("Formatname", '"[^"]+"'),
    DatevField("Formatversion", r"\d{1,2}"),
    DatevField(
        "Erzeugt am",
        r"20\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])([01]\d|2[0-3])[0-5]\d[0-5]\d\d{3}",
    ),
    DatevField("Importiert", ""),
    DatevField("Herkunft", r'"\w{0,2}"'),
    DatevField("Exportiert von", r'"\w{0,25}"'),
    DatevField("Importiert von", r'"\w{0,25}"'),
    DatevField("Beraternummer", r"\d{4,7}"),
    DatevField("Mandantennummer", r"\d{1,5}"),
    DatevField("WJ-Beginn", r"20\d{6}"),
    DatevField("Sachkontenlänge", "[4-8]"),
    DatevField("Datum von", r"20\d{6}"),
    DatevField("Datum bis", r"20\d{6}"),
    DatevField("Bezeichnung", r'"[\w.\-/ ]{0,30}"'),
    DatevField("Diktatkürzel", '"([A-Z]{2}){0,2}"'),
    DatevField("Buchungstyp", "[12]"),
    DatevField("Rechnungslegungszweck", "(0|30|40|50|64)"),
    DatevField("Festschreibung", "[01]"),
    DatevField("WKZ", '"[A-Z]{3}"'),
    DatevField("Reserviert", ""),
    DatevField("Derivatskennzeichen", '""'),
    DatevField("Reserviert", ""),
    DatevField("Reserviert", ""),
    DatevField("Sachkontenrahmen", r'"(\d{2}){0,2}"'),
    DatevField("ID der Branchenlösung", r"\d{0,4}"),
    DatevField("Reserviert", ""),
    DatevField("Reserviert", '""'),
    DatevField("Anwendungsinformation", '".{0,16}"'),
)

BOOKINGS_MAX = 99_999
"""Of one file."""

NAMES = ";".join(column.name for column in COLUMNS)


def row(cells: dict[int, str]) -> list[str]:
    """The cells of a booking whose other columns are empty; columns are numbered from 1."""
    return [cells.get(number, column.empty) for number, column in enumerate(COLUMNS, start=1)]


def columns_of(version: int) -> tuple[DatevColumn, ...]:
    """Those that a file of this version has."""
    return tuple(column for column in COLUMNS if column.since <= version)


def whole_row(columns: tuple[DatevColumn, ...]) -> re.Pattern[str]:
    """Matches a row in which every cell is right by itself; its groups are the cells. A
    text with a quote in it does not match: it must be looked at cell by cell."""
    return re.compile(";".join(_cell(column) for column in columns))


def _cell(column: DatevColumn) -> str:
    value = column.value
    if column.kind is ColumnKind.TEXT and not column.pattern:
        value = f'"[^"\\x00-\\x1f\\x7f]{{0,{column.length}}}"'
    value = re.sub(
        r"\((?!\?)", "(?:", value.replace("$)", "(?:;|$))")
    )  # "the whole cell", inside of a row
    found = value if column.is_required else f"{column.empty}(?=;|$)|{value}"
    return f"((?>{found}))"  # never tried in two ways: a wrong row would take for ever
