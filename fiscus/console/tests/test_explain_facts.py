"""An explanation: each step recomputed here with nothing but the standard library and the keys that
it names, and each alteration of the database found."""

import hashlib
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from decimal import Decimal
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from fiscus.api.families.reporting import ids
from fiscus.console import explain_facts
from fiscus.console.document_facts import RecordViewer
from fiscus.console.explain_checks import StepState
from fiscus.console.explain_facts import ExplainFacts, KeyStep, formula, written
from fiscus.console.tests.people import organization_of, register_of, shop_in_berlin
from fiscus.journal.tests.rows import damaged
from fiscus.model.explained import ExplainedTerm, ExplainedTotal, PageText, summed
from fiscus.model.faults import Missing
from fiscus.model.kinds import EntryKind
from fiscus.registry import signers
from fiscus.store.connect import reading, writing
from fiscus.store.schema import ENTRY
from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Till

D = Decimal
GOOD = StepState.GOOD


def explained(premises: Premises, organization: str, id_: str) -> ExplainFacts:
    services = premises.services
    with reading(services.engine) as tx:
        return explain_facts.facts(
            tx,
            RecordViewer(organization=organization),
            id_,
            witnesses=services.witnesses.keys,
            settings=services.issuing.settings,
        )


def a_receipt(premises: Premises, till: Till) -> ExplainFacts:
    """Followed by another one, and covered by a checkpoint."""
    record = till.sells(words.receipt(words.line(gross="2.47"), words.exempt()))
    till.sells(words.receipt())
    premises.services.log.sign()
    return explained(premises, till.organization, record["id"])


