"""Whether a receipt is genuine, as the service computes it, and what it says when it is not."""

from dataclasses import replace

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fiscus.console import receipt_proof
from fiscus.console.receipt_proof import CosigningWitness, ReceiptProof
from fiscus.console.tests.conftest import Browser
from fiscus.journal import checkpoint, read
from fiscus.registry import signers
from fiscus.services import Services
from fiscus.store.connect import reading, writing
from fiscus.store.log_schema import COSIGNATURE
from fiscus.store.schema import SETTING_KEY
from fiscus.transparency import checkpoints, cosignatures, notes
from fiscus.transparency.cosignatures import WitnessKeys
from tests.support import proving, words
from tests.support.premises import Premises
from tests.support.till import Till

OTHER_LINK = "ab" * 32


def proof_of(services: Services, record: str, link: str = "") -> ReceiptProof:
    with reading(services.engine) as tx:
        found = read.owned(tx, record)
        assert found is not None
        known = msgspec.structs.replace(found.record, link=link or found.record.link)
        return receipt_proof.of(services, tx, known, services.clock())


def a_witness() -> WitnessKeys:
    private = Ed25519PrivateKey.generate()
    return WitnessKeys(name="witness.example/shop", ed25519=private, ml_dsa_44=None)


def cosign(premises: Premises, keys: WitnessKeys, name: str = "") -> None:
    """The newest checkpoint gets a line of that witness."""
    with writing(premises.services.engine) as tx:
        newest = checkpoint.newest(tx)
        assert newest is not None
        head = checkpoints.parse(notes.parse(newest.note.encode()).text)
        (line,) = cosignatures.cosigned(head, keys, int(premises.clock().timestamp()))
        row = {"epoch": newest.epoch, "size": newest.size, "witness": name or keys.name}
        row |= {"line": line.text(), "at": newest.at, "received_at": newest.at}
        tx.execute(COSIGNATURE.insert().values(row))


def knowing(services: Services, keys: WitnessKeys) -> Services:
    """The same services, told of that witness."""
    place = " ".join(["https://witness.example/shop", *(key.text() for key in keys.public())])
    return replace(services, settings=services.settings.model_copy(update={"witnesses": place}))


def test_before_the_checkpoint_there_is_a_link_and_a_time_to_wait(
    premises: Premises, till: Till
) -> None:
    proving.covers(premises)
    record = till.sells(words.receipt())["id"]
    premises.clock.move(seconds=20)

    early = proof_of(premises.services, record)

    assert not early.is_there
    assert early.link == proving.kept_link(premises, record)
    assert early.wait_seconds == premises.services.settings.checkpoint_seconds - 20
    proving.covers(premises)
    later = proof_of(premises.services, record)
    assert (later.is_there, later.is_good, later.witnesses) == (True, True, ())
    assert later.index < later.size


def test_a_link_that_is_not_in_the_log_is_not_good(premises: Premises, till: Till) -> None:
    record = till.sells(words.receipt())["id"]
    proving.covers(premises)

    found = proof_of(premises.services, record, link=OTHER_LINK)

    assert (found.is_included, found.is_signed, found.is_good) == (False, True, False)


def test_a_log_that_another_key_has_signed_is_not_good(
    premises: Premises, till: Till, stranger: Browser
) -> None:
    record = till.sells(words.receipt())["id"]
    proving.covers(premises)
    other = Ed25519PrivateKey.generate().public_key()
    pem = other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    with writing(premises.services.engine) as tx:
        mine = SETTING_KEY.c.name == signers.LOG
        tx.execute(SETTING_KEY.update().where(mine).values(public_pem=pem))

    found = proof_of(premises.services, record)

    assert (found.is_included, found.is_signed, found.is_good) == (True, False, False)
    page = stranger.get(premises.services.receipts.path(record)).text
    assert "The proof of this receipt is not good." in page
    assert "It is in the journal of the shop" not in page


def test_a_witness_counts_if_we_were_given_its_key(
    premises: Premises, till: Till, stranger: Browser
) -> None:
    record = till.sells(words.receipt())["id"]
    proving.covers(premises)
    keys = a_witness()
    cosign(premises, keys)
    at = premises.clock().replace(microsecond=0)

    unknown = proof_of(premises.services, record)
    known = proof_of(knowing(premises.services, keys), record)

    assert unknown.witnesses == (CosigningWitness(name=keys.name, signed_at=at, is_known=False),)
    assert known.witnesses == (CosigningWitness(name=keys.name, signed_at=at, is_known=True),)
    assert known.witness_keys == tuple(key.text() for key in keys.public())
    page = stranger.get(premises.services.receipts.path(record)).text
    assert f"The witness {keys.name} has signed this state of the log too" in page


def test_a_signature_that_the_witness_did_not_make_does_not_count(
    premises: Premises, till: Till
) -> None:
    record = till.sells(words.receipt())["id"]
    proving.covers(premises)
    keys = a_witness()
    cosign(premises, keys)
    impostor = WitnessKeys(name=keys.name, ed25519=Ed25519PrivateKey.generate(), ml_dsa_44=None)

    found = proof_of(knowing(premises.services, impostor), record)

    assert [one.is_known for one in found.witnesses] == [False]
    assert found.is_good
