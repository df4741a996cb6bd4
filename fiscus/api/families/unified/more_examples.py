"""A day of a till as bodies of `createRecord`: what begins, what concludes it, and the closing.

The samples of the contract beside them are placeholders; these are accepted as they are, once ids
are those of a system and of records that exist. They add up, at the rates of Germany.
"""

from typing import Any

from fiscus.api.families.unified.examples import ID7

Json = dict[str, Any]

_CASH = {"type": "CASH", "details": {"amount": "8.60", "currency": "EUR"}}
_DETAILS = {"creators": [{"type": "PERSON", "label": "till-1"}]}


def _entry(
    text: str, quantity: str, price: str, vat: Json, number: str, type_: str = "SALE"
) -> Json:
    return {
        "type": type_,
        "data": {
            "type": "ITEM",
            "text": text,
            "unit": {"quantity": quantity, "price": price},
            "value": {"base": vat["exclusive"]},
            "vat": {"type": "VAT_RATE", **vat},
        },
        "details": {"concept": "GOOD", "number": number},
    }


def _vat(code: str, percentage: str, amount: str, exclusive: str, inclusive: str) -> Json:
    return {
        "code": code,
        "percentage": percentage,
        "amount": amount,
        "exclusive": exclusive,
        "inclusive": inclusive,
    }


def _concluding(operation: Json) -> Json:
    content = {"type": "TRANSACTION", "record": {"id": ID7}, "operation": operation}
    return {"content": content}


def _intention(operation: Json) -> Json:
    content = {"type": "INTENTION", "system": {"id": ID7}, "operation": operation}
    return {"content": content}


_RECEIPT: Json = {
    "type": "RECEIPT",
    "document": {
        "number": "17",
        "total_vat": {"amount": "1.22", "exclusive": "7.38", "inclusive": "8.60"},
    },
    "entries": [
        _entry("Kaffee", "2", "3.50", _vat("STANDARD", "19", "1.12", "5.88", "7.00"), "1"),
        _entry("Brezel", "2", "0.80", _vat("REDUCED_1", "7", "0.10", "1.50", "1.60"), "2"),
    ],
    "payments": [_CASH],
    "details": _DETAILS,
}
_BACK: Json = {
    "type": "RECEIPT",
    "document": {
        "number": "18",
        "total_vat": {"amount": "0.56", "exclusive": "2.94", "inclusive": "3.50"},
    },
    "entries": [
        _entry("Kaffee", "1", "3.50", _vat("STANDARD", "19", "0.56", "2.94", "3.50"), "1", "RETURN")
    ],
    "payments": [{"type": "CASH", "details": {"amount": "3.50", "currency": "EUR"}}],
}

RECORDS: dict[str, Json] = {
    "intention": _intention({"type": "TRANSACTION"}),
    "receipt": _concluding(_RECEIPT),
    "correction": _concluding(
        {"type": "CORRECTION", "record": {"id": ID7}, "reason": "one coffee back", "data": _BACK}
    ),
    "cancellation": _concluding(
        {"type": "CANCELLATION", "record": {"id": ID7}, "reason": "wrong table"}
    ),
    "abort": _concluding({"type": "ABORT"}),
    "closing": _intention({"type": "CLOSING", "period": "DAILY"}),
}
"""By name, in the order of a day. `record` of a transaction is its intention, that of its operation
the document that is corrected or cancelled."""
