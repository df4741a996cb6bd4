"""Makes small faults where a wrong sum or a lost answer costs most, one at a time and in the order
that the seed gives, and looks whether a test fails: `python -m bench.mutants --help`.

Whoever interrupts it goes on later with the same command. What survives is either a test that is
missing or a fault that changes nothing; those are listed in `same.txt` by hand, with the reason.
"""

import argparse
import hashlib
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bench.machine import ROOT
from bench.mutants import runs
from bench.mutants.changes import Mutant, mutants, mutated
from bench.mutants.choice import Sight

PACKAGES = ("issuing", "journal", "outbox", "regimes", "signers")
SAME = Path(__file__).with_name("same.txt")
FIRST_SECONDS = 4.0
"""What the tests of the first look may take, as they took without a fault; `--seconds` is for both
looks together."""

CONTROL_EVERY = 40


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """`verdict` is killed, timeout, survived or unseen (no test comes near). `by` is the test that
    failed, `tests` how many ran at most, `left_out` how many were too many."""

    name: str
    line: int
    verdict: str
    by: str = ""
    tests: int = 0
    left_out: int = 0
    seconds: float = 0.0


def main() -> None:
    wanted = _wanted()
    wanted.folder.mkdir(parents=True, exist_ok=True)
    file = wanted.folder / f"mutants-{wanted.seed}.jsonl"
    if not wanted.report:
        _run(wanted, file)
    _report(wanted, _kept(file))


def _wanted() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.mutants", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=500, help="so many in all, kept ones included")
    parser.add_argument("--package", nargs="+", default=list(PACKAGES))
    parser.add_argument("--only", default="", help="only those whose name contains this; no sample")
    parser.add_argument("--seconds", type=float, default=60, help="of tests for each, at most")
    parser.add_argument("--again", action="store_true", help="try once more what has survived")
    parser.add_argument(
        "--near",
        action="store_true",
        help="look among the tests of these packages only: sooner done, and what survives may "
        "still be found with --again and without this",
    )
    parser.add_argument("--report", action="store_true", help="only say what is known")
    parser.add_argument("--folder", type=Path, default=ROOT / ".data" / "mutants")
    return parser.parse_args()


def _run(wanted: argparse.Namespace, file: Path) -> None:
    tree = runs.copied(wanted.folder)
    runs.preload()
    near = tuple(f"fiscus/{package}" for package in wanted.package)
    places = near if wanted.near else ("fiscus", "tests")
    sight = Sight(runs.known(tree, wanted.folder, places), tree)
    same = set(_same())
    for number, mutant in enumerate(drawn(wanted, tree, file)):
        kept = _kept(file).get(mutant.name)
        if kept and not (wanted.again and kept.verdict == "survived" and kept.name not in same):
            continue
        if number % CONTROL_EVERY == 0:
            _control(wanted, tree, sight, mutant)
        result = _tried(wanted, tree, sight, mutant)
        with file.open("ab") as out:
            out.write(msgspec.json.encode(result) + b"\n")
        print(
            f"{result.verdict:9} {result.seconds:5.1f} s  {mutant.line:4} {mutant.name}", flush=True
        )


def drawn(wanted: argparse.Namespace, tree: Path, file: Path) -> list[Mutant]:
    """The seed's order over all faults that can be made; the first ones are a fair sample. Where
    a fault stands in it hangs on its name alone, so that a change elsewhere moves nothing."""
    found = [
        mutant
        for package in sorted(wanted.package)
        for path in sorted((tree / "fiscus" / package).rglob("*.py"))
        if "tests" not in path.relative_to(tree).parts
        for mutant in mutants(path.read_text(encoding="utf-8"), str(path.relative_to(tree)))
    ]
    if wanted.only:
        return [mutant for mutant in found if wanted.only in mutant.name]
    if wanted.again:
        survived = {one.name for one in _kept(file).values() if one.verdict == "survived"}
        return [mutant for mutant in found if mutant.name in survived]
    return sorted(found, key=lambda mutant: _place(wanted.seed, mutant))[: wanted.count]


def _place(seed: int, mutant: Mutant) -> bytes:
    return hashlib.sha256(f"{seed} {mutant.name}".encode()).digest()


