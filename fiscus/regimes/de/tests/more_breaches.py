"""Cases that break the sentences of law about people, composed lines and full reversals."""

from decimal import Decimal
from typing import Any

from fiscus.model.documents import (
    SEVERAL_RATES,
    Discount,
    Draft,
    DraftLine,
    LinePart,
    LinePurpose,
    Party,
    StatedVat,
)
from fiscus.model.records import Case
from fiscus.regimes.de.tests.builders import (
    a_body,
    a_book,
    a_case,
    a_draft,
    a_line,
    a_return,
    a_return_case,
    a_vat,
    money,
    with_,
)

Breach = tuple[str, Case, tuple[str, ...]]


def for_buyer(**said: Any) -> Case:
    return a_case(a_draft(buyer=Party(**said)))


def a_part(
    gross: str = "9.90", percentage: str = "7", product: str = "S1", **more: Any
) -> LinePart:
    said: dict[str, Any] = {
        "text": "Suppe",
        "quantity": Decimal(1),
        "vat": a_vat(gross, percentage),
    }
    return LinePart(product=product, **(said | more))


def a_menu(*parts: LinePart, **more: Any) -> DraftLine:
    """Soup at 7 % and juice at 19 %, unless it is composed of something else."""
    made = parts or (a_part(), a_part("3.00", "19", "G4"))
    vats = [part.vat for part in made]
    vat = StatedVat(
        code=SEVERAL_RATES if len({one.percentage for one in vats}) > 1 else vats[0].code,
        percentage=Decimal(0),
        amount=sum((one.amount for one in vats), Decimal(0)),
        exclusive=sum((one.exclusive for one in vats), Decimal(0)),
        inclusive=sum((one.inclusive for one in vats), Decimal(0)),
    )
    return a_line(text="Menü", vat=vat, **({"parts": made} | more))


def a_reversal(*lines: DraftLine, of: Draft | None = None, **more: Any) -> Case:
    """Of a sale of a cup and a book, unless of another one."""
    draft = a_return(*(lines or (a_line(), a_book())), is_full_reversal=True)
    return a_return_case(draft, of or a_draft(), **more)


def _part_of(part: LinePart) -> Case:
    return a_case(a_draft(a_menu(part, a_part("3.00", "19", "G4"))))


SAID: tuple[Breach, ...] = (
    ("DE-TEXT-01", a_case(a_draft(operator="7", operator_name="x" * 51)), ("operator_name",)),
    ("DE-TEXT-01", a_case(a_draft(a_line(gtin="1" * 51))), ("lines[0].gtin",)),
    ("DE-TEXT-01", a_case(a_draft(a_line(product_group="x" * 41))), ("lines[0].product_group",)),
    (
        "DE-TEXT-01",
        a_case(a_draft(a_line(product_group_name="x" * 51))),
        ("lines[0].product_group_name",),
    ),
    ("DE-TEXT-01", for_buyer(sort="x" * 51), ("buyer.sort",)),
    ("DE-TEXT-01", _part_of(a_part(text="x" * 61)), ("lines[0].parts[0].text",)),
    ("DE-TEXT-01", _part_of(a_part(gtin="1" * 51)), ("lines[0].parts[0].gtin",)),
    ("DE-BUYER-02", for_buyer(vat_number="21/815/08150"), ("buyer.vat_number",)),
    ("DE-BUYER-02", for_buyer(vat_number="CH123456789"), ("buyer.vat_number",)),
    ("DE-OPERATOR-01", a_case(a_draft(operator_name="Anna")), ("operator",)),
    ("DE-OPERATOR-01", a_case(a_draft(operator=" ")), ("operator",)),
)

