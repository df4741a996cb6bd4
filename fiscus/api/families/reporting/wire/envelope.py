"""Errors in both styles, and lists."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from fiscus.api.families.reporting.wire.scalars import Wire


class ErrorItem(BaseModel):
    """One place and what is wrong there; `code` and `law` are there for a broken
    rule, `remedy` if its message does not say what to do."""

    model_config = ConfigDict(extra="allow", strict=True)

    path: str
    message: str


class ErrorDetails(BaseModel):
    """Free form; `errors` lists the places, other members belong to the code."""

    model_config = ConfigDict(extra="allow", strict=True)

    errors: list[ErrorItem] = Field(default_factory=list)


class Error(Wire):
    """Errors of merchants, locations, registers, operations, sessions and exports."""

    code: Annotated[str, Field(description="A stable word for programs.")]
    message: Annotated[str, Field(description="A sentence for people.")]
    retryable: Annotated[bool, Field(description="Whether the same request may be sent again.")]
    details: Annotated[ErrorDetails | None, Field(default=None)]


class FiscalError(Wire):
    code: str
    message: str
    law: str


class ClosingError(Wire):
    """Errors of closings. `details` is an extension, there if the code has more to tell."""

    object: Literal["error"]
    code: str
    message: str
    param: str | None
    fiscal_errors: list[FiscalError]
    request_id: Annotated[str, Field(pattern="^req_[A-Za-z0-9_-]{1,64}$")]
    details: Annotated[
        ErrorDetails | None, Field(default=None, json_schema_extra={"x-fiscus-extension": True})
    ]


class List(Wire):
    """A page of any list; the lists say what `data` are."""

    object: Literal["list"]
    data: Annotated[list[Any], Field(max_length=200)]
    has_more: bool
    next_cursor: str | None
