"""The words of the JSON: ids in any case, moments of RFC 3339, texts with a bound."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from fiscus.model.times import instant


class Wire(BaseModel):
    """A closed JSON object: unknown members are refused and nothing is converted."""

    model_config = ConfigDict(extra="forbid", strict=True)


class ExportQuery(BaseModel):
    """Query parameters: they arrive as text, so numbers are read from it; unknown ones refused."""

    model_config = ConfigDict(extra="forbid")


EXTENSION = {"x-fiscus-extension": True}
"""Marks what the vendor's pages do not have."""

UUID = "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$"
MOMENT = (
    r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)
DAY = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
CURSOR = "^[A-Z2-7=~]+$"
_SOME_UUID = "0196a1f0-5d0c-7a0e-9c55-9a4a5f3d2b10"
_SOME_MOMENT = "2026-03-31T08:00:00Z"
_YEARS = range(2, 9999)


def _lower(text: str) -> str:
    return text.lower()


Id = Annotated[
    str,
    StringConstraints(pattern=UUID),
    AfterValidator(_lower),
    WithJsonSchema({"type": "string", "format": "uuid", "examples": [_SOME_UUID]}),
]
"""A UUID, in any case; inside in lower case."""


def _moment(text: str) -> str:
    """Whether the calendar has it, in whatever time zone it will be looked at."""
    try:
        is_there = datetime.fromisoformat(text).year in _YEARS
    except ValueError:
        is_there = False
    if not is_there:
        raise PydanticCustomError("calendar", "should be a moment that exists")
    return text


Moment = Annotated[
    str,
    StringConstraints(pattern=MOMENT),
    AfterValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": [_SOME_MOMENT]}),
]


def _day(text: str) -> str:
    return _moment(f"{text}T00:00:00Z")[:10]


Day = Annotated[
    str,
    StringConstraints(pattern=DAY),
    AfterValidator(_day),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-03-31"]}),
]


def _in_query(text: Any) -> Any:
    """A `+` that came unescaped in the URL arrives as a blank: it can mean nothing else."""
    return text.replace(" ", "+") if isinstance(text, str) else text


QueryMoment = Annotated[Moment, BeforeValidator(_in_query)]


def digits(text: Any) -> Any:
    """Nothing but digits: what Python also takes for a number is none in a query."""
    return text if not isinstance(text, str) or (text.isascii() and text.isdigit()) else ""


Text40 = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Text120 = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Text255 = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Text4000 = Annotated[str, StringConstraints(max_length=4000)]

Currency = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$"), Field(examples=["EUR"])]
Country = Annotated[str, StringConstraints(pattern="^[A-Z]{2}$"), Field(examples=["DE"])]


def at(text: str | None) -> datetime | None:
    """The instant of a moment that has passed its pattern."""
    return None if text is None else instant(text)
