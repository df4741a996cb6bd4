"""The kiosk's till as a caller of the Reporting API."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from fiscus.demo.client import Json, ServiceConnection, UnexpectedAnswer

_DONE = (200, 201, 202)


@dataclass(kw_only=True)
class ReportingClient:
    """Whose key it is and for which merchant it acts; every write carries a fresh key."""

    line: ServiceConnection
    key: str
    merchant: str = ""

    def get(self, path: str) -> Json:
        return self._asked("GET", path, None, self._headers())

    def post(self, path: str, body: Json | None = None, *, match: int | None = None) -> Json:
        """`match` is the version of the operation that the till has seen."""
        headers = {**self._headers(), "Idempotency-Key": str(uuid4())}
        if match is not None:
            headers["If-Match"] = f'"{match}"'
        return self._asked("POST", path, body, headers)

    def download(self, path: str, to: Path) -> None:
        self.line.download(f"/v1{path}", to, self._headers())

    def fetch(self, address: str, to: Path) -> None:
        """What an address that was handed out leads to: it needs no key."""
        parts = urlsplit(address)
        self.line.download(f"{parts.path}?{parts.query}", to)

    def _asked(self, method: str, path: str, body: Json | None, headers: dict[str, str]) -> Json:
        status, answer = self.line.ask(method, f"/v1{path}", body, headers)
        if status not in _DONE:
            raise UnexpectedAnswer(f"{method} /v1{path} answered {status}: {answer}")
        return answer

    def _headers(self) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self.key}"}
        if self.merchant:
            headers["X-OpenFiskal-Merchant"] = self.merchant
        return headers
