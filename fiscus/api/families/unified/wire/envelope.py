"""What surrounds every resource: metadata, references, pages and errors."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field, StringConstraints

from fiscus.api.families.unified.wire.scalars import Given, Text64, Uuid4, Uuid7, Wire

Metadata = Annotated[
    dict[
        Annotated[str, StringConstraints(max_length=40)],
        Annotated[str, StringConstraints(max_length=500)],
    ],
    Field(max_length=20, description="An empty value deletes its key on an update."),
]
Properties16 = Annotated[dict[Text64, Text64], Field(max_length=16)]
Properties32 = Annotated[dict[Text64, Text64], Field(max_length=32)]


class Reference4(Wire):
    """A subject or an organization by its id."""

    id: Uuid4


class Reference7(Wire):
    """A taxpayer, location, system, record or file by its id."""

    id: Uuid7


class Pagination(Wire):
    """Where the next page begins. Absent on the last page."""

    model_config = ConfigDict(extra="allow", strict=True)

    next: str
    token: Annotated[str, StringConstraints(max_length=1024)]
    limit: Annotated[int, Field(ge=1, le=100)]


class Page(Wire):
    """A page of any resource; the resources say what `results` are."""

    results: Annotated[list[Any], Field(max_length=100)]
    pagination: Given[Pagination] = None


class ErrorContent(Wire):
    status: Annotated[int, Field(ge=400, le=599)]
    code: str
    error: str
    message: str


class ErrorResponse(Wire):
    """Every error of every operation looks like this."""

    content: ErrorContent