def _tried(wanted: argparse.Namespace, tree: Path, sight: Sight, mutant: Mutant) -> Result:
    tests = sight.tests(mutant)
    first = sight.within(tests, FIRST_SECONDS) or tests[:1]
    whole = sight.within(tests, wanted.seconds)
    seconds, ran = 0.0, 0
    with _changed(tree, mutant, is_faulty=True):
        seen = set(first)
        for part in (first, [test for test in whole if test not in seen]):
            if not part:
                continue
            ended = runs.tried(tree, wanted.folder / "last.log", part, _limit(sight, part))
            seconds += ended.seconds
            ran += len(part)
            if ended.code:
                return Result(
                    name=mutant.name,
                    line=mutant.line,
                    by=ended.failed,
                    tests=ran,
                    verdict="timeout" if ended.code < 0 else "killed",
                    seconds=round(seconds, 1),
                )
    return Result(
        name=mutant.name,
        line=mutant.line,
        verdict="survived" if ran else "unseen",
        tests=ran,
        left_out=len(tests) - ran,
        seconds=round(seconds, 1),
    )


def _limit(sight: Sight, tests: list[str]) -> int:
    """Processor seconds: ample, as a fault may make a test slower and still be found."""
    return int(30 + 4 * sum(sight.seconds[test] for test in tests))


def _control(wanted: argparse.Namespace, tree: Path, sight: Sight, mutant: Mutant) -> None:
    """The same way without a fault: then nothing may fail, or the verdicts mean nothing."""
    tests = sight.within(sight.tests(mutant), FIRST_SECONDS)
    if not tests:
        return
    with _changed(tree, mutant, is_faulty=False):
        log = wanted.folder / "control.log"
        ended = runs.tried(tree, log, tests, _limit(sight, tests))
    if ended.code:
        raise SystemExit(f"without a fault {ended.failed or ended.code} fails, see {log}")


class _changed:
    """The module is another one inside of the block, and its own again afterwards."""

    stamp = 0

    def __init__(self, tree: Path, mutant: Mutant, *, is_faulty: bool) -> None:
        self.path = tree / mutant.path
        self.before = self.path.read_text(encoding="utf-8")
        self.mutant, self.is_faulty = mutant, is_faulty

    def __enter__(self) -> None:
        if self.is_faulty:
            self._write(mutated(self.before, self.mutant.path, self.mutant))
        else:
            self._write(self.before + "\n# no fault\n")

    def __exit__(self, *raised: object) -> None:
        self._write(self.before)

    def _write(self, text: str) -> None:
        """With a time that no other version has: a compiled module is known by time and size."""
        self.path.write_text(text, encoding="utf-8")
        _changed.stamp += 1
        time = int(self.path.stat().st_mtime) + _changed.stamp
        os.utime(self.path, (time, time))


def _kept(file: Path) -> dict[str, Result]:
    if not file.exists():
        return {}
    results = msgspec.json.Decoder(Result).decode_lines(file.read_bytes())
    return {result.name: result for result in results}


def _same() -> Iterator[str]:
    """Faults that change nothing: a line each, and below it, indented, why."""
    for line in SAME.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith((" ", "#")):
            yield line


def _report(wanted: argparse.Namespace, kept: dict[str, Result]) -> None:
    same = set(_same())
    results = [one for one in kept.values() if one.name not in same]
    print(f"\nseed {wanted.seed}: {len(kept)} faults, {len(kept) - len(results)} change nothing\n")
    print("| package | faults | found | of them by time | survived | unseen | found of all |")
    print("|---|---|---|---|---|---|---|")
    for package in (*wanted.package, ""):
        row = Counter(one.verdict for one in results if one.name.startswith(f"fiscus/{package}"))
        if total := row.total():
            found = row["killed"] + row["timeout"]
            print(
                f"| {package or 'all'} | {total} | {found} | {row['timeout']} | {row['survived']} "
                f"| {row['unseen']} | {100 * found / total:.1f} % |"
            )
    for one in sorted(results, key=lambda one: (one.name.partition("::")[0], one.line)):
        if one.verdict in {"survived", "unseen"}:
            ran = f"{one.tests} tests, {one.left_out} left out"
            print(f"{one.verdict} {one.line:4} {one.name}  ({ran})")


if __name__ == "__main__":
    main()
