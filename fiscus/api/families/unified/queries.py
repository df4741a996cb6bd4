"""The query parameters of the family's lists: how each is documented, and how its text is read."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from fiscus.api.families.unified.wire import months, reports, scalars, series
from fiscus.model.times import instant

LIMIT_DEFAULT = 10
LIMIT_MAX = 100
TYPES_MAX = 10
TOKEN_MAX = 1024
MONTH = r"^(?!0000)[0-9]{4}-(0[1-9]|1[012])$"

_TOKEN = re.compile(scalars.BASE64, re.ASCII)
_UUID7 = re.compile(scalars.UUID7, re.ASCII)
_MOMENT = re.compile(scalars.SAID_MOMENT, re.ASCII)


@dataclass(frozen=True, kw_only=True)
class QueryParameter:
    """One query parameter: how it is documented, and how its text is read.

    `parse` raises `ValueError` if the text breaks the schema.
    """

    name: str
    schema: Mapping[str, Any]
    parse: Callable[[str], Any]
    example: str = ""
    text: str = ""
    is_extension: bool = False


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


def _document_type(text: str) -> str:
    if not re.fullmatch(series.TYPE_NAME, text, re.ASCII):
        raise ValueError("no type of document")
    return text


def _one_of(names: Collection[str]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in names:
            raise ValueError("unknown")
        return text

    return parse


def _series(text: str) -> str:
    if not 1 <= len(text) <= 64 or "\x00" in text:
        raise ValueError("series")
    return text


def _month(text: str) -> str:
    if not re.fullmatch(MONTH.strip("^$"), text, re.ASCII):
        raise ValueError("month")
    return text


def _month_state(text: str) -> str:
    if text not in get_args(months.MonthStateName):
        raise ValueError("unknown state")
    return text


def _year(text: str) -> str:
    if not re.fullmatch("[1-9][0-9]{3}", text, re.ASCII):
        raise ValueError("year")
    return text


def an_id(name: str, *, is_extension: bool = False) -> QueryParameter:
    return QueryParameter(
        name=name,
        schema={"type": "string", "format": "uuid", "pattern": scalars.UUID7},
        parse=_uuid7,
        example="0189f7ea-ae2c-7809-8aeb-b819cf5e9e7f",
        text=f"Only what belongs to this {name.removesuffix('_id')}.",
        is_extension=is_extension,
    )


def a_moment(name: str, text: str) -> QueryParameter:
    schema = {"type": "string", "format": "date-time", "minLength": 25, "maxLength": 25}
    example = "2006-01-02T15:04:05+00:00"
    return QueryParameter(name=name, schema=schema, parse=_moment, example=example, text=text)


def _shown(name: str, text: str, *, is_extension: bool = False) -> QueryParameter:
    schema = {"type": "string", "enum": [""]}
    return QueryParameter(
        name=name, schema=schema, parse=_flag, text=text, is_extension=is_extension
    )


PAGE = (
    QueryParameter(
        name="limit",
        schema={"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT},
        parse=_limit,
        text="How many results a page may have.",
    ),
    QueryParameter(
        name="token",
        schema={"type": "string", "maxLength": TOKEN_MAX, "pattern": scalars.BASE64},
        parse=_token,
        text="Where the next page begins, as given by the page before.",
    ),
)
TYPE = QueryParameter(
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
FILE_TYPE = QueryParameter(
    name="type",
    schema={"type": "string", "enum": sorted(scalars.FILE_TYPES)},
    parse=_one_of(scalars.FILE_TYPES),
    text="Only files of this type.",
    is_extension=True,
)
REPORT_STATE = QueryParameter(
    name="state",
    schema={"type": "string", "enum": list(get_args(reports.ReportState))},
    parse=_one_of(get_args(reports.ReportState)),
    text="Only reports in this state.",
    is_extension=True,
)
REPORT_SERIES = QueryParameter(
    name="series",
    schema={"type": "string", "minLength": 1, "maxLength": 64},
    parse=_series,
    example="FR-2026",
    text="Only reports of documents of this series.",
    is_extension=True,
)
REPORT_PERIOD = QueryParameter(
    name="period",
    schema={"type": "string", "pattern": MONTH},
    parse=_month,
    example="2026-01",
    text="Only reports of documents of this month.",
    is_extension=True,
)
MONTH_STATE = QueryParameter(
    name="state",
    schema={"type": "string", "enum": list(get_args(months.MonthStateName))},
    parse=_month_state,
    text="Only months in this state.",
    is_extension=True,
)
YEAR = QueryParameter(
    name="year",
    schema={"type": "integer", "minimum": 1000, "maximum": 9999},
    parse=_year,
    text="Only months of this year.",
    is_extension=True,
)
OVERDUE = _shown("overdue", "Only months whose day has passed.", is_extension=True)
SERIES_STATE = QueryParameter(
    name="state",
    schema={"type": "string", "enum": list(series.SERIES_STATES)},
    parse=_one_of(series.SERIES_STATES),
    text="Only series in this state.",
)
DOCUMENT_TYPE = QueryParameter(
    name="document_type",
    schema={"type": "string", "pattern": series.TYPE_NAME},
    parse=_document_type,
    text="Only series of this type of document.",
)
OF_SERIES = (an_id("taxpayer_id"), an_id("location_id"), SERIES_STATE, DOCUMENT_TYPE)
FLAGS = (
    _shown("operation", "Show the operation as it was sent."),
    _shown("file-artifact", "Show the stored bytes of the record."),
    _shown("file-integrity", "Show the signature over the stored bytes."),
    _shown("compliance-artifact", "Show the whole seal."),
    _shown("data-artifact", "Show the file a record produced."),
    _shown("data-integrity", "Show the signature of the file a record produced."),
    _shown("archive-artifact", "Show the archive copy.", is_extension=True),
)
