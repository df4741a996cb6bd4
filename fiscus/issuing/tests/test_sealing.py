from collections.abc import Iterable

import msgspec
import pytest

from fiscus.issuing.sealing import drive
from fiscus.journal.tests.bodies import SEAL
from fiscus.model.records import Seal
from fiscus.regimes import SealFlow
from fiscus.signers import EcdsaSha256, Signer, SignerDown, SignRequest

DOWN = "down"


def a_signer(*answers: str) -> Signer:
    """Answers one after the other; `down` is an outage."""
    left = iter(answers)

    def sign(request: SignRequest) -> str:
        answer = next(left)
        if answer == DOWN:
            raise SignerDown("no device")
        return answer

    return Signer(sign=sign, public_pem="")


def strict_law(messages: Iterable[bytes]) -> SealFlow:
    """Signs every message; knows no sale without a signature."""
    signatures = []
    for message in messages:
        signatures.append((yield EcdsaSha256(message)))
    return msgspec.structs.replace(SEAL, signature=" ".join(signatures), outage="")


def lenient_law(messages: Iterable[bytes]) -> SealFlow:
    """Signs if it can, and says so if it cannot."""
    try:
        return (yield from strict_law(messages))
    except SignerDown as outage:
        return msgspec.structs.replace(SEAL, signature="", outage=str(outage))


def stubborn_law() -> SealFlow:
    """After an outage it asks once more, for something smaller."""
    try:
        signature = yield EcdsaSha256(b"all")
    except SignerDown:
        signature = yield EcdsaSha256(b"less")
    return msgspec.structs.replace(SEAL, signature=signature)


def law_without_signature() -> SealFlow:
    yield from ()
    return SEAL


def test_the_law_gets_an_answer_to_every_request() -> None:
    seal = drive(strict_law([b"one", b"two"]), a_signer("first", "second"))

    assert seal.signature == "first second"


def test_a_law_that_asks_for_no_signature_needs_no_signer() -> None:
    assert drive(law_without_signature(), None) == SEAL


@pytest.mark.parametrize("answers", [(DOWN,), ("first", DOWN)])
def test_a_law_may_let_a_sale_go_without_a_signature(answers: tuple[str, ...]) -> None:
    seal: Seal = drive(lenient_law([b"one", b"two"]), a_signer(*answers))

    assert (seal.signature, seal.outage) == ("", "no device")


@pytest.mark.parametrize("answers", [(DOWN,), ("first", DOWN)])
def test_a_law_may_let_an_outage_refuse_the_sale(answers: tuple[str, ...]) -> None:
    with pytest.raises(SignerDown):
        drive(strict_law([b"one", b"two"]), a_signer(*answers))


def test_a_law_may_ask_for_something_else_after_an_outage() -> None:
    assert drive(stubborn_law(), a_signer(DOWN, "second")).signature == "second"
    with pytest.raises(SignerDown):
        drive(stubborn_law(), a_signer(DOWN, DOWN))
