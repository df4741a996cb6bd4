"""Who owes tax: one taxpayer per unit, its head office, its own fields and credentials."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from fiscus.model.faults import Code, Conflict, Missing, Refused
from fiscus.model.places import Location, Taxpayer
from fiscus.model.times import instant, micros_z
from fiscus.registry import locations, standing, versions
from fiscus.registry.things import Mode, State, TaxpayerView
from fiscus.registry.vault import Vault
from fiscus.registry.versions import as_json
from fiscus.store.schema import ENTRY, LOCATION, ORGANIZATION, TAXPAYER

UNKNOWN_TAXPAYER = Code("REGISTRY-TAXPAYER-01", "no taxpayer with this id is visible to you")
SECOND_TAXPAYER = Code("REGISTRY-TAXPAYER-02", "this unit has its taxpayer already")
IN_SERVICE = Code(
    "REGISTRY-EDIT-01", "suspend it first: data cannot be changed while it is operative"
)
HAS_CHILDREN = Code("REGISTRY-CHILD-01", "decommission what stands below it first")
FROZEN = Code(
    "REGISTRY-FROZEN-01", "this field cannot change any more: documents were issued with it"
)
UNFIT = Code("REGISTRY-IDENTITY-01", "the taxpayer's own data do not satisfy the country's law")


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller wants changed; None leaves as it is, and so does a secret that is not named."""

    state: State | None = None
    mode: Mode | None = None
    content: Taxpayer | None = None
    details: Mapping[str, Any] | None = None
    secrets: Mapping[str, str] | None = None
    metadata: Mapping[str, str] | None = None


def create(
    tx: Connection,
    vault: Vault,
    *,
    taxpayer: Taxpayer,
    details: Mapping[str, Any],
    secrets: Mapping[str, str],
    metadata: Mapping[str, str],
    subject: str,
    at: datetime,
) -> TaxpayerView:
    """A new taxpayer, acquired and inactive, with its head office under the same id.

    Raises `Conflict` if the unit has one already.
    """
    owned = select(TAXPAYER.c.id).where(TAXPAYER.c.organization == taxpayer.organization)
    if tx.scalar(owned):
        raise Conflict(SECOND_TAXPAYER)
    row = {
        "id": taxpayer.id, "version": taxpayer.version, "organization": taxpayer.organization,
        "regime": taxpayer.regime, "state": State.ACQUIRED, "mode": Mode.INACTIVE,
        "content": as_json(taxpayer), "details": as_json(details), "metadata": as_json(metadata),
        "secrets": vault.close_all(tx, taxpayer.organization, taxpayer.id, secrets),
        "created_at": micros_z(at), "updated_at": micros_z(at),
    }  # fmt: skip
    tx.execute(TAXPAYER.insert().values(row))
    versions.remember(tx, "taxpayer", row, subject)
    office = Location(
        id=taxpayer.id, version=1, name=taxpayer.trade_name or taxpayer.legal_name,
        address=taxpayer.address,
    )  # fmt: skip
    locations.create(
        tx, location=office, taxpayer=taxpayer, is_head_office=True, details={}, metadata={},
        subject=subject, at=at,
    )  # fmt: skip
    return read(tx, taxpayer.organization, taxpayer.id)


def read(tx: Connection, organization: str, id_: str) -> TaxpayerView:
    row = tx.execute(
        select(TAXPAYER).where(TAXPAYER.c.id == id_, TAXPAYER.c.organization == organization)
    ).one_or_none()
    if row is None:
        raise Missing(UNKNOWN_TAXPAYER)
    return _view(row)


def of(tx: Connection, organization: str, *, after: str, limit: int) -> list[TaxpayerView]:
    query = (
        select(TAXPAYER)
        .where(TAXPAYER.c.organization == organization, TAXPAYER.c.id > after)
        .order_by(TAXPAYER.c.id)
        .limit(limit)
    )
    return [_view(row) for row in tx.execute(query)]


def credentials(tx: Connection, vault: Vault, organization: str, id_: str) -> dict[str, str]:
    """The taxpayer's own credentials with the authority, opened. Never log them."""
    closed = tx.scalar(select(TAXPAYER.c.secrets).where(TAXPAYER.c.id == id_))
    return vault.open_all(tx, organization, id_, closed)


