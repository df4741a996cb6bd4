"""What a page tells a reader to type exists: targets of the Makefile, commands of `fiscus`."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from fiscus.cli import LISTED, cli

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in (ROOT, ROOT / "docs", ROOT / ".github")
    for path in (folder.rglob("*.md") if folder.name == ".github" else folder.glob("*.md"))
)


def typed(page: str) -> Iterator[str]:
    """The code on a page: its blocks line by line without their remarks, and what stands between
    backquotes in a sentence."""
    text = (ROOT / page).read_text("utf-8")
    for block in re.findall(r"^```\w*\n(.*?)^```$", text, re.M | re.S):
        yield from (re.sub(r"(^|\s)#.*", "", line) for line in block.splitlines())
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
    yield from re.findall(r"`([^`\n]+)`", prose)


def targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    return set(re.findall(r"^([a-z-]+):.*## ", makefile, re.M))


def commands() -> dict[str, set[str]]:
    """Each command with its sub-commands."""
    found = {}
    for one in LISTED:
        top = typer.main.get_command(cli([one.name]))
        assert isinstance(top, typer.core.TyperGroup)
        found[one.name] = set(getattr(top.commands[one.name], "commands", ()))
    return found


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_makes_is_a_target(page: str) -> None:
    named = {
        name for code in typed(page) for name in re.findall(r"(?:^|[;&] *)make ([a-z-]+)", code)
    }

    assert named - targets() == set()


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_tells_fiscus_to_do_is_a_command(page: str) -> None:
    known = commands()
    wrong = []
    for code in typed(page):
        for name, more in re.findall(
            r"(?:^|[/;&] *)fiscus ([a-z]+)\b(?! v[0-9])(?: ([a-z]+)\b)?", code
        ):
            if name not in known or (known[name] and more and more not in known[name]):
                wrong.append(f"fiscus {name} {more}".strip())

    assert wrong == []


def test_there_is_something_to_judge() -> None:
    told = [code for page in PAGES for code in typed(page)]

    assert sum("make " in code for code in told) > 20
    assert sum("fiscus " in code for code in told) > 50
