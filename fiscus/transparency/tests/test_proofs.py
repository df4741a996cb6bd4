"""The proof of one record: read as it was written, small, and only for that record."""

from pathlib import Path

import msgspec
import pytest

from fiscus.model.faults import Refused
from fiscus.transparency import cosignatures, merkle, notes, proofs
from fiscus.transparency.checkpoints import TreeHead
from fiscus.transparency.cosignatures import WitnessKeys
from fiscus.transparency.proofs import InclusionProof
from tests.support.logs import FIXED_KEY, PlainLog, leaf, path_of

LOG = PlainLog(private=FIXED_KEY).grown(11)


def a_proof(index: int = 4) -> InclusionProof:
    note = notes.parse(LOG.note(11).encode())
    return InclusionProof(index=index, path=tuple(path_of(index, LOG.leaves)), note=note)


@pytest.mark.parametrize("index", [0, 4, 10])
def test_a_proof_is_read_as_it_was_written_and_proves_its_record_only(index: int) -> None:
    proof = proofs.parse(a_proof(index).text().encode())

    assert proof == a_proof(index)
    assert [number for number in range(11) if proof.proves(leaf(number))] == [index]


def test_a_log_of_one_record_needs_no_hashes() -> None:
    note = notes.parse(LOG.note(1).encode())

    proof = proofs.parse(InclusionProof(index=0, path=(), note=note).text().encode())

    assert proof.proves(leaf(0))


def test_what_others_put_beside_it_is_kept() -> None:
    proof = msgspec.structs.replace(a_proof(), extra=b"v1.2")

    assert proofs.parse(proof.text().encode()) == proof


def test_the_lines_stand_as_in_the_example(shared_data: Path) -> None:
    shape = (shared_data / "c2sp" / "proof_shape.txt").read_text("utf-8").splitlines()
    ours = a_proof().text().splitlines()

    assert ours[0] == shape[0]
    assert ours[1] == "index 4"
    assert shape[1] == "index 73894"
    assert ours.count("") == shape.count("") == 2


TEXT = a_proof().text()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c2sp.org/tlog-proof@v1\n",
        "c2sp.org/tlog-proof@v1\n\n",
        TEXT.replace("@v1", "@v2"),
        TEXT.replace("index 4", "index 04"),
        TEXT.replace("index 4", "index -4"),
        TEXT.replace("index 4", "4"),
        TEXT.replace("index 4\n", "index 4\nAAAA\n"),
        TEXT.replace("index 4\n", "index 4\n \n"),
        TEXT.replace("index 4\n", "extra ?\nindex 4\n"),
        TEXT.replace("index 4\n", "index 4\n" + ("A" * 43 + "=\n") * 64),
        TEXT + "x" * notes.NOTE_BYTES_MAX,
    ],
)
def test_what_is_no_proof_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="PROOF-TEXT-01"):
        proofs.parse(text.encode())


def test_a_proof_without_a_checkpoint_is_refused() -> None:
    note = notes.signed("no checkpoint\n", LOG.origin, LOG.private)
    for text in (
        TEXT.partition("\n\n")[0] + "\n\nno note",
        msgspec.structs.replace(a_proof(), note=note).text(),
    ):
        with pytest.raises(Refused):
            proofs.parse(text.encode())


def test_a_proof_in_a_log_of_a_million_records_is_small() -> None:
    head = TreeHead(origin=LOG.origin, size=1_000_000, root=leaf(1))
    witness = WitnessKeys(name="witness.example.com/w1", ed25519=FIXED_KEY, ml_dsa_44=None)
    lines = cosignatures.cosigned(head, witness, 1_777_882_501)
    note = notes.signed(head.text(), LOG.origin, LOG.private).plus(lines)
    hashes = merkle.path_length(524_288, head.size)

    proof = InclusionProof(index=524_288, path=(leaf(2),) * hashes, note=note)

    assert hashes == 20
    assert len(proof.text().encode()) <= 1536
