"""A seal that is only a number: nothing is signed beyond our own journal."""

from collections.abc import Callable, Mapping
from datetime import UTC

from fiscus.model.amounts import ZERO, cents_half_up
from fiscus.model.documents import Draft, StatedTotals
from fiscus.model.records import Case, Seal
from fiscus.model.times import day
from fiscus.regimes import SealFlow

TRAINING = "TRAINING"
"""No law says it here, but nobody may take practice for a sale."""


def seal_in(timezone: str, facts: Mapping[str, str] | None = None) -> Callable[[Case], SealFlow]:
    """The seal flow of a law that asks for no signature, with the days of that time zone, and what
    is to be known of each document besides."""

    def seal(case: Case) -> SealFlow:
        yield from ()
        slot = case.slot
        assert slot is not None
        totals = _totals(case.draft)
        return Seal(
            number=f"{slot.series.name}/{slot.number}",
            document_type=slot.series.document_type,
            day=day(case.draft.issued_at or case.at, timezone),
            entered=case.at.astimezone(UTC).replace(microsecond=0),
            net=cents_half_up(totals.exclusive),
            vat=cents_half_up(totals.amount),
            gross=cents_half_up(totals.inclusive),
            prints=(TRAINING,) if case.draft.is_training else (),
            facts=facts or {},
        )

    return seal


def _totals(draft: Draft) -> StatedTotals:
    """As the caller states them, else the sums of the lines."""
    return draft.totals or StatedTotals(
        exclusive=sum((line.vat.exclusive for line in draft.lines), ZERO),
        amount=sum((line.vat.amount for line in draft.lines), ZERO),
        inclusive=sum((line.vat.inclusive for line in draft.lines), ZERO),
    )
