"""Subscriptions: making, reading, replacing, deleting; their secrets, changes and deliveries."""

from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Connection
from starlette.responses import Response

from fiscus.api.families.webhooks.calls import (
    Endpoints,
    WebhookAnswer,
    WebhookCall,
    WebhookOperation,
)
from fiscus.api.families.webhooks.errors import BAD_QUERY
from fiscus.api.families.webhooks.paging import page
from fiscus.api.families.webhooks.wire import subscriptions as wire
from fiscus.api.pipeline import Act, Do, ReadOperation, WriteOperation
from fiscus.model.faults import Refused
from fiscus.model.times import micros_z, seconds_z
from fiscus.registry.roles import Scope
from fiscus.services import Services
from fiscus.webhooks import deliveries, subscriptions
from fiscus.webhooks.deliveries import Delivery
from fiscus.webhooks.event_types import SPELLINGS
from fiscus.webhooks.states import DeliveryState, SubscriptionStatus
from fiscus.webhooks.subscriptions import (
    Activity,
    AuthKind,
    EndpointAuth,
    SigningSecrets,
    Subscription,
    WantedSubscription,
)

Json = dict[str, Any]

DELIVERIES_MAX = 1_000
"""So many of the newest deliveries are listed."""


def create(services: Services, tx: Connection, call: WebhookCall) -> WebhookAnswer:
    made = subscriptions.create(
        tx,
        services.vault,
        _wanted(call),
        id_=services.uuid7(),
        organization=call.organization,
        private=services.settings.private_targets(),
        entropy=services.entropy,
        by=call.caller.subject,
        at=call.at,
    )
    return WebhookAnswer(200, {"data": _shown(services, tx, made)})


def _wanted(call: WebhookCall) -> WantedSubscription:
    said: wire.SubscriptionRequest = call.body
    return WantedSubscription(
        endpoint_url=said.endpoint_url,
        event_types=tuple(said.event_types),
        role=call.caller.role,
        status=SubscriptionStatus(said.status),
        company=said.company_id or "",
        headers=said.custom_headers or {},
        auth=_auth(said.endpoint_auth),
    )


def _auth(said: wire.EndpointAuthentication | None) -> EndpointAuth:
    if said is None:
        return EndpointAuth()
    given = said.credentials or wire.EndpointCredentials()
    return EndpointAuth(
        kind=AuthKind(said.type),
        username=given.username or "",
        password=given.password or "",
        token=given.token or "",
    )


def list_(services: Services, tx: Connection, call: WebhookCall) -> WebhookAnswer:
    query: wire.SubscriptionsQuery = call.query
    for index, name in enumerate(query.event_types):
        if name not in SPELLINGS:
            raise Refused(BAD_QUERY, f"event_types[{index}]")
    found = subscriptions.of(
        tx,
        call.organization,
        status=SubscriptionStatus(query.status) if query.status else None,
        types=tuple(SPELLINGS[name] for name in query.event_types),
    )
    return WebhookAnswer(
        200, page(call, found, lambda one: one.id, lambda one: _shown(services, tx, one))
    )


def retrieve(services: Services, tx: Connection, call: WebhookCall) -> WebhookAnswer:
    return WebhookAnswer(200, {"data": _shown(services, tx, _own(tx, call))})


def _own(tx: Connection, call: WebhookCall) -> Subscription:
    return subscriptions.read(tx, call.organization, call.path["subscription_id"])


def replace(services: Services, tx: Connection, call: WebhookCall) -> WebhookAnswer:
    changed = subscriptions.update(
        tx,
        services.vault,
        _own(tx, call),
        _wanted(call),
        private=services.settings.private_targets(),
        by=call.caller.subject,
        at=call.at,
    )
    return WebhookAnswer(200, {"data": _shown(services, tx, changed)})


def delete(services: Services, tx: Connection, call: WebhookCall) -> Response:
    subscriptions.delete(tx, _own(tx, call), by=call.caller.subject, at=call.at)
    return Response(status_code=204)


def secret(services: Services, tx: Connection, call: WebhookCall) -> WebhookAnswer:
    return WebhookAnswer(200, {"data": {"secretKey": _secrets(services, tx, call).secret}})


