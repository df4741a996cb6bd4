"""API keys: a public key to name the caller, a secret shown once and kept as a hash."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Row, select

from fiscus.model.faults import Code, Conflict, Missing
from fiscus.model.ids import Entropy
from fiscus.model.times import instant, micros_z
from fiscus.registry.things import Subject
from fiscus.registry.versions import as_json
from fiscus.store.schema import SUBJECT

UNKNOWN_SUBJECT = Code("REGISTRY-KEY-01", "no subject with this id is visible to you")
NAME_TAKEN = Code("REGISTRY-KEY-02", "this organization has a subject of that name already")
WRONG_SECRET = Code("REGISTRY-KEY-03", "key or secret is wrong")

_SECRET_BYTES = 32


def create(
    tx: Connection,
    *,
    id_: str,
    organization: str,
    name: str,
    metadata: Mapping[str, str],
    environment: str,
    entropy: Entropy,
    at: datetime,
) -> tuple[Subject, str]:
    """A new key and its secret. The secret (43 characters) cannot be read again."""
    _is_free(tx, organization, name, but_for="")
    secret = _random(entropy, _SECRET_BYTES)
    tx.execute(
        SUBJECT.insert().values(
            id=id_,
            organization=organization,
            name=name,
            key=f"{environment}_{_random(entropy, 25)}",
            secret_hash=_hashed(secret),
            metadata=as_json(metadata),
            created_at=micros_z(at),
        )
    )
    return read(tx, id_), secret


def _is_free(tx: Connection, organization: str, name: str, *, but_for: str) -> None:
    taken = select(SUBJECT.c.id).where(
        SUBJECT.c.organization == organization, SUBJECT.c.name == name, SUBJECT.c.id != but_for
    )
    if tx.scalar(taken.limit(1)):
        raise Conflict(NAME_TAKEN, "content.name")


def _random(entropy: Entropy, size: int) -> str:
    return urlsafe_b64encode(entropy(size)).rstrip(b"=").decode("ascii")


def _hashed(secret: str) -> str:
    """Plain SHA-256 is enough: the secret has 256 random bits, there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


def proven(tx: Connection, key: str, secret: str) -> Subject:
    """Whom key and secret belong to. Raises `Missing`, the same for either being wrong."""
    row = tx.execute(select(SUBJECT).where(SUBJECT.c.key == key)).one_or_none()
    expected = row.secret_hash if row else _hashed("")
    if not hmac.compare_digest(expected, _hashed(secret)) or row is None:
        raise Missing(WRONG_SECRET)
    return _subject(row)


def in_one_word(prefix: str, key: str, secret: str) -> str:
    """Key and secret as one API key; what the key says of its environment, the prefix may say."""
    return f"{prefix}{key.partition('_')[2]}{secret}"


def read(tx: Connection, id_: str) -> Subject:
    row = tx.execute(select(SUBJECT).where(SUBJECT.c.id == id_)).one_or_none()
    if row is None:
        raise Missing(UNKNOWN_SUBJECT)
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


def cursor(subject: Subject) -> str:
    return f"{micros_z(subject.created_at)} {subject.id}"


def update(tx: Connection, id_: str, *, name: str | None, metadata: Mapping[str, str]) -> Subject:
    """Raises `Conflict` if the name is another's."""
    changes = {"metadata": as_json(metadata)}
    if name is not None:
        _is_free(tx, read(tx, id_).organization, name, but_for=id_)
        changes["name"] = name
    tx.execute(SUBJECT.update().where(SUBJECT.c.id == id_).values(changes))
    return read(tx, id_)


def _subject(row: Row[tuple[object, ...]]) -> Subject:
    return Subject(
        id=row.id,
        organization=row.organization,
        name=row.name,
        key=row.key,
        metadata=msgspec.json.decode(row.metadata),
        created_at=instant(row.created_at),
    )
