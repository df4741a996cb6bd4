"""A caller of this family, and the bodies it sends."""

from base64 import b64encode
from dataclasses import dataclass
from typing import Any

import httpx

Json = dict[str, Any]


def basic(user: str, password: str = "") -> str:
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"


def a_subscription(url: str, *types: str, **members: Any) -> Json:
    return {"endpointUrl": url, "eventTypes": list(types or ("record.sealed",)), **members}


@dataclass(frozen=True)
class Subscriber:
    """`authorization` goes with every request; empty: none does."""

    http: httpx.Client
    authorization: str

    def send(self, method: str, path: str = "", body: Any = None, **headers: str) -> httpx.Response:
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.authorization:
            said["Authorization"] = self.authorization
        return self.http.request(method, f"/v1/subscriptions{path}", headers=said, json=body)

    def made(self, url: str, *types: str, **members: Any) -> Json:
        made: Json = self.data("POST", "", a_subscription(url, *types, **members))
        return made

    def data(self, method: str, path: str = "", body: Any = None, status: int = 200) -> Any:
        answer = self.send(method, path, body)
        assert answer.status_code == status, answer.text
        return answer.json()["data"]