def _secrets(services: Services, tx: Connection, call: WebhookCall) -> SigningSecrets:
    return subscriptions.secrets(tx, services.vault, _own(tx, call))


def rotate(services: Services, tx: Connection, call: WebhookCall) -> WebhookAnswer:
    said: wire.RotationRequest = call.body
    life = subscriptions.PREVIOUS_LIFE
    if said.previous_seconds is not None:
        life = timedelta(seconds=said.previous_seconds)
    changed = subscriptions.rotate(
        tx,
        services.vault,
        _own(tx, call),
        entropy=services.entropy,
        by=call.caller.subject,
        at=call.at,
        previous_life=life,
    )
    told = {
        "secretKey": subscriptions.secrets(tx, services.vault, changed).secret,
        "previousUntil": _moment(changed.previous_until),
    }
    return WebhookAnswer(200, {"data": told})


def activities(services: Services, tx: Connection, call: WebhookCall) -> WebhookAnswer:
    """What became of a subscription, also of one that was deleted."""
    id_ = call.path["subscription_id"]
    found = subscriptions.find(tx, id_)
    if found is None or found.organization != call.organization:
        _own(tx, call)  # says what is missing
    wanted = call.query.operation_types
    rows = [
        one for one in subscriptions.activities(tx, id_) if not wanted or one.operation in wanted
    ]
    return WebhookAnswer(200, page(call, rows, lambda one: one.id, lambda one: _told(id_, one)))


def _told(id_: str, activity: Activity) -> Json:
    return {
        "id": activity.id,
        "subscriptionId": id_,
        "operationType": activity.operation,
        "description": activity.description,
        "actorUrn": _actor(activity.by),
        "createdAt": _moment(activity.at),
    }


def _actor(by: str) -> str:
    """An API key, or the words of a command."""
    return f"urn:fiscus:key:{by}" if len(by) == 36 else f"urn:fiscus:{by.replace(' ', '-')}"


def list_deliveries(services: Services, tx: Connection, call: WebhookCall) -> WebhookAnswer:
    query: wire.DeliveriesQuery = call.query
    own = _own(tx, call)
    state = DeliveryState(query.status) if query.status else None
    found = deliveries.of(tx, own.id, limit=DELIVERIES_MAX, state=state)
    return WebhookAnswer(200, page(call, found, lambda one: one.id, _delivery))


def retrieve_delivery(services: Services, tx: Connection, call: WebhookCall) -> WebhookAnswer:
    found = deliveries.read(tx, _own(tx, call), call.path["delivery_id"])
    return WebhookAnswer(200, {"data": _delivery(found)})


def redeliver(services: Services, tx: Connection, call: WebhookCall) -> WebhookAnswer:
    found = deliveries.redeliver(tx, _own(tx, call), call.path["delivery_id"], call.at)
    return WebhookAnswer(202, {"data": _delivery(found)})


def _delivery(found: Delivery) -> Json:
    return {
        "id": found.id,
        "subscriptionId": found.subscription,
        "eventId": found.event.id,
        "eventType": found.event.type,
        "subjectId": found.event.subject,
        "messageId": deliveries.message_id(found.event),
        "status": found.state,
        "attempts": [
            {"at": micros_z(one.at), "status": one.status or None, "error": one.error or None}
            for one in found.attempts
        ],
        "nextAttemptAt": _moment(found.next_at),
        "error": found.error or None,
        "createdAt": _moment(found.at),
    }


def _shown(services: Services, tx: Connection, one: Subscription) -> Json:
    kept = subscriptions.secrets(tx, services.vault, one)
    is_none = kept.auth.kind is AuthKind.NONE
    return {
        "id": one.id,
        "endpointUrl": one.endpoint_url,
        "eventTypes": list(one.event_types),
        "status": one.status,
        "customHeaders": dict(kept.headers),
        "endpointAuth": {
            "type": kept.auth.kind,
            "credentials": None if is_none else {"username": kept.auth.username or None},
        },
        "companyId": one.company or None,
        "createdAt": _moment(one.created_at),
        "updatedAt": _moment(one.updated_at),
        "deletedAt": _moment(one.deleted_at),
        "deletedBy": _actor(one.deleted_by) if one.deleted_by else None,
    }


