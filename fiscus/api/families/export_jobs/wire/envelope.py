"""Errors, pages, and what every list may be asked."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from fiscus.api.families.export_jobs.wire.scalars import CURSOR, ExportQuery, Wire, digits

SortOrder = Literal[
    "ASC", "ASC_NULLS_FIRST", "ASC_NULLS_LAST", "DESC", "DESC_NULLS_FIRST", "DESC_NULLS_LAST"
]
LIMIT_DEFAULT, LIMIT_MAX = 20, 100


class ExceptionInfo(Wire):
    """What is wrong: a word for programs, and a sentence that names every place."""

    type: str
    message: str


class CurrentRequestPagination(BaseModel):
    """What this page was asked for: `parameters` as they were sent, besides those of paging."""

    model_config = ConfigDict(extra="forbid", strict=True)

    parameters: dict[str, list[str]]
    after: Annotated[str, Field(pattern=CURSOR)] = ""
    before: Annotated[str, Field(pattern=CURSOR)] = ""
    limit: int = LIMIT_DEFAULT
    offset: int = 0
    sorting_keys: Annotated[list[str], Field(default_factory=list, alias="sortingKeys")]
    sorting_order: Annotated[list[SortOrder], Field(default_factory=list, alias="sortingOrder")]


class CursorPageInfo(BaseModel):
    """Where a page stands in its list. The next one is asked for with `after=<endCursor>`, the one
    before with `before=<startCursor>`; a page without rows has no cursors."""

    model_config = ConfigDict(extra="forbid", strict=True)

    current: Annotated[CurrentRequestPagination, Field(alias="currentRequestPagination")]
    has_next: Annotated[bool, Field(alias="hasNextPage")]
    has_previous: Annotated[bool, Field(alias="hasPreviousPage")]
    start: Annotated[str, Field(alias="startCursor", pattern=CURSOR)] = ""
    end: Annotated[str, Field(alias="endCursor", pattern=CURSOR)] = ""
    total: int = 0


class PageQuery(ExportQuery):
    """What every list may be asked. A larger `limit` than 100 is answered with 100 rows, 0 with
    none: then `total` is all that is told."""

    before: Annotated[str | None, Field(pattern=CURSOR, max_length=1024)] = None
    after: Annotated[str | None, Field(pattern=CURSOR, max_length=1024)] = None
    offset: Annotated[int | None, Field(ge=0, le=2**63 - 1), BeforeValidator(digits)] = None
    limit: Annotated[int, Field(ge=0, le=2**31 - 1), BeforeValidator(digits)] = LIMIT_DEFAULT
    sorting_keys: Annotated[list[str], Field(default_factory=list, max_length=4)]
    sorting_order: Annotated[list[SortOrder], Field(default_factory=list, max_length=4)]

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        said = [name for name in ("before", "after", "offset") if getattr(self, name) is not None]
        if len(said) > 1:
            raise PydanticCustomError("paging", f"only one of {' and '.join(said)} can be said")
        if self.sorting_order and len(self.sorting_order) != len(self.sorting_keys):
            raise PydanticCustomError("paging", "sorting_order has as many words as sorting_keys")
        if len(set(self.sorting_keys)) < len(self.sorting_keys):
            raise PydanticCustomError("paging", "sorting_keys names no key twice")
        return self
