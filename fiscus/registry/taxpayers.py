"""Taxpayers: one for each unit, with its head office, its own fields and credentials."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select
from sqlalchemy.exc import IntegrityError

from fiscus.model.faults import Code, Conflict, Missing, Refused
from fiscus.model.kinds import StatementKind
from fiscus.model.places import Location, ReportingTerm, Taxpayer
from fiscus.model.times import instant, micros_z
from fiscus.registry import lifecycle, locations, stating, versions
from fiscus.registry.vault import Vault
from fiscus.registry.versions import as_json
from fiscus.registry.views import LifecycleState, OperatingMode, TaxpayerView
from fiscus.store.schema import ENTRY, LOCATION, ORGANIZATION, TAXPAYER

UNKNOWN_TAXPAYER = Code("REGISTRY-TAXPAYER-01", "no taxpayer with this id is visible to you")
SECOND_TAXPAYER = Code("REGISTRY-TAXPAYER-02", "this unit has its taxpayer already")
HELD = Code(
    "REGISTRY-TAXPAYER-03",
    "another organization here has a taxpayer with this tax number, and the law counts by it: sell "
    "there, as one more location, or have that taxpayer decommissioned first",
)
IN_SERVICE = Code(
    "REGISTRY-EDIT-01", "suspend it first: data cannot be changed while it is operative"
)
HAS_CHILDREN = Code("REGISTRY-CHILD-01", "decommission what stands below it first")
FROZEN = Code(
    "REGISTRY-FROZEN-01", "this field cannot change any more: documents were issued with it"
)
UNFIT = Code("REGISTRY-IDENTITY-01", "the taxpayer's own data do not satisfy the country's law")


class TaxpayerChange(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller wants changed; None leaves as it is, and so does a secret that is not named.

    `sole_number` goes with the content, see `create`. `reporting` may change in service, and does
    not with the content.
    """

    state: LifecycleState | None = None
    mode: OperatingMode | None = None
    content: Taxpayer | None = None
    sole_number: str = ""
    details: Mapping[str, Any] | None = None
    secrets: Mapping[str, str] | None = None
    metadata: Mapping[str, str] | None = None
    reporting: tuple[ReportingTerm, ...] | None = None


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
    sole_number: str = "",
) -> TaxpayerView:
    """A new taxpayer, acquired and inactive, with its head office under the same id.

    `sole_number` is what the law lets one taxpayer alone have (`regimes.sole_number`), until it is
    decommissioned. Raises `Conflict` if another one has it, or the unit has a taxpayer already.
    """
    owned = select(TAXPAYER.c.id).where(TAXPAYER.c.organization == taxpayer.organization)
    if tx.scalar(owned):
        raise Conflict(SECOND_TAXPAYER)
    row = {
        "id": taxpayer.id,
        "version": taxpayer.version,
        "organization": taxpayer.organization,
        "regime": taxpayer.regime,
        "state": LifecycleState.ACQUIRED,
        "mode": OperatingMode.INACTIVE,
        "content": as_json(taxpayer),
        "details": as_json(details),
        "metadata": as_json(metadata),
        "secrets": vault.close_all(tx, taxpayer.organization, taxpayer.id, secrets),
        "secrets_generation": 1,
        "created_at": micros_z(at),
        "updated_at": micros_z(at),
    }
    with _alone(tx):
        tx.execute(TAXPAYER.insert().values(**row, sole_number=sole_number or None))
    stating.state(tx, StatementKind.TAXPAYER, TAXPAYER, str(row["id"]), by=subject)
    office = Location(
        id=taxpayer.id,
        version=1,
        name=taxpayer.trade_name or taxpayer.legal_name,
        address=taxpayer.address,
    )
    locations.create(
        tx,
        location=office,
        taxpayer=taxpayer,
        is_head_office=True,
        details={},
        metadata={},
        subject=subject,
        at=at,
    )
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
    row = tx.execute(
        select(TAXPAYER.c.secrets, TAXPAYER.c.secrets_generation).where(TAXPAYER.c.id == id_)
    ).one()
    return vault.open_all(tx, organization, id_, row.secrets, row.secrets_generation)


