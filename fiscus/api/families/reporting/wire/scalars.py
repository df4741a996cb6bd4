"""The words of the JSON: amounts, rates and moments as text with patterns."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from zoneinfo import available_timezones

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


class Wire(BaseModel):
    """A closed JSON object: unknown members are refused and nothing is converted."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Query(BaseModel):
    """Query parameters: they arrive as text, so numbers are read from it; unknown ones refused."""

    model_config = ConfigDict(extra="forbid")


YEARS = range(2, 9999)
"""A moment of these years has a date in every time zone."""

MONEY = r"^-?(0|[1-9][0-9]{0,11})\.[0-9]{2}$"
PRICE = r"^-?(0|[1-9][0-9]{0,11})\.[0-9]{2,5}$"
MONEY_NOT_NEGATIVE = r"^(0|[1-9][0-9]{0,11})\.[0-9]{2}$"
RATE = r"^(0(\.[0-9]{1,4})?|1(\.0{1,4})?)$"
QUANTITY = r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?$"
MOMENT = (
    r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)
CURRENCY = r"^[A-Z]{3}$"
TIME_OF_DAY = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"

Money = Annotated[
    str,
    StringConstraints(pattern=MONEY),
    Field(description="A decimal amount as text with two decimals.", examples=["50.00"]),
]
MoneyNotNegative = Annotated[
    str,
    StringConstraints(pattern=MONEY_NOT_NEGATIVE),
    Field(description="A decimal amount as text with two decimals.", examples=["50.00"]),
]
Price = Annotated[
    str,
    StringConstraints(pattern=PRICE),
    Field(
        description="The price of one unit as text with two to five decimals: fuel and weighed "
        "goods are priced in parts of a cent.",
        examples=["50.00"],
    ),
]
Rate = Annotated[
    str,
    StringConstraints(pattern=RATE),
    Field(description="A tax rate as a fraction: 0.19 is 19 percent.", examples=["0.19"]),
]
Quantity = Annotated[str, StringConstraints(pattern=QUANTITY), Field(examples=["2"])]
Currency = Annotated[str, StringConstraints(pattern=CURRENCY), Field(examples=["EUR"])]


def is_moment(text: str) -> bool:
    """Whether the calendar has this moment, in whatever time zone it will be looked at."""
    try:
        return datetime.fromisoformat(text).year in YEARS
    except ValueError:
        return False


def _moment(text: str) -> str:
    if not is_moment(text):
        raise PydanticCustomError("calendar", "should be a moment that exists")
    return text


Moment = Annotated[
    str,
    StringConstraints(pattern=MOMENT),
    AfterValidator(_moment),
    WithJsonSchema(
        {"type": "string", "format": "date-time", "examples": ["2026-03-01T00:00:00.000Z"]}
    ),
]


def _in_query(text: Any) -> Any:
    """A `+` that came unescaped in the URL arrives as a blank: it can mean nothing else."""
    return text.replace(" ", "+") if isinstance(text, str) else text


QueryMoment = Annotated[Moment, BeforeValidator(_in_query)]
TimeOfDay = Annotated[str, StringConstraints(pattern=TIME_OF_DAY), Field(examples=["23:59"])]


def _timezone(text: str) -> str:
    if text not in available_timezones():
        raise PydanticCustomError("timezone", "should be a time zone of the IANA list")
    return text


Timezone = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64),
    AfterValidator(_timezone),
    Field(description="A time zone of the IANA list.", examples=["Europe/Berlin"]),
]

EXTENSION = Field(json_schema_extra={"x-fiscus-extension": True})
"""What the family's own pages do not have."""

Text32 = Annotated[str, StringConstraints(min_length=1, max_length=32)]
Text50 = Annotated[str, StringConstraints(min_length=1, max_length=50)]
Text64 = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Text60 = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Text128 = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Text255 = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Text1024 = Annotated[str, StringConstraints(min_length=1, max_length=1024)]


HEX = "[0-9a-f]{32}"
_DIGITS = "019a8e3c6f5b7d2a9c41e07f3b8d5a60"


def _id(word: str) -> tuple[StringConstraints, Any]:
    constraints = StringConstraints(pattern=f"^{word}_{HEX}$")
    return constraints, Field(examples=[f"{word}_{_DIGITS}"])


MerchantId = Annotated[str, *_id("merchant")]
OrganizationId = Annotated[str, *_id("org")]
LocationId = Annotated[str, *_id("loc")]
RegisterId = Annotated[str, *_id("reg")]
EffectiveLater = Annotated[
    list[RegisterId] | None,
    Field(
        description="In the answer to a change: the registers whose cash period is open, and goes "
        "on with what stood before. For them the change holds from their next closing, on receipts "
        "as in its report and its files. Missing where it holds at once.",
        json_schema_extra={"x-fiscus-extension": True},
    ),
]
SessionId = Annotated[str, *_id("ses")]
OperationId = Annotated[str, *_id("op")]
ClosingId = Annotated[str, *_id("cls")]
ExportId = Annotated[str, *_id("exp")]


def id_of(word: str) -> Any:
    """The type of an id with this word before it, where none of the names above fits."""
    return Annotated[str, *_id(word)]


def decimal(text: str) -> Decimal:
    """An amount, rate or quantity that has passed its pattern."""
    return Decimal(text)
