"""`fiscus webhooks`: who is told of what, whether it was taken, and what is done about it."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from sqlalchemy import Connection

from fiscus.app import build
from fiscus.commands.options import (
    AsJson,
    DataDir,
    Limit,
    SecretOut,
    chosen_settings,
    expect_organization,
    grace_of,
    operator,
    shown_once,
)
from fiscus.exports import operator_files
from fiscus.journal.statement import StatedTask
from fiscus.model.faults import Conflict, Missing
from fiscus.model.kinds import StatementKind
from fiscus.model.times import seconds_z
from fiscus.registry import stating
from fiscus.registry.roles import Role
from fiscus.store.connect import reading, writing
from fiscus.terminal import say
from fiscus.webhooks import deliveries, events, subscriptions
from fiscus.webhooks.deliveries import Delivery
from fiscus.webhooks.event_types import EventType
from fiscus.webhooks.states import DeliveryState, SubscriptionStatus
from fiscus.webhooks.subscriptions import (
    UNKNOWN_SUBSCRIPTION,
    AuthKind,
    EndpointAuth,
    SigningSecrets,
    Subscription,
    WantedSubscription,
)

cli = typer.Typer(
    help="Webhooks: who is told of what, whether it was taken, and what is done about it.",
    no_args_is_help=True,
)

SubscriptionId = Annotated[
    str, typer.Argument(metavar="SUBSCRIPTION", help="Id of a subscription.")
]

PAGE = 100
REDELIVERED = "redelivered"
"""What the journal says of a delivery that an operator began again."""

_KEPT = "which `fiscus webhooks secret` shows again"


class AuthFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file behind `--auth` says: a user name and its password, or a token alone."""

    username: str = ""
    password: str = ""
    token: str = ""


@cli.command("list")
def list_(
    organization: Annotated[str, typer.Option(help="Only those of this organization.")] = "",
    status: Annotated[
        SubscriptionStatus | None, typer.Option(help="Only those with this status.")
    ] = None,
    as_json: AsJson = False,
    data: DataDir = None,
) -> None:
    """List the subscriptions of all organizations, without those that were deleted."""
    services = build(chosen_settings(data))
    with reading(services.engine) as tx:
        if organization:
            expect_organization(tx, organization)
        found = [
            one
            for one in subscriptions.all_(tx)
            if organization in ("", one.organization) and status in (None, one.status)
        ]
    if as_json:
        print(json.dumps([_shown(one) for one in found], indent=1))
        return
    for one in found:
        types = ",".join(one.event_types)
        print(f"{one.id}  {one.status:8}  {one.organization}  {one.endpoint_url}  {types}")
    say.print(f"{len(found)} subscriptions.")


@cli.command()
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="The endpoint: https://…")],
    types: Annotated[
        list[str],
        typer.Argument(metavar="TYPE...", help=f"Types of events: {', '.join(EventType)}."),
    ],
    organization: Annotated[
        str, typer.Option(help="Id of the organization: it is told of that and of all below it.")
    ],
    taxpayer: Annotated[
        str, typer.Option(help="Only events of this taxpayer, by id or tax number.")
    ] = "",
    header: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE, sent along; may be repeated.")
    ] = None,
    auth: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="JSON file with the endpoint's `username` and `password`, or its `token` alone.",
        ),
    ] = None,
    out: SecretOut = None,
    as_json: AsJson = False,
    data: DataDir = None,
) -> None:
    """Have an endpoint told of events from now on, and show the secret that signs them.

    Exit code 1 if the service may not send to that endpoint, or does not know the types.
    """
    headers, credentials = _headers(header or []), _auth(auth)
    services = build(chosen_settings(data))
    with shown_once(out, as_json=as_json, words=_KEPT) as show, writing(services.engine) as tx:
        owner = expect_organization(tx, organization)
        company = operator_files.taxpayer_of(tx, taxpayer).taxpayer.id if taxpayer else ""
        wanted = WantedSubscription(
            endpoint_url=url,
            event_types=tuple(types),
            role=Role.OWNER,
            company=company,
            headers=headers,
            auth=credentials,
        )
        made = subscriptions.create(
            tx,
            services.vault,
            wanted,
            id_=services.uuid7(),
            organization=owner,
            private=services.settings.private_targets(),
            entropy=services.entropy,
            by=operator(),
            at=services.clock(),
        )
        show(_with_secret(made, subscriptions.secrets(tx, services.vault, made)))


