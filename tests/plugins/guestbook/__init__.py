"""A third API family, as another package would bring it: only a test installs it.

Who asks is told by a header and proved by nothing. Names are kept in the database under an
idempotency key, like the answers of every family, and nowhere else.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from pydantic import BaseModel, TypeAdapter, ValidationError
from sqlalchemy import Connection, insert
from starlette.datastructures import MutableHeaders
from starlette.types import Scope

from fiscus.access.tokens import NOBODY, Caller
from fiscus.api import bounds, credentials, intake, pipeline
from fiscus.api.credentials import Headers
from fiscus.api.families import ApiFamily, MountedFamily
from fiscus.api.openapi import Contract, DescribedAnswer, DescribedOperation, build
from fiscus.api.pipeline import (
    Conventions,
    CountedCaller,
    PipelineCodes,
    ReadOperation,
    WriteOperation,
)
from fiscus.api.stored_answers import StoredAnswer
from fiscus.model.faults import Code, Missing, Refused, Trouble, Unavailable
from fiscus.model.orders import IdempotencyKey
from fiscus.services import Services
from fiscus.store.schema import ORGANIZATION

VERSION = "7"
BAD_BODY = Code("GUESTBOOK-BODY-01", "a guest has a name")
CODES = PipelineCodes(
    too_large=Code("GUESTBOOK-BODY-02", "the name is too long"),
    nobody=Code("GUESTBOOK-GUEST-01", "guests are known by their header"),
    too_many=Code("GUESTBOOK-LIMIT-01", "too many guests at one time"),
    repeated_query=Code("GUESTBOOK-QUERY-01", "a parameter is said twice"),
    nothing=Code("GUESTBOOK-PATH-01", "there is no such page in the book"),
    unforeseen=Code("GUESTBOOK-ANSWER-01", "the pen broke"),
)


class Guest(BaseModel):
    name: str


GUEST = TypeAdapter(Guest)


@dataclass(frozen=True, kw_only=True)
class Operation:
    id: str
    method: str
    path: str
    request: Any = None


@dataclass(kw_only=True)
class Call:
    operation: Operation
    id: str
    at: datetime
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


def sign(services: Services, tx: Connection, call: Call) -> dict[str, str]:
    """Whoever signs twice in one breath breaks a unique place, as two that come together do."""
    if call.body.name == "Doppelgänger":
        row = {"id": call.id, "type": "UNIT", "name": "x", "metadata": "{}", "created_at": "x"}
        tx.execute(insert(ORGANIZATION), [row, row])
    return {"guest": call.body.name, "at": call.at.isoformat()}


def count(services: Services, tx: Connection, call: Call) -> dict[str, str]:
    raise RuntimeError("the pen broke")


TABLE = (
    (
        Operation(id="sign", method="POST", path="/v1/guestbook", request=GUEST),
        WriteOperation(sign),
    ),
    (Operation(id="count", method="GET", path="/v1/guestbook/{guest_id}"), ReadOperation(count)),
)
UNKNOWN = Operation(id=pipeline.UNKNOWN_OPERATION, method="GET", path="/v1/guestbook/{path}")


def mounted(services: Services) -> MountedFamily:
    def call(operation: Operation, scope: Scope, headers: Headers) -> Call:
        return Call(operation=operation, id=str(uuid.uuid4()), at=services.clock())

    async def credential(scope: Scope, headers: Headers, call: Call) -> CountedCaller:
        if "x-guest" in headers:
            call.caller = Caller(organization="guests", subject=headers["x-guest"])
            return CountedCaller(credentials.known(call.caller), is_known=True)
        raise Missing(CODES.nobody)

    def terms(operation: Operation) -> intake.BodyTerms:
        return intake.BodyTerms(bytes_max=1_000, too_large=CODES.too_large, nobody=CODES.nobody)

    spoken = Conventions(
        family="guestbook",
        log_name="guest",
        codes=CODES,
        call=call,
        credential=credential,
        greet=_greet,
        ask=_ask,
        terms=terms,
        parse=_parse,
        place=_place,
        shown=_shown,
        kept=_shown,
        from_kept=_from_kept,
        failed=_failed,
        claim=_claim,
        dress=_dress,
    )
    return MountedFamily(
        endpoints=pipeline.endpoints(services, spoken, TABLE),
        nothing=pipeline.nothing(services, spoken, UNKNOWN),
    )


def _greet(scope: Scope, headers: Headers, call: Call) -> None:
    call.key = headers.get("x-once", "")


def _ask(headers: Headers, call: Call, path: Mapping[str, str], query: Mapping[str, str]) -> None:
    assert "x-guest" in headers


def _parse(call: Call, raw: bytes) -> None:
    try:
        call.body = bounds.shape(GUEST).validated(raw)
    except ValidationError:
        raise Refused(BAD_BODY) from None


async def _place(scope: Scope, headers: Headers, call: Call) -> None:
    call.is_replay = False


def _shown(call: Call, answer: dict[str, str]) -> StoredAnswer:
    return StoredAnswer(201, msgspec.json.encode(answer))


def _from_kept(call: Call, kept: StoredAnswer) -> StoredAnswer:
    return kept


def _failed(call: Call, trouble: Trouble) -> StoredAnswer:
    status = 500 if trouble.code == CODES.unforeseen else 418
    status = 503 if isinstance(trouble, Unavailable) else status
    return StoredAnswer(status, msgspec.json.encode({"sorry": trouble.code.id}))


def _claim(call: Call) -> IdempotencyKey:
    return IdempotencyKey(scope="guests", key=f"guestbook:{call.key}", digest=call.raw.hex())


def _dress(call: Call, headers: MutableHeaders) -> None:
    headers["X-Guestbook"] = "again" if call.is_replay else "first"


def document(version: str) -> dict[str, Any]:
    described = DescribedOperation(
        id="guestbook_sign",
        method="POST",
        path="/v1/guestbook",
        summary="Sign",
        tag="guestbook",
        parameters=(),
        request=GUEST,
        scope=None,
        answers={201: DescribedAnswer(text="Thanks", media="")},
    )
    contract = Contract(
        title="Guestbook",
        version=version,
        description="Who was here.",
        tags={"guestbook": "Who was here."},
        security=("guest", {"type": "http", "scheme": "x"}),
        operations=(described,),
        headers={},
        parameters={},
        prefix="Guestbook",
    )
    return build(contract)


FAMILIES = (
    ApiFamily(
        code="guestbook",
        owns=("/v1/guestbook",),
        mounted=mounted,
        versions=(VERSION,),
        current=VERSION,
        document=document,
    ),
)
