"""The keys of a law, the installation's or a taxpayer's own: to sign and to encrypt.

A key that signs for live documents was handed to an authority before, so it is imported; for test
it is made here.
"""

from datetime import datetime

from sqlalchemy import Connection

from fiscus.regimes import KeyOwner, Regime
from fiscus.registry import certificates, signers
from fiscus.registry.vault import Vault
from fiscus.signers import EncryptIcm, KeySerial, Signer, SignRequest


def owner_of(regime: Regime, taxpayer: str) -> str:
    """The taxpayer, if the law's keys are its own; empty if they are the installation's."""
    return taxpayer if regime.key_owner is KeyOwner.TAXPAYER else ""


def seal_key_name(regime: str, owner: str = "") -> str:
    """What the registry calls the key that signs: `seal:xx`, or `seal:xx:<taxpayer>`."""
    return f"seal:{regime}:{owner}" if owner else f"seal:{regime}"


def cipher_key_name(regime: str, owner: str = "") -> str:
    """What the registry calls the key that encrypts."""
    return f"cipher:{regime}:{owner}" if owner else f"cipher:{regime}"


def make(tx: Connection, vault: Vault, regime: Regime, owner: str, at: datetime) -> bool:
    """Make those that are not there yet, for test only; True if one was made now."""
    wanted = (
        (seal_key_name(regime.code, owner), regime.seal_key),
        (cipher_key_name(regime.code, owner), regime.cipher_key),
    )
    missing = [
        (name, algorithm)
        for name, algorithm in wanted
        if algorithm and not signers.is_there(tx, name)
    ]
    for name, algorithm in missing:
        signers.ensure(tx, vault, name, algorithm, at)
    return bool(missing)


def opened(tx: Connection, vault: Vault, regime: Regime, owner: str) -> Signer:
    """The keys of the law, as one signer. Raises `Refused` if one is not there."""
    name = seal_key_name(regime.code, owner)
    signer = signers.opened(tx, vault, name)
    pem = signers.certificate(tx, name)
    if not regime.cipher_key and not pem:
        return signer
    serial = certificates.serial(pem) if pem else ""
    cipher = (
        signers.opened(tx, vault, cipher_key_name(regime.code, owner))
        if regime.cipher_key
        else None
    )

    def sign(request: SignRequest) -> str:
        if isinstance(request, KeySerial):
            return serial
        if isinstance(request, EncryptIcm):
            assert cipher is not None, "a law that encrypts names its key"
            return cipher.sign(request)
        return signer.sign(request)

    return Signer(sign=sign, public_pem=signer.public_pem)
