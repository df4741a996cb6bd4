"""A receipt that is taken back as a whole, as if it had never been: once, and all of it."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from fiscus.model.documents import Direction, Draft, DraftLine, LinePurpose
from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.regimes.de import composed, wording
from fiscus.regimes.de.rules.law import EXPORT, rule

_STORNO = f"{EXPORT}, BON_STORNO"


class _LineWorth(NamedTuple):
    """What a line moved under one rate; `gross` is signed."""

    purpose: LinePurpose
    text: str
    quantity: Decimal
    percentage: Decimal
    is_exempt: bool
    gross: Decimal


@rule(
    Code(
        "DE-REVERSAL-01",
        "a full reversal takes back each line and discount of its receipt, with its quantity and"
        " amount, and nothing else",
    ),
    law=_STORNO,
)
def reversal_takes_all_back(case: Case) -> Iterator[str]:
    """Without the vouchers that were taken in payment: they are told when it is paid back."""
    original = _original(case)
    if original is None:
        return
    draft = case.draft
    if _moved(draft, is_paid_with=False) != _moved(original, is_paid_with=False, sign=-1):
        yield "lines"
    if Counter(draft.discounts) != Counter(original.discounts):
        yield "discounts"


@rule(
    Code(
        "DE-REVERSAL-02",
        "a full reversal gives back the vouchers that were taken in payment, each with its amount",
    ),
    law=_STORNO,
    is_final=True,
)
def reversal_gives_vouchers_back(case: Case) -> Iterator[str]:
    original = _original(case)
    if original is None:
        return
    if _moved(case.draft, is_paid_with=True) != _moved(original, is_paid_with=True, sign=-1):
        yield "payments"


@rule(
    Code(
        "DE-REVERSAL-03",
        "a full reversal names no receipt of ours, of which nothing was taken back before",
    ),
    law=_STORNO,
)
def reversal_is_the_first(case: Case) -> Iterator[str]:
    """What another system sold may be taken back, but nobody here knows all of it."""
    if case.draft.is_full_reversal and (_original(case) is None or case.notes):
        yield "refers_to"


@rule(
    Code("DE-REVERSAL-04", "the receipt was reversed as a whole: nothing is left to take back"),
    law=_STORNO,
)
def nothing_is_left_after_it(case: Case) -> Iterator[str]:
    is_reversed = any(note.draft and note.draft.is_full_reversal for note in case.notes)
    if is_reversed and not case.draft.is_full_reversal:
        yield "refers_to"


@rule(
    Code("DE-REVERSAL-05", "a full reversal is not reversed: what was meant is sold again"),
    law=_STORNO,
)
def reversal_stays(case: Case) -> Iterator[str]:
    original = _original(case)
    if original is not None and original.is_full_reversal:
        yield "refers_to"


def _original(case: Case) -> Draft | None:
    """What a full reversal takes back."""
    if not case.draft.is_full_reversal or case.original is None:
        return None
    return case.original.draft


def _moved(draft: Draft, *, is_paid_with: bool, sign: int = 1) -> Counter[_LineWorth]:
    return Counter(
        _of(one, sign)
        for line in draft.lines
        if (line.purpose is LinePurpose.VOUCHER_REDEEMED) is is_paid_with
        for one in composed.by_rate(line)
    )


def _of(line: DraftLine, sign: int) -> _LineWorth:
    """Texts count where callers title a line."""
    is_back = line.direction is Direction.RETURN
    return _LineWorth(
        purpose=line.purpose,
        text=line.text.strip() if line.purpose in wording.TITLED else "",
        quantity=line.quantity,
        percentage=line.vat.percentage,
        is_exempt=line.vat.is_exempt,
        gross=line.vat.inclusive * (-sign if is_back else sign),
    )


REVERSALS = (
    reversal_takes_all_back,
    reversal_gives_vouchers_back,
    reversal_is_the_first,
    nothing_is_left_after_it,
    reversal_stays,
)
