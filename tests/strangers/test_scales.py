"""The Python library `tlog-scales`, by other people, reads what we write, and we what it writes."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tlog_scales import signing, tlog

from fiscus.transparency import cosignatures, merkle, notes, proofs
from fiscus.transparency.cosignatures import WitnessKeys
from fiscus.transparency.proofs import InclusionProof
from tests.support.logs import PlainLog, leaf, path_of

LOG = PlainLog().grown(33)
KEYS = WitnessKeys(
    name="witness.example/w1",
    ed25519=Ed25519PrivateKey.generate(),
    ml_dsa_44=cosignatures.new_ml_dsa_44(),
)
SIZES = (1, 2, 3, 7, 8, 9, 32, 33)


def cosigned(size: int) -> str:
    note = notes.parse(LOG.note(size).encode())
    return note.plus(cosignatures.cosigned(LOG.head(size), KEYS, 1_700_000_000)).whole()


def test_it_reads_our_notes_and_both_our_cosignatures() -> None:
    whole = cosigned(9)
    read = tlog.Checkpoint.from_text(whole)
    keys = [signing.Vkey.from_string(key.text()) for key in (LOG.key, *KEYS.public())]

    assert (read.origin, read.size, read.root_hash) == (LOG.origin, 9, LOG.head(9).root)
    assert read.serialize() == whole
    assert [key.sig_type for key in keys] == [1, 4, 6]
    for key in keys:
        read.verify(key)
    found = signing.VkeySet(*keys).verify(read.signatures, read)
    assert {key.sig_type for key, _ in found} == {1, 4, 6}


def test_it_refuses_our_cosignature_of_another_checkpoint() -> None:
    read = replace(tlog.Checkpoint.from_text(cosigned(9)), size=8)

    for key in (LOG.key, *KEYS.public()):
        with pytest.raises(Exception, match=r"^$|[Ii]nvalid"):
            read.verify(signing.Vkey.from_string(key.text()))


def test_its_keys_are_ours() -> None:
    for key in (LOG.key, *KEYS.public()):
        theirs = signing.Vkey.from_string(key.text())
        assert (theirs.name, theirs.sig_type, theirs.pubkey) == (key.name, key.kind, key.public)
        assert signing.Vkey(key.name, None, key.kind, key.public).key_id == theirs.key_id


def test_we_read_its_notes_and_its_cosignatures() -> None:
    log = signing.PlainEd25519Signer(LOG.origin, LOG.private)
    assert KEYS.ml_dsa_44 is not None
    witness = signing.MLDSA44CosignatureSigner(KEYS.name, KEYS.ml_dsa_44)
    head = LOG.head(9)

    theirs = tlog.Checkpoint.make_signed(head.origin, head.size, head.root, [log, witness])

    note = notes.parse(theirs.serialize().encode())
    assert notes.verified(note, [LOG.key]) == note.lines[:1]
    [found] = cosignatures.verified(note, KEYS.public())
    assert (found.line, found.key.kind) == (note.lines[1], 6)
    assert found.time > 1_700_000_000


def test_it_checks_our_proofs_of_growth() -> None:
    for size in SIZES:
        for old in [one for one in SIZES if one <= size]:
            proof = LOG.proof(old, size)
            roots = LOG.head(old).root, LOG.head(size).root
            tlog.ConsistencyProof(old, size, proof).check(*roots)
            assert merkle.is_grown(old, roots[0], size, roots[1], proof)
    with pytest.raises(tlog.ConsistencyProofInvalid):
        tlog.ConsistencyProof(7, 9, LOG.proof(7, 9)).check(leaf(1), LOG.head(9).root)


def test_it_checks_our_proof_of_one_record() -> None:
    for size in SIZES:
        for index in {0, size // 2, size - 1}:
            path = tuple(path_of(index, LOG.leaves[:size]))
            note = notes.parse(cosigned(size).encode())
            text = InclusionProof(index=index, path=path, note=note).text()
            ours = proofs.parse(text.encode())
            theirs = tlog.Checkpoint.from_text(text.partition("\n\n")[2])
            their_proof = tlog.InclusionProof(ours.index, theirs.size, list(ours.path))
            their_proof.check(merkle.leaf_hash(LOG.leaves[index]), theirs.root_hash)
            assert ours.proves(LOG.leaves[index])
