"""Two days at a kiosk in Berlin, told over HTTP: everything that a till can do, once."""

from dataclasses import dataclass, field
from decimal import Decimal

from fiscus.api.families.reporting.tests.berlin import Kiosk, a_leg
from fiscus.api.families.reporting.tests.caller import Caller, Json, a_location, answer, platform
from tests.support.premises import Premises

VOID_REASONS = (
    "void_before_completion",
    "customer_abandoned_checkout",
    "operator_cancelled",
    "payment_failed",
)

DRAWER = (
    ("bank_drop", "-20.00", "Geldtransit"),
    ("bank_deposit", "-10.00", "Geldtransit"),
    ("safe_drop", "-5.00", "Geldtransit"),
    ("change_delivery", "40.00", "Geldtransit"),
    ("pay_in", "3.00", "Einzahlung"),
    ("pay_out", "-4.50", "Auszahlung"),
    ("owner_deposit", "100.00", "Privateinlage"),
    ("owner_withdrawal", "-60.00", "Privatentnahme"),
    ("wage", "-35.00", "Lohnzahlung"),
    ("correction", "-0.20", "DifferenzSollIst"),
    ("Kerzen für die Theke", "-2.99", "Auszahlung"),
    ("Pfandbon gefunden", "0.25", "Einzahlung"),
)
"""Reason, amount, and the word of DSFinV-K for it; the last two are free text."""


@dataclass(kw_only=True)
class Week:
    """`closings` are as they were answered when they were made: three with a Z number, then the
    reports. `told` are the operations in the answers that concluded them, by what they were."""

    kiosk: Kiosk
    told: dict[str, Json] = field(default_factory=dict)
    closings: dict[str, Json] = field(default_factory=dict)

    @property
    def premises(self) -> Premises:
        return self.kiosk.premises

    def operations(self) -> list[Json]:
        """All there are, page by page, as the API shows them now."""
        page, found = self.kiosk.caller.get("/operations?limit=7"), []
        while True:
            found += page["data"]
            if not page["has_more"]:
                return found
            cursor = page["next_cursor"]
            page = self.kiosk.caller.get(f"/operations?limit=7&cursor={cursor}")

    def sells(self, name: str, goods: Json, *legs: Json) -> None:
        """Begun, and a minute later paid."""
        begun = self.kiosk.does(goods)
        self.premises.clock.move(minutes=1)
        self.told[name] = self.kiosk.completes(begun, *legs)

    def voids(self, reason: str) -> None:
        begun = self.kiosk.does(goods(line("Schirm", "11.90", "1.90")))
        path = f"/operations/{begun['id']}/void"
        ended = self.kiosk.send(path, {"reason": reason}, If_Match='"1"')
        self.told[reason] = answer(ended, 200)

    def closes(self, name: str, type_: str) -> None:
        self.premises.clock.move(minutes=1)
        self.closings[name] = answer(self.kiosk.closing(type_), 201)


def line(title: str, total: str, tax: str, rate: str = "0.19", **members: object) -> Json:
    """One piece, with its tax in the price."""
    taxes = [{"name": "USt", "rate": rate, "tax_amount": tax}] if rate else []
    piece = {"title": title, "quantity": 1, "unit_price": total, "total_amount": total}
    return {**piece, "taxes": taxes, **members}


def goods(*lines: Json, type_: str = "sale", tax: str = "", **members: object) -> Json:
    """The sums are those of the lines, unless a discount changes them."""
    gross = sum((Decimal(one["total_amount"]) for one in lines), Decimal("0.00"))
    discounts = members.get("cart_level_discounts", [])
    assert isinstance(discounts, list)
    gross -= sum((Decimal(one["amount"]) for one in discounts), Decimal("0.00"))
    taxes = [Decimal(tax["tax_amount"]) for one in lines for tax in one["taxes"]]
    own_tax = Decimal(tax) if tax else sum(taxes, Decimal("0.00"))
    total = gross + Decimal(str(members.get("tip_amount", "0.00")))
    return {
        "type": type_,
        "source": "POS",
        "currency": "EUR",
        "line_items": list(lines),
        "pretax_amount": str(gross - own_tax),
        "tax_amount": str(own_tax),
        "total_amount": str(total),
        **members,
    }


def opens_shop(premises: Premises) -> Kiosk:
    """Merchant, location, register, device."""
    caller = platform(premises).opens_merchant(legal_name="Kiosk Yıldız & Söhne GmbH")
    return Kiosk(premises=premises, caller=caller, register=opens_register(caller, premises))


def opens_register(caller: Caller, premises: Premises) -> str:
    location = caller.made("/locations", a_location(cut_off_time="23:59"))
    wanted = {"location_id": location["id"], "name": "Till 1", "external_id": "pos-1"}
    register = caller.made("/registers", wanted)
    caller.fiscalizes(register)
    premises.work()
    id_: str = register["id"]
    return id_