def update(
    tx: Connection,
    vault: Vault,
    now: TaxpayerView,
    wish: Wish,
    *,
    frozen_facts: tuple[str, ...],
    subject: str,
    at: datetime,
) -> TaxpayerView:
    """Move and edit in one step; the head office follows. Raises `Refused` or `Conflict`."""
    state, mode = standing.moved((now.state, now.mode), wish.state, wish.mode)
    if wish.content is not None:
        _may_edit(tx, now, wish.content, frozen_facts)
    if state == State.DECOMMISSIONED and now.state != state:
        _has_no_children(tx, now.taxpayer.id)
    content = wish.content or now.taxpayer
    content = msgspec.structs.replace(content, version=now.taxpayer.version + 1)
    row = {
        "id": content.id, "version": content.version, "state": state, "mode": mode,
        "content": as_json(content), "updated_at": micros_z(at),
        "details": as_json(now.details if wish.details is None else wish.details),
        "metadata": as_json(now.metadata if wish.metadata is None else wish.metadata),
    }  # fmt: skip
    if wish.secrets:
        kept = credentials(tx, vault, content.organization, content.id)
        secrets = {**kept, **wish.secrets}
        row["secrets"] = vault.close_all(tx, content.organization, content.id, secrets)
    tx.execute(TAXPAYER.update().where(TAXPAYER.c.id == content.id).values(row))
    versions.remember(tx, "taxpayer", row, subject)
    locations.follow(tx, content, (state, mode), subject=subject, at=at)
    return read(tx, content.organization, content.id)


def _may_edit(
    tx: Connection, now: TaxpayerView, wanted: Taxpayer, frozen_facts: tuple[str, ...]
) -> None:
    if now.mode == Mode.OPERATIVE:
        raise Conflict(IN_SERVICE)
    if now.state == State.DECOMMISSIONED:
        raise Refused(standing.FORBIDDEN)
    changed = [
        fact for fact in frozen_facts if wanted.facts.get(fact) != now.taxpayer.facts.get(fact)
    ]
    if changed or wanted.regime != now.taxpayer.regime:
        sold = select(ENTRY.c.id).where(ENTRY.c.taxpayer == wanted.id).limit(1)
        if tx.scalar(sold):
            raise Refused(FROZEN, *(f"content.fiscalization.{fact}" for fact in changed))


def _has_no_children(tx: Connection, id_: str) -> None:
    living = select(LOCATION.c.id).where(
        LOCATION.c.taxpayer == id_,
        LOCATION.c.is_head_office == 0,
        LOCATION.c.state == State.COMMISSIONED,
    )
    if tx.scalar(living.limit(1)):
        raise Conflict(HAS_CHILDREN)
    locations.has_no_registers(tx, id_)


def _view(row: Row[tuple[object, ...]]) -> TaxpayerView:
    return TaxpayerView(
        taxpayer=msgspec.json.decode(row.content, type=Taxpayer),
        state=State(row.state), mode=Mode(row.mode),
        details=msgspec.json.decode(row.details), metadata=msgspec.json.decode(row.metadata),
        created_at=instant(row.created_at), updated_at=instant(row.updated_at),
    )  # fmt: skip


def by_id(tx: Connection, id_: str) -> TaxpayerView:
    """A taxpayer that is known to be there: the owner of something just read."""
    return _view(tx.execute(select(TAXPAYER).where(TAXPAYER.c.id == id_)).one())


def owner(tx: Connection, id_: str) -> str:
    """The unit whose taxpayer this is. Raises `Missing`."""
    found = tx.scalar(select(TAXPAYER.c.organization).where(TAXPAYER.c.id == id_))
    if found is None:
        raise Missing(UNKNOWN_TAXPAYER)
    return str(found)


def below(
    tx: Connection, viewer: str, *, regime: str, after: str, limit: int
) -> list[TaxpayerView]:
    """The taxpayers of an organization and of all organizations below it, however deep.

    `regime` is empty for those of every country; `after` is the id behind which to go on.
    """
    seen = select(ORGANIZATION.c.id).where(ORGANIZATION.c.id == viewer).cte(recursive=True)
    children = select(ORGANIZATION.c.id).join(seen, ORGANIZATION.c.parent == seen.c.id)
    seen = seen.union_all(children)
    query = select(TAXPAYER).join(seen, seen.c.id == TAXPAYER.c.organization)
    query = query.where(TAXPAYER.c.id > after)
    if regime:
        query = query.where(TAXPAYER.c.regime == regime)
    return [_view(row) for row in tx.execute(query.order_by(TAXPAYER.c.id).limit(limit))]
