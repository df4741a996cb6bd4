"""Runs the seal flow of a law that wants a device: up to its question, then on with its answer."""

from typing import cast

from fiscus.issuing.answers import DeviceAnswer
from fiscus.issuing.recording import SIGNER_DOWN
from fiscus.issuing.sites import LockedRegister
from fiscus.model.faults import Unavailable
from fiscus.model.records import Case, Seal
from fiscus.regimes import DeviceFlow
from fiscus.signers import DeviceTransaction, SignerDown


def asked(site: LockedRegister, case: Case) -> DeviceTransaction | None:
    """What the device is to sign; None if the law wants this sealed without it."""
    try:
        return next(_flow(site, case))
    except StopIteration:
        return None


def sealed(site: LockedRegister, case: Case, answer: DeviceAnswer) -> Seal:
    """The seal with the device's answer. An outage is thrown into the flow: the law decides.

    Raises `Unavailable` if the law lets nothing out unsigned.
    """
    flow = _flow(site, case)
    try:
        question = next(flow)
        if answer.signing is not None:
            signed = (answer.signing.process_type, answer.signing.process_data)
            assert signed == (question.process_type, question.process_data), "not this document"
            flow.send(answer.signing)
        else:
            flow.throw(SignerDown(answer.outage))
    except StopIteration as done:
        seal: Seal = done.value
        return seal
    except SignerDown as outage:
        raise Unavailable(SIGNER_DOWN, str(outage)) from outage
    raise AssertionError("a device is asked once for a document")


def _flow(site: LockedRegister, case: Case) -> DeviceFlow:
    assert site.device
    return cast(DeviceFlow, site.regime.seal(case))
