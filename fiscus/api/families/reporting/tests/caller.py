"""A caller of the Reporting API: an API key, a merchant, and the bodies it sends."""

import re
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from tests.support.premises import Premises

Json = dict[str, Any]

BERLIN: Json = {
    "line1": "Oranienstraße 12",
    "city": "Berlin",
    "postal_code": "10999",
    "country_code": "DEU",
}
IDENTITY: Json = {
    "country_code": "DEU",
    "tax_number": "21/815/08150",
    "vat_id": "DE123456788",
}


@dataclass(kw_only=True)
class Caller:
    """`headers` go with every request; one that is given as "" is left out."""

    http: httpx.Client
    key: str
    headers: dict[str, str] = field(default_factory=dict)
    id: str = ""
    organization: str = ""

    def send(
        self, method: str, path: str, body: Any = None, *, raw: bytes | None = None, **headers: str
    ) -> httpx.Response:
        """One request; `Idempotency_Key="k"` is a header."""
        said = {"Authorization": f"Bearer {self.key}", **self.headers}
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        encoded = {name.encode(): value.encode() for name, value in said.items() if value}
        if raw is not None:
            encoded[b"Content-Type"] = b"application/json"
            return self.http.request(method, f"/v1{path}", headers=encoded, content=raw)
        return self.http.request(method, f"/v1{path}", headers=encoded, json=body)

    def get(self, path: str) -> Json:
        return answer(self.send("GET", path), 200)

    def made(self, path: str, body: Json, **headers: str) -> Json:
        return answer(self.send("POST", path, body, raw=None, **headers), 201)

    def changed(self, path: str, body: Json) -> Json:
        return answer(self.send("PATCH", path, body), 200)

    def for_(self, merchant: Json) -> "Caller":
        """The same key, acting for this merchant."""
        headers = {**self.headers, "X-OpenFiskal-Merchant": merchant["id"]}
        return replace(
            self, headers=headers, id=merchant["id"], organization=merchant["organization_id"]
        )

    def opens_merchant(self, **members: Any) -> "Caller":
        return self.for_(self.made("/merchants", a_merchant(**members)))

    def opens_register(self, **members: Any) -> Json:
        """A location and a register in it, not fiscalized yet."""
        location = self.made("/locations", a_location())
        return self.made("/registers", {"location_id": location["id"], "name": "Till 1", **members})

    def fiscalizes(self, register: Json) -> Json:
        return answer(self.send("POST", f"/registers/{register['id']}/fiscalize"), 202)


def a_merchant(**members: Any) -> Json:
    return {
        "legal_name": "Kiosk am Kotti GmbH",
        "country_code": "DEU",
        "address": BERLIN,
        "fiscal_identities": [IDENTITY],
    } | members


def a_location(**members: Any) -> Json:
    return {"name": "Kottbusser Tor", "address": BERLIN, "timezone": "Europe/Berlin"} | members


def platform(premises: Premises) -> Caller:
    return Caller(http=premises.http, key=premises.first.api_key)


def of_merchant(premises: Premises, merchant: Caller, prefix: str = "of_test_deu_") -> Caller:
    """Whoever holds a key of the merchant's own unit, made in the other API family."""
    group = premises.group()
    digits = merchant.organization.removeprefix("org_")
    group.scope = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    credentials = group.made("/subjects", {"type": "API_KEY", "name": "pos"})["credentials"]
    key = f"{prefix}{credentials['key'].removeprefix('test_')}{credentials['secret']}"
    return Caller(http=premises.http, key=key)


def answer(response: httpx.Response, status: int) -> Json:
    assert response.status_code == status, response.text
    assert response.headers["X-Request-Id"].startswith("req_")
    found: Json = response.json()
    return found


def refusal(response: httpx.Response, status: int, code: str) -> Json:
    """The body of an error of this status and word, in the style of generation C."""
    body = answer(response, status)
    assert set(body) <= {"code", "message", "retryable", "details"}
    assert body["code"] == code, body
    assert body["retryable"] is (status >= 500 or status in (412, 429))
    return body


def places(error: Json) -> list[str]:
    """Where a body is wrong."""
    return [one["path"] for one in error["details"]["errors"]]


def stands_in(body: Any, place: str) -> bool:
    """Whether the body has something at this place."""
    for step in re.findall(r"[^.\[\]]+|\[[0-9]+\]", place):
        try:
            body = body[int(step[1:-1])] if step.startswith("[") else body[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True
