"""A caller of the API: says who it is, gives every write a key, and knows how a sale is made."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import httpx

from tests.support import words

Json = dict[str, Any]

WRITES = ("POST", "PATCH")


@dataclass(kw_only=True)
class Till:
    """`system` is the id of its commissioned register, once it has one; `nif` the tax number of
    the taxpayer that it registers."""

    http: httpx.Client
    version: str = "2026-05-04"
    bearer: str = ""
    credentials: tuple[str, str] = ("", "")
    scope: str = ""
    organization: str = ""
    taxpayer: str = ""
    location: str = ""
    system: str = ""
    nif: str = words.NIF

    def with_token(self, key: str, secret: str) -> "Till":
        answer = self.made("/tokens", {"type": "API_KEY", "key": key, "secret": secret})
        return replace(
            self,
            bearer=answer["authentication"]["bearer"],
            credentials=(key, secret),
            organization=answer["organization"]["id"],
        )

    def speaking(self, version: str) -> "Till":
        return replace(self, version=version)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        headers: dict[str, str] | None = None,
        raw: bytes | None = None,
    ) -> httpx.Response:
        """One request as a real client sends it. A header that is given as "" is left out."""
        said = {"X-Api-Version": self.version}
        if method in WRITES:
            said["X-Idempotency-Key"] = str(uuid4()) if key is None else key
        if self.bearer:
            said["Authorization"] = f"Bearer {self.bearer}"
        if self.scope:
            said["X-Scope-Identifier"] = self.scope
        said = {name: value for name, value in {**said, **(headers or {})}.items() if value}
        if raw is not None:
            said["Content-Type"] = "application/json"
            return self.http.request(method, path, headers=said, content=raw)
        return self.http.request(method, path, headers=said, json=body)

    def get(self, path: str) -> Json:
        return content(self.send("GET", path))

    def made(self, path: str, what: Json, metadata: Json | None = None) -> Json:
        """The content of what a POST made."""
        return content(self.send("POST", path, envelope(what, metadata)))

    def changed(self, path: str, what: Json, metadata: Json | None = None) -> Json:
        """The content of what a PATCH changed."""
        return content(self.send("PATCH", path, envelope(what, metadata)))

    def listed(self, path: str) -> list[Json]:
        """The contents of a list's one page."""
        return [one["content"] for one in self.page(path)["results"]]

    def page(self, path: str) -> Json:
        response = self.send("GET", path)
        assert response.status_code == 200, response.text
        page: Json = response.json()
        return page

    def pages(self, path: str) -> Iterator[Json]:
        """All pages, following `next` as it was given."""
        while path:
            page = self.page(path)
            yield page
            path = page.get("pagination", {}).get("next", "")

    def opens_shop(self, taxpayer: Json | None = None, **place: Any) -> "Till":
        """Taxpayer, branch and register, created and commissioned in that order."""
        self.acquires(taxpayer, **place)
        for path in self.places():
            self.changed(path, {"state": "COMMISSIONED"})
        return self

    def acquires(self, taxpayer: Json | None = None, **place: Any) -> "Till":
        """Taxpayer, branch and register, not in service yet."""
        own = words.taxpayer(fiscalization=words.fiscalization(self.nif))
        self.taxpayer = self.made("/taxpayers", taxpayer or own)["id"]
        self.location = self.made("/locations", words.branch(self.taxpayer, **place))["id"]
        self.system = self.made("/systems", words.device(self.location))["id"]
        return self

    def places(self) -> tuple[str, str, str]:
        return (
            f"/taxpayers/{self.taxpayer}",
            f"/locations/{self.location}",
            f"/systems/{self.system}",
        )

    def intends(self, system: str = "", details: Json | None = None) -> str:
        """A new intention; gives its id."""
        operation = {"type": "TRANSACTION", **({"details": details} if details else {})}
        what = {
            "type": "INTENTION",
            "system": {"id": system or self.system},
            "operation": operation,
        }
        id_: str = self.made("/records", what)["id"]
        return id_

    def concludes(self, operation: Json, intention: str = "", **more: Any) -> httpx.Response:
        what = {
            "type": "TRANSACTION",
            "record": {"id": intention or self.intends()},
            "operation": operation,
        }
        return self.send("POST", "/records", envelope(what), **more)

    def sells(self, operation: Json, intention: str = "") -> Json:
        """The content of a record that must be COMPLETED."""
        record = self.records(operation, intention)
        assert record["state"] == "COMPLETED", record.get("logs")
        assert record["mode"] == "FINISHED"
        return record

    def records(self, operation: Json, intention: str = "") -> Json:
        """The content of whatever record comes of it."""
        return content(self.concludes(operation, intention))


def envelope(what: Json, metadata: Json | None = None) -> Json:
    return {"content": what} if metadata is None else {"content": what, "metadata": metadata}


def content(response: httpx.Response) -> Json:
    """The content of a single answer that must be 200."""
    assert response.status_code == 200, response.text
    found: Json = response.json()["content"]
    return found


def refusal(response: httpx.Response, status: int) -> str:
    """The message of an error that must have this status and the one shape of all errors."""
    assert response.status_code == status, response.text
    answer = response.json()
    assert set(answer) == {"content"}
    assert set(answer["content"]) == {"status", "code", "error", "message"}
    assert answer["content"]["status"] == status
    assert response.headers["X-Api-Version"]
    assert response.headers["X-Trace-Identifier"]
    message: str = answer["content"]["message"]
    return message


def logs(record: Json) -> str:
    """The log messages of a record, one a line."""
    return "\n".join(log["message"] for log in record["logs"])
