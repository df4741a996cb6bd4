"""Founds a Portuguese merchant over HTTP, ready to sell at any number of systems."""

import json
from collections.abc import Callable, Mapping
from http.client import HTTPConnection
from typing import Any
from uuid import uuid4

import msgspec

from bench import sales

Json = Any
Send = Callable[[str, str, Mapping[str, str], bytes], tuple[int, Json]]
"""Method, path, headers and body; gives status and JSON."""

TAX_NUMBER = "509876544"
ADDRESS = {
    "line": {"type": "STREET_NUMBER", "street": "Rua do Ouro", "number": "12"},
    "code": "1100-061",
    "city": "Lisboa",
    "country": "PT",
}


def a_taxpayer(tax_number: str) -> Json:
    at = {"type": "AT", "username": f"{tax_number}/1", "password": "example-only"}
    return {
        "type": "COMPANY",
        "name": {"legal": "Padaria do Cais, Lda.", "trade": "Padaria do Cais"},
        "address": ADDRESS,
        "fiscalization": {"type": "PT", "tax_id_number": tax_number, "credentials": at},
    }


class First(msgspec.Struct):
    """The key that `fiscus init --json` prints; `api_key` is both in one word."""

    key: str
    secret: str
    api_key: str = ""


class Merchant(msgspec.Struct, frozen=True, kw_only=True):
    bearer: str
    organization: str
    taxpayer: str
    systems: list[str]


class Caller:
    """Says requests with a fresh idempotency key each; anything but 200 is an error."""

    def __init__(self, send: Send, bearer: str = "") -> None:
        self.send = send
        self.bearer = bearer

    def say(self, method: str, path: str, content: Json, scope: str = "") -> Json:
        status, answer = self.ask(method, path, {"content": content}, scope=scope)
        if status != 200:
            raise RuntimeError(f"{method} {path} {status}: {answer}")
        return answer["content"]

    def ask(
        self,
        method: str,
        path: str,
        body: Json = None,
        *,
        key: str = "",
        scope: str = "",
        version: str = sales.VERSION,
    ) -> tuple[int, Json]:
        headers = {"X-Api-Version": version, "Content-Type": "application/json"}
        if method in ("POST", "PATCH"):
            headers["X-Idempotency-Key"] = key or str(uuid4())
        if self.bearer:
            headers["Authorization"] = f"Bearer {self.bearer}"
        if scope:
            headers["X-Scope-Identifier"] = scope
        return self.send(method, path, headers, json.dumps(body).encode() if body else b"")

    def log_in(self, key: str, secret: str) -> None:
        self.bearer = ""
        content = {"type": "API_KEY", "key": key, "secret": secret}
        self.bearer = self.say("POST", "/tokens", content)["authentication"]["bearer"]


def found(caller: Caller, first: First, systems: int, tax_number: str = TAX_NUMBER) -> Merchant:
    """A unit, its taxpayer, one shop, and so many systems, all commissioned."""
    caller.log_in(first.key, first.secret)
    unit = caller.say("POST", "/organizations", {"type": "UNIT", "name": "Padaria"})["id"]
    subject = {"type": "API_KEY", "name": "pos-1"}
    key = caller.say("POST", "/subjects", subject, scope=unit)["credentials"]
    caller.log_in(key["key"], key["secret"])
    taxpayer = caller.say("POST", "/taxpayers", a_taxpayer(tax_number))["id"]
    shop = {"type": "BRANCH", "taxpayer": {"id": taxpayer}, "name": "Loja", "address": ADDRESS}
    location = caller.say("POST", "/locations", shop)["id"]
    _commission(caller, f"/taxpayers/{taxpayer}", f"/locations/{location}")
    registers = [_system(caller, location, number) for number in range(1, systems + 1)]
    return Merchant(bearer=caller.bearer, organization=unit, taxpayer=taxpayer, systems=registers)


def _system(caller: Caller, location: str, number: int) -> str:
    device = {"name": f"Balcao {number}", "brand": "Example", "serial": f"SN-{number:04}"}
    content = {
        "type": "FISCAL_DEVICE",
        "location": {"id": location},
        "producer": {"type": "MPN", "number": "POS-2000", "details": device},
        "software": {"name": "example-pos", "version": "4.2.0"},
    }
    system: str = caller.say("POST", "/systems", content)["id"]
    _commission(caller, f"/systems/{system}")
    return system


def _commission(caller: Caller, *paths: str) -> None:
    for path in paths:
        caller.say("PATCH", path, {"state": "COMMISSIONED"})


def over_http(port: int, seconds: float = 60) -> Send:
    """A connection for each request: slow, but it survives any server."""

    def send(method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Json]:
        connection = HTTPConnection("127.0.0.1", port, timeout=seconds)
        try:
            connection.request(method, path, body or None, dict(headers))
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        return answer.status, json.loads(content)

    return send
