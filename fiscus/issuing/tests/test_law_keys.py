"""A law's keys: whose they are, what they are called, and which one answers."""

from base64 import b64decode
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from fiscus.issuing import law_keys
from fiscus.model.faults import Refused
from fiscus.model.tests.clock import MORNING
from fiscus.regimes import KeyOwner, Regime
from fiscus.regimes.plain import PLAIN
from fiscus.registry import certificates, signers
from fiscus.registry.tests.builders import a_vault
from fiscus.signers import EcdsaSha256, EncryptIcm, KeySerial, find
from fiscus.store.connect import writing

OWNER = "taxpayer-1"
SIGNS = replace(PLAIN, seal_key="ecdsa-p256", key_owner=KeyOwner.TAXPAYER)
ENCRYPTS = replace(SIGNS, cipher_key="aes-256")
BLOCK = EncryptIcm(bytes(16), b"turnover")


def test_keys_are_the_installations_unless_the_law_says_otherwise() -> None:
    assert law_keys.owner_of(PLAIN, OWNER) == ""
    assert law_keys.owner_of(SIGNS, OWNER) == OWNER
    assert law_keys.seal_key_name("xx") == "seal:xx"
    assert law_keys.seal_key_name("xx", OWNER) == f"seal:xx:{OWNER}"
    assert law_keys.cipher_key_name("xx") == "cipher:xx"
    assert law_keys.cipher_key_name("xx", OWNER) == f"cipher:xx:{OWNER}"


@pytest.mark.parametrize(
    ("law", "made"),
    [
        (PLAIN, []),
        (SIGNS, [law_keys.seal_key_name(PLAIN.code, OWNER)]),
        (
            ENCRYPTS,
            [
                law_keys.seal_key_name(PLAIN.code, OWNER),
                law_keys.cipher_key_name(PLAIN.code, OWNER),
            ],
        ),
    ],
)
def test_what_is_missing_is_made_once(engine: Engine, law: Regime, made: list[str]) -> None:
    names = [
        law_keys.seal_key_name(PLAIN.code, OWNER),
        law_keys.cipher_key_name(PLAIN.code, OWNER),
    ]
    with writing(engine) as tx:
        first = law_keys.make(tx, a_vault(), law, OWNER, MORNING)
        assert [name for name in names if signers.is_there(tx, name)] == made
        secrets = [signers.secret(tx, a_vault(), name) for name in made]
        again = law_keys.make(tx, a_vault(), law, OWNER, MORNING)
        assert [signers.secret(tx, a_vault(), name) for name in made] == secrets

    assert first is bool(made)
    assert again is False


def test_a_key_that_is_there_already_stays_and_only_the_other_is_made(engine: Engine) -> None:
    with writing(engine) as tx:
        law_keys.make(tx, a_vault(), SIGNS, OWNER, MORNING)
        before = signers.secret(tx, a_vault(), law_keys.seal_key_name(PLAIN.code, OWNER))

        assert law_keys.make(tx, a_vault(), ENCRYPTS, OWNER, MORNING) is True
        after = signers.secret(tx, a_vault(), law_keys.seal_key_name(PLAIN.code, OWNER))

    assert before == after


def test_keys_of_one_owner_are_nobody_elses(engine: Engine) -> None:
    with writing(engine) as tx:
        law_keys.make(tx, a_vault(), SIGNS, OWNER, MORNING)

        with pytest.raises(Refused):
            law_keys.opened(tx, a_vault(), SIGNS, "taxpayer-2")
        with pytest.raises(Refused):
            law_keys.opened(tx, a_vault(), SIGNS, "")


def test_each_request_goes_to_the_key_that_is_for_it(engine: Engine) -> None:
    with writing(engine) as tx:
        law_keys.make(tx, a_vault(), ENCRYPTS, OWNER, MORNING)
        signer = law_keys.opened(tx, a_vault(), ENCRYPTS, OWNER)
        name = law_keys.seal_key_name(PLAIN.code, OWNER)
        pem = signers.certificate(tx, name)
        cipher = signers.secret(tx, a_vault(), law_keys.cipher_key_name(PLAIN.code, OWNER))
        public = signers.public_pem(tx, name)

    assert signer.public_pem == public
    assert signer.sign(BLOCK) == find("softkey").open(cipher).sign(BLOCK)
    assert len(b64decode(signer.sign(BLOCK))) == len(BLOCK.message)
    assert signer.sign(KeySerial()) == (certificates.serial(pem))
    assert len(signer.sign(EcdsaSha256(b"a receipt"))) == 86


def test_a_law_that_encrypts_needs_both_keys(engine: Engine) -> None:
    with writing(engine) as tx:
        law_keys.make(tx, a_vault(), SIGNS, OWNER, MORNING)

        with pytest.raises(Refused):
            law_keys.opened(tx, a_vault(), ENCRYPTS, OWNER)
        signer = law_keys.opened(tx, a_vault(), SIGNS, OWNER)
        pem = signers.certificate(tx, law_keys.seal_key_name(PLAIN.code, OWNER))
    assert signer.public_pem
    assert signer.sign(KeySerial()) == certificates.serial(pem)
