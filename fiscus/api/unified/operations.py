"""Every operation of the family in one table: routes are mounted and documented from it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from fiscus.api.unified.wire import access, files, locations, records, scalars, systems, taxpayers
from fiscus.model.faults import Code, Refused
from fiscus.model.times import instant

UNKNOWN_QUERY = Code("UNIFIED-QUERY-01", "this query parameter is not supported here")
BAD_QUERY = Code("UNIFIED-QUERY-02", "this query parameter breaks its schema")

LIMIT_DEFAULT = 10
LIMIT_MAX = 100
TYPES_MAX = 10
TOKEN_MAX = 1024

_TOKEN = re.compile(scalars.BASE64, re.ASCII)
_UUID7 = re.compile(scalars.UUID7, re.ASCII)
_MOMENT = re.compile(scalars.MOMENT, re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Query:
    """One query parameter: how it is documented, and how its text is read.

    `parse` raises `ValueError` if the text breaks the schema.
    """

    name: str
    schema: Mapping[str, Any]
    parse: Callable[[str], Any]
    example: str = ""
    text: str = ""
    is_extension: bool = False


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method on one path.

    - `needs_key`: X-Idempotency-Key must be there (it may be there on every operation);
    - `is_idempotent`: an answer is kept under that key and replayed;
    - `takes_scope`: X-Scope-Identifier means something here;
    - `is_open`: no bearer token is wanted;
    - `response` is None where bytes are streamed.
    """

    id: str
    method: str
    path: str
    summary: str
    request: TypeAdapter[Any] | None = None
    response: Any = None
    query: tuple[Query, ...] = ()
    statuses: tuple[int, ...]
    needs_key: bool = False
    is_idempotent: bool = False
    takes_scope: bool = False
    is_open: bool = False
    is_extension: bool = False
    names: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", frozenset(item.name for item in self.query))


def query(operation: Operation, params: Mapping[str, str]) -> dict[str, Any]:
    """The query parameters as values: `limit` int, `type` tuple, `start`/`end` instants,
    flags True. What was not sent is left out, except `limit`, which has a default.
    """
    for name in params:
        if name not in operation.names:
            raise Refused(UNKNOWN_QUERY, name)
    values: dict[str, Any] = {"limit": LIMIT_DEFAULT} if "limit" in operation.names else {}
    for item in operation.query:
        if item.name in params:
            try:
                values[item.name] = item.parse(params[item.name])
            except ValueError:
                raise Refused(BAD_QUERY, item.name) from None
    return values


def find(operation_id: str) -> Operation:
    return BY_ID[operation_id]


def _limit(text: str) -> int:
    if not re.fullmatch("[0-9]{1,3}", text) or not 1 <= int(text) <= LIMIT_MAX:
        raise ValueError("limit")
    return int(text)


def _token(text: str) -> str:
    if len(text) > TOKEN_MAX or not _TOKEN.fullmatch(text):
        raise ValueError("token")
    return text


def _uuid7(text: str) -> str:
    if not _UUID7.fullmatch(text):
        raise ValueError("id")
    return text


def _moment(text: str) -> datetime:
    """A `+` that came unescaped in the URL arrives as a blank: it can mean nothing else."""
    text = text.replace(" ", "+")
    if not (_MOMENT.fullmatch(text) and scalars.is_moment(text)):
        raise ValueError("date-time")
    return instant(text)


def _types(text: str) -> tuple[str, ...]:
    found = tuple(text.split(","))
    if len(found) > TYPES_MAX or len(set(found)) < len(found):
        raise ValueError("too many types, or one twice")
    if not scalars.RECORD_TYPES.issuperset(found):
        raise ValueError("unknown type")
    return found


def _flag(text: str) -> bool:
    if text:
        raise ValueError("a flag has no value")
    return True


def _file_type(text: str) -> str:
    if text not in scalars.FILE_TYPES:
        raise ValueError("unknown type")
    return text


def _id(name: str, *, is_extension: bool = False) -> Query:
    return Query(
        name=name,
        schema={"type": "string", "format": "uuid", "pattern": scalars.UUID7},
        parse=_uuid7,
        example="0189f7ea-ae2c-7809-8aeb-b819cf5e9e7f",
        text=f"Only what belongs to this {name.removesuffix('_id')}.",
        is_extension=is_extension,
    )


def _when(name: str, text: str) -> Query:
    schema = {"type": "string", "format": "date-time", "minLength": 25, "maxLength": 25}
    example = "2006-01-02T15:04:05+00:00"
    return Query(name=name, schema=schema, parse=_moment, example=example, text=text)


def _shown(name: str, text: str, *, is_extension: bool = False) -> Query:
    schema = {"type": "string", "enum": [""]}
    return Query(name=name, schema=schema, parse=_flag, text=text, is_extension=is_extension)


