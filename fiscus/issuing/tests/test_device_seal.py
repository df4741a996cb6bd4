"""The seal flow of a law that wants a device: up to its question, then on with the answer."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine

from fiscus.issuing import device_seal, recording
from fiscus.issuing.answers import DeviceAnswer
from fiscus.issuing.group import OrderGroup, lock_sites
from fiscus.issuing.sites import LockedRegister
from fiscus.issuing.tests.kiosk import Kiosk
from fiscus.journal.tests.bodies import SEAL
from fiscus.model.faults import Unavailable
from fiscus.model.records import Case, DeviceSigning, Seal
from fiscus.regimes import DeviceFlow
from fiscus.signers import DeviceTransaction, SignerDown
from fiscus.store.connect import writing

QUESTION = DeviceTransaction("Kassenbeleg-V1", "Beleg^0.00")
ANY: Any = None
"""The flows below look at no case."""


def lenient(case: Case) -> DeviceFlow:
    """Lets a document out unsigned, and says why."""
    try:
        signing = yield QUESTION
    except SignerDown as outage:
        return msgspec.structs.replace(SEAL, signing=None, outage=str(outage))
    return msgspec.structs.replace(SEAL, signing=signing, outage="")


def strict(case: Case) -> DeviceFlow:
    signing = yield QUESTION
    return msgspec.structs.replace(SEAL, signing=signing, outage="")


def unasked(case: Case) -> DeviceFlow:
    yield from ()
    return SEAL


def twice(case: Case) -> DeviceFlow:
    yield QUESTION
    signing = yield QUESTION
    return msgspec.structs.replace(SEAL, signing=signing)


@pytest.fixture
def kiosk(engine: Engine, tmp_path: Path) -> Kiosk:
    return Kiosk(engine, tmp_path)


def at(kiosk: Kiosk, flow: Any) -> LockedRegister:
    """The kiosk's register under a law with that flow."""
    with writing(kiosk.engine) as tx:
        group = OrderGroup(tx=tx, services=kiosk.services, at=kiosk.clock())
        lock_sites(group, {kiosk.shop.register})
    site = group.sites[kiosk.shop.register]
    return msgspec.structs.replace(site, regime=replace(site.regime, seal=flow))


def signed(kiosk: Kiosk) -> DeviceSigning:
    """What the kiosk's device says for a sale, put under the question of these flows."""
    seal = kiosk.sells().seal
    assert seal is not None
    assert seal.signing is not None
    return msgspec.structs.replace(
        seal.signing, process_type=QUESTION.process_type, process_data=QUESTION.process_data
    )


def test_a_law_is_taken_up_to_its_question(kiosk: Kiosk) -> None:
    assert device_seal.asked(at(kiosk, lenient), ANY) == QUESTION
    assert device_seal.asked(at(kiosk, unasked), ANY) is None


@pytest.mark.parametrize("flow", [lenient, strict])
def test_the_answer_goes_into_the_seal(kiosk: Kiosk, flow: Any) -> None:
    signing = signed(kiosk)

    seal: Seal = device_seal.sealed(at(kiosk, flow), ANY, DeviceAnswer(signing=signing))

    assert (seal.signing, seal.outage) == (signing, "")


@pytest.mark.parametrize("member", ["process_type", "process_data"])
def test_a_signature_of_another_document_is_never_taken(kiosk: Kiosk, member: str) -> None:
    other = msgspec.structs.replace(signed(kiosk), **{member: "another"})

    with pytest.raises(AssertionError, match="not this document"):
        device_seal.sealed(at(kiosk, lenient), ANY, DeviceAnswer(signing=other))


def test_of_an_outage_the_law_decides(kiosk: Kiosk) -> None:
    outage = DeviceAnswer(outage="no answer")

    seal = device_seal.sealed(at(kiosk, lenient), ANY, outage)
    assert (seal.signing, seal.outage) == (None, "no answer")
    with pytest.raises(Unavailable) as refused:
        device_seal.sealed(at(kiosk, strict), ANY, outage)
    assert refused.value.code is recording.SIGNER_DOWN


def test_a_law_that_asks_twice_for_one_document_is_a_mistake_of_ours(kiosk: Kiosk) -> None:
    with pytest.raises(AssertionError, match="asked once"):
        device_seal.sealed(at(kiosk, twice), ANY, DeviceAnswer(signing=signed(kiosk)))
