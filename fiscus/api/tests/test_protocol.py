"""Connections that misbehave, against a real server on a real socket."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from socket import AF_INET, SHUT_WR, create_connection, socket

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from fiscus.api import protocol
from fiscus.api.protocol import HEADER_BYTES_MAX, HEADERS_MAX, PIPELINED_MAX, BoundedProtocol

GET = b"GET / HTTP/1.1\r\nHost: x\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\n"
SOON = 0.4


class Quick(BoundedProtocol):
    header_seconds = SOON
    rest_seconds = SOON
    hold_seconds = SOON


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads the body unless told otherwise; waits for a while at `/slow`; 429 at `/often`."""
    assert scope["type"] == "http"
    path = scope["path"]
    more = path != "/unread"
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        more = message["more_body"]
    if path == "/slow":
        await asyncio.sleep(SOON * 2)
    if path == "/often":
        scope["state"]["hold"]()
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


class Small(BoundedProtocol):
    connections_allowed = 4


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving(Quick) as found:
        yield found


@contextmanager
def serving(kind: type[BoundedProtocol]) -> Iterator[int]:
    with socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(100)
        config = uvicorn.Config(
            application,
            http=kind,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_keep_alive=1,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join()


def said(port: int, *parts: bytes, every: float = 0.0, patience: float = 5) -> tuple[bytes, float]:
    """What the server says to these parts until it closes, and after how many seconds that is."""
    begun = time.monotonic()
    answer = b""
    cut = suppress(ConnectionResetError, BrokenPipeError)
    with create_connection(("127.0.0.1", port), timeout=patience) as line, cut:
        for part in parts:
            line.sendall(part)
            if every:
                answer += heard(line, every)
        line.settimeout(patience)
        while part := line.recv(65_536):
            answer += part
    return answer, time.monotonic() - begun


def heard(line: socket, seconds: float) -> bytes:
    """What comes within so many seconds."""
    line.settimeout(seconds)
    with suppress(TimeoutError):
        return line.recv(65_536)
    return b""


@pytest.mark.parametrize("begun", [b"G", b"GET / HTTP/1.1\r\n", GET, GET + b"X: "])
def test_a_header_that_does_not_end_is_answered_with_408(port: int, begun: bytes) -> None:
    answer, seconds = said(port, begun)

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"Connection: close" in answer
    assert seconds < SOON + 1


@pytest.mark.parametrize("drip", [b"X: y\r\n", b"X", b"\r\n"])
def test_a_header_that_drips_is_cut_at_the_same_time(port: int, drip: bytes) -> None:
    begun = b"" if drip == b"\r\n" else b"GET / HTTP/1.1\r\nA: "

    _, seconds = said(port, begun, *[drip] * 12, every=SOON / 6)

    assert seconds < SOON * 2 + 1


def test_a_drip_after_an_answer_is_cut_too(port: int) -> None:
    answer, seconds = said(port, GET + b"\r\n", *[b"\r\n"] * 12, every=SOON / 6)

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert seconds < SOON * 2 + 1


def test_a_rest_that_nobody_reads_has_an_end(port: int) -> None:
    answer, seconds = said(
        port,
        POST.replace(b"/", b"/unread", 1) + b"Content-Length: 1000\r\n\r\n",
        *[b"x"] * 12,
        every=SOON / 6,
    )

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert seconds < SOON * 2 + 1


def test_after_a_rest_that_came_the_connection_lives_on(port: int) -> None:
    unread = POST.replace(b"/", b"/unread", 1) + b"Content-Length: 4\r\n\r\n"

    answer, _ = said(port, unread, b"rest", GET + b"\r\n", every=SOON / 4)

    assert answer.count(b"HTTP/1.1 200 ") == 2


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (GET + b"X: " + b"y" * (HEADER_BYTES_MAX + 1), 431),
        (GET + b"X: " + b"y" * HEADER_BYTES_MAX + b"\r\n\r\n", 431),
        (b"GET /" + b"y" * HEADER_BYTES_MAX + b" HTTP/1.1\r\n\r\n", 431),
        (GET + b"X: y\r\n" * HEADERS_MAX + b"\r\n", 431),
        (GET + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", 400),
        (POST + b"Content-Length: -1\r\n\r\n", 400),
        (POST + b"Content-Length: 1e3\r\n\r\n", 400),
        (POST + b"Content-Length: 99999999999999999999999\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\nzz", 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\nzz", 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nT: y\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"y" * HEADER_BYTES_MAX * 2, 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nT: " + b"y" * HEADER_BYTES_MAX * 2, 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    ],
)
def test_what_breaks_the_rules_gets_one_answer_and_the_end(
    port: int, request_: bytes, status: int
) -> None:
    answer, seconds = said(port, request_)

    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert answer.count(b"HTTP/1.1") == 1
    assert seconds < SOON


def test_headers_up_to_the_bound_are_read(port: int) -> None:
    answer, _ = said(
        port,
        GET + b"X: " + b"y" * (HEADER_BYTES_MAX - 200) + b"\r\n" + b"Connection: close\r\n\r\n",
    )

    assert answer.startswith(b"HTTP/1.1 200 ")


def test_what_was_asked_before_the_junk_is_still_answered(port: int) -> None:
    slow = GET.replace(b"/", b"/slow", 1) + b"\r\n"

    answer, _ = said(port, slow + b"junk that is no request\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"ok")
    assert b"connection: close" in answer


def test_a_late_header_does_not_end_an_answer_that_is_being_made(port: int) -> None:
    slow = GET.replace(b"/", b"/slow", 1) + b"\r\n"

    answer, _ = said(port, slow + b"GET / HT")

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"ok")


def test_some_requests_may_wait_on_one_connection_and_not_many(port: int) -> None:
    slow = GET.replace(b"/", b"/slow", 1) + b"\r\n"
    few, _ = said(
        port, slow + (GET + b"\r\n") * (PIPELINED_MAX - 1) + GET + b"Connection: close\r\n\r\n"
    )
    many, _ = said(port, slow + (GET + b"\r\n") * 1000)

    assert few.count(b"HTTP/1.1 200 ") == PIPELINED_MAX + 1
    assert many.count(b"HTTP/1.1") <= PIPELINED_MAX + 1


def test_a_body_may_be_refused_while_it_is_sent_and_the_answer_arrives(port: int) -> None:
    with create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall(POST.replace(b"/", b"/unread", 1) + b"Content-Length: 20000000\r\n\r\n")
        line.sendall(b"x" * 20_000_000)
        answer = line.recv(65_536)

    assert answer.startswith(b"HTTP/1.1 200 ")


def test_who_is_held_is_not_read_for_a_while(port: int) -> None:
    often = GET.replace(b"/", b"/often", 1) + b"\r\n"
    with create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall(often)
        assert line.recv(65_536).startswith(b"HTTP/1.1 200 ")
        begun = time.monotonic()
        line.sendall(GET + b"\r\n")
        assert line.recv(65_536).startswith(b"HTTP/1.1 200 ")

    assert time.monotonic() - begun >= SOON * 0.9


def test_a_client_that_has_said_all_still_gets_its_answer(port: int) -> None:
    with socket(AF_INET) as line:
        line.settimeout(5)
        line.connect(("127.0.0.1", port))
        line.sendall(POST + b"Content-Length: 2\r\nConnection: close\r\n\r\nhi")
        line.shutdown(SHUT_WR)
        answer = b""
        while part := line.recv(65_536):
            answer += part

    assert answer.endswith(b"ok")


def test_a_full_house_ends_the_longest_silence_and_lets_the_next_one_in() -> None:
    with serving(Small) as port, ExitStack() as stack:
        lines = []
        for _ in range(Small.connections_allowed + 2):
            lines.append(stack.enter_context(create_connection(("127.0.0.1", port), timeout=5)))
            time.sleep(0.05)
        answer, _ = said(port, GET + b"Connection: close\r\n\r\n")

        assert answer.startswith(b"HTTP/1.1 200 ")
        for line in lines[:3]:
            with suppress(ConnectionResetError):
                assert line.recv(1) == b""
        lines[-1].sendall(GET + b"\r\n")
        assert lines[-1].recv(65_536).startswith(b"HTTP/1.1 200 ")


def test_who_waits_for_an_answer_is_not_ended_for_another() -> None:
    slow = GET.replace(b"/", b"/slow", 1) + b"Connection: close\r\n\r\n"
    with serving(Small) as port, ExitStack() as stack:
        asking = stack.enter_context(create_connection(("127.0.0.1", port), timeout=5))
        asking.sendall(slow)
        time.sleep(0.1)
        for _ in range(Small.connections_allowed * 2):
            stack.enter_context(create_connection(("127.0.0.1", port), timeout=5))
        answer = b""
        while part := asking.recv(65_536):
            answer += part

    assert answer.endswith(b"ok")


def test_connections_are_fewer_than_the_files_that_may_be_open() -> None:
    assert 16 <= protocol.connections_max() <= 4096
