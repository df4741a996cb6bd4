"""One endpoint of this family as its table describes it, and one request as its handlers see it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from pydantic import BaseModel, TypeAdapter

from fiscus.access.tokens import NOBODY, Caller
from fiscus.api import bodies
from fiscus.api.pipeline import Act
from fiscus.model.orders import IdempotencyKey
from fiscus.registry import macs
from fiscus.registry.roles import Scope

FAMILY = "webhooks"


@dataclass(frozen=True, kw_only=True)
class WebhookOperation:
    """One endpoint.

    - `statuses`: what it answers itself; what the pipeline says for all of them is added;
    - `request`, `query`, `answer`: the models of body, query and success body; without `answer`
      there is no body;
    - `scope`: what the role of the caller's key must have; None: nobody is asked for a key;
    - `is_extension`: the contract that this family follows does not have it.
    """

    id: str
    method: str
    path: str
    summary: str
    statuses: tuple[int, ...]
    scope: Scope | None
    request: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    is_extension: bool = False

    @property
    def takes_key(self) -> bool:
        """Whether the header Idempotency-Key means something: what replaces or deletes may be sent
        twice as it is."""
        return self.method == "POST"

    @cached_property
    def body_adapter(self) -> TypeAdapter[Any]:
        assert self.request is not None
        return TypeAdapter(self.request)


@dataclass(kw_only=True)
class WebhookCall:
    """One request; the steps of the pipeline fill in what they learned. `asked` is the query as it
    was sent, each name with all its values; `path` has ids in lower case."""

    operation: WebhookOperation
    at: datetime
    id: str
    digest_key: bytes
    asked: Mapping[str, list[str]]
    path: Mapping[str, str] = field(default_factory=dict)
    query: Any = None
    body: Any = None
    raw: bytes = b""
    key: str = ""
    caller: Caller = NOBODY
    headers: dict[str, str] = field(default_factory=dict)
    is_replay: bool | None = None

    @property
    def taker(self) -> str:
        return self.id

    @property
    def organization(self) -> str:
        """Subscriptions belong to the organization of the key."""
        return self.caller.organization

    def claim(self) -> IdempotencyKey:
        """What makes a repeated request the same one. Keys belong to the caller's own API key."""
        operation = self.operation
        digest = macs.of(
            self.digest_key,
            FAMILY,
            operation.id,
            *self.path.values(),
            bodies.canonical(self.raw),
        )
        key = f"{FAMILY}:{operation.id}:{self.caller.subject}:{self.key}"
        return IdempotencyKey(scope=self.organization, key=key, digest=digest)


@dataclass(frozen=True)
class WebhookAnswer:
    """`body` is anything JSON can say."""

    status: int
    body: Any


Endpoints = tuple[tuple[WebhookOperation, Act[WebhookCall]], ...]
"""The table of a module: each endpoint with what answers it."""