def played(premises: Premises) -> Week:
    """Monday with all there is, Tuesday with two shifts, then the reports."""
    week = Week(kiosk=opens_shop(premises))
    _monday(week)
    premises.clock.move(days=1)
    _tuesday(week)
    for type_ in ("daily", "monthly", "annual"):
        week.closes(f"{type_} report", type_)
    return week


def _monday(week: Week) -> None:
    kiosk = week.kiosk
    week.told["float"] = kiosk.opens("500.00")
    _sales(week)
    for reason in VOID_REASONS:
        week.voids(reason)
    _taken_back(week)
    for reason, amount, _ in DRAWER:
        body = {"type": "session_cash_adjustment", "amount": amount, "reason": reason}
        week.told[reason] = kiosk.does(body)
    week.told["count"] = kiosk.counts("-0.10")
    week.closes("Monday", "daily")


def _sales(week: Week) -> None:
    coffee, pretzel = line("Kaffee", "7.00", "1.12"), line("Brezel", "1.60", "0.10", "0.07")
    umbrella = line("Schirm", "11.90", "1.90")
    discount = {"description": "Treuekarte", "amount": "1.19"}
    card = line("Gutschein", "20.00", "", "", kind="gift_card")
    week.sells("cash", goods(coffee, pretzel), a_leg("8.60"))
    week.sells("girocard", goods(umbrella), a_leg("11.90", "card", card_brand="girocard"))
    week.sells("Visa", goods(umbrella), a_leg("11.90", "card", card_brand="Visa"))
    week.sells(
        "split", goods(umbrella), a_leg("5.00"), a_leg("6.90", "card", card_brand="Mastercard")
    )
    week.sells("tip", goods(umbrella, tip_amount="2.00"), a_leg("13.90", "digital_wallet"))
    week.sells(
        "discount", goods(umbrella, tax="1.71", cart_level_discounts=[discount]), a_leg("10.71")
    )
    week.sells("gift card sold", goods(card), a_leg("20.00"))
    redeemed = a_leg("11.90", "gift_card", gift_card_id="card-1")
    week.sells("gift card redeemed", goods(umbrella), redeemed)
    part = a_leg("5.00", "gift_card", gift_card_id="card-1")
    week.sells("gift card in part", goods(umbrella), part, a_leg("6.90"))
    week.sells(
        "store credit", goods(umbrella), a_leg("5.00", "store_credit"), a_leg("6.90", "voucher")
    )
    week.sells("others", goods(umbrella), a_leg("10.00", "bank_transfer"), a_leg("1.90", "other"))
    free = {"name": "steuerfrei § 4 UStG", "rate": "0", "tax_amount": "0.00"}
    week.sells("tax free", goods(line("Briefmarke", "0.95", "", "", taxes=[free])), a_leg("0.95"))


def _taken_back(week: Week) -> None:
    umbrella, back = line("Schirm", "11.90", "1.90"), line("Schirm", "-11.90", "-1.90")
    big = line("Schirm groß", "17.85", "2.85")
    sold = {name: one["id"] for name, one in week.told.items()}
    elsewhere = {"description": "alte Kasse", "external_operation_id": "A-17"}
    week.sells(
        "return",
        goods(line("Kaffee", "-7.00", "-1.12"), type_="return", related_operation_id=sold["cash"]),
        a_leg("-7.00"),
    )
    week.sells(
        "return from elsewhere",
        goods(back, type_="return", external_related_operation=elsewhere),
        a_leg("-11.90", "card", card_brand="girocard"),
    )
    week.sells(
        "exchange",
        goods(back, big, type_="exchange", related_operation_id=sold["girocard"]),
        a_leg("5.95"),
    )
    week.sells(
        "even exchange",
        goods(back, umbrella, type_="exchange", related_operation_id=sold["Visa"]),
    )


def _tuesday(week: Week) -> None:
    kiosk = week.kiosk
    umbrella, back = line("Schirm", "11.90", "1.90"), line("Schirm", "-11.90", "-1.90")
    week.told["float of Tuesday"] = kiosk.opens("80.00")
    week.sells("early", goods(umbrella), a_leg("11.90"))
    monday = {"related_operation_id": week.told["split"]["id"]}
    week.sells("return of Monday's", goods(back, type_="return", **monday), a_leg("-11.90"))
    week.premises.clock.move(minutes=1)
    week.told["end of the early shift"] = kiosk.closes(cash_out_amount="30.00")
    week.told["float of the late shift"] = kiosk.opens("50.00")
    week.sells("late", goods(umbrella), a_leg("11.90", "card", card_brand="Maestro"))
    week.closes("late shift", "shift")
