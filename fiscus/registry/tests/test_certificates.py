import hashlib
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import Engine, select

from fiscus.model.tests.clock import MORNING
from fiscus.registry import certificates, chains, registers, signers
from fiscus.registry.tests.builders import a_shop, a_vault
from fiscus.registry.views import RegisterCertificate
from fiscus.signers import JOURNAL_ALGORITHM, EcdsaSha256, Signer, find
from fiscus.signers.softkey import create
from fiscus.store.connect import reading, writing
from fiscus.store.schema import REGISTER_KEY, SETTING_KEY

LIFE = timedelta(days=3 * 365)


def a_signer() -> Signer:
    return find("softkey").open(create(JOURNAL_ALGORITHM))


ROOT = a_signer()


def issued(key: Signer, root: Signer = ROOT) -> RegisterCertificate:
    return certificates.issued(root, key.public_pem, "register-1", MORNING, LIFE)


def public_key(pem: str) -> ec.EllipticCurvePublicKey:
    found = serialization.load_pem_public_key(pem.encode())
    assert isinstance(found, ec.EllipticCurvePublicKey)
    return found


def verify(root: Signer, certificate: x509.Certificate) -> None:
    signed, signature = certificate.tbs_certificate_bytes, certificate.signature
    public_key(root.public_pem).verify(signature, signed, ec.ECDSA(hashes.SHA256()))


def test_a_certificate_is_signed_by_the_root_key_and_its_serial_is_the_id_of_its_own() -> None:
    for _ in range(20):
        key = a_signer()
        made = issued(key)
        read = x509.load_pem_x509_certificate(made.pem.encode())

        verify(ROOT, read)
        der = public_key(key.public_pem).public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        assert made.serial == hashlib.sha256(der).hexdigest()[:32] == chains.key_id(key.public_pem)
        assert re.fullmatch("[0-9a-f]{32}", made.serial)
        assert certificates.serial(made.pem) == made.serial
        assert read.serial_number == int(made.serial, 16) > 0
        assert made.expires_at == (MORNING + LIFE).replace(microsecond=0)
        assert read.not_valid_after_utc == made.expires_at


def test_a_certificate_of_another_root_does_not_pass() -> None:
    read = x509.load_pem_x509_certificate(issued(a_signer(), a_signer()).pem.encode())

    with pytest.raises(InvalidSignature):
        verify(ROOT, read)


def test_a_certificate_names_what_its_key_signs_for_and_certifies_no_other() -> None:
    key = a_signer()
    read = x509.load_pem_x509_certificate(issued(key).pem.encode())

    names = read.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert [name.value for name in names] == ["register-1"]
    issuer = read.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert [name.value for name in issuer] == ["root"]
    assert read.public_key() == public_key(key.public_pem)
    assert read.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False


def test_another_program_reads_it_and_finds_the_signature_good(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl here")
    made = issued(a_signer())
    (tmp_path / "own.pem").write_text(made.pem)
    (tmp_path / "root.pem").write_text(ROOT.public_pem)
    read = x509.load_pem_x509_certificate(made.pem.encode())
    (tmp_path / "signature").write_bytes(read.signature)

    def asked(*words: str) -> str:
        done = subprocess.run(  # noqa: S603 - fixed words
            ["openssl", *words],  # noqa: S607
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    shown = asked("x509", "-in", "own.pem", "-noout", "-serial", "-issuer")
    assert f"serial={made.serial.upper().lstrip('0')}" in shown.replace("serial=0", "serial=")
    assert "root" in shown
    # The signed part of a certificate is the first member of its sequence.
    asked("asn1parse", "-in", "own.pem", "-strparse", "4", "-noout", "-out", "signed")
    found = asked("dgst", "-sha256", "-verify", "root.pem", "-signature", "signature", "signed")
    assert found.strip() == "Verified OK"


def test_a_key_that_only_signs_is_not_handed_out() -> None:
    key = certificates.SignerKey(ROOT)

    assert (key.key_size, key.curve.name) == (256, "secp256r1")
    assert key.public_key() == public_key(ROOT.public_pem)
    with pytest.raises(NotImplementedError):
        key.private_numbers()
    with pytest.raises(NotImplementedError):
        key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    with pytest.raises(NotImplementedError):
        key.exchange(ec.ECDH(), key.public_key())


def test_a_registers_key_signs_what_its_certificate_verifies(engine: Engine) -> None:
    with writing(engine) as tx:
        shop = a_shop(tx)
        signer, key = signers.of_register(tx, a_vault(), shop.register)
        view = registers.read(tx, shop.organization, shop.register)
        closed = tx.scalar(select(REGISTER_KEY.c.secret))
        root = signers.opened(tx, a_vault(), chains.ROOT)

    assert key == view.certificate.serial == certificates.serial(view.certificate.pem)
    read = x509.load_pem_x509_certificate(view.certificate.pem.encode())
    verify(root, read)
    assert read.public_key() == public_key(signer.public_pem)
    assert len(signer.sign(EcdsaSha256(b"x"))) == 86
    assert b"PRIVATE" not in (closed or b"")


def test_an_installation_key_is_made_once_and_may_be_imported(engine: Engine) -> None:
    given = create("rsa-1024")
    with writing(engine) as tx:
        for _ in range(2):
            signers.ensure(tx, a_vault(), "token", "rsa-1024", MORNING)
        signers.ensure(tx, a_vault(), "seal", "rsa-1024", MORNING, given)
        signers.ensure(tx, a_vault(), signers.PACKAGE, JOURNAL_ALGORITHM, MORNING)
    with reading(engine) as tx:
        names = tx.scalars(select(SETTING_KEY.c.name).order_by(SETTING_KEY.c.name)).all()
        first = signers.secret(tx, a_vault(), "token")
        again = signers.opened(tx, a_vault(), "token")
        package = signers.opened(tx, a_vault(), signers.PACKAGE)
        assert signers.secret(tx, a_vault(), "seal") == given
        serial = certificates.serial(signers.certificate(tx, signers.PACKAGE))
        assert signers.certificate(tx, "token") == ""

    assert names == ["package", "root", "seal", "token"]
    assert serial == chains.key_id(package.public_pem)
    assert again.public_pem == find("softkey").open(first).public_pem
