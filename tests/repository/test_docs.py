"""Docs are tested: what the code knows has its page, and what a page names exists."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs import generate

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

SKIPPED = re.compile(
    r"\.git|\.venv.*|__pycache__|demo-output|\.data|build|dist|site|.*_cache|.*egg-info"
)
TEXTS = {".py", ".md", ".toml", ".yaml", ".yml", ".json", ".txt", ".sh", ".cfg", ".mako", ".lock"}
NAMED = {"Makefile", "Dockerfile", "run", "with-postgres", "other-pythons", "api-tools"}

# Spelled in two halves, so that this file does not offend.
FORBIDDEN = [
    "/wo" + "rk/",
    "/ro" + "ot/",
    "py" + "pi.org",
    "python" + "hosted",
    "session" + " time",
]

# Variables of the tests and of the checks, not of the product.
NOT_SETTINGS = re.compile(r"FISCUS_(TEST_\w+|SHARED_DATA|CI_\w+)")


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def texts() -> Iterator[Path]:
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(name for name in folders if not SKIPPED.fullmatch(name))
        for path in (Path(folder, name) for name in sorted(names)):
            if path.suffix in TEXTS or path.name in NAMED:
                yield path


def settings_known() -> set[str]:
    return set(re.findall(r"^\| `(FISCUS_\w+)`", page("settings.md"), re.MULTILINE))


def test_the_generated_pages_are_fresh() -> None:
    stale = [
        str(path.relative_to(ROOT))
        for path, text in generate.pages().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]

    assert not stale, f"run `make docs`: {stale}"


def test_every_code_has_its_section() -> None:
    sections = set(re.findall(r"^## (\S+)$", page("errors.md"), re.MULTILINE))

    assert {code.id for code in generate.codes()} - sections == set()


def test_every_table_of_states_is_drawn() -> None:
    drawn = set(re.findall(r"^## `(\S+)`$", page("states.md"), re.MULTILINE))

    assert set(generate.state_tables()) == drawn


def test_every_state_stands_in_its_table() -> None:
    for name, moves in generate.state_tables().items():
        targets = frozenset().union(*moves.values())
        assert targets <= set(moves), name


def test_every_setting_is_explained() -> None:
    found = generate.settings()
    assert found is not None
    prefix = found.model_config["env_prefix"]

    names = {(prefix + name).upper() for name in found.model_fields}

    assert names <= settings_known()
    assert [name for name, field in found.model_fields.items() if not field.description] == []


def test_every_regime_has_its_page() -> None:
    pages = {path.stem for path in (DOCS / "regimes").glob("*.md")}

    assert set(generate.plugins("regimes")) == pages


@pytest.mark.parametrize("point", ["channels", "formats", "regimes"])
def test_every_plug_in_folder_describes_itself(point: str) -> None:
    folders = [
        path.parent
        for path in (ROOT / "fiscus" / point).glob("*/__init__.py")
        if path.parent.name != "plain"
    ]

    wordless = [
        folder.name
        for folder in folders
        if not any((folder / name).exists() for name in ("README.md", "SPEC.md", "LAW.md"))
    ]

    assert wordless == []


def test_no_page_names_a_setting_that_does_not_exist() -> None:
    known = settings_known()
    unknown = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in texts()
        if path.suffix in {".md", ".yaml"} or path.name in NAMED
        for name in re.findall(r"\bFISCUS_[A-Z_]+[A-Z]\b", path.read_text(encoding="utf-8"))
        if name not in known and not NOT_SETTINGS.fullmatch(name)
    }

    assert unknown == set()


def test_links_between_pages_lead_somewhere() -> None:
    broken = []
    for path in texts():
        if path.suffix != ".md":
            continue
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8")):
            if "://" not in target and not (path.parent / target).exists():
                broken.append(f"{path.relative_to(ROOT)} -> {target}")

    assert broken == []


def test_nothing_of_the_workplace_is_in_the_repository() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in texts()
        for word in FORBIDDEN
        if word in path.read_text(encoding="utf-8")
    ]

    assert found == []


def test_decisions_are_short_and_say_what_was_decided() -> None:
    decisions = sorted((DOCS / "decisions").glob("*.md"))

    assert decisions
    for path in decisions:
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") < 60, path.name
        assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", path.name)
        for heading in ("## Context", "## Decision", "## Consequences", "## Alternatives"):
            assert heading in text, f"{path.name}: {heading}"
