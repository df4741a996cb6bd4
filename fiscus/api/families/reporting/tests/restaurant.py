"""What a restaurant's till sends: orders at a table, and sales that bill them."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fiscus.api.families.reporting.tests.berlin import Kiosk, a_line, a_sale
from fiscus.api.families.reporting.tests.caller import Json, answer

PRICES = {"Wein": ("7.50", "0.19"), "Suppe": ("8.00", "0.07"), "Brot": ("3.10", "0.07")}
"""With tax."""


def a_dish(title: str, quantity: Any = 1, **members: Any) -> Json:
    """A line of an order or of a sale."""
    price, rate = PRICES[title]
    gross = Decimal(price) * Decimal(str(quantity))
    tax = (gross * Decimal(rate) / (1 + Decimal(rate))).quantize(Decimal("0.01"))
    return a_line(
        title=title,
        quantity=quantity,
        unit_price=price,
        total_amount=f"{gross:.2f}",
        taxes=[{"name": "USt", "rate": rate, "tax_amount": f"{tax:.2f}"}],
        **members,
    )


def an_order(*lines: Json, **members: Any) -> Json:
    return {"type": "order", "line_items": list(lines)} | members


def a_bill(*lines: Json, **members: Any) -> Json:
    gross = sum((Decimal(one["total_amount"]) for one in lines), Decimal(0))
    tax = sum((Decimal(one["taxes"][0]["tax_amount"]) for one in lines), Decimal(0))
    return a_sale(
        line_items=list(lines),
        total_amount=f"{gross:.2f}",
        tax_amount=f"{tax:.2f}",
        pretax_amount=f"{gross - tax:.2f}",
        **members,
    )


def orders(shop: Kiosk, *lines: Json, tab: str = "", **members: object) -> Json:
    named = {"tab_id": tab} if tab else {"tables": ["Tisch 5"]}
    return shop.does(an_order(*lines, **named | members))


def bills(shop: Kiosk, tab: str, *lines: Json, **members: object) -> Json:
    return shop.completes(shop.does(a_bill(*lines, tab_id=tab, **members)))


@dataclass(frozen=True, kw_only=True)
class Evening:
    """Two orders with a closing between them, and two sales that share the tab."""

    first: Json
    night: Json
    more: Json
    one: Json
    left: Json
    two: Json


def an_evening(shop: Kiosk) -> Evening:
    first = orders(shop, a_dish("Wein", 3), a_dish("Suppe", 2))
    tab = first["tab_id"]
    night = answer(shop.closing(), 201)
    shop.opens()
    more = orders(shop, a_dish("Wein", -1), a_dish("Brot"), tab=tab, tables=["Terrasse 2"])
    one = bills(shop, tab, a_dish("Wein"), a_dish("Suppe", 2))
    left = shop.caller.get(f"/tabs/{tab}")
    two = bills(shop, tab, a_dish("Wein"), a_dish("Brot"))
    return Evening(first=first, night=night, more=more, one=one, left=left, two=two)
