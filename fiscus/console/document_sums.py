"""What a document comes to, with signs that are the same on all pages.

Some laws count vouchers that were taken, and what is still owed, as lines that lower the total of
the document. People look for the sum of what was sold: both are shown, and what lies between.
"""

from decimal import Decimal

import msgspec

from fiscus.issuing import paid
from fiscus.model.amounts import ZERO, cents_half_up
from fiscus.model.documents import PaymentMeans
from fiscus.model.records import AssessedLine, EntryBody, Seal


class DocumentSums(msgspec.Struct, frozen=True, kw_only=True):
    """`sold` is the sum of what was sold, `beside` what the law takes off it, by means: negative
    where it was redeemed. `left` is the total that the document states."""

    sold: Decimal
    beside: tuple[tuple[PaymentMeans, Decimal], ...]
    left: Decimal


def of(body: EntryBody) -> DocumentSums | None:
    """None where nothing lies between what was sold and the total."""
    if body.draft is None or body.seal is None:
        return None
    beside = tuple((means, -amount) for means, amount in paid.beside(body, body.draft))
    if not beside:
        return None
    left = body.seal.gross
    sold = left - sum((amount for _, amount in beside), ZERO)
    return DocumentSums(sold=sold, beside=beside, left=left)


def side(seal: Seal) -> int:
    """-1 for a document whose total is what it gives back: some laws write that without a sign,
    others with one."""
    whole = sum((signed(line) for line in seal.lines), ZERO)
    return -1 if whole * seal.gross < 0 else 1


def signed(line: AssessedLine) -> Decimal:
    """The gross amount of a line: negative if it lowers the total."""
    return cents_half_up(line.net + line.vat) * (-1 if line.is_debit else 1)
