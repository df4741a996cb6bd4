"""The installation's own keys (tokens, checkpoints, a law's own) and the registers' keys."""

from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)
from sqlalchemy import Connection, select

from fiscus.model.faults import Code, Conflict, Refused
from fiscus.model.kinds import StatementKind
from fiscus.model.times import micros_z
from fiscus.registry import certificates, chains, stating
from fiscus.registry.vault import INSTALLATION, Vault
from fiscus.registry.views import RegisterCertificate
from fiscus.signers import JOURNAL_ALGORITHM, Signer, SignerKind, find, maker
from fiscus.store.insert import insert_once
from fiscus.store.schema import REGISTER, REGISTER_KEY, SETTING_KEY

HAS_KEY = Code("SIGNER-KEY-02", "there is such a key already; a new one is a new key version")
BAD_KEY = Code(
    "SIGNER-KEY-03", "this is not a private key in PEM, unencrypted, of the algorithm the law wants"
)
NO_LAW_KEY = Code("SIGNER-KEY-04", "this law seals with no key of ours: there is none to import")
NO_KEY = Code("SIGNER-KEY-01", "this key must be imported before live documents can be sealed")

PUBLISHED_KEY = Code(
    "SIGNER-KEY-06",
    "this key is published with its private half, so anyone can sign with it: make one of your own",
)
NOT_TAKEN = Code("SIGNER-KEY-05", "the installed kind of signer takes over no key made elsewhere")

LOG = "log"
"""The key that signs the notes of the journal's log, and nothing else."""
PACKAGE = "package"
"""The key that signs files for auditors."""

_PURPOSES = {LOG: "log", PACKAGE: "package"}
"""Keys of the installation that others must be able to tell: a `key@1` names them."""

_LIFE = timedelta(days=10 * 365)
_REGISTER_LIFE = timedelta(days=3 * 365)


def ensure(
    tx: Connection,
    vault: Vault,
    name: str,
    algorithm: str,
    at: datetime,
    secret: bytes = b"",
    by: str = stating.SERVICE,
) -> None:
    """Make the installation's key of that name, or take the one given, if there is none yet."""
    if tx.scalar(select(SETTING_KEY.c.name).where(SETTING_KEY.c.name == name)):
        return
    kind = maker(algorithm)
    key = secret or kind.create(algorithm)
    public_pem = kind.open(key).public_pem
    certificate = (
        _certified(tx, vault, public_pem, name, at, _LIFE).pem
        if algorithm == JOURNAL_ALGORITHM
        else ""
    )
    made = tx.execute(
        insert_once(tx, SETTING_KEY),
        {
            "name": name,
            "kind": kind.code,
            "generation": 1,
            "secret": vault.close(tx, INSTALLATION, name, key),
            "public_pem": public_pem,
            "certificate_pem": certificate,
            "created_at": micros_z(at),
        },
    )
    if made.rowcount:
        _state(tx, name, public_pem, by)


def _state(tx: Connection, name: str, public_pem: str, by: str) -> None:
    purpose = _PURPOSES.get(name)
    if purpose is None:
        stating.state(tx, StatementKind.SECRET, SETTING_KEY, name, organization="", by=by)
        return
    key = chains.stated_key(public_pem, purpose=purpose, of=chains.installation(tx), first=1)
    stating.state(tx, StatementKind.KEY, SETTING_KEY, name, organization="", by=by, key=key)


def _certified(
    tx: Connection, vault: Vault, public_pem: str, name: str, at: datetime, life: timedelta
) -> RegisterCertificate:
    """A certificate by the installation's root key."""
    stating.stating(tx).found(tx)
    root = tx.execute(select(SETTING_KEY).where(SETTING_KEY.c.name == chains.ROOT)).one()
    secret = vault.open(tx, INSTALLATION, chains.ROOT, root.secret, root.generation)
    return certificates.issued(find(root.kind).open(secret), public_pem, name, at, life)


