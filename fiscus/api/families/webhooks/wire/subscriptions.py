"""The JSON of subscriptions and deliveries, and the queries of their lists."""

from typing import Annotated, Any, Literal

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

from fiscus.webhooks.event_types import EventType
from fiscus.webhooks.targets import URL_MAX

EXTENSION = {"x-fiscus-extension": True}
"""Marks what the contract that this family follows does not have."""

UUID = "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$"
CURSOR = "^[A-Z2-7=~]+$"
LIMIT_DEFAULT, LIMIT_MAX = 20, 100
_MOMENT = {"type": "string", "format": "date-time", "examples": ["2026-03-31T08:00:00Z"]}
_SOME_UUID = "0196a1f0-5d0c-7a0e-9c55-9a4a5f3d2b10"


class ClosedObject(BaseModel):
    """A closed JSON object: unknown members are refused and nothing is converted."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=False)


class PlainQuery(BaseModel):
    """Query parameters: they arrive as text, so numbers are read from it; unknown ones refused."""

    model_config = ConfigDict(extra="forbid")


Id = Annotated[
    str,
    StringConstraints(pattern=UUID),
    AfterValidator(str.lower),
    WithJsonSchema({"type": "string", "format": "uuid", "examples": [_SOME_UUID]}),
]
Moment = Annotated[str, WithJsonSchema(_MOMENT)]
Url = Annotated[
    str,
    StringConstraints(min_length=1, max_length=URL_MAX),
    Field(examples=["https://ledger.example/hooks/fiscus"]),
]
TypeName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64),
    Field(examples=["record.sealed"], description=f"One of {', '.join(EventType)}."),
]
Status = Literal["ACTIVE", "INACTIVE"]
Secret = Annotated[str, StringConstraints(max_length=1000)]


def _distinct(values: list[str]) -> list[str]:
    if len(set(values)) < len(values):
        raise PydanticCustomError("distinct", "should have no item twice")
    return values


class EndpointCredentials(ClosedObject):
    """Of an endpoint. User name and password are sent as Basic, a token alone as Bearer."""

    username: Secret | None = None
    password: Secret | None = None
    token: Secret | None = None


class EndpointAuthentication(ClosedObject):
    """How we prove to the endpoint who asks, besides the signature."""

    type: Literal["NONE", "BASIC"]
    credentials: EndpointCredentials | None = None


class SubscriptionRequest(ClosedObject):
    """What a subscription says, whole. A PUT with the user name that is there and without password
    and token keeps these."""

    endpoint_url: Annotated[Url, Field(alias="endpointUrl")]
    event_types: Annotated[
        list[TypeName],
        Field(alias="eventTypes", min_length=1, max_length=50),
        AfterValidator(_distinct),
    ]
    status: Status = "ACTIVE"
    custom_headers: Annotated[
        dict[str, str] | None, Field(alias="customHeaders", max_length=20)
    ] = None
    endpoint_auth: Annotated[EndpointAuthentication | None, Field(alias="endpointAuth")] = None
    company_id: Annotated[Id | None, Field(alias="companyId", json_schema_extra=EXTENSION)] = None


class ShownCredentials(ClosedObject):
    """Password and token are never shown."""

    username: str | None


class ShownAuth(ClosedObject):
    type: Literal["NONE", "BASIC"]
    credentials: ShownCredentials | None


class ShownSubscription(ClosedObject):
    """A subscription as it stands."""

    id: Id
    endpoint_url: Annotated[Url, Field(alias="endpointUrl")]
    event_types: Annotated[list[EventType], Field(alias="eventTypes")]
    status: Status
    custom_headers: Annotated[dict[str, str], Field(alias="customHeaders")]
    endpoint_auth: Annotated[ShownAuth, Field(alias="endpointAuth")]
    company_id: Annotated[Id | None, Field(alias="companyId", json_schema_extra=EXTENSION)]
    created_at: Annotated[Moment, Field(alias="createdAt")]
    updated_at: Annotated[Moment, Field(alias="updatedAt")]
    deleted_at: Annotated[Moment | None, Field(alias="deletedAt")]
    deleted_by: Annotated[str | None, Field(alias="deletedBy")]


class SubscriptionAnswer(ClosedObject):
    data: ShownSubscription


class SigningSecret(ClosedObject):
    """The signing secret: `whsec_` and base64, as libraries of Standard Webhooks take it."""

    secret_key: Annotated[
        str,
        Field(
            alias="secretKey",
            pattern="^whsec_[A-Za-z0-9+/]+=*$",
            examples=["whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="],
        ),
    ]


class SigningSecretAnswer(ClosedObject):
    data: SigningSecret


class RotationRequest(ClosedObject):
    """For how long the secret before signs too; not said: 24 hours."""

    previous_seconds: Annotated[
        int | None, Field(alias="previousSeconds", ge=0, le=604_800, examples=[86_400])
    ] = None


class RotatedSecret(SigningSecret):
    previous_until: Annotated[Moment, Field(alias="previousUntil")]


class RotatedSecretAnswer(ClosedObject):
    data: RotatedSecret


class SubscriptionActivity(ClosedObject):
    """One change of a subscription, as the journal states it."""

    id: Id
    subscription_id: Annotated[Id, Field(alias="subscriptionId")]
    operation_type: Annotated[Literal["CREATE", "UPDATE", "DELETE"], Field(alias="operationType")]
    description: str
    actor_urn: Annotated[str, Field(alias="actorUrn")]
    created_at: Annotated[Moment, Field(alias="createdAt")]


class ShownAttempt(ClosedObject):
    """`status` of the answer; null: there was none. `error`: null if it was taken."""

    at: Moment
    status: int | None
    error: str | None


class ShownDelivery(ClosedObject):
    """An event on its way to the endpoint. `messageId` is what the header webhook-id says."""

    id: Id
    subscription_id: Annotated[Id, Field(alias="subscriptionId")]
    event_id: Annotated[Id, Field(alias="eventId")]
    event_type: Annotated[EventType, Field(alias="eventType")]
    subject_id: Annotated[str, Field(alias="subjectId")]
    message_id: Annotated[str, Field(alias="messageId")]
    status: Literal["PENDING", "DELIVERED", "FAILED", "DROPPED"]
    attempts: list[ShownAttempt]
    next_attempt_at: Annotated[Moment | None, Field(alias="nextAttemptAt")]
    error: str | None
    created_at: Annotated[Moment, Field(alias="createdAt")]


class DeliveryAnswer(ClosedObject):
    data: ShownDelivery


class RequestedPage(ClosedObject):
    """What this page was asked for: `parameters` as they were sent, besides those of paging."""

    parameters: dict[str, list[str]]
    after: Annotated[str, Field(pattern=CURSOR)] = ""
    before: Annotated[str, Field(pattern=CURSOR)] = ""
    limit: int = LIMIT_DEFAULT
    offset: int = 0


class ListPosition(ClosedObject):
    """Where a page stands in its list. The next one is asked for with `after=<endCursor>`, the one
    before with `before=<startCursor>`."""

    current: Annotated[RequestedPage, Field(alias="currentRequestPagination")]
    has_next: Annotated[bool, Field(alias="hasNextPage")]
    has_previous: Annotated[bool, Field(alias="hasPreviousPage")]
    start: Annotated[str, Field(alias="startCursor", pattern=CURSOR)] = ""
    end: Annotated[str, Field(alias="endCursor", pattern=CURSOR)] = ""
    total: int = 0


class Subscriptions(ClosedObject):
    data: list[ShownSubscription]
    pagination: ListPosition


class Activities(ClosedObject):
    data: list[SubscriptionActivity]
    pagination: ListPosition


class Deliveries(ClosedObject):
    data: list[ShownDelivery]
    pagination: ListPosition


class SubscriptionError(ClosedObject):
    """What is wrong: a word for programs, and a sentence that names every place."""

    type: str
    message: str


def digits(text: Any) -> Any:
    """Nothing but digits: what Python also takes for a number is none in a query."""
    return text if not isinstance(text, str) or (text.isascii() and text.isdigit()) else ""


Cursor = Annotated[str, Field(pattern=CURSOR, max_length=1024)]


class AnyListQuery(PlainQuery):
    """What every list may be asked. A larger `limit` than 100 is answered with 100 rows, 0 with
    none. Only one of `before`, `after` and `offset` can be said."""

    before: Cursor | None = None
    after: Cursor | None = None
    offset: Annotated[int | None, Field(ge=0, le=2**31 - 1), BeforeValidator(digits)] = None
    limit: Annotated[int, Field(ge=0, le=2**31 - 1), BeforeValidator(digits)] = LIMIT_DEFAULT


class SubscriptionsQuery(AnyListQuery):
    status: Status | None = None
    event_types: Annotated[list[TypeName], Field(max_length=50)] = []


class ActivitiesQuery(AnyListQuery):
    operation_types: Annotated[
        list[Literal["CREATE", "UPDATE", "DELETE"]], Field(max_length=3)
    ] = []


class DeliveriesQuery(AnyListQuery):
    status: Literal["PENDING", "DELIVERED", "FAILED", "DROPPED"] | None = None
