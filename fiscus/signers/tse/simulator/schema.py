"""A cloud TSE's JSON schemas for what a register says, and the process data they become.

Besides raw process data the API takes a receipt as amounts per VAT rate and payment type, or an
order as line items; the TSE signs the text of DSFinV-K either way.
"""

from base64 import b64decode
from binascii import Error as NotBase64
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from typing import Any

import msgspec

RECEIPT_TYPES = {
    "RECEIPT": "Beleg",
    "TRAINING": "AVTraining",
    "TRANSFER": "AVTransfer",
    "ORDER": "AVBestellung",
    "CANCELLATION": "AVBelegstorno",
    "ABORT": "AVBelegabbruch",
    "BENEFIT_IN_KIND": "AVSachbezug",
    "INVOICE": "AVRechnung",
    "OTHER": "AVSonstige",
}
VAT_SLOTS = ("NORMAL", "REDUCED_1", "SPECIAL_RATE_1", "SPECIAL_RATE_2", "NULL")
PAYMENTS = {"CASH": "Bar", "NON_CASH": "Unbar"}
_HOME = "EUR"
_CENT = Decimal("0.01")


class SchemaError(ValueError):
    """The schema of a request cannot be understood."""


class RequestedSigning(msgspec.Struct, frozen=True):
    """What the TSE is asked to sign."""

    process_type: str
    process_data: bytes


def said(schema: Any) -> RequestedSigning:
    """The process type and data a request's `schema` stands for. Nothing said is nothing signed."""
    if schema is None:
        return RequestedSigning("", b"")
    try:
        if "raw" in schema:
            raw = schema["raw"]
            return RequestedSigning(
                str(raw["process_type"]), b64decode(raw["process_data"], validate=True)
            )
        standard = schema["standard_v1"]
        if "receipt" in standard:
            return RequestedSigning("Kassenbeleg-V1", _receipt(standard["receipt"]).encode())
        return RequestedSigning("Bestellung-V1", _order(standard["order"]).encode())
    except (KeyError, TypeError, ValueError, InvalidOperation, NotBase64) as error:
        raise SchemaError(f"schema: {error!r}") from None


def _receipt(receipt: Any) -> str:
    rates = {slot: Decimal(0) for slot in VAT_SLOTS}
    for one in receipt.get("amounts_per_vat_rate", ()):
        rates[one["vat_rate"]] += Decimal(one["amount"])
    payments: dict[tuple[str, bool, str], Decimal] = {}
    for one in receipt.get("amounts_per_payment_type", ()):
        currency = one.get("currency_code", _HOME)
        key = (PAYMENTS[one["payment_type"]], currency != _HOME, currency)
        payments[key] = payments.get(key, Decimal(0)) + Decimal(one["amount"])
    paid = (
        f"{_amount(amount)}:{kind}{f':{currency}' if is_foreign else ''}"
        for (kind, is_foreign, currency), amount in sorted(payments.items())
        if amount
    )
    slots = "_".join(_amount(rates[slot]) for slot in VAT_SLOTS)
    return f"{RECEIPT_TYPES[receipt['receipt_type']]}^{slots}^{'_'.join(paid)}"


def _order(order: Any) -> str:
    lines = []
    for item in order["line_items"]:
        quantity = format(Decimal(item["quantity"]).normalize(), "f")
        text = str(item["text"]).replace('"', '""')
        lines.append(f'{quantity};"{text}";{_amount(Decimal(item["price_per_unit"]))}')
    return "\r".join(lines)


def _amount(amount: Decimal) -> str:
    """Two decimals; digits beyond are cut."""
    return str(amount.quantize(_CENT, rounding=ROUND_DOWN))
