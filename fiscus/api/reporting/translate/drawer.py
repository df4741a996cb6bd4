"""What happens to the cash drawer, as neutral drafts. Pure."""

from decimal import Decimal

import msgspec

from fiscus.api.reporting.translate.goods import untaxed
from fiscus.api.reporting.wire import operations as wire
from fiscus.model.documents import (
    ClosingType,
    Direction,
    Draft,
    Kind,
    Line,
    Means,
    Payment,
    Purpose,
)
from fiscus.model.faults import Code, Refused

WRONG_WAY = Code("REPORTING-DRAWER-01", "this reason says the money goes the other way")
BOTH_WAYS = Code(
    "REPORTING-DRAWER-02", "a session is closed with cash_out_amount or cash_in_amount, not both"
)

HOME_CURRENCY = "EUR"

REASONS = {
    "bank_drop": Purpose.TRANSIT,
    "bank_deposit": Purpose.TRANSIT,
    "safe_drop": Purpose.TRANSIT,
    "change_delivery": Purpose.TRANSIT,
    "pay_in": Purpose.PAY_IN,
    "pay_out": Purpose.PAY_OUT,
    "owner_deposit": Purpose.OWNER_IN,
    "owner_withdrawal": Purpose.OWNER_OUT,
    "wage": Purpose.WAGE,
    "correction": Purpose.DIFFERENCE,
}
"""The reasons that we know; any other text is a pay-in or a pay-out by its sign."""

_IN_ONLY = frozenset({Purpose.PAY_IN, Purpose.OWNER_IN})
_OUT_ONLY = frozenset({Purpose.PAY_OUT, Purpose.OWNER_OUT, Purpose.WAGE})


def opening(body: wire.SessionOpen) -> Draft:
    amount = Decimal(body.opening_balance_amount)
    return _moved(Kind.OPENING, Purpose.FLOAT, amount, body, text="Opening float")


def adjustment(body: wire.SessionCashAdjustment) -> Draft:
    """Raises `Refused` if the reason and the sign disagree."""
    amount = Decimal(body.amount)
    by_sign = Purpose.PAY_IN if amount > 0 else Purpose.PAY_OUT
    purpose = REASONS.get(body.reason.strip().lower(), by_sign)
    if purpose in (_OUT_ONLY if amount > 0 else _IN_ONLY):
        raise Refused(WRONG_WAY, "amount")
    return _moved(Kind.MOVEMENT, purpose, amount, body, text=body.reason, reason=body.reason)


def count(body: wire.SessionCashCount) -> Draft:
    return _moved(
        Kind.COUNT, Purpose.DIFFERENCE, Decimal(body.variance), body, text="Counted difference"
    )


def last_movement(body: wire.SessionClose) -> Draft | None:
    """What is taken out or put in before a session is closed; None if nothing is."""
    out, in_ = Decimal(body.cash_out_amount or 0), Decimal(body.cash_in_amount or 0)
    if out and in_:
        raise Refused(BOTH_WAYS, "cash_in_amount")
    amount = in_ - out
    if not amount:
        return None
    text = "Closing pull" if amount < 0 else "Float for the next shift"
    return _moved(Kind.MOVEMENT, Purpose.TRANSIT, amount, body, text=text)


def as_adjustment(body: wire.SessionClose, draft: Draft) -> str:
    """The last movement told as what it is, an adjustment: that is how it is found again."""
    said = {
        "type": "session_cash_adjustment",
        "register_id": body.register_id,
        "amount": str(draft.payments[0].amount),
        "reason": draft.lines[0].text,
        "currency": draft.currency,
    }
    return msgspec.json.encode(said).decode()


def closing(type_: ClosingType, currency: str | None = None) -> Draft:
    return Draft(kind=Kind.CLOSING, closing=type_, currency=currency or HOME_CURRENCY)


def _moved(
    kind: Kind, purpose: Purpose, amount: Decimal, body: wire.SessionEvent, *, text: str,
    reason: str = "",
) -> Draft:  # fmt: skip
    """Exactly one line and one cash payment of the signed amount; a count that fits has neither."""
    is_empty = kind is Kind.COUNT and not amount
    line = Line(
        direction=Direction.RETURN if amount < 0 else Direction.SALE,
        text=text,
        quantity=Decimal(1),
        unit_price=abs(amount),
        vat=untaxed(abs(amount)),
        purpose=purpose,
    )
    return Draft(
        kind=kind,
        reference=body.external_id or "",
        lines=() if is_empty else (line,),
        payments=() if is_empty else (Payment(means=Means.CASH, amount=amount),),
        currency=body.currency or HOME_CURRENCY,
        reason=reason,
        text=body.note or "",
    )
