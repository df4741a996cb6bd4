"""Secrets at rest: each scope has a data key, and the data keys are wrapped by one master key.

A stolen database alone reveals nothing; changing the master key re-wraps the data keys only.
"""

import contextlib
import os
from base64 import b64decode, b64encode, urlsafe_b64decode
from collections.abc import Mapping
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, select

from fiscus.journal import stated
from fiscus.model.faults import Code, Corrupt, Refused
from fiscus.model.ids import Entropy
from fiscus.model.kinds import StatementKind
from fiscus.registry.stating import SERVICE, stating
from fiscus.store.insert import insert_once
from fiscus.store.schema import CHAIN, DATA_KEY

BAD_MASTER = Code("VAULT-MASTER-01", "the master key must be 32 bytes in base64")
WRONG_MASTER = Code("VAULT-MASTER-02", "the master key does not open this database's secrets")
LOST_KEY = Code("VAULT-KEY-01", "the data key of this scope is missing; restore it")

INSTALLATION = "installation"
"""The scope of keys that belong to nobody's tenant."""

_DATA_KEY = "data-key"
_NONCE_BYTES = 12


class Vault:
    """Opens and closes secrets.

    What is closed opens at its place alone: the same installation, environment, scope, name and
    generation. A data key is read and unwrapped each time: a remembered one could come from a
    transaction that was rolled back, and what it closed would never open again.
    """

    def __init__(self, master: bytes, entropy: Entropy, environment: str = "test") -> None:
        if len(master) != 32:
            raise Refused(BAD_MASTER)
        self._master = AESGCM(master)
        self._entropy = entropy
        self._environment = environment

    def close(
        self, tx: Connection, scope: str, name: str, secret: bytes, generation: int = 1
    ) -> bytes:
        """Encrypt a secret for its scope, as the secret of that name and generation."""
        stating(tx).found(tx)
        nonce = self._entropy(_NONCE_BYTES)
        wrapped = _wrapped(tx, scope) or self._create(tx, scope)
        key = self._unwrapped(tx, scope, wrapped)
        return nonce + key.encrypt(nonce, secret, self._place(tx, scope, name, generation))

    def open(
        self, tx: Connection, scope: str, name: str, closed: bytes, generation: int = 1
    ) -> bytes:
        """Raises `Corrupt` if the key is another one or missing: reading never makes one anew."""
        wrapped = _wrapped(tx, scope)
        if wrapped is None:
            raise Corrupt(LOST_KEY, scope)
        place = self._place(tx, scope, name, generation)
        return _opened(self._unwrapped(tx, scope, wrapped), closed, place, name)

    def close_all(
        self,
        tx: Connection,
        scope: str,
        name: str,
        secrets: Mapping[str, str],
        generation: int = 1,
    ) -> bytes:
        return self.close(tx, scope, name, msgspec.json.encode(secrets), generation)

    def open_all(
        self, tx: Connection, scope: str, name: str, closed: bytes | None, generation: int = 1
    ) -> dict[str, str]:
        if closed is None:
            return {}
        opened = self.open(tx, scope, name, closed, generation)
        return msgspec.json.decode(opened, type=dict[str, str])

    def _unwrapped(self, tx: Connection, scope: str, wrapped: bytes) -> AESGCM:
        place = self._place(tx, scope, _DATA_KEY, 1)
        return AESGCM(_opened(self._master, wrapped, place, scope))

    def _create(self, tx: Connection, scope: str) -> bytes:
        """A data key for a scope, stated in the installation's chain. The first one of all is
        stated by who founds the installation: it closes the key that signs statements."""
        nonce = self._entropy(_NONCE_BYTES)
        place = self._place(tx, scope, _DATA_KEY, 1)
        wrapped = nonce + self._master.encrypt(nonce, self._entropy(32), place)
        made = tx.execute(insert_once(tx, DATA_KEY), {"scope": scope, "wrapped": wrapped})
        kept = _wrapped(tx, scope)
        assert kept is not None
        if made.rowcount and scope != INSTALLATION:
            row = stated.read(tx, DATA_KEY, scope)
            stating(tx).state(tx, StatementKind.SECRET, organization="", by=SERVICE, rows=(row,))
        return kept

    def _place(self, tx: Connection, scope: str, name: str, generation: int) -> bytes:
        installation = tx.scalar(select(CHAIN.c.id).where(CHAIN.c["class"] == INSTALLATION))
        return msgspec.json.encode((installation, self._environment, scope, name, generation))


def _wrapped(tx: Connection, scope: str) -> bytes | None:
    kept = tx.scalar(select(DATA_KEY.c.wrapped).where(DATA_KEY.c.scope == scope))
    return None if kept is None else bytes(kept)


def _opened(key: AESGCM, closed: bytes, place: bytes, name: str) -> bytes:
    try:
        return key.decrypt(closed[:_NONCE_BYTES], closed[_NONCE_BYTES:], place)
    except InvalidTag as error:
        raise Corrupt(WRONG_MASTER, name) from error


def master_key(given: str, file: Path, entropy: Entropy) -> bytes:
    """The key-encryption key: from the setting (base64), else from the file, made at first use.

    Raises `Refused` if the setting or the file does not hold 32 bytes in base64.
    """
    if given:
        return _decoded(given.encode(), "FISCUS_MASTER_KEY")
    if not file.exists():
        _write_once(file, b64encode(entropy(32)) + b"\n")
    return _decoded(file.read_bytes().strip(), str(file))


def _decoded(text: bytes, place: str) -> bytes:
    try:
        key = urlsafe_b64decode(text) if b"-" in text or b"_" in text else b64decode(text)
    except ValueError:
        raise Refused(BAD_MASTER, place) from None
    if len(key) != 32:
        raise Refused(BAD_MASTER, place)
    return key


def _write_once(file: Path, content: bytes) -> None:
    """Create the file for its owner alone; if another process was faster, its file stays."""
    file.parent.mkdir(parents=True, exist_ok=True)
    # Not the process id alone: in a container it is the same after a crash left a draft behind.
    draft = file.with_name(f".{file.name}.{os.getpid()}-{os.urandom(8).hex()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    try:
        with contextlib.suppress(FileExistsError):
            os.link(draft, file)
    finally:
        draft.unlink()
    _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    """Secrets must not be kept before the key that opens them is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
