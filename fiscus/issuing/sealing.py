"""Runs the generator with which a law seals a record, until it returns the seal."""

from fiscus.model.records import Seal
from fiscus.regimes import SealFlow
from fiscus.signers import Signer, SignerDown


def drive(flow: SealFlow, signer: Signer | None) -> Seal:
    """Run the flow. An outage is thrown into it: the law decides, not we.

    Raises `SignerDown` if the law does not let a sale go without a signature.
    """
    try:
        request = next(flow)
        while True:
            assert signer is not None, "a law that asks for a signature names its key"
            try:
                answer = signer.sign(request)
            except SignerDown as outage:
                request = flow.throw(outage)
            else:
                request = flow.send(answer)
    except StopIteration as done:
        seal: Seal = done.value
        return seal
