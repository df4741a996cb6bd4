"""What the kiosk sends: requests as they travel, in JSON, so that they can be copied from here.

Prices are with VAT in them, as on the menu; amounts are decimal texts in euros.
"""

import json
from typing import Any

from fiscus.demo.books import Handover

Json = dict[str, Any]

MERCHANT: Json = json.loads("""
{"legal_name": "Kiosk am Kotti GmbH", "country_code": "DEU",
 "address": {"line1": "Oranienstraße 12", "city": "Berlin", "postal_code": "10999",
             "country_code": "DEU"},
 "fiscal_identities": [{"country_code": "DEU",
                        "tax_number": "21/815/08150", "vat_id": "DE123456788"}]}
""")

LOCATION: Json = json.loads("""
{"name": "Kottbusser Tor", "timezone": "Europe/Berlin",
 "address": {"line1": "Oranienstraße 12", "city": "Berlin", "postal_code": "10999",
             "country_code": "DEU"}}
""")

REGISTER: Json = {"name": "Till 1", "external_id": "pos-0001"}

FLOAT: Json = json.loads("""
{"type": "session_open", "currency": "EUR", "opening_balance_amount": "150.00"}
""")

BREAKFAST: Json = json.loads("""
{"type": "sale", "source": "POS", "currency": "EUR",
 "pretax_amount": "7.38", "tax_amount": "1.22", "total_amount": "8.60",
 "line_items": [
  {"title": "Kaffee", "quantity": 2, "unit_price": "3.50", "total_amount": "7.00",
   "taxes": [{"name": "USt", "rate": "0.19", "tax_amount": "1.12"}]},
  {"title": "Brezel", "quantity": 2, "unit_price": "0.80", "total_amount": "1.60",
   "taxes": [{"name": "USt", "rate": "0.07", "tax_amount": "0.10"}]}]}
""")

NEWSPAPER: Json = json.loads("""
{"type": "sale", "source": "POS", "currency": "EUR",
 "pretax_amount": "6.23", "tax_amount": "0.87", "total_amount": "7.10",
 "line_items": [
  {"title": "Zeitung", "quantity": 1, "unit_price": "2.80", "total_amount": "2.80",
   "taxes": [{"name": "USt", "rate": "0.07", "tax_amount": "0.18"}]},
  {"title": "Limonade", "quantity": 2, "unit_price": "2.00", "total_amount": "4.00",
   "taxes": [{"name": "USt", "rate": "0.19", "tax_amount": "0.64"}]},
  {"title": "Pfand", "quantity": 2, "unit_price": "0.15", "total_amount": "0.30",
   "kind": "deposit",
   "taxes": [{"name": "USt", "rate": "0.19", "tax_amount": "0.05"}]}]}
""")

UMBRELLA: Json = json.loads("""
{"type": "sale", "source": "POS", "currency": "EUR",
 "pretax_amount": "9.16", "tax_amount": "1.74", "total_amount": "10.90",
 "cart_level_discounts": [{"description": "Stammkundin", "amount": "1.00"}],
 "line_items": [
  {"title": "Schirm", "quantity": 1, "unit_price": "11.90", "total_amount": "11.90",
   "taxes": [{"name": "USt", "rate": "0.19", "tax_amount": "1.90"}]}]}
""")

CAKE_AND_TIP: Json = json.loads("""
{"type": "sale", "source": "POS", "currency": "EUR",
 "pretax_amount": "9.54", "tax_amount": "1.46", "tip_amount": "1.00", "total_amount": "12.00",
 "line_items": [
  {"title": "Cappuccino", "quantity": 2, "unit_price": "3.90", "total_amount": "7.80",
   "taxes": [{"name": "USt", "rate": "0.19", "tax_amount": "1.25"}]},
  {"title": "Apfelkuchen", "quantity": 1, "unit_price": "3.20", "total_amount": "3.20",
   "taxes": [{"name": "USt", "rate": "0.07", "tax_amount": "0.21"}]}]}
""")

