"""Sending: nothing reaches an address that was not checked, and no endpoint holds the service up.

What counts is who was connected to: listeners of this machine count what they accept.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import msgspec
import pytest

from fiscus.webhooks import targets
from fiscus.webhooks.sending import (
    ANSWER_BYTES_MAX,
    NotDelivered,
    OutgoingRequest,
    WebhookSender,
    resolved,
)
from fiscus.webhooks.tests import certificates
from fiscus.webhooks.tests.receiver import Receiver, listening
from fiscus.webhooks.tests.test_targets import INSIDE, url_of

NAME = "ledger.example"


class Counted:
    """A port of this machine, and how often somebody connected to it."""

    def __init__(self) -> None:
        self.accepted = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            self.accepted += 1
            line.close()

    def close(self) -> None:
        """Everything that was connected is counted before."""
        probe = socket.create_connection(("127.0.0.1", self.port))
        probe.close()
        while self.accepted == 0:
            time.sleep(0.001)
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()
        self.accepted -= 1


@contextmanager
def counted() -> Iterator[Counted]:
    found = Counted()
    yield found
    found.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as found:
        yield found


def a_request(url: str, **headers: str) -> OutgoingRequest:
    return OutgoingRequest(url=url, body=b'{"a":1}', headers=headers)


def sender(*allowed: str, seconds: float = 2) -> WebhookSender:
    return WebhookSender(
        private=targets.allowed(",".join(allowed)), connect_seconds=1, seconds=seconds
    )


@pytest.mark.parametrize("address", INSIDE)
def test_nobody_inside_is_connected_to_whatever_a_name_says(address: str) -> None:
    with counted() as inner:
        for url in (url_of(address), f"https://{NAME}/"):
            sending = WebhookSender(resolve=lambda host, port: ["127.0.0.1", address])
            with pytest.raises(NotDelivered):
                sending.send(a_request(url.removesuffix("/") + f":{inner.port}/"))

    assert inner.accepted == 0


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"]
)
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_no_spelling_of_this_machine_is_connected_to(scheme: str, host: str) -> None:
    with counted() as inner, pytest.raises(NotDelivered):
        WebhookSender().send(a_request(f"{scheme}://{host}:{inner.port}/"))

    assert inner.accepted == 0


def test_a_name_that_changes_its_address_is_looked_up_once() -> None:
    """The first look finds what is allowed, the next ones this machine: nobody looks again."""
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["192.0.2.77"] if len(asked) == 1 else ["127.0.0.1"]

    with counted() as inner:
        sending = WebhookSender(
            private=targets.allowed("192.0.2.0/24"),
            resolve=rebinding,
            connect_seconds=0.2,
            seconds=0.5,
        )
        with pytest.raises(NotDelivered, match="no connection"):
            sending.send(a_request(f"https://{NAME}:{inner.port}/"))

    assert asked == [NAME]
    assert inner.accepted == 0


def test_it_goes_to_the_address_that_was_checked_with_the_name_in_host(
    receiver: Receiver,
) -> None:
    sending = WebhookSender(
        private=targets.allowed("127.0.0.0/8"), resolve=lambda host, port: ["127.0.0.1"]
    )

    status = sending.send(a_request(f"http://{NAME}:{receiver.port}/h?q=1", A="b"))

    [request] = receiver.received
    assert (status, request.path, request.body) == (204, "/h?q=1", b'{"a":1}')
    assert request.headers["host"] == f"{NAME}:{receiver.port}"
    assert request.headers["a"] == "b"


def test_the_next_address_is_tried_if_one_does_not_answer(receiver: Receiver) -> None:
    sending = WebhookSender(
        private=targets.allowed("127.0.0.0/8"),
        resolve=lambda host, port: ["127.0.0.2", "127.0.0.1"],
        connect_seconds=1,
    )

    assert sending.send(a_request(f"http://{NAME}:{receiver.port}/")) == 204


def test_proxies_of_the_environment_are_not_asked(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with counted() as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        allowed = f"127.0.0.1:{receiver.port}"
        assert sender(allowed).send(a_request(receiver.url)) == 204

    assert proxy.accepted == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_told_and_not_followed(receiver: Receiver, status: int) -> None:
    receiver.statuses = [status]

    assert sender(f"127.0.0.1:{receiver.port}").send(a_request(receiver.url)) == status
    assert [one.path for one in receiver.received] == ["/hook"]


def test_the_certificate_must_be_good_for_the_name(tmp_path: Path) -> None:
    client, server = certificates.contexts(tmp_path, NAME)
    private = targets.allowed("127.0.0.0/8")
    with listening(server) as receiver:

        def to(host: str, **more: object) -> int:
            sending = WebhookSender(
                private=private,
                resolve=lambda host, port: ["127.0.0.1"],
                **more,  # type: ignore[arg-type]
            )
            return sending.send(a_request(f"https://{host}:{receiver.port}/"))

        assert to(NAME, context=client) == 204
        assert receiver.received[0].headers["host"] == f"{NAME}:{receiver.port}"
        with pytest.raises(NotDelivered, match="certificate"):
            to("other.example", context=client)
        with pytest.raises(NotDelivered, match="certificate"):
            to(NAME)
        assert len(receiver.received) == 1


def dripping(handler: BaseHTTPRequestHandler) -> None:
    """A header that never ends, a byte at a time."""
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(300):
            handler.wfile.write(b"a")
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        return


@pytest.mark.parametrize("is_tls", [False, True])
def test_an_answer_that_drips_is_cut_off_in_time(tmp_path: Path, is_tls: bool) -> None:
    client, server = certificates.contexts(tmp_path, NAME)
    with listening(server if is_tls else None) as receiver:
        receiver.answer = dripping
        sending = WebhookSender(
            private=targets.allowed("127.0.0.0/8"),
            resolve=lambda host, port: ["127.0.0.1"],
            context=client,
            seconds=0.5,
        )
        begun = time.monotonic()
        scheme = "https" if is_tls else "http"
        with pytest.raises(NotDelivered, match="no answer in time"):
            sending.send(a_request(f"{scheme}://{NAME}:{receiver.port}/"))

        assert time.monotonic() - begun < 5


def test_an_endpoint_that_says_nothing_is_waited_for_no_longer_than_is_said() -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    port = silent.getsockname()[1]
    begun = time.monotonic()

    for scheme in ("http", "https"):
        with pytest.raises(NotDelivered):
            sender(f"127.0.0.1:{port}", seconds=0.3).send(
                a_request(f"{scheme}://127.0.0.1:{port}/")
            )

    assert time.monotonic() - begun < 5
    silent.close()


def test_a_brief_request_is_waited_for_more_briefly(receiver: Receiver) -> None:
    def late(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(1)
        handler.send_response(204)
        handler.end_headers()

    receiver.answer = late
    sending = WebhookSender(
        private=targets.allowed(f"127.0.0.1:{receiver.port}"), seconds=30, brief_seconds=0.2
    )
    begun = time.monotonic()
    with pytest.raises(NotDelivered, match="no answer in time"):
        sending.send(msgspec.structs.replace(a_request(receiver.url), is_brief=True))

    assert time.monotonic() - begun < 0.9
    assert sending.send(a_request(receiver.url)) == 204


def test_many_addresses_that_do_not_answer_take_no_longer_than_one() -> None:
    """A port whose queue is full: the system drops what comes in."""
    full = socket.create_server(("127.0.0.1", 0), backlog=0)
    port = full.getsockname()[1]
    waiting = [socket.socket() for _ in range(3)]
    for one in waiting:
        one.setblocking(False)
        one.connect_ex(("127.0.0.1", port))
    sending = WebhookSender(
        private=targets.allowed("127.0.0.0/8"),
        resolve=lambda host, port: ["127.0.0.1"] * 40,
        connect_seconds=0.2,
        seconds=0.5,
    )
    begun = time.monotonic()
    with pytest.raises(NotDelivered, match="no connection"):
        sending.send(a_request(f"http://{NAME}:{port}/"))

    assert 0.4 < time.monotonic() - begun < 3
    for one in (full, *waiting):
        one.close()


def test_of_a_huge_answer_little_is_read(receiver: Receiver) -> None:
    sent: list[int] = []

    def huge(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(1 << 40))
        handler.end_headers()
        try:
            for _ in range(10_000):
                handler.wfile.write(b"x" * 65_536)
                sent.append(65_536)
        except OSError:
            sent.append(0)

    receiver.answer = huge
    begun = time.monotonic()

    assert sender(f"127.0.0.1:{receiver.port}").send(a_request(receiver.url)) == 200
    assert time.monotonic() - begun < 2
    while not sent or sent[-1]:
        time.sleep(0.01)
    assert sum(sent) < 1000 * ANSWER_BYTES_MAX


@pytest.mark.parametrize(
    "said", [b"", b"nothing of HTTP\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\nA:"]
)
def test_what_is_no_answer_is_none(receiver: Receiver, said: bytes) -> None:
    def broken(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(said)
        handler.close_connection = True

    receiver.answer = broken

    if said.endswith(b"A:"):
        # The status is there; that the rest broke off takes nothing back.
        assert sender(f"127.0.0.1:{receiver.port}").send(a_request(receiver.url)) == 200
        return
    with pytest.raises(NotDelivered, match="the connection broke"):
        sender(f"127.0.0.1:{receiver.port}").send(a_request(receiver.url))


def test_a_body_that_breaks_off_takes_nothing_back(receiver: Receiver) -> None:
    def half(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        handler.wfile.write(b"half")
        handler.close_connection = True

    receiver.answer = half

    assert sender(f"127.0.0.1:{receiver.port}").send(a_request(receiver.url)) == 200


def test_a_name_that_nobody_has_is_not_found() -> None:
    def nothing(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(NotDelivered, match="the name was not found"):
        WebhookSender(resolve=nothing).send(a_request(f"https://{NAME}/"))
    with pytest.raises(NotDelivered, match="no address"):
        WebhookSender(resolve=lambda host, port: []).send(a_request(f"https://{NAME}/"))


def test_the_system_finds_each_address_once() -> None:
    assert resolved("127.0.0.1", 443) == ["127.0.0.1"]
