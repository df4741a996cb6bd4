"""The style as rules a machine can check. An existing offence is listed and may only shrink."""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fiscus import channels, formats, regimes, signers

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
    r"|fiscus/api/families/\w+/(wire\w*|translate|versions|operations|openapi|examples)(\.py|/)"
)
# Where a plug-in may be named: its own folders, the demo, whose stories are about some of them, and
# the words of an API family.
PLUGIN_ROOMS = re.compile(
    r"fiscus/(regimes|formats|channels|signers|demo)/"
    r"|fiscus/api/families/\w+/(wire\w*|translate|versions|operations|openapi|examples)(\.py|/)"
)
PLUGIN_CODES = frozenset(
    code
    for installed in (
        channels.installed,
        formats.installed,
        formats.notifications,
        formats.prints,
        regimes.installed,
        signers.devices,
        signers.installed,
    )
    for code in installed()
    if not COUNTRY.fullmatch(code)  # the rule on countries finds these
)
# More than this many decisions, and a module has tests that bear its name.
DECISIONS_MAX = 1
UNFORMATTED = "# fmt: skip"
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
    is_test = _is_test(path)
    for node in ast.walk(tree):
        yield from _anywhere(node, place)
        if not is_test:
            yield from _in_the_product(node, place)
    if not is_test:
        yield from _imports(tree, place)
        yield from _untested(tree, path, place)


def _untested(tree: ast.Module, path: Path, place: str) -> Iterator[Offence]:
    """A module that decides has tests of its name, or of the name of a package around it that is
    driven as a whole (`rules`, `check`); they lie in the nearest folder `tests` above it."""
    parts = path.relative_to(ROOT).parts
    decisions = sum(_decides(node) for node in ast.walk(tree))
    if parts[0] != "fiscus" or path.stem.startswith("__") or "migrations" in parts:
        return
    if decisions <= DECISIONS_MAX:
        return
    homes = (folder / "tests" for folder in path.parents if (folder / "tests").is_dir())
    tests = {test.stem for test in next(homes, path.parent).glob("test_*.py")}
    if not tests & {f"test_{name}" for name in (path.stem, *parts[2:-1])}:
        yield Offence(rule="untested-module", place=place)


def _decides(node: ast.AST) -> int:
    if isinstance(node, ast.comprehension):
        return len(node.ifs)
    kinds = ast.If | ast.IfExp | ast.While | ast.BoolOp | ast.match_case | ast.ExceptHandler
    return int(isinstance(node, kinds))


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
        case ast.keyword(arg="issues", value=value) if place.startswith("fiscus/regimes/"):
            if not _is_list_of_kinds(value):
                yield Offence(rule="kinds-not-listed", place=place)
        case ast.Constant(value=str(text)) if COUNTRY.fullmatch(text):
            if not COUNTRY_ROOMS.match(place):
                yield Offence(rule="country", place=f"{place}:{text}")

        case ast.Constant(value=str(text)) if text in PLUGIN_CODES:
            if place.startswith("fiscus/") and not PLUGIN_ROOMS.match(place):
                yield Offence(rule="plug-in-by-name", place=f"{place}:{text}")


def _is_list_of_kinds(value: ast.expr) -> bool:
    """Whether a law names each kind that it issues (`frozenset({DocumentKind.RECEIPT})`), without
    arithmetic, so that a kind that is added later slips into no law."""
    match value:
        case ast.Call(func=ast.Name(id="frozenset"), args=[ast.Set(elts=kinds)], keywords=[]):
            return all(
                isinstance(kind, ast.Attribute) and ast.unparse(kind.value) == "DocumentKind"
                for kind in kinds
            )
    return False


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
        if place.startswith("fiscus/journal/verify/"):
            for name in roots:
                is_ours = name.startswith("fiscus.journal.verify")
                if not is_ours and name.partition(".")[0] not in ALLOWED_IN_VERIFIER:
                    yield Offence(rule="verifier-not-independent", place=f"{place}:{name}")


def _is_type_checking(tree: ast.Module, node: ast.AST) -> bool:
    guards = (one for one in tree.body if isinstance(one, ast.If))
    return any(node in guard.body and "TYPE_CHECKING" in ast.dump(guard.test) for guard in guards)


def _is_test(path: Path) -> bool:
    """Also in a clone whose own folder is named `tests`."""
    return "tests" in path.relative_to(ROOT).parts or path.name == "conftest.py"


def files() -> list[Path]:
    found = [ROOT / "conftest.py", ROOT / "docs" / "generate.py"]
    for folder in ("fiscus", "tests"):
        found += sorted((ROOT / folder).rglob("*.py"))
    return found


def ratchet() -> dict[str, int]:
    """Listed offences with their size: `<rule> <place> <size>` a line."""
    lines = (line for line in RATCHET.read_text(encoding="utf-8").splitlines() if line.strip())
    rows = [line.rsplit(" ", 1) for line in lines if not line.startswith("#")]
    return {key: int(size) for key, size in rows}


@pytest.fixture(scope="module")
def found() -> list[Offence]:
    """Everything that is wrong in all files, read once."""
    return [offence for path in files() for offence in offences(path)]


def test_nothing_untidy_is_new(found: list[Offence]) -> None:
    listed = ratchet()

    grown = [f"{one.key} {one.size}" for one in found if one.size > listed.get(one.key, 0)]

    assert not grown, "\n".join(["tidy these up (do not list them):", *grown])


def test_what_was_tidied_up_leaves_the_list(found: list[Offence]) -> None:
    sizes = {offence.key: offence.size for offence in found}

    shrunk = [
        f"{key} {size} -> {sizes.get(key, 0)}"
        for key, size in ratchet().items()
        if sizes.get(key, 0) < size
    ]

    assert not shrunk, "\n".join(["shorten the list in ratchet.txt:", *shrunk])


def test_the_tests_of_a_package_lean_on_no_journey() -> None:
    """What both need is in `tests/support`."""
    leaning = [
        path
        for path in (ROOT / "fiscus").rglob("test_*.py")
        if "tests.journeys" in path.read_text("utf-8")
    ]

    assert leaning == []


def test_the_formatter_has_the_last_word_everywhere() -> None:
    assert [
        path
        for path in files()
        if UNFORMATTED in path.read_text("utf-8") and path != Path(__file__)
    ] == []


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
    "kinds-not-listed": "A = Regime(issues=frozenset(Kind) - CASH_KINDS)\n",
    "plug-in-by-name": "KEYS = find('softkey')\n",
    "import-inside": "def f():\n    import json\n",
    "third-party": "import pydantic\n",
    "verifier-not-independent": "from fiscus.journal.chain import link\n",
    "nameless-module": "a = 1\n",
    "untested-module": "def f(x):\n    return 1 if x else 2 if x is None else x or 3\n",
}
SAMPLE_FILES = {
    "kinds-not-listed": "fiscus/regimes/xx/__init__.py",
    "third-party": "fiscus/regimes/xx/rules.py",
    "verifier-not-independent": "fiscus/journal/verify/command.py",
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
    "place", ["fiscus/regimes/pt/seal.py", "fiscus/api/families/unified/wire/records.py"]
)
def test_a_country_may_be_named_where_it_lives(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    path.write_text("a = 'PT-AC'\n", encoding="utf-8")

    assert not list(offences(path))