GIFT_CARD: Json = json.loads("""
{"type": "sale", "source": "POS", "currency": "EUR",
 "pretax_amount": "25.00", "tax_amount": "0.00", "total_amount": "25.00",
 "line_items": [
  {"title": "Geschenkkarte", "quantity": 1, "unit_price": "25.00", "total_amount": "25.00",
   "kind": "gift_card", "taxes": []}]}
""")

BEANS: Json = json.loads("""
{"type": "sale", "source": "POS", "currency": "EUR",
 "pretax_amount": "26.07", "tax_amount": "1.83", "total_amount": "27.90",
 "line_items": [
  {"title": "Kaffeebohnen 1 kg", "quantity": 1, "unit_price": "27.90", "total_amount": "27.90",
   "taxes": [{"name": "USt", "rate": "0.07", "tax_amount": "1.83"}]}]}
""")

COFFEE: Json = json.loads("""
{"type": "sale", "source": "POS", "currency": "EUR",
 "pretax_amount": "2.94", "tax_amount": "0.56", "total_amount": "3.50",
 "line_items": [
  {"title": "Kaffee", "quantity": 1, "unit_price": "3.50", "total_amount": "3.50",
   "taxes": [{"name": "USt", "rate": "0.19", "tax_amount": "0.56"}]}]}
""")

COFFEE_BACK: Json = json.loads("""
{"type": "return", "source": "POS", "currency": "EUR",
 "pretax_amount": "-2.94", "tax_amount": "-0.56", "total_amount": "-3.50",
 "line_items": [
  {"title": "Kaffee", "quantity": 1, "unit_price": "-3.50", "total_amount": "-3.50",
   "taxes": [{"name": "USt", "rate": "0.19", "tax_amount": "-0.56"}]}]}
""")

MAGAZINE_FOR_NEWSPAPER: Json = json.loads("""
{"type": "exchange", "source": "POS", "currency": "EUR",
 "pretax_amount": "1.59", "tax_amount": "0.11", "total_amount": "1.70",
 "line_items": [
  {"title": "Zeitung", "quantity": 1, "unit_price": "-2.80", "total_amount": "-2.80",
   "taxes": [{"name": "USt", "rate": "0.07", "tax_amount": "-0.18"}]},
  {"title": "Zeitschrift", "quantity": 1, "unit_price": "4.50", "total_amount": "4.50",
   "taxes": [{"name": "USt", "rate": "0.07", "tax_amount": "0.29"}]}]}
""")

ABANDONED: Json = {"reason": "customer_abandoned_checkout"}

TO_THE_BANK: Json = json.loads("""
{"type": "session_cash_adjustment", "currency": "EUR", "amount": "-100.00", "reason": "bank_drop"}
""")

CASH: Json = {"method": "cash"}
GIROCARD: Json = {"method": "card", "card_brand": "girocard"}
VISA: Json = {"method": "card", "card_brand": "Visa"}
THE_GIFT_CARD: Json = {"method": "gift_card", "gift_card_id": "GK-0001", "amount": "25.00"}
THE_REST: Json = {"method": "cash", "amount": "2.90"}


def returned(operation: Json, sale: str) -> Json:
    """A return or an exchange names the sale that it takes goods back from."""
    return {**operation, "related_operation_id": sale}


def payment(total: str, *legs: Json) -> Json:
    """All of it in one way, unless the legs say how much each is."""
    paid = {"status": "captured", "amount": total, "currency": "EUR"}
    return {"payments": [{**paid, **leg} for leg in legs]}


def count(variance: str) -> Json:
    """Counted minus expected."""
    return {"type": "session_cash_count", "currency": "EUR", "variance": variance}


ACCOUNTANT = Handover(
    shop="Berlin",
    tax_number=MERCHANT["fiscal_identities"][0]["tax_number"],
    timezone="Europe/Berlin",
    chart="SKR03",
    format="datev-extf",
    file="EXTF_berlin.csv",
    settings=("consultant_number=1001", "client_number=1"),
)
