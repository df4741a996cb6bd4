import re
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import Engine, select

from fiscus.model.tests.clock import MORNING
from fiscus.registry import certificates, registers, signers
from fiscus.registry.tests.builders import a_shop, a_vault
from fiscus.signers import EcdsaSha256, find
from fiscus.signers.softkey import create
from fiscus.store.connect import reading, writing
from fiscus.store.schema import REGISTER_KEY, SETTING_KEY


def test_a_certificate_is_signed_by_its_own_key_and_has_a_serial_of_32_hex_characters() -> None:
    life = timedelta(days=3 * 365)

    for _ in range(20):
        made = certificates.self_signed(create("ecdsa-p256"), "register-1", MORNING, life)
        read = x509.load_pem_x509_certificate(made.pem.encode())

        read.verify_directly_issued_by(read)
        assert re.fullmatch("[0-9a-f]{32}", made.serial)
        assert certificates.serial(made.pem) == made.serial
        assert read.serial_number == int(made.serial, 16) > 0
        assert made.expires_at == (MORNING + life).replace(microsecond=0)
        assert read.not_valid_after_utc == made.expires_at


def test_a_certificate_names_what_its_key_signs_for() -> None:
    made = certificates.self_signed(create("ecdsa-p256"), "register-1", MORNING, timedelta(days=1))
    read = x509.load_pem_x509_certificate(made.pem.encode())

    names = read.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert [name.value for name in names] == ["register-1"]
    assert isinstance(read.public_key(), ec.EllipticCurvePublicKey)


def test_a_registers_key_signs_what_its_certificate_verifies(engine: Engine) -> None:
    with writing(engine) as tx:
        shop = a_shop(tx)
        signer, serial = signers.of_register(tx, a_vault(), shop.register)
        view = registers.read(tx, shop.organization, shop.register)
        closed = tx.scalar(select(REGISTER_KEY.c.secret))

    assert serial == view.certificate.serial == certificates.serial(view.certificate.pem)
    public = x509.load_pem_x509_certificate(view.certificate.pem.encode()).public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    assert signer.public_pem.splitlines()[0] == "-----BEGIN PUBLIC KEY-----"
    assert len(signer.sign(EcdsaSha256(b"x"))) == 86
    assert b"PRIVATE" not in (closed or b"")


def test_an_installation_key_is_made_once_and_may_be_imported(engine: Engine) -> None:
    given = create("rsa-1024")
    with writing(engine) as tx:
        for _ in range(2):
            signers.ensure(tx, a_vault(), "token", "rsa-1024", MORNING)
        signers.ensure(tx, a_vault(), "seal", "rsa-1024", MORNING, given)
        signers.ensure(tx, a_vault(), signers.CHECKPOINT, "ecdsa-p256", MORNING)
    with reading(engine) as tx:
        names = tx.scalars(select(SETTING_KEY.c.name).order_by(SETTING_KEY.c.name)).all()
        first = signers.secret(tx, a_vault(), "token")
        again = signers.opened(tx, a_vault(), "token")
        assert signers.secret(tx, a_vault(), "seal") == given
        assert len(certificates.serial(signers.certificate(tx, signers.CHECKPOINT))) == 32

    assert names == ["checkpoint", "seal", "token"]
    assert again.public_pem == find("softkey").open(first).public_pem
