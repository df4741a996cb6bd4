"""What is left of a tab: ordered, and neither taken back nor billed."""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fiscus.model import tabs
from fiscus.model.documents import (
    Direction,
    DocumentKind,
    Draft,
    DraftLine,
    LinePurpose,
    StatedVat,
)

BACK = Direction.RETURN


def a_line(quantity: str = "1", price: str = "5.00", text: str = "Bier", **more: Any) -> DraftLine:
    gross = Decimal(quantity) * Decimal(price)
    vat = StatedVat(code="RATE", percentage=Decimal(19), exclusive=gross, inclusive=gross)
    said: dict[str, Any] = {"direction": Direction.SALE, "vat": vat} | more
    return DraftLine(text=text, quantity=Decimal(quantity), unit_price=Decimal(price), **said)


def an_order(*lines: DraftLine) -> Draft:
    return Draft(kind=DocumentKind.ORDER, lines=lines)


def a_bill(*lines: DraftLine) -> Draft:
    return Draft(kind=DocumentKind.RECEIPT, lines=lines)


def left(*drafts: Draft) -> dict[str, Decimal]:
    return {thing.text: one.quantity for thing, one in tabs.left(drafts).items() if one.quantity}


def test_what_is_taken_back_or_billed_is_not_left() -> None:
    first = an_order(a_line("4"), a_line(text="Wein"))

    assert left(first) == {"Bier": 4, "Wein": 1}
    assert left(first, an_order(a_line("1", direction=BACK))) == {"Bier": 3, "Wein": 1}
    assert left(first, a_bill(a_line("3"))) == {"Bier": 1, "Wein": 1}


def test_lines_are_of_one_thing_if_text_purpose_and_tax_agree() -> None:
    deposit = a_line(purpose=LinePurpose.DEPOSIT)
    seven = StatedVat(
        code="RATE", percentage=Decimal(7), exclusive=Decimal(5), inclusive=Decimal(5)
    )
    free = StatedVat(code="X", is_exempt=True, exclusive=Decimal(5), inclusive=Decimal(5))
    every = [a_line(), deposit, a_line(vat=seven), a_line(vat=free), a_line(text="Radler")]

    assert len({tabs.thing(line) for line in every}) == 5
    assert tabs.thing(a_line(text=" Bier ")) == tabs.thing(a_line(price="9.00"))


def test_what_was_never_ordered_is_not_billed_against_it() -> None:
    for line in (
        a_line(direction=BACK),
        a_line(purpose=LinePurpose.TIP_STAFF),
        a_line(purpose=LinePurpose.VOUCHER_SOLD),
        a_line(is_voucher=True),
    ):
        assert not tabs.is_billed(a_bill(line), line)
    assert tabs.is_billed(a_bill(a_line()), a_line())
    assert not tabs.is_billed(an_order(a_line()), a_line())
    correction = Draft(kind=DocumentKind.CORRECTION, lines=(a_line(),))
    assert not tabs.is_billed(correction, a_line())


def test_what_only_adds_does_not_lower_what_is_left() -> None:
    assert not tabs.lowers(an_order(a_line()))
    assert tabs.lowers(an_order(a_line(), a_line(direction=BACK)))
    assert tabs.lowers(a_bill(a_line(purpose=LinePurpose.TIP_STAFF), a_line()))
    assert not tabs.lowers(a_bill(a_line(purpose=LinePurpose.TIP_STAFF)))


def test_more_of_a_thing_or_of_its_money_is_too_much() -> None:
    def exceeds(*lines: DraftLine) -> bool:
        found = tabs.left((an_order(a_line("2")), a_bill(*lines)))
        return any(one.is_exceeded for one in found.values())

    assert not exceeds(a_line("2"))
    assert exceeds(a_line("2.001"))
    assert not exceeds(a_line("1", "4.00"), a_line("1", "6.00"))
    assert not exceeds(a_line("2", "5.01"))
    assert exceeds(a_line("2", "5.02"))


def test_a_price_is_one_of_those_of_the_orders_to_the_cent() -> None:
    found = tabs.left((an_order(a_line("1", "5.00"), a_line("1", "6.00")),))[tabs.thing(a_line())]

    assert found.was_at(Decimal("5.01"))
    assert found.was_at(Decimal("5.99"))
    assert not found.was_at(Decimal("5.50"))
    assert not found.was_below(Decimal("6.01"))
    assert found.was_below(Decimal("6.02"))


def test_a_tab_is_concluded_by_the_receipt_that_bills_the_last_of_it() -> None:
    first = an_order(a_line("2"))
    nothing = an_order(a_line("2", direction=BACK))

    assert tabs.is_open((first, a_bill(a_line())))
    assert not tabs.is_concluded((first, a_bill(a_line())))
    assert tabs.is_concluded((first, a_bill(a_line("2"))))
    assert not tabs.is_open((first, nothing))
    assert not tabs.is_concluded((first, nothing))


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.data())
def test_what_is_left_and_what_was_billed_make_what_was_ordered(
    ordered: list[int], data: st.DataObject
) -> None:
    orders = [an_order(a_line(str(many))) for many in ordered]
    billed = data.draw(st.integers(0, sum(ordered)))
    drafts = [*orders, *(a_bill(a_line()) for _ in range(billed))]

    assert left(*drafts).get("Bier", Decimal(0)) == sum(ordered) - billed
    assert tabs.is_open(drafts) == (billed < sum(ordered))
    assert not any(one.is_exceeded for one in tabs.left(drafts).values())
