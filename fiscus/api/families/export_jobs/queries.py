"""Reads queries: arrays are repeated keys, and a name may be spelled as bodies spell it."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, get_origin
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError
from starlette.types import Scope

from fiscus.api.families.export_jobs import errors
from fiscus.api.problem import places
from fiscus.model.faults import Fault, Refused

PARAMETERS_MAX = 200
_CAPITAL = re.compile("[A-Z]")
_UTF8 = "utf-8"


def asked(scope: Scope) -> dict[str, list[str]]:
    """Each parameter with all its values, in the order in which they came."""
    found: dict[str, list[str]] = {}
    text = scope.get("query_string", b"").decode("latin-1")
    try:
        sent = parse_qsl(
            text, keep_blank_values=True, max_num_fields=PARAMETERS_MAX, encoding=_UTF8
        )
    except ValueError:
        return {"": []}  # More parameters than any request of ours has: no model knows this name.
    for name, value in sent:
        found.setdefault(name, []).append(value)
    return found


def snake(name: str) -> str:
    """`companyId` is `company_id`."""
    return _CAPITAL.sub(lambda found: f"_{found[0].lower()}", name)


def read(model: type[BaseModel] | None, sent: Mapping[str, list[str]]) -> Any:
    """The query as its model. Raises `Refused` with all faults, at the names as they were sent."""
    if any("\x00" in text for name, values in sent.items() for text in (name, *values)):
        raise Refused(errors.BAD_QUERY)
    lists = frozenset() if model is None else _lists(model)
    said: dict[str, Any] = {}
    spelled: dict[str, str] = {}
    faults: list[Fault] = []
    for name, values in sent.items():
        known = snake(name)
        if known in said or (known not in lists and len(values) > 1):
            faults.append(_fault(name, "can be sent once"))
        said[known] = values if known in lists else values[0] if values else ""
        spelled[known] = name
    try:
        if not faults and (model is not None or not said):
            return None if model is None else model.model_validate(said)
    except ValidationError as error:
        faults += _told(error, said, spelled)
    if model is None:
        faults += [_fault(name, "is not supported here") for name in sent]
    raise Refused(errors.BAD_QUERY, faults=tuple(faults))


def _told(
    error: ValidationError, said: Mapping[str, Any], spelled: Mapping[str, str]
) -> Iterator[Fault]:
    for place, text in places(error, said):
        name = re.split(r"[.\[]", place)[0]
        yield _fault(place.replace(name, spelled.get(name, name), 1) if name else "", text)
    for one in error.errors(include_url=False, include_input=False):
        if one["type"] == "paging":
            yield _fault("", str(one["msg"]))


def _fault(place: str, text: str) -> Fault:
    return Fault(code=errors.BAD_QUERY.id, text=text, paths=(place,) if place else ())


@cache
def _lists(model: type[BaseModel]) -> frozenset[str]:
    """The parameters that may come more than once."""
    return frozenset(
        name for name, one in model.model_fields.items() if get_origin(one.annotation) is list
    )
