"""A public key as people paste it."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fiscus.checking import public_keys
from fiscus.model.faults import Refused

PEM, FORM = Encoding.PEM, PublicFormat.SubjectPublicKeyInfo


def test_a_key_is_read_whatever_stands_around_it() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key()
    said = key.public_bytes(PEM, FORM).decode()

    assert public_keys.read(f"\r\n  {said}\r\n") == said
    assert public_keys.read(" \n") == ""


@pytest.mark.parametrize("said", ["x", "-----BEGIN PUBLIC KEY-----", "é", "\0", "-" * 100_000])
def test_what_is_no_key_is_refused(said: str) -> None:
    with pytest.raises(Refused) as refused:
        public_keys.read(said)
    assert refused.value.code == public_keys.NOT_A_KEY


def test_a_key_of_another_kind_is_refused() -> None:
    said = ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(PEM, FORM).decode()

    with pytest.raises(Refused):
        public_keys.read(said)
