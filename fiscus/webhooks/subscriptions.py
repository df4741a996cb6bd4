"""Subscriptions: who is told of what, where, and how they know that it comes from us."""

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from fiscus.journal import encode
from fiscus.model.faults import Code, Fault, Missing, Refused
from fiscus.model.ids import Entropy
from fiscus.model.kinds import StatementKind
from fiscus.model.times import instant, micros_z
from fiscus.registry import organizations, stating, taxpayers, versions
from fiscus.registry.vault import Vault
from fiscus.registry.versions import as_json
from fiscus.store.schema import ENTRY
from fiscus.store.webhook_schema import WEBHOOK_SUBSCRIPTION
from fiscus.webhooks import event_types, signature, targets
from fiscus.webhooks.event_types import EventType
from fiscus.webhooks.states import SubscriptionStatus
from fiscus.webhooks.targets import PrivateTargets

UNKNOWN_SUBSCRIPTION = Code(
    "WEBHOOK-SUBSCRIPTION-01", "no subscription with this id is visible to you"
)
TOO_MANY = Code("WEBHOOK-SUBSCRIPTION-02", "an organization has at most 50 subscriptions")
BAD_HEADER = Code(
    "WEBHOOK-HEADER-01", "this is no header that can be set: its name or value has wrong characters"
)
OUR_HEADER = Code("WEBHOOK-HEADER-02", "this header is set by the service itself")
BAD_CREDENTIALS = Code(
    "WEBHOOK-CREDENTIALS-01",
    "BASIC needs user name and password, or a token alone; NONE has no credentials",
)

SUBSCRIPTIONS_MAX = 50
PREVIOUS_LIFE = timedelta(hours=24)
"""How long the signing secret before the present one signs too, unless it is said otherwise."""

_TABLE = WEBHOOK_SUBSCRIPTION
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}", re.ASCII)
_VALUE = re.compile(r"[!-~]([ -~]{0,998}[!-~])?", re.ASCII)
_OURS = re.compile(
    "webhook-.*|host|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect"
    "|content-.*|user-agent",
    re.ASCII,
)


class AuthKind(StrEnum):
    """How we prove to an endpoint who asks, besides the signature."""

    NONE = "NONE"
    BASIC = "BASIC"


class EndpointAuth(msgspec.Struct, frozen=True, kw_only=True):
    """User name and password are sent as Basic, a token as Bearer."""

    kind: AuthKind = AuthKind.NONE
    username: str = ""
    password: str = ""
    token: str = ""

    def header(self) -> str:
        """What the header Authorization says; empty if there is none."""
        if self.kind is AuthKind.NONE:
            return ""
        if self.token:
            return f"Bearer {self.token}"
        pair = f"{self.username}:{self.password}".encode()
        return f"Basic {b64encode(pair).decode('ascii')}"


