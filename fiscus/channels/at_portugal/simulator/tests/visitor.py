"""A client of the simulated authority for tests: certificates, headers and envelopes by hand."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from lxml import etree

from fiscus.channels.at_portugal.endpoints import AtEndpoints
from fiscus.channels.at_portugal.simulator import running
from fiscus.channels.at_portugal.simulator.tests import messages
from fiscus.channels.at_portugal.simulator.tests.messages import NIF, NOW, Fields, Secrets


class SetClock:
    """A clock that stands where it was set."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


def tls(endpoints: AtEndpoints, certificate: bytes = b"", key: bytes = b"") -> ssl.SSLContext:
    """TLS as a client's, with the producer's certificate or another one."""
    context = ssl.create_default_context(cadata=endpoints.trusted.decode())
    with TemporaryDirectory() as folder:
        file = Path(folder) / "client.pem"
        file.write_bytes((certificate or endpoints.certificate) + (key or endpoints.private_key))
        context.load_cert_chain(file)
    return context


@dataclass(kw_only=True)
class Visitor:
    """Asks the authority of a folder, as user 37 of the taxpayer of tests."""

    folder: Path
    clock: SetClock
    endpoints: AtEndpoints
    http: httpx.Client

    def post(self, address: str, body: bytes, media: str = "text/xml") -> httpx.Response:
        return self.http.post(
            address, content=body, headers={"content-type": f"{media}; charset=utf-8"}
        )

    def ask(
        self, address: str, message: etree._Element, secrets: Secrets | None = None
    ) -> httpx.Response:
        """Send a message with a header of its own."""
        fields = messages.header(self.endpoints.cipher_certificate, self.clock.at, secrets)
        return self.post(address, messages.envelope(fields, message))

    def series(
        self, operation: str, fields: Fields, secrets: Secrets | None = None
    ) -> etree._Element:
        message = messages.series_message(operation, fields)
        return answer(self.ask(self.endpoints.series, message, secrets))

    def documents(self, operation: str, fields: Fields, secrets: Secrets | None = None) -> int:
        """The number that the service of documents gives."""
        message = messages.document_message(operation, fields)
        found = answer(self.ask(self.endpoints.documents, message, secrets))
        return int(text(found, "CodigoResposta"))

    def transport(self, fields: Fields) -> etree._Element:
        message = messages.transport_message(fields)
        return answer(self.ask(self.endpoints.transport, message))

    def code_of(self, kind: str = "FT", class_: str = "SI", **changes: object) -> str:
        """Register a series; its validation code."""
        fields = messages.changed(
            messages.REGISTER_SERIES, **{"tipoDoc": kind, "classeDoc": class_, **changes}
        )
        return text(self.series("registarSerie", fields), "codValidacaoSerie")


@contextmanager
def visiting(folder: Path, at: datetime = NOW) -> Iterator[Visitor]:
    """A visitor of the authority in a folder."""
    clock = SetClock(at)
    endpoints = running(folder, clock)
    with httpx.Client(verify=tls(endpoints), timeout=20) as http:
        yield Visitor(folder=folder, clock=clock, endpoints=endpoints, http=http)


def answer(response: httpx.Response) -> etree._Element:
    """What stands in the body of an answer."""
    root = etree.fromstring(response.content)
    body = root.find("{*}Body")
    assert body is not None, response.text
    return body[0]


def text(found: etree._Element, name: str) -> str:
    """The text of the first element of that name; empty where there is none."""
    one = next(found.iter(f"{{*}}{name}"), None)
    return "" if one is None else one.text or ""


def texts(found: etree._Element, name: str) -> list[str]:
    return [one.text or "" for one in found.iter(f"{{*}}{name}")]


__all__ = ["NIF", "NOW", "SetClock", "Visitor", "answer", "text", "texts", "tls", "visiting"]
