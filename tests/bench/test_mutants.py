"""The run of small faults: which it makes, what it leaves alone, and whom it asks first."""

import ast
from argparse import Namespace
from pathlib import Path

import msgspec
import pytest

from bench.mutants import __main__ as main
from bench.mutants.calls import Seen
from bench.mutants.changes import Mutant, mutants, mutated
from bench.mutants.choice import Sight
from bench.mutants.runs import Known

PLACE = "fiscus/issuing"
PATH = "fiscus/issuing/signing.py"


def changes(source: str) -> list[str]:
    return [f"{one.before} -> {one.after}" for one in mutants(source, PATH)]


def in_function(line: str, returns: str = "None") -> str:
    return f"def f(a, b) -> {returns}:\n    {line}\n"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("g(a < b)", ["a < b -> a <= b", "a < b -> a >= b"]),
        ("g(a == b)", ["a == b -> a != b"]),
        ("g(a not in b)", ["a not in b -> a in b"]),
        ("g(a and b)", ["a and b -> a or b"]),
        ("g(not a)", ["not a -> a"]),
        ("g(a + b)", ["a + b -> a - b"]),
        ("g(7)", ["7 -> 8", "7 -> 6"]),
        ("g(True)", ["True -> False"]),
        ("g(a if b else 'x')", ["a if b else 'x' -> 'x' if b else a"]),
        ("g(q.where(a, b))", ["q.where(a, b) -> q.where(b)", "q.where(a, b) -> q.where(a)"]),
    ],
)
def test_an_expression_has_its_faults(line: str, expected: list[str]) -> None:
    assert changes(in_function(line)) == [f"{line} -> pass", *expected]


def test_a_condition_may_be_forgotten() -> None:
    found = changes(in_function("if a:\n        raise E"))

    assert found == [
        "if a: raise E -> if True: raise E",
        "if a: raise E -> if False: raise E",
        "raise E -> pass",
    ]
    assert changes("x = [a for a in b if a]\n") == ["for a in b if a -> for a in b"]


@pytest.mark.parametrize(
    ("returns", "nothing"),
    [
        ("str", "''"),
        ("list[int]", "[]"),
        ("tuple[int, ...]", "()"),
        ("int", "None"),
        ("dict[str, int]", "{}"),
    ],
)
def test_a_function_may_give_nothing_of_its_kind(returns: str, nothing: str) -> None:
    assert changes(in_function("return a", returns)) == [f"return a -> return {nothing}"]


@pytest.mark.parametrize(
    "source",
    [
        '"""A text."""\n',
        "def f(a: int | None = None) -> int | None:\n    assert a != 0\n",
        "A = int | str\n",
        "class A(Struct, frozen=True):\n    a: int\n",
        in_function("c = isinstance(a, int | str)"),
        in_function("return None"),
        "if TYPE_CHECKING:\n    import a\n",
    ],
)
def test_types_texts_and_promises_are_left_alone(source: str) -> None:
    assert changes(source) == []


def test_every_fault_gives_a_module_that_differs_in_that_place_alone() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    plain = ast.unparse(ast.parse(source))
    made = {mutated(source, PATH, one) for one in mutants(source, PATH)}

    assert len(made) == len(mutants(source, PATH)) > 20
    for text in made:
        ast.parse(text)
        assert text != plain


def test_a_fault_keeps_its_name_when_lines_come_above_it() -> None:
    source = in_function("g(1, 1)")
    before, after = mutants(source, PATH), mutants("x = 'y'\n\n" + source, PATH)

    assert [one.name for one in before] == [one.name for one in after]
    assert len({one.name for one in before}) == len(before) == 5
    assert [one.line + 2 for one in before] == [one.line for one in after]


def a_fault(function: str, path: str = PATH) -> Mutant:
    return Mutant(path=path, function=function, line=1, kind="k", before="a", after="b", nth=1)


