"""What every list may be asked."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from fiscus.api.families.reporting.wire.scalars import Query, QueryMoment

LIMIT_DEFAULT = 50
LIMIT_MAX = 200


def digits(text: Any) -> Any:
    """Nothing but digits: what Python also takes for a number is none in a query."""
    return text if not isinstance(text, str) or (text.isascii() and text.isdigit()) else ""


Limit = Annotated[int, Field(ge=1, le=LIMIT_MAX), BeforeValidator(digits)]


class ListQuery(Query):
    """What every list may be asked: how many, and from where on."""

    limit: Limit = LIMIT_DEFAULT
    cursor: Annotated[str | None, Field(min_length=1, max_length=512)] = None


class PeriodQuery(ListQuery):
    """A list of things that happened: `from` is included, `to` is not."""

    since: Annotated[QueryMoment | None, Field(alias="from")] = None
    until: Annotated[QueryMoment | None, Field(alias="to")] = None
