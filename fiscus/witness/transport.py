"""One small HTTP request to a witness: bounded in time and size, following nobody elsewhere."""

import http.client
from urllib.parse import urlsplit

import msgspec

from fiscus.deadlines import cut_after

TIMEOUT_SECONDS = 3.0
"""For the whole request. Only the search for the host's name is not within it: the system has a
bound of its own for that."""

ANSWER_BYTES_MAX = 131_072


class WitnessAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a witness answered: status, type of the body, body."""

    status: int
    type: str
    body: bytes


class NoAnswer(Exception):
    """The witness was not reached, or its answer does not count: why is in the message."""


def ask(
    method: str, url: str, body: bytes | None = None, seconds: float = TIMEOUT_SECONDS
) -> WitnessAnswer:
    """The answer, whatever its status; redirects are not followed. Raises `NoAnswer`."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    assert parts.hostname is not None, "an address of a witness has a host"
    connection = kind(parts.hostname, parts.port, timeout=seconds)
    try:
        connection.connect()
        with cut_after(connection.sock, seconds):
            connection.request(method, parts.path, body=body, headers={"Accept": "*/*"})
            response = connection.getresponse()
            said = response.read(ANSWER_BYTES_MAX + 1)
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswer(f"{type(error).__name__}: {error}") from error
    finally:
        connection.close()
    if len(said) > ANSWER_BYTES_MAX:
        raise NoAnswer("the answer is too large")
    if response.length:
        raise NoAnswer("the answer broke off")
    kind_of_body = response.headers.get_content_type()
    return WitnessAnswer(status=response.status, type=kind_of_body, body=said)
