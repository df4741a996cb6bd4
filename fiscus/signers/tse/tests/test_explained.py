"""What a TSE has signed, put together again: the bytes verify, and the elements make the bytes."""

import json
from base64 import b64encode
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from fiscus import signers
from fiscus.model.explained import ExplainedPart, ExplainedSignature
from fiscus.model.records import DeviceSigning
from fiscus.signers.tse import explained_words as words
from fiscus.signers.tse.log import qr

_HASHES = {"SHA256": hashes.SHA256(), "SHA384": hashes.SHA384(), "SHA512": hashes.SHA512()}


def signings(shared_data: Path) -> list[DeviceSigning]:
    """Those of the official sample codes."""
    texts = json.loads((shared_data / "de" / "sample_qr.json").read_text())["valid"]
    return [signing_of(text) for text in texts]


def signing_of(text: str) -> DeviceSigning:
    receipt = qr.parse(text)
    return DeviceSigning(
        serial=receipt.serial,
        client=receipt.client_id,
        number=receipt.number,
        process_type=receipt.process_type,
        process_data=receipt.process_data,
        started_at=receipt.started,
        finished_at=receipt.finished,
        counter=receipt.signature_counter,
        signature=b64encode(receipt.signature).decode(),
        algorithm=receipt.algorithm,
        time_format=receipt.time_format,
        public_key=b64encode(receipt.public_key).decode(),
    )


def explained(signing: DeviceSigning) -> ExplainedPart:
    """Asked as everybody asks: for the family."""
    (part,) = signers.explained("tse", signing)
    return part


def by_another_hand(signature: ExplainedSignature) -> None:
    """Verified without our log code: raises if the signature is not good."""
    key = load_der_public_key(signature.key)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    half = len(signature.signature) // 2
    r, s = (
        int.from_bytes(part) for part in (signature.signature[:half], signature.signature[half:])
    )
    algorithm = ec.ECDSA(_HASHES[signature.algorithm.rpartition("-")[2]])
    key.verify(encode_dss_signature(r, s), signature.message, algorithm)


def test_the_bytes_are_those_that_official_samples_were_signed_over(shared_data: Path) -> None:
    for signing in signings(shared_data):
        signature = explained(signing).signature
        assert signature is not None
        assert signature.is_good
        by_another_hand(signature)


def test_the_elements_together_are_the_message(shared_data: Path) -> None:
    for signing in signings(shared_data):
        part = explained(signing)
        octets = [bytes.fromhex(value.value.rpartition("\n")[2]) for value in part.values]
        assert part.signature is not None
        assert b"".join(octets) == part.signature.message


@pytest.mark.parametrize(
    "changes",
    [{"process_data": "Beleg^0.00_0.00_0.00_0.00_0.00^"}, {"counter": 99}, {"client": "X"}],
)
def test_a_changed_signing_is_found_not_good(shared_data: Path, changes: dict[str, object]) -> None:
    signing = msgspec.structs.replace(signings(shared_data)[0], **changes)
    signature = explained(signing).signature

    assert signature is not None
    assert signature.is_good is False


@pytest.mark.parametrize(
    "changes",
    [
        {"signature": "not base64!"},
        {"public_key": "BAAA"},
        {"algorithm": "x"},
        {"time_format": "x"},
    ],
)
def test_what_cannot_be_read_is_said_and_is_no_crash(
    shared_data: Path, changes: dict[str, object]
) -> None:
    part = explained(msgspec.structs.replace(signings(shared_data)[0], **changes))

    assert (part.text, part.signature) == (words.UNREADABLE, None)


def test_a_family_that_nobody_has_tells_nothing(shared_data: Path) -> None:
    assert signers.explained("nobody", signings(shared_data)[0]) == ()
