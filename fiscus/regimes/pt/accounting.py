"""What the law tells the books, in the words of the SAF-T (PT): type of document, kind of product,
region and tax of each sale, mechanism of each payment.

- A document books what was sealed of each tax under
  `sale/<InvoiceType>/<ProductType>/<TaxCountryRegion>/<TaxCode>`, its payments under
  `payment/<PaymentMechanism>` (of the means, however it is called) with the change taken off, and
  the rest under `owed`.
- No text of the law speaks of the drawer: what happens to it stands under our own words,
  `movement/<purpose>`, a counted difference under `difference/short` or `difference/over`. The
  opening float is the same money as before, and a closing only adds up.
- Training and aborted operations bear no money; a cancelled document is booked the other way round.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from fiscus.model.accounts import (
    AccountedDocument,
    AccountedDraft,
    AccountedLine,
    AccountedSeal,
    AccountedTax,
    Bearing,
    Booking,
    BookingRole,
)
from fiscus.model.amounts import ZERO, cents_half_up
from fiscus.model.bookings import OWED, TaxedPart, balanced, difference, in_cents, plain_booking
from fiscus.model.documents import CASH_KINDS, DocumentKind, LinePurpose
from fiscus.model.kinds import EntryKind
from fiscus.regimes import RegimeAccounting
from fiscus.regimes.pt.charts import CHARTS
from fiscus.regimes.pt.documents import DOCUMENT_TYPES, FR, FS, FT, NC, ND
from fiscus.regimes.pt.mechanisms import MECHANISMS, paid

BEARINGS: Mapping[str, Bearing] = {each.code: Bearing.REVENUE for each in (FR, FS, FT, NC, ND)}

KEYS: Mapping[str, str] = {
    "sale": "InvoiceType, ProductType (P goods, S services), TaxCountryRegion and TaxCode",
    "payment": "PaymentMechanism",
    "owed": "not paid yet, or still to be given back",
    "movement": "cash put into the drawer or taken out, and what for",
    "difference": "counted cash that is short or over",
}

GOODS, SERVICES = "P", "S"
"""ProductType."""


_ShareTaxKey = tuple[str, str, str, Decimal]
"""What a line, or a share of a document, is taxed under: region, type, code, percentage."""


def bookings(document: AccountedDocument) -> tuple[Booking, ...]:
    """The amounts of a record, exactly as they were sealed."""
    draft, seal = document.draft, document.seal
    if document.kind != EntryKind.DOCUMENT or draft is None or draft.is_training:
        return ()
    if draft.kind in CASH_KINDS:
        return balanced([*_of_drawer(draft)])
    if seal is None or seal.document_type not in DOCUMENT_TYPES:
        return ()
    return balanced([*_of_taxes(seal), *_of_payments(draft, seal)])


def _of_taxes(seal: AccountedSeal) -> Iterator[Booking]:
    """Older seals state no shares: all lines share the totals."""
    sign = _sign(seal)
    if not seal.taxes:
        parts = [_part(seal, line, sign) for line in seal.lines]
        yield from in_cents(parts, net=sign * seal.net, vat=sign * seal.vat)
    lines: dict[_ShareTaxKey, list[TaxedPart]] = {}
    for line in seal.lines:
        lines.setdefault(_tax(line), []).append(_part(seal, line, sign))
    for share in seal.taxes:
        parts = lines[_tax(share)]
        yield from in_cents(parts, net=sign * share.net, vat=sign * share.vat)


def _part(seal: AccountedSeal, line: AccountedLine, sign: int) -> TaxedPart:
    product = SERVICES if line.is_service else GOODS
    return TaxedPart(
        key=f"sale/{seal.document_type}/{product}/{line.region}/{line.tax_code}",
        net=sign * line.net,
        vat=sign * line.vat,
        tax_code=line.tax_code,
        percentage=line.percentage,
    )


def _tax(of: AccountedLine | AccountedTax) -> _ShareTaxKey:
    return of.region, of.tax_type, of.tax_code, of.percentage


def _sign(seal: AccountedSeal) -> int:
    """As the account of the sale sees it: what is sold is a credit, a credit note takes it back."""
    return 1 if seal.document_type == NC.code else -1


def _of_payments(draft: AccountedDraft, seal: AccountedSeal) -> Iterator[Booking]:
    sign, rest = -_sign(seal), seal.gross
    for payment in paid(draft.payments, seal.gross):
        rest -= payment.amount
        key = f"payment/{payment.means}"
        yield plain_booking(BookingRole.SETTLEMENT, key, sign * payment.amount)
    yield plain_booking(BookingRole.SETTLEMENT, OWED, sign * rest)


def _of_drawer(draft: AccountedDraft) -> Iterator[Booking]:
    """An act of the drawer is one line, and what went in or out is the payment with its sign."""
    if draft.kind is DocumentKind.OPENING:
        return
    moved = ZERO
    for payment in draft.payments:
        amount = cents_half_up(payment.amount)
        moved += amount
        key = f"payment/{MECHANISMS[payment.means]}"
        yield plain_booking(BookingRole.SETTLEMENT, key, amount)
    purpose = draft.lines[0].purpose if draft.lines else LinePurpose.DIFFERENCE
    if purpose is LinePurpose.DIFFERENCE:
        yield difference(moved)
    else:
        yield plain_booking(BookingRole.MOVEMENT, f"movement/{purpose.value}", -moved)


ACCOUNTING = RegimeAccounting(
    bearings=BEARINGS,
    is_per_closing=False,
    bookings=bookings,
    keys=KEYS,
    charts=CHARTS,
)
