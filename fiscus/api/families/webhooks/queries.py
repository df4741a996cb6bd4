"""Reads queries: arrays are repeated keys, or one value with commas."""

from collections.abc import Mapping
from typing import Any, get_origin
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError
from starlette.types import Scope

from fiscus.api.families.webhooks import errors
from fiscus.api.problem import places
from fiscus.model.faults import Fault, Refused

PARAMETERS_MAX = 200


def asked(scope: Scope) -> dict[str, list[str]]:
    """Each parameter with all its values, in the order in which they came."""
    found: dict[str, list[str]] = {}
    text = scope.get("query_string", b"").decode("latin-1")
    try:
        sent = parse_qsl(text, keep_blank_values=True, max_num_fields=PARAMETERS_MAX)
    except ValueError:
        return {"": []}  # More parameters than any request of ours has: no model knows this name.
    for name, value in sent:
        found.setdefault(name, []).append(value)
    return found


def read(model: type[BaseModel] | None, sent: Mapping[str, list[str]]) -> Any:
    """The query as its model. Raises `Refused` with all faults."""
    if any("\x00" in text for name, values in sent.items() for text in (name, *values)):
        raise Refused(errors.BAD_QUERY)
    lists = _lists(model)
    faults = [
        _fault(name, "can be sent once")
        for name, values in sent.items()
        if name not in lists and len(values) > 1
    ]
    said = {
        name: _listed(values) if name in lists else (values or [""])[0]
        for name, values in sent.items()
    }
    if model is None:
        faults += [_fault(name, "is not supported here") for name in sent]
    elif not faults:
        try:
            return model.model_validate(said)
        except ValidationError as error:
            faults += [_fault(place, text) for place, text in places(error, said)]
    if faults:
        raise Refused(errors.BAD_QUERY, faults=tuple(faults))
    return None


def _fault(place: str, text: str) -> Fault:
    return Fault(code=errors.BAD_QUERY.id, text=text, paths=(place,) if place else ())


def _listed(values: list[str]) -> list[str]:
    return [one for value in values for one in value.split(",")]


def _lists(model: type[BaseModel] | None) -> frozenset[str]:
    fields = {} if model is None else model.model_fields
    return frozenset(name for name, one in fields.items() if get_origin(one.annotation) is list)