@pytest.fixture
def sight(tmp_path: Path) -> Sight:
    (tmp_path / "fiscus" / "issuing").mkdir(parents=True)
    for name, text in (("words", ""), ("signing", "from fiscus.issuing.words import W\n")):
        (tmp_path / "fiscus" / "issuing" / f"{name}.py").write_text(text)
    lease, move = f"{PATH}::lease", f"{PATH}::Held.move"
    tests = {
        "tests/journeys/test_all.py::far": Seen(seconds=0.1, calls={lease}),
        "fiscus/issuing/tests/test_issue.py::near": Seen(seconds=0.2, calls={lease, move}),
        "fiscus/issuing/tests/test_issue.py::also": Seen(seconds=0.3, calls={lease}),
        "fiscus/issuing/tests/test_signing.py::slow": Seen(seconds=9.0, calls={lease}),
        "fiscus/issuing/tests/test_signing.py::own": Seen(seconds=1.0, calls={lease}),
        "fiscus/issuing/tests/test_words.py::reads": Seen(seconds=0.1),
        "fiscus/regimes/tests/test_words.py::others": Seen(seconds=0.1),
        "fiscus/issuing/tests/test_signing.py::red": Seen(is_passed=False, calls={lease}),
    }
    shared = {"tests/journeys/test_all.py": {move}}
    return Sight(Known(tests=tests, shared=shared), tmp_path)


def test_the_modules_own_tests_are_asked_first_then_those_beside_it(sight: Sight) -> None:
    asked = [name.rpartition("::")[2] for name in sight.tests(a_fault("lease"))]

    assert asked == ["own", "slow", "near", "also", "far"]
    in_time = sight.within(sight.tests(a_fault("lease")), 2.0)
    assert [name.rpartition("::")[2] for name in in_time] == ["own", "near", "also", "far"]


def test_what_a_whole_file_has_set_up_is_seen_by_each_of_its_tests(sight: Sight) -> None:
    asked = [name.rpartition("::")[2] for name in sight.tests(a_fault("Held.move"))]

    assert asked == ["near", "far"]


def test_a_table_is_seen_by_its_own_tests_and_those_who_call_what_imports_it(sight: Sight) -> None:
    asked = [name.rpartition("::")[2] for name in sight.tests(a_fault("", f"{PLACE}/words.py"))]

    assert asked[0] == "reads"
    assert sorted(asked[1:]) == ["also", "far", "near", "own", "slow"]
    assert sight.tests(a_fault("", f"{PLACE}/nobody.py")) == []


SOURCE = in_function("g(a < b, 7)")


def test_where_a_fault_stands_in_the_sample_hangs_on_its_name_and_the_seed_alone(
    tmp_path: Path,
) -> None:
    wanted = Namespace(package=["issuing"], only="", again=False, seed=7, count=99)
    here = tmp_path / "fiscus" / "issuing"
    here.mkdir(parents=True)
    (here / "signing.py").write_text(SOURCE)
    kept = tmp_path / "kept.jsonl"
    before = [one.name for one in main.drawn(wanted, tmp_path, kept)]

    (here / "another.py").write_text(SOURCE)
    after = [one.name for one in main.drawn(wanted, tmp_path, kept)]
    wanted.seed = 8
    other = [one.name for one in main.drawn(wanted, tmp_path, kept)]

    assert len(before) > 2
    assert [name for name in after if "another" not in name] == before
    assert sorted(other) == sorted(after)
    assert other != after


def test_what_survived_is_tried_again_wherever_the_sample_ends(tmp_path: Path) -> None:
    wanted = Namespace(package=["issuing"], only="", again=True, seed=7, count=0)
    here = tmp_path / "fiscus" / "issuing"
    here.mkdir(parents=True)
    (here / "signing.py").write_text(SOURCE)
    names = [one.name for one in mutants(SOURCE, PATH)]
    kept = tmp_path / "kept.jsonl"
    verdicts = ("survived", "killed", "survived")
    results = [
        main.Result(name=name, line=1, verdict=verdict)
        for name, verdict in zip(names, verdicts, strict=False)
    ]
    kept.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in results))

    found = [one.name for one in main.drawn(wanted, tmp_path, kept)]

    assert sorted(found) == sorted([names[0], names[2]])
