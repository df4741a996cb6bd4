"""Bounds for a connection before the application sees it: silence, headers, pipelining.

uvicorn waits for ever for a header and for the rest of a body. This protocol gives both an end, and
every connection a bound for what it can make us hold. Bodies that somebody reads are bounded where
they are read (`intake`): here are only those that nobody reads.
"""

import random
import resource
from asyncio import AbstractEventLoop, TimerHandle, Transport
from collections import deque
from functools import cache
from http import HTTPStatus
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

HEADER_SECONDS = 10
"""From the connection, or from a message's first byte, until its headers are complete."""

HEADER_BYTES_MAX = 32_768
HEADERS_MAX = 100
"""Each header costs us more than its bytes: 32 KB could be 8,000 of them."""

KEEP_ALIVE_SECONDS = 10
REST_SECONDS = 10
"""For the rest of a body that was answered before it had arrived."""

PIPELINED_MAX = 16
"""Requests that may wait on one connection for the answer to an earlier one."""

HOLD_SECONDS = 1.0
"""How long a connection is not read after a 429: as long as its Retry-After says."""

SLICE_BYTES = 32_768

TURN_SECONDS = 0.0005
"""Between two reads of what is thrown away: of 256 KB at most, so half a gigabyte a second."""

_SPARE_FILES = 256
_CONNECTIONS_MAX = 4096


@cache
def connections_max() -> int:
    """Connections at one time: some file descriptors must be left for the database and exports."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return _CONNECTIONS_MAX
    return max(16, min(_CONNECTIONS_MAX, soft - _SPARE_FILES))


class _Refusal(httptools.HttpParserError):
    """Raised within the parser's callbacks, to end its work at once."""


