"""Languages of the pages: catalogues of texts, and which one a visitor reads."""

import gettext
import io
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

from babel.core import Locale, UnknownLocaleError, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

FOLDER = Path(__file__).parent / "locales"
ENGLISH = "en"
LANGUAGES = (ENGLISH, *sorted(folder.name for folder in FOLDER.iterdir() if folder.is_dir()))
"""What the texts are written in, and the folders of catalogues."""

FRAME = "frame.po"
"""The catalogue of what all pages share."""

_EUROPE = "150"
"""The region of English: days before months, and Europe's signs."""


Counted = tuple[str, str]
"""A sentence about one thing, and about more; it holds {count}."""


def N_(text: str) -> str:
    """Marks an English text that is translated where it is shown."""
    return text


def NN_(one: str, other: str) -> Counted:
    """Marks a text that differs with a number."""
    return one, other


@cache
def locale(language: str) -> Locale:
    """How a language writes numbers and dates: as its first catalogue says in its header."""
    if language == ENGLISH:
        return Locale.parse(f"{ENGLISH}_{_EUROPE}")
    with (FOLDER / language / FRAME).open("rb") as text:
        found = read_po(text).locale
    assert found is not None, "a catalogue names its language"
    return found


@cache
def translations(language: str) -> gettext.NullTranslations:
    """All catalogues of a language as one."""
    found: Translations | None = None
    for file in sorted((FOLDER / language).glob("*.po")) if language != ENGLISH else ():
        read = _compiled(file)
        found = read if found is None else found.merge(read)
    return found or gettext.NullTranslations()


def _compiled(file: Path) -> Translations:
    with file.open("rb") as text:
        catalogue = read_po(text, abort_invalid=True)
    binary = io.BytesIO()
    write_mo(binary, catalogue)
    binary.seek(0)
    return Translations(binary)


def of_country(country: str) -> str:
    """The language (ISO 639-1) in which the law of a country (ISO 3166-1 alpha-2) is probably
    written, for who hears its sentences; empty if it is not known."""
    try:
        return Locale.parse(f"und_{country}").language
    except (UnknownLocaleError, ValueError):
        return ""


def chosen(said: str, accepted: str) -> str:
    """The language of a visitor who has chosen one (`said`), else the first that the browser
    accepts (`Accept-Language`), else English."""
    if said in LANGUAGES:
        return said
    return negotiate_locale(list(_preferred(accepted)), LANGUAGES, sep="-") or ENGLISH


def _preferred(accepted: str) -> Iterable[str]:
    weighed = []
    for one in accepted[:500].split(","):
        name, _, quality = one.strip().partition(";q=")
        try:
            weight = Decimal(quality or 1)
        except InvalidOperation:
            continue
        if name and weight.is_finite() and 0 < weight <= 1:
            weighed.append((weight, name))
    return [name for _, name in sorted(weighed, key=lambda one: -one[0])]