PAGE = (
    Query(
        name="limit",
        schema={"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT},
        parse=_limit,
        text="How many results a page may have.",
    ),
    Query(
        name="token",
        schema={"type": "string", "maxLength": TOKEN_MAX, "pattern": scalars.BASE64},
        parse=_token,
        text="Where the next page begins, as given by the page before.",
    ),
)
TYPE = Query(
    name="type",
    schema={
        "type": "array",
        "minItems": 1,
        "maxItems": TYPES_MAX,
        "uniqueItems": True,
        "items": {"type": "string", "enum": sorted(scalars.RECORD_TYPES)},
    },
    parse=_types,
    example="TRANSACTION::RECEIPT,TRANSACTION::INVOICE",
    text="Only records of these types, separated by commas.",
)
FILE_TYPE = Query(
    name="type",
    schema={"type": "string", "enum": sorted(scalars.FILE_TYPES)},
    parse=_file_type,
    text="Only files of this type.",
    is_extension=True,
)
FLAGS = (
    _shown("operation", "Show the operation as it was sent."),
    _shown("file-artifact", "Show the stored bytes of the record."),
    _shown("file-integrity", "Show the signature over the stored bytes."),
    _shown("compliance-artifact", "Show the whole seal."),
    _shown("data-artifact", "Show the file a record produced."),
    _shown("data-integrity", "Show the signature of the file a record produced."),
    _shown("archive-artifact", "Show the archive copy.", is_extension=True),
)

_LISTED = (200, 400, 401, 429, 500, 503)
_MADE = (200, 400, 401, 405, 409, 422, 429, 500, 501, 503)
_CHANGED = (200, 400, 401, 404, 409, 422, 429, 500, 501, 503)
_CHANGED_PLACE = (200, 400, 401, 404, 405, 409, 422, 429, 500, 503)
_READ = (200, 400, 401, 404, 429, 500, 501, 503)
_READ_PLACE = (200, 400, 401, 404, 429, 500, 503)


def _list(
    plural: str, response: Any, *query: Query, takes_scope: bool = False, statuses: Any = _LISTED
) -> Operation:
    return Operation(
        id=f"list{plural.capitalize()}",
        method="GET",
        path=f"/{plural}",
        summary=f"List {plural}",
        response=response,
        query=PAGE + query,
        statuses=statuses,
        takes_scope=takes_scope,
    )


def _create(
    noun: str, request: TypeAdapter[Any], response: Any, *, takes_scope: bool = False
) -> Operation:
    return Operation(
        id=f"create{noun.capitalize()}",
        method="POST",
        path=f"/{noun}s",
        summary=f"Create {'an' if noun[0] in 'aeiou' else 'a'} {noun}",
        request=request,
        response=response,
        statuses=_MADE,
        needs_key=True,
        is_idempotent=True,
        takes_scope=takes_scope,
    )


def _update(
    noun: str, request: TypeAdapter[Any], response: Any, statuses: tuple[int, ...] = _CHANGED
) -> Operation:
    return Operation(
        id=f"update{noun.capitalize()}",
        method="PATCH",
        path=f"/{noun}s/{{{noun}_id}}",
        summary=f"Update {'an' if noun[0] in 'aeiou' else 'a'} {noun}",
        request=request,
        response=response,
        statuses=statuses,
        needs_key=True,
        is_idempotent=True,
    )


def _retrieve(
    noun: str, response: Any, *query: Query, statuses: tuple[int, ...] = _READ
) -> Operation:
    return Operation(
        id=f"retrieve{noun.capitalize()}",
        method="GET",
        path=f"/{noun}s/{{{noun}_id}}",
        summary=f"Retrieve {'an' if noun[0] in 'aeiou' else 'a'} {noun}",
        response=response,
        query=query,
        statuses=statuses,
    )


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="createToken",
        method="POST",
        path="/tokens",
        summary="Create a token",
        request=access.CREATE_TOKEN,
        response=access.Token,
        statuses=(200, 400, 401, 409, 429, 500, 503),
        needs_key=True,
        is_open=True,
    ),
    _list("subjects", access.Subjects, takes_scope=True),
    _create("subject", access.CREATE_SUBJECT, access.Subject, takes_scope=True),
    _update("subject", access.UPDATE_SUBJECT, access.Subject),
    _retrieve("subject", access.Subject),
    _list("organizations", access.Organizations, takes_scope=True),
    _create("organization", access.CREATE_ORGANIZATION, access.Organization, takes_scope=True),
    _update("organization", access.UPDATE_ORGANIZATION, access.Organization),
    _retrieve("organization", access.Organization),
    _list("taxpayers", taxpayers.Taxpayers),
    _create("taxpayer", taxpayers.CREATE_TAXPAYER, taxpayers.Taxpayer),
    _update("taxpayer", taxpayers.UPDATE_TAXPAYER, taxpayers.Taxpayer, _CHANGED_PLACE),
    _retrieve("taxpayer", taxpayers.Taxpayer, statuses=_READ_PLACE),
    _list("locations", locations.Locations, _id("taxpayer_id")),
    _create("location", locations.CREATE_LOCATION, locations.Location),
    _update("location", locations.UPDATE_LOCATION, locations.Location, _CHANGED_PLACE),
    _retrieve("location", locations.Location, statuses=_READ_PLACE),
    _list("systems", systems.Systems, _id("taxpayer_id"), _id("location_id")),
    _create("system", systems.CREATE_SYSTEM, systems.System),
    _update("system", systems.UPDATE_SYSTEM, systems.System),
    _retrieve("system", systems.System),
    _list(
        "records",
        records.Records,
        _id("taxpayer_id"),
        _id("location_id"),
        _id("system_id"),
        TYPE,
    ),
    _create("record", records.CREATE_RECORD, records.Record),
    _update("record", records.UPDATE_RECORD, records.Record),
    _retrieve("record", records.Record, *FLAGS),
    _list(
        "files",
        files.Files,
        _id("system_id"),
        _when("start", "Only files made at this moment or later."),
        _when("end", "Only files made before this moment."),
        _id("taxpayer_id", is_extension=True),
        FILE_TYPE,
        statuses=(*_READ_PLACE,),
    ),
    Operation(
        id="streamFile",
        method="GET",
        path="/files/{path}",
        summary="Stream a file",
        statuses=_READ_PLACE,
    ),
    Operation(
        id="createFile",
        method="POST",
        path="/files",
        summary="Create a file",
        request=files.CREATE_FILE,
        response=files.File,
        statuses=_MADE,
        is_idempotent=True,
        is_extension=True,
    ),
)

BY_ID = {operation.id: operation for operation in OPERATIONS}
