"""One signed POST to an endpoint of a caller: to an address that was checked, and to no other.

The name is looked up once; the connection goes to an address that was checked then, with the name
in TLS and in Host, so that a name which changes its address meanwhile gains nothing. Redirects are
not followed, and no proxy of the environment is asked.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache

import msgspec

from fiscus.deadlines import cut_after
from fiscus.model.faults import Refused
from fiscus.webhooks import targets
from fiscus.webhooks.targets import EndpointAddress, IpAddress, PrivateTargets

ANSWER_BYTES_MAX = 16_384

Resolve = Callable[[str, int], list[str]]
"""Gives the addresses of a name, in the order in which they should be tried."""


class NotDelivered(Exception):
    """Nothing was taken: why is in the message, without a word that the other side said."""


class OutgoingRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent: body and headers, without Host and Content-Length. `is_brief`: to an endpoint
    that keeps failing, which gets less time."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    is_brief: bool = False


def resolved(host: str, port: int) -> list[str]:
    """As the system finds them; each once."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


@cache
def trusting() -> ssl.SSLContext:
    """Trusts whom the system trusts; its certificates are read once per process."""
    return ssl.create_default_context()


@dataclass(frozen=True, kw_only=True)
class WebhookSender:
    """Sends for one installation. `connect_seconds` is for one address, `seconds` for all of it:
    addresses, TLS, request and answer, `brief_seconds` the same for a request that is brief; only
    the search for the name is not within it: the system has a bound of its own for that."""

    private: PrivateTargets = field(default_factory=PrivateTargets)
    resolve: Resolve = resolved
    context: ssl.SSLContext = field(default_factory=trusting)
    connect_seconds: float = 5.0
    seconds: float = 15.0
    brief_seconds: float = 3.0

    def send(self, request: OutgoingRequest) -> int:
        """The status of the answer, whatever it is. Raises `NotDelivered`."""
        try:
            endpoint = targets.endpoint(request.url, self.private)
            addresses = targets.checked(
                endpoint, self.resolve(endpoint.host, endpoint.port), self.private
            )
        except Refused as trouble:
            raise NotDelivered(str(trouble)) from None
        except (OSError, ValueError) as error:
            raise NotDelivered(f"the name was not found ({type(error).__name__})") from error
        seconds = min(self.seconds, self.brief_seconds) if request.is_brief else self.seconds
        end = time.monotonic() + seconds
        line = self._connected(endpoint, addresses, end)
        try:
            line.settimeout(seconds)
            with cut_after(line, max(end - time.monotonic(), 0)) as is_over:
                return self._answered(endpoint, line, request, is_over)
        finally:
            line.close()

    def _connected(
        self, endpoint: EndpointAddress, addresses: tuple[IpAddress, ...], end: float
    ) -> socket.socket:
        """`end`: by the monotonic clock, the time at which no further address is tried."""
        why = "the name has no address"
        for address in addresses:
            left = end - time.monotonic()
            if left <= 0:
                break
            try:
                return socket.create_connection(
                    (str(address), endpoint.port), timeout=min(self.connect_seconds, left)
                )
            except OSError as error:
                why = f"no connection ({type(error).__name__})"
        raise NotDelivered(why)

    def _answered(
        self,
        endpoint: EndpointAddress,
        line: socket.socket,
        request: OutgoingRequest,
        is_over: threading.Event,
    ) -> int:
        connection = http.client.HTTPConnection(endpoint.host, endpoint.port)
        try:
            if endpoint.scheme == "https":
                line = self.context.wrap_socket(line, server_hostname=endpoint.host)
            connection.sock = line
            _post(connection, endpoint, request)
            response = connection.getresponse()
            if is_over.is_set():  # Headers that were cut off look as if they had ended.
                raise TimeoutError
        except ssl.SSLCertVerificationError as error:
            raise NotDelivered(f"the certificate is not good: {error.verify_message}") from error
        except (OSError, ValueError, http.client.HTTPException) as error:
            late = "no answer in time" if is_over.is_set() else "the connection broke"
            raise NotDelivered(f"{late} ({type(error).__name__})") from error
        else:
            # The status is the answer; the rest is read out of politeness, and not all of it.
            with suppress(OSError, ValueError, http.client.HTTPException):
                response.read(ANSWER_BYTES_MAX)
            return response.status
        finally:
            connection.close()


def _post(
    connection: http.client.HTTPConnection, endpoint: EndpointAddress, request: OutgoingRequest
) -> None:
    connection.putrequest("POST", endpoint.target, skip_host=True, skip_accept_encoding=True)
    connection.putheader("Host", endpoint.authority)
    connection.putheader("Content-Length", str(len(request.body)))
    connection.putheader("Connection", "close")
    for name, value in request.headers.items():
        connection.putheader(name, value)
    connection.endheaders(request.body)
