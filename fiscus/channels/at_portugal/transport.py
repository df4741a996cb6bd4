"""HTTP to one service of the authority: TLS with the producer's certificate, one deadline for all
of a call, connections kept open between calls.

Redirects are not followed and no proxy of the environment is asked. Nothing is sent twice: a call
whose answer is lost may have been carried out.
"""

import http.client
import os
import secrets
import socket
import ssl
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from fiscus import __version__
from fiscus.deadlines import cut_after

CALL_SECONDS = 8.0
"""For a whole call. Only the search for the host's name is not within it: the system has a bound of
its own for that."""

ANSWER_BYTES_MAX = 1_048_576
IDLE_SECONDS = 20.0
IDLE_MAX = 8

_ALERT = "_ALERT_"


class AnswerLost(Exception):
    """No answer that counts. `is_unsent`: the other side has not got the request."""

    def __init__(self, reason: str, *, is_unsent: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_unsent = is_unsent


class HttpAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Status, type of the body, body."""

    status: int
    type: str
    body: bytes


@lru_cache(maxsize=8)
def tls(certificate: bytes, private_key: bytes, trusted: bytes) -> ssl.SSLContext:
    """TLS 1.2 or newer that shows the producer's certificate and checks the other side's: against
    `trusted` (PEM), or if that is empty against what the machine trusts.

    Raises `ValueError` and `ssl.SSLError` for keys that are none or do not fit together.
    """
    context = ssl.create_default_context(cadata=trusted.decode("ascii") if trusted else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # The library reads files only: the key lies there encrypted, and no longer than that.
    word = secrets.token_bytes(24).hex().encode()
    key = load_pem_private_key(private_key, None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(word)
    )
    with tempfile.TemporaryDirectory(prefix="fiscus-") as folder:
        chain, hidden = Path(folder, "certificate.pem"), Path(folder, "key.pem")
        chain.write_bytes(certificate)
        hidden.touch(mode=0o600)
        hidden.write_bytes(key)
        context.load_cert_chain(os.fspath(chain), os.fspath(hidden), word)
    return context


@dataclass(frozen=True, kw_only=True)
class KeptConnection:
    """A connection between calls, and the moment since when it waits."""

    connection: http.client.HTTPConnection
    since: float


@dataclass(kw_only=True)
class ServiceLine:
    """The way to one service, by its address (`https://host:port/path`); for any thread at any
    time. `elapsed` counts seconds and never goes back."""

    address: str
    context: ssl.SSLContext
    seconds: float = CALL_SECONDS
    elapsed: Callable[[], float] = time.monotonic
    _idle: deque[KeptConnection] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def post(self, message: bytes, action: str = "") -> HttpAnswer:
        """Send a SOAP message. Raises `AnswerLost`."""
        end = self.elapsed() + self.seconds
        kept = self._kept()
        connection = kept or self._connected()
        try:
            with cut_after(connection.sock, max(end - self.elapsed(), 0.001)) as is_over:
                if kept is None:
                    self._encrypt(connection, is_over)
                answer, is_reusable = self._asked(connection, message, action, is_over)
        except BaseException:
            connection.close()
            raise
        if is_reusable:
            self._keep(connection)
        else:
            connection.close()
        return answer

    def close(self) -> None:
        """Close what waits; the next call opens anew."""
        with self._lock:
            while self._idle:
                self._idle.popleft().connection.close()

    def __del__(self) -> None:
        self.close()

    def _connected(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.address)
        assert parts.hostname is not None, "an address of a service has a host"
        port = parts.port or 443
        try:
            line = socket.create_connection((parts.hostname, port), timeout=self.seconds)
        except (OSError, ValueError) as error:
            raise AnswerLost(f"no connection ({_named(error)})", is_unsent=True) from error
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = http.client.HTTPConnection(parts.hostname, port)
        connection.default_port = 443
        connection.auto_open = 0
        connection.sock = line
        return connection

    def _encrypt(self, connection: http.client.HTTPConnection, is_over: threading.Event) -> None:
        plain = connection.sock
        try:
            connection.sock = self.context.wrap_socket(plain, server_hostname=connection.host)
        except ssl.SSLCertVerificationError as error:
            reason = f"the service's certificate is not good: {error.verify_message}"
            raise AnswerLost(reason, is_unsent=True) from error
        except (OSError, ValueError) as error:
            reason = "no connection in time" if is_over.is_set() else "no TLS connection"
            raise AnswerLost(f"{reason} ({_named(error)})", is_unsent=True) from error

    def _asked(
        self,
        connection: http.client.HTTPConnection,
        message: bytes,
        action: str,
        is_over: threading.Event,
    ) -> tuple[HttpAnswer, bool]:
        try:
            connection.request("POST", urlsplit(self.address).path, message, _headers(action))
            response = connection.getresponse()
            body = response.read(ANSWER_BYTES_MAX + 1)
        except (OSError, ValueError, http.client.HTTPException) as error:
            if is_over.is_set():
                raise AnswerLost("no answer in time") from error
            raise AnswerLost(
                f"the connection broke ({_named(error)})", is_unsent=_is_turned_away(error)
            ) from error
        is_whole = not response.length
        response.close()
        if is_over.is_set():  # What was cut off looks as if it had ended.
            raise AnswerLost("no answer in time")
        if len(body) > ANSWER_BYTES_MAX:
            raise AnswerLost("the answer is too large")
        if not is_whole:
            raise AnswerLost("the answer broke off")
        answer = HttpAnswer(
            status=response.status, type=response.headers.get_content_type(), body=body
        )
        return answer, not response.will_close

    def _kept(self) -> http.client.HTTPConnection | None:
        """The connection that was used last, if the other side has not closed it."""
        while True:
            with self._lock:
                if not self._idle:
                    return None
                one = self._idle.pop()
            if self.elapsed() - one.since < IDLE_SECONDS and not _has_news(one.connection.sock):
                return one.connection
            one.connection.close()

    def _keep(self, connection: http.client.HTTPConnection) -> None:
        connection.sock.settimeout(self.seconds)
        with self._lock:
            self._idle.append(KeptConnection(connection=connection, since=self.elapsed()))
            over = self._idle.popleft() if len(self._idle) > IDLE_MAX else None
        if over is not None:
            over.connection.close()


def _headers(action: str) -> dict[str, str]:
    return {
        "Content-Type": "text/xml; charset=utf-8",
        "SOAPAction": f'"{action}"',
        "Accept": "text/xml",
        "User-Agent": f"Fiscus/{__version__}",
    }


def _has_news(line: socket.socket) -> bool:
    """Whether a waiting connection has something to read: its end, for nobody has asked."""
    with DefaultSelector() as waiting:
        waiting.register(line, EVENT_READ)
        return bool(waiting.select(0))


def _is_turned_away(error: BaseException) -> bool:
    """Whether the other side refused the connection itself: with TLS 1.3 it judges our certificate
    after our first bytes, and reads none of them if it does not like it."""
    return isinstance(error, ssl.SSLError) and _ALERT in (error.reason or "")


def _named(error: BaseException) -> str:
    """What went wrong, without a word of what was sent or said."""
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.lower().replace("_", " ")
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return type(error).__name__
