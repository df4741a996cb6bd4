"""Series of documents, beyond the contract's own schemas: registered ahead, looked at, ended."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from fiscus.api.families.unified.wire.envelope import Page, Reference7
from fiscus.api.families.unified.wire.scalars import Day, Given, Moment, Text128, Uuid7, Wire

SERIES_STATES = (
    "WANTED",
    "ASKED",
    "ACTIVE",
    "FINISHING",
    "FINISHED",
    "CANCELLING",
    "CANCELLED",
)
SeriesStateName = Literal[
    "WANTED", "ASKED", "ACTIVE", "FINISHING", "FINISHED", "CANCELLING", "CANCELLED"
]
PurposeName = Literal["NORMAL", "TRAINING", "RECOVERY"]
TYPE_NAME = "^[A-Z]{1,8}$"
TypeName = Annotated[
    str,
    StringConstraints(pattern=TYPE_NAME),
    Field(description="The law's own type of document, such as FR."),
]


class SeriesCreateContent(Wire):
    """What is to be registered before its first document. `location` may be left out where there
    is only one; `starts_on`: today."""

    taxpayer: Reference7
    location: Given[Reference7] = None
    document_type: TypeName
    name: Text128
    purpose: PurposeName = "NORMAL"
    starts_on: Given[Day] = None


class SeriesCreate(Wire):
    content: SeriesCreateContent


class SeriesUpdateContent(Wire):
    """`FINISHED`: it has its last document. `CANCELLED`: it was registered by mistake and never
    used. The authority hears of it afterwards: the answer says how far it is."""

    state: Literal["FINISHED", "CANCELLED"]


class SeriesUpdate(Wire):
    content: Given[SeriesUpdateContent] = None


class SeriesOutstanding(Wire):
    """What the authority has not answered yet, since when, after how many attempts and why."""

    since: Moment
    attempts: int
    message: str


class SeriesContent(Wire):
    """`last_number`: of its last document, 0 before the first. `last_told`: as the authority is
    told when it ends. `message`: what the authority, or we, have against what was wanted last."""

    id: Uuid7
    taxpayer: Reference7
    location: Reference7
    document_type: TypeName
    name: str
    purpose: PurposeName
    state: SeriesStateName
    validation_code: Given[str] = None
    last_number: int
    starts_on: Given[Day] = None
    registered_on: Given[Day] = None
    last_told: Given[int] = None
    ordered_at: Given[Moment] = None
    ended_at: Given[Moment] = None
    outstanding: Given[SeriesOutstanding] = None
    message: Given[str] = None
    created_at: Moment


class OneSeries(Wire):
    content: SeriesContent


class SeriesPage(Page):
    results: Annotated[list[OneSeries], Field(max_length=100)]


CREATE_SERIES = TypeAdapter(SeriesCreate)
UPDATE_SERIES = TypeAdapter(SeriesUpdate)
