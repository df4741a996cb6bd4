"""A line to the service: requests as they travel over HTTP, and what the stories expect."""

import json
import time
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

Json = dict[str, Any]
T = TypeVar("T")

ANSWER_SECONDS = 30
JOB_SECONDS = 60
_PAUSE_SECONDS = 0.05
_CHUNK = 1 << 16


class UnexpectedAnswer(Exception):
    """What happened is not what the story says: it ends here."""


class ServiceConnection:
    """One connection, kept open from request to request."""

    def __init__(self, address: str) -> None:
        self._connection = HTTPConnection(urlsplit(address).netloc, timeout=ANSWER_SECONDS)

    def close(self) -> None:
        self._connection.close()

    def ask(
        self, method: str, path: str, body: Json | None = None, headers: Mapping[str, str] = {}
    ) -> tuple[int, Json]:
        """Status and body of one request."""
        response = self._send(method, path, body, headers)
        return response.status, json.loads(response.read())

    def fetch(self, path: str) -> tuple[int, str]:
        """Status and text of what is no JSON."""
        response = self._send("GET", path, None, {})
        return response.status, response.read().decode()

    def download(self, path: str, to: Path, headers: Mapping[str, str] = {}) -> None:
        response = self._send("GET", path, None, headers)
        with to.open("wb") as file:
            while chunk := response.read(_CHUNK):
                file.write(chunk)
        if response.status != 200:
            raise UnexpectedAnswer(f"GET {path} answered {response.status}; see {to}")

    def _send(
        self, method: str, path: str, body: Json | None, headers: Mapping[str, str]
    ) -> HTTPResponse:
        told = {**headers, **({} if body is None else {"Content-Type": "application/json"})}
        sent = None if body is None else json.dumps(body).encode()
        self._connection.request(method, path, body=sent, headers=told)
        return self._connection.getresponse()


def awaited(what: str, look: Callable[[], T | None]) -> T:
    """Look again and again until there is something. `UnexpectedAnswer` if it takes too long."""
    until = time.monotonic() + JOB_SECONDS
    while time.monotonic() < until:
        if (found := look()) is not None:
            return found
        time.sleep(_PAUSE_SECONDS)
    raise UnexpectedAnswer(f"{what} was not ready within {JOB_SECONDS} seconds; see server.log")


def expect(holds: bool, otherwise: str) -> None:
    """Raises `UnexpectedAnswer` with these words if it does not hold."""
    if not holds:
        raise UnexpectedAnswer(otherwise)
