"""Cosignatures: made and verified, of both types."""

from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fiscus.model.faults import Refused
from fiscus.transparency import cosignatures, notes
from fiscus.transparency.cosignatures import WitnessKeys
from fiscus.transparency.notes import SignatureLine, VerifierKey
from tests.support.logs import PlainLog

LOG = PlainLog().grown(5)
HEAD = LOG.head(5)
NOTE = notes.parse(LOG.note(5).encode())
KEYS = WitnessKeys(
    name="witness.example/w1",
    ed25519=Ed25519PrivateKey.generate(),
    ml_dsa_44=cosignatures.new_ml_dsa_44(),
)
LINES = cosignatures.cosigned(HEAD, KEYS, 1_700_000_000)


def test_a_witness_has_a_key_for_each_type() -> None:
    assert [key.kind for key in KEYS.public()] == [4, 6]
    assert [notes.parse_key(key.text()) for key in KEYS.public()] == list(KEYS.public())


def test_both_cosignatures_are_good_and_say_when() -> None:
    found = cosignatures.verified(NOTE.plus(LINES), KEYS.public())

    assert [(one.key.kind, one.time) for one in found] == [(4, 1_700_000_000), (6, 1_700_000_000)]
    assert tuple(one.line for one in found) == LINES


def test_who_knows_one_key_of_a_witness_is_content_with_that() -> None:
    for key, line in zip(KEYS.public(), LINES, strict=True):
        [found] = cosignatures.verified(NOTE.plus(LINES), [key])
        assert (found.key, found.line) == (key, line)


def test_a_witness_without_the_newer_key_signs_with_the_other() -> None:
    keys = msgspec.structs.replace(KEYS, ml_dsa_44=None)

    [line] = cosignatures.cosigned(HEAD, keys, 1)

    assert cosignatures.verified(NOTE.plus([line]), keys.public())[0].time == 1


def test_the_logs_signature_is_no_cosignature() -> None:
    assert cosignatures.verified(NOTE.plus(LINES), [LOG.key]) == ()
    every = [*KEYS.public(), LOG.key]
    assert len(notes.verified(NOTE.plus(LINES), every, cosignatures.CHECKS)) == 3


@pytest.mark.parametrize("number", [0, 1])
def test_a_changed_cosignature_spoils_the_note(number: int) -> None:
    good = LINES[number]
    other = LOG.grown(1).note(6)
    for changed, note in (
        (_with_time(good, 1_700_000_001), NOTE),
        (_with_time(good, 2**63), NOTE),
        (msgspec.structs.replace(good, signature=good.signature[:8]), NOTE),
        (msgspec.structs.replace(good, signature=good.signature[:-1]), NOTE),
        (msgspec.structs.replace(good, signature=good.signature[:-1] + b"\0\0"), NOTE),
        (good, notes.parse(other.encode())),
    ):
        with pytest.raises(Refused, match="NOTE-SIGNATURE-01"):
            cosignatures.verified(note.plus([changed]), KEYS.public())


def _with_time(line: SignatureLine, time: int) -> SignatureLine:
    return msgspec.structs.replace(line, signature=time.to_bytes(8, "big") + line.signature[8:])


def test_the_newer_type_names_its_witness() -> None:
    """The same key under another name is another witness: its signature says the name."""
    _, key = KEYS.public()
    other = VerifierKey(name="witness.example/w2", kind=key.kind, public=key.public)
    line = SignatureLine(name=other.name, key_id=other.id, signature=LINES[1].signature)

    with pytest.raises(Refused, match="NOTE-SIGNATURE-01"):
        cosignatures.verified(NOTE.plus([line]), [other])


def test_the_newer_type_is_over_a_checkpoint_only() -> None:
    note = notes.signed("no checkpoint\n", LOG.origin, LOG.private).plus([LINES[1]])

    with pytest.raises(Refused, match="NOTE-SIGNATURE-01"):
        cosignatures.verified(note, KEYS.public())


def test_the_message_of_the_newer_type_byte_by_byte() -> None:
    """Written out by hand from the format's page."""
    expected = (
        b"subtree/v1\n\0"
        + b"\x12witness.example/w1"
        + bytes.fromhex("000000006553f100")
        + b"\x17fiscus/018f4a/journal/1"
        + bytes(8)
        + bytes.fromhex("0000000000000005")
        + HEAD.root
    )
    assert KEYS.ml_dsa_44 is not None
    KEYS.ml_dsa_44.public_key().verify(LINES[1].signature[8:], expected)


def test_a_cosignature_of_an_example_says_when(shared_data: Path) -> None:
    note = notes.parse((shared_data / "c2sp" / "checkpoint_cosigned.txt").read_bytes())

    line = note.lines[1]

    assert len(line.signature) == 8 + 64
    assert int.from_bytes(line.signature[:8], "big") == 1679315147
