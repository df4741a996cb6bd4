"""API keys: a public key to name the caller, a secret shown once and kept as an HMAC.

The HMAC covers whose the key is and what it may do: a row that was written or altered without
the vault's key opens nothing. Every change is a version that stays for ever, without secrets.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Row, Select, select

from fiscus.model.faults import Code, Conflict, Corrupt, Missing, Refused
from fiscus.model.ids import Entropy
from fiscus.model.kinds import StatementKind
from fiscus.model.times import instant, micros_z
from fiscus.registry import macs, registers, stating
from fiscus.registry.roles import Role
from fiscus.registry.versions import as_json
from fiscus.registry.views import KeyState, Subject
from fiscus.store.schema import SUBJECT

UNKNOWN_SUBJECT = Code("REGISTRY-KEY-01", "no subject with this id is visible to you")
NAME_TAKEN = Code("REGISTRY-KEY-02", "this organization has a subject of that name already")
WRONG_SECRET = Code("REGISTRY-KEY-03", "key or secret is wrong")
LAST_OWNER = Code(
    "REGISTRY-KEY-04",
    "this is the last enabled owner key of its organization; make another one first, or stop it "
    "at the command line",
)
NOT_FOR_ROLE = Code("REGISTRY-KEY-06", "only the key of a till can be limited to systems")
BROKEN = Code("REGISTRY-KEY-05", "what is stored of this key was not written by this service")

_SECRET_BYTES = 32
_PURPOSE, _PREVIOUS = "fiscus/key/1", "fiscus/previous-key/1"


class NewKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key to be made. `systems`: those it is limited to; none: all of its organization."""

    organization: str
    name: str
    role: Role
    systems: tuple[str, ...] = ()
    metadata: Mapping[str, str] = {}


class ProvenSubject(msgspec.Struct, frozen=True, kw_only=True):
    """A subject, and the number of the secret that proved it."""

    subject: Subject
    generation: int


def create(
    tx: Connection,
    mac: bytes,
    wanted: NewKey,
    *,
    id_: str,
    environment: str,
    entropy: Entropy,
    by: str,
    at: datetime,
) -> tuple[Subject, str]:
    """A new key and its secret (43 characters), which cannot be read again. `mac` is the vault's
    key for API keys, `by` who makes it. Raises `Conflict` if the name is another's."""
    _expect_free(tx, wanted.organization, wanted.name, but_for="")
    secret = _random(entropy, _SECRET_BYTES)
    made = Subject(
        id=id_,
        organization=wanted.organization,
        name=wanted.name,
        key=f"{environment}_{_random(entropy, 25)}",
        role=wanted.role,
        systems=wanted.systems,
        state=KeyState.ENABLED,
        version=1,
        generation=1,
        metadata=wanted.metadata,
        created_at=at,
    )
    row = {
        "id": made.id,
        "organization": made.organization,
        "name": made.name,
        "key": made.key,
        "role": made.role,
        "systems": as_json(made.systems),
        "state": made.state,
        "version": made.version,
        "generation": made.generation,
        "secret_hash": _hashed(mac, made, 1, secret),
        "metadata": as_json(made.metadata),
        "created_at": micros_z(at),
    }
    tx.execute(SUBJECT.insert().values(row))
    _state(tx, id_, by)
    return read(tx, id_), secret


def is_taken(tx: Connection, organization: str, name: str, *, but_for: str = "") -> bool:
    """Whether another key of the organization has this name."""
    taken = select(SUBJECT.c.id).where(
        SUBJECT.c.organization == organization, SUBJECT.c.name == name, SUBJECT.c.id != but_for
    )
    return tx.scalar(taken.limit(1)) is not None


def _expect_free(tx: Connection, organization: str, name: str, *, but_for: str) -> None:
    if is_taken(tx, organization, name, but_for=but_for):
        raise Conflict(NAME_TAKEN, "name")


def _random(entropy: Entropy, size: int) -> str:
    return urlsafe_b64encode(entropy(size)).rstrip(b"=").decode("ascii")