class UnreadBodies:
    """The connections of one server on which the rest of an answered body arrives.

    It is thrown away, but reading costs, too: in each turn of the loop one of them is read, so that
    a crowd that sends much keeps nobody waiting for longer than a single one would.
    """

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: deque[BoundedProtocol] = deque()
        self._is_due = False

    def wait(self, one: "BoundedProtocol") -> None:
        """Do not read from this connection until its turn comes."""
        one.flow.pause_reading()
        if one not in self._waiting:
            self._waiting.append(one)
        self._arrange()

    def _arrange(self) -> None:
        if self._waiting and not self._is_due:
            self._is_due = True
            self._loop.call_later(TURN_SECONDS, self._read_one)

    def _read_one(self) -> None:
        self._is_due = False
        while self._waiting:
            one = self._waiting.popleft()
            if not one.transport.is_closing():
                one.flow.resume_reading()
                break
        self._arrange()


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 on one connection, within bounds.

    There is one timer. It runs while headers are awaited, and while the rest of a body arrives that
    nobody will read. Between two requests uvicorn's own keep-alive timer runs.
    """

    header_seconds: float = HEADER_SECONDS
    rest_seconds: float = REST_SECONDS
    hold_seconds: float = HOLD_SECONDS
    connections_allowed: int = 0
    """How many connections there may be; 0: as many as `connections_max` says."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._timer: TimerHandle | None = None
        self._awaits_header = True
        self._since = 0.0
        self._bare = 0
        self._status = HTTPStatus.BAD_REQUEST
        self._is_held = False
        self._is_over = False
        self._cycles: list[RequestResponseCycle] = []
        # uvicorn's state is what all connections of a server share.
        self._rests: UnreadBodies = vars(self.server_state).setdefault(
            "rests", UnreadBodies(self.loop)
        )

    # What the transport tells.

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > (self.connections_allowed or connections_max()):
            self._make_room()
        self._expect_header()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        self._give_up()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        if self._awaits_header and self._timer is None:
            self._expect_header()
        for begin in range(0, len(data), SLICE_BYTES):
            if self._is_over or self.transport.is_closing():
                return
            self._take(data[begin : begin + SLICE_BYTES])
        if self._is_rest() and not self.transport.is_closing():
            self._rests.wait(self)

    def _take(self, data: bytes) -> None:
        self._bare += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            return  # Nothing is offered to upgrade to: the request is answered as it is.
        except httptools.HttpParserError:
            self._refuse(self._status)
            return
        if self._bare > HEADER_BYTES_MAX:
            # Neither a header was completed nor a byte of a body came: one endless header,
            # trailer or chunk extension.
            is_header = self._awaits_header
            self._refuse(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE if is_header else HTTPStatus.BAD_REQUEST
            )

    # What the parser finds.

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._awaits_header:
            raise _Refusal("trailers are not read")
        if len(self.headers) >= HEADERS_MAX:
            self._status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise _Refusal("too many headers")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        # With colon, blank and line end; the first line's method and version are about as long.
        size = sum(len(name) + len(value) + 4 for name, value in self.headers) + len(self.url) + 16
        if size > HEADER_BYTES_MAX:
            self._status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise _Refusal("too long headers")
        if len(self.pipeline) >= PIPELINED_MAX:
            raise _Refusal("too many requests at once")
        self._disarm()
        self._awaits_header = False
        self._bare = 0
        super().on_headers_complete()
        self.scope["state"]["hold"] = self.hold
        self._cycles = [*self._unanswered(), self.cycle]

    def on_body(self, body: bytes) -> None:
        self._bare = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._bare = 0
        self._awaits_header = True
        super().on_message_complete()
        if self.cycle.response_complete:
            self._expect_header()  # The rest of an answered body has come; the next may follow.

    # What the application does.

    def hold(self) -> None:
        """After this answer, do not read from the connection for a second: a caller that
        ignores 429 gains nothing by asking again at once."""
        self._is_held = True

    def on_response_complete(self) -> None:
        if self._is_held and not self.transport.is_closing():
            self._is_held = False
            self.flow.pause_reading()
            # Not all of a crowd until the same moment.
            self.loop.call_later(self.hold_seconds * (1 + random.random() / 2), self._go_on)
            return
        self._go_on()

    def _go_on(self) -> None:
        super().on_response_complete()
        self._since = self.loop.time()
        if self._is_rest():
            self._unset_keepalive_if_required()
            self._arm(self.rest_seconds, self.transport.close)
            self._rests.wait(self)

    def _is_rest(self) -> bool:
        """Whether what arrives now belongs to a body that is answered already."""
        return not self._awaits_header and self.cycle.response_complete

    # The one timer.

    def _expect_header(self) -> None:
        self._since = self.loop.time()
        self._arm(self.header_seconds, self._end_silence)

    def _arm(self, seconds: float, end: Any) -> None:
        self._disarm()
        self._timer = self.loop.call_later(seconds, end)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end_silence(self) -> None:
        self._timer = None
        if self._is_answering():
            self.cycle.keep_alive = False  # What was asked in full before is still answered.
        elif self._bare:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        else:
            self.transport.close()

    def _unanswered(self) -> list[RequestResponseCycle]:
        return [one for one in self._cycles if not one.response_complete]

    def _is_answering(self) -> bool:
        return bool(self._unanswered())

    def _refuse(self, status: HTTPStatus) -> None:
        """One answer, then the end. What was asked in full before is still answered, and then
        there is no place for this answer."""
        self._disarm()
        self._is_over = True
        waiting = self._unanswered()
        if waiting and self._awaits_header:
            self.cycle.keep_alive = False
            self.flow.pause_reading()
            return
        if len(waiting) <= 1 and not any(one.response_started for one in waiting):
            self.transport.write(_answer(status))
        self._give_up()
        self.transport.close()

    def _give_up(self) -> None:
        """Tell the requests that are being answered that their caller has gone."""
        for one in self._unanswered():
            one.disconnected = True
            one.message_event.set()

    def _make_room(self) -> None:
        """End the connections that have been silent longest, among those that ask for nothing."""
        silent = [
            one
            for one in self.connections
            if isinstance(one, BoundedProtocol) and one is not self and not one._is_answering()
        ]
        silent.sort(key=lambda one: one._since)
        for one in silent[: 1 + len(silent) // 16] or [self]:
            one.connections.discard(one)
            one.transport.abort()


def _answer(status: HTTPStatus) -> bytes:
    said = f"{status.phrase}\n"
    return (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(said)}\r\nConnection: close\r\n\r\n{said}"
    ).encode("ascii")
