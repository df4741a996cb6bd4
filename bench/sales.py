"""What the load says over the wire: intentions and documents of a Portuguese shop, as bytes."""

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any
from uuid import UUID

Operation = dict[str, Any]

VERSION = "2026-05-04"

COFFEE: Operation = {
    "type": "SALE",
    "data": {
        "type": "ITEM",
        "text": "Café",
        "unit": {"quantity": "2", "price": "1.23"},
        "value": {"base": "2.00"},
        "vat": {
            "type": "VAT_RATE",
            "code": "STANDARD",
            "percentage": "23",
            "amount": "0.46",
            "exclusive": "2.00",
            "inclusive": "2.46",
        },
    },
    "details": {"concept": "GOOD", "number": "1"},
}
BREAD: Operation = {
    "type": "SALE",
    "data": {
        "type": "ITEM",
        "text": "Pão de centeio",
        "unit": {"quantity": "1", "price": "1.06"},
        "value": {"base": "1.00"},
        "vat": {
            "type": "VAT_RATE",
            "code": "REDUCED_2",
            "percentage": "6",
            "amount": "0.06",
            "exclusive": "1.00",
            "inclusive": "1.06",
        },
    },
    "details": {"concept": "GOOD", "number": "2"},
}
BUYER: Operation = {
    "type": "BUSINESS",
    "name": "Oficina Marés, Lda.",
    "address": {
        "line": {"type": "STREET_NUMBER", "street": "Av. do Mar", "number": "4"},
        "code": "8000-100",
        "city": "Faro",
        "country": "PT",
    },
    "identification": {"type": "VAT", "number": "514200111"},
}


def a_receipt(series: str) -> Operation:
    """Two lines, two rates, paid in cash."""
    return {
        "type": "RECEIPT",
        "document": _document(series, amount="0.52", exclusive="3.00", inclusive="3.52"),
        "entries": [COFFEE, BREAD],
        "customer": {"type": "EXTERNAL", "code": "214567893"},
        "payments": [{"type": "CASH", "details": {"amount": "3.52", "currency": "EUR"}}],
        "details": {"creators": [{"type": "PERSON", "label": "caixa-1"}]},
    }


def an_invoice(series: str) -> Operation:
    return {
        "type": "INVOICE",
        "document": _document(series, amount="0.46", exclusive="2.00", inclusive="2.46"),
        "entries": [COFFEE],
        "recipients": [BUYER],
        "payments": [{"type": "OUTSTANDING", "concept": "SERVICE", "details": {"amount": "2.46"}}],
        "breakdown": [{"percentage": "23", "amount": "0.46"}],
    }


def a_correction(series: str, record: str) -> Operation:
    """One of the two coffees of a receipt comes back."""
    coffee = deepcopy(COFFEE)
    coffee["type"] = "RETURN"
    coffee["data"]["unit"]["quantity"] = "1"
    coffee["data"]["value"]["base"] = "1.00"
    coffee["data"]["vat"].update(amount="0.23", exclusive="1.00", inclusive="1.23")
    return {
        "type": "CORRECTION",
        "record": {"id": record},
        "reason": "Artigo devolvido",
        "data": {
            "type": "RECEIPT",
            "document": _document(series, amount="0.23", exclusive="1.00", inclusive="1.23"),
            "entries": [coffee],
            "payments": [{"type": "CASH", "details": {"amount": "1.23"}}],
        },
    }


def a_cancellation(record: str) -> Operation:
    return {"type": "CANCELLATION", "record": {"id": record}, "reason": "Emitido por engano"}


def _document(series: str, **total: str) -> Operation:
    return {"number": "SALE", "series": series, "total_vat": total}


def intention(system: str) -> bytes:
    content = {"type": "INTENTION", "system": {"id": system}, "operation": {"type": "TRANSACTION"}}
    return json.dumps({"content": content}).encode()


def conclusion(intent: str, operation: Operation) -> bytes:
    content = {"type": "TRANSACTION", "record": {"id": intent}, "operation": operation}
    return json.dumps({"content": content}).encode()


def template(operation: Operation) -> tuple[bytes, bytes]:
    """A conclusion cut where the intention's id belongs, so that the load need not encode."""
    before, after = conclusion("<intent>", operation).split(b"<intent>")
    return before, after


def post(path: str, bearer: str, key: str, body: bytes) -> bytes:
    """A whole HTTP/1.1 request."""
    said = {"Authorization": f"Bearer {bearer}", "X-Api-Version": VERSION, "X-Idempotency-Key": key}
    return request(path, said, body)


def request(path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    said = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return (
        f"POST {path} HTTP/1.1\r\nHost: fiscus\r\n{said}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def a_key(bits: int) -> str:
    """An idempotency key of 128 random bits."""
    return str(UUID(int=bits, version=4))
