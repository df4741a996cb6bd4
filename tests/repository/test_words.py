"""One word per thing: a class name leads to one class, and each class says what it means."""

import ast
import re
from collections import defaultdict
from pathlib import Path

from docs import generate

ROOT = Path(__file__).parents[2]

SHARED_MAX = 40
"""So many names may two classes share; each is in `docs/words.md` with its reason."""

PARTICIPLE = re.compile(r"_?[A-Z][a-z]+(ed|ght|own|ken|ept|old)")
"""One word that says what was done, but not to what."""

PARTICIPLES_OF_THE_FIELD = {"Accepted", "Rejected", "Refused"}
"""What an authority answers, and the error that says the same to a caller."""


def places() -> dict[str, list[str]]:
    """The modules that define a class of each name, wire shapes too."""
    found = defaultdict(list)
    for path in generate.sources_with("class "):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                found[node.name].append(path.relative_to(ROOT / "fiscus").as_posix())
    return found


def shared_names() -> dict[str, str]:
    page = (ROOT / "docs" / "words.md").read_text(encoding="utf-8")
    part = page.partition("## Names that two classes share")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", part, re.MULTILINE))


def test_a_class_name_is_unique_or_listed_with_its_reason() -> None:
    twice = {name: where for name, where in places().items() if len(where) > 1}

    assert {name: where for name, where in twice.items() if name not in shared_names()} == {}
    assert sorted(set(shared_names()) - set(twice)) == [], "listed, but no longer shared"
    assert len(twice) <= SHARED_MAX


def test_each_class_says_what_it_means() -> None:
    assert [f"{one.path}: {one.name}" for one in generate.classes() if not one.means] == []


def test_no_class_is_a_bare_participle() -> None:
    names = {one.name for one in generate.classes()}

    found = {name for name in names if PARTICIPLE.fullmatch(name)}

    assert found <= PARTICIPLES_OF_THE_FIELD
