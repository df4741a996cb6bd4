"""Commands as an operator gives them: each in a process, with an environment of its own.

All but `anew` are forks of a process that has loaded what commands need (`fork_origin`) and done
nothing else: a command is over before the application would have been imported.
"""

import json
import multiprocessing
import os
import stat
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from fiscus.cli import main

MAIN = (sys.executable, "-c", "from fiscus.cli import main; main()")
PATIENCE_SECONDS = 60
STDOUT, STDERR = 1, 2
FORK_ORIGIN = "fiscus.commands.tests.fork_origin"


class Told(NamedTuple):
    """How a command ended, and what it printed."""

    code: int
    out: str
    error: str


@dataclass(frozen=True, kw_only=True)
class Started:
    """A command on its way; what it prints is kept in the folder."""

    process: BaseProcess
    folder: TemporaryDirectory[str]


def fiscus(*arguments: str, **settings: str) -> Told:
    """A command from its start to its end."""
    return ended(started(*arguments, **settings))


def unmasked(folder: Path, *arguments: str, **settings: str) -> Told:
    """A command in that folder, as on a machine where everybody may read what nobody says
    otherwise of."""
    return ended(_started(arguments, settings, folder, 0))


def anew(*arguments: str, **settings: str) -> Told:
    """The same by an interpreter that starts from nothing, as a shell does it."""
    done = subprocess.run(
        [*MAIN, *arguments],
        env=_environment(settings),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    return Told(done.returncode, done.stdout, done.stderr)


def started(*arguments: str, **settings: str) -> Started:
    return _started(arguments, settings, None, None)


def _started(
    arguments: tuple[str, ...], settings: Mapping[str, str], within: Path | None, umask: int | None
) -> Started:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, FORK_ORIGIN])
    folder = TemporaryDirectory()
    said = (arguments, _environment(settings), folder.name, within, umask)
    process = context.Process(target=_command, args=said)
    process.start()
    return Started(process=process, folder=folder)


def ended(command: Started) -> Told:
    command.process.join(PATIENCE_SECONDS)
    code = command.process.exitcode
    if code is None:
        command.process.kill()
        raise TimeoutError(f"the command takes longer than {PATIENCE_SECONDS} s")
    with command.folder as folder:
        out, error = (Path(folder, str(one)).read_text("utf-8") for one in (STDOUT, STDERR))
    return Told(code, out, error)


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FISCUS_")}
    return clean | {f"FISCUS_{name.upper()}": value for name, value in settings.items()}


def _command(
    arguments: tuple[str, ...],
    environment: Mapping[str, str],
    folder: str,
    within: Path | None,
    umask: int | None,
) -> None:
    """In the new process: its output goes into files named by the number of the stream."""
    os.environ.clear()
    os.environ.update(environment)
    for stream in (STDOUT, STDERR):
        with Path(folder, str(stream)).open("wb") as file:
            os.dup2(file.fileno(), stream)
    if within is not None:
        os.chdir(within)
    if umask is not None:
        os.umask(umask)
    sys.argv = ["fiscus", *arguments]
    main()


class Installation:
    """A folder of its own, used by commands alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"

    def run(self, *arguments: str, code: int = 0) -> str:
        """What the command printed; on trouble, what it said."""
        done = self.told(*arguments)
        assert done.code == code, done.error
        return done.out if code == 0 else done.error

    def told(self, *arguments: str) -> Told:
        return unmasked(self.folder, *arguments, data_dir=str(self.data))

    def asked(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json"))

    def first(self) -> dict[str, str]:
        found: dict[str, str] = self.asked("init")
        return found


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
