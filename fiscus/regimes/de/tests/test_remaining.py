"""What may be given back of a document: no more than it sold, in all corrections together."""

from decimal import Decimal
from typing import Any

import pytest

from fiscus.model.documents import Discount, DocumentKind, Draft, DraftLine, LinePurpose
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
    back,
    broken,
    money,
    no_vat,
    with_,
)

VALUE, QUANTITY = "lines[0].vat.inclusive", "lines[0].quantity"
CUPS = a_draft(a_line("100.00", quantity="4"), a_book())


def of(original: Draft, *drafts: Draft) -> Case:
    """The last draft, after the others."""
    *before, last = drafts
    notes = tuple(a_body(a_return_case(draft, original)) for draft in before)
    return with_(a_return_case(last, original), notes=notes)


def too_much(case: Case) -> tuple[str, ...]:
    found = broken(case)
    assert set(found) <= {"DE-REFERENCE-07"}
    return found.get("DE-REFERENCE-07", ())


def exchange(*lines: DraftLine, **more: Any) -> Draft:
    return a_draft(*lines, kind=DocumentKind.CORRECTION, refers_to="r-1", **more)


def cups(gross: str, quantity: str = "1", text: str = "Tasse") -> Draft:
    return a_return(a_line(gross, text, quantity=quantity))


@pytest.mark.parametrize(
    ("drafts", "found"),
    [
        ([cups("100.00", "4")], ()),
        ([cups("100.01", "4")], (VALUE,)),
        ([cups("50000.00", "4")], (VALUE,)),
        ([cups("100.00", "4"), cups("100.00", "4")], (VALUE,)),
        ([cups("25.00"), cups("25.00", "2"), cups("50.00")], ()),
        ([cups("25.00"), cups("25.00", "2"), cups("50.01")], (VALUE,)),
        ([cups("25.00", "4"), cups("75.00", "4")], ()),
        ([cups("25.00", "5")], (QUANTITY,)),
        ([cups("100.00", text="Kanne")], ()),
        ([cups("60.00", text="Kanne"), cups("40.01")], (VALUE,)),
        ([cups("60.00", text=" TASSE "), cups("40.01", text="Kanne")], (VALUE,)),
        ([a_return(a_book("5.36"))], (VALUE,)),
        ([a_return(a_line("5.00", vat=a_vat("5.00", "7.8")))], (VALUE,)),
        ([exchange(back(a_line("100.00")), a_line("300.00")), cups("0.01")], (VALUE,)),
        ([exchange(back(a_line("100.01")), a_line("300.00"))], (VALUE,)),
    ],
)
def test_several_returns_and_exchanges_give_back_what_was_sold(
    drafts: list[Draft], found: tuple[str, ...]
) -> None:
    """A sale of 100 returned twice, or 50,000 against it."""
    assert too_much(of(CUPS, *drafts)) == found


def test_a_whole_reversal_takes_only_what_is_left() -> None:
    whole = a_return(a_line("100.00", quantity="4"), a_book())

    assert too_much(of(CUPS, whole)) == ()
    assert too_much(of(CUPS, a_return(a_book()), whole)) == ("lines[1].vat.inclusive",)


def test_what_a_device_is_signing_counts_already() -> None:
    case = of(CUPS, cups("60.00"))

    assert too_much(with_(case, begun=(cups("40.00"),))) == ()
    assert too_much(with_(case, begun=(cups("40.01"),))) == (VALUE,)


def test_what_was_given_away_as_a_discount_does_not_come_back() -> None:
    sale = a_draft(a_line("100.00"), discounts=(Discount(text="Rabatt", amount=Decimal(10)),))

    assert too_much(of(sale, cups("90.00"))) == ()
    assert too_much(of(sale, cups("90.01"))) == (VALUE,)


def test_what_was_sold_with_a_discount_is_reversed_with_it() -> None:
    off = (Discount(text="Rabatt", amount=Decimal(10)),)
    for sale, whole in (
        (a_draft(a_line("100.00"), discounts=off), a_return(a_line("100.00"), discounts=off)),
        (
            a_draft(a_line("100.00"), a_line("10.00", "Rabatt", purpose=LinePurpose.DISCOUNT)),
            a_return(a_line("100.00"), a_line("10.00", "Rabatt", purpose=LinePurpose.DISCOUNT)),
        ),
    ):
        assert too_much(of(sale, whole)) == ()
        assert too_much(of(sale, whole, cups("0.01"))) == (VALUE,)


def test_a_line_is_found_by_its_number() -> None:
    sale = a_draft(a_line("60.00", number="2"), a_line("40.00", "Kanne", number="7"))
    numbered = a_return(a_line("40.01", "Krug", number="7"))

    assert too_much(of(sale, with_(numbered, lines=(with_(numbered.lines[0], number="2"),)))) == ()
    assert too_much(of(sale, numbered)) == (VALUE,)


def test_tips_are_given_back_as_far_as_they_were_given() -> None:
    tip = money(LinePurpose.TIP_STAFF, "2.00")
    sale, more = a_draft(a_line(), tip), money(LinePurpose.TIP_STAFF, "2.01")

    assert too_much(of(sale, a_return(tip))) == ()
    assert too_much(of(sale, a_return(more))) == (VALUE,)
    assert too_much(of(a_draft(), a_return(tip))) == (VALUE,)


def test_a_sold_voucher_is_given_back_once() -> None:
    card = money(LinePurpose.VOUCHER_SOLD, "20.00")
    sale = a_draft(card)

    assert too_much(of(sale, a_return(card))) == ()
    assert too_much(of(sale, a_return(card), a_return(card))) == (VALUE,)
    assert too_much(of(CUPS, exchange(a_line("30.00"), back(card)))) == (), "it pays for the cup"


def test_empties_are_anybody_s() -> None:
    bottle = a_line("25.00", "Flasche", purpose=LinePurpose.DEPOSIT)

    assert too_much(of(a_draft(), a_return(bottle))) == ()


def test_a_rate_of_zero_has_reasons_of_its_own() -> None:
    exempt = a_line(vat=no_vat("5.00", "CAUSE_1", is_exempt=True))
    outside = a_line(vat=no_vat("5.00", "NOT_TAXABLE", is_exempt=True))

    assert too_much(of(a_draft(exempt), a_return(exempt))) == ()
    assert too_much(of(a_draft(exempt), a_return(outside))) == (VALUE,)


def test_what_lies_outside_is_not_known() -> None:
    outside = a_return(
        a_line("50000.00"), refers_to="", external_reference="A-1", external_text="alte Kasse"
    )

    assert broken(a_case(outside)) == {}
