"""Who pays us and holds keys: accounts, groups below them, units below both."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Row, select

from fiscus.model.faults import Code, Conflict, Missing
from fiscus.model.times import instant, micros_z
from fiscus.registry.things import Organization
from fiscus.registry.versions import as_json
from fiscus.store.schema import ORGANIZATION

UNKNOWN_ORGANIZATION = Code("REGISTRY-ORG-01", "no organization with this id is visible to you")
BELOW_UNIT = Code("REGISTRY-ORG-02", "an organization cannot be created below a unit")

ACCOUNT, GROUP, UNIT = "ACCOUNT", "GROUP", "UNIT"


def create(
    tx: Connection,
    *,
    id_: str,
    parent: str,
    type_: str,
    name: str,
    metadata: Mapping[str, str],
    at: datetime,
) -> Organization:
    """A new organization below `parent` (empty for an account). Raises `Conflict` below a unit."""
    if parent and read(tx, parent).type == UNIT:
        raise Conflict(BELOW_UNIT)
    tx.execute(
        ORGANIZATION.insert().values(
            id=id_,
            parent=parent,
            type=type_,
            name=name,
            metadata=as_json(metadata),
            created_at=micros_z(at),
            updated_at=micros_z(at),
        )
    )
    return read(tx, id_)


def read(tx: Connection, id_: str) -> Organization:
    row = tx.execute(select(ORGANIZATION).where(ORGANIZATION.c.id == id_)).one_or_none()
    if row is None:
        raise Missing(UNKNOWN_ORGANIZATION)
    return _organization(row)


def visible(tx: Connection, viewer: str, id_: str) -> Organization:
    """An organization that `viewer` may see: itself, or one below it. Raises `Missing`."""
    found = read(tx, id_)
    above = found
    while above.id != viewer:
        if not above.parent:
            raise Missing(UNKNOWN_ORGANIZATION)
        above = read(tx, above.parent)
    return found


def below(tx: Connection, parent: str, *, after: str, limit: int) -> list[Organization]:
    """The direct children in the order of their creation; `after` is a cursor `created_at id`."""
    query = (
        select(ORGANIZATION)
        .where(
            ORGANIZATION.c.parent == parent,
            ORGANIZATION.c.created_at + " " + ORGANIZATION.c.id > after,
        )
        .order_by(ORGANIZATION.c.created_at, ORGANIZATION.c.id)
        .limit(limit)
    )
    return [_organization(row) for row in tx.execute(query)]


def cursor(organization: Organization) -> str:
    return f"{micros_z(organization.created_at)} {organization.id}"


def update(
    tx: Connection, id_: str, *, name: str | None, metadata: Mapping[str, str], at: datetime
) -> Organization:
    changes = {"metadata": as_json(metadata), "updated_at": micros_z(at)}
    if name is not None:
        changes["name"] = name
    tx.execute(ORGANIZATION.update().where(ORGANIZATION.c.id == id_).values(changes))
    return read(tx, id_)


def _organization(row: Row[tuple[object, ...]]) -> Organization:
    return Organization(
        id=row.id,
        parent=row.parent,
        type=row.type,
        name=row.name,
        metadata=msgspec.json.decode(row.metadata),
        created_at=instant(row.created_at),
        updated_at=instant(row.updated_at),
    )