def is_es256(body: bytes, key: str, signature: str, spki: bytes) -> bool:
    """RFC 7515 and RFC 7518, read again."""
    head = f'{{"alg":"ES256","kid":"{key}","typ":"fiscus-entry+json"}}'.encode()
    encoded = (urlsafe_b64encode(part).rstrip(b"=") for part in (head, body))
    raw = urlsafe_b64decode(signature + "==")
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    public = load_der_public_key(spki)
    assert isinstance(public, ec.EllipticCurvePublicKey)
    try:
        public.verify(encode_dss_signature(r, s), b".".join(encoded), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def test_every_step_of_a_receipt_is_good(premises: Premises, till: Till) -> None:
    found = a_receipt(premises, till)

    states = list(found.states)

    assert set(states) == {GOOD}
    assert len(states) >= 20
    assert found.bad == 0


def test_the_members_of_the_link_are_what_it_is_the_hash_of(premises: Premises, till: Till) -> None:
    found = a_receipt(premises, till)
    body, stored = found.body, found.found.record.stored

    digest = hashlib.sha256(stored).digest()
    place = (
        UUID(body.chain).bytes + body.epoch.to_bytes(4, "big") + body.sequence.to_bytes(8, "big")
    )
    whole = b"fiscus/link/2\n" + bytes.fromhex(body.previous) + place + digest

    assert b"".join(member.octets for member in found.members) == whole
    assert hashlib.sha256(whole).hexdigest() == found.computed == found.found.record.link
    assert found.digest == digest.hex()
    assert found.next is not None
    assert found.next.previous == found.computed


def test_the_signature_and_the_keys_lead_to_the_fingerprint(premises: Premises, till: Till) -> None:
    found = a_receipt(premises, till)
    record, keys = found.found.record, found.keys

    assert [key.purpose for key in keys] == ["register", "organization", "root"]
    assert is_es256(record.stored, record.key, record.signature, keys[0].spki)
    for key, signer in zip(keys, (*keys[1:], keys[2]), strict=True):
        assert is_es256(key.body, key.signed_by, key.signature, signer.spki)
        assert hashlib.sha256(key.spki).hexdigest() == key.sha256
        assert key.body.count(key.sha256.encode()) >= 1
    assert found.fingerprint == f"sha256:{keys[2].sha256}"
    assert found.certificate is not None
    assert found.certificate.serial == keys[0].id == record.key


def test_the_law_s_signature_is_over_the_sealed_text(premises: Premises, till: Till) -> None:
    found = a_receipt(premises, till)
    seal = found.body.seal
    assert seal is not None
    [law] = [one for one in found.parts if one.part.signature]
    signature = law.part.signature
    assert signature is not None

    public = load_der_public_key(law.key)
    assert isinstance(public, rsa.RSAPublicKey)
    signed = f"{seal.day};{seal.entered:%Y-%m-%dT%H:%M:%S};{seal.number};{seal.gross};".encode()
    public.verify(b64decode(seal.signature), signed, padding.PKCS1v15(), hashes.SHA1())
    assert signature.message == signed
    assert (law.key_name, law.state) == ("RSA-1024", GOOD)


def test_a_signature_by_another_version_of_the_key_is_not_judged(
    premises: Premises, till: Till
) -> None:
    record = till.sells(words.receipt())
    settings = {"pt": {**premises.services.issuing.settings["pt"], "key_version": "2"}}
    viewer = RecordViewer(organization=till.organization)
    with reading(premises.services.engine) as tx:
        found = explain_facts.facts(tx, viewer, record["id"], settings=settings)

    [law] = [one for one in found.parts if one.part.signature]

    assert (law.key, law.state) == (b"", StepState.NOT_JUDGED)


def test_the_path_leads_from_the_leaf_to_the_signed_root(premises: Premises, till: Till) -> None:
    log = a_receipt(premises, till).log
    assert log is not None
    index, last, node = log.proof.index, log.proof.size - 1, log.leaf

    assert node == hashlib.sha256(b"\0" + bytes.fromhex(log.proof.link)).digest()
    for sibling in log.path:  # RFC 9162, 2.1.3.2
        if index & 1 or index == last:
            node = hashlib.sha256(b"\1" + sibling + node).digest()
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            node = hashlib.sha256(b"\1" + node + sibling).digest()
        index, last = index >> 1, last >> 1
    assert last == 0
    assert node == b64decode(log.root)
    assert log.note.split("\n")[2] == log.root


def test_nothing_stands_in_the_log_before_the_next_checkpoint(
    premises: Premises, till: Till
) -> None:
    record = till.sells(words.receipt())

    found = explained(premises, till.organization, record["id"])

    assert found.log is None
    assert found.next is None
    assert found.follows is StepState.NOT_JUDGED


@pytest.mark.parametrize(
    ("column", "bad"),
    [("body", {"link", "signature"}), ("link", {"link"}), ("signature", {"signature"})],
)
def test_what_is_altered_behind_our_back_is_said(
    premises: Premises, till: Till, column: str, bad: set[str]
) -> None:
    record = till.sells(words.receipt())
    of_it = ENTRY.c.id == record["id"]
    damaged(premises.services.engine)
    with writing(premises.services.engine) as tx:
        row = tx.execute(ENTRY.select().where(of_it)).one()
        altered = {
            "body": row.body.replace("Café".encode(), "Cafê".encode()),
            "link": "0" * 64,
            "signature": "AAAAAAAA" + row.signature[8:],
        }
        assert altered["body"] != row.body
        tx.execute(ENTRY.update().where(of_it).values({column: altered[column]}))

    found = explained(premises, till.organization, record["id"])

    states = {"link": found.link, "signature": found.signature}
    assert {name for name, state in states.items() if state is StepState.BAD} == bad
    assert found.bad >= len(bad)


def test_a_key_that_was_replaced_explains_what_it_signed(premises: Premises, till: Till) -> None:
    before = till.sells(words.receipt())
    services = premises.services
    with writing(services.engine) as tx:
        signers.rotate_register_key(
            tx, services.vault, till.system, by="operator", at=services.clock()
        )

    found = explained(premises, till.organization, before["id"])

    first: KeyStep = found.keys[0]
    assert (first.reason, first.first, found.signature) == ("first", 1, GOOD)
    assert found.certificate is None


def test_a_sale_in_berlin_is_explained_with_its_tse(premises: Premises) -> None:
    kiosk = shop_in_berlin(premises)
    kiosk.opens()
    kiosk.sells()
    premises.services.log.sign()
    with reading(premises.services.engine) as tx:
        query = ENTRY.select().where(
            ENTRY.c.chain == register_of(kiosk), ENTRY.c.kind == EntryKind.DOCUMENT
        )
        last = [row.id for row in tx.execute(query.order_by(ENTRY.c.sequence))][-1]

    found = explained(premises, organization_of(kiosk), last)

    [law] = [one for one in found.parts if one.part.signature]
    seal = found.body.seal
    assert seal is not None
    assert seal.signing is not None
    assert law.state is GOOD
    assert law.part.signature is not None
    assert law.part.signature.signature == b64decode(seal.signing.signature)
    assert law.part.signature.message.count(seal.signing.process_data.encode()) == 1
    assert set(found.states) <= {GOOD, StepState.NOT_JUDGED}
    assert ids.shown("reg", found.body.register) == kiosk.register


def test_only_who_may_see_a_record_is_told_of_it(premises: Premises, till: Till) -> None:
    record = till.sells(words.receipt())

    with pytest.raises(Missing):
        explained(premises, premises.unit("Somebody else").organization, record["id"])


def test_a_formula_is_written_as_it_is_computed() -> None:
    name = PageText("net")
    one = ExplainedTotal(
        name=name,
        terms=(
            ExplainedTerm(D("-2.460"), D(100), D(123)),
            ExplainedTerm(D("1")),
            ExplainedTerm(D("-0.00001")),
        ),
    )

    assert formula(one) == "−2.46 × 100 ÷ 123 + 1.00 − 0.00001"
    assert formula(ExplainedTotal(name=name, terms=summed(()))) == "0"
    assert [written(D(each)) for each in ("2", "2.5", "2.12345000")] == ["2.00", "2.50", "2.12345"]
