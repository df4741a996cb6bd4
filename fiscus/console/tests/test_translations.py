"""All texts of the pages stand in all languages, and nothing else does: Babel reads them out of the
code, the templates and the catalogues."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from docs import generate
from fiscus.console import languages

CONSOLE = Path(languages.__file__).parent
PRODUCT = CONSOLE.parent

KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "N_": None,
    "NN_": (1, 2),
    "_": None,
    "text": None,
    "gettext": None,
    "ngettext": (1, 2),
    "Code": (2,),
}
"""Who is given texts that are shown. The text of a code is its second word."""

BESIDE = ("registry/console_sessions.py", "registry/receipts.py", "checking")
"""Where codes and sentences live that only pages show."""

TEMPLATES = {"newstyle_gettext": "true", "trimmed": "false", "extensions": "jinja2.ext.i18n"}

OTHERS = [one for one in languages.LANGUAGES if one != languages.ENGLISH]
every_language = pytest.mark.parametrize("language", OTHERS)

SAME: dict[str, set[str]] = {
    "de": {
        "ATCUD",
        "Journal",
        "Log",
        "Name",
        "Online",
        "Portugal",
        "SHA-256",
        "Version %(version)s.",
    },
    "pt": {"ATCUD", "Log", "Portugal", "SHA-256", "Total", "auditor", "log"},
}
"""What is said the same as in English."""

OTHER_WORDS: dict[str, dict[str, str]] = {
    "de": {
        r"Kontrollpunkt": "Prüfpunkt",
        r"(Signier|Sicherheits)einrichtung": "TSE",
        r"Barbewegung": "Geldbewegung",
        r"\bNotiz": "Note",
    },
    "pt": {
        r"(?i)corrigido": "retificado",
        r"(?i)\binspetor": "auditor",
        r"registo \(log\)|registo de eventos": "log",
        r"(?i)\bentradas?\b": "registo",
        r"^Papel$": "Função",
    },
}
"""One word per thing: what must not be said, and the word for it."""

_PLACE = re.compile(r"%\(\w+\)[sd]|%%|{\w+}")


@cache
def texts() -> dict[str, set[str]]:
    """What is shown, and where: by the English text, or by the first of two for numbers."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in sorted(CONSOLE.rglob("*.py")):
        if "tests" not in file.parts:
            _read(found, file, "python")
    for name in BESIDE:
        place = PRODUCT / name
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            if "tests" not in file.parts:
                _read(found, file, "python")
    for file in sorted((CONSOLE / "templates").glob("*.html")):
        _read(found, file, "jinja2.ext:babel_extract")
    return found


def _read(found: dict[str, set[str]], file: Path, method: str) -> None:
    options = TEMPLATES if method != "python" else None
    with file.open("rb") as content:
        for line, said, _, _ in extract(method, content, KEYWORDS, (), options):
            one = said if isinstance(said, str) else said[0]
            if isinstance(one, str) and one.strip():
                found[one].add(f"{file.relative_to(PRODUCT)}:{line}")


@cache
def literals() -> set[str]:
    """Every text in the code of the product, also in what plug-ins say of themselves."""
    found = {code.text for code in generate.codes()}
    for file in PRODUCT.rglob("*.py"):
        if "tests" not in file.parts:
            tree = ast.parse(file.read_text("utf-8"))
            found |= {
                node.value
                for node in ast.walk(tree)
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            }
    return found


@cache
def catalogue(language: str) -> dict[str, list[tuple[str, Message]]]:
    """All translations of a text, with the file of each."""
    found: dict[str, list[tuple[str, Message]]] = defaultdict(list)
    for file in sorted((languages.FOLDER / language).glob("*.po")):
        with file.open("rb") as content:
            for message in read_po(content, locale=language, abort_invalid=True):
                if message.id:
                    found[_singular(message.id)].append((file.name, message))
    return found


def _singular(said: object) -> str:
    return str(said[0] if isinstance(said, tuple | list) else said)


def _said(message: Message) -> Iterator[tuple[str, str]]:
    """English text and translation, for each number that there is."""
    if isinstance(message.id, tuple | list):
        assert isinstance(message.string, tuple | list)
        yield from ((message.id[min(n, 1)], said) for n, said in enumerate(message.string))
    else:
        yield str(message.id), str(message.string)


