"""Reads `Dockerfile` and `.dockerignore`: which steps there are, and which files they can see."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[2]
KNOWN = {"FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "EXPOSE", "CMD"}


@dataclass(frozen=True, kw_only=True)
class Instruction:
    """One step: its word, and what stands behind it."""

    word: str
    rest: str


def instructions(text: str) -> list[Instruction]:
    """The steps of a Dockerfile in their order. A word that is not known here is an error."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    found = []
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            assert word in KNOWN, f"the Dockerfile says {word}, which this test cannot carry out"
            found.append(Instruction(word=word, rest=rest.strip()))
    return found


def dockerfile() -> list[Instruction]:
    return instructions((ROOT / "Dockerfile").read_text("utf-8"))


def only(word: str) -> str:
    """What stands behind the one instruction with this word."""
    [found] = [one.rest for one in dockerfile() if one.word == word]
    return found


@dataclass(frozen=True, kw_only=True)
class Sent:
    """Which files are sent to the builder: the last line that fits a file or its folder decides."""

    lines: tuple[str, ...]

    def __contains__(self, path: str) -> bool:
        is_sent = True
        for line in self.lines:
            if _fits(line.removeprefix("!"), path):
                is_sent = line.startswith("!")
        return is_sent


def sent() -> Sent:
    text = (ROOT / ".dockerignore").read_text("utf-8")
    lines = (line.strip() for line in text.splitlines())
    return Sent(lines=tuple(line for line in lines if line and not line.startswith("#")))


def _fits(pattern: str, path: str) -> bool:
    parts = [re.escape(part).replace(r"\*", "[^/]*") for part in pattern.strip("/").split("/")]
    expression = "/".join(parts).replace("[^/]*[^/]*/", "(?:[^/]+/)*")
    places = [PurePosixPath(path), *PurePosixPath(path).parents]
    return any(re.fullmatch(expression, str(place)) for place in places)


def copied(source: str) -> Iterator[str]:
    """The files below a source of `COPY` that are sent, as paths from the repository's root."""
    place, context = ROOT / source, sent()
    files = [place] if place.is_file() else sorted(p for p in place.rglob("*") if p.is_file())
    for file in files:
        path = file.relative_to(ROOT).as_posix()
        if path in context:
            yield path


def health_check() -> list[str]:
    """The command by which compose asks whether the service can sell."""
    compose = (ROOT / "compose.yaml").read_text("utf-8")
    [serve] = re.findall(r"^  serve:\n((?:    .*\n|\n)+)", compose, re.M)
    [found] = re.findall(r"^ +test: (\[.*\])$", serve, re.M)
    kind, *command = json.loads(found)
    assert kind == "CMD"
    return [str(word) for word in command]
