"""A cloud TSE to practise with: a small HTTP server in the shape of fiskaly SIGN DE v2.

Behind each TSS stands a software TSE in its own folder. The server keeps what the API adds to it:
ids, revisions, metadata. It can misbehave on demand, because adapters must survive that.
"""

import json
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from fiscus.model.times import Clock
from fiscus.signers.tse.simulator import tss
from fiscus.signers.tse.simulator.tss import ApiError, SimulatedTss, StoredExport

_BODY_BYTES_MAX = 256 * 1024
_TOKEN_SECONDS = 300


class ServerFault(msgspec.Struct, frozen=True, kw_only=True):
    """What the server does to one request: it waits, then answers with a status, hangs up, or,
    with neither, goes on as usual. `is_after` plays it after the work was done: the answer is
    lost, not the request."""

    delay_seconds: float = 0.0
    status: int = 0
    hangs_up: bool = False
    is_after: bool = False


@dataclass(kw_only=True)
class SimulatedCloud:
    """The whole of the provider: accounts, TSSs, and the mischief it is up to."""

    folder: Path
    clock: Clock
    api_key: str
    api_secret: str
    entropy: Callable[[int], bytes]
    version: int = 2
    tokens: dict[str, float] = field(default_factory=dict)
    tss: dict[str, SimulatedTss] = field(default_factory=dict)
    mischief: deque[ServerFault] = field(default_factory=deque)
    requests: deque[str] = field(default_factory=lambda: deque(maxlen=1000))
    lock: threading.RLock = field(default_factory=threading.RLock)

    def token(self, body: Any) -> dict[str, Any]:
        if (body.get("api_key"), body.get("api_secret")) != (self.api_key, self.api_secret):
            raise ApiError(401, "E_UNAUTHORIZED", "wrong key or secret")
        token = self.entropy(24).hex()
        self.tokens[token] = self.clock().timestamp() + _TOKEN_SECONDS
        return {
            "access_token": token,
            "access_token_expires_in": _TOKEN_SECONDS,
            "refresh_token": self.entropy(24).hex(),
        }

    def expect_token(self, header: str) -> None:
        until = self.tokens.get(header.removeprefix("Bearer "), 0.0)
        if self.clock().timestamp() >= until:
            raise ApiError(401, "E_UNAUTHORIZED", "no valid token")

    def answer(self, method: str, target: str, header: str, body: Any) -> Any:
        """One request; the answer is JSON or a file."""
        with self.lock:
            parts = urlsplit(target)
            query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            path = [one for one in parts.path.split("/") if one]
            self.requests.append(f"{method} {parts.path}")
            if (method, path) == ("POST", ["auth"]):
                return self.token(body)
            self.expect_token(header)
            if len(path) < 2 or path[0] != "tss":
                raise ApiError(404, "E_NOT_FOUND", "no such resource")
            if (method, len(path)) == ("PUT", 2):
                return self._create(path[1], body)
            found = self.tss.get(path[1])
            if found is None:
                raise ApiError(404, "E_TSS_NOT_FOUND", "no such TSS")
            return tss.answer(found, method, path[2:], query, body)

    def _create(self, tss_id: str, body: Any) -> Any:
        if tss_id not in self.tss:
            self.tss[tss_id] = tss.create(
                self.folder / tss_id, tss_id, self.clock, self.entropy, self.version, body
            )
        return tss.described(self.tss[tss_id], has_puk=True)

    def close(self) -> None:
        with self.lock:
            for one in self.tss.values():
                one.device.close()


def serve(cloud: SimulatedCloud, host: str = "127.0.0.1", port: int = 0) -> ThreadingHTTPServer:
    """A server in a thread of its own; `stop(server)` ends it. Port 0 takes any free one."""

    class CloudRequest(_CloudRequest):
        """One request to the simulated cloud."""

        provider = cloud

    server = ThreadingHTTPServer((host, port), CloudRequest)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


def stop(server: ThreadingHTTPServer) -> None:
    server.shutdown()
    server.server_close()


class _CloudRequest(BaseHTTPRequestHandler):
    """One connection. The library wants a subclass; all it does is read, ask and write."""

    provider: SimulatedCloud
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        self._exchange("GET")

    def do_PUT(self) -> None:
        self._exchange("PUT")

    def do_POST(self) -> None:
        self._exchange("POST")

    def do_PATCH(self) -> None:
        self._exchange("PATCH")

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: a simulator's access log helps nobody."""

    def _exchange(self, method: str) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > _BODY_BYTES_MAX:
            self.close_connection = True
            self._write(413, {"code": "E_TOO_LARGE", "message": "the body is too large"})
            return
        data = self.rfile.read(length)
        mischief = self.provider.mischief.popleft() if self.provider.mischief else ServerFault()
        if not mischief.is_after and self._misbehaved(mischief):
            return
        status, found = self._asked(method, data)
        if mischief.is_after and self._misbehaved(mischief):
            return
        self._write(status, found)

    def _asked(self, method: str, data: bytes) -> tuple[int, Any]:
        try:
            body = json.loads(data) if data else {}
            header = self.headers.get("Authorization", "")
            return 200, self.provider.answer(method, self.path, header, body)
        except ApiError as error:
            return error.status, {
                "status_code": error.status,
                "code": error.code,
                "message": error.message,
            }
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return 400, {"status_code": 400, "code": "E_BAD_REQUEST", "message": repr(error)}

    def _misbehaved(self, mischief: ServerFault) -> bool:
        """Whether the exchange is over."""
        if mischief.delay_seconds:
            time.sleep(mischief.delay_seconds)
        if mischief.hangs_up:
            self.close_connection = True
            return True
        if mischief.status:
            self._write(mischief.status, {"message": "mischief"})
            return True
        return False

    def _write(self, status: int, found: Any) -> None:
        data = found.data if isinstance(found, StoredExport) else json.dumps(found).encode()
        kind = "application/x-tar" if isinstance(found, StoredExport) else "application/json"
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except ConnectionError:
            self.close_connection = True  # the client did not wait
