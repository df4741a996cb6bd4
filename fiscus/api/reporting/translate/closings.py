"""A closing as its page shows it: integers in minor units, the words of the family. Pure."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from fiscus.api.reporting import ids
from fiscus.api.reporting.translate_registry import moment
from fiscus.api.reporting.wire.countries import law_of
from fiscus.model.amounts import ZERO, cents_half_up, plain
from fiscus.model.closings import Closing, PaymentTotal
from fiscus.model.records import Body, Seal

Json = dict[str, Any]

METHODS = {
    "Bar": "cash",
    "ECKarte": "card",
    "Kreditkarte": "card",
    "ElZahlungsdienstleister": "digital_wallet",
    "Guthabenkarte": "store_credit",
    "Unbar": "other",
}
"""The family's methods by the law's kinds of payment; what paid nothing is missing."""

NOTHING_PAID = "Keine"

CATEGORIES = {
    "1": "standard",
    "2": "reduced",
    "3": "average",
    "4": "average",
    "5": "not_taxable",
    "6": "exempt",
    "7": "undetermined",
    "8": "zero",
}
"""What a tax code stands for; codes of former rates end with today's."""

_MINOR = Decimal(100)


def closing(body: Body, *, regime: str, pdf: str, export: str = "") -> Json:
    """`pdf` is where the report on paper is found, `export` the newest export that it is in."""
    counted = body.closing
    assert counted is not None
    made = moment(body.at)
    return {
        "id": ids.shown("cls", body.id),
        "object": "closing",
        "register_id": ids.shown("reg", body.register),
        "type": counted.type.value,
        # Made, sealed and committed at once: nobody ever sees one that is pending.
        "state": "completed",
        "period": {"from": moment(counted.since), "to": moment(counted.until)},
        "summary": _summary(counted),
        "fiscal": _fiscal(counted, body.seal, regime, export),
        "created_at": made,
        "completed_at": made,
        "links": {"pdf": pdf},
    }


def minor(amount: Decimal) -> int:
    """Cents of an amount that may bear more decimals."""
    return int(cents_half_up(amount) * _MINOR)


def _summary(counted: Closing) -> Json:
    sales, returns = counted.sales, counted.returns
    return {
        "operation_count": counted.documents,
        "total_gross": minor(sales.gross + returns.gross),
        "total_tax": minor(sales.vat + returns.vat),
        "total_by_payment_method": _by_method(counted),
        "by_operation_type": {
            "sales": {"count": sales.count, "total_gross": minor(sales.gross)},
            "refunds": {"count": returns.count, "total_gross": minor(returns.gross)},
            "voids": {"count": counted.voids},
            "cash_movements": {
                "cash_in_total": minor(counted.cash_in),
                "cash_out_total": minor(abs(counted.cash_out)),
            },
        },
        "tax_breakdown": [
            {
                "rate": _rate(total.percentage),
                "category": CATEGORIES.get(total.tax_code[-1:], "other"),
                "taxable_amount": minor(total.net),
                "tax_amount": minor(total.vat),
            }
            for total in counted.taxes
        ],
    }


def _by_method(counted: Closing) -> dict[str, int]:
    """What customers paid and got back. The law's totals also hold what only moved in the drawer:
    the float, what was put in and taken out, and the counted difference."""
    sums: dict[str, Decimal] = {}
    for total in _paid(counted.payments):
        method = "cash" if total.is_cash else METHODS.get(total.type, "other")
        sums[method] = sums.get(method, ZERO) + total.amount
    moved = counted.opening + counted.cash_in - abs(counted.cash_out) + (counted.difference or ZERO)
    if "cash" in sums or moved:
        sums["cash"] = sums.get("cash", ZERO) - moved
    return {method: minor(amount) for method, amount in sorted(sums.items())}


def _paid(totals: Iterable[PaymentTotal]) -> Iterable[PaymentTotal]:
    return (total for total in totals if total.type != NOTHING_PAID)


def _rate(percentage: Decimal) -> str:
    """`0.19` for 19 percent, with at least two decimals."""
    text = plain(percentage / _MINOR)
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.ljust(2, '0')}"


def _fiscal(counted: Closing, seal: Seal | None, regime: str, export: str) -> Json:
    """Of a report the last Z number that it covers: it has none of its own."""
    signing = seal.signing if seal else None
    return {
        "regime": law_of(regime),
        "z_number": counted.last_z,
        "tse_serial": signing.serial if signing else None,
        "signature": signing.signature if signing else None,
        "transaction_counter": signing.counter if signing else None,
        "dsfinvk_export_id": ids.shown("exp", export) if export else None,
    }
