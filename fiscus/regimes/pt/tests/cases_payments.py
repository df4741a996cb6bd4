"""Payments and dates: cases that keep to the law, and cases that break it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from fiscus.model.documents import DocumentKind, Draft, Party, Payment, PaymentMeans
from fiscus.regimes.pt.tests.builders import (
    AT,
    TODAY,
    a_business,
    a_case,
    a_draft,
    a_line,
    a_slot,
    an_address,
    an_exempt_vat,
    an_invoice,
    with_,
)

YESTERDAY = AT - timedelta(days=1)


def cash(amount: str) -> Payment:
    return Payment(means=PaymentMeans.CASH, amount=Decimal(amount))


def owed(amount: str) -> Payment:
    return Payment(means=PaymentMeans.OUTSTANDING, amount=Decimal(amount))


def card(amount: str, means: PaymentMeans = PaymentMeans.CARD_DEBIT) -> Payment:
    return Payment(means=means, amount=Decimal(amount))


def a_sale_of(net: str, *payments: Payment, **more: object) -> Draft:
    line = a_line("Mesa", quantity="1", vat=an_exempt_vat(net))
    return a_draft(line, **{"payments": payments or (card(net),), **more})


def a_simplified_sale_of(net: str, **more: object) -> Draft:
    return a_sale_of(net, is_simplified=True, **more)


def bought_by(buyer: Party, amount: str) -> Draft:
    """An invoice that is paid in cash at once."""
    return a_sale_of(amount, cash(amount), kind=DocumentKind.INVOICE, buyer=buyer)


VISITOR = Party(name="Ana Melo", address=an_address("28013", "ES"))
SPANISH = a_business("B12345674", address=an_address("28013", "ES"))

GOOD = {
    "cash of a visitor": a_case(bought_by(VISITOR, "5000.00")),
    "cash of a visitor just below the limit": a_case(bought_by(VISITOR, "9999.99")),
    "cash of a visitor with a passport": a_case(
        bought_by(with_(VISITOR, code="XDA123456"), "3000.00")
    ),
    "change given": a_case(a_draft(payments=(cash("50"),))),
    "change beside a card": a_case(a_draft(payments=(card("3.00"), cash("1")))),
    "parts of a cent": a_case(a_draft(payments=(cash("1.755"), card("1.764")))),
    "nothing owed beside all paid": a_case(a_draft(payments=(cash("3.52"), owed("0.00")))),
    "an invoice on account": a_case(an_invoice(payments=(owed("3.52"),))),
    "an invoice paid in part": a_case(an_invoice(payments=(cash("1"), owed("2.52")))),
    "an invoice paid in part, the rest unsaid": a_case(an_invoice(payments=(cash("1"),))),
    "paid a year ago": a_case(a_draft(payments=(with_(cash("3.52"), on=date(2025, 5, 4)),))),
    "due next year": a_case(an_invoice(payments=(with_(owed("3.52"), on=date(2027, 5, 4)),))),
    "a voucher for many purposes": a_case(
        a_draft(payments=(card("3.52", PaymentMeans.VOUCHER_MULTIPLE),))
    ),
    "five working days ago": a_case(a_draft(issued_at=AT - timedelta(days=10))),
    "the first day of the series": a_case(slot=a_slot(a_draft(), opened_on=AT.date())),
    "cash just below the limit": a_case(a_sale_of("2999.99", cash("2999.99"))),
    "change from a big note": a_case(a_sale_of("2990.00", cash("3050.00"))),
    "a big sale by card": a_case(
        a_sale_of("9000.00", Payment(means=PaymentMeans.CARD_DEBIT, amount=Decimal(9000)))
    ),
    "a receipt of yesterday": a_case(a_draft(issued_at=YESTERDAY)),
    "the same day as the last": a_case(slot=a_slot(a_draft(), last_day=TODAY)),
    "no date": a_case(a_draft(issued_at=None)),
}

BROKEN = (
    ("PT-PAYMENT-03", a_case(bought_by(VISITOR, "10000.00")), ("payments",)),
    ("PT-PAYMENT-03", a_case(bought_by(SPANISH, "3000.00")), ("payments",)),
    (
        "PT-PAYMENT-03",
        a_case(bought_by(with_(VISITOR, address=an_address()), "3000.00")),
        ("payments",),
    ),
    (
        "PT-PAYMENT-03",
        a_case(a_sale_of("3000.00", cash("3000.00"), buyer=Party(code="ES12345678Z"))),
        ("payments",),
    ),
    ("PT-DATE-01", a_case(slot=a_slot(a_draft(), last_day=date(2026, 5, 5))), ("issued_at",)),
    ("PT-DATE-02", a_case(a_draft(issued_at=AT + timedelta(days=1))), ("issued_at",)),
    ("PT-PAYMENT-01", a_case(a_draft(payments=(cash("5"), cash("-1")))), ("payments[1].amount",)),
    ("PT-PAYMENT-02", a_case(a_draft(payments=(cash("3.51"),))), ("payments",)),
    ("PT-PAYMENT-02", a_case(a_draft(payments=(owed("3.52"),))), ("payments",)),
    ("PT-PAYMENT-02", a_case(a_draft(payments=(cash("3.51"),), is_simplified=True)), ("payments",)),
    ("PT-PAYMENT-02", a_case(a_draft(payments=(cash("0.00"),), is_training=True)), ("payments",)),
    ("PT-PAYMENT-04", a_case(a_draft(payments=(owed("3.52"),))), ("payments[0]",)),
    ("PT-PAYMENT-04", a_case(a_draft(payments=(cash("1"), owed("2.52")))), ("payments[1]",)),
    ("PT-PAYMENT-04", a_case(a_draft(payments=(cash("3.52"), owed("0.01")))), ("payments[1]",)),
    (
        "PT-PAYMENT-04",
        a_case(a_draft(payments=(cash("1"), owed("2.52")), is_simplified=True)),
        ("payments[1]",),
    ),
    (
        "PT-PAYMENT-04",
        a_case(a_draft(payments=(owed("3.52"),), is_training=True)),
        ("payments[0]",),
    ),
    ("PT-PAYMENT-05", a_case(a_draft(payments=(card("5.00"),))), ("payments",)),
    ("PT-PAYMENT-05", a_case(a_draft(payments=(card("3.53"), cash("1")))), ("payments",)),
    (
        "PT-PAYMENT-05",
        a_case(a_draft(payments=(card("5.00", PaymentMeans.CARD_TICKET),), is_simplified=True)),
        ("payments",),
    ),
    ("PT-PAYMENT-05", a_case(an_invoice(payments=(owed("3.53"),))), ("payments",)),
    ("PT-PAYMENT-05", a_case(an_invoice(payments=(cash("1"), owed("3.52")))), ("payments",)),
    (
        "PT-PAYMENT-06",
        a_case(a_draft(payments=(with_(cash("3.52"), on=date(2026, 5, 5)),))),
        ("payments[0].on",),
    ),
    (
        "PT-PAYMENT-06",
        a_case(a_draft(payments=(with_(cash("3.52"), on=date(2025, 5, 2)),))),
        ("payments[0].on",),
    ),
    (
        "PT-PAYMENT-07",
        a_case(a_draft(payments=(card("3.52", PaymentMeans.VOUCHER_SINGLE),))),
        ("payments[0].means",),
    ),
    (
        "PT-DATE-03",
        a_case(a_draft(issued_at=YESTERDAY), slot=a_slot(a_draft(), opened_on=AT.date())),
        ("issued_at",),
    ),
    ("PT-DATE-03", with_(a_case(a_draft(issued_at=YESTERDAY)), slot=None), ("issued_at",)),
    ("PT-DATE-04", a_case(a_draft(issued_at=AT - timedelta(days=11))), ("issued_at",)),
    ("PT-DATE-04", a_case(a_draft(issued_at=datetime(2015, 6, 1, tzinfo=UTC))), ("issued_at",)),
    ("PT-PAYMENT-02", a_case(a_draft(payments=())), ("payments",)),
    ("PT-PAYMENT-03", a_case(a_sale_of("3000.00", cash("3000.00"))), ("payments",)),
)
