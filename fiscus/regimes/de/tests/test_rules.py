"""Every sentence of law has a case that breaks it and cases that do not."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscus.model.documents import (
    Address,
    ClosingType,
    Direction,
    Discount,
    DocumentKind,
    Draft,
    DraftLine,
    LinePurpose,
    Party,
    PaymentMeans,
    StatedTotals,
    VoucherKind,
)
from fiscus.model.records import Case
from fiscus.regimes.de.rules import RULES
from fiscus.regimes.de.tests import breaches_besides, breaches_of_codes, more_breaches
from fiscus.regimes.de.tests.breaches_of_orders import LAWFUL_ORDERS, ORDER_BREACHES
from fiscus.regimes.de.tests.builders import (
    AT,
    a_body,
    a_book,
    a_case,
    a_closing,
    a_count_without_difference,
    a_draft,
    a_line,
    a_place,
    a_return,
    a_return_case,
    a_vat,
    a_vat_of,
    an_abort,
    an_address,
    an_online_place,
    an_opening,
    back,
    broken,
    money,
    no_vat,
    of_drawer,
    paid,
    with_,
)

TODAY = date(2026, 3, 1)
FREE = {"payments": ()}


def sale_of(*lines: DraftLine, **more: Any) -> Case:
    return a_case(a_draft(*lines, **more))


def sold(gross: str = "20.00", **more: Any) -> DraftLine:
    """A gift card, without tax unless it is told otherwise."""
    vat = more.pop("vat", no_vat(gross))
    return a_line(gross, "Gutschein", vat=vat, purpose=LinePurpose.VOUCHER_SOLD, **more)


def with_vat(**changes: Any) -> DraftLine:
    return a_line(vat=with_(a_vat("10.00"), **changes))


def off(*amounts: str) -> tuple[Discount, ...]:
    return tuple(Discount(text="Rabatt", amount=Decimal(amount)) for amount in amounts)


def stated(gross: str, vat: str = "1.95", net: str = "") -> StatedTotals:
    amount, inclusive = Decimal(vat), Decimal(gross)
    exclusive = Decimal(net) if net else inclusive - amount
    return StatedTotals(exclusive=exclusive, amount=amount, inclusive=inclusive)


def at_register(id_: str) -> Case:
    place = a_place()
    return a_case(place=with_(place, register=with_(place.register, id=id_)))


def for_buyer(**said: Any) -> Case:
    return a_case(a_draft(buyer=Party(**said)))


def in_country(country: str) -> Address:
    return with_(an_address(), country=country)


def a_stranger_s() -> Case:
    case = a_return_case()
    assert case.original
    place = with_(case.original.place, taxpayer="t-2")
    return with_(case, original=with_(case.original, place=place))


OUTSIDE = {"refers_to": "", "external_reference": "A-1", "external_text": "Bon der alten Kasse"}

BREACHES: list[tuple[str, Case, tuple[str, ...]]] = [
    *breaches_besides.BREACHES,
    *breaches_of_codes.BREACHES,
    ("DE-REGISTER-01", at_register("kasse_1"), ("register",)),
    ("DE-REGISTER-01", at_register("K" * 51), ("register",)),
    ("DE-REGISTER-01", at_register(""), ("register",)),
    ("DE-CURRENCY-01", a_case(a_draft(currency="USD")), ("currency",)),
    ("DE-DATE-01", a_case(a_draft(supplied_on=TODAY + timedelta(days=1))), ("supplied_on",)),
    ("DE-ACT-01", a_case(an_abort(lines=(a_line(),))), ("lines",)),
    ("DE-ACT-01", a_case(an_abort(payments=(paid("1"),))), ("payments",)),
    (
        "DE-ACT-01",
        a_case(a_closing(payments=(paid("1"),), discounts=off("1"))),
        ("payments", "discounts"),
    ),
    ("DE-CLOSING-01", a_case(a_closing(None)), ("closing",)),
    ("DE-CLOSING-01", a_case(a_draft(closing=ClosingType.DAILY)), ("closing",)),
    ("DE-LINE-01", a_case(Draft(kind=DocumentKind.RECEIPT)), ("lines",)),
    ("DE-LINE-02", sale_of(a_line("0.00", quantity="0")), ("lines[0].quantity",)),
    ("DE-LINE-03", sale_of(a_line(unit_price=Decimal(-10))), ("lines[0].unit_price",)),
    ("DE-LINE-03", sale_of(a_line(surcharge=Decimal("-0.01"))), ("lines[0].surcharge",)),
    (
        "DE-LINE-03",
        sale_of(a_line(vat=a_vat_of("-0.01"))),
        (
            "lines[0].unit_price",
            "lines[0].vat.exclusive",
            "lines[0].vat.amount",
            "lines[0].vat.inclusive",
        ),
    ),
    ("DE-LINE-03", sale_of(a_line(discount=Decimal(-1))), ("lines[0].discount",)),
    ("DE-LINE-03", sale_of(a_line(surcharge=Decimal(-1))), ("lines[0].surcharge",)),
    (
        "DE-LINE-03",
        sale_of(a_line(vat=a_vat("-10.00"))),
        (
            "lines[0].unit_price",
            *(f"lines[0].vat.{x}" for x in ("exclusive", "amount", "inclusive")),
        ),
    ),
    ("DE-LINE-04", sale_of(a_line(unit_price=Decimal("9.98"))), ("lines[0].vat.inclusive",)),
    ("DE-LINE-04", sale_of(a_line(discount=Decimal(1))), ("lines[0].vat.inclusive",)),
    ("DE-LINE-05", sale_of(a_line(text="  ")), ("lines[0].text",)),
    ("DE-LINE-06", sale_of(a_line("9.995")), ("lines[0].vat.inclusive",)),
    ("DE-LINE-06", a_case(a_draft(discounts=off("0.005"))), ("discounts[0].amount",)),
    (
        "DE-LINE-07",
        sale_of(a_line(quantity="1.0001", unit_price=Decimal(10))),
        ("lines[0].quantity",),
    ),
    ("DE-LINE-07", sale_of(a_line(unit_price=Decimal("10.000001"))), ("lines[0].unit_price",)),
    (
        "DE-LINE-07",
        sale_of(a_line("100000000.00")),
        ("lines[0].unit_price", "lines[0].vat.inclusive"),
    ),
    (
        "DE-LINE-07",
        sale_of(a_line("1.00", quantity="100000000", unit_price=Decimal(0))),
        ("lines[0].quantity",),
    ),
    ("DE-DISCOUNT-01", a_case(a_draft(discounts=off("1.00", "0.00"))), ("discounts[1].amount",)),
    ("DE-DISCOUNT-01", a_case(a_draft(discounts=off("-1.00"))), ("discounts[0].amount",)),
    ("DE-DISCOUNT-02", a_case(a_draft(discounts=off("15.00", "0.36"))), ("discounts",)),
    (
        "DE-DISCOUNT-02",
        a_case(a_draft(money(LinePurpose.VOUCHER_SOLD, "50.00"), discounts=off("1.00"))),
        ("discounts",),
    ),
    ("DE-TOTAL-01", a_case(a_draft(totals=stated("15.36"))), ("totals.inclusive",)),
    ("DE-TOTAL-02", a_case(a_draft(totals=stated("15.35", net="13.41"))), ("totals.exclusive",)),
    ("DE-TOTAL-03", a_case(a_draft(totals=stated("15.35", "1.96"))), ("totals.amount",)),
    ("DE-DRAWER-01", a_case(Draft(kind=DocumentKind.OPENING)), ("lines",)),
    (
        "DE-DRAWER-01",
        a_case(a_draft(*[money(LinePurpose.FLOAT, "1")] * 2, kind=DocumentKind.OPENING)),
        ("lines",),
    ),
    ("DE-DRAWER-01", a_case(an_opening(discounts=off("1.00"))), ("discounts",)),
    ("DE-DRAWER-02", sale_of(money(LinePurpose.FLOAT, "5.00")), ("lines[0].purpose",)),
    (
        "DE-DRAWER-02",
        a_case(of_drawer(DocumentKind.OPENING, LinePurpose.TRANSIT, "5.00")),
        ("lines[0].purpose",),
    ),
    ("DE-DRAWER-02", a_case(a_draft(a_line(), kind=DocumentKind.MOVEMENT)), ("lines[0].purpose",)),
    ("DE-DRAWER-03", a_case(an_opening(payments=(paid("25"), paid("25")))), ("payments",)),
    (
        "DE-DRAWER-03",
        a_case(an_opening(payments=(paid("50", PaymentMeans.CARD_DEBIT),))),
        ("payments[0].means",),
    ),
    ("DE-DRAWER-04", a_case(an_opening("-50.00")), ("lines[0].direction",)),
    ("DE-TAX-01", sale_of(a_line(vat=a_vat("10.00", "20"))), ("lines[0].vat.percentage",)),
    ("DE-TAX-01", sale_of(a_line(vat=a_vat("10.00", "16"))), ("lines[0].vat.percentage",)),
    (
        "DE-TAX-01",
        sale_of(a_line(), supplied_on=date(2020, 8, 1)),
        ("lines[0].vat.percentage",),
    ),
    (
        "DE-TAX-01",
        a_return_case(a_return(a_line(vat=a_vat("10.00", "20")))),
        ("lines[0].vat.percentage",),
    ),
    ("DE-TAX-02", sale_of(with_vat(is_exempt=True)), ("lines[0].vat.amount",)),
    ("DE-TAX-02", sale_of(with_vat(percentage=Decimal(0))), ("lines[0].vat.amount",)),
    (
        "DE-TAX-03",
        sale_of(a_line(purpose=LinePurpose.TIP_STAFF)),
        ("lines[0].vat.percentage",),
    ),
    ("DE-TAX-04", sale_of(with_vat(exclusive=Decimal("8.38"))), ("lines[0].vat.inclusive",)),
    (
        "DE-TAX-05",
        sale_of(with_vat(amount=Decimal("1.90"), exclusive=Decimal("8.10"))),
        ("lines[0].vat.amount",),
    ),
    ("DE-PAYMENT-01", sale_of(a_line(), payments=(paid("9.99"),)), ("payments",)),
    ("DE-PAYMENT-01", sale_of(a_line(), **FREE), ("payments",)),
    ("DE-PAYMENT-01", a_return_case(a_return(payments=(paid("10.00"),))), ("payments",)),
    ("DE-PAYMENT-01", a_case(an_opening(payments=(paid("49.99"),))), ("payments",)),
    ("DE-PAYMENT-01", a_case(a_count_without_difference(payments=(paid("1"),))), ("payments",)),
    (
        "DE-PAYMENT-02",
        sale_of(a_line(), payments=(paid("9.995"), paid("0.005"))),
        ("payments[0].amount", "payments[1].amount"),
    ),
    (
        "DE-PAYMENT-02",
        sale_of(
            a_line(),
            payments=(paid("10", currency="USD", foreign_amount=Decimal("11.001")),),
        ),
        ("payments[0].foreign_amount",),
    ),
    (
        "DE-PAYMENT-03",
        sale_of(a_line(), payments=(paid("10", currency="USD"),)),
        ("payments[0].foreign_amount",),
    ),
    (
        "DE-PAYMENT-03",
        sale_of(a_line(), payments=(paid("10", foreign_amount=Decimal(10)),)),
        ("payments[0].foreign_amount",),
    ),
    (
        "DE-PAYMENT-04",
        sale_of(a_line(), payments=(paid("10", currency="USD", foreign_amount=Decimal(-11)),)),
        ("payments[0].foreign_amount",),
    ),
    ("DE-PAYMENT-05", a_case(place=an_online_place()), ("payments[0].means",)),
    ("DE-REFERENCE-01", a_case(a_return(refers_to="")), ("refers_to",)),
    (
        "DE-REFERENCE-01",
        a_case(a_return(a_line("0.25", purpose=LinePurpose.DEPOSIT), a_line(), refers_to="")),
        ("refers_to",),
    ),
    (
        "DE-REFERENCE-01",
        a_return_case(a_return(external_reference="A-1", external_text="alt")),
        ("refers_to",),
    ),
    ("DE-REFERENCE-02", a_case(a_draft(refers_to="r-1")), ("refers_to",)),
    (
        "DE-REFERENCE-02",
        a_case(a_draft(external_reference="A-1", external_text="alt")),
        ("external_reference",),
    ),
    ("DE-REFERENCE-03", a_case(a_return()), ("refers_to",)),
    ("DE-REFERENCE-03", a_stranger_s(), ("refers_to",)),
    (
        "DE-REFERENCE-03",
        a_case(a_return(), original=a_body(a_case(), seal=None)),
        ("refers_to",),
    ),
    ("DE-REFERENCE-04", a_return_case(original=an_abort()), ("refers_to",)),
    ("DE-REFERENCE-04", a_return_case(original=an_opening()), ("refers_to",)),
    ("DE-REFERENCE-05", a_return_case(a_return(is_training=True)), ("refers_to",)),
    ("DE-REFERENCE-05", a_return_case(original=a_draft(is_training=True)), ("refers_to",)),
    (
        "DE-REFERENCE-06",
        a_case(a_return(**(OUTSIDE | {"external_text": " "}))),
        ("external_text",),
    ),
    ("DE-DRAWER-05", a_case(a_return(**OUTSIDE), drawer=Decimal("9.99")), ("payments[0].amount",)),
    ("DE-REFERENCE-07", a_return_case(a_return(a_line("10.01"))), ("lines[0].vat.inclusive",)),
    (
        "DE-RECEIVABLE-01",
        a_return_case(a_draft(money(LinePurpose.RECEIVABLE_SETTLED, "1.00"), refers_to="r-1")),
        ("lines[0].vat.inclusive",),
    ),
    (
        "DE-VOUCHER-07",
        sale_of(sold(vat=a_vat("5.00"), voucher_kind=VoucherKind.MULTIPLE)),
        ("lines[0].vat.percentage",),
    ),
    (
        "DE-VOUCHER-08",
        sale_of(sold(vat=no_vat("5.00", "NOT_TAXABLE"), voucher_kind=VoucherKind.SINGLE)),
        ("lines[0].vat.percentage",),
    ),
    ("DE-VOUCHER-09", sale_of(sold(vat=a_vat("11.90"))), ("lines[0].voucher",)),
    (
        "DE-VOUCHER-10",
        a_case(a_draft(sold(voucher="V-1")), remembered={"voucher/v-1": "single 7"}),
        ("lines[0].voucher_kind",),
    ),
    (
        "DE-VOUCHER-11",
        a_case(
            a_draft(a_line("20.00"), back(sold(vat=a_vat("5.00"), voucher="V-1"))),
            remembered={"voucher/v-1": "single 19"},
        ),
        ("lines[1].vat.inclusive",),
    ),
    ("DE-VOUCHER-03", sale_of(sold("20.00", quantity="2")), ("lines[0].quantity",)),
    ("DE-VOUCHER-03", sale_of(sold("20.00", quantity="0.5")), ("lines[0].quantity",)),
    (
        "DE-VOUCHER-04",
        sale_of(a_line(), payments=(paid("10.00", PaymentMeans.VOUCHER_SINGLE),)),
        ("payments[0].means",),
    ),
    ("DE-VOUCHER-05", sale_of(a_line(), a_line(is_voucher=True)), ("lines[1]",)),
    ("DE-VOUCHER-05", sale_of(a_line(is_gift=True)), ("lines[0]",)),
    (
        "DE-VOUCHER-06",
        sale_of(a_line(), back(money(LinePurpose.VOUCHER_REDEEMED, "5.00"))),
        ("lines[1]",),
    ),
    ("DE-TEXT-01", sale_of(a_line(text="x" * 256)), ("lines[0].text",)),
    ("DE-TEXT-01", sale_of(a_line(product="x" * 51)), ("lines[0].product",)),
    ("DE-TEXT-01", sale_of(a_line(measure="x" * 51)), ("lines[0].measure",)),
    ("DE-TEXT-01", sale_of(sold(voucher="x" * 51)), ("lines[0].voucher",)),
    (
        "DE-TEXT-01",
        sale_of(a_line(), payments=(paid("10", name="x" * 61),)),
        ("payments[0].name",),
    ),
    (
        "DE-TEXT-01",
        a_case(a_draft(discounts=(Discount(text="x" * 256, amount=Decimal(1)),))),
        ("discounts[0].text",),
    ),
    ("DE-TEXT-01", a_case(a_draft(operator="x" * 51)), ("operator",)),
    ("DE-TEXT-01", a_case(a_draft(text="x" * 256)), ("text",)),
    ("DE-TEXT-01", a_case(an_abort(reason="x" * 256)), ("reason",)),
    ("DE-TEXT-01", a_case(an_abort(reason="x" * 127, text="x" * 127)), ("text",)),
    (
        "DE-TEXT-01",
        a_case(a_return(refers_to="", external_reference="x" * 41, external_text="x" * 41)),
        ("external_reference", "external_text"),
    ),
    ("DE-TEXT-01", for_buyer(name="x" * 51), ("buyer.name",)),
    ("DE-TEXT-01", for_buyer(code="x" * 51), ("buyer.code",)),
    ("DE-TEXT-01", for_buyer(tax_number="x" * 51), ("buyer.tax_number",)),
    (
        "DE-TEXT-01",
        for_buyer(address=with_(an_address(), street="x" * 60, code="1" * 11, city="x" * 63)),
        ("buyer.address.street", "buyer.address.code", "buyer.address.city"),
    ),
    ("DE-BUYER-01", for_buyer(address=in_country("Germany")), ("buyer.address.country",)),
    *more_breaches.SAID,
    *more_breaches.COMPOSED,
    *more_breaches.REVERSED,
]


@pytest.mark.parametrize(("code", "case", "paths"), BREACHES + ORDER_BREACHES)
def test_a_breach_is_found_where_it_is(code: str, case: Case, paths: tuple[str, ...]) -> None:
    assert broken(case).get(code) == paths


def test_every_rule_is_broken_by_some_case() -> None:
    assert {code for code, _, _ in BREACHES + ORDER_BREACHES} == {rule.code.id for rule in RULES}


def test_every_rule_stands_in_the_law_s_own_page() -> None:
    page = (Path(__file__).parents[1] / "LAW.md").read_text(encoding="utf-8")

    assert [rule.code.id for rule in RULES if f"| {rule.code.id} |" not in page] == []


LAWFUL: dict[str, Case] = more_breaches.LAWFUL | {
    "a sale": a_case(),
    "a sale yesterday at the rate of then": a_case(
        a_draft(a_line(vat=a_vat("10.00", "16")), supplied_on=date(2020, 12, 31)),
        at=AT.replace(year=2021, month=1, day=1),
    ),
    "a sale whose supply was today": a_case(a_draft(supplied_on=TODAY)),
    "a gift": sale_of(
        a_line(vat=a_vat("0.00"), unit_price=Decimal(10), discount=Decimal(10)), **FREE
    ),
    "weighed goods": sale_of(
        a_line("3.33", quantity="0.333", unit_price=Decimal("9.99"), measure="kg")
    ),
    "a price without an end, within a cent": sale_of(
        a_line("10.00", quantity="3", unit_price=Decimal("3.33333"))
    ),
    "a discount on everything": a_case(a_draft(discounts=off("15.35"))),
    "a stated total": a_case(a_draft(totals=stated("15.35"))),
    "a stated total before vouchers": a_case(
        a_draft(
            a_line(), money(LinePurpose.VOUCHER_REDEEMED, "4.00"), totals=stated("10.00", "1.60")
        )
    ),
    "a stated total after vouchers": a_case(
        a_draft(
            a_line(), money(LinePurpose.VOUCHER_REDEEMED, "4.00"), totals=stated("6.00", "1.60")
        )
    ),
    "a voucher for many purposes": sale_of(sold("50.00")),
    "vouchers in a line each": sale_of(sold("50.00"), sold("20.00")),
    "a voucher beside goods": sale_of(a_line(), sold("50.00")),
    "money back onto the voucher that paid": a_return_case(
        a_return(a_line(), money(LinePurpose.VOUCHER_REDEEMED, "4.00"))
    ),
    "a voucher redeemed": sale_of(a_line(), money(LinePurpose.VOUCHER_REDEEMED, "4.00")),
    "a sale on account": a_case(a_draft(payments=(paid("15.35", PaymentMeans.OUTSTANDING),))),
    "two payments and change": a_case(a_draft(payments=(paid("20"), paid("-4.65")))),
    "dollars": sale_of(
        a_line(), payments=(paid("10", currency="USD", foreign_amount=Decimal("11.00")),)
    ),
    "a return": a_return_case(),
    "what was given back is taken again": a_return_case(
        with_(a_draft(), kind=DocumentKind.CORRECTION, refers_to="r-1"), a_return(**OUTSIDE)
    ),
    "a return stated without its sign": a_return_case(a_return(totals=stated("10.00", "1.60"))),
    "a return stated with its sign": a_return_case(a_return(totals=stated("-10.00", "-1.60"))),
    "a return at a former rate": a_return_case(
        a_return(a_line(vat=a_vat("10.00", "16"))), a_draft(a_line(vat=a_vat("10.00", "16")))
    ),
    "empties alone": a_case(a_return(a_line("0.25", purpose=LinePurpose.DEPOSIT), refers_to="")),
    "a return from outside": a_case(a_return(**OUTSIDE)),
    "an exchange that costs": a_return_case(
        a_draft(a_line("30.00"), back(a_book()), kind=DocumentKind.CORRECTION, refers_to="r-1")
    ),
    "an exchange of equal worth": a_return_case(
        a_draft(
            a_line(), back(a_line()), kind=DocumentKind.CORRECTION, refers_to="r-1", payments=()
        )
    ),
    "trained return of a trained sale": a_return_case(
        a_return(is_training=True), a_draft(is_training=True)
    ),
    "an abort": a_case(an_abort()),
    "an opening": a_case(an_opening()),
    "an empty drawer": a_case(an_opening("0.00")),
    "an empty drawer without payment": a_case(an_opening("0.00", **FREE)),
    "a count without a difference": a_case(a_count_without_difference()),
    "a daily closing": a_case(a_closing()),
    "an annual report": a_case(a_closing(ClosingType.ANNUAL)),
    "a deposit given back in a sale": a_case(
        a_draft(a_line(), back(a_line("0.25", purpose=LinePurpose.DEPOSIT)))
    ),
    "a known buyer": for_buyer(
        name="Oficina Marés", code="K-1", tax_number="PT514200111", address=in_country("PT")
    ),
    "an exempt line": sale_of(a_line(vat=no_vat("4.00", "CAUSE_1", is_exempt=True))),
}


EVERY_LAWFUL = LAWFUL | LAWFUL_ORDERS


@pytest.mark.parametrize("name", EVERY_LAWFUL)
def test_what_is_lawful_breaks_nothing(name: str) -> None:
    assert broken(EVERY_LAWFUL[name]) == {}


@given(st.uuids())
def test_every_id_of_ours_can_be_the_name_of_a_client(id_: object) -> None:
    assert broken(at_register(str(id_))) == {}


def test_the_day_of_supply_is_judged_by_the_clock_of_the_location() -> None:
    late = a_draft(supplied_on=TODAY + timedelta(days=1))
    night = AT.replace(hour=23, minute=30)

    assert broken(a_case(late, at=night)) == {}
    assert "DE-DATE-01" in broken(a_case(late, at=night, place=a_place("Europe/London")))


@pytest.mark.parametrize("direction", Direction)
def test_a_tip_may_be_given_back(direction: Direction) -> None:
    tip = money(LinePurpose.TIP_STAFF, "1.00", direction=direction)

    assert broken(a_case(a_draft(a_line(), tip))) == {}