def _hashed(mac: bytes, subject: Subject, generation: int, secret: str) -> str:
    facts = (subject.id, subject.organization, subject.key, subject.role, subject.systems)
    return macs.of(mac, _PURPOSE, *facts, generation, secret)


def _expiring(mac: bytes, hashed: str, until: str) -> str:
    """The hash of a secret that has been replaced, bound to the end of its grace."""
    return macs.of(mac, _PREVIOUS, hashed, until)


def proven(tx: Connection, mac: bytes, key: str, secret: str, at: datetime) -> ProvenSubject:
    """Whom key and secret belong to. Raises `Missing`, the same for either being wrong, for a key
    that is disabled and for a secret whose grace is over."""
    row = tx.execute(select(SUBJECT).where(SUBJECT.c.key == key)).one_or_none()
    if row is None:
        macs.of(mac, _PURPOSE, key, secret)  # takes as long as a wrong secret
        raise Missing(WRONG_SECRET)
    subject = _subject(row)
    if subject.state is not KeyState.ENABLED:
        raise Missing(WRONG_SECRET)
    hashed = _hashed(mac, subject, subject.generation, secret)
    if _is_same(row.secret_hash, hashed):
        return ProvenSubject(subject=subject, generation=subject.generation)
    before = subject.generation - 1
    hashed = _expiring(mac, _hashed(mac, subject, before, secret), row.previous_until or "")
    if _is_same(row.previous_hash, hashed) and subject.takes(before, at):
        return ProvenSubject(subject=subject, generation=before)
    raise Missing(WRONG_SECRET)


def _is_same(kept: str | None, made: str) -> bool:
    return hmac.compare_digest((kept or "").encode(), made.encode())


def in_one_word(prefix: str, key: str, secret: str) -> str:
    """Key and secret as one API key; what the key says of its environment, the prefix may say."""
    return f"{prefix}{key.partition('_')[2]}{secret}"


def find(tx: Connection, id_: str) -> Subject | None:
    row = tx.execute(select(SUBJECT).where(SUBJECT.c.id == id_)).one_or_none()
    return None if row is None else _subject(row)


def read(tx: Connection, id_: str) -> Subject:
    found = find(tx, id_)
    if found is None:
        raise Missing(UNKNOWN_SUBJECT)
    return found


def named(tx: Connection, name: str) -> Subject:
    """By its id or its key. Raises `Missing`."""
    row = tx.execute(
        select(SUBJECT).where((SUBJECT.c.id == name) | (SUBJECT.c.key == name))
    ).one_or_none()
    if row is None:
        raise Missing(UNKNOWN_SUBJECT, name)
    return _subject(row)


def of(tx: Connection, organization: str, *, after: str, limit: int) -> list[Subject]:
    """The organization's subjects in the order of creation; `after` is a cursor `created_at id`."""
    query = (
        select(SUBJECT)
        .where(
            SUBJECT.c.organization == organization,
            SUBJECT.c.created_at + " " + SUBJECT.c.id > after,
        )
        .order_by(SUBJECT.c.created_at, SUBJECT.c.id)
        .limit(limit)
    )
    return [_subject(row) for row in tx.execute(query)]


def all_(tx: Connection) -> list[Subject]:
    """Every key of the installation, by organization, in the order of creation."""
    query = select(SUBJECT).order_by(SUBJECT.c.organization, SUBJECT.c.created_at, SUBJECT.c.id)
    return [_subject(row) for row in tx.execute(query)]


def cursor(subject: Subject) -> str:
    return f"{micros_z(subject.created_at)} {subject.id}"


def update(
    tx: Connection,
    id_: str,
    *,
    by: str,
    at: datetime,
    name: str | None = None,
    metadata: Mapping[str, str] | None = None,
    state: KeyState | None = None,
) -> Subject:
    """Raises `Conflict` if the name is another's."""
    now = _held(tx, id_)
    if name is not None:
        _expect_free(tx, now.organization, name, but_for=id_)
    changed = msgspec.structs.replace(
        now,
        name=now.name if name is None else name,
        state=now.state if state is None else state,
    )
    if changed != now:
        changed = msgspec.structs.replace(changed, version=now.version + 1)
    values: dict[str, object] = {
        "name": changed.name,
        "state": changed.state,
        "version": changed.version,
    }
    if metadata is not None:
        values["metadata"] = as_json(metadata)
    tx.execute(SUBJECT.update().where(SUBJECT.c.id == id_).values(values))
    _state(tx, id_, by)
    return read(tx, id_)