def test_there_is_something_to_judge() -> None:
    assert len(texts()) > 500
    assert {file.split(":")[0] for places in texts().values() for file in places} >= {
        "console/templates/frame.html",
        "console/pages/documents.py",
        "console/requests.py",
    }


@every_language
def test_no_text_is_missing(language: str) -> None:
    known = catalogue(language)
    missing = [
        f"{sorted(places)[0]}: {one!r}" for one, places in texts().items() if one not in known
    ]

    assert not missing, "\n".join(sorted(missing))


@every_language
def test_every_translation_says_something(language: str) -> None:
    empty = [
        f"{file}: {english!r}"
        for found in catalogue(language).values()
        for file, message in found
        for english, said in _said(message)
        if not said.strip() or message.fuzzy
    ]

    assert not empty, "\n".join(empty)


@every_language
def test_no_translation_is_unused(language: str) -> None:
    unused = [
        f"{found[0][0]}: {one!r}"
        for one, found in catalogue(language).items()
        if one not in texts() and one not in literals()
    ]

    assert not unused, "\n".join(unused)


@every_language
def test_a_text_is_translated_in_one_way(language: str) -> None:
    """Catalogues are read together: of two translations one would never be seen."""
    differing = [
        f"{one!r}: {[(file, message.string) for file, message in found]}"
        for one, found in catalogue(language).items()
        if len({str(message.string) for _, message in found}) > 1
    ]

    assert not differing, "\n".join(differing)


@every_language
def test_a_translation_is_another_text_than_the_english_one(language: str) -> None:
    same = {
        english
        for found in catalogue(language).values()
        for _, message in found
        for english, said in _said(message)
        if english == said and re.search(r"[^\W\d_]{2}", _PLACE.sub("", english))
    }

    assert same == SAME[language]


@every_language
def test_a_thing_has_one_word(language: str) -> None:
    wrong = [
        f"{file}: {said!r}: say {better}"
        for found in catalogue(language).values()
        for file, message in found
        for _, said in _said(message)
        for other, better in OTHER_WORDS[language].items()
        if re.search(other, said)
    ]

    assert not wrong, "\n".join(wrong)


def test_a_text_that_counts_has_a_form_for_one_and_one_for_more() -> None:
    """Sentences of the check are worded by its own rules, and number what is never one."""
    counted = {
        english
        for found in catalogue(OTHERS[0]).values()
        for _, message in found
        if isinstance(message.id, tuple | list)
        for english in message.id
    }
    wrong = [
        f"{sorted(places)[0]}: {one!r}"
        for one, places in texts().items()
        if one not in counted and _COUNTS.search(one) and not _is_of_checks(places)
    ]

    assert not wrong, "\n".join(wrong)


_COUNTS = re.compile(r"(?:%\((?:num|count)\)[sd]|{(?:count|num)}) (?:\w+ )?\w+s\b")


def _is_of_checks(places: set[str]) -> bool:
    return all(re.search(r"/(verify_texts|check\w*|receipt_words)\.", one) for one in places)


@every_language
def test_a_translation_has_the_places_of_the_english_text(language: str) -> None:
    wrong = [
        f"{file}: {english!r} {said!r}"
        for found in catalogue(language).values()
        for file, message in found
        for english, said in _said(message)
        if sorted(set(_PLACE.findall(english))) != sorted(set(_PLACE.findall(said)))
    ]

    assert not wrong, "\n".join(wrong)


@every_language
def test_blanks_and_marks_at_the_ends_are_kept(language: str) -> None:
    """A sentence ends as a sentence; what is put together stays apart."""
    marks = ".:?!…"
    wrong = [
        f"{file}: {english!r} {said!r}"
        for found in catalogue(language).values()
        for file, message in found
        for english, said in _said(message)
        if (" " in english and (english[-1:] in marks) != (said[-1:] in marks))
        or english[:1].isspace() != said[:1].isspace()
        or english[-1:].isspace() != said[-1:].isspace()
    ]

    assert not wrong, "\n".join(wrong)
