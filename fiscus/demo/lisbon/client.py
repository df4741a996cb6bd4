"""The café's till as a caller of the Unified API."""

from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from fiscus.demo.client import Json, ServiceConnection, UnexpectedAnswer

VERSION = "2026-05-04"


@dataclass(kw_only=True)
class UnifiedClient:
    """Who speaks (`bearer`) in whose name (`scope`); every write carries a fresh key."""

    line: ServiceConnection
    bearer: str = ""
    scope: str = ""

    def content(
        self,
        method: str,
        path: str,
        content: Json | None = None,
        metadata: Json | None = None,
        version: str = VERSION,
    ) -> Json:
        """The content of an answer that must be 200; a list has none and is given whole."""
        told = {} if metadata is None else {"metadata": metadata}
        body = None if content is None else {"content": content, **told}
        headers = {**self._headers(method), "X-Api-Version": version}
        status, answer = self.line.ask(method, path, body, headers)
        if status != 200:
            raise UnexpectedAnswer(f"{method} {path} answered {status}: {answer}")
        found: Json = answer.get("content", answer)
        return found

    def download(self, path: str, to: Path) -> None:
        self.line.download(path, to, self._headers("GET"))

    def _headers(self, method: str) -> dict[str, str]:
        headers = {"X-Api-Version": VERSION}
        if method in ("POST", "PATCH"):
            headers["X-Idempotency-Key"] = str(uuid4())
        if self.bearer:
            headers["Authorization"] = f"Bearer {self.bearer}"
        if self.scope:
            headers["X-Scope-Identifier"] = self.scope
        return headers