def _moment(at: datetime | None) -> str | None:
    """`2026-03-31T08:00:00Z`: UTC, whole seconds."""
    return seconds_z(at).replace("+00:00", "Z") if at else None


_ONE = "/v1/subscriptions/{subscription_id}"
_READ, _WRITE = Scope.WEBHOOKS_READ, Scope.WEBHOOKS_WRITE


def _read(
    id_: str,
    path: str,
    summary: str,
    do: Do[WebhookCall],
    answer: type[BaseModel],
    *,
    query: type[BaseModel] | None = None,
    scope: Scope = _READ,
    statuses: tuple[int, ...] = (200, 404),
    is_extension: bool = False,
) -> tuple[WebhookOperation, Act[WebhookCall]]:
    operation = WebhookOperation(
        id=id_,
        method="GET",
        path=path,
        summary=summary,
        statuses=statuses,
        scope=scope,
        query=query,
        answer=answer,
        is_extension=is_extension,
    )
    return operation, ReadOperation(do)


ENDPOINTS: Endpoints = (
    (
        WebhookOperation(
            id="createSubscription",
            method="POST",
            path="/v1/subscriptions",
            summary="Subscribe to events",
            statuses=(200,),
            scope=_WRITE,
            request=wire.SubscriptionRequest,
            answer=wire.SubscriptionAnswer,
        ),
        WriteOperation(create),
    ),
    _read(
        "listSubscriptions",
        "/v1/subscriptions",
        "List subscriptions",
        list_,
        wire.Subscriptions,
        query=wire.SubscriptionsQuery,
        statuses=(200,),
    ),
    _read(
        "retrieveSubscription",
        _ONE,
        "Retrieve a subscription",
        retrieve,
        wire.SubscriptionAnswer,
    ),
    (
        WebhookOperation(
            id="replaceSubscription",
            method="PUT",
            path=_ONE,
            summary="Replace a subscription",
            statuses=(200, 404, 409),
            scope=_WRITE,
            request=wire.SubscriptionRequest,
            answer=wire.SubscriptionAnswer,
        ),
        WriteOperation(replace),
    ),
    (
        WebhookOperation(
            id="deleteSubscription",
            method="DELETE",
            path=_ONE,
            summary="Delete a subscription",
            statuses=(204, 404, 409),
            scope=_WRITE,
        ),
        WriteOperation(delete),
    ),
    _read(
        "retrieveSecret",
        f"{_ONE}/secret",
        "Retrieve the signing secret",
        secret,
        wire.SigningSecretAnswer,
        scope=_WRITE,
    ),
    (
        WebhookOperation(
            id="rotateSecret",
            method="POST",
            path=f"{_ONE}/secret:rotate",
            summary="Replace the signing secret; the one before signs too for a while",
            statuses=(200, 404),
            scope=_WRITE,
            request=wire.RotationRequest,
            answer=wire.RotatedSecretAnswer,
            is_extension=True,
        ),
        WriteOperation(rotate),
    ),
    _read(
        "listActivities",
        f"{_ONE}/activities",
        "List what became of a subscription",
        activities,
        wire.Activities,
        query=wire.ActivitiesQuery,
    ),
    _read(
        "listDeliveries",
        f"{_ONE}/deliveries",
        "List deliveries, the newest first",
        list_deliveries,
        wire.Deliveries,
        query=wire.DeliveriesQuery,
        is_extension=True,
    ),
    _read(
        "retrieveDelivery",
        f"{_ONE}/deliveries/{{delivery_id}}",
        "Retrieve a delivery with its attempts",
        retrieve_delivery,
        wire.DeliveryAnswer,
        is_extension=True,
    ),
    (
        WebhookOperation(
            id="redeliver",
            method="POST",
            path=f"{_ONE}/deliveries/{{delivery_id}}/redeliver",
            summary="Deliver it once more",
            statuses=(202, 404),
            scope=_WRITE,
            answer=wire.DeliveryAnswer,
            is_extension=True,
        ),
        WriteOperation(redeliver),
    ),
)
