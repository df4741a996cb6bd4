"""What makes a draft a document: its number and its totals. A law that signs yields requests."""

from datetime import UTC

from fiscus.model.amounts import ZERO, cents_half_up
from fiscus.model.records import Case, Seal
from fiscus.model.times import day
from fiscus.regimes import SealFlow

TIMEZONE = "UTC"


def seal(case: Case) -> SealFlow:
    """A signature would be asked for here: `signature = yield EcdsaSha256(text.encode())`. An
    outage arrives as `SignerDown` at that line: who catches it lets a sale go out unsigned."""
    yield from ()
    slot, lines = case.slot, case.draft.lines
    assert slot is not None
    return Seal(
        number=f"{slot.series.name}/{slot.number}",
        document_type=slot.series.document_type,
        day=day(case.draft.issued_at or case.at, TIMEZONE),
        entered=case.at.astimezone(UTC).replace(microsecond=0),
        net=cents_half_up(sum((line.vat.exclusive for line in lines), ZERO)),
        vat=cents_half_up(sum((line.vat.amount for line in lines), ZERO)),
        gross=cents_half_up(sum((line.vat.inclusive for line in lines), ZERO)),
    )