class WantedSubscription(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller says of a subscription, in its own words. `role` is the caller's."""

    endpoint_url: str
    event_types: tuple[str, ...]
    role: str
    status: SubscriptionStatus = SubscriptionStatus.ACTIVE
    company: str = ""
    headers: Mapping[str, str] = {}
    auth: EndpointAuth = EndpointAuth()


class SigningSecrets(msgspec.Struct, frozen=True, kw_only=True):
    """What is sealed of a subscription. `previous` signs too until its time is over."""

    secret: str
    previous: str = ""
    headers: Mapping[str, str] = {}
    auth: EndpointAuth = EndpointAuth()


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription as it stands, without its secrets."""

    id: str
    version: int
    organization: str
    company: str
    endpoint_url: str
    event_types: tuple[EventType, ...]
    status: SubscriptionStatus
    previous_until: datetime | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    deleted_by: str

    @property
    def is_told(self) -> bool:
        return self.deleted_at is None and self.status is SubscriptionStatus.ACTIVE


def create(
    tx: Connection,
    vault: Vault,
    wanted: WantedSubscription,
    *,
    id_: str,
    organization: str,
    private: PrivateTargets,
    entropy: Entropy,
    by: str,
    at: datetime,
) -> Subscription:
    """A new subscription with a signing secret of its own. Raises `Refused` with all that is wrong
    with what is said, `Missing` for a company that the organization does not reach."""
    types = _expect_good(tx, wanted, organization, private)
    there = select(_TABLE.c.id).where(
        _TABLE.c.organization == organization, _TABLE.c.deleted_at.is_(None)
    )
    if len(tx.execute(there.limit(SUBSCRIPTIONS_MAX)).all()) >= SUBSCRIPTIONS_MAX:
        raise Refused(TOO_MANY)
    secrets = SigningSecrets(
        secret=signature.new_secret(entropy), headers=wanted.headers, auth=wanted.auth
    )
    tx.execute(
        _TABLE.insert().values(
            id=id_,
            version=1,
            organization=organization,
            **_said(wanted, types),
            secrets=_sealed(tx, vault, organization, id_, 1, secrets),
            created_at=micros_z(at),
            updated_at=micros_z(at),
        )
    )
    _state(tx, id_, by)
    return read(tx, organization, id_)


def read(tx: Connection, organization: str, id_: str) -> Subscription:
    """Raises `Missing` for one of another organization, and for one that was deleted."""
    found = find(tx, id_)
    if found is None or found.organization != organization or found.deleted_at is not None:
        raise Missing(UNKNOWN_SUBSCRIPTION)
    return found


def find(tx: Connection, id_: str) -> Subscription | None:
    """Whosever it is, also one that was deleted."""
    row = tx.execute(select(_TABLE).where(_TABLE.c.id == id_)).one_or_none()
    return None if row is None else _view(row)


def of(
    tx: Connection,
    organization: str,
    *,
    after: str = "",
    limit: int = SUBSCRIPTIONS_MAX,
    status: SubscriptionStatus | None = None,
    types: tuple[EventType, ...] = (),
) -> list[Subscription]:
    """The organization's subscriptions in the order of their ids; `types`: those that have one of
    them."""
    query = select(_TABLE).where(
        _TABLE.c.organization == organization, _TABLE.c.deleted_at.is_(None), _TABLE.c.id > after
    )
    if status is not None:
        query = query.where(_TABLE.c.status == status)
    found = map(_view, tx.execute(query.order_by(_TABLE.c.id)))  # SUBSCRIPTIONS_MAX at most
    return [one for one in found if not types or set(types) & set(one.event_types)][:limit]


def all_(tx: Connection) -> list[Subscription]:
    """Those of every organization that were not deleted, by organization, in the order of ids."""
    query = select(_TABLE).where(_TABLE.c.deleted_at.is_(None))
    return [_view(row) for row in tx.execute(query.order_by(_TABLE.c.organization, _TABLE.c.id))]


def update(
    tx: Connection,
    vault: Vault,
    now: Subscription,
    wanted: WantedSubscription,
    *,
    private: PrivateTargets,
    by: str,
    at: datetime,
) -> Subscription:
    """Replace what was said. Credentials without password and token are those that are there, if
    their user name is the same: whoever reads a subscription does not get to see them. Raises as
    `create` does, and `Conflict` if somebody else has changed it meanwhile."""
    known = secrets(tx, vault, now)
    auth = wanted.auth
    is_kept = auth.kind is AuthKind.BASIC and not auth.password and not auth.token
    if is_kept and known.auth.kind is AuthKind.BASIC and known.auth.username == auth.username:
        wanted = msgspec.structs.replace(wanted, auth=known.auth)
    types = _expect_good(tx, wanted, now.organization, private)
    kept = msgspec.structs.replace(known, headers=wanted.headers, auth=wanted.auth)
    values = {**_said(wanted, types), "previous_until": _until(now)}
    return _changed(tx, vault, now, kept, values, by=by, at=at)


def turn(
    tx: Connection,
    vault: Vault,
    now: Subscription,
    status: SubscriptionStatus,
    *,
    by: str,
    at: datetime,
) -> Subscription:
    """Let it be told, or not, and leave all else as it is, also an endpoint that would be refused
    today. One that has the status already is not changed."""
    if now.status is status:
        return now
    values = {"status": status, "previous_until": _until(now)}
    return _changed(tx, vault, now, secrets(tx, vault, now), values, by=by, at=at)


def rotate(
    tx: Connection,
    vault: Vault,
    now: Subscription,
    *,
    entropy: Entropy,
    by: str,
    at: datetime,
    previous_life: timedelta = PREVIOUS_LIFE,
) -> Subscription:
    """A new signing secret; the one before signs too for that long. One that was before it signs
    no more."""
    known = secrets(tx, vault, now)
    kept = msgspec.structs.replace(
        known, secret=signature.new_secret(entropy), previous=known.secret
    )
    values = {"previous_until": micros_z(at + previous_life)}
    return _changed(tx, vault, now, kept, values, by=by, at=at)


def delete(tx: Connection, now: Subscription, *, by: str, at: datetime) -> None:
    """Nothing is sent any more, and its secrets are forgotten; that it was there stays known."""
    change = _TABLE.update().values(
        version=now.version + 1,
        secrets=None,
        previous_until=None,
        updated_at=micros_z(at),
        deleted_at=micros_z(at),
        deleted_by=by,
    )
    versions.replace(tx, _TABLE, now.id, now.version, change)
    _state(tx, now.id, by)


def secrets(tx: Connection, vault: Vault, of: Subscription) -> SigningSecrets:
    """Its secrets as they are now, opened. Never log them. Raises `Missing` if it was deleted
    meanwhile."""
    query = select(_TABLE.c.version, _TABLE.c.secrets).where(_TABLE.c.id == of.id)
    now = tx.execute(query).one()
    if now.secrets is None:
        raise Missing(UNKNOWN_SUBSCRIPTION)
    opened = vault.open(tx, of.organization, _place(of.id), bytes(now.secrets), now.version)
    return msgspec.json.decode(opened, type=SigningSecrets)


def good_secrets(of: Subscription, secrets: SigningSecrets, at: datetime) -> tuple[str, ...]:
    """The secrets that sign at that time, the present one first."""
    if secrets.previous and of.previous_until is not None and at < of.previous_until:
        return secrets.secret, secrets.previous
    return (secrets.secret,)


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a subscription, as the journal states it; `id` is the entry's."""

    id: str
    operation: str
    description: str
    by: str
    at: datetime


def activities(tx: Connection, id_: str) -> Iterator[Activity]:
    """All changes of a subscription, oldest first."""
    query = (
        select(ENTRY.c.id, ENTRY.c.kind, ENTRY.c.body)
        .where(ENTRY.c.kind == StatementKind.SUBSCRIPTION.value, ENTRY.c.thing == id_)
        .order_by(ENTRY.c.version)
    )
    before: Mapping[str, Any] = {}
    for found in tx.execute(query):
        statement = encode.statement(found.kind, found.body)
        row = statement.rows[0].row
        assert row is not None, "subscriptions are never removed"
        operation, text = _told(before, row)
        yield Activity(
            id=found.id, operation=operation, description=text, by=statement.by, at=statement.at
        )
        before = row


_SAID = {
    "endpoint_url": "endpoint",
    "event_types": "event types",
    "status": "status",
    "company": "company",
}


def _told(before: Mapping[str, Any], row: Mapping[str, Any]) -> tuple[str, str]:
    if not before:
        return "CREATE", "The subscription was created."
    if row["deleted_at"]:
        return "DELETE", "The subscription was deleted."
    changed = [word for name, word in _SAID.items() if before[name] != row[name]]
    if changed:
        return "UPDATE", f"Changed: {', '.join(changed)}."
    if row["previous_until"] and row["previous_until"] != before["previous_until"]:
        return "UPDATE", "The signing secret was rotated."
    return "UPDATE", "The subscription was said again, or its headers or credentials were changed."


def _said(wanted: WantedSubscription, types: tuple[EventType, ...]) -> dict[str, Any]:
    return {
        "company": wanted.company or None,
        "endpoint_url": wanted.endpoint_url,
        "event_types": as_json(types),
        "status": wanted.status,
    }


def _until(now: Subscription) -> str | None:
    return micros_z(now.previous_until) if now.previous_until else None


def _changed(
    tx: Connection,
    vault: Vault,
    now: Subscription,
    kept: SigningSecrets,
    values: Mapping[str, Any],
    *,
    by: str,
    at: datetime,
) -> Subscription:
    version = now.version + 1
    change = _TABLE.update().values(
        **values,
        version=version,
        secrets=_sealed(tx, vault, now.organization, now.id, version, kept),
        updated_at=micros_z(at),
    )
    versions.replace(tx, _TABLE, now.id, now.version, change)
    _state(tx, now.id, by)
    return read(tx, now.organization, now.id)


def _sealed(
    tx: Connection,
    vault: Vault,
    organization: str,
    id_: str,
    version: int,
    secrets: SigningSecrets,
) -> bytes:
    """They open as the secrets of this version of the subscription alone."""
    return vault.close(tx, organization, _place(id_), msgspec.json.encode(secrets), version)


def _place(id_: str) -> str:
    return f"webhook:{id_}"


def _state(tx: Connection, id_: str, by: str) -> None:
    stating.state(tx, StatementKind.SUBSCRIPTION, _TABLE, id_, by=by)


def _expect_good(
    tx: Connection, wanted: WantedSubscription, organization: str, private: PrivateTargets
) -> tuple[EventType, ...]:
    """The types that are meant. Raises `Refused` with every fault of what is said."""
    faults: list[Fault] = []
    types: tuple[EventType, ...] = ()
    try:
        targets.endpoint(wanted.endpoint_url, private)
    except Refused as trouble:
        faults += trouble.faults
    try:
        types = event_types.understood(wanted.event_types, wanted.role)
    except Refused as trouble:
        faults += trouble.faults
    faults += _header_faults(wanted)
    if not _is_usable(wanted.auth):
        code = BAD_CREDENTIALS
        faults.append(Fault(code=code.id, text=code.text, paths=("endpoint_auth",)))
    if faults:
        raise Refused(Code(faults[0].code, faults[0].text), faults=tuple(faults))
    if wanted.company:
        organizations.visible(tx, organization, taxpayers.owner(tx, wanted.company))
    return types


def _header_faults(wanted: WantedSubscription) -> Iterator[Fault]:
    for name, value in wanted.headers.items():
        is_ours = bool(_OURS.fullmatch(name.lower()))
        is_ours |= name.lower() == "authorization" and bool(wanted.auth.header())
        is_good = bool(_NAME.fullmatch(name)) and bool(_VALUE.fullmatch(value))
        if is_ours or not is_good:
            code = OUR_HEADER if is_ours else BAD_HEADER
            yield Fault(code=code.id, text=code.text, paths=(f"headers.{name[:100]}",))


def _is_usable(auth: EndpointAuth) -> bool:
    if auth.kind is AuthKind.NONE:
        return not (auth.username or auth.password or auth.token)
    if auth.token:
        return bool(_VALUE.fullmatch(auth.token)) and not (auth.username or auth.password)
    return bool(auth.username and auth.password) and ":" not in auth.username


def _view(row: Row[tuple[object, ...]]) -> Subscription:
    return Subscription(
        id=row.id,
        version=row.version,
        organization=row.organization,
        company=row.company or "",
        endpoint_url=row.endpoint_url,
        event_types=msgspec.json.decode(row.event_types, type=tuple[EventType, ...]),
        status=SubscriptionStatus(row.status),
        previous_until=instant(row.previous_until) if row.previous_until else None,
        created_at=instant(row.created_at),
        updated_at=instant(row.updated_at),
        deleted_at=instant(row.deleted_at) if row.deleted_at else None,
        deleted_by=row.deleted_by or "",
    )
