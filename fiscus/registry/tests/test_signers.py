"""Keys of a law that are brought by who owns them; keys of registers and packages, and their
successors."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from sqlalchemy import Connection, Engine, select

from fiscus.journal import encode
from fiscus.journal.append import JournalKey
from fiscus.journal.sign import header
from fiscus.journal.statement import StatedKey, Statement
from fiscus.journal.tests.bodies import Pen
from fiscus.model.faults import Conflict, Refused
from fiscus.model.kinds import StatementKind
from fiscus.model.tests.clock import MORNING
from fiscus.regimes.pt import PORTUGAL
from fiscus.registry import certificates, chains, registers, signers
from fiscus.registry.tests.builders import a_shop, a_vault
from fiscus.registry.tests.signatures import verify
from fiscus.signers import JOURNAL_ALGORITHM, LOG_ALGORITHM, EcdsaSha256
from fiscus.store.connect import reading, writing
from fiscus.store.schema import ENTRY, REGISTER_KEY, SETTING_KEY

NAME = "seal:xx"


def pem(key: PrivateKeyTypes) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def brought(engine: Engine, text: bytes, algorithm: str) -> None:
    with writing(engine) as tx:
        signers.import_key(tx, a_vault(), NAME, text, algorithm, MORNING)


RSA = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - a law's length
P256 = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "rsa-1024"), (P256, "ecdsa-p256")])
def test_a_key_of_the_laws_kind_is_taken_over_once(
    engine: Engine, key: PrivateKeyTypes, algorithm: str
) -> None:
    brought(engine, pem(key), algorithm)

    with reading(engine) as tx:
        assert signers.public_pem(tx, NAME).startswith("-----BEGIN PUBLIC KEY-----")
        mine = signers.opened(tx, a_vault(), NAME)
        assert bool(signers.certificate(tx, NAME)) is (algorithm == "ecdsa-p256")
    assert mine.public_pem.encode() == key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    with pytest.raises(Conflict) as twice:
        brought(engine, pem(key), algorithm)
    assert twice.value.code == signers.HAS_KEY


def test_a_key_that_anyone_has_is_refused_and_nothing_kept(
    engine: Engine, shared_data: Path
) -> None:
    text = (shared_data / "pt" / "keys" / "AT_sample_signing_private_key.pem").read_bytes()
    with pytest.raises(Refused) as refused, writing(engine) as tx:
        signers.import_key(
            tx, a_vault(), NAME, text, "rsa-1024", MORNING, published=PORTUGAL.published_keys
        )

    assert refused.value.code == signers.PUBLISHED_KEY
    with reading(engine) as tx:
        assert not signers.is_there(tx, NAME)
    with writing(engine) as tx:  # for tests it serves
        signers.import_key(tx, a_vault(), NAME, text, "rsa-1024", MORNING)


@pytest.mark.parametrize(
    ("text", "algorithm"),
    [
        (pem(RSA), "rsa-2048"),
        (pem(RSA), "ecdsa-p256"),
        (pem(P256), "rsa-1024"),
        (pem(ec.generate_private_key(ec.SECP384R1())), "ecdsa-p256"),
        (b"no key at all", "rsa-1024"),
    ],
)
def test_another_key_is_refused_and_nothing_kept(
    engine: Engine, text: bytes, algorithm: str
) -> None:
    with pytest.raises(Refused) as refused:
        brought(engine, text, algorithm)

    assert refused.value.code == signers.BAD_KEY
    with reading(engine) as tx:
        assert not signers.is_there(tx, NAME)


def stated_keys(tx: Connection, of: str, purpose: str) -> list[tuple[Statement, StatedKey]]:
    """What the journal says of the keys of one chain or purpose, oldest first."""
    query = select(ENTRY.c.kind, ENTRY.c.body).where(ENTRY.c.kind == StatementKind.KEY)
    said = [
        encode.statement(row.kind, row.body)
        for row in tx.execute(query.order_by(ENTRY.c.chain, ENTRY.c.sequence))
    ]
    return [
        (one, one.key) for one in said if one.key and (one.key.of, one.key.purpose) == (of, purpose)
    ]


def pem_of(tx: Connection, register: str) -> str:
    return str(
        tx.scalar(select(REGISTER_KEY.c.public_pem).where(REGISTER_KEY.c.register == register))
    )


def test_a_registers_first_key_is_stated_in_its_organizations_chain(engine: Engine) -> None:
    with writing(engine) as tx:
        shop = a_shop(tx)
        [(said, key)] = stated_keys(tx, shop.register, "register")
        pem = pem_of(tx, shop.register)
        _, id_ = signers.of_register(tx, a_vault(), shop.register)

    sha256, spki = chains.key_facts(pem)
    assert said.chain == shop.organization
    assert [(row.table, row.key) for row in said.rows] == [("register_key", shop.register)]
    assert key == StatedKey(
        purpose="register",
        of=shop.register,
        epoch=1,
        first=1,
        sha256=sha256,
        public_key=spki,
        reason="first",
    )
    assert id_ == sha256[:32]


def test_a_registers_new_key_is_vouched_for_and_signs_from_its_next_entry_on(
    engine: Engine,
) -> None:
    with writing(engine) as tx:
        shop = a_shop(tx)
        pen = Pen(tx, shop)
        for _ in range(3):
            pen.write(tx)
        former = pem_of(tx, shop.register)
        before = tx.execute(select(REGISTER_KEY)).one()
    with writing(engine) as tx:
        made = signers.rotate_register_key(tx, a_vault(), shop.register, by="ana", at=MORNING)
    with writing(engine) as tx:
        signer, id_ = signers.of_register(tx, a_vault(), shop.register)
        pen.key = JournalKey(signer=signer, id=id_, header=header(id_))
        body = pen.write(tx)
        after = tx.execute(select(REGISTER_KEY)).one()
        (said, key) = stated_keys(tx, shop.register, "register")[-1]
        rows = tx.execute(
            select(ENTRY.c.key, ENTRY.c.signature, ENTRY.c.body)
            .where(ENTRY.c.chain == shop.register)
            .order_by(ENTRY.c.sequence)
        ).all()
        view = registers.read(tx, shop.organization, shop.register)

    old_id = chains.key_id(former)
    assert (body.sequence, key.first, key.epoch, said.by) == (4, 4, 1, "ana")
    assert said.chain == shop.organization
    assert [row.key for row in rows] == [old_id] * 3 + [made]
    assert made == id_ == key.sha256[:32] == after.serial == chains.key_id(after.public_pem)
    assert (before.generation, after.generation) == (1, 2)
    assert (key.reason, key.replaces) == ("rotated", chains.key_facts(former)[0])
    text = f"fiscus/key/2\nregister\n{shop.register}\n1\n4\n{key.sha256}\n"
    verify(chains.key_facts(former)[1], key.signature, text.encode())
    assert after.secret != before.secret
    assert view.certificate.serial == certificates.serial(view.certificate.pem) == made


def test_a_key_that_was_lost_is_replaced_without_it(engine: Engine) -> None:
    """What it takes to open the former key is gone: nothing of it is asked for."""
    with writing(engine) as tx:
        shop = a_shop(tx)
        Pen(tx, shop).write(tx)
        former = pem_of(tx, shop.register)
        tx.execute(REGISTER_KEY.update().values(secret=b"nothing that opens"))
        made = signers.rotate_register_key(
            tx, a_vault(), shop.register, by="ana", at=MORNING, is_lost=True
        )
        (_, key) = stated_keys(tx, shop.register, "register")[-1]
        _, id_ = signers.of_register(tx, a_vault(), shop.register)

    assert (key.reason, key.signature) == ("lost", "")
    assert key.replaces == chains.key_facts(former)[0]
    assert (key.first, made) == (2, id_)


@pytest.mark.parametrize("is_lost", [False, True], ids=["rotated", "lost"])
def test_a_key_that_has_signed_nothing_is_not_replaced(engine: Engine, is_lost: bool) -> None:
    """Two keys would begin at one place, which is a finding for ever."""
    with writing(engine) as tx:
        shop = a_shop(tx)
        pen = Pen(tx, shop)

    def rotate() -> None:
        with writing(engine) as tx:
            signers.rotate_register_key(
                tx, a_vault(), shop.register, by="ana", at=MORNING, is_lost=is_lost
            )

    for _ in range(2):
        with pytest.raises(Conflict) as refused:
            rotate()
        assert refused.value.code is chains.UNUSED_KEY
        with writing(engine) as tx:
            signer, id_ = signers.of_register(tx, a_vault(), shop.register)
            pen.key = JournalKey(signer=signer, id=id_, header=header(id_))
            pen.write(tx)
        rotate()


@pytest.mark.parametrize("is_lost", [False, True], ids=["rotated", "lost"])
def test_the_key_of_packages_has_successors(engine: Engine, is_lost: bool) -> None:
    with writing(engine) as tx:
        signers.ensure(tx, a_vault(), signers.PACKAGE, JOURNAL_ALGORITHM, MORNING)
        own = chains.installation(tx)
        former = signers.public_pem(tx, signers.PACKAGE)
        made = signers.rotate_package_key(tx, a_vault(), by="rui", at=MORNING, is_lost=is_lost)
        (first, old), (said, key) = stated_keys(tx, own, "package")
        now = signers.opened(tx, a_vault(), signers.PACKAGE)
        serial = certificates.serial(signers.certificate(tx, signers.PACKAGE))

    assert (first.chain, said.chain, said.by) == (own, own, "rui")
    assert (old.first, old.reason) == (1, "first")
    assert (key.first, key.epoch) == (said.sequence, 1)
    assert key.reason == ("lost" if is_lost else "rotated")
    assert key.replaces == chains.key_facts(former)[0]
    assert made == chains.key_id(now.public_pem) == serial
    if not is_lost:
        text = f"fiscus/key/2\npackage\n{own}\n1\n{key.first}\n{key.sha256}\n"
        verify(chains.key_facts(former)[1], key.signature, text.encode())
    sealed = now.sign(EcdsaSha256(b"a package"))
    verify(chains.key_facts(now.public_pem)[1], sealed, b"a package")


def test_the_key_of_the_log_is_stated_and_has_no_certificate(engine: Engine) -> None:
    with writing(engine) as tx:
        for _ in range(2):
            signers.ensure(tx, a_vault(), signers.LOG, LOG_ALGORITHM, MORNING)
        own = chains.installation(tx)
        [(said, key)] = stated_keys(tx, own, "log")
        row = tx.execute(select(SETTING_KEY).where(SETTING_KEY.c.name == signers.LOG)).one()

    assert (said.chain, key.of, key.epoch, key.first) == (own, own, 1, 1)
    assert (key.sha256, key.public_key) == chains.key_facts(row.public_pem)
    assert row.certificate_pem == ""


def test_keys_that_nobody_else_must_tell_are_stated_as_secrets(engine: Engine) -> None:
    with writing(engine) as tx:
        signers.ensure(tx, a_vault(), "token", "rsa-1024", MORNING)
        kinds = tx.scalars(select(ENTRY.c.kind).where(ENTRY.c.thing == "token")).all()

    assert kinds == [StatementKind.SECRET]
