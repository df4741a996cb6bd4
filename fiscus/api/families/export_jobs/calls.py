"""One endpoint of this family as its tables describe it, and one request as its handlers see it."""

from collections.abc import Callable, Mapping
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

FAMILY = "export-jobs"
VERSIONS = (0, 1, 2, 3)
NEWEST = 3


@dataclass(frozen=True, kw_only=True)
class ExportOperation:
    """One endpoint.

    - `version`: of the contract, as its path says it;
    - `statuses`: what it answers itself; what the pipeline says for all of them is added;
    - `request`, `query`, `answer`: the models of body, query and success body;
    - `scope`: what the role of the caller's key must have; None: no API key is wanted;
    - `is_signed`: the address itself says who may read;
    - `judge(said)`: raises what must be told of a body before its model judges it;
    - `media`: the media type of a success that is not JSON;
    - `is_extension`: the vendor's pages do not have it.
    """

    id: str
    method: str
    path: str
    version: int
    summary: str
    statuses: tuple[int, ...]
    request: Any = None
    query: type[BaseModel] | None = None
    answer: Any = None
    scope: Scope | None = None
    is_signed: bool = False
    judge: Callable[[Any], None] | None = None
    media: str = ""
    is_extension: bool = False
    is_deprecated: bool = False

    @property
    def is_open(self) -> bool:
        return self.scope is None

    @property
    def takes_key(self) -> bool:
        """Whether the header Idempotency-Key means something."""
        return self.method != "GET"

    @cached_property
    def body_adapter(self) -> TypeAdapter[Any]:
        is_adapter = isinstance(self.request, TypeAdapter)
        return self.request if is_adapter else TypeAdapter(self.request)


@dataclass(kw_only=True)
class ExportCall:
    """One request; the steps of the pipeline fill in what they learned.

    `asked`: the query as it was sent, each name with all its values; `path` has ids in lower case;
    `raw` is the body's bytes; `key` is empty if the header was not sent; `headers` are set on the
    answer. `address`: where it comes from, told for logins only.
    """

    operation: ExportOperation
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
        return self.caller.organization

    @property
    def version(self) -> int:
        return self.operation.version

    def claim(self) -> IdempotencyKey:
        """What makes a repeated request the same one. Keys belong to the caller's own API key.
        Digests of requests never change: they are asked for again for as long as keys are kept.
        """
        operation = self.operation
        parts = (operation.id, *self.path.values(), self._query(), bodies.canonical(self.raw))
        digest = macs.of(self.digest_key, FAMILY, *parts)
        key = f"{FAMILY}:{operation.id}:{self.caller.subject}:{self.key}"
        return IdempotencyKey(scope=self.organization, key=key, digest=digest)

    def _query(self) -> str:
        return bodies.encoder.encode({name: list(one) for name, one in self.asked.items()}).decode()


@dataclass(frozen=True)
class ExportAnswer:
    """`body` is anything JSON can say; None: there is no body."""

    status: int
    body: Any = None


Endpoints = tuple[tuple[ExportOperation, Act[ExportCall]], ...]
"""The table of a module: each endpoint with what answers it."""
