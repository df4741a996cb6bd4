"""The words of the JSON: texts with bounds and patterns, checked without any Python code."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError


class Wire(BaseModel):
    """A closed JSON object: unknown members are refused and nothing is converted."""

    model_config = ConfigDict(extra="forbid", strict=True)


class _NotNull:
    """Makes a member optional without allowing `null`: it may be absent, not empty."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        schema = handler(source)
        assert schema["type"] == "nullable"
        inner: CoreSchema = schema["schema"]
        return inner


T = TypeVar("T")
Given = Annotated[T | None, _NotNull()]


def extension() -> Any:
    """An optional member the contract does not show but real clients send."""
    return Field(default=None, json_schema_extra={"x-fiscus-extension": True})


def _day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise PydanticCustomError("calendar", "should be a day that exists") from None
    return text


YEARS = range(2, 9999)
"""A moment of these years has a date in every time zone."""


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


UUID4 = r"^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$"
UUID3_OR_4 = UUID4.replace("-?4[", "-?[34][")
UUID7 = r"^[0-9a-f]{8}-?[0-9a-f]{4}-?7[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$"
VERSION = r"^[0-9]{4}-(0[1-9]|1[012])-(0[1-9]|[12][0-9]|3[01])$"
REPLAY_REMAINING = r"^([0-9]{1,4})$"
FILE_PATH = r"^[0-9a-f]{8}-?[0-9a-f]{4}-?7[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}\.zip(\.jws)?$"
BASE64 = r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}={2})$"
DAY = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
MOMENT = (
    r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)
"""What the contract publishes, and what we answer."""

SAID_MOMENT = MOMENT.replace("(Z|", r"(\.[0-9]{1,9})?(Z|")
"""What is read besides: fractions of a second, as programs write them."""


Uuid4 = Annotated[str, StringConstraints(pattern=UUID4)]
Uuid7 = Annotated[str, StringConstraints(pattern=UUID7)]

Text16 = Annotated[str, StringConstraints(min_length=1, max_length=16)]
Text32 = Annotated[str, StringConstraints(min_length=1, max_length=32)]
Text64 = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Text128 = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Text256 = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Text1024 = Annotated[str, StringConstraints(min_length=1, max_length=1024)]

DocumentId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z_/\-\.]{1,20}$")]
Amount = Annotated[str, StringConstraints(pattern=r"^(-)?[0-9]{1,12}(\.[0-9]{1,8})?$")]
Percentage = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,3}(\.[0-9]{1,2})?$")]
Counter4 = Annotated[str, StringConstraints(pattern=r"^([0-9]{1,4})$")]
Counter8 = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,8}$")]
AlphaNumerical20 = Annotated[
    str, StringConstraints(min_length=1, max_length=20, pattern=r"^( *[0-9A-Za-z.\-_/] *)*$")
]
AlphaNumerical32 = Annotated[
    str, StringConstraints(min_length=1, max_length=32, pattern=r"^( *[0-9A-Za-z.\-_/] *)*$")
]
VatNumber = Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9-]{1,20})$")]
MaskedNumber = Annotated[str, StringConstraints(pattern=r"^([*0-9]{4,19})$")]
Email = Annotated[
    str,
    StringConstraints(max_length=256, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s.]+$"),
    Field(json_schema_extra={"format": "email"}),
]
IntegrityData = Annotated[str, StringConstraints(max_length=16384)]

Day = Annotated[
    str,
    StringConstraints(pattern=DAY),
    AfterValidator(_day),
    Field(json_schema_extra={"format": "date", "minLength": 10, "maxLength": 10}),
]
Moment = Annotated[
    str,
    StringConstraints(pattern=SAID_MOMENT),
    AfterValidator(_moment),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "pattern": MOMENT,
            "minLength": 20,
            "maxLength": 25,
            "description": "25 characters; the shorter form with Z is accepted as well, and so are "
            "fractions of a second, which are cut off.",
        }
    ),
]

RecordType = Literal[
    "INTENTION::TRANSACTION",
    "INTENTION::EVENT",
    "INTENTION::EXPORT",
    "INTENTION::DUPLICATE",
    "INTENTION::CLOSING",
    "INTENTION::UPLOAD",
    "TRANSACTION::RECEIPT",
    "TRANSACTION::ABORT",
    "TRANSACTION::CANCELLATION",
    "TRANSACTION::CORRECTION",
    "TRANSACTION::DRAFT_RECEIPT",
    "TRANSACTION::ENRICHMENT",
    "TRANSACTION::INVOICE",
    "TRANSACTION::PROOF_OF_PAYMENT",
    "TRANSACTION::PRO_FORMA_INVOICE",
    "CLOSING::DAILY",
    "CLOSING::MONTHLY",
    "CLOSING::YEARLY",
    "EXPORT::RECORDS",
    "E_INVOICE::TRANSMISSION",
    "E_INVOICE::RECEPTION",
    "UPLOAD::PEPPOL_PROOF_OF_OWNERSHIP",
]
RECORD_TYPES: frozenset[str] = frozenset(get_args(RecordType))

FileType = Literal["EXPORT", "AUDIT"]
FILE_TYPES: frozenset[str] = frozenset(get_args(FileType))

State = Literal["ACQUIRED", "COMMISSIONED", "DECOMMISSIONED"]
Mode = Literal["INACTIVE", "OPERATIVE", "SUSPENDED", "DEGRADED"]
