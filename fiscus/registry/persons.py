"""Persons at the tills of an organization: subjects that nobody logs in as.

A till names who served by the person's id or code. The code is what a law's file shows: it is given
once and is never another person's, whatever becomes of the first.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, Row, bindparam, or_, select

from fiscus.model.documents import Draft
from fiscus.model.faults import Code, Conflict, Missing
from fiscus.model.kinds import StatementKind
from fiscus.model.times import instant, micros_z
from fiscus.registry import stating
from fiscus.registry.roles import Role
from fiscus.registry.versions import as_json
from fiscus.registry.views import KeyState
from fiscus.store.schema import PERSON

UNKNOWN_PERSON = Code("REGISTRY-PERSON-01", "no person with this id is visible to you")
CODE_TAKEN = Code(
    "REGISTRY-PERSON-02", "this organization has, or had, a person with that code: choose another"
)

CODE_LENGTH_MAX = 30
"""As much as audit files take (Portugal: SourceID)."""

_MADE_OF_ID = 12


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody at a till. `language` is a tag of BCP 47, `role` what an API key of hers might do;
    `code` is the name for machines."""

    id: str
    version: int
    organization: str
    code: str
    name: str
    language: str
    role: Role
    state: KeyState
    metadata: Mapping[str, str]
    created_at: datetime


class NewPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A person to be registered; without a `code` one is made."""

    organization: str
    name: str
    language: str = ""
    role: Role = Role.TILL
    code: str = ""
    metadata: Mapping[str, str] = {}


class PersonChange(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller wants changed; None leaves as it is."""

    name: str | None = None
    language: str | None = None
    role: Role | None = None
    state: KeyState | None = None


def create(tx: Connection, wanted: NewPerson, *, id_: str, by: str, at: datetime) -> Person:
    """Raises `Conflict` for a code that was given before."""
    code = wanted.code or id_.replace("-", "")[:_MADE_OF_ID]
    taken = select(PERSON.c.id).where(
        PERSON.c.organization == wanted.organization, PERSON.c.code == code
    )
    if tx.scalar(taken) is not None:
        raise Conflict(CODE_TAKEN, "code")
    row = {
        "id": id_,
        "version": 1,
        "organization": wanted.organization,
        "code": code,
        "name": wanted.name,
        "language": wanted.language,
        "role": wanted.role,
        "state": KeyState.ENABLED,
        "metadata": as_json(wanted.metadata),
        "created_at": micros_z(at),
    }
    tx.execute(PERSON.insert().values(row))
    stating.state(tx, StatementKind.PERSON, PERSON, id_, by=by)
    return read(tx, id_)


def find(tx: Connection, id_: str) -> Person | None:
    row = tx.execute(select(PERSON).where(PERSON.c.id == id_)).one_or_none()
    return None if row is None else _person(row)


def read(tx: Connection, id_: str) -> Person:
    found = find(tx, id_)
    if found is None:
        raise Missing(UNKNOWN_PERSON)
    return found


def of(tx: Connection, organization: str, *, after: str, limit: int) -> list[Person]:
    """The organization's persons in the order of creation; `after` is a cursor `created_at id`."""
    query = (
        select(PERSON)
        .where(
            PERSON.c.organization == organization,
            PERSON.c.created_at + " " + PERSON.c.id > after,
        )
        .order_by(PERSON.c.created_at, PERSON.c.id)
        .limit(limit)
    )
    return [_person(row) for row in tx.execute(query)]


def cursor(person: Person) -> str:
    return f"{micros_z(person.created_at)} {person.id}"


def update(
    tx: Connection,
    id_: str,
    change: PersonChange,
    *,
    metadata: Mapping[str, str],
    by: str,
) -> Person:
    """The code stays. Raises `Missing`."""
    row = tx.execute(select(PERSON).where(PERSON.c.id == id_).with_for_update()).one_or_none()
    if row is None:
        raise Missing(UNKNOWN_PERSON)
    now = _person(row)
    wanted = {name: value for name in _CHANGED if (value := getattr(change, name)) is not None}
    values = {**wanted, "version": now.version + 1, "metadata": as_json(metadata)}
    tx.execute(PERSON.update().where(PERSON.c.id == id_).values(values))
    stating.state(tx, StatementKind.PERSON, PERSON, id_, by=by)
    return read(tx, id_)


_CHANGED = ("name", "language", "role", "state")


class PersonLabel(NamedTuple):
    """What files show of a person."""

    code: str
    name: str


Named = Mapping[tuple[str, str], PersonLabel]
"""Persons by their organization and by what tills may call them there: code or id."""

_NAMED = select(PERSON.c.organization, PERSON.c.id, PERSON.c.code, PERSON.c.name).where(
    PERSON.c.organization.in_(bindparam("organizations", expanding=True)),
    or_(
        PERSON.c.code.in_(bindparam("operators", expanding=True)),
        PERSON.c.id.in_(bindparam("ids", expanding=True)),
    ),
)


def named(tx: Connection, organizations: Collection[str], operators: Collection[str]) -> Named:
    """The persons that tills of these organizations may mean, whatever became of them. What is the
    code of one and the id of another means whose code it is."""
    if not operators:
        return {}
    asked = {
        "organizations": sorted(organizations),
        "operators": sorted(operators),
        "ids": sorted({one.lower() for one in operators}),
    }
    rows = tx.execute(_NAMED, asked).all()
    found = {(row.organization, row.id): PersonLabel(row.code, row.name) for row in rows}
    return found | {(row.organization, row.code): PersonLabel(row.code, row.name) for row in rows}


def served(found: Named, organization: str, draft: Draft) -> Draft:
    """The draft with the code and the name of the person that its operator stands for; as it is if
    that is nobody here: then it is a code of the till's own. A name that is sent is what the till
    has printed, so it stays."""
    said = draft.operator
    person = found.get((organization, said)) or found.get((organization, said.lower()))
    if person is None:
        return draft
    return msgspec.structs.replace(
        draft, operator=person.code, operator_name=draft.operator_name or person.name
    )


def _person(row: Row[tuple[object, ...]]) -> Person:
    return Person(
        id=row.id,
        version=row.version,
        organization=row.organization,
        code=row.code,
        name=row.name,
        language=row.language,
        role=Role(row.role),
        state=KeyState(row.state),
        metadata=msgspec.json.decode(row.metadata),
        created_at=instant(row.created_at),
    )
