"""What the service finds of a step: good, bad, or that it cannot judge it."""

from base64 import urlsafe_b64decode

import msgspec
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fiscus.console import explain_checks
from fiscus.console.explain_checks import StepState
from fiscus.journal.sign import P256_ORDER, header, unpadded, with_small_s
from fiscus.model.explained import ExplainedSignature
from fiscus.transparency import checkpoints, cosignatures, notes
from fiscus.transparency.checkpoints import TreeHead
from fiscus.transparency.cosignatures import WitnessKeys

BODY = b'{"id":"x"}'
GOOD, BAD, OPEN = StepState.GOOD, StepState.BAD, StepState.NOT_JUDGED


def spki(private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def plain(private: ec.EllipticCurvePrivateKey, message: bytes, by: hashes.HashAlgorithm) -> bytes:
    size = (private.curve.key_size + 7) // 8
    r, s = decode_dss_signature(private.sign(message, ec.ECDSA(by)))
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def an_entry() -> tuple[ec.EllipticCurvePrivateKey, str]:
    """A key, and its signature on the body."""
    private = ec.generate_private_key(ec.SECP256R1())
    signed = f"{header('k')}.{unpadded(BODY)}".encode()
    return private, with_small_s(unpadded(plain(private, signed, hashes.SHA256())))


def test_an_entry_is_good_with_its_own_bytes_key_and_signature_only() -> None:
    private, signature = an_entry()
    other = ec.generate_private_key(ec.SECP256R1())
    key = spki(private)

    assert explain_checks.entry_signature(BODY, "k", signature, key) is GOOD
    assert explain_checks.entry_signature(BODY + b" ", "k", signature, key) is BAD
    assert explain_checks.entry_signature(BODY, "l", signature, key) is BAD
    assert explain_checks.entry_signature(BODY, "k", signature, spki(other)) is BAD
    assert explain_checks.entry_signature(BODY, "k", signature[:-2], key) is BAD
    assert explain_checks.entry_signature(BODY, "k", signature, b"no key") is BAD


def test_the_other_of_two_possible_signatures_does_not_count() -> None:
    private, signature = an_entry()
    raw = urlsafe_b64decode(signature + "==")
    larger = P256_ORDER - int.from_bytes(raw[32:], "big")
    other = unpadded(raw[:32] + larger.to_bytes(32, "big"))

    assert explain_checks.entry_signature(BODY, "k", other, spki(private)) is BAD


def test_a_key_names_itself_by_its_hash() -> None:
    key = spki(ec.generate_private_key(ec.SECP256R1()))
    digest = hashes.Hash(hashes.SHA256())
    digest.update(key)
    sha256 = digest.finalize().hex()

    assert explain_checks.key_names_itself(key, sha256, sha256[:32]) is GOOD
    assert explain_checks.key_names_itself(key, sha256, "0" * 32) is BAD
    assert explain_checks.key_names_itself(key[:-1], sha256, sha256[:32]) is BAD


def test_a_signature_by_rsa_and_sha_1_is_judged_with_the_law_s_key() -> None:
    private = rsa.generate_private_key(65537, 2048)
    signed = ExplainedSignature(
        algorithm="rsa-pkcs1-sha1",
        message=b"2026-05-04;FR 1",
        signature=private.sign(b"2026-05-04;FR 1", padding.PKCS1v15(), hashes.SHA1()),
    )
    altered = msgspec.structs.replace(signed, message=b"2026-05-05;FR 1")

    assert explain_checks.law_signature(signed, spki(private)) is GOOD
    assert explain_checks.law_signature(altered, spki(private)) is BAD
    assert explain_checks.law_signature(signed, b"") is OPEN
    assert explain_checks.law_signature(signed, spki(an_entry()[0])) is OPEN


@pytest.mark.parametrize(
    ("curve", "by", "name"),
    [
        (ec.SECP256R1(), hashes.SHA256(), "ecdsa-plain-SHA256"),
        (ec.SECP384R1(), hashes.SHA384(), "ecdsa-plain-SHA384"),
        (ec.SECP521R1(), hashes.SHA512(), "ecdsa-plain-SHA512"),
    ],
)
def test_a_signature_by_ecdsa_is_judged_on_its_curve(
    curve: ec.EllipticCurve, by: hashes.HashAlgorithm, name: str
) -> None:
    private = ec.generate_private_key(curve)
    signed = ExplainedSignature(algorithm=name, message=BODY, signature=plain(private, BODY, by))

    assert explain_checks.law_signature(signed, spki(private)) is GOOD
    altered = msgspec.structs.replace(signed, message=BODY + b" ")
    assert explain_checks.law_signature(altered, spki(private)) is BAD
    unknown = msgspec.structs.replace(signed, algorithm="ecsdsa-plain-SHA256")
    assert explain_checks.law_signature(unknown, spki(private)) is OPEN


@pytest.mark.parametrize(("found", "state"), [(True, GOOD), (False, BAD)])
def test_what_the_maker_of_a_signature_found_counts(found: bool, state: StepState) -> None:
    signed = ExplainedSignature(algorithm="x", message=b"", signature=b"", is_good=found)

    assert explain_checks.law_signature(signed, b"") is state


def test_who_signed_a_checkpoint_is_told_line_by_line() -> None:
    log, seer = ed25519.Ed25519PrivateKey.generate(), ed25519.Ed25519PrivateKey.generate()
    head = TreeHead(origin="fiscus/x/journal/1", size=1, root=bytes(32))
    witness = WitnessKeys(name="witness.example", ed25519=seer, ml_dsa_44=None)
    note = notes.signed(head.text(), head.origin, log)
    seen = note.plus(cosignatures.cosigned(head, witness, 1_800_000_000))
    line = seen.lines[-1]

    assert explain_checks.log_signature(seen, notes.ed25519_key(head.origin, log)) is GOOD
    assert explain_checks.log_signature(seen, notes.ed25519_key(head.origin, seer)) is BAD
    assert explain_checks.cosignature(seen, line, witness.public()) is GOOD
    assert explain_checks.cosignature(seen, line, []) is OPEN
    other = TreeHead(origin=head.origin, size=2, root=checkpoints.EMPTY_ROOT)
    elsewhere = notes.signed(other.text(), other.origin, log).plus([line])
    assert explain_checks.cosignature(elsewhere, line, witness.public()) is BAD


def test_keys_are_called_by_their_kind() -> None:
    private = ed25519.Ed25519PrivateKey.generate().public_key()
    raw = private.public_bytes(Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)

    assert explain_checks.key_name(spki(rsa.generate_private_key(65537, 2048))) == "RSA-2048"
    assert explain_checks.key_name(spki(ec.generate_private_key(ec.SECP384R1()))) == "secp384r1"
    assert explain_checks.key_name(raw) == explain_checks.key_name(b"") == ""
