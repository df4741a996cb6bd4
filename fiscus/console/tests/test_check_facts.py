"""How a check stands, in words."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from fiscus.checking.kept import CheckPhase, CheckState
from fiscus.checking.results import CheckResult, CheckVerdict
from fiscus.console import check_facts, languages
from fiscus.console.check_facts import own_words, phase_words, script_texts


class Reader:
    """Somebody who reads a language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def text(self, message: str, **values: object) -> str:
        said = languages.translations(self.language).gettext(message)
        return said % values if values else said


def reader(language: str = "en") -> Any:
    return Reader(language)


STATE = CheckState(
    id="0" * 32, name="a", size=200, phase=CheckPhase.WAITING, at=datetime(2026, 1, 1, tzinfo=UTC)
)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"place": 3}, "Waiting: number 3 in the queue."),
        ({}, "Waiting: number 1 in the queue."),
        ({"phase": CheckPhase.CHECKING}, "Checking …"),
        ({"phase": CheckPhase.CHECKING, "read": 50}, "Checking: 25 % of the file has been read."),
        ({"phase": CheckPhase.CHECKING, "read": 300}, "Checking: 100 % of the file has been read."),
        (
            {"phase": CheckPhase.DONE, "result": CheckResult(verdict=CheckVerdict.BAD)},
            "Errors were found.",
        ),
    ],
)
def test_one_sentence_says_how_it_stands(said: dict[str, Any], words: str) -> None:
    assert phase_words(reader(), msgspec.structs.replace(STATE, **said)) == words


@pytest.mark.parametrize("language", ["de", "pt"])
def test_every_sentence_is_there_in_every_language(language: str) -> None:
    for text in (*check_facts.VERDICTS.values(), *check_facts.SCRIPT_TEXTS.values()):
        assert reader(language).text(text) != text


def test_the_script_finds_its_texts() -> None:
    texts = script_texts(reader("de"))

    assert texts["severity.error"] == "Fehler"
    assert {"upload.going", "upload.failed", "upload.none", "local.reading"} <= texts.keys()


def test_words_that_are_in_english_alone_are_marked() -> None:
    assert own_words(reader("en"), "never translated") == ""
    assert own_words(reader("de"), "never translated") == ' lang="en"'
    assert own_words(reader("de"), "Errors were found.") == ""
