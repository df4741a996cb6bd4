"""What was sold on account and is paid later: no more than is owed."""

from collections.abc import Iterator
from decimal import Decimal

from fiscus.model.amounts import ZERO
from fiscus.model.documents import Draft, LinePurpose, PaymentMeans
from fiscus.model.faults import Code
from fiscus.model.records import Case, EntryBody
from fiscus.regimes.de import worth
from fiscus.regimes.de.assess import signed
from fiscus.regimes.de.documents import RECEIVABLES as CASES
from fiscus.regimes.de.rules.law import EXPORT, RECORDING, rule


@rule(
    Code(
        "DE-RECEIVABLE-01",
        "more is paid than the document that is named left owed, or was paid already",
    ),
    law=f"{RECORDING}; {EXPORT}, annex C, Forderungsaufloesung",
)
def no_more_is_settled_than_is_owed(case: Case) -> Iterator[str]:
    """Where no document of ours is named, nobody here knows what is owed: an invoice, say."""
    original = case.original
    if original is None:
        return
    left = sum((_owed(body) for body in (original, *case.notes)), ZERO)
    left += sum(map(_will_owe, case.begun), ZERO)
    for i, line in enumerate(case.draft.lines):
        if line.purpose is LinePurpose.RECEIVABLE_SETTLED:
            amount = worth.signed(line)
            if amount * left <= 0 or abs(amount) > abs(left):
                yield f"lines[{i}].vat.inclusive"
            left -= amount


def _owed(body: EntryBody) -> Decimal:
    """What a document left owed, less what it paid; negative: the customer is owed it."""
    lines = body.seal.lines if body.seal else ()
    return -sum((signed(line) for line in lines if line.case in CASES), ZERO)


def _will_owe(draft: Draft) -> Decimal:
    owed = sum((x.amount for x in draft.payments if x.means is PaymentMeans.OUTSTANDING), ZERO)
    settled = (x for x in draft.lines if x.purpose is LinePurpose.RECEIVABLE_SETTLED)
    return owed - sum(map(worth.signed, settled), ZERO)


RECEIVABLES = (no_more_is_settled_than_is_owed,)