COMPOSED: tuple[Breach, ...] = (
    (
        "DE-PART-01",
        a_case(a_draft(with_(a_menu(), parts=(a_part("9.80"), a_part("3.00", "19", "G4"))))),
        ("lines[0].parts",),
    ),
    (
        "DE-PART-01",
        a_case(a_draft(a_line("9.90", vat=a_vat("9.90"), parts=(a_part(),)))),
        ("lines[0].parts",),
    ),
    ("DE-PART-02", _part_of(a_part(product=" ")), ("lines[0].parts[0].product",)),
    ("DE-PART-02", _part_of(a_part(product="G4")), ("lines[0].parts[1].product",)),
    ("DE-PART-03", _part_of(a_part(quantity=Decimal(0))), ("lines[0].parts[0].quantity",)),
    (
        "DE-PART-04",
        a_case(a_draft(a_menu(purpose=LinePurpose.DEPOSIT))),
        ("lines[0].parts",),
    ),
    (
        "DE-PART-04",
        a_case(a_draft(a_menu(unit_price=Decimal("13.90"), discount=Decimal(1)))),
        ("lines[0].parts",),
    ),
    (
        "DE-TAX-01",
        _part_of(a_part("9.90", "8")),
        ("lines[0].parts[0].vat.percentage",),
    ),
    (
        "DE-TAX-05",
        _part_of(
            a_part(vat=with_(a_vat("9.90", "7"), amount=Decimal(1), exclusive=Decimal("8.9")))
        ),
        ("lines[0].parts[0].vat.amount",),
    ),
    ("DE-LINE-07", _part_of(a_part(quantity=Decimal("0.0001"))), ("lines[0].parts[0].quantity",)),
)

_OFF = (Discount(text="Rabatt", amount=Decimal(1)),)
_REDEEMED = money(LinePurpose.VOUCHER_REDEEMED, "2.00")
_TIP = money(LinePurpose.TIP_STAFF, "1.00")

REVERSED: tuple[Breach, ...] = (
    ("DE-REVERSAL-01", a_reversal(a_line()), ("lines",)),
    ("DE-REVERSAL-01", a_reversal(a_line(), a_book(), a_line("1.00")), ("lines",)),
    ("DE-REVERSAL-01", a_reversal(a_line("9.99"), a_book()), ("lines",)),
    ("DE-REVERSAL-01", a_reversal(a_line(quantity="2"), a_book()), ("lines",)),
    ("DE-REVERSAL-01", a_reversal(a_line(text="Becher"), a_book()), ("lines",)),
    ("DE-REVERSAL-01", a_reversal(of=a_draft(discounts=_OFF)), ("discounts",)),
    (
        "DE-REVERSAL-02",
        a_reversal(of=a_draft(a_line(), a_book(), _REDEEMED)),
        ("payments",),
    ),
    (
        "DE-REVERSAL-03",
        a_case(
            with_(
                a_return(refers_to="", external_reference="1", external_text="alt"),
                is_full_reversal=True,
            )
        ),
        ("refers_to",),
    ),
    (
        "DE-REVERSAL-03",
        a_reversal(notes=(a_body(a_return_case(a_return(a_line()))),)),
        ("refers_to",),
    ),
    (
        "DE-REVERSAL-04",
        a_return_case(a_return(a_line()), a_draft(), notes=(a_body(a_reversal()),)),
        ("refers_to",),
    ),
)

LAWFUL: dict[str, Case] = {
    "a menu of two rates": a_case(a_draft(a_menu())),
    "a menu of one rate": a_case(
        a_draft(a_line("9.90", vat=a_vat("9.90", "7"), parts=(a_part(),)))
    ),
    "a menu that is taken back": a_return_case(a_return(a_menu()), a_draft(a_menu())),
    "a reversal": a_reversal(),
    "a reversal with its discount": a_return_case(
        a_return(a_line(), is_full_reversal=True, discounts=_OFF), a_draft(a_line(), discounts=_OFF)
    ),
    "a reversal with its voucher": a_return_case(
        a_return(a_line(), _REDEEMED, is_full_reversal=True), a_draft(a_line(), _REDEEMED)
    ),
    "a reversal whose tip has another name": a_return_case(
        a_return(a_line(), with_(_TIP, text="Tip"), is_full_reversal=True),
        a_draft(a_line(), _TIP),
    ),
    "texts as long as their columns": a_case(
        a_draft(
            a_line(gtin="1" * 50, product_group="x" * 40, product_group_name="x" * 50),
            operator="x" * 50,
            operator_name="x" * 50,
            buyer=Party(sort="x" * 50, vat_number="DE 123 456 788"),
        )
    ),
    "an operator of 31 characters": a_case(a_draft(operator="x" * 31)),
}
