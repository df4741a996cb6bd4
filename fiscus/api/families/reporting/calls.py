"""One endpoint of this family as its tables describe it, and one request as its handlers see it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import cached_property
from typing import Any

from pydantic import BaseModel, TypeAdapter

from fiscus.access.tokens import NOBODY, Caller
from fiscus.api import bodies
from fiscus.api.families.reporting.access import ProvenKey
from fiscus.api.families.reporting.errors import ErrorStyle
from fiscus.api.pipeline import Act
from fiscus.model.orders import IdempotencyKey
from fiscus.model.records import CallerWords
from fiscus.registry import macs
from fiscus.registry.roles import Scope
from fiscus.registry.views import TaxpayerView

FAMILY = "reporting"
VERSION = "1"


class KeyRequirement(Enum):
    """Whether an endpoint wants the header Idempotency-Key."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True, kw_only=True)
class ReportingOperation:
    """One endpoint.

    - `statuses`: what it answers itself; what the pipeline says for all of them is added;
    - `request`, `query`, `answer`: the models of body, query and success body;
    - `needs_merchant`: a header names the merchant, unless the key belongs to one;
    - `needs_match`: the header If-Match must name the version that is changed;
    - `scope`: what the role of the caller's key must have; None: no API key is wanted;
    - `is_signed`: the address itself says who may read;
    - `style`: how its errors look;
    - `media`: the media type of a success that is not JSON;
    - `is_extension`: the family's pages do not have it.
    """

    id: str
    method: str
    path: str
    summary: str
    statuses: tuple[int, ...]
    request: Any = None
    query: type[BaseModel] | None = None
    answer: Any = None
    needs_merchant: bool = True
    key: KeyRequirement = KeyRequirement.NONE
    needs_match: bool = False
    scope: Scope | None = None
    is_signed: bool = False
    style: ErrorStyle = ErrorStyle.C
    media: str = ""
    is_extension: bool = False

    @property
    def is_open(self) -> bool:
        return self.scope is None

    @cached_property
    def body_adapter(self) -> TypeAdapter[Any]:
        is_adapter = isinstance(self.request, TypeAdapter)
        return self.request if is_adapter else TypeAdapter(self.request)


@dataclass(kw_only=True)
class ReportingCall:
    """One request; the steps of the pipeline fill in what they learned.

    `path` is as in the URL; `raw` the body's bytes; `key` is empty and `match` None if the header
    was not sent. `merchant` may be some seconds old: what can change is read again in the
    handler's transaction. `details` set before a trouble is raised are shown in its answer;
    `headers` are set on the answer.
    """

    operation: ReportingOperation
    at: datetime
    fresh: str
    request_id: str
    digest_key: bytes
    path: Mapping[str, str] = field(default_factory=dict)
    query: Any = None
    body: Any = None
    raw: bytes = b""
    key: str = ""
    match: int | None = None
    caller: Caller = NOBODY
    regime: str = ""
    proof: ProvenKey | None = None
    merchant: TaxpayerView | None = None
    headers: dict[str, str] = field(default_factory=dict)
    details: dict[str, Any] | None = None
    is_replay: bool | None = False

    @property
    def id(self) -> str:
        return self.request_id

    @property
    def taker(self) -> str:
        return self.fresh

    @property
    def organization(self) -> str:
        """The merchant's unit; without a merchant, the organization of the key."""
        if self.merchant is None:
            return self.caller.organization
        return self.merchant.taxpayer.organization

    def claim(self, *said: str) -> IdempotencyKey:
        """What makes a repeated request the same one: endpoint, path, body, and what else is
        said. Keys belong to the caller's own API key; without one every request is one of its own.
        Digests of requests never change: they are asked for again for as long as records are kept.
        """
        parts = (self.operation.id, *self.path.values(), bodies.canonical(self.raw), *said)
        key = f"{FAMILY}:{self.operation.id}:{self.caller.subject}:{self.key or self.fresh}"
        digest = macs.of(self.digest_key, FAMILY, *parts)
        return IdempotencyKey(scope=self.organization, key=key, digest=digest)

    def said(self, text: str) -> CallerWords:
        return CallerWords(family=FAMILY, version=VERSION, text=text)


@dataclass(frozen=True)
class ReportingAnswer:
    """`body` is anything JSON can say."""

    status: int
    body: Any


Endpoints = tuple[tuple[ReportingOperation, Act[ReportingCall]], ...]
"""The table of a module: each endpoint with what answers it."""
