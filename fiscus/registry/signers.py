"""The installation's own keys (tokens, checkpoints, a law's own) and the registers' keys."""

from datetime import datetime, timedelta

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import Connection, select

from fiscus.model.faults import Code, Conflict, Refused
from fiscus.model.times import micros_z
from fiscus.registry import certificates
from fiscus.registry.vault import INSTALLATION, Vault
from fiscus.signers import Signer, find
from fiscus.store.insert import insert_once
from fiscus.store.schema import REGISTER, REGISTER_KEY, SETTING_KEY

HAS_KEY = Code("SIGNER-KEY-02", "there is such a key already; a new one is a new key version")
BAD_KEY = Code("SIGNER-KEY-03", "this is not a private RSA key in PEM of the length the law wants")
NO_KEY = Code("SIGNER-KEY-01", "this key must be imported before live documents can be sealed")

CHECKPOINT = "checkpoint"
_LIFE = timedelta(days=10 * 365)


def ensure(
    tx: Connection, vault: Vault, name: str, algorithm: str, at: datetime, secret: bytes = b""
) -> None:
    """Make the installation's key of that name, or take the one given, if there is none yet."""
    if tx.scalar(select(SETTING_KEY.c.name).where(SETTING_KEY.c.name == name)):
        return
    kind = find("softkey")
    key = secret or kind.create(algorithm)
    certificate = (
        certificates.self_signed(key, name, at, _LIFE).pem if algorithm == "ecdsa-p256" else ""
    )
    tx.execute(
        insert_once(tx, SETTING_KEY),
        {
            "name": name, "kind": kind.code, "secret": vault.close(tx, INSTALLATION, name, key),
            "public_pem": kind.open(key).public_pem, "certificate_pem": certificate,
            "created_at": micros_z(at),
        },
    )  # fmt: skip


def is_there(tx: Connection, name: str) -> bool:
    """Whether the installation has a key of that name."""
    return tx.scalar(select(SETTING_KEY.c.name).where(SETTING_KEY.c.name == name)) is not None


def import_key(
    tx: Connection, vault: Vault, name: str, pem: bytes, bits: int, at: datetime
) -> None:
    """Take over a law's own RSA key, given as PEM. Raises `Conflict` if there is one already,
    `Refused` if it is not an RSA key of that length."""
    if tx.scalar(select(SETTING_KEY.c.name).where(SETTING_KEY.c.name == name)):
        raise Conflict(HAS_KEY, name)
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except ValueError:
        raise Refused(BAD_KEY, name) from None
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size != bits:
        raise Refused(BAD_KEY, name)
    der = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    ensure(tx, vault, name, f"rsa-{bits}", at, secret=der)


def public_pem(tx: Connection, name: str) -> str:
    """The public part, as an authority wants it. Raises `Refused` if there is no such key."""
    pem = tx.scalar(select(SETTING_KEY.c.public_pem).where(SETTING_KEY.c.name == name))
    if pem is None:
        raise Refused(NO_KEY, name)
    return str(pem)


def secret(tx: Connection, vault: Vault, name: str) -> bytes:
    """The opened key as PKCS#8 DER. Raises `Refused` if there is none."""
    closed = tx.scalar(select(SETTING_KEY.c.secret).where(SETTING_KEY.c.name == name))
    if closed is None:
        raise Refused(NO_KEY, name)
    return vault.open(tx, INSTALLATION, name, closed)


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


def of_register(tx: Connection, vault: Vault, register: str) -> tuple[Signer, str]:
    """The register's own journal key, opened, and its certificate's serial number."""
    row = tx.execute(
        select(REGISTER_KEY, REGISTER.c.organization)
        .join(REGISTER, REGISTER.c.id == REGISTER_KEY.c.register)
        .where(REGISTER_KEY.c.register == register)
    ).one()
    key = vault.open(tx, row.organization, register, row.secret)
    return find(row.kind).open(key), row.serial
