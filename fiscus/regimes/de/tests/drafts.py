"""Hypothesis strategies: operations as the rules let them through."""

from decimal import Decimal

from hypothesis import strategies as st

from fiscus.model.documents import (
    Direction,
    Discount,
    DocumentKind,
    Draft,
    DraftLine,
    LinePurpose,
    Payment,
    PaymentMeans,
)
from fiscus.regimes.de import worth
from fiscus.regimes.de.tests.builders import a_line, a_vat, money, no_vat, with_

CENTS = st.integers(1, 10**6).map(lambda cents: Decimal(cents) / 100)
RATES = st.sampled_from(["19", "7", "7.8", "5.5"])
WAYS = st.sampled_from(Direction)
MONEY = st.sampled_from(
    [LinePurpose.TIP_STAFF, LinePurpose.VOUCHER_SOLD, LinePurpose.VOUCHER_REDEEMED]
)
MEANS = st.sampled_from(
    [means for means in PaymentMeans if means is not PaymentMeans.VOUCHER_SINGLE]
)
TAXED = st.sampled_from(
    [
        LinePurpose.SALE,
        LinePurpose.DEPOSIT,
        LinePurpose.DISCOUNT,
        LinePurpose.SURCHARGE,
        LinePurpose.TIP_OWNER,
    ]
)


@st.composite
def lines(draw: st.DrawFn) -> DraftLine:
    gross, direction = str(draw(CENTS)), draw(WAYS)
    match draw(st.integers(0, 3)):
        case 0:
            purpose = draw(MONEY)
            return money(purpose, gross, direction=direction)
        case 1:
            code = draw(st.sampled_from(["CAUSE_1", "CAUSE_3", "NOT_TAXABLE"]))
            return a_line(vat=no_vat(gross, code, is_exempt=True), direction=direction)
        case _:
            vat = a_vat(gross, draw(RATES))
            return a_line(vat=vat, direction=direction, purpose=draw(TAXED))


@st.composite
def discounts(draw: st.DrawFn, draft: Draft) -> tuple[Discount, ...]:
    """Up to three, together no more than the turnover."""
    left, found = abs(worth.turnover(draft)), []
    for i in range(draw(st.integers(0, 3))):
        cents = int(left * 100)
        if cents:
            amount = Decimal(draw(st.integers(1, cents))) / 100
            found.append(Discount(text=f"Rabatt {i}", amount=amount))
            left -= amount
    return tuple(found)


@st.composite
def payments(draw: st.DrawFn, total: Decimal) -> tuple[Payment, ...]:
    """In one or two parts that make up the total."""
    first = draw(CENTS) if draw(st.booleans()) else total
    parts = (first, total - first)
    return tuple(Payment(means=draw(MEANS), amount=part) for part in parts if part)


@st.composite
def corrections(draw: st.DrawFn) -> Draft:
    """The kind that may do everything a receipt may, and have any sign."""
    draft = Draft(
        kind=DocumentKind.CORRECTION,
        external_reference="A-1",
        external_text="Beleg der alten Kasse",
        lines=tuple(draw(st.lists(lines(), min_size=1, max_size=6))),
    )
    draft = with_(draft, discounts=draw(discounts(draft)))
    return with_(draft, payments=draw(payments(worth.total(draft))))
