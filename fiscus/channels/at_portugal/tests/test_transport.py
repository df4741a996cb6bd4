"""HTTP to a service: what counts as an answer, what as none, and whether anything was sent."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fiscus.channels.at_portugal.tests import canned
from fiscus.channels.at_portugal.tests.canned import (
    CannedService,
    certificate,
    pem,
    reply,
    tls_certificate,
    tls_key,
)
from fiscus.channels.at_portugal.transport import (
    ANSWER_BYTES_MAX,
    IDLE_SECONDS,
    AnswerLost,
    ServiceLine,
    tls,
)

OK = reply("<ok/>")


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., CannedService]]:
    with contextlib.ExitStack() as stack:
        yield lambda answer, **more: stack.enter_context(canned.running(tmp_path, answer, **more))


def a_line(service: CannedService, seconds: float = 3.0) -> ServiceLine:
    context = tls(tls_certificate(), pem(tls_key()), tls_certificate())
    return ServiceLine(address=service.address, context=context, seconds=seconds)


def lost(line: ServiceLine) -> AnswerLost:
    with pytest.raises(AnswerLost) as caught:
        line.post(b"<asked/>")
    return caught.value


def test_a_message_and_its_answer(serve: Callable[..., CannedService]) -> None:
    service = serve(OK)

    answer = a_line(service).post("<á/>".encode(), "urn:an action")

    assert (answer.status, answer.type, answer.body) == (200, "text/xml", b"<ok/>")
    head, _, body = service.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    port = service.address.split(":")[2].partition("/")[0]
    assert lines[0] == "POST /service HTTP/1.1"
    assert f"Host: 127.0.0.1:{port}" in lines
    assert "Content-Type: text/xml; charset=utf-8" in lines
    assert 'SOAPAction: "urn:an action"' in lines
    assert body == "<á/>".encode()


def test_one_connection_serves_several_messages(serve: Callable[..., CannedService]) -> None:
    service = serve(OK)
    line = a_line(service)

    for _ in range(5):
        line.post(b"<asked/>")

    assert (service.connections, len(service.requests)) == (1, 5)
    line.close()


def test_messages_at_once_have_connections_of_their_own(
    serve: Callable[..., CannedService],
) -> None:
    together = threading.Barrier(8, timeout=5)

    def answer(service: CannedService, line: socket.socket) -> None:
        together.wait()
        OK(service, line)

    service = serve(answer)
    line = a_line(service)
    threads = [threading.Thread(target=line.post, args=(b"<asked/>",)) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert service.connections == len(service.requests) == 8
    line.close()


def test_a_connection_that_was_closed_meanwhile_is_not_used(
    serve: Callable[..., CannedService],
) -> None:
    def answer(service: CannedService, line: socket.socket) -> None:
        OK(service, line)
        line.shutdown(socket.SHUT_RDWR)

    service = serve(answer)
    line = a_line(service)
    line.post(b"<asked/>")
    time.sleep(0.1)
    line.post(b"<asked/>")

    assert service.connections == 2


def test_a_connection_that_has_waited_long_is_not_used(
    serve: Callable[..., CannedService],
) -> None:
    service = serve(OK)
    line = a_line(service)
    line.post(b"<asked/>")
    line.elapsed = lambda: time.monotonic() + IDLE_SECONDS
    line.post(b"<asked/>")

    assert service.connections == 2


def test_who_asks_to_close_is_obeyed(serve: Callable[..., CannedService]) -> None:
    service = serve(reply("<ok/>", more="Connection: close\r\n"))
    line = a_line(service)
    line.post(b"<asked/>")
    line.post(b"<asked/>")

    assert service.connections == 2


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (canned.closing, "the connection broke"),
        (canned.silent, "no answer in time"),
        (canned.dripping, "no answer in time"),
        (reply("<ok", length=100), "no answer in time"),
        (reply("x" * (ANSWER_BYTES_MAX + 1)), "the answer is too large"),
    ],
    ids=["closed", "silent", "dripping", "half", "large"],
)
def test_an_answer_that_is_lost_leaves_the_outcome_open(
    serve: Callable[..., CannedService], answer: canned.Answer, reason: str
) -> None:
    began = time.monotonic()
    trouble = lost(a_line(serve(answer), seconds=0.5))

    assert trouble.reason.startswith(reason)
    assert not trouble.is_unsent
    assert time.monotonic() - began < 3


def test_an_answer_that_breaks_off_is_lost(serve: Callable[..., CannedService]) -> None:
    def answer(service: CannedService, line: socket.socket) -> None:
        reply("<ok", length=100)(service, line)
        line.shutdown(socket.SHUT_RDWR)

    trouble = lost(a_line(serve(answer)))

    assert (trouble.reason, trouble.is_unsent) == ("the answer broke off", False)


def test_nothing_is_sent_where_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    service = CannedService(address=f"https://127.0.0.1:{port}/service")

    trouble = lost(a_line(service))

    assert trouble.is_unsent
    assert trouble.reason == "no connection (connection refused)"


def test_nothing_is_sent_to_a_service_of_another_name(
    serve: Callable[..., CannedService],
) -> None:
    service = serve(OK)
    service.address = service.address.replace("127.0.0.1", "localhost")

    trouble = lost(a_line(service))

    assert trouble.is_unsent
    assert trouble.reason.startswith("the service's certificate is not good")
    assert service.requests == []


def test_nothing_is_sent_to_a_service_that_nobody_trusts(
    serve: Callable[..., CannedService],
) -> None:
    service = serve(OK)
    context = tls(tls_certificate(), pem(tls_key()), b"")

    trouble = lost(ServiceLine(address=service.address, context=context))

    assert trouble.is_unsent
    assert service.requests == []


def test_a_service_that_does_not_speak_tls_gets_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:
        port = plain.getsockname()[1]

        def chat() -> None:
            line, _ = plain.accept()
            line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            line.close()

        threading.Thread(target=chat, daemon=True).start()
        trouble = lost(a_line(CannedService(address=f"https://127.0.0.1:{port}/")))

    assert trouble.is_unsent


def test_who_is_not_let_in_has_sent_nothing(serve: Callable[..., CannedService]) -> None:
    service = serve(OK, wants_certificate=True)
    other = certificate(tls_key(), "a stranger", issuer=("nobody", tls_key()))
    context = tls(other, pem(tls_key()), tls_certificate())

    trouble = lost(ServiceLine(address=service.address, context=context))

    assert trouble.is_unsent
    assert "alert" in trouble.reason
    assert service.requests == []


def test_who_shows_the_right_certificate_is_let_in(serve: Callable[..., CannedService]) -> None:
    assert a_line(serve(OK, wants_certificate=True)).post(b"<asked/>").body == b"<ok/>"


def test_old_versions_of_tls_are_not_spoken() -> None:
    context = tls(tls_certificate(), pem(tls_key()), tls_certificate())

    assert context.minimum_version.name == "TLSv1_2"
    assert context.check_hostname
    assert context.verify_mode.name == "CERT_REQUIRED"


def test_keys_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises((ValueError, ssl.SSLError)):
        tls(tls_certificate(), pem(canned.cipher_key()), b"")
