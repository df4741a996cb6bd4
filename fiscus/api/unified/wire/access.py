"""Tokens, subjects and organizations: who may ask, and in whose name."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from fiscus.api.unified.wire.envelope import Metadata, Page, Reference4
from fiscus.api.unified.wire.scalars import Given, Moment, Text128, Uuid4, Wire

SubjectName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9\-]{3,30}$")]


class TokenCreateContent(Wire):
    type: Literal["API_KEY"]
    key: str
    secret: str


class TokenCreate(Wire):
    content: TokenCreateContent
    metadata: Given[Metadata] = None


class Authentication(Wire):
    type: Literal["JWT"]
    bearer: str
    expires_at: Moment
    issued_at: Moment


class TokenContent(Wire):
    id: Uuid4
    authentication: Authentication
    organization: Reference4
    subject: Reference4


class Token(Wire):
    content: TokenContent
    metadata: Given[Metadata] = None


class SubjectCreateContent(Wire):
    type: Literal["API_KEY"]
    name: SubjectName


class SubjectCreate(Wire):
    content: SubjectCreateContent
    metadata: Given[Metadata] = None


class SubjectUpdateContent(Wire):
    name: Given[Text128] = None


class SubjectUpdate(Wire):
    content: Given[SubjectUpdateContent] = None
    metadata: Given[Metadata] = None


class Credentials(Wire):
    """The secret is shown once, in the answer that made the subject."""

    key: Text128
    secret: Given[Text128] = None


class SubjectContent(Wire):
    type: Literal["API_KEY"]
    name: Text128
    id: Uuid4
    state: Literal["ENABLED", "DISABLED"]
    credentials: Given[Credentials] = None


class Subject(Wire):
    content: SubjectContent
    metadata: Given[Metadata] = None


class Subjects(Page):
    results: Annotated[list[Subject], Field(max_length=100)]


class OrganizationCreateContent(Wire):
    type: Literal["UNIT", "GROUP"]
    name: Text128


class OrganizationCreate(Wire):
    content: OrganizationCreateContent
    metadata: Given[Metadata] = None


class OrganizationUpdateContent(Wire):
    name: Given[Text128] = None


class OrganizationUpdate(Wire):
    content: Given[OrganizationUpdateContent] = None
    metadata: Given[Metadata] = None


class OrganizationContent(Wire):
    type: Literal["UNIT", "GROUP", "ACCOUNT"]
    name: Text128
    id: Uuid4
    state: Literal["ENABLED", "DISABLED"]
    organization: Given[Reference4] = None


class Organization(Wire):
    content: OrganizationContent
    metadata: Given[Metadata] = None


class Organizations(Page):
    results: Annotated[list[Organization], Field(max_length=100)]


CREATE_TOKEN = TypeAdapter(TokenCreate)
CREATE_SUBJECT = TypeAdapter(SubjectCreate)
UPDATE_SUBJECT = TypeAdapter(SubjectUpdate)
CREATE_ORGANIZATION = TypeAdapter(OrganizationCreate)
UPDATE_ORGANIZATION = TypeAdapter(OrganizationUpdate)
