"""What is said besides: a case that breaks each rule of it. The bounds have tests of their own, in
`test_stated.py`, `test_texts.py` and `test_dates.py`."""

from datetime import date
from decimal import Decimal

from fiscus.model.documents import DeliveryPlace, Discount, LinePurpose, Party, StatedShare
from fiscus.regimes.pt.tests.builders import (
    a_case,
    a_draft,
    a_line,
    an_address,
    an_exempt_vat,
    an_invoice,
    with_,
)
from fiscus.regimes.pt.tests.cases_payments import cash

BROKEN = (
    ("PT-SUPPLY-01", a_case(a_draft(supplied_on=date(2099, 5, 4))), ("supplied_on",)),
    (
        "PT-SUPPLY-02",
        a_case(an_invoice(delivery=DeliveryPlace(address=an_address(), on=date(2099, 5, 4)))),
        ("delivery.on",),
    ),
    ("PT-TEXT-01", a_case(a_draft(operator="x" * 31)), ("operator",)),
    (
        "PT-TEXT-02",
        a_case(a_draft(a_line(vat=an_exempt_vat("2.00", reason="Isento" * 11)))),
        ("lines[0].vat.reason",),
    ),
    (
        "PT-RECEIVABLE-01",
        a_case(a_draft(a_line(purpose=LinePurpose.RECEIVABLE_SETTLED))),
        ("lines[0]",),
    ),
    (
        "PT-SAID-01",
        a_case(a_draft(discounts=(Discount(text="Desconto", amount=Decimal("0.46")),))),
        ("discounts",),
    ),
    ("PT-ACTIVITY-01", a_case(a_draft(activity="47.11")), ("activity",)),
    (
        "PT-PRICE-01",
        a_case(a_draft(with_(a_line(), unit_price=Decimal(99)))),
        ("lines[0].unit_price",),
    ),
    (
        "PT-PRICE-02",
        a_case(a_draft(with_(a_line(), unit_net=Decimal(99)))),
        ("lines[0].unit_net",),
    ),
    (
        "PT-BREAKDOWN-01",
        a_case(
            a_draft(
                a_line(),
                breakdown=(StatedShare(percentage=Decimal(23), amount=Decimal("999.99")),),
            )
        ),
        ("breakdown[0].amount",),
    ),
    (
        "PT-SETTLEMENT-01",
        a_case(a_draft(payments=(with_(cash("3.52"), discount=Decimal("0.10")),))),
        ("payments[0].discount",),
    ),
    (
        "PT-ORIGIN-01",
        a_case(a_draft(buyer=Party(name="Ana", address=an_address(), is_foreign=True))),
        ("buyer.is_foreign",),
    ),
    (
        "PT-ORIGIN-01",
        a_case(
            a_draft(buyer=Party(name="Ana", address=an_address(country="ES"), is_foreign=False))
        ),
        ("buyer.is_foreign",),
    ),
)
