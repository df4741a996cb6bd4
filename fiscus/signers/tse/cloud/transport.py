"""HTTP to a cloud TSE: bounded in time and size, tokens kept while they last, retried where safe.

Every request here may be repeated: transactions and clients are put under ids and revisions we
chose ourselves, so a second try after a lost answer meets the first one's result.
"""

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec

from fiscus.deadlines import cut_after
from fiscus.model.times import Clock
from fiscus.signers.tse.log.errors import TseDown, TseRefused

ANSWER_BYTES_MAX = 1024 * 1024
_CHUNK = 64 * 1024
_TOKEN_MARGIN = timedelta(seconds=30)


class CloudAccount(msgspec.Struct, frozen=True, kw_only=True):
    """Where the cloud TSE is and who we are. Times are for one whole call, retries included."""

    url: str
    tss_id: str
    api_key: str
    api_secret: str
    admin_pin: str = ""
    admin_puk: str = ""
    timeout_seconds: float = 5.0
    attempts_max: int = 2
    export_timeout_seconds: float = 600.0


class CloudAnswer(msgspec.Struct, frozen=True):
    """An answer of the cloud: its status and its body."""

    status: int
    body: bytes


@dataclass(kw_only=True)
class CloudConnection:
    """The line to one account. `elapsed` counts seconds and never goes back; `pause` waits."""

    account: CloudAccount
    clock: Clock
    elapsed: Callable[[], float]
    pause: Callable[[float], None]
    lock: threading.RLock = field(default_factory=threading.RLock)
    busy: threading.Lock = field(default_factory=threading.Lock)
    token: str = ""
    token_until: datetime | None = None


def call(line: CloudConnection, method: str, path: str, body: Any = None) -> Any:
    """One JSON request to `path` below the API's root, with a token; one at a time, as a TSE
    works. Waiting for one's turn counts as time.

    Raises `TseRefused` for a 4xx answer and `TseDown` for everything else that is no success.
    """
    deadline = line.elapsed() + line.account.timeout_seconds
    if not line.busy.acquire(timeout=line.account.timeout_seconds):
        raise TseDown("the TSE is busy")
    try:
        answer = _authorized(line, method, path, body, deadline)
        if answer.status == 401:
            line.token_until = None  # revoked before its time: once more with a fresh one
            answer = _authorized(line, method, path, body, deadline)
    finally:
        line.busy.release()
    return _understood(answer)


def stream(line: CloudConnection, path: str) -> Iterator[bytes]:
    """A file, in chunks. It is not retried: the caller keeps what it got or throws it away."""
    deadline = line.elapsed() + line.account.export_timeout_seconds
    token = _token(line, line.elapsed() + line.account.timeout_seconds)
    connection = _connection(line, deadline)
    try:
        response = _asked(line, connection, "GET", path, b"", token)
        if response.status != 200:
            _understood(CloudAnswer(response.status, response.read(ANSWER_BYTES_MAX)))
            raise TseDown(f"status {response.status} for a file")
        length = response.length
        received = 0
        while chunk := _chunk(line, connection, response, deadline):
            received += len(chunk)
            yield chunk
        if length is not None and received != length:
            raise TseDown("the file broke off")
    except (OSError, http.client.HTTPException) as error:
        raise TseDown(f"{type(error).__name__}: {error}") from error
    finally:
        connection.close()


def _authorized(
    line: CloudConnection, method: str, path: str, body: Any, deadline: float
) -> CloudAnswer:
    token = _token(line, deadline)
    return _tried(line, method, path, body, deadline, token)


def _token(line: CloudConnection, deadline: float) -> str:
    with line.lock:
        if line.token_until is not None and line.clock() < line.token_until:
            return line.token
        account = line.account
        asked = {"api_key": account.api_key, "api_secret": account.api_secret}
        found = _understood(_tried(line, "POST", "/auth", asked, deadline, ""))
        try:
            line.token = str(found["access_token"])
            lasts = timedelta(seconds=int(found["access_token_expires_in"]))
        except (KeyError, TypeError, ValueError) as error:
            raise TseDown(f"no token in the answer: {error!r}") from error
        line.token_until = line.clock() + lasts - _TOKEN_MARGIN
        return line.token


def _tried(
    line: CloudConnection, method: str, path: str, body: Any, deadline: float, token: str
) -> CloudAnswer:
    """Tries again after an outage (no answer, 5xx, 429) while time and attempts are left."""
    sent = b"" if body is None else json.dumps(body).encode()
    trouble = "no attempt was made"
    for attempt in range(line.account.attempts_max):
        if line.elapsed() >= deadline:
            break
        if attempt:
            line.pause(min(0.1 * 2**attempt, max(0.0, deadline - line.elapsed())))
        try:
            answer = _once(line, method, path, sent, token, deadline)
        except (OSError, http.client.HTTPException) as error:
            trouble = f"{type(error).__name__}: {error}"
            continue
        if answer.status < 500 and answer.status != 429:
            return answer
        trouble = f"status {answer.status}"
    raise TseDown(f"{trouble} at {method} {path}")


def _once(
    line: CloudConnection, method: str, path: str, sent: bytes, token: str, deadline: float
) -> CloudAnswer:
    connection = _connection(line, deadline)
    try:
        connection.connect()
        with cut_after(connection.sock, _left(line, deadline)):
            response = _asked(line, connection, method, path, sent, token)
            body = response.read(ANSWER_BYTES_MAX + 1)
        if len(body) > ANSWER_BYTES_MAX:
            raise http.client.HTTPException("the answer is too large")
        return CloudAnswer(response.status, body)
    finally:
        connection.close()


def _connection(line: CloudConnection, deadline: float) -> http.client.HTTPConnection:
    parts = urlsplit(line.account.url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    assert parts.hostname is not None
    return kind(parts.hostname, parts.port, timeout=_left(line, deadline))


def _asked(
    line: CloudConnection,
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    sent: bytes,
    token: str,
) -> http.client.HTTPResponse:
    headers = {"Content-Type": "application/json", "Accept": "*/*"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    root = urlsplit(line.account.url).path.rstrip("/")
    connection.request(method, root + path, body=sent or None, headers=headers)
    return connection.getresponse()


def _chunk(
    line: CloudConnection,
    connection: http.client.HTTPConnection,
    response: http.client.HTTPResponse,
    deadline: float,
) -> bytes:
    """What has arrived, up to a chunk. A server that drips does not stretch the time."""
    left = _left(line, deadline)
    if connection.sock is not None:
        connection.sock.settimeout(left)
    return response.read1(_CHUNK)


def _left(line: CloudConnection, deadline: float) -> float:
    left = deadline - line.elapsed()
    if left <= 0:
        raise TimeoutError("no time is left")
    return left


def _understood(answer: CloudAnswer) -> Any:
    try:
        found = json.loads(answer.body)
    except ValueError as error:
        raise TseDown(f"status {answer.status} without JSON") from error
    if 200 <= answer.status < 300:
        return found
    is_named = isinstance(found, dict) and "code" in found
    if 400 <= answer.status < 500 and is_named:
        raise TseRefused(str(found["code"]), str(found.get("message", "")))
    raise TseDown(f"status {answer.status}")
