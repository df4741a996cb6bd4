"""The service from the outside: a process of its own, spoken to over HTTP and nothing else."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

Json = dict[str, Any]

VERSION = "2026-05-04"
START_SECONDS = 60
STOP_SECONDS = 20
ANSWER_SECONDS = 30

_RUN = (sys.executable, "-c", "from fiscus.cli import main; main()")
_ADDRESS = re.compile(r"http://[0-9.]+:[0-9]+")
_CHUNK = 1 << 16


class Unexpected(Exception):
    """What happened is not what the story says: it ends here."""


def first_key(data: Path) -> Json:
    """Make the first account, group and key as an operator does: `fiscus init --json`."""
    done = subprocess.run(
        [*_RUN, "init", "--json"], env=environment(data), capture_output=True, text=True
    )
    if done.returncode:
        raise Unexpected(f"fiscus init ended with {done.returncode}: {done.stderr.strip()}")
    found: Json = json.loads(done.stdout)
    return found


@contextmanager
def served(data: Path, log: Path) -> Iterator[str]:
    """`fiscus serve` on a free port, from ready to stopped; gives its address."""
    with log.open("w") as lines:
        server = subprocess.Popen(
            [*_RUN, "serve", "--port", "0"], env=environment(data), stderr=lines
        )
    try:
        address = _address(server, log)
        _until_ready(address)
        yield address
    finally:
        server.terminate()
        _wait(server)
    if server.returncode not in (0, -15):
        raise Unexpected(f"the service ended with {server.returncode}; see {log}")


def environment(data: Path) -> dict[str, str]:
    """Ours, without settings meant for another house: the story plays in a folder of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FISCUS_")}
    return {**kept, "FISCUS_DATA_DIR": str(data), "FISCUS_LOG_LEVEL": "warning", "COLUMNS": "200"}


def _address(server: subprocess.Popen[bytes], log: Path) -> str:
    """The service says where it listens once it has opened its door."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        if found := _ADDRESS.search(log.read_text()):
            return found[0]
        time.sleep(0.05)
    raise Unexpected(f"the service did not start; see {log}")


def _until_ready(address: str) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if _is_ready(address):
            return
        time.sleep(0.05)
    raise Unexpected(f"{address}/health did not answer 200 within {START_SECONDS} seconds")


def _is_ready(address: str) -> bool:
    with closing(Client(address)) as client:
        try:
            return client.ask("GET", "/health")[0] == 200
        except (OSError, HTTPException):
            return False


def _wait(server: subprocess.Popen[bytes]) -> None:
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


@dataclass(kw_only=True)
class Told:
    """Who speaks, in whose name."""

    bearer: str = ""
    scope: str = ""


class Client:
    """One connection; every write carries a fresh idempotency key."""

    def __init__(self, address: str) -> None:
        self._connection = HTTPConnection(urlsplit(address).netloc, timeout=ANSWER_SECONDS)
        self.told = Told()

    def close(self) -> None:
        self._connection.close()

    def ask(self, method: str, path: str, body: Json | None = None) -> tuple[int, Json]:
        """Status and body of one request."""
        response = self._send(method, path, body)
        return response.status, json.loads(response.read())

    def content(self, method: str, path: str, body: Json | None = None) -> Json:
        """The content of an answer that must be 200."""
        status, answer = self.ask(method, path, body)
        if status != 200:
            raise Unexpected(f"{method} {path} answered {status}: {answer}")
        content: Json = answer.get("content", answer)
        return content

    def download(self, path: str, to: Path) -> None:
        response = self._send("GET", path, None)
        with to.open("wb") as file:
            while chunk := response.read(_CHUNK):
                file.write(chunk)
        if response.status != 200:
            raise Unexpected(f"GET {path} answered {response.status}; see {to}")

    def _send(self, method: str, path: str, body: Json | None) -> HTTPResponse:
        headers = {"X-Api-Version": VERSION}
        if method in ("POST", "PATCH"):
            headers |= {"X-Idempotency-Key": str(uuid4()), "Content-Type": "application/json"}
        if self.told.bearer:
            headers["Authorization"] = f"Bearer {self.told.bearer}"
        if self.told.scope:
            headers["X-Scope-Identifier"] = self.told.scope
        sent = None if body is None else json.dumps(body).encode()
        self._connection.request(method, path, body=sent, headers=headers)
        return self._connection.getresponse()
