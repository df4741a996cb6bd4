"""The style as rules a machine can check. An existing offence is listed and may only shrink."""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RATCHET = Path(__file__).with_name("ratchet.txt")

FUNCTION_MAX = 60
FILE_MAX = 500

WALL_CLOCK = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
}
NAMELESS = {"utils", "util", "helpers", "helper", "common", "core", "base", "misc"}
DOERS = re.compile(
    r"(Manager|Service|Handler|Processor|Helper|Factory|Util|Utils|Base|Abstract|Impl)$|^Abstract"
)
COUNTRY = re.compile(
    r"(PT|ES|FR|DE|IT|AT|BE|PL|HR|RO|HU|GR|SE|DK|FI|NL|LU|CZ|SK|SI|BG|EE|LV|LT|IE|CY|MT|CH|GB)"
    r"(-[A-Z]{2})?|pt|es|fr|de|it|be|pl|hr|ro|hu"
)
# Where a country may be named: its own folders, and the words of an API family.
COUNTRY_ROOMS = re.compile(
    r"fiscus/(regimes|formats|channels)/"
    r"|fiscus/api/\w+/(wire\w*|translate|versions|operations|openapi|examples)(\.py|/)"
)
ALLOWED_IN_LAW = sys.stdlib_module_names | {"msgspec", "fiscus"}
ALLOWED_IN_VERIFIER = sys.stdlib_module_names | {"cryptography"}


@dataclass(frozen=True, kw_only=True)
class Offence:
    """One broken rule at one place. `size` is what may only shrink (1 where there is no size)."""

    rule: str
    place: str
    size: int = 1

    @property
    def key(self) -> str:
        return f"{self.rule} {self.place}"


def offences(path: Path) -> Iterator[Offence]:
    """Everything that is wrong in one file."""
    text = path.read_text(encoding="utf-8")
    place = str(path.relative_to(ROOT))
    tree = ast.parse(text, place)
    yield from _size(text, place)
    if path.stem in NAMELESS:
        yield Offence(rule="nameless-module", place=place)
    for node in ast.walk(tree):
        yield from _anywhere(node, place)
        if not _is_test(path):
            yield from _in_the_product(node, place)
    if not _is_test(path):
        yield from _imports(tree, place)


def _size(text: str, place: str) -> Iterator[Offence]:
    lines = text.count("\n")
    if lines > FILE_MAX:
        yield Offence(rule="file-too-long", place=place, size=lines)


def _anywhere(node: ast.AST, place: str) -> Iterator[Offence]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length >= FUNCTION_MAX:
                yield Offence(rule="function-too-long", place=f"{place}::{name}", size=length)
        case ast.ExceptHandler(type=None):
            yield Offence(rule="bare-except", place=f"{place}:{node.lineno}")
        case ast.ExceptHandler(body=[ast.Pass()]):
            yield Offence(rule="except-pass", place=f"{place}:{node.lineno}")
        case ast.ExceptHandler(body=[ast.Expr(value=ast.Constant(value=value))]) if value is ...:
            yield Offence(rule="except-pass", place=f"{place}:{node.lineno}")


def _in_the_product(node: ast.AST, place: str) -> Iterator[Offence]:
    match node:
        case ast.Call(func=ast.Name(id="float")):
            yield Offence(rule="float", place=f"{place}:{node.lineno}")
        case ast.Attribute(value=ast.Name(id=owner), attr=attr) if (owner, attr) in WALL_CLOCK:
            if place != "fiscus/app.py":
                yield Offence(rule="wall-clock", place=f"{place}:{node.lineno}")
        case ast.ClassDef(name=name) if DOERS.search(name):
            yield Offence(rule="doer-class", place=f"{place}::{name}")
        case ast.Constant(value=str(text)) if COUNTRY.fullmatch(text):
            if not COUNTRY_ROOMS.match(place):
                yield Offence(rule="country", place=f"{place}:{text}")


