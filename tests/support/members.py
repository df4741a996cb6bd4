"""All members of a shape of the wire, by their paths: what a caller may say."""

from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel


def members(shape: Any, place: str = "") -> set[str]:
    """The paths of all members that hold a value (`entries.data.text`), through arrays and all
    variants. The word that tells one variant from the others is none."""
    origin = get_origin(shape)
    if origin is Annotated or hasattr(shape, "__supertype__"):
        return members(get_args(shape)[0], place)
    if origin in (Union, UnionType):
        return set().union(*(members(each, place) for each in get_args(shape)))
    if origin in (list, tuple):
        return members(get_args(shape)[0], place)
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        found: set[str] = set()
        for name, field in shape.model_fields.items():
            path = f"{place}.{field.alias or name}".removeprefix(".")
            if not _is_tag(name, field.annotation):
                found |= members(field.annotation, path)
        return found
    return set() if shape is type(None) else {place}


def _is_tag(name: str, shape: Any) -> bool:
    return name == "type" and get_origin(shape) is Literal and len(get_args(shape)) == 1
