"""Whether a receipt is genuine: its place in the log of the journal, who has cosigned that, and the
receipt as a file with the service's signature.

What the service says here it has computed itself; a browser with the same texts computes it again.
"""

from base64 import urlsafe_b64encode
from datetime import datetime
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from sqlalchemy import Connection

from fiscus.console.receipt_facts import ShownReceipt
from fiscus.journal import checkpoint, proving, sign
from fiscus.journal.proving import EntryProof
from fiscus.model.faults import Conflict, Refused
from fiscus.model.records import Record
from fiscus.model.times import seconds_z
from fiscus.registry import chains, signers
from fiscus.services import Services
from fiscus.transparency import cosignatures, notes, proofs
from fiscus.transparency.notes import VerifierKey
from fiscus.witness.places import RemoteWitness

TYPE = "fiscus-receipt+json"
"""What a receipt with the service's signature is, in the header of its JWS."""

FORMAT, VERSION = "fiscus-receipt", 1


class CosigningWitness(msgspec.Struct, frozen=True, kw_only=True):
    """A witness below the checkpoint, and when it says that it signed. `is_known`: it signed with a
    key that this service was given."""

    name: str
    signed_at: datetime | None
    is_known: bool


class ReceiptProof(msgspec.Struct, frozen=True, kw_only=True):
    """What proves that a receipt is in the journal. While no checkpoint covers it there is only its
    `link`, and `wait_seconds` until there will be more.

    `is_included` and `is_signed` are this service's own findings: the path leads from the link to
    the root, and the log's key has signed that root. `log_key` and `witness_keys` are verifier keys
    (C2SP `signed-note`).
    """

    link: str
    log_key: str
    witness_keys: tuple[str, ...]
    wait_seconds: int = 0
    text: str = ""
    origin: str = ""
    index: int = 0
    size: int = 0
    is_included: bool = False
    is_signed: bool = False
    witnesses: tuple[CosigningWitness, ...] = ()

    @property
    def is_there(self) -> bool:
        return bool(self.text)

    @property
    def is_good(self) -> bool:
        return self.is_included and self.is_signed


def of(services: Services, tx: Connection, record: Record, at: datetime) -> ReceiptProof:
    log_key = _log_key(tx)
    keys = _witness_keys(services)
    bare = ReceiptProof(
        link=record.link, log_key=log_key.text(), witness_keys=tuple(key.text() for key in keys)
    )
    try:
        found = proving.of(tx, record.body.id)
    except Conflict:
        every = services.settings.checkpoint_seconds
        left = proving.seconds_left(tx, record.body.id, at, every)
        return msgspec.structs.replace(bare, wait_seconds=left)
    proof = proofs.parse(found.text.encode())
    return msgspec.structs.replace(
        bare,
        text=found.text,
        origin=found.origin,
        index=found.index,
        size=found.size,
        is_included=proof.proves(bytes.fromhex(record.link)),
        is_signed=_is_signed(proof.note, log_key),
        witnesses=_witnesses(found, _good(proof.note, keys)),
    )


def _log_key(tx: Connection) -> VerifierKey:
    log = checkpoint.log_name(tx)
    assert log is not None, "a record was sealed"
    public = load_pem_public_key(signers.public_pem(tx, signers.LOG).encode("ascii"))
    assert isinstance(public, Ed25519PublicKey)
    return VerifierKey(name=log.origin, kind=notes.ED25519, public=public.public_bytes_raw())


def _witness_keys(services: Services) -> tuple[VerifierKey, ...]:
    places = services.settings.witness_places()
    return tuple(key for place in places if isinstance(place, RemoteWitness) for key in place.keys)


def _is_signed(note: notes.SignedNote, key: VerifierKey) -> bool:
    try:
        return bool(notes.verified(note, (key,)))
    except Refused:
        return False


def _good(note: notes.SignedNote, keys: tuple[VerifierKey, ...]) -> frozenset[str]:
    """Which witnesses have signed it with a key that we were given. A bad signature spoils it."""
    try:
        return frozenset(one.key.name for one in cosignatures.verified(note, keys))
    except Refused:
        return frozenset()


def _witnesses(found: EntryProof, good: frozenset[str]) -> tuple[CosigningWitness, ...]:
    return tuple(
        CosigningWitness(name=one.name, signed_at=one.signed_at, is_known=one.name in good)
        for one in found.witnesses
    )


def file(
    services: Services, tx: Connection, shown: ShownReceipt, record: Record, proof: ReceiptProof
) -> bytes:
    """The receipt as a JWS in its flattened JSON form (RFC 7515, section 7.2.2), signed with the
    key of packages: any program for JOSE verifies it. Its unprotected header has that key, its
    certificate, and the proof from the log."""
    payload = msgspec.json.encode(_payload(services, shown, record))
    signer = signers.opened(tx, services.vault, signers.PACKAGE)
    certificate = signers.certificate(tx, signers.PACKAGE)
    header = sign.header(chains.key_id(signer.public_pem), TYPE)
    answer = {
        "payload": urlsafe_b64encode(payload).rstrip(b"=").decode("ascii"),
        "protected": header,
        "header": {
            "certificate": certificate,
            "public_key": signer.public_pem,
            "log_key": proof.log_key,
            "witness_keys": proof.witness_keys,
            "proof": proof.text or None,
        },
        "signature": sign.sign(signer, header, payload),
    }
    return msgspec.json.format(msgspec.json.encode(answer), indent=1)


def _payload(services: Services, shown: ShownReceipt, record: Record) -> dict[str, Any]:
    """Everything that the page shows, by the names of the fields of `ShownReceipt`; decimals are
    texts."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "environment": services.settings.environment.value,
        "link": record.link,
        "recorded_at": seconds_z(record.body.at),
        "receipt": shown,
    }
