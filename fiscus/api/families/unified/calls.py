"""One request of this family, as its handlers see it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fiscus.access.tokens import NOBODY, Caller
from fiscus.api.families.unified.operations import UnifiedOperation
from fiscus.model.orders import IdempotencyKey
from fiscus.registry import macs

FAMILY = "unified"


@dataclass(frozen=True, kw_only=True)
class ReplayedAnswer:
    """The answer to a request that comes again, with the headers that say why it is another."""

    body: dict[str, Any]
    headers: Mapping[str, str]


@dataclass(kw_only=True)
class UnifiedCall:
    """One request; the steps of the pipeline fill in what they learned. `address`: where it comes
    from, told for logins only. `again`: what a replay answers instead of the answer, if that holds
    what is shown once."""

    operation: UnifiedOperation
    version: str
    trace: str
    at: datetime
    digest_key: bytes
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    said: Any = None
    body: Any = None
    raw: bytes = b""
    key: str = ""
    scope: str = ""
    caller: Caller = NOBODY
    address: str = ""
    is_replay: bool | None = None
    headers: dict[str, str] = field(default_factory=dict)
    again: ReplayedAnswer | None = None

    @property
    def id(self) -> str:
        return self.trace

    @property
    def taker(self) -> str:
        return self.trace

    @property
    def organization(self) -> str:
        return self.caller.organization

    @property
    def content(self) -> Any:
        return self.body.content

    def claim(self, *said: str) -> IdempotencyKey:
        """What makes a repeated request the same one. Keys belong to the caller's own API key.

        `said` is everything that the body says; its last part is kept with the claim. Digests of
        requests never change: they are asked for again for as long as records are kept.
        """
        parts = (self.operation.id, *self.path.values(), self.scope, self.version, *said)
        return IdempotencyKey(
            scope=self.caller.organization,
            key=f"{self.caller.subject}:{self.key}",
            digest=macs.of(self.digest_key, FAMILY, *parts),
            metadata=said[-1] if said[-1] != "{}" else "",
        )
