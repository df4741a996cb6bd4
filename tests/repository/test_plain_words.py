"""Words of our own making stay away: what is an application is called so, not a house."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

INSTEAD = {
    "house": "application, installation, service",
    "desk": "services, writer, issuing",
    "door": "endpoint, request pipeline, API family",
    "errand": "device request",
    "workshop": "provisioning",
    "manners": "conventions",
    "road": "path, steps",
}
"""What was said once, and what to say instead (docs/words.md)."""

PRIVATE = re.compile(rf"(?<![-\w])({'|'.join(INSTEAD)})s?(?![-\w])(?! number)")
OF_A_STORY = "opens its doors"
"""A shop may do that."""


def texts() -> list[Path]:
    code = [
        path
        for folder in ("fiscus", "tests", "bench")
        for path in (ROOT / folder).rglob("*.py")
        if path != Path(__file__)
    ]
    pages = [
        *(ROOT / "docs").glob("*.md"),
        *ROOT.glob("*.md"),
        *(ROOT / "changelog.d").glob("*.md"),
    ]
    return [*code, *pages, ROOT / "Makefile", ROOT / "pyproject.toml"]


@pytest.mark.parametrize("text", ["the house has", "two doors", "a desk,"])
def test_a_private_word_is_found(text: str) -> None:
    assert PRIVATE.search(text)


def test_nobody_speaks_in_private_words() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {match[1]}; say {INSTEAD[match[1]]}"
        for path in texts()
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1)
        if (match := PRIVATE.search(line.replace(OF_A_STORY, "")))
    ]

    assert found == []
