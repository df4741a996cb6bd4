"""What a TSE is told about an operation: process data of receipts and orders (DSFinV-K)."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_DOWN, Context, Decimal
from typing import NamedTuple

from fiscus.model.amounts import plain
from fiscus.regimes.de.taxes import SLOTS

RECEIPT = "Kassenbeleg-V1"
ORDER = "Bestellung-V1"
OTHER = "SonstigerVorgang"

HOME_CURRENCY = "EUR"

_CENT = Decimal("0.01")
_CUT = Context(prec=40, rounding=ROUND_DOWN)


class ForeignPayment(NamedTuple):
    """A payment in the currency that was handed over."""

    is_cash: bool
    currency: str
    amount: Decimal


class OrderedLine(NamedTuple):
    """A line of an order; a negative quantity takes back what was ordered before."""

    quantity: Decimal
    text: str
    unit_gross: Decimal


def receipt(
    kind: str, gross_by_slot: Mapping[int, Decimal], payments: Iterable[ForeignPayment]
) -> str:
    """`Beleg^10.00_5.35_0.00_0.00_0.00^15.35:Unbar`, the data of `Kassenbeleg-V1`.

    `kind` is the type of the operation. Payments are summed by kind and currency; cash stands
    before anything else, the home currency before foreign ones, and sums of zero are left out.
    """
    amounts = "_".join(_cents(gross_by_slot.get(slot, Decimal(0))) for slot in SLOTS)
    return f"{kind}^{amounts}^{'_'.join(_payments(payments))}"


def order(lines: Iterable[OrderedLine]) -> str:
    """`2;"Wein";4.50`, one line for each item, the data of `Bestellung-V1`."""
    return "\r".join(
        f"{plain(line.quantity)};{_quoted(line.text)};{_cents(line.unit_gross)}" for line in lines
    )


def _payments(payments: Iterable[ForeignPayment]) -> Iterable[str]:
    sums: dict[tuple[bool, bool, str], Decimal] = {}
    for paid in payments:
        key = (not paid.is_cash, paid.currency != HOME_CURRENCY, paid.currency)
        sums[key] = sums.get(key, Decimal(0)) + paid.amount
    for (is_cashless, is_foreign, currency), amount in sorted(sums.items()):
        if amount:
            kind = "Unbar" if is_cashless else "Bar"
            yield f"{_cents(amount)}:{kind}" + (f":{currency}" if is_foreign else "")


def _cents(amount: Decimal) -> str:
    """Two decimals; further digits are cut, not rounded."""
    cut = amount.quantize(_CENT, context=_CUT)
    return str(cut) if cut else "0.00"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
