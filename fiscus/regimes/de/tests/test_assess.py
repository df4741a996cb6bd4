"""Business cases, VAT keys, discounts shared by rate, kinds of payment."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given

from fiscus.model.amounts import cents_half_up
from fiscus.model.documents import (
    Direction,
    Discount,
    DocumentKind,
    Draft,
    DraftLine,
    LinePurpose,
    PaymentMeans,
)
from fiscus.model.records import AssessedLine
from fiscus.regimes.de import process_data, worth
from fiscus.regimes.de.assess import assess, signed, totals
from fiscus.regimes.de.documents import PAYMENTS
from fiscus.regimes.de.seal import gross_by_slot
from fiscus.regimes.de.tests.builders import (
    a_book,
    a_case,
    a_draft,
    a_line,
    a_return,
    a_vat,
    back,
    broken,
    money,
    no_vat,
    of_drawer,
    paid,
    sealed,
    sum_of,
    told,
)
from fiscus.regimes.de.tests.drafts import corrections


def lines_of(draft: Draft) -> tuple[AssessedLine, ...]:
    return assess(a_case(draft)).lines


def a_discount(amount: str, text: str = "Rabatt") -> Discount:
    return Discount(text=text, amount=Decimal(amount))


@given(corrections())
def test_lines_and_payments_come_to_the_same_whatever_is_sold(draft: Draft) -> None:
    case = a_case(draft)
    assert broken(case) == {}

    lines, payments = assess(case)

    assert sum_of(*(signed(line) for line in lines)) == sum_of(*(each.amount for each in payments))


@given(corrections())
def test_the_tse_is_told_what_lines_and_payments_come_to(draft: Draft) -> None:
    case = a_case(draft)
    kind, slots, payments = told(case).process_data.split("^")
    amounts = [Decimal(amount) for amount in slots.split("_")]
    given_back = [Decimal(each.partition(":")[0]) for each in payments.split("_") if each]

    assert kind == "Beleg"
    assert sum_of(*amounts) == sum_of(*given_back) == sealed(case).gross
    assert dict(enumerate(amounts, 1)) == {
        slot: gross_by_slot(assess(case).lines).get(slot, Decimal(0)) for slot in range(1, 6)
    }


@given(corrections())
def test_net_and_vat_are_gross_in_whole_cents_line_by_line(draft: Draft) -> None:
    for line in lines_of(draft):
        gross = line.net + line.vat
        assert gross == cents_half_up(gross)
        assert line.net >= 0
        assert line.vat >= 0
        assert line.vat == 0 or line.percentage > 0
        assert line.net.as_tuple().exponent == line.vat.as_tuple().exponent == -5


@given(corrections())
def test_a_discount_is_shared_without_a_cent_lost(draft: Draft) -> None:
    found = lines_of(draft)
    numbers = {line.number for line in found}
    shared = {
        number: [x for x in found if x.number == number]
        for number in numbers
        if len([x for x in found if x.number == number]) > 1
    }

    assert numbers == set(range(1, len(numbers) + 1))
    assert worth.discounts(draft) == sum_of(
        *(signed(x) for x in found if x.text.startswith("Rabatt "))
    )
    for parts in shared.values():
        assert len({part.tax_code for part in parts}) == len(parts)
        assert len({part.is_debit for part in parts}) == 1


@given(corrections())
def test_the_totals_of_the_seal_agree(draft: Draft) -> None:
    seal = sealed(a_case(draft))

    assert seal.net + seal.vat == seal.gross
    assert seal.gross == sum_of(*(each.amount for each in seal.payments))


def test_a_discount_stands_after_turnover_and_before_vouchers() -> None:
    draft = a_draft(
        money(LinePurpose.VOUCHER_REDEEMED, "3.00"),
        a_line("10.00"),
        money(LinePurpose.TIP_STAFF, "1.00"),
        a_book("5.35"),
        discounts=(a_discount("2.00", "Treue"),),
    )

    found = [(x.number, x.text, x.tax_code, str(signed(x))) for x in lines_of(draft)]

    assert found == [
        (1, "Tasse", "1", "10.00000"),
        (2, "Buch", "2", "5.35000"),
        (3, "Treue", "1", "-1.30000"),
        (3, "Treue", "2", "-0.70000"),
        (4, "voucher_redeemed", "5", "-3.00000"),
        (5, "tip_staff", "5", "1.00000"),
    ]


def test_a_discount_on_a_return_lessens_what_is_given_back() -> None:
    draft = a_return(a_line("10.00"), discounts=(a_discount("2.00"),))
    discount = lines_of(draft)[1]

    assert (discount.case, discount.is_debit, signed(discount)) == ("Rabatt", False, Decimal(2))
    assert draft.payments[0].amount == Decimal("-8.00")


def test_a_share_of_nothing_is_no_line() -> None:
    draft = a_draft(a_line("100.00"), a_book("0.01"), discounts=(a_discount("0.01"),))

    assert [line.tax_code for line in lines_of(draft) if line.case == "Rabatt"] == ["1"]


@pytest.mark.parametrize(
    ("line", "case", "is_debit"),
    [
        (a_line(), "Umsatz", False),
        (back(a_line()), "Umsatz", True),
        (a_line(purpose=LinePurpose.DEPOSIT), "Pfand", False),
        (back(a_line(purpose=LinePurpose.DEPOSIT)), "PfandRueckzahlung", True),
        (a_line(purpose=LinePurpose.DISCOUNT), "Rabatt", True),
        (back(a_line(purpose=LinePurpose.DISCOUNT)), "Rabatt", False),
        (a_line(purpose=LinePurpose.SURCHARGE), "Aufschlag", False),
        (a_line(purpose=LinePurpose.TIP_OWNER), "TrinkgeldAG", False),
        (money(LinePurpose.TIP_STAFF, "1"), "TrinkgeldAN", False),
        (money(LinePurpose.VOUCHER_SOLD, "1"), "MehrzweckgutscheinKauf", False),
        (back(money(LinePurpose.VOUCHER_SOLD, "1")), "MehrzweckgutscheinEinloesung", True),
        (back(a_line(purpose=LinePurpose.VOUCHER_SOLD)), "EinzweckgutscheinEinloesung", True),
        (money(LinePurpose.RECEIVABLE_SETTLED, "1"), "Forderungsaufloesung", False),
        (money(LinePurpose.VOUCHER_REDEEMED, "1"), "MehrzweckgutscheinEinloesung", True),
        (back(money(LinePurpose.VOUCHER_REDEEMED, "1")), "MehrzweckgutscheinEinloesung", False),
        (a_line(purpose=LinePurpose.VOUCHER_SOLD), "EinzweckgutscheinKauf", False),
        (a_line(is_voucher=True), "EinzweckgutscheinKauf", False),
        (a_line(vat=no_vat("5"), is_voucher=True), "MehrzweckgutscheinKauf", False),
        (a_line(purpose=LinePurpose.VOUCHER_REDEEMED), "EinzweckgutscheinEinloesung", True),
    ],
)
def test_a_line_is_a_business_case(line: DraftLine, case: str, is_debit: bool) -> None:
    found = lines_of(a_draft(line))[0]

    assert (found.case, found.is_debit) == (case, is_debit)


@pytest.mark.parametrize(
    ("kind", "purpose", "amount", "case"),
    [
        (DocumentKind.OPENING, LinePurpose.FLOAT, "50.00", "Anfangsbestand"),
        (DocumentKind.MOVEMENT, LinePurpose.TRANSIT, "-50.00", "Geldtransit"),
        (DocumentKind.MOVEMENT, LinePurpose.TRANSIT, "50.00", "Geldtransit"),
        (DocumentKind.MOVEMENT, LinePurpose.PAY_IN, "5.00", "Einzahlung"),
        (DocumentKind.MOVEMENT, LinePurpose.PAY_OUT, "-5.00", "Auszahlung"),
        (DocumentKind.MOVEMENT, LinePurpose.OWNER_IN, "5.00", "Privateinlage"),
        (DocumentKind.MOVEMENT, LinePurpose.OWNER_OUT, "-5.00", "Privatentnahme"),
        (DocumentKind.MOVEMENT, LinePurpose.WAGE, "-5.00", "Lohnzahlung"),
        (DocumentKind.COUNT, LinePurpose.DIFFERENCE, "-0.50", "DifferenzSollIst"),
        (DocumentKind.COUNT, LinePurpose.DIFFERENCE, "0.50", "DifferenzSollIst"),
    ],
)
def test_what_happens_to_the_drawer_is_cash_under_key_five(
    kind: DocumentKind, purpose: LinePurpose, amount: str, case: str
) -> None:
    draft = of_drawer(kind, purpose, amount)
    assert broken(a_case(draft)) == {}

    (line,), (payment,) = assess(a_case(draft))

    assert (line.case, line.tax_code, signed(line)) == (case, "5", Decimal(amount))
    assert (payment.type, payment.is_cash, payment.amount) == ("Bar", True, Decimal(amount))


@pytest.mark.parametrize("purpose", [LinePurpose.PAY_OUT, LinePurpose.OWNER_OUT, LinePurpose.WAGE])
@pytest.mark.parametrize("direction", Direction)
def test_money_paid_out_leaves_the_drawer_whatever_the_direction(
    purpose: LinePurpose, direction: Direction
) -> None:
    line = money(purpose, "5.00", direction=direction)

    assert lines_of(a_draft(line, kind=DocumentKind.MOVEMENT))[0].is_debit


@pytest.mark.parametrize(
    ("percentage", "code", "is_exempt", "key"),
    [
        ("19", "STANDARD", False, "1"),
        ("7", "whatever the caller says", False, "2"),
        ("7.80", "REDUCED_3", False, "3"),
        ("5.5", "REDUCED_2", False, "4"),
        ("0", "REDUCED_4", False, "8"),
        ("0", "STANDARD", False, "5"),
        ("0", "CAUSE_1", True, "6"),
        ("0", "CAUSE_3", True, "7"),
        ("0", "some reason", True, "6"),
        ("0", "NOT_SUBJECT", True, "5"),
    ],
)
def test_a_line_stands_under_a_vat_key(
    percentage: str, code: str, is_exempt: bool, key: str
) -> None:
    vat = no_vat("5.00", code, is_exempt=is_exempt)
    if percentage != "0":
        vat = a_vat("5.00", percentage, code)

    assert lines_of(a_draft(a_line(vat=vat)))[0].tax_code == key


def test_a_rate_of_the_past_stands_under_a_key_of_the_past() -> None:
    old = a_line(vat=a_vat("5.00", "16"))

    assert lines_of(a_return(old))[0].tax_code == "21"
    assert lines_of(a_draft(old, supplied_on=date(2020, 12, 31)))[0].tax_code == "21"


@pytest.mark.parametrize(
    "means", [each for each in PaymentMeans if each is not PaymentMeans.OUTSTANDING]
)
def test_a_payment_keeps_its_name_and_gets_the_law_s_word(means: PaymentMeans) -> None:
    (payment,) = assess(a_case(a_draft(payments=(paid("15.35", means, name=" Karte "),)))).payments

    assert (payment.type, payment.name, payment.currency) == (PAYMENTS[means], "Karte", "EUR")
    assert payment.is_cash is (means is PaymentMeans.CASH)


def test_payments_of_nothing_are_left_out() -> None:
    draft = a_draft(payments=(paid("0"), paid("15.35", PaymentMeans.CARD_DEBIT)))

    assert [each.type for each in assess(a_case(draft)).payments] == ["ECKarte"]


def test_an_operation_that_nothing_was_paid_for_says_so() -> None:
    gift = a_draft(a_line(discount=Decimal("10.00"), unit_price=Decimal("10"), vat=a_vat("0.00")))
    (payment,) = assess(a_case(gift)).payments

    assert (payment.type, payment.amount, payment.is_cash) == ("Keine", Decimal(0), False)


def test_what_is_outstanding_is_a_receivable_of_the_other_sign() -> None:
    draft = a_draft(payments=(paid("15.35", PaymentMeans.OUTSTANDING, name="Firma Muster"),))
    lines, payments = assess(a_case(draft))
    owed = lines[-1]

    assert (owed.case, owed.tax_code, owed.text) == ("Forderungsentstehung", "5", "Firma Muster")
    assert (signed(owed), totals(lines).inclusive) == (Decimal("-15.35"), Decimal(0))
    assert [each.type for each in payments] == ["Keine"]


@pytest.mark.parametrize(
    ("line", "is_turnover"),
    [
        (a_line(), True),
        (a_line(purpose=LinePurpose.TIP_OWNER), True),
        (a_line(is_voucher=True), True),
        (a_line(vat=no_vat("5.00")), True),
        (money(LinePurpose.TIP_STAFF, "1.00"), False),
        (money(LinePurpose.VOUCHER_SOLD, "5.00"), False),
        (money(LinePurpose.VOUCHER_REDEEMED, "5.00"), False),
        (money(LinePurpose.FLOAT, "5.00"), False),
    ],
)
def test_only_turnover_has_a_kind_of_tax(line: DraftLine, is_turnover: bool) -> None:
    assert bool(lines_of(a_draft(line))[0].tax_type) is is_turnover


def test_a_receivable_is_no_turnover_but_a_discount_lowers_it() -> None:
    draft = a_draft(
        discounts=(a_discount("2.00"),), payments=(paid("13.35", PaymentMeans.OUTSTANDING),)
    )
    found = lines_of(draft)

    assert {line.tax_type for line in found if line.case == "Rabatt"} == {"USt"}
    assert [line.case for line in found if not line.tax_type] == ["Forderungsentstehung"]


def test_vat_is_what_the_caller_prints_and_net_the_rest() -> None:
    line = lines_of(a_draft(a_line("10.00")))[0]

    assert (str(line.vat), str(line.net)) == ("1.60000", "8.40000")
    assert (str(line.unit_price), str(line.unit_gross)) == ("8.40000", "10.00000")


def test_the_unit_price_is_what_is_left_after_the_line_s_discount() -> None:
    line = a_line(
        "18.00",
        quantity="2",
        unit_price=Decimal("10.00"),
        discount=Decimal("3.00"),
        surcharge=Decimal("1.00"),
    )
    found = lines_of(a_draft(line))[0]

    assert (found.unit_gross, found.discount) == (Decimal("9.00000"), Decimal("2.00"))


def test_a_line_of_a_return_names_the_line_it_takes_back() -> None:
    draft = a_return(a_line(number="2"), a_book(number="zwei"))

    assert [line.original_line for line in lines_of(draft)] == [2, 0]
    assert lines_of(a_draft(a_line(number="2")))[0].original_line == 0


def test_foreign_money_is_told_in_its_own_currency() -> None:
    payment = paid("11.90", currency="CHF", foreign_amount=Decimal("11.00"))
    case = a_case(a_draft(a_line("11.90"), payments=(payment,)))

    assert assess(case).payments[0].amount == Decimal("11.90")
    assert told(case).process_data.endswith("^11.00:Bar:CHF")
    assert told(case).process_type == process_data.RECEIPT