def _headers(said: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in said:
        name, sign, value = one.partition("=")
        if not sign:
            raise typer.BadParameter(f"{one} is not NAME=VALUE", param_hint="--header")
        if name.lower() in map(str.lower, found):
            raise typer.BadParameter(f"{name} is said twice", param_hint="--header")
        found[name] = value
    return found


def _auth(file: Path | None) -> EndpointAuth:
    if file is None:
        return EndpointAuth()
    try:
        said = msgspec.json.decode(file.read_bytes(), type=AuthFile)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:  # says where, and no value
        raise typer.BadParameter(f"{file}: {error}", param_hint="--auth") from None
    return EndpointAuth(
        kind=AuthKind.BASIC, username=said.username, password=said.password, token=said.token
    )


@cli.command()
def show(subscription: SubscriptionId, data: DataDir = None) -> None:
    """Print all that is known of one subscription but its secrets, as JSON, with every change."""
    services = build(chosen_settings(data))
    with reading(services.engine) as tx:
        found = _read(tx, subscription)
        kept = subscriptions.secrets(tx, services.vault, found)
        changes = list(subscriptions.activities(tx, found.id))
    user = kept.auth.username or None
    told = {
        "headers": dict(kept.headers),
        "auth": {"kind": kept.auth.kind, "username": user, "has_token": bool(kept.auth.token)},
        "changes": [
            {"at": seconds_z(one.at), "by": one.by, "description": one.description}
            for one in changes
        ],
    }
    print(json.dumps(_shown(found) | told, indent=1))


@cli.command()
def secret(
    subscription: SubscriptionId,
    out: SecretOut = None,
    as_json: AsJson = False,
    data: DataDir = None,
) -> None:
    """Show the secret that signs what a subscription is sent."""
    services = build(chosen_settings(data))
    with (
        shown_once(out, as_json=as_json, words=_KEPT) as show_it,
        reading(services.engine) as tx,
    ):
        found = _read(tx, subscription)
        show_it(_with_secret(found, subscriptions.secrets(tx, services.vault, found)))


@cli.command()
def rotate(
    subscription: SubscriptionId,
    grace: Annotated[
        str, typer.Option(help="How long the old secret signs too: 0, 90s, 30m, 24h, 7d.")
    ] = "24h",
    out: SecretOut = None,
    as_json: AsJson = False,
    data: DataDir = None,
) -> None:
    """Give a subscription a new signing secret. For the grace both sign, then the new one alone;
    the one before the old one signs no more at once."""
    length = grace_of(grace)
    services = build(chosen_settings(data))
    with (
        shown_once(out, as_json=as_json, words=_KEPT) as show_it,
        writing(services.engine) as tx,
    ):
        changed = subscriptions.rotate(
            tx,
            services.vault,
            _read(tx, subscription),
            entropy=services.entropy,
            by=operator(),
            at=services.clock(),
            previous_life=length,
        )
        told = _with_secret(changed, subscriptions.secrets(tx, services.vault, changed))
        show_it({**told, "previous_until": _moment(changed.previous_until)})


@cli.command()
def pause(subscription: SubscriptionId, as_json: AsJson = False, data: DataDir = None) -> None:
    """Tell a subscription of nothing until it is resumed. What happens meanwhile it is never told
    of; what is on its way is dropped at its next attempt, and can be redelivered."""
    _turned(subscription, SubscriptionStatus.INACTIVE, as_json=as_json, data=data)


@cli.command()
def resume(subscription: SubscriptionId, as_json: AsJson = False, data: DataDir = None) -> None:
    """Tell a paused subscription of what happens from now on."""
    _turned(subscription, SubscriptionStatus.ACTIVE, as_json=as_json, data=data)


def _turned(id_: str, status: SubscriptionStatus, *, as_json: bool, data: Path | None) -> None:
    services = build(chosen_settings(data))
    with writing(services.engine) as tx:
        found = subscriptions.turn(
            tx, services.vault, _read(tx, id_), status, by=operator(), at=services.clock()
        )
    if as_json:
        print(json.dumps(_shown(found)))
    else:
        print(f"{found.id} {found.endpoint_url}: {found.status}")


@cli.command()
def delete(subscription: SubscriptionId, data: DataDir = None) -> None:
    """Send a subscription nothing any more and forget its secrets, for good."""
    services = build(chosen_settings(data))
    with writing(services.engine) as tx:
        found = _read(tx, subscription)
        subscriptions.delete(tx, found, by=operator(), at=services.clock())
    say.print(f"{found.endpoint_url} is told of nothing any more.")


@cli.command("deliveries")
def list_deliveries(
    subscription: SubscriptionId,
    state: Annotated[
        DeliveryState | None, typer.Option(help="Only those in this state, such as FAILED.")
    ] = None,
    after: Annotated[str, typer.Option(help="Only those older than the one with this id.")] = "",
    limit: Limit = PAGE,
    as_json: AsJson = False,
    data: DataDir = None,
) -> None:
    """List what a subscription was sent, the newest first, and how it went."""
    services = build(chosen_settings(data))
    with reading(services.engine) as tx:
        own = _read(tx, subscription)
        if after:
            _expect_delivery(tx, own, after)
        found = deliveries.of(tx, own.id, after=after, limit=limit + 1, state=state)
    shown = found[:limit]
    if as_json:
        print(json.dumps([_delivery(one) for one in shown], indent=1))
    else:
        for one in shown:
            tried = len(one.attempts)
            line = f"{one.id}  {one.state:9}  {tried:2}  {seconds_z(one.at)}  {one.event.type}"
            print(f"{line}  {one.error}".rstrip())
    more = f" There are more: --after {shown[-1].id}" if len(found) > limit else ""
    say.print(f"{len(shown)} deliveries.{more}")


@cli.command()
def redeliver(
    subscription: SubscriptionId,
    which: Annotated[
        list[str], typer.Argument(metavar="DELIVERY...", help="Ids of deliveries that have ended.")
    ],
    data: DataDir = None,
) -> None:
    """Deliver again, at once and as often as new ones: all that are named, or none.

    Exit code 1 if one is still under way, or the subscription is paused.
    """
    services = build(chosen_settings(data))
    with writing(services.engine) as tx:
        own = _read(tx, subscription)
        for id_ in which:
            _state(tx, _again(tx, own, id_, services.clock()))
    say.print(f"{len(which)} deliveries are begun again.")


def _expect_delivery(tx: Connection, own: Subscription, id_: str) -> None:
    """Raises `Missing`: behind an id that is none of them anything at all may stand."""
    try:
        deliveries.read(tx, own, id_)
    except Missing as trouble:
        raise Missing(trouble.code, f"--after {id_}") from None


def _again(tx: Connection, own: Subscription, id_: str, at: datetime) -> Delivery:
    """Raises what `deliveries.redeliver` raises, and says which of those that were named it is."""
    try:
        return deliveries.redeliver(tx, own, id_, at)
    except (Missing, Conflict) as trouble:
        raise type(trouble)(trouble.code, f"DELIVERY {id_}") from None


def _state(tx: Connection, again: Delivery) -> None:
    """Deliveries are work, which no entry states: who began one again is stated in the chain of the
    organization in which the event happened."""
    stating.stating(tx).state(
        tx,
        StatementKind.TASK,
        organization=again.event.organization,
        by=operator(),
        task=StatedTask(task=again.id, kind=events.TASK, act=REDELIVERED),
    )


def _read(tx: Connection, id_: str) -> Subscription:
    """Whosever it is. Raises `Missing`, also for one that was deleted."""
    found = subscriptions.find(tx, id_)
    if found is None or found.deleted_at is not None:
        raise Missing(UNKNOWN_SUBSCRIPTION, f"SUBSCRIPTION {id_}")
    return found


def _shown(one: Subscription) -> dict[str, Any]:
    return {
        "id": one.id,
        "organization": one.organization,
        "taxpayer": one.company or None,
        "endpoint_url": one.endpoint_url,
        "event_types": list(one.event_types),
        "status": one.status.value,
        "previous_until": _moment(one.previous_until),
        "created_at": seconds_z(one.created_at),
        "updated_at": seconds_z(one.updated_at),
    }


def _with_secret(one: Subscription, kept: SigningSecrets) -> Mapping[str, Any]:
    return {
        "subscription": one.id,
        "endpoint_url": one.endpoint_url,
        "secret": kept.secret,
    }


def _delivery(one: Delivery) -> dict[str, Any]:
    return {
        "id": one.id,
        "event": one.event.id,
        "type": one.event.type.value,
        "subject": one.event.subject,
        "message": deliveries.message_id(one.event),
        "state": one.state.value,
        "attempts": [
            {"at": seconds_z(each.at), "status": each.status or None, "error": each.error or None}
            for each in one.attempts
        ],
        "next_at": _moment(one.next_at),
        "error": one.error or None,
        "created_at": seconds_z(one.at),
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else seconds_z(at)
