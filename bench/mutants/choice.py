"""Which tests can see a fault, those first that will find it soonest."""

import ast
from collections import defaultdict
from pathlib import Path

from bench.mutants.changes import Mutant
from bench.mutants.runs import Known


class Sight:
    """Who sees what, made once for a run."""

    def __init__(self, known: Known, tree: Path) -> None:
        self.seconds = {name: seen.seconds for name, seen in known.tests.items() if seen.is_passed}
        self.by_function: dict[str, set[str]] = defaultdict(set)
        self.by_module: dict[str, set[str]] = defaultdict(set)
        for name in self.seconds:
            shared = known.shared.get(name.partition("::")[0], set())
            for function in known.tests[name].calls | shared:
                self.by_function[function].add(name)
                self.by_module[function.partition("::")[0]].add(name)
        self.importers = _importers(tree)

    def tests(self, mutant: Mutant) -> list[str]:
        """What calls the function; for what runs at import, what calls anything in the module, or
        in those that import it, and all tests of its name: who reads a table calls nothing."""
        found = self.by_function.get(f"{mutant.path}::{mutant.function}", set())
        if found:
            return self._soonest(mutant, found)
        found = set(self.by_module.get(mutant.path, set()))
        around = {mutant.path}
        while not found and (wider := around.union(*(self.importers[one] for one in around))):
            if wider == around:
                break
            around = wider
            found = set().union(*(self.by_module.get(path, set()) for path in around))
        found |= {test for test in self.seconds if _is_own(mutant.path, test.partition("::")[0])}
        return self._soonest(mutant, found)

    def _soonest(self, mutant: Mutant, found: set[str]) -> list[str]:
        """The module's own tests, then one of each file of its package in turn, then the rest."""
        files: dict[str, list[str]] = defaultdict(list)
        for test in sorted(found, key=lambda test: (self.seconds[test], test)):
            files[test.partition("::")[0]].append(test)
        ranked = [
            (_distance(mutant.path, file), turn, self.seconds[test], test)
            for file, tests in files.items()
            for turn, test in enumerate(tests)
        ]
        return [
            test
            for distance, turn, _, test in sorted(
                ranked, key=lambda one: (one[0], one[1] if one[0] else 0, one[2], one[3])
            )
        ]

    def within(self, tests: list[str], seconds: float) -> list[str]:
        """As many of them, from the first, as take so long; what does not fit is passed over."""
        chosen = []
        for test in tests:
            if self.seconds[test] <= seconds:
                seconds -= self.seconds[test]
                chosen.append(test)
        return chosen


def _distance(path: str, file: str) -> int:
    module, test = Path(path), Path(file)
    is_near = test.parts[:2] == module.parts[:2]
    if _is_own(path, file):
        return 0
    if is_near:
        return 1 if test.parent.parent in module.parents[:2] else 2
    return 3


def _is_own(path: str, file: str) -> bool:
    """Whether these are the tests of the module's name, in a folder above it."""
    module, test = Path(path), Path(file)
    return test.stem == f"test_{module.stem}" and test.parent.parent in module.parents


def _importers(tree: Path) -> dict[str, set[str]]:
    """By module, as its path: the modules that import it."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in (tree / "fiscus").rglob("*.py"):
        if "tests" in path.relative_to(tree).parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
            elif isinstance(node, ast.Import):
                names = [one.name for one in node.names]
            for name in names:
                for file in (
                    f"{name.replace('.', '/')}.py",
                    f"{name.replace('.', '/')}/__init__.py",
                ):
                    if (tree / file).is_file():
                        found[file].add(str(path.relative_to(tree)))
    return found
