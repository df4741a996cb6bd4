"""The authority's server: TLS on this machine, the client's certificate demanded, one port for all
worlds of a process.

A thread for each connection, of the standard library: what goes wrong on demand happens to the
connection itself (reset, silence, half an answer), which frameworks hide.
"""

import logging
import socket
import sqlite3
import ssl
import struct
import tempfile
import threading
import time
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import TCPServer, ThreadingMixIn
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from fiscus.channels.at_portugal.endpoints import AtEndpoints
from fiscus.channels.at_portugal.simulator import faults
from fiscus.channels.at_portugal.simulator.exchange import SERVICES, AtDelivery, Ending, delivered
from fiscus.channels.at_portugal.simulator.keys import SimulatorKeys
from fiscus.channels.at_portugal.simulator.login import is_nif
from fiscus.channels.at_portugal.simulator.world import World

BODY_MAX = 4 * 1024 * 1024
WORLDS_MAX = 512
"""Of a process: the one that was not used for longest is forgotten, its file stays."""

MEDIA = frozenset({"text/xml", "application/soap+xml"})

_HANDSHAKE_SECONDS = 10
_IDLE_SECONDS = 120
_HOST = "127.0.0.1"
_WATCHED = 4

log = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Worlds:
    """The worlds that a process serves, each under a segment of the path."""

    _by_name: dict[str, World] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _made: int = 0

    def name(self, world: World) -> str:
        """The segment of a world, the same for the same folder and clock."""
        with self._lock:
            for name, known in self._by_name.items():
                if known == world:
                    return name
            self._made += 1
            name = f"w{self._made}"
            self._by_name[name] = world
            while len(self._by_name) > WORLDS_MAX:
                del self._by_name[next(iter(self._by_name))]
            return name

    def find(self, name: str) -> World | None:
        """The world, which is then the last that may be forgotten."""
        with self._lock:
            world = self._by_name.pop(name, None)
            if world is not None:
                self._by_name[name] = world
            return world

    def newest(self) -> tuple[World, ...]:
        with self._lock:
            return tuple(list(self._by_name.values())[-_WATCHED:])


class AtServer(ThreadingMixIn, TCPServer):
    """Serves worlds over TLS until it is closed."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, keys: SimulatorKeys, port: int = 0) -> None:
        self.keys = keys
        self.worlds = Worlds()
        self._good = _context(keys.server, keys.authority)
        self._expired = _context(keys.expired_server, keys.authority)
        super().__init__((_HOST, port), AuthorityRequest)

    @cached_property
    def cipher(self) -> rsa.RSAPrivateKey:
        return self.keys.cipher()

    def endpoints(self, world: World) -> AtEndpoints:
        """What a client needs for this world."""
        base = f"https://{_HOST}:{self.server_address[1]}/{self.worlds.name(world)}"
        series, documents, transport = (f"{base}/{path}" for path in PATHS)
        return AtEndpoints(
            series=series,
            documents=documents,
            transport=transport,
            certificate=self.keys.certificate,
            private_key=self.keys.private_key,
            cipher_certificate=self.keys.cipher_certificate,
            trusted=self.keys.authority,
        )

    def finish_request(self, request: Any, client_address: Any) -> None:
        request.settimeout(_HANDSHAKE_SECONDS)
        context = self._expired if self._shows_expired() else self._good
        try:
            secured = context.wrap_socket(request, server_side=True)
        except (OSError, ValueError):
            return  # no certificate of ours, or gone already: the client has been told by TLS
        try:
            AuthorityRequest(secured, client_address, self)
        finally:
            secured.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        log.debug("a connection ended early", exc_info=True)

    def _shows_expired(self) -> bool:
        """Asked of the worlds used last: before the handshake nobody knows whom a client is for."""
        for world in self.worlds.newest():
            try:
                if faults.certificate_is_expired(world.folder):
                    return True
            except sqlite3.OperationalError:
                continue
        return False


PATHS = ("SeriesWSService", "fatcorews/ws/", "sgdtws/documentosTransporte")


def _context(server: bytes, authority: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=authority.decode("ascii"))
    with tempfile.TemporaryDirectory() as folder:  # the library takes a chain from files only
        file = Path(folder) / "server.pem"
        file.touch(0o600)
        file.write_bytes(server)
        context.load_cert_chain(file)
    return context


class AuthorityRequest(BaseHTTPRequestHandler):
    """One connection of a client, with the requests that come over it."""

    protocol_version = "HTTP/1.1"
    server_version = "FiscusTestAuthority"
    sys_version = ""
    timeout = _IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = -1
    server: AtServer
    connection: ssl.SSLSocket

    def do_POST(self) -> None:
        body = self._body()
        if body is None:
            return
        if self.headers.get_content_type() not in MEDIA:
            self._refuse(415, "text/xml or application/soap+xml is expected")
            return
        name, _, path = self.path.split("?")[0].lstrip("/").partition("/")
        world, service = self.server.worlds.find(name), SERVICES.get(path.strip("/"))
        if world is None or service is None:
            self._refuse(404, "no such service")
            return
        if trouble := self._producer_trouble(world):
            self._refuse(403, trouble)
            return
        try:
            delivery = delivered(world, self.server.cipher, service, body)
        except sqlite3.OperationalError as trouble:
            self._refuse(503, f"the simulated authority cannot reach its world: {trouble}")
            return
        self._deliver(delivery)

    def do_GET(self) -> None:
        self._refuse(404, "requests are sent with POST")

    def log_message(self, format: str, *args: Any) -> None:
        log.debug(format, *args)

    def _body(self) -> bytes | None:
        try:
            length = int(self.headers.get("Content-Length", ""))
        except ValueError:
            length = -1
        if not 0 <= length <= BODY_MAX:
            self.close_connection = True
            self._refuse(411 if length < 0 else 413, "the length of the body")
            return None
        return self.rfile.read(length)

    def _producer_trouble(self, world: World) -> str:
        """What is wrong with the client's certificate beyond its chain; the world's day counts."""
        certificate = self.connection.getpeercert() or {}
        rows: tuple[Any, ...] = certificate.get("subject", ())  # type: ignore[assignment]
        if not any(is_nif(pair[1]) for row in rows for pair in row if pair[0] == "commonName"):
            return "the certificate's common name is no tax number of a producer"
        if ssl.cert_time_to_seconds(str(certificate["notAfter"])) < world.clock().timestamp():
            return "the certificate has expired"
        return ""

    def _refuse(self, status: int, text: str) -> None:
        self._send(status, "text/plain; charset=utf-8", f"{text}\n".encode())

    def _deliver(self, delivery: AtDelivery) -> None:
        if delivery.wait_millis:
            time.sleep(delivery.wait_millis / 1000)
        if delivery.ending is Ending.RESET:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        if delivery.answer is None:
            self.close_connection = True
            return
        answer = delivery.answer
        half = len(answer.body) // 2 if delivery.ending is Ending.HALF else None
        self._send(answer.status, answer.content_type, answer.body, sent=half)

    def _send(self, status: int, media: str, body: bytes, sent: int | None = None) -> None:
        """Send an answer; `sent`: so many bytes of it, then the connection closes."""
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(body)))
        if sent is not None or self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body[:sent])
        self.wfile.flush()
        if sent is not None:
            self.close_connection = True
