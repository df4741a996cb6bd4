"""Keys in software: which are made, which are taken over, and what they answer."""

from base64 import b64decode

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from fiscus.signers import LOG_ALGORITHM, EcdsaSha256, Ed25519Message, EncryptIcm, softkey
from fiscus.signers.softkey import AES_BYTES, create, open_key, taken

# NIST SP 800-38A, F.5.5: CTR-AES256.
KEY = bytes.fromhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")
COUNTER = bytes.fromhex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")
CLEAR = bytes.fromhex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51")
CLOSED = bytes.fromhex("601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5")


@pytest.mark.parametrize("length", [5, 8, 16, 32])
def test_it_encrypts_as_the_standard_does_and_no_byte_more(length: int) -> None:
    answer = open_key(KEY).sign(EncryptIcm(counter=COUNTER, message=CLEAR[:length]))

    assert b64decode(answer) == CLOSED[:length]


def test_each_new_key_is_another_one() -> None:
    first, second = create("aes-256"), create("aes-256")

    assert len(first) == len(second) == AES_BYTES
    assert first != second


def test_a_key_that_encrypts_has_nothing_public_and_signs_nothing() -> None:
    signer = open_key(create("aes-256"))

    assert signer.public_pem == ""
    with pytest.raises(AssertionError):
        signer.sign(EcdsaSha256(b"a receipt"))


def test_every_algorithm_that_is_told_can_be_made_and_opened() -> None:
    (kind,) = softkey.SIGNERS

    for algorithm in sorted(kind.algorithms - {"aes-256", "rsa-3072", "rsa-4096"}):  # slow
        assert kind.open(kind.create(algorithm)).public_pem.startswith("-----BEGIN PUBLIC KEY")


@pytest.mark.parametrize("algorithm", ["", "rsa-512", "rsa-", "ecdsa-p384"])
def test_no_other_is_made(algorithm: str) -> None:
    with pytest.raises(ValueError, match="has no algorithm"):
        softkey.create(algorithm)


# RFC 8032, section 7.1: TEST 2.
ED25519_SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
ED25519_SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def a_private_pem(secret: bytes) -> bytes:
    return serialization.load_der_private_key(secret, password=None).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def test_the_key_of_a_log_signs_as_the_standard_does() -> None:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(ED25519_SEED)
    secret = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )

    answer = open_key(secret).sign(Ed25519Message(bytes.fromhex("72")))

    assert b64decode(answer, validate=True) == ED25519_SIGNATURE


def test_what_the_key_of_a_log_signs_is_verified_by_its_public_half_and_nothing_else_is() -> None:
    signer = open_key(create(LOG_ALGORITHM))
    public = serialization.load_pem_public_key(signer.public_pem.encode())
    assert isinstance(public, ed25519.Ed25519PublicKey)
    signature = b64decode(signer.sign(Ed25519Message(b"a note")))

    public.verify(signature, b"a note")
    with pytest.raises(InvalidSignature):
        public.verify(signature, b"another note")


def test_a_key_of_one_algorithm_answers_no_request_of_another() -> None:
    with pytest.raises(AssertionError):
        open_key(create(LOG_ALGORITHM)).sign(EcdsaSha256(b"a receipt"))
    with pytest.raises(AssertionError):
        open_key(create("ecdsa-p256")).sign(Ed25519Message(b"a note"))


def test_the_key_of_a_log_is_taken_over_from_pem() -> None:
    secret = create(LOG_ALGORITHM)

    assert taken(a_private_pem(secret)) == (LOG_ALGORITHM, secret)
