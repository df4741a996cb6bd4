"""What the café sends: requests as they travel, in JSON, so that they can be copied from here."""

import json
from typing import Any

from fiscus.demo.books import Handover

Json = dict[str, Any]

TAXPAYER: Json = json.loads("""
{"type": "COMPANY",
 "name": {"legal": "Padaria do Cais, Lda.", "trade": "Padaria do Cais"},
 "address": {"line": {"type": "STREET_NUMBER", "street": "Rua do Ouro", "number": "12"},
             "code": "1100-061", "city": "Lisboa", "country": "PT"},
 "fiscalization": {"type": "PT", "tax_id_number": "509876544",
   "registration": {"capital": "5000.00", "office": "CRC Lisboa", "other": "509876544"},
   "credentials": {"type": "AT", "username": "509876544/1", "password": "example-only"}}}
""")

REPORTING: Json = {"reporting": "realtime"}
"""The taxpayer's metadata: each document is told to the tax authority when it is issued."""

BRANCH: Json = json.loads("""
{"type": "BRANCH", "name": "Loja Baixa",
 "address": {"line": {"type": "STREET_NUMBER", "street": "Rua Augusta", "number": "100"},
             "code": "1100-053", "city": "Lisboa", "country": "PT"}}
""")

TILL: Json = json.loads("""
{"type": "FISCAL_DEVICE",
 "producer": {"type": "MPN", "number": "POS-2000",
              "details": {"name": "Balcão 1", "brand": "Example", "serial": "SN-0001"}},
 "software": {"name": "example-pos", "version": "4.2.0"}}
""")

COFFEE: Json = json.loads("""
{"type": "SALE", "details": {"concept": "GOOD", "number": "1"},
 "data": {"type": "ITEM", "text": "Café", "unit": {"quantity": "2", "price": "1.23"},
   "value": {"base": "2.00"},
   "vat": {"type": "VAT_RATE", "code": "STANDARD", "percentage": "23",
           "amount": "0.46", "exclusive": "2.00", "inclusive": "2.46"}}}
""")

BREAD: Json = json.loads("""
{"type": "SALE", "details": {"concept": "GOOD", "number": "2"},
 "data": {"type": "ITEM", "text": "Pão de centeio", "unit": {"quantity": "1", "price": "1.06"},
   "value": {"base": "1.00"},
   "vat": {"type": "VAT_RATE", "code": "REDUCED_2", "percentage": "6",
           "amount": "0.06", "exclusive": "1.00", "inclusive": "1.06"}}}
""")

COFFEE_BACK: Json = json.loads("""
{"type": "RETURN", "details": {"concept": "GOOD", "number": "1"},
 "data": {"type": "ITEM", "text": "Café", "unit": {"quantity": "1", "price": "1.23"},
   "value": {"base": "1.00"},
   "vat": {"type": "VAT_RATE", "code": "STANDARD", "percentage": "23",
           "amount": "0.23", "exclusive": "1.00", "inclusive": "1.23"}}}
""")

WORKSHOP: Json = json.loads("""
{"type": "BUSINESS", "name": "Oficina Marés, Lda.",
 "address": {"line": {"type": "STREET_NUMBER", "street": "Av. do Mar", "number": "4"},
             "code": "8000-100", "city": "Faro", "country": "PT"},
 "identification": {"type": "VAT", "number": "514200111"}}
""")

_COFFEES = {"amount": "0.46", "exclusive": "2.00", "inclusive": "2.46"}
_BREAKFAST = {"amount": "0.52", "exclusive": "3.00", "inclusive": "3.52"}
_BREAD = {"amount": "0.06", "exclusive": "1.00", "inclusive": "1.06"}
_ONE_COFFEE = {"amount": "0.23", "exclusive": "1.00", "inclusive": "1.23"}
_BY = {"creators": [{"type": "PERSON", "label": "Ana"}]}


def coffees() -> Json:
    return _receipt("1", [COFFEE], _COFFEES)


def breakfast_with_tax_number() -> Json:
    return {
        **_receipt("2", [COFFEE, BREAD], _BREAKFAST),
        "customer": {"type": "EXTERNAL", "code": "214567893"},
    }


def bread() -> Json:
    return _receipt("3", [BREAD], _BREAD)


def _receipt(number: str, entries: list[Json], total: Json) -> Json:
    return {
        "type": "RECEIPT",
        "document": {"number": number, "series": "BALCAO-1", "total_vat": total},
        "entries": entries,
        "payments": [{"type": "CASH", "details": {"amount": total["inclusive"]}}],
        "details": _BY,
    }


def invoice() -> Json:
    return {
        "type": "INVOICE",
        "document": {"number": "1", "series": "FATURAS", "total_vat": _BREAKFAST},
        "entries": [COFFEE, BREAD],
        "recipients": [WORKSHOP],
        "payments": [
            {
                "type": "OUTSTANDING",
                "concept": "GOOD",
                "details": {"amount": _BREAKFAST["inclusive"]},
            }
        ],
        "breakdown": [
            {"percentage": "23", "amount": "0.46"},
            {"percentage": "6", "amount": "0.06"},
        ],
        "details": _BY,
    }


def correction(original: str) -> Json:
    return {
        "type": "CORRECTION",
        "record": {"id": original},
        "reason": "Um café devolvido",
        "data": {
            "type": "RECEIPT",
            "document": {"number": "1", "series": "DEVOLUCOES", "total_vat": _ONE_COFFEE},
            "entries": [COFFEE_BACK],
            "payments": [{"type": "CASH", "details": {"amount": _ONE_COFFEE["inclusive"]}}],
            "details": _BY,
        },
    }


def cancellation(original: str) -> Json:
    return {
        "type": "CANCELLATION",
        "record": {"id": original},
        "reason": "Emitido por engano",
        "details": _BY,
    }


ACCOUNTANT = Handover(
    shop="Lisbon",
    tax_number=TAXPAYER["fiscalization"]["tax_id_number"],
    timezone="Europe/Lisbon",
    chart="SNC",
    format="beancount",
    file="lisbon.beancount",
)
