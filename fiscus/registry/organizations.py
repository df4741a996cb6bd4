"""Organizations, which hold keys: accounts, groups below them, units below both."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from fiscus.model.faults import Code, Conflict, Missing
from fiscus.model.kinds import StatementKind
from fiscus.model.times import instant, micros_z
from fiscus.registry.stating import SERVICE, state, stating
from fiscus.registry.versions import as_json
from fiscus.registry.views import Organization
from fiscus.store.schema import ORGANIZATION

UNKNOWN_ORGANIZATION = Code("REGISTRY-ORG-01", "no organization with this id is visible to you")
BELOW_UNIT = Code("REGISTRY-ORG-02", "an organization cannot be created below a unit")

ACCOUNT, GROUP, UNIT = "ACCOUNT", "GROUP", "UNIT"

_OFF = "off"


def create(
    tx: Connection,
    *,
    id_: str,
    parent: str,
    type_: str,
    name: str,
    metadata: Mapping[str, str],
    at: datetime,
    by: str = SERVICE,
) -> Organization:
    """A new organization below `parent` (empty for an account), with a chain of its own in the
    journal. Raises `Conflict` below a unit."""
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
    stating(tx).open_organization(tx, id_, by)
    _state(tx, id_, by)
    return read(tx, id_)


def _state(tx: Connection, id_: str, by: str) -> None:
    state(tx, StatementKind.ORGANIZATION, ORGANIZATION, id_, organization=id_, by=by)


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


class OrganizationsWithin(Collection[str]):
    """The ids of an organization and of all organizations below it, however deep. There may be many
    thousands: whether one is among them is asked upwards, and a list looks for them in the
    database (`among`)."""

    def __init__(self, tx: Connection, viewer: str) -> None:
        self._tx, self._viewer = tx, viewer

    @property
    def query(self) -> Select[tuple[str]]:
        seen = select(ORGANIZATION.c.id).where(ORGANIZATION.c.id == self._viewer)
        tree = seen.cte(recursive=True)
        below_it = select(ORGANIZATION.c.id).join(tree, ORGANIZATION.c.parent == tree.c.id)
        return select(tree.union_all(below_it).c.id)

    def __contains__(self, id_: object) -> bool:
        try:
            visible(self._tx, self._viewer, str(id_))
        except Missing:
            return False
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._tx.scalars(self.query)))

    def __len__(self) -> int:
        counted = select(func.count()).select_from(self.query.subquery())
        return self._tx.execute(counted).scalar_one()


def among(column: ColumnElement[Any], organizations: Collection[str]) -> ColumnElement[bool]:
    """Whether a column names one of these organizations."""
    if isinstance(organizations, OrganizationsWithin):
        return column.in_(organizations.query)
    return column.in_(list(organizations))


def are_several(tx: Connection) -> bool:
    """Whether more than one unit is served here."""
    units = select(ORGANIZATION.c.id).where(ORGANIZATION.c.type == UNIT).limit(2)
    return len(tx.execute(units).all()) > 1


def is_first(tx: Connection, id_: str) -> bool:
    """Whether it is the account that was founded first, or a group directly below it: accounts are
    made by `fiscus init` alone, on the machine itself, so these belong to whoever runs the
    installation. All other organizations are tenants."""
    first = tx.scalar(
        select(ORGANIZATION.c.id)
        .where(ORGANIZATION.c.parent == "")
        .order_by(ORGANIZATION.c.created_at, ORGANIZATION.c.id)
        .limit(1)
    )
    own = read(tx, id_)
    return own.id == first or (own.type == GROUP and own.parent == first)


def cursor(organization: Organization) -> str:
    return f"{micros_z(organization.created_at)} {organization.id}"


def update(
    tx: Connection,
    id_: str,
    *,
    name: str | None,
    metadata: Mapping[str, str],
    at: datetime,
    by: str = SERVICE,
) -> Organization:
    changes = {"metadata": as_json(metadata), "updated_at": micros_z(at)}
    if name is not None:
        changes["name"] = name
    tx.execute(ORGANIZATION.update().where(ORGANIZATION.c.id == id_).values(changes))
    _state(tx, id_, by)
    return read(tx, id_)


def switch_receipts(
    tx: Connection, id_: str, *, is_on: bool, at: datetime, by: str = SERVICE
) -> Organization:
    """Whether receipts of the organization, and of all below it, have a page for customers. Raises
    `Missing`; what is so already is not stated again."""
    if read(tx, id_).has_receipts is is_on:
        return read(tx, id_)
    changes = {"receipts": None if is_on else _OFF, "updated_at": micros_z(at)}
    tx.execute(ORGANIZATION.update().where(ORGANIZATION.c.id == id_).values(changes))
    _state(tx, id_, by)
    return read(tx, id_)


def switched_off(tx: Connection, id_: str) -> str:
    """The nearest organization, from this one upwards, that has switched the pages of its receipts
    off; empty if none has. Raises `Missing`."""
    found = read(tx, id_)
    while found.has_receipts and found.parent:
        found = read(tx, found.parent)
    return "" if found.has_receipts else found.id


def _organization(row: Row[tuple[object, ...]]) -> Organization:
    return Organization(
        id=row.id,
        parent=row.parent,
        type=row.type,
        name=row.name,
        metadata=msgspec.json.decode(row.metadata),
        created_at=instant(row.created_at),
        updated_at=instant(row.updated_at),
        has_receipts=row.receipts != _OFF,
    )
