"""The service as an operator has it: a process of its own, and the commands beside it."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from fiscus.demo.client import Json, ServiceConnection, UnexpectedAnswer

START_SECONDS = 60
STOP_SECONDS = 20

_RUN = (sys.executable, "-c", "from fiscus.cli import main; main()")
_ADDRESS = re.compile(r"http://[0-9.]+:[0-9]+")


def first_key(data: Path) -> Json:
    """Make the first account, group and key as an operator does: `fiscus init --json`."""
    found: Json = json.loads(commanded(data, "init", "--json"))
    return found


def commanded(data: Path, *arguments: str, at: str = "") -> str:
    """What a command prints that has done its work; `at` is where the service is, if the
    command hands out addresses. Raises `UnexpectedAnswer`."""
    done = subprocess.run(
        [*_RUN, *arguments], env=environment(data, at), capture_output=True, text=True
    )
    if done.returncode:
        said = (done.stdout + done.stderr).strip()
        raise UnexpectedAnswer(f"fiscus {' '.join(arguments)} ended with {done.returncode}: {said}")
    return done.stdout


def checked(data: Path, files: Mapping[str, Path]) -> dict[str, tuple[bool, str]]:
    """Whether `fiscus check` found nothing wrong, and all that it printed, by kind of file.
    The checks run side by side."""
    running = {kind: begun(data, "check", kind, str(file)) for kind, file in files.items()}
    done = {kind: (_printed(process), process) for kind, process in running.items()}
    return {kind: (process.returncode == 0, text) for kind, (text, process) in done.items()}


def begun(data: Path, *arguments: str) -> subprocess.Popen[str]:
    """A command that runs on; what it prints comes through one pipe."""
    return subprocess.Popen(
        [*_RUN, *arguments],
        env=environment(data),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def _printed(process: subprocess.Popen[str]) -> str:
    return process.communicate()[0].strip()


@contextmanager
def served(data: Path, log: Path, at: str = "") -> Iterator[str]:
    """`fiscus serve` from ready to stopped, on a free port, or at that address; gives its address.
    Ctrl-C does not reach it: whoever began it ends it."""
    port = str(urlsplit(at).port) if at else "0"
    with log.open("w") as lines:
        server = subprocess.Popen(
            [*_RUN, "serve", "--port", port],
            env=environment(data, at),
            stderr=lines,
            start_new_session=True,
        )
    try:
        address = _address(server, log)
        _until_ready(address)
        yield address
    finally:
        server.terminate()
        _wait(server)
    if server.returncode not in (0, -15):
        raise UnexpectedAnswer(f"the service ended with {server.returncode}; see {log}")


def environment(data: Path, at: str = "") -> dict[str, str]:
    """Ours, without settings meant for another installation: the story plays in a folder of its
    own. `at` is its public address, if it has one."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FISCUS_")}
    said = {"FISCUS_DATA_DIR": str(data), "FISCUS_LOG_LEVEL": "warning", "COLUMNS": "200"}
    return {**kept, **said, **({"FISCUS_PUBLIC_URL": at} if at else {})}


def _address(server: subprocess.Popen[bytes], log: Path) -> str:
    """The service says where it listens once it answers."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        if found := _ADDRESS.search(log.read_text()):
            return found[0]
        time.sleep(0.05)
    raise UnexpectedAnswer(f"the service did not start; see {log}")


def _until_ready(address: str) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if _is_ready(address):
            return
        time.sleep(0.05)
    raise UnexpectedAnswer(f"{address}/health did not answer 200 within {START_SECONDS} seconds")


def _is_ready(address: str) -> bool:
    with closing(ServiceConnection(address)) as line:
        try:
            return line.ask("GET", "/health")[0] == 200
        except (OSError, HTTPException):
            return False


def _wait(server: subprocess.Popen[bytes]) -> None:
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
