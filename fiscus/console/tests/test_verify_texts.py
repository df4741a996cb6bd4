"""What the scripts say has words on the page, in each language."""

import re
from pathlib import Path

import pytest

from fiscus.console import languages
from fiscus.console.rendering import STATIC
from fiscus.console.verify_texts import JUDGED, VERIFY_TEXTS
from fiscus.journal.verify.codes import CODES

SCRIPTS = sorted((STATIC / "verify").glob("*.js"))
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
SAID = re.compile(
    r"\b(?:good|bad|unsupported|miss|check|tell|VerifyError|Unsupported)\(\s*\"([a-z0-9-]+)\""
    r"|\bkey: \"([a-z0-9-]+)\""
)
ZIP = re.compile(r"\bwrong\(\"([a-z]+)\"")
FOUND = re.compile(r"\"((?:VERIFY|QR)-[A-Z]+-[0-9]{2})\"")
LABELS = re.compile(r"^\s+\[?\"?([a-z-]+)\"?[:,] \"[a-zA-Z]", re.MULTILINE)
INSIDE = {"policy"}
"""Keys of faults that are told as part of another."""


def code_of(script: Path) -> str:
    return COMMENT.sub("", script.read_text())


def test_every_key_of_the_scripts_has_words() -> None:
    for script in SCRIPTS:
        said = {one or other for one, other in SAID.findall(code_of(script))} - INSIDE
        if script.name == "zip.js":
            said |= {f"zip-{one}" for one in ZIP.findall(code_of(script))}
        missing = {one for one in said if f"verify.{one}" not in VERIFY_TEXTS}
        assert not missing, script.name


def test_every_finding_of_the_scripts_has_words() -> None:
    found = {code for script in SCRIPTS for code in FOUND.findall(code_of(script))}

    assert {code for code in found if f"finding.{code}" not in VERIFY_TEXTS} == set()
    assert {code for code in found if code.startswith("VERIFY-")} == set(JUDGED)


def test_every_field_of_a_qr_code_has_words() -> None:
    for name in ("qr_pt", "qr_de"):
        tables = code_of(STATIC / "verify" / f"{name}.js").split("export")[0]
        labels = {one for one in LABELS.findall(tables) if one not in ("bytes",)}
        assert len(labels) > 10
        kind = name.replace("_", "-")
        assert {one for one in labels if f"verify.{kind}-{one}" not in VERIFY_TEXTS} == set()


def test_findings_say_what_the_command_says() -> None:
    for code in JUDGED:
        words = CODES[code]
        assert VERIFY_TEXTS[f"finding.{code}"] == words.seen
        assert VERIFY_TEXTS[f"finding.{code}.means"] == words.means
        assert VERIFY_TEXTS[f"finding.{code}.do"] == words.do


VALUE = re.compile(r"\{(\w+)\}")


@pytest.mark.parametrize("language", [one for one in languages.LANGUAGES if one != "en"])
def test_every_text_is_translated_with_its_values(language: str) -> None:
    translations = languages.translations(language)
    for key, text in VERIFY_TEXTS.items():
        said = translations.gettext(text)
        assert {*VALUE.findall(said)} == {*VALUE.findall(text)}, key
        assert said != text or key in SAME, key


SAME = {
    "verify.fact-installation",  # German
    "verify.fact-origin",
}
"""Words that are the same in a language."""
