"""Tokens, subjects and organizations: who may ask, and in whose name."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter
from pydantic_core import PydanticCustomError

from fiscus.api.families.unified.wire.envelope import Metadata, Page, Reference4
from fiscus.api.families.unified.wire.scalars import (
    Given,
    Moment,
    Text128,
    Uuid4,
    Uuid7,
    Wire,
    extension,
)

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


RoleName = Literal["owner", "manager", "till", "auditor", "connector"]


def _once_each(ids: list[str]) -> list[str]:
    if len({one.replace("-", "") for one in ids}) < len(ids):
        raise PydanticCustomError("unique", "should name each system once")
    return ids


SystemIds = Annotated[list[Uuid7], Field(min_length=1, max_length=100), AfterValidator(_once_each)]


class SubjectCreateContent(Wire):
    """`role` is said here only, and `manager` if it is not; `systems` limits the key of a till."""

    type: Literal["API_KEY"]
    name: SubjectName
    role: Given[RoleName] = extension()
    systems: Given[SystemIds] = extension()


PersonCode = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9._\-]{1,30}$"),
    Field(description="How a till names the person, and what audit files show.", examples=["K7"]),
]
Language = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"),
    Field(description="A tag of BCP 47.", examples=["pt-PT"]),
]


class UserCreateContent(Wire):
    """A person at a till, who logs in nowhere. `code` is given once and is never another person's;
    without it one is made. `role` is `till` if it is not said."""

    type: Literal["USER"]
    name: Text128
    language: Given[Language] = None
    role: Given[RoleName] = None
    code: Given[PersonCode] = None


class SubjectCreate(Wire):
    content: Annotated[SubjectCreateContent | UserCreateContent, Field(discriminator="type")]
    metadata: Given[Metadata] = None


class SubjectUpdateContent(Wire):
    """`language` and `role` are those of a USER: what a key may do never changes."""

    name: Given[Text128] = None
    state: Given[Literal["ENABLED", "DISABLED"]] = extension()
    language: Given[Language] = extension()
    role: Given[RoleName] = extension()


class SubjectUpdate(Wire):
    content: Given[SubjectUpdateContent] = None
    metadata: Given[Metadata] = None


class Credentials(Wire):
    """The secret is shown once, in the answer that made the subject: not to who repeats that
    request either."""

    key: Text128
    secret: Given[Text128] = None


class SubjectContent(Wire):
    """`role` and `systems` are answered only to who sent them."""

    type: Literal["API_KEY"]
    name: Text128
    id: Uuid4
    state: Literal["ENABLED", "DISABLED"]
    credentials: Given[Credentials] = None
    role: Given[RoleName] = extension()
    systems: Given[SystemIds] = extension()


class UserContent(Wire):
    """A till that names the person's `id` or `code` as who served has its `name` in audit files."""

    type: Literal["USER"]
    name: Text128
    id: Uuid4
    state: Literal["ENABLED", "DISABLED"]
    code: PersonCode
    language: Given[Language] = None
    role: RoleName


class Subject(Wire):
    content: Annotated[SubjectContent | UserContent, Field(discriminator="type")]
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