def make_register_key(
    tx: Connection,
    vault: Vault,
    kind: SignerKind,
    *,
    register: str,
    organization: str,
    by: str,
    at: datetime,
) -> None:
    """The first journal key of a new register: ECDSA P-256, stated in its organization's chain."""
    secret = kind.create(JOURNAL_ALGORITHM)
    public_pem = kind.open(secret).public_pem
    certificate = _certified(tx, vault, public_pem, register, at, _REGISTER_LIFE)
    tx.execute(
        REGISTER_KEY.insert().values(
            register=register,
            kind=kind.code,
            generation=1,
            serial=certificate.serial,
            expires_at=micros_z(certificate.expires_at),
            public_pem=public_pem,
            certificate_pem=certificate.pem,
            secret=vault.close(tx, organization, register, secret),
        )
    )
    key = chains.stated_key(public_pem, purpose="register", of=register, first=1)
    stating.state(
        tx, StatementKind.KEY, REGISTER_KEY, register, organization=organization, by=by, key=key
    )


def rotate_register_key(
    tx: Connection, vault: Vault, register: str, *, by: str, at: datetime, is_lost: bool = False
) -> str:
    """A new journal key for a register, which signs from its next entry on; gives its id.

    The key before vouches for it. `is_lost`: that key cannot sign any more, and a verifier will
    name the change. Raises `Conflict` if that key has signed nothing yet.
    """
    head = chains.lock(tx, register)
    now = _register_key(tx, register)
    chains.expect_used(tx, head, now.serial)
    kind = maker(JOURNAL_ALGORITHM)
    secret = kind.create(JOURNAL_ALGORITHM)
    public_pem = kind.open(secret).public_pem
    certificate = _certified(tx, vault, public_pem, register, at, _REGISTER_LIFE)
    key = chains.stated_key(
        public_pem, purpose="register", of=register, first=head.sequence + 1, epoch=head.epoch
    )
    key = (
        chains.lost_key(key, now.public_pem)
        if is_lost
        else chains.signed_by_former(key, _opened_register_key(tx, vault, now), now.public_pem)
    )
    generation = now.generation + 1
    tx.execute(
        REGISTER_KEY.update()
        .where(REGISTER_KEY.c.register == register)
        .values(
            kind=kind.code,
            generation=generation,
            serial=certificate.serial,
            expires_at=micros_z(certificate.expires_at),
            public_pem=public_pem,
            certificate_pem=certificate.pem,
            secret=vault.close(tx, now.organization, register, secret, generation),
        )
    )
    stating.state(
        tx,
        StatementKind.KEY,
        REGISTER_KEY,
        register,
        organization=now.organization,
        by=by,
        key=key,
    )
    return certificate.serial


def is_there(tx: Connection, name: str) -> bool:
    """Whether the installation has a key of that name."""
    return tx.scalar(select(SETTING_KEY.c.name).where(SETTING_KEY.c.name == name)) is not None


def import_key(
    tx: Connection,
    vault: Vault,
    name: str,
    pem: bytes,
    algorithm: str,
    at: datetime,
    by: str = stating.SERVICE,
    published: Collection[str] = (),
) -> None:
    """Take over a law's own key, given as PEM. Raises `Conflict` if there is one already, `Refused`
    if it is not a key of that algorithm, or one of those `published` (SHA-256 of the public half),
    or the law (an empty algorithm) has none."""
    if not algorithm:
        raise Refused(NO_LAW_KEY, name)
    if tx.scalar(select(SETTING_KEY.c.name).where(SETTING_KEY.c.name == name)):
        raise Conflict(HAS_KEY, name)
    taken = maker(algorithm).taken
    if taken is None:
        raise Refused(NOT_TAKEN, name)
    try:
        found, secret = taken(pem)
    except ValueError:
        raise Refused(BAD_KEY, name, algorithm) from None
    if found != algorithm:
        raise Refused(BAD_KEY, name, f"{algorithm}, not {found}")
    if published and _fingerprint(maker(algorithm).open(secret).public_pem) in published:
        raise Refused(PUBLISHED_KEY, name)
    ensure(tx, vault, name, algorithm, at, secret=secret, by=by)


