"""A day on which all happens that may happen, and a second one that looks back on it."""

from decimal import Decimal

from fiscus.formats.dsfinvk.tests.till import (
    Till,
    a_correction,
    a_drawer_act,
    a_line,
    a_sale,
    back,
    by,
    cash,
)
from fiscus.model.documents import (
    Address,
    Discount,
    DocumentKind,
    Draft,
    LinePurpose,
    Party,
    PaymentMeans,
)
from fiscus.model.records import EntryBody

COFFEE = a_line("Kaffee „Größe M“; heiß", "23.80", quantity=2, product="A-1", measure="Tasse")
BOOK = a_line('Buch;\r\nzweite "Auflage"', "5.35", "7", product="B-1")
CUSTOMER = Party(
    name="Małgorzata Śliwa; GmbH",
    code="K-17",
    tax_number="PL5260001246",
    is_business=True,
    address=Address(street="ul. Żółta", number="3", code="00-950", city="Warszawa", country="PL"),
)


def everything(till: Till) -> dict[str, EntryBody]:
    """All documents of both days by what they are."""
    day = {"float": till.open()}
    _sales(till, day)
    _odd_sales(till, day)
    _evening(till, day)
    return day


def _sales(till: Till, day: dict[str, EntryBody]) -> None:
    day["sale"] = till.issue(a_sale(COFFEE, BOOK, by(PaymentMeans.CARD_DEBIT, "29.15", "girocard")))
    day["discounts"] = till.issue(
        a_sale(
            a_line("Tasse", "11.90", discount=Decimal("2.00")),
            a_line("Heft", "3.33", "7", quantity=3, surcharge=Decimal("0.30")),
            cash("13.23"),
            discounts=(Discount(text="Treue; 2 €", amount=Decimal("2.00")),),
            buyer=CUSTOMER,
        )
    )
    day["gift card sold"] = till.issue(
        a_sale(
            a_line("Gutschein", "50.00", "0", purpose=LinePurpose.VOUCHER_SOLD),
            by(PaymentMeans.CARD_CREDIT, "50.00", "Visa"),
        )
    )
    day["gift card used"] = till.issue(
        a_sale(
            COFFEE,
            a_line(
                "Gutschein", "20.00", "0", purpose=LinePurpose.VOUCHER_REDEEMED, product="GC-17"
            ),
            cash("3.80"),
        )
    )


def _odd_sales(till: Till, day: dict[str, EntryBody]) -> None:
    day["outage"] = till.issue(a_sale(COFFEE, cash("23.80")), outage="TSE: kein Kontakt; Kabel?")
    day["void"] = till.issue(Draft(kind=DocumentKind.ABORT, reason="Kunde ging"))
    day["return"] = till.issue(
        a_correction(back("Buch", "5.35", "7"), cash("-5.35")), original=day["sale"]
    )
    day["exchange"] = till.issue(
        a_correction(back("Kaffee", "11.90"), BOOK, cash("-6.55")), original=day["sale"]
    )
    day["even exchange"] = till.issue(
        a_correction(back("Kaffee", "11.90"), a_line("Tee", "11.90")), original=day["sale"]
    )
    day["dollars"] = till.issue(
        a_sale(
            a_line("Tasse", "11.90"),
            cash("11.90", name="US-Dollar", currency="USD", foreign_amount=Decimal("13.10")),
        )
    )
    day["untaxed"] = till.issue(
        a_sale(
            a_line("Briefmarke", "0.95", "0", code="CAUSE_1", is_exempt=True),
            a_line("Solarmodul", "99.00", "0", code="REDUCED_4"),
            a_line("Kiste", "3.10", purpose=LinePurpose.DEPOSIT, quantity=2),
            back("Flaschen", "0.75", purpose=LinePurpose.DEPOSIT, quantity=3),
            a_line("Trinkgeld", "2.00", "0", purpose=LinePurpose.TIP_STAFF),
            cash("100.00"),
            cash("4.30"),
        )
    )
    day["credit"] = till.issue(
        a_sale(a_line("Torte", "40.00", "7"), cash("10.00"), by(PaymentMeans.OUTSTANDING, "30.00"))
    )
    day["training"] = till.issue(a_sale(COFFEE, cash("23.80"), is_training=True))


def _evening(till: Till, day: dict[str, EntryBody]) -> None:
    day["bank"] = till.issue(a_drawer_act(DocumentKind.MOVEMENT, LinePurpose.TRANSIT, "-50.00"))
    day["wage"] = till.issue(a_drawer_act(DocumentKind.MOVEMENT, LinePurpose.WAGE, "-20.00"))
    day["count"] = till.issue(a_drawer_act(DocumentKind.COUNT, LinePurpose.DIFFERENCE, "-0.50"))
    day["closing"] = till.close()
    till.clock.move(hours=12)
    day["late return"] = till.issue(
        a_correction(back("Kaffee", "11.90"), cash("-11.90")), original=day["sale"]
    )
    day["strange return"] = till.issue(
        a_correction(
            back("Tasse", "9.00"),
            cash("-9.00"),
            external_reference="Rechnung; 7/2024",
            external_text="Bon der alten Kasse; vor dem Umzug",
        )
    )
    day["no difference"] = till.issue(a_sale(kind=DocumentKind.COUNT))
    day["second closing"] = till.close()
