"""One request to somebody who may be anybody: bounded in time and size."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from bench.installation import free_port
from fiscus.witness import transport
from fiscus.witness.transport import ANSWER_BYTES_MAX, NoAnswer

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"


@contextmanager
def stranger(act: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that does with one connection what `act` says."""

    def serve() -> None:
        line, _ = server.accept()
        with line, suppress(OSError):
            line.recv(65_536)
            act(line)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/w"
        thread.join(10)


def says(data: bytes) -> Callable[[socket.socket], None]:
    return lambda line: line.sendall(data)


def test_an_answer_is_read_with_its_type() -> None:
    with stranger(says(HEAD + b"Content-Length: 2\r\n\r\nok")) as url:
        answer = transport.ask("GET", url)

    assert (answer.status, answer.type, answer.body) == (200, "text/plain", b"ok")


def test_nobody_is_followed_elsewhere() -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    with stranger(says(moved)) as url:
        assert transport.ask("GET", url).status == 302


def test_an_answer_has_a_bound() -> None:
    for size, is_read in ((ANSWER_BYTES_MAX, True), (ANSWER_BYTES_MAX + 1, False)):
        answer = HEAD + b"Content-Length: %d\r\n\r\n" % size + b"x" * size
        with stranger(says(answer)) as url:
            if is_read:
                assert len(transport.ask("GET", url).body) == size
            else:
                with pytest.raises(NoAnswer, match="too large"):
                    transport.ask("GET", url)


@pytest.mark.parametrize("data", [b"", b"nonsense\r\n\r\n", HEAD + b"Content-Length: 9\r\n\r\nok"])
def test_what_is_no_answer_is_told(data: bytes) -> None:
    with stranger(says(data)) as url, pytest.raises(NoAnswer):
        transport.ask("GET", url)


def test_nobody_there_is_told() -> None:
    with pytest.raises(NoAnswer, match="ConnectionRefusedError"):
        transport.ask("GET", f"http://127.0.0.1:{free_port()}/w")


def silent(line: socket.socket) -> None:
    time.sleep(1)


def dripping(line: socket.socket) -> None:
    line.sendall(HEAD + b"Content-Length: 1000\r\n\r\n")
    for _ in range(100):
        line.sendall(b"x")
        time.sleep(0.05)


@pytest.mark.parametrize("act", [silent, dripping])
def test_time_has_a_bound(act: Callable[[socket.socket], None]) -> None:
    begun = time.monotonic()
    with stranger(act) as url:
        with pytest.raises(NoAnswer):
            transport.ask("GET", url, seconds=0.2)
        taken = time.monotonic() - begun

    assert 0.1 < taken < 0.9
