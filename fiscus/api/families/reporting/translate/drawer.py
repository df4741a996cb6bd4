"""What happens to the cash drawer, as neutral drafts. Pure."""

from decimal import Decimal

import msgspec

from fiscus.api.families.reporting.translate import people
from fiscus.api.families.reporting.translate.goods import HOME_CURRENCY
from fiscus.api.families.reporting.translate.lines import untaxed
from fiscus.api.families.reporting.wire import operations as wire
from fiscus.model.documents import (
    ClosingType,
    Direction,
    DocumentKind,
    Draft,
    DraftLine,
    LinePurpose,
    Payment,
    PaymentMeans,
)
from fiscus.model.faults import Code, Refused

WRONG_WAY = Code("REPORTING-DRAWER-01", "this reason says the money goes the other way")
BOTH_WAYS = Code(
    "REPORTING-DRAWER-02", "a session is closed with cash_out_amount or cash_in_amount, not both"
)

REASONS = {
    "bank_drop": LinePurpose.TRANSIT,
    "bank_deposit": LinePurpose.TRANSIT,
    "safe_drop": LinePurpose.TRANSIT,
    "change_delivery": LinePurpose.TRANSIT,
    "pay_in": LinePurpose.PAY_IN,
    "pay_out": LinePurpose.PAY_OUT,
    "owner_deposit": LinePurpose.OWNER_IN,
    "owner_withdrawal": LinePurpose.OWNER_OUT,
    "wage": LinePurpose.WAGE,
    "correction": LinePurpose.DIFFERENCE,
}
"""The reasons that we know; any other text is a pay-in or a pay-out by its sign."""

_IN_ONLY = frozenset({LinePurpose.PAY_IN, LinePurpose.OWNER_IN})
_OUT_ONLY = frozenset({LinePurpose.PAY_OUT, LinePurpose.OWNER_OUT, LinePurpose.WAGE})


def opening(body: wire.SessionOpen) -> Draft:
    amount = Decimal(body.opening_balance_amount)
    return _moved(DocumentKind.OPENING, LinePurpose.FLOAT, amount, body, text="Opening float")


def adjustment(body: wire.SessionCashAdjustment) -> Draft:
    """Raises `Refused` if the reason and the sign disagree."""
    amount = Decimal(body.amount)
    by_sign = LinePurpose.PAY_IN if amount > 0 else LinePurpose.PAY_OUT
    purpose = REASONS.get(body.reason.strip().lower(), by_sign)
    if purpose in (_OUT_ONLY if amount > 0 else _IN_ONLY):
        raise Refused(WRONG_WAY, "amount")
    return _moved(
        DocumentKind.MOVEMENT, purpose, amount, body, text=body.reason, reason=body.reason
    )


def count(body: wire.SessionCashCount) -> Draft:
    return _moved(
        DocumentKind.COUNT,
        LinePurpose.DIFFERENCE,
        Decimal(body.variance),
        body,
        text="Counted difference",
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
    return _moved(DocumentKind.MOVEMENT, LinePurpose.TRANSIT, amount, body, text=text)


def as_adjustment(body: wire.SessionClose, draft: Draft) -> str:
    """The last movement told as what it is, an adjustment: that is how it is found again."""
    said: dict[str, object] = {
        "type": "session_cash_adjustment",
        "register_id": body.register_id,
        "amount": str(draft.payments[0].amount),
        "reason": draft.lines[0].text,
        "currency": draft.currency,
    }
    if body.operator is not None:
        said["operator"] = body.operator.model_dump(exclude_none=True)
    return msgspec.json.encode(said).decode()


def closing(type_: ClosingType, currency: str | None = None) -> Draft:
    return Draft(kind=DocumentKind.CLOSING, closing=type_, currency=currency or HOME_CURRENCY)


def end(body: wire.SessionClose) -> Draft:
    """The closing that ends a session. Its note stands with what is moved last, if anything is."""
    shift = closing(ClosingType.SHIFT, body.currency)
    if last_movement(body) is None:
        shift = msgspec.structs.replace(shift, text=body.note or "")
    return people.served(shift, body.operator)


def _moved(
    kind: DocumentKind,
    purpose: LinePurpose,
    amount: Decimal,
    body: wire.SessionEvent,
    *,
    text: str,
    reason: str = "",
) -> Draft:
    """Exactly one line and one cash payment of the signed amount; a count that fits has neither."""
    is_empty = kind is DocumentKind.COUNT and not amount
    line = DraftLine(
        direction=Direction.RETURN if amount < 0 else Direction.SALE,
        text=text,
        quantity=Decimal(1),
        unit_price=abs(amount),
        vat=untaxed(abs(amount)),
        purpose=purpose,
    )
    draft = Draft(
        kind=kind,
        reference=body.external_id or "",
        lines=() if is_empty else (line,),
        payments=() if is_empty else (Payment(means=PaymentMeans.CASH, amount=amount),),
        currency=body.currency or HOME_CURRENCY,
        reason=reason,
        text=body.note or "",
    )
    return people.served(draft, body.operator)