def _fingerprint(public_pem: str) -> str:
    """SHA-256 of a public key (SubjectPublicKeyInfo, DER), in hex."""
    key = load_pem_public_key(public_pem.encode("ascii"))
    return sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def public_pem(tx: Connection, name: str) -> str:
    """The public part, as an authority wants it. Raises `Refused` if there is no such key."""
    pem = tx.scalar(select(SETTING_KEY.c.public_pem).where(SETTING_KEY.c.name == name))
    if pem is None:
        raise Refused(NO_KEY, name)
    return str(pem)


def secret(tx: Connection, vault: Vault, name: str) -> bytes:
    """The opened key as PKCS#8 DER. Raises `Refused` if there is none."""
    row = tx.execute(select(SETTING_KEY).where(SETTING_KEY.c.name == name)).one_or_none()
    if row is None:
        raise Refused(NO_KEY, name)
    return vault.open(tx, INSTALLATION, name, row.secret, row.generation)


def opened(tx: Connection, vault: Vault, name: str) -> Signer:
    """The installation's signer of that name. Raises `Refused` if there is none."""
    kind = tx.scalar(select(SETTING_KEY.c.kind).where(SETTING_KEY.c.name == name))
    if kind is None:
        raise Refused(NO_KEY, name)
    return find(kind).open(secret(tx, vault, name))


def certificate(tx: Connection, name: str) -> str:
    pem: str = tx.execute(
        select(SETTING_KEY.c.certificate_pem).where(SETTING_KEY.c.name == name)
    ).scalar_one()
    return pem


def rotate_package_key(
    tx: Connection, vault: Vault, *, by: str, at: datetime, is_lost: bool = False
) -> str:
    """A new key for packages; gives its id. Packages of before stay good."""
    now = tx.execute(select(SETTING_KEY).where(SETTING_KEY.c.name == PACKAGE)).one()
    of = chains.installation(tx)
    head = chains.lock(tx, of)
    kind = maker(JOURNAL_ALGORITHM)
    secret = kind.create(JOURNAL_ALGORITHM)
    public_pem = kind.open(secret).public_pem
    certificate = _certified(tx, vault, public_pem, PACKAGE, at, _LIFE)
    key = chains.stated_key(public_pem, purpose="package", of=of, first=head.sequence + 1)
    key = (
        chains.lost_key(key, now.public_pem)
        if is_lost
        else chains.signed_by_former(key, opened(tx, vault, PACKAGE), now.public_pem)
    )
    generation = now.generation + 1
    tx.execute(
        SETTING_KEY.update()
        .where(SETTING_KEY.c.name == PACKAGE)
        .values(
            kind=kind.code,
            generation=generation,
            secret=vault.close(tx, INSTALLATION, PACKAGE, secret, generation),
            public_pem=public_pem,
            certificate_pem=certificate.pem,
        )
    )
    stating.state(tx, StatementKind.KEY, SETTING_KEY, PACKAGE, organization="", by=by, key=key)
    return certificate.serial


def of_register(tx: Connection, vault: Vault, register: str) -> tuple[Signer, str]:
    """The register's own journal key, opened, and its id."""
    row = _register_key(tx, register)
    return _opened_register_key(tx, vault, row), row.serial


def _register_key(tx: Connection, register: str) -> Any:
    return tx.execute(
        select(REGISTER_KEY, REGISTER.c.organization)
        .join(REGISTER, REGISTER.c.id == REGISTER_KEY.c.register)
        .where(REGISTER_KEY.c.register == register)
    ).one()


def _opened_register_key(tx: Connection, vault: Vault, row: Any) -> Signer:
    secret = vault.open(tx, row.organization, row.register, row.secret, row.generation)
    return find(row.kind).open(secret)
