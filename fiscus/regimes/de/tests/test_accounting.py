"""What the books are told of German records: everything that was sealed, and nothing else."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscus.model.accounts import AccountedDocument, Bearing, Booking
from fiscus.model.amounts import ZERO, cents_half_up, money
from fiscus.model.documents import Discount, DocumentKind, DraftLine, LinePurpose, PaymentMeans
from fiscus.model.records import Case, EntryBody
from fiscus.regimes.de import documents
from fiscus.regimes.de.accounting import BEARINGS, bookings
from fiscus.regimes.de.assess import totals
from fiscus.regimes.de.tests.builders import (
    a_body,
    a_case,
    a_draft,
    a_line,
    a_vat,
    broken,
    no_vat,
    of_drawer,
    paid,
    sealed,
    with_,
)
from fiscus.regimes.de.tests.builders import money as money_line
from fiscus.regimes.de.tests.test_examples import NAMES, the_case


def of(body: EntryBody) -> tuple[Booking, ...]:
    """What the books are told of the record, read from its stored bytes."""
    return bookings(msgspec.json.decode(msgspec.json.encode(body), type=AccountedDocument))


def amounts(case: Case) -> dict[str, str]:
    return {each.key: money(each.amount) for each in of(a_body(case))}


def expect_the_seal(case: Case) -> tuple[Booking, ...]:
    """Every rate with the VAT that is printed for it, every payment; together nothing."""
    seal, found = sealed(case), of(a_body(case))
    taxed = [line for line in seal.lines if line.tax_type]
    assert sum((each.amount for each in found), ZERO) == 0
    assert all(each.amount == each.net + each.vat for each in found)
    assert all(each.amount == cents_half_up(each.amount) for each in found)
    for rate in {(line.tax_code, line.percentage) for line in taxed}:
        sums = totals(line for line in taxed if (line.tax_code, line.percentage) == rate)
        mine = [each for each in found if (each.tax_code, each.percentage) == rate]
        assert -sum((each.vat for each in mine), ZERO) == sums.amount
        assert -sum((each.net for each in mine), ZERO) == sums.exclusive
    settled = [each for each in found if each.key.startswith("payment/")]
    assert sum((x.amount for x in settled), ZERO) == sum((x.amount for x in seal.payments), ZERO)
    return found


BEARING = [name for name in NAMES if sealed(the_case(name)).document_type == documents.RECEIPT]


@pytest.mark.parametrize("name", [name for name in BEARING if name != "opening_float"])
def test_the_bookings_of_an_example_are_its_seal_to_the_cent(name: str) -> None:
    assert expect_the_seal(the_case(name))


@pytest.mark.parametrize("name", ["opening_float", *sorted({*NAMES} - {*BEARING})])
def test_what_bears_no_money_books_nothing(name: str) -> None:
    assert of(a_body(the_case(name))) == ()


def test_a_refusal_and_an_intention_book_nothing() -> None:
    assert of(with_(a_body(a_case()), seal=None)) == ()


A_PURPOSE = st.sampled_from(
    [LinePurpose.SALE, LinePurpose.SURCHARGE, LinePurpose.DISCOUNT, LinePurpose.DEPOSIT]
)
A_RATE = st.sampled_from([("19", "STANDARD"), ("7", "REDUCED_1")])


@st.composite
def lines(draw: Any) -> DraftLine:
    gross = str(Decimal(draw(st.integers(100, 5000))) / 100)
    return a_line(gross, vat=a_vat(gross, *draw(A_RATE)), purpose=draw(A_PURPOSE))


@given(st.lists(lines(), min_size=1, max_size=10), st.integers(0, 99), st.integers(0, 500))
def test_any_sale_is_booked_to_the_cent(said: Sequence[DraftLine], discount: int, tip: int) -> None:
    more = (a_line("200.00"),)
    tips = (money_line(LinePurpose.TIP_STAFF, str(Decimal(tip) / 100)),) if tip else ()
    off = (Discount(text="Stammgast", amount=Decimal(discount) / 100),) if discount else ()

    expect_the_seal(a_case(a_draft(*more, *said, *tips, discounts=off)))


def test_each_case_and_rate_has_a_key_and_discounts_and_tips_stand_apart() -> None:
    assert amounts(the_case("sale_with_discount_tip_and_gift_card")) == {
        "case/Umsatz/19": "-7.80",
        "case/Rabatt/19": "0.78",
        "case/Umsatz/7": "-4.20",
        "case/Rabatt/7": "0.42",
        "case/TrinkgeldAN/nicht_steuerbar": "-1.50",
        "case/MehrzweckgutscheinEinloesung/nicht_steuerbar": "5.00",
        "payment/Bar": "7.30",
    }


def test_what_is_sold_on_account_is_owed() -> None:
    assert amounts(the_case("sale_on_account")) == {"case/Umsatz/19": "-7.80", "owed": "7.80"}


def test_what_is_paid_later_is_owed_no_more_and_no_revenue() -> None:
    case = a_case(a_draft(money_line(LinePurpose.RECEIVABLE_SETTLED, "7.80")))

    assert broken(case) == {}
    assert amounts(case) == {"owed": "-7.80", "payment/Bar": "7.80"}


def test_a_voucher_for_one_purpose_is_revenue_when_it_is_sold_and_not_again() -> None:
    card = a_line("11.90", purpose=LinePurpose.VOUCHER_SOLD, voucher="V-1")
    cake, used = a_line("11.90"), with_(card, purpose=LinePurpose.VOUCHER_REDEEMED)

    assert amounts(a_case(a_draft(card))) == {
        "case/EinzweckgutscheinKauf/19": "-11.90",
        "payment/Bar": "11.90",
    }
    assert amounts(a_case(a_draft(cake, used))) == {
        "case/Umsatz/19": "-11.90",
        "case/EinzweckgutscheinEinloesung/19": "11.90",
    }
    expect_the_seal(a_case(a_draft(cake, a_line("3.33"), used)))


def test_a_return_takes_revenue_back() -> None:
    found = {each.key: each for each in of(a_body(the_case("return_of_one_coffee")))}

    assert found["case/Umsatz/19"].amount > 0
    assert found["case/Umsatz/19"].vat > 0
    assert found["payment/Bar"].amount < 0


def test_each_reason_for_no_vat_has_a_key_of_its_own() -> None:
    assert {key.rpartition("/")[2] for key in amounts(the_case("exempt_and_not_taxable"))} >= {
        "umsatzsteuerfrei",
        "nicht_steuerbar",
    }
    zero = a_draft(a_line("5.00", vat=no_vat("5.00", "REDUCED_4")))
    margin = a_draft(a_line("5.00", vat=no_vat("5.00", "CAUSE_3", is_exempt=True)))
    assert "case/Umsatz/nullsteuersatz" in amounts(a_case(zero))
    assert "case/Umsatz/nicht_ermittelbar" in amounts(a_case(margin))


def test_each_kind_of_payment_has_a_key_and_foreign_money_counts_in_ours() -> None:
    draft = a_draft(
        a_line("30.00"),
        payments=(
            paid("10.00"),
            paid("5.00", PaymentMeans.CARD_DEBIT),
            paid("15.00", PaymentMeans.CARD_DEBIT),
        ),
    )
    assert amounts(a_case(draft)) == {
        "case/Umsatz/19": "-30.00",
        "payment/Bar": "10.00",
        "payment/ECKarte": "20.00",
    }
    assert sum(map(Decimal, amounts(the_case("sale_in_dollars")).values())) == 0


@pytest.mark.parametrize(
    ("kind", "purpose", "amount", "told"),
    [
        ("movement", "transit", "-200.00", {"movement/Geldtransit": "200.00"}),
        ("movement", "transit", "50.00", {"movement/Geldtransit": "-50.00"}),
        ("movement", "pay_in", "5.00", {"movement/Einzahlung": "-5.00"}),
        ("movement", "owner_in", "5.00", {"movement/Privateinlage": "-5.00"}),
        ("movement", "difference", "-0.01", {"difference/short": "0.01"}),
        ("count", "difference", "-0.50", {"difference/short": "0.50"}),
        ("count", "difference", "0.50", {"difference/over": "-0.50"}),
    ],
)
def test_the_drawer_is_booked_against_its_cash(
    kind: str, purpose: str, amount: str, told: dict[str, str]
) -> None:
    case = a_case(of_drawer(DocumentKind(kind), LinePurpose(purpose), amount))

    assert broken(case) == {}
    assert amounts(case) == told | {"payment/Bar": amount}


def test_every_type_of_operation_says_what_it_means_to_the_books() -> None:
    assert {BEARINGS[sealed(the_case(name)).document_type] for name in NAMES} == {
        Bearing.REVENUE,
        Bearing.NEITHER,
    }
    assert [each for each in BEARINGS if BEARINGS[each] is Bearing.REVENUE] == [documents.RECEIPT]