def _imports(tree: ast.Module, place: str) -> Iterator[Offence]:
    """No import inside a function; the law and the model stand on the standard library."""
    top = {id(node) for node in tree.body}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        names = [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            roots = [f"{node.module}.{name}" for name in names]
        else:
            roots = names
        if id(node) not in top and not _is_type_checking(tree, node):
            yield Offence(rule="import-inside", place=f"{place}:{roots[0]}")
        if place.startswith(("fiscus/model/", "fiscus/regimes/")):
            for name in roots:
                if name.partition(".")[0] not in ALLOWED_IN_LAW:
                    yield Offence(rule="third-party", place=f"{place}:{name}")
        if place.startswith("fiscus/journal/verify"):
            for name in roots:
                is_ours = name.startswith("fiscus.journal.verify")
                if not is_ours and name.partition(".")[0] not in ALLOWED_IN_VERIFIER:
                    yield Offence(rule="verifier-not-independent", place=f"{place}:{name}")


def _is_type_checking(tree: ast.Module, node: ast.AST) -> bool:
    guards = (one for one in tree.body if isinstance(one, ast.If))
    return any(node in guard.body and "TYPE_CHECKING" in ast.dump(guard.test) for guard in guards)


def _is_test(path: Path) -> bool:
    return "tests" in path.parts or path.name == "conftest.py"


def files() -> list[Path]:
    found = [ROOT / "conftest.py", ROOT / "docs" / "generate.py"]
    for room in ("fiscus", "tests"):
        found += sorted((ROOT / room).rglob("*.py"))
    return found


def ratchet() -> dict[str, int]:
    """Listed offences with their size: `<rule> <place> <size>` a line."""
    lines = (line for line in RATCHET.read_text(encoding="utf-8").splitlines() if line.strip())
    rows = [line.rsplit(" ", 1) for line in lines if not line.startswith("#")]
    return {key: int(size) for key, size in rows}


def test_nothing_untidy_is_new() -> None:
    listed = ratchet()
    found = [offence for path in files() for offence in offences(path)]

    grown = [f"{one.key} {one.size}" for one in found if one.size > listed.get(one.key, 0)]

    assert not grown, "\n".join(["tidy these up (do not list them):", *grown])


def test_what_was_tidied_up_leaves_the_list() -> None:
    found = {offence.key: offence.size for path in files() for offence in offences(path)}

    shrunk = [
        f"{key} {size} -> {found.get(key, 0)}"
        for key, size in ratchet().items()
        if found.get(key, 0) < size
    ]

    assert not shrunk, "\n".join(["shorten the list in ratchet.txt:", *shrunk])


LONG_BODY = "".join(f"    a = {i}\n" for i in range(FUNCTION_MAX))

SAMPLES = {
    "function-too-long": f"def f():\n{LONG_BODY}",
    "file-too-long": "a = 1\n" * (FILE_MAX + 1),
    "bare-except": "try:\n    f()\nexcept:\n    g()\n",
    "except-pass": "try:\n    f()\nexcept ValueError:\n    pass\n",
    "float": "a = float('1.0')\n",
    "wall-clock": "a = datetime.now(UTC)\n",
    "doer-class": "class ReceiptManager:\n    a = 1\n",
    "country": "def f(x):\n    return x == 'PT'\n",
    "import-inside": "def f():\n    import json\n",
    "third-party": "import pydantic\n",
    "verifier-not-independent": "from fiscus.journal.chain import link\n",
    "nameless-module": "a = 1\n",
}
SAMPLE_FILES = {
    "third-party": "fiscus/regimes/xx/rules.py",
    "verifier-not-independent": "fiscus/journal/verify.py",
    "nameless-module": "fiscus/issuing/utils.py",
}


@pytest.mark.parametrize("rule", sorted(SAMPLES))
def test_each_rule_finds_its_offence(
    rule: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    path = tmp_path / SAMPLE_FILES.get(rule, "fiscus/issuing/issue.py")
    path.parent.mkdir(parents=True)
    path.write_text(SAMPLES[rule], encoding="utf-8")

    assert [offence.rule for offence in offences(path)] == [rule]


@pytest.mark.parametrize(
    "place", ["fiscus/regimes/pt/seal.py", "fiscus/api/unified/wire/records.py"]
)
def test_a_country_may_be_named_where_it_lives(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    path.write_text("a = 'PT-AC'\n", encoding="utf-8")

    assert not list(offences(path))
