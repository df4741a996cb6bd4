"""A closing as its page shows it: integers in minor units, the words of the family. Pure."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from fiscus.api.families.reporting import ids
from fiscus.api.families.reporting.translate_registry import moment
from fiscus.api.families.reporting.wire.countries import law_of
from fiscus.model.amounts import ZERO, cents_half_up, plain
from fiscus.model.closings import Closing, ClosingGroup, PaymentTotal
from fiscus.model.documents import PaymentMeans
from fiscus.model.records import EntryBody, Seal
from fiscus.regimes import Regime, find

Json = dict[str, Any]

METHODS: Mapping[PaymentMeans, str] = {
    PaymentMeans.CASH: "cash",
    PaymentMeans.CARD_CREDIT: "card",
    PaymentMeans.CARD_DEBIT: "card",
    PaymentMeans.CARD_PREPAID: "store_credit",
    PaymentMeans.CARD_GIFT: "gift_card",
    PaymentMeans.CARD_TICKET: "voucher",
    PaymentMeans.ONLINE: "digital_wallet",
    PaymentMeans.TRANSFER: "bank_transfer",
    PaymentMeans.VOUCHER_SINGLE: "voucher",
    PaymentMeans.VOUCHER_MULTIPLE: "voucher",
    PaymentMeans.OTHER: "other",
    PaymentMeans.OUTSTANDING: "outstanding",
}
"""The family's methods; `outstanding` is what is owed and was not paid by any."""

LAW_METHODS: Mapping[str, str] = {
    "Bar": "cash",
    "ECKarte": "card",
    "Kreditkarte": "card",
    "ElZahlungsdienstleister": "digital_wallet",
    "Guthabenkarte": "store_credit",
    "Unbar": "other",
    **{means.value: method for means, method in METHODS.items()},
}
"""For closings that did not count the callers' means: the nearest method of what the law calls the
payment, or we, where it has no word of its own. What paid nothing is missing, all else is
`other`."""

NOTHING_PAID = "Keine"

_MINOR = Decimal(100)


def closing(body: EntryBody, *, regime: str, pdf: str, export: str = "") -> Json:
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
        "summary": _summary(counted, find(regime)),
        "fiscal": _fiscal(counted, body.seal, regime, export),
        "created_at": made,
        "completed_at": made,
        "links": {"pdf": pdf},
        "checkpoint": _checkpoint(counted),
    }


def _checkpoint(counted: Closing) -> Json | None:
    """None for a closing that was made before the first checkpoint."""
    if not counted.checkpoint_size:
        return None
    return {
        "size": counted.checkpoint_size,
        "root": counted.checkpoint_root,
        "fingerprint": counted.fingerprint,
    }


def minor(amount: Decimal) -> int:
    """Cents of an amount that may bear more decimals."""
    return int(cents_half_up(amount) * _MINOR)


def _summary(counted: Closing, regime: Regime) -> Json:
    return {
        "operation_count": counted.documents,
        "total_gross": minor(counted.gross),
        "total_tax": minor(counted.vat),
        "total_by_payment_method": _by_method(counted),
        "by_operation_type": {
            "sales": _group(counted.sales),
            "refunds": _group(counted.returns),
            **({"exchanges": _group(counted.exchanges)} if counted.exchanges.count else {}),
            "voids": {"count": counted.voids},
            "cash_movements": {
                "cash_in_total": minor(counted.cash_in),
                "cash_out_total": minor(abs(counted.cash_out)),
            },
            **_ordered(counted),
        },
        "tax_breakdown": [
            {
                "rate": _rate(total.percentage),
                "category": regime.tax_category(total.tax_code),
                "taxable_amount": minor(total.net),
                "tax_amount": minor(total.vat),
            }
            for total in counted.taxes
        ],
    }


def _group(group: ClosingGroup) -> Json:
    return {"count": group.count, "total_gross": minor(group.gross)}


def _ordered(counted: Closing) -> Json:
    """Nothing where nothing was ordered: callers that never order are answered as before."""
    orders = counted.orders
    if not orders.count:
        return {}
    return {"orders": {"count": orders.count, "total_gross": minor(orders.gross)}}


def _by_method(counted: Closing) -> dict[str, int]:
    """What customers paid and got back, by the methods that tills named."""
    sums: dict[str, Decimal] = {}
    for tender in counted.tenders:
        method = METHODS[tender.means]
        sums[method] = sums.get(method, ZERO) + tender.amount
    if not counted.tenders:
        sums = _by_law(counted)
    return {method: minor(amount) for method, amount in sorted(sums.items())}


def _by_law(counted: Closing) -> dict[str, Decimal]:
    """The law's totals also hold what only moved in the drawer: the float, what was put in and
    taken out, and the counted difference."""
    sums: dict[str, Decimal] = {}
    for total in _paid(counted.payments):
        method = "cash" if total.is_cash else LAW_METHODS.get(total.type, "other")
        sums[method] = sums.get(method, ZERO) + total.amount
    moved = counted.opening + counted.cash_in - abs(counted.cash_out) + (counted.difference or ZERO)
    if "cash" in sums or moved:
        sums["cash"] = sums.get("cash", ZERO) - moved
    return sums


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
