"""The installation's HMAC keys: one for digests of requests, one for hashes of API keys.

A plain hash of a request would give away a password in it to whoever can read the database and
guess; a plain hash of a secret could be put there by whoever can write it.
"""

import hmac
from datetime import datetime

import msgspec
from sqlalchemy import Connection, select

from fiscus.model.faults import Code, Corrupt
from fiscus.model.ids import Entropy
from fiscus.model.kinds import StatementKind
from fiscus.model.times import micros_z
from fiscus.registry import stating
from fiscus.registry.vault import INSTALLATION, Vault
from fiscus.store.insert import insert_once
from fiscus.store.schema import ENTRY, SETTING_KEY

LOST = Code("VAULT-MAC-01", "a key that earlier hashes were made with is missing; restore it")

DIGESTS, CREDENTIALS = "mac:digests", "mac:credentials"
KIND = "hmac-sha256"
_BYTES = 32


class MacKeys(msgspec.Struct, frozen=True, kw_only=True):
    """The keys under which digests of requests and of API keys are kept."""

    digests: bytes
    credentials: bytes


def ensure(tx: Connection, vault: Vault, entropy: Entropy, at: datetime) -> MacKeys:
    """Both keys; made at the first start, and never once there are API keys: then a missing one
    is `Corrupt`. Processes that start at once agree on one pair."""
    for name in (DIGESTS, CREDENTIALS):
        if _closed(tx, name) is None and not _has_data(tx):
            row = {
                "name": name,
                "kind": KIND,
                "generation": 1,
                "public_pem": "",
                "certificate_pem": "",
                "secret": vault.close(tx, INSTALLATION, name, entropy(_BYTES)),
                "created_at": micros_z(at),
            }
            if tx.execute(insert_once(tx, SETTING_KEY), row).rowcount:
                stating.state(tx, StatementKind.SECRET, SETTING_KEY, name, organization="")
    return MacKeys(digests=_read(tx, vault, DIGESTS), credentials=_read(tx, vault, CREDENTIALS))


def read_digests(tx: Connection, vault: Vault) -> bytes:
    """The key of digests. Raises `Corrupt` if it is not there, or does not open."""
    return _read(tx, vault, DIGESTS)


def _closed(tx: Connection, name: str) -> bytes | None:
    return tx.scalar(select(SETTING_KEY.c.secret).where(SETTING_KEY.c.name == name))


def _read(tx: Connection, vault: Vault, name: str) -> bytes:
    closed = _closed(tx, name)
    if closed is None:
        raise Corrupt(LOST, name)
    return vault.open(tx, INSTALLATION, name, closed)


def _has_data(tx: Connection) -> bool:
    """Whether an API key was ever made here: what tells of it can never be deleted."""
    subject = select(ENTRY.c.id).where(ENTRY.c.kind == StatementKind.SUBJECT).limit(1)
    return tx.scalar(subject) is not None


def of(key: bytes, purpose: str, *parts: object) -> str:
    """The HMAC-SHA-256 (hex) over a purpose and parts, written so that no two lists look alike."""
    return hmac.digest(key, msgspec.json.encode((purpose, *parts)), "sha256").hex()
