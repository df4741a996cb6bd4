"""What the tax office must be told: the first receipt of a register, and the last of each year."""

from collections.abc import Iterator

from fiscus.model.documents import ClosingType
from fiscus.model.obligations import Obligation
from fiscus.model.records import EntryBody

CHANNEL = "finanzonline"


def obligations(body: EntryBody) -> Iterator[Obligation]:
    """RKSV § 6 (4) and § 8 (3): both are checked by the tax office."""
    if body.numbered is None or body.seal is None:
        return
    if body.numbered.number == 1:
        yield Obligation(channel=CHANNEL, kind="Startbeleg", content=body.seal.qr)
    if body.closing is not None and body.closing.type is ClosingType.ANNUAL:
        yield Obligation(channel=CHANNEL, kind="Jahresbeleg", content=body.seal.qr)
