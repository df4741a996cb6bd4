"""A service that answers with what a test wants, over TLS, and remembers what it was asked.

It knows nothing of the authority: it is for answers that no honest service gives.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

NOW = datetime(2026, 5, 4, 8, 15, 1, 250_000, tzinfo=UTC)
MADE = datetime(2026, 1, 1, tzinfo=UTC)
ENDS = datetime(2036, 1, 1, tzinfo=UTC)

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
Answer = Callable[["CannedService", socket.socket], None]


def pem(key: PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def certificate(
    key: PrivateKey,
    name: str = "a service",
    *,
    issuer: tuple[str, PrivateKey] | None = None,
    made: datetime = MADE,
    ends: datetime = ENDS,
) -> bytes:
    """PEM; signed by itself without an issuer."""
    by, with_ = issuer or (name, key)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, by)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(made)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
    )
    return builder.sign(with_, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@cache
def tls_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def cipher_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@cache
def tls_certificate() -> bytes:
    return certificate(tls_key())


@cache
def cipher_certificate() -> bytes:
    return certificate(cipher_key(), "the cipher")


@dataclass
class CannedService:
    """What it was asked, and the connections it took."""

    address: str = ""
    answer: Answer = lambda service, line: None
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    over: threading.Event = field(default_factory=threading.Event)


def reply(
    body: bytes | str,
    *,
    status: str = "200 OK",
    type_: str = "text/xml; charset=utf-8",
    length: int | None = None,
    more: str = "",
) -> Answer:
    """An HTTP answer as a whole; `length`: what it claims."""
    data = body if isinstance(body, bytes) else body.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: {type_}\r\n{more}"
    head += f"Content-Length: {len(data) if length is None else length}\r\n\r\n"

    def write(service: CannedService, line: socket.socket) -> None:
        line.sendall(head.encode() + data)

    return write


def dripping(service: CannedService, line: socket.socket) -> None:
    """A byte of the headers now and then, for ever."""
    line.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not service.over.wait(0.02):
        line.sendall(b"a")


def silent(service: CannedService, line: socket.socket) -> None:
    service.over.wait(30)


def closing(service: CannedService, line: socket.socket) -> None:
    line.shutdown(socket.SHUT_RDWR)


@contextmanager
def running(
    folder: Path, answer: Answer, *, wants_certificate: bool = False
) -> Iterator[CannedService]:
    own, key = folder / "service.pem", folder / "service.key"
    own.write_bytes(tls_certificate())
    key.write_bytes(pem(tls_key()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own, key)
    if wants_certificate:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(own)
    service = CannedService(answer=answer)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        service.address = f"https://127.0.0.1:{listener.getsockname()[1]}/service"
        accepting = threading.Thread(target=_accept, args=(service, listener, context), daemon=True)
        accepting.start()
        yield service
        service.over.set()
        listener.shutdown(socket.SHUT_RDWR)
    accepting.join(5)


def _accept(service: CannedService, listener: socket.socket, context: ssl.SSLContext) -> None:
    threads = []
    while not service.over.is_set():
        try:
            plain, _ = listener.accept()
        except OSError:
            break
        threads.append(threading.Thread(target=_serve, args=(service, plain, context), daemon=True))
        threads[-1].start()
    for one in threads:
        one.join(5)


def _serve(service: CannedService, plain: socket.socket, context: ssl.SSLContext) -> None:
    plain.settimeout(5)
    own = plain.dup()  # TLS takes the socket over, and closes it if it is not content
    with own, suppress(OSError, ValueError):
        try:
            line = context.wrap_socket(plain, server_side=True)
        except ssl.SSLError:
            own.shutdown(socket.SHUT_WR)
            while own.recv(65536):  # what is not read would take our last word away
                pass
            raise
        with line:
            service.connections += 1
            while (asked := _request(line)) and not service.over.is_set():
                service.requests.append(asked)
                service.answer(service, line)


def _request(line: ssl.SSLSocket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        if not (more := line.recv(65536)):
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        int(one.split(b":")[1])
        for one in head.split(b"\r\n")
        if one.lower().startswith(b"content-length")
    )
    while len(body) < length:
        body += line.recv(65536)
    return head + b"\r\n\r\n" + body


def age(days: int) -> datetime:
    return NOW + timedelta(days=days)
