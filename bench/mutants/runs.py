"""Runs of pytest in processes that have everything of others loaded already.

A fresh interpreter loads other people's packages for more than a second before the first test; a
fork of one that has them starts at once. Our own modules are loaded in the fork, so that the one
with the fault is loaded like all others. Everything happens in a copy of the tree.
"""

import contextlib
import hashlib
import importlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from bench.machine import ROOT
from bench.mutants.calls import Calls, Choice, Seen

PRELOADED = "ignore::pytest.PytestAssertRewriteWarning"
QUIET = ("-q", "--no-header", "--tb=short", "-p", "no:cacheprovider", "-W", PRELOADED)
OTHERS = """
import json, sys
import bench.installation, fiscus.app, fiscus.cli, schemathesis, xmlschema, pypdf, httpx
ours = ("fiscus", "bench")
print(json.dumps([name for name in sys.modules if name.partition(".")[0] not in ours]))
"""
WALL_SECONDS = 20
"""How much longer than its processor time a run may last before it counts as stuck, at least."""


class Known(msgspec.Struct, kw_only=True):
    """What was seen while the tests ran without a fault. `files` are the digests of theirs."""

    files: dict[str, str] = msgspec.field(default_factory=dict)
    tests: dict[str, Seen] = msgspec.field(default_factory=dict)
    shared: dict[str, set[str]] = msgspec.field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Ended:
    """`code` is pytest's, or -1 for a run that took too long; `failed` is the first such test."""

    code: int
    failed: str
    seconds: float


def copied(folder: Path) -> Path:
    """A copy of what lies here, without what git does not know."""
    tree = folder / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.split("\0"):
        if name and (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tree / name)
    return tree


def preload() -> None:
    """Load what the service and its tests need of others."""
    listed = subprocess.run(
        [sys.executable, "-c", OTHERS], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in json.loads(listed.stdout):
        if name != "__main__":
            with contextlib.suppress(ImportError):
                importlib.import_module(name)


def known(tree: Path, folder: Path, places: tuple[str, ...]) -> Known:
    """Who calls what, of the tests in these folders. Each is run once, and afterwards only what is
    in files that are new or have changed: some ten minutes for all of them."""
    kept, log, part = folder / "known.msgpack", folder / "known.log", folder / "part.msgpack"
    found = msgspec.msgpack.decode(kept.read_bytes(), type=Known) if kept.exists() else Known()
    tests = [path for top in places for path in (tree / top).rglob("test_*.py")]
    files = {
        str(path.relative_to(tree)): hashlib.sha256(path.read_bytes()).hexdigest() for path in tests
    }
    new = sorted(file for file, digest in files.items() if found.files.get(file) != digest)

    def run() -> int:
        calls = Calls(tree)
        calls.begin()
        code = int(pytest.main([*QUIET, *new], plugins=[calls]))
        calls.end()
        part.write_bytes(msgspec.msgpack.encode(Known(tests=calls.tests, shared=calls.shared)))
        return code

    if not new:
        return found
    print(f"looking who calls what in {len(new)} files of tests", flush=True)
    if _forked(run, tree, log, cpu_seconds=7200, wall_seconds=7200) not in {0, 1, 5}:
        sys.exit(f"the tests do not run here, see {log}")
    for test in [test for test in found.tests if test.partition("::")[0] in new]:
        del found.tests[test]
    seen = msgspec.msgpack.decode(part.read_bytes(), type=Known)
    found.files |= files
    found.tests |= seen.tests
    found.shared |= seen.shared
    kept.write_bytes(msgspec.msgpack.encode(found))
    return found


def tried(tree: Path, log: Path, tests: list[str], cpu_seconds: int) -> Ended:
    """Run these tests in this order, until one fails."""
    said, begun = log.with_name("failed.txt"), time.monotonic()
    said.write_text("", encoding="utf-8")
    files = list(dict.fromkeys(test.partition("::")[0] for test in tests))

    def run() -> int:
        choice = Choice(tests)
        code = int(pytest.main([*QUIET, "-x", *files], plugins=[choice]))
        said.write_text(choice.failed, encoding="utf-8")
        return code

    code = _forked(run, tree, log, cpu_seconds, wall_seconds=6 * cpu_seconds + WALL_SECONDS)
    return Ended(
        code=code, failed=said.read_text(encoding="utf-8"), seconds=time.monotonic() - begun
    )


def _forked(
    run: Callable[[], int], tree: Path, log: Path, cpu_seconds: int, wall_seconds: float
) -> int:
    process = os.fork()
    if process == 0:
        _in_fork(run, tree, log, cpu_seconds)
    ends = time.monotonic() + wall_seconds
    while time.monotonic() < ends:
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            _end_group(process)  # what its tests started and left
            return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else -1
        time.sleep(0.02)
    _end_group(process)
    os.waitpid(process, 0)
    return -1


def _in_fork(run: Callable[[], int], tree: Path, log: Path, cpu_seconds: int) -> None:
    """The fork's whole life: nothing of it returns into the caller."""
    code = 3
    try:
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for stream in (1, 2):
            os.dup2(out, stream)
        os.chdir(tree)
        os.environ["PYTHONPATH"] = str(tree)
        os.environ["FISCUS_SHARED_DATA"] = os.environ.get(
            "FISCUS_SHARED_DATA", str(ROOT.parent / "shared" / "data")
        )
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        sys.dont_write_bytecode = False
        for name in [name for name in sys.modules if name.partition(".")[0] in ("fiscus", "bench")]:
            del sys.modules[name]
        sys.path.insert(0, str(tree))
        code = run()
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _end_group(process: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process, signal.SIGKILL)