def limits(tx: Connection, organization: str, role: Role, named: Sequence[str]) -> tuple[str, ...]:
    """The registers that a till's key is limited to. Raises `Refused` for another role, and naming
    all that are not there."""
    if named and role is not Role.TILL:
        raise Refused(NOT_FOR_ROLE, "registers")
    there = registers.among(tx, organization, named)
    missing = [f"registers[{at}]" for at, id_ in enumerate(named) if id_ not in there]
    if missing:
        raise Refused(registers.UNKNOWN_REGISTER, *missing)
    return tuple(sorted(set(named)))


def has_owner(tx: Connection, organization: str) -> bool:
    """Whether an owner's key of the organization is enabled."""
    return tx.scalar(_owners(organization).limit(1)) is not None


def _owners(organization: str) -> Select[tuple[str]]:
    return select(SUBJECT.c.id).where(
        SUBJECT.c.organization == organization,
        SUBJECT.c.role == Role.OWNER,
        SUBJECT.c.state == KeyState.ENABLED,
    )


def expect_another_owner(tx: Connection, subject: Subject) -> None:
    """Raises `Conflict` if no other owner of its organization is enabled. Those who stop owners
    at the same moment wait for each other."""
    owners = _owners(subject.organization).order_by(SUBJECT.c.id).with_for_update()
    if subject.role is Role.OWNER and not set(tx.scalars(owners)) - {subject.id}:
        raise Conflict(LAST_OWNER)


def rotate(
    tx: Connection,
    mac: bytes,
    id_: str,
    *,
    until: datetime,
    entropy: Entropy,
    by: str,
    at: datetime,
) -> tuple[Subject, str]:
    """A new secret; the one before is good until then, and the one before that no more."""
    now = _held(tx, id_)
    old: str = tx.execute(select(SUBJECT.c.secret_hash).where(SUBJECT.c.id == id_)).scalar_one()
    secret = _random(entropy, _SECRET_BYTES)
    changed = msgspec.structs.replace(
        now, version=now.version + 1, generation=now.generation + 1, previous_until=until
    )
    end = micros_z(until)
    values = {
        "version": changed.version,
        "generation": changed.generation,
        "previous_until": end,
        "previous_hash": _expiring(mac, old, end),
        "secret_hash": _hashed(mac, changed, changed.generation, secret),
    }
    tx.execute(SUBJECT.update().where(SUBJECT.c.id == id_).values(values))
    _state(tx, id_, by)
    return read(tx, id_), secret


def _held(tx: Connection, id_: str) -> Subject:
    """Locked, so that of two who change it at once one waits."""
    row = tx.execute(select(SUBJECT).where(SUBJECT.c.id == id_).with_for_update()).one_or_none()
    if row is None:
        raise Missing(UNKNOWN_SUBJECT)
    return _subject(row)


def _state(tx: Connection, id_: str, by: str) -> None:
    stating.state(tx, StatementKind.SUBJECT, SUBJECT, id_, by=by)


def _subject(row: Row[tuple[object, ...]]) -> Subject:
    """Raises `Corrupt` for a row that we never wrote like this."""
    try:
        return _decoded(row)
    except (ValueError, msgspec.MsgspecError) as error:
        raise Corrupt(BROKEN, str(row.id)) from error


def _decoded(row: Row[tuple[object, ...]]) -> Subject:
    return Subject(
        id=row.id,
        organization=row.organization,
        name=row.name,
        key=row.key,
        role=Role(row.role),
        systems=msgspec.json.decode(row.systems, type=tuple[str, ...]),
        state=KeyState(row.state),
        version=row.version,
        generation=row.generation,
        previous_until=instant(row.previous_until) if row.previous_until else None,
        metadata=msgspec.json.decode(row.metadata),
        created_at=instant(row.created_at),
    )
