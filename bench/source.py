"""Whose code a server runs: this tree's, or that of another revision in a work tree of its own."""

import site
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.machine import ROOT

LOCKS = ("requirements.lock", "requirements-build.lock")
CODE = "code: "
PLAIN = "from fiscus.cli import main; main()"
# The process that serves says itself which package it runs: all its modules come from there.
SAYING = (
    "import sys, fiscus.cli as cli; "
    f"print({CODE!r} + ' '.join(sys.modules['fiscus'].__path__), file=sys.stderr, flush=True); "
    "cli.main()"
)


@dataclass(frozen=True, kw_only=True)
class Source:
    """`command` starts `fiscus`, to be run in `folder`; arguments follow."""

    name: str
    folder: Path
    command: tuple[str, ...]

    @property
    def package(self) -> str:
        return str(self.folder / "fiscus")


HERE = Source(name="here", folder=ROOT, command=(sys.executable, "-c", PLAIN))


@contextmanager
def checked_out(revision: str) -> Iterator[Source]:
    """A revision in a temporary work tree with an environment of its own; gone afterwards."""
    commit = _git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    with TemporaryDirectory(prefix="fiscus-revision-") as folder:
        tree = Path(folder).resolve() / "tree"
        _git("worktree", "add", "--quiet", "--detach", str(tree), commit)
        try:
            yield _source(commit[:10], tree, Path(folder) / "environment")
        finally:
            _git("worktree", "remove", "--force", str(tree))


@contextmanager
def present() -> Iterator[Source]:
    """This tree as it lies here, started in just the same way as a revision."""
    with TemporaryDirectory(prefix="fiscus-present-") as folder:
        yield _source(HERE.name, ROOT.resolve(), Path(folder) / "environment")


def _source(name: str, tree: Path, environment: Path) -> Source:
    """Packages of the same locks are shared. A line in a `.pth` file adds a folder without
    reading the `.pth` files in it, so this tree's own editable installation is not seen."""
    is_shared = all(_lock(tree, lock) == _lock(ROOT, lock) for lock in LOCKS)
    venv.create(environment, symlinks=True, with_pip=not is_shared)
    python = environment / "bin" / "python"
    if not is_shared:
        print(f"{name}: has other locks, its packages are being installed", file=sys.stderr)
        _install(python, tree)
    lines = [str(tree), *(site.getsitepackages() if is_shared else [])]
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "fiscus-source.pth").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Source(name=name, folder=tree, command=(str(python), "-c", SAYING))


def _lock(tree: Path, name: str) -> bytes:
    file = tree / name
    return file.read_bytes() if file.exists() else b""


def _install(python: Path, tree: Path) -> None:
    wanted = [part for lock in LOCKS if (tree / lock).exists() for part in ("-r", lock)]
    command = [
        str(python),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--require-hashes",
        "--disable-pip-version-check",
        *wanted,
    ]
    subprocess.run(command, cwd=tree, check=True)


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"git {' '.join(arguments)}: {done.stderr.strip() or 'there is no such revision'}")
    return done.stdout.strip()