def update(
    tx: Connection,
    vault: Vault,
    now: TaxpayerView,
    change: TaxpayerChange,
    *,
    frozen_facts: tuple[str, ...],
    subject: str,
    at: datetime,
) -> TaxpayerView:
    """Move and edit in one step; the head office follows. Raises `Refused` or `Conflict`."""
    state, mode = lifecycle.moved((now.state, now.mode), change.state, change.mode)
    if change.content is not None:
        _may_edit(tx, now, change.content, frozen_facts)
    if state == LifecycleState.DECOMMISSIONED and now.state != state:
        _has_no_children(tx, now.taxpayer.id)
    content = change.content or now.taxpayer
    reporting = now.taxpayer.reporting if change.reporting is None else change.reporting
    content = msgspec.structs.replace(
        content, version=now.taxpayer.version + 1, reporting=reporting
    )
    row = {
        "id": content.id,
        "version": content.version,
        "state": state,
        "mode": mode,
        "content": as_json(content),
        "updated_at": micros_z(at),
        "details": as_json(now.details if change.details is None else change.details),
        "metadata": as_json(now.metadata if change.metadata is None else change.metadata),
    }
    if change.secrets:
        kept = credentials(tx, vault, content.organization, content.id)
        secrets = {**kept, **change.secrets}
        before = select(TAXPAYER.c.secrets_generation).where(TAXPAYER.c.id == content.id)
        generation = tx.execute(before).scalar_one() + 1
        row["secrets_generation"] = generation
        row["secrets"] = vault.close_all(tx, content.organization, content.id, secrets, generation)
    statement = TAXPAYER.update().values(row)
    if state == LifecycleState.DECOMMISSIONED:
        statement = statement.values(sole_number=None)
    elif change.content is not None:
        statement = statement.values(sole_number=change.sole_number or None)
    with _alone(tx):
        versions.replace(tx, TAXPAYER, content.id, now.taxpayer.version, statement)
    stating.state(tx, StatementKind.TAXPAYER, TAXPAYER, str(row["id"]), by=subject)
    locations.follow(tx, content, (state, mode), subject=subject, at=at)
    return read(tx, content.organization, content.id)


@contextmanager
def _alone(tx: Connection) -> Iterator[None]:
    """The database itself keeps a tax number with one taxpayer, whoever comes at the same time."""
    try:
        with tx.begin_nested():
            yield
    except IntegrityError as error:
        if "sole_number" not in str(error.orig):
            raise
        raise Conflict(HELD, "tax_number") from None


def holds(tx: Connection, id_: str, sole_number: str) -> bool:
    """Whether that number is this taxpayer's alone."""
    return tx.scalar(select(TAXPAYER.c.sole_number).where(TAXPAYER.c.id == id_)) == sole_number


def _may_edit(
    tx: Connection, now: TaxpayerView, wanted: Taxpayer, frozen_facts: tuple[str, ...]
) -> None:
    if now.mode == OperatingMode.OPERATIVE:
        raise Conflict(IN_SERVICE)
    if now.state == LifecycleState.DECOMMISSIONED:
        raise Refused(lifecycle.FORBIDDEN)
    changed = [
        fact for fact in frozen_facts if wanted.facts.get(fact) != now.taxpayer.facts.get(fact)
    ]
    if changed or wanted.regime != now.taxpayer.regime:
        sold = select(ENTRY.c.id).where(ENTRY.c.taxpayer == wanted.id).limit(1)
        if tx.scalar(sold):
            raise Refused(FROZEN, *(f"facts.{fact}" for fact in changed))


def _has_no_children(tx: Connection, id_: str) -> None:
    living = select(LOCATION.c.id).where(
        LOCATION.c.taxpayer == id_,
        LOCATION.c.is_head_office == 0,
        LOCATION.c.state == LifecycleState.COMMISSIONED,
    )
    if tx.scalar(living.limit(1)):
        raise Conflict(HAS_CHILDREN)
    locations.has_no_registers(tx, id_)


def _view(row: Row[tuple[object, ...]]) -> TaxpayerView:
    return TaxpayerView(
        taxpayer=msgspec.json.decode(row.content, type=Taxpayer),
        state=LifecycleState(row.state),
        mode=OperatingMode(row.mode),
        details=msgspec.json.decode(row.details),
        metadata=msgspec.json.decode(row.metadata),
        created_at=instant(row.created_at),
        updated_at=instant(row.updated_at),
    )


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
