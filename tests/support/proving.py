"""Proofs of records in tests: the checkpoint that they wait for, and what must hold of each."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from sqlalchemy import select

from fiscus.registry import log, signers
from fiscus.store.connect import reading
from fiscus.store.schema import ENTRY, SETTING_KEY
from tests.support import outsider
from tests.support.premises import Premises

Json = dict[str, Any]


def covers(premises: Premises) -> None:
    log.sign(premises.services.engine, premises.services.vault, premises.clock())


def log_public(premises: Premises) -> bytes:
    with reading(premises.services.engine) as tx:
        pem = tx.scalar(select(SETTING_KEY.c.public_pem).where(SETTING_KEY.c.name == signers.LOG))
    key = load_pem_public_key(str(pem).encode())
    assert isinstance(key, Ed25519PublicKey)
    return key.public_bytes_raw()


def kept_link(premises: Premises, entry: str) -> str:
    with reading(premises.services.engine) as tx:
        return str(tx.scalar(select(ENTRY.c.link).where(ENTRY.c.id == entry)))


def holds(premises: Premises, found: Json, entry: str) -> None:
    """What is answered is what the text says, and the text is a proof of this record."""
    assert found["link"] == kept_link(premises, entry)
    size = outsider.proved(found["proof"], found["link"], found["origin"], log_public(premises))
    assert size == found["size"]
    assert f"\nindex {found['index']}\n" in found["proof"]
