"""Every sentence of law has a case that breaks it and cases that do not."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from fiscus.model.documents import (
    Direction,
    DocumentKind,
    Draft,
    DraftLine,
    LinePurpose,
    Party,
    StatedTotals,
)
from fiscus.model.records import Case
from fiscus.regimes.pt.rules import RULES
from fiscus.regimes.pt.rules.notes import REASON_MISSING
from fiscus.regimes.pt.tests import cases_corrections, cases_payments, cases_regions, cases_said
from fiscus.regimes.pt.tests.builders import (
    AT,
    a_body,
    a_business,
    a_cancellation,
    a_case,
    a_credit,
    a_debit,
    a_draft,
    a_line,
    a_note_case,
    a_place,
    a_slot,
    a_standing_note,
    a_vat,
    an_address,
    an_exempt_vat,
    an_invoice,
    bread,
    broken,
    with_,
)
from fiscus.regimes.pt.tests.cases_payments import YESTERDAY, a_sale_of, a_simplified_sale_of, cash


def with_vat(**changes: object) -> DraftLine:
    return a_line(vat=with_(a_vat("2.00"), **changes))


def a_misstated(**changes: str) -> Draft:
    totals = {"exclusive": "3.00", "amount": "0.52", "inclusive": "3.52"} | changes
    said = StatedTotals(**{name: Decimal(amount) for name, amount in totals.items()})
    return a_draft(totals=said, payments=(cash("10"),))


def a_slot_named(name: str) -> Case:
    draft = a_draft()
    slot = a_slot(draft)
    assert slot
    return a_case(draft, slot=with_(slot, series=with_(slot.series, name=name)))


def an_unregistered() -> Case:
    draft = a_draft()
    slot = a_slot(draft)
    assert slot
    return a_case(draft, slot=with_(slot, series=with_(slot.series, validation_code="")))


def a_foreign_original() -> Case:
    case = a_note_case(a_credit())
    return with_(case, original=a_body(a_case(place=a_place(taxpayer="t-2"))))


def all_back() -> Draft:
    return a_credit(a_line(number="1"), bread(number="2"))


GOOD = {
    **cases_payments.GOOD,
    **cases_corrections.GOOD,
    **cases_regions.GOOD,
    "a receipt": a_case(),
    "a receipt in live": a_case(is_live=True),
    "an invoice": a_case(an_invoice()),
    "an invoice in live": a_case(an_invoice(buyer=a_business("510111114")), is_live=True),
    "an invoice to a consumer": a_case(an_invoice(buyer=Party(name="Ana", address=an_address()))),
    "an invoice abroad": a_case(
        an_invoice(buyer=a_business("B12345678", address=an_address(country="ES")))
    ),
    "a number with its prefix": a_case(an_invoice(buyer=a_business("PT514200111"))),
    "a simplified invoice": a_case(a_draft(is_simplified=True)),
    "a big retail sale": a_case(a_simplified_sale_of("1000.00")),
    "a small business sale": a_case(a_simplified_sale_of("100.00", buyer=a_business())),
    "a training receipt": a_case(a_draft(is_training=True)),
    "a credit note": a_note_case(a_credit()),
    "a credit note of all": a_note_case(all_back()),
    "a credit note of the rest": a_note_case(
        a_credit(a_line(net="1.00", quantity="1", number="1"), bread(number="2")),
        notes=(a_standing_note(a_credit()),),
    ),
    "a credit note by text": a_note_case(a_credit(bread())),
    "a credit note after a debit note": a_note_case(
        all_back(), notes=(a_standing_note(a_debit()),)
    ),
    "a debit note": a_note_case(a_debit()),
    "a debit note with a new line": a_note_case(a_debit(a_line("Portes", quantity="1"))),
    "a debit note above the original": a_note_case(a_debit(a_line(net="50.00", number="1"))),
    "a cancellation": a_note_case(a_cancellation()),
    "a cancellation of a note": a_case(a_cancellation(), original=a_standing_note(a_credit())),
    "an abort": a_case(Draft(kind=DocumentKind.ABORT)),
    "a series not opened yet": with_(a_case(), slot=None),
    "no totals": a_case(a_draft(totals=None)),
    "eight decimals": a_case(
        a_draft(
            a_line(
                vat=with_(
                    a_vat("2"),
                    exclusive=Decimal("40.65040650"),
                    amount=Decimal("9.34959350"),
                    inclusive=Decimal("50.00000000"),
                )
            )
        )
    ),
    "a percentage with a decimal": a_case(a_draft(with_vat(percentage=Decimal("23.0")))),
    "Azores by place": a_case(a_draft(a_line(vat=a_vat("2.00", "16"))), place=a_place("9500-100")),
    "Azores by word": a_case(a_draft(a_line(vat=a_vat("2.00", "16", region="AZORES")))),
    "the mainland by word in the Azores": a_case(
        a_draft(a_line(vat=a_vat("2.00", region="PT"))), place=a_place("9500-100")
    ),
    "the old reduced rate of Madeira for an old supply": a_case(
        a_draft(
            a_line(vat=a_vat("2.00", "5", "REDUCED_2")),
            supplied_on=date(2024, 9, 30),
            issued_at=datetime(2025, 3, 3, 9, 0, tzinfo=UTC),
        ),
        at=datetime(2025, 3, 3, 9, 0, tzinfo=UTC),
        place=a_place("9000-001"),
    ),
    "an exempt line": a_case(a_sale_of("5.00")),
    "a line not subject": a_case(a_draft(a_line(vat=an_exempt_vat("2.00", "NOT_SUBJECT")))),
    "a product known by this description": a_case(
        a_draft(a_line(product="P1")), remembered={"P1": "Café"}
    ),
    "a free gift": a_case(a_draft(a_line(net="0.00"), bread())),
    "a text of one character": a_case(a_draft(a_line("X"))),
    "a text of 200 characters": a_case(a_draft(a_line("x" * 200))),
}

BROKEN = (
    *cases_payments.BROKEN,
    *cases_said.BROKEN,
    *cases_corrections.BROKEN,
    *cases_regions.BROKEN,
    ("PT-SERIES-01", a_slot_named("A--B"), ("series",)),
    ("PT-SERIES-01", a_slot_named("-A"), ("series",)),
    ("PT-SERIES-01", a_slot_named("A_"), ("series",)),
    ("PT-SERIES-01", a_slot_named("Ação"), ("series",)),
    ("PT-SERIES-01", a_slot_named("A" * 36), ("series",)),
    ("PT-SERIES-01", with_(a_case(a_draft(series="A//B")), slot=None), ("series",)),
    ("PT-SERIES-02", an_unregistered(), ("series",)),
    ("PT-SERIES-03", a_case(a_draft(series="A.F")), ("series",)),
    ("PT-SERIES-03", a_case(a_draft(series="A.f")), ("series",)),
    ("PT-LINE-01", with_(a_case(), draft=with_(a_draft(), lines=())), ("lines",)),
    ("PT-LINE-02", a_case(a_draft(a_line(), a_line(quantity="0"))), ("lines[1].quantity",)),
    ("PT-LINE-02", a_case(a_draft(a_line(quantity="-1"))), ("lines[0].quantity",)),
    (
        "PT-LINE-03",
        a_case(a_draft(a_line(net="5.00"), a_line(net="-1.00"))),
        ("lines[1].unit_price", "lines[1].vat"),
    ),
    (
        "PT-LINE-04",
        a_case(a_draft(a_line(), a_line(direction=Direction.RETURN))),
        ("lines[1].direction",),
    ),
    (
        "PT-LINE-05",
        a_note_case(
            with_(
                a_credit(),
                lines=(*a_credit().lines, bread(number="2")),
                totals=None,
            )
        ),
        ("lines[1].direction",),
    ),
    (
        "PT-LINE-06",
        a_case(a_draft(a_line(discount=Decimal(-1)), a_line(surcharge=Decimal(-1)))),
        ("lines[0].discount", "lines[1].surcharge"),
    ),
    ("PT-LINE-07", a_case(a_draft(a_line("  "))), ("lines[0].text",)),
    ("PT-LINE-08", a_case(a_draft(a_line(quantity="1e14"))), ("lines[0].quantity",)),
    (
        "PT-LINE-08",
        a_case(a_sale_of("10000000000000.00")),
        ("lines[0].vat",),
    ),
    (
        "PT-PRODUCT-01",
        a_case(a_draft(a_line(product="P1")), remembered={"P1": "Chá"}),
        ("lines[0].text",),
    ),
    (
        "PT-PRODUCT-01",
        a_case(a_draft(a_line(product="P1"), a_line("Chá", product="P1"))),
        ("lines[1].text",),
    ),
    ("PT-TAX-01", a_case(a_draft(with_vat(region="CORSICA"))), ("lines[0].vat.region",)),
    ("PT-TAX-02", a_case(a_draft(a_line(vat=a_vat("2", "21")))), ("lines[0].vat.percentage",)),
    (
        "PT-TAX-03",
        a_case(a_draft(a_line(vat=a_vat("2.00", "0", "REDUCED_3")))),
        ("lines[0].vat.code",),
    ),
    (
        "PT-TAX-04",
        a_case(a_draft(a_line(vat=an_exempt_vat(code="CAUSE_32")))),
        ("lines[0].vat.code",),
    ),
    ("PT-TAX-04", a_case(a_draft(a_line(vat=an_exempt_vat(code="M03")))), ("lines[0].vat.code",)),
    (
        "PT-TAX-05",
        a_case(a_draft(a_line(vat=an_exempt_vat(code="CAUSE_19")))),
        ("lines[0].vat.code",),
    ),
    (
        "PT-TAX-05",
        a_case(
            a_draft(
                a_line(vat=an_exempt_vat(code="CAUSE_29")),
                issued_at=datetime(2025, 8, 31, 12, tzinfo=UTC),
            )
        ),
        ("lines[0].vat.code",),
    ),
    (
        "PT-TAX-06",
        a_case(a_draft(a_line(vat=with_(an_exempt_vat(), amount=Decimal("0.01"))))),
        ("lines[0].vat.amount",),
    ),
    (
        "PT-TAX-07",
        a_case(a_draft(with_vat(amount=Decimal("0.48"), inclusive=Decimal("2.48")))),
        ("lines[0].vat.amount",),
    ),
    (
        "PT-TAX-08",
        a_case(a_draft(with_vat(inclusive=Decimal("2.49")))),
        ("lines[0].vat.inclusive",),
    ),
    ("PT-CURRENCY-01", a_case(a_draft(currency="USD")), ("currency",)),
    (
        "PT-TOTAL-01",
        a_case(a_misstated(exclusive="3.01", amount="0.52", inclusive="3.53")),
        ("totals.inclusive",),
    ),
    (
        "PT-TOTAL-04",
        a_case(
            with_(
                a_sale_of("5.00"),
                totals=StatedTotals(
                    exclusive=Decimal("4.99"), amount=Decimal("0.01"), inclusive=Decimal("5.00")
                ),
            )
        ),
        ("totals.amount",),
    ),
    (
        "PT-TOTAL-02",
        a_case(a_misstated(exclusive="2.99", amount="0.52", inclusive="3.52")),
        ("totals.inclusive",),
    ),
    (
        "PT-TOTAL-02",
        a_case(
            with_(
                a_draft(a_line(net="0.01")),
                totals=StatedTotals(
                    exclusive=Decimal("0.02"), amount=Decimal("0.02"), inclusive=Decimal("0.01")
                ),
            )
        ),
        ("totals",),
    ),
    ("PT-TOTAL-03", a_case(a_sale_of("10000000000000.00")), ("totals.inclusive",)),
    ("PT-SIMPLIFIED-01", a_case(a_simplified_sale_of("1000.01")), ("totals.inclusive",)),
    (
        "PT-SIMPLIFIED-01",
        a_case(a_simplified_sale_of("100.01", buyer=Party(tax_number="514200111"))),
        ("totals.inclusive",),
    ),
    (
        "PT-SIMPLIFIED-01",
        a_case(a_draft(a_line(vat=an_exempt_vat("100.01"), is_service=True), is_simplified=True)),
        ("totals.inclusive",),
    ),
    (
        "PT-NUMBER-01",
        a_case(a_draft(reference="18"), is_number_claimed=True),
        ("reference 18, next is FR T01-2026/17",),
    ),
    ("PT-LINE-09", a_case(a_draft(a_line(), a_line(is_voucher=True))), ("lines[1]",)),
    ("PT-LINE-09", a_case(a_draft(a_line(is_gift=True))), ("lines[0]",)),
    ("PT-LINE-09", a_case(a_draft(a_line(purpose=LinePurpose.VOUCHER_SOLD))), ("lines[0]",)),
    ("PT-LINE-09", a_case(a_draft(a_line(purpose=LinePurpose.VOUCHER_REDEEMED))), ("lines[0]",)),
    ("PT-SAID-01", a_case(a_draft(a_line(gtin="4006381333931"))), ("lines[0].gtin",)),
    ("PT-SAID-01", a_case(a_draft(a_line(is_eaten_in=False))), ("lines[0].is_eaten_in",)),
    ("PT-SAID-01", a_case(a_draft(is_full_reversal=True)), ("is_full_reversal",)),
    ("PT-SAID-01", a_case(a_draft(buyer=Party(vat_number="PT1"))), ("buyer.vat_number",)),
    ("PT-DEPOSIT-01", a_case(a_draft(a_line(purpose=LinePurpose.DEPOSIT))), ("lines[0]",)),
    ("PT-BUYER-01", a_case(an_invoice(buyer=None)), ("buyer",)),
    ("PT-BUYER-01", a_case(an_invoice(buyer=Party(address=an_address()))), ("buyer",)),
    ("PT-BUYER-02", a_case(an_invoice(buyer=a_business(""))), ("buyer.tax_number",)),
    ("PT-BUYER-03", a_case(an_invoice(buyer=a_business("12345"))), ("buyer.tax_number",)),
    (
        "PT-BUYER-03",
        a_case(an_invoice(buyer=a_business("A*B", address=an_address(country="ES")))),
        ("buyer.tax_number",),
    ),
    (
        "PT-BUYER-04",
        a_case(an_invoice(buyer=a_business("514200110")), is_live=True),
        ("buyer.tax_number",),
    ),
    (
        "PT-BUYER-05",
        a_case(an_invoice(buyer=a_business(address=an_address(country="Spain")))),
        ("buyer.address.country",),
    ),
    (
        "PT-BUYER-06",
        a_case(an_invoice(buyer=a_business("999999990", name="Consumidor final"))),
        ("buyer.tax_number", "buyer.name"),
    ),
    ("PT-BUYER-07", a_case(an_invoice(buyer=a_business("DE136695976"))), ("buyer.tax_number",)),
    (
        "PT-BUYER-08",
        a_case(a_draft(buyer=Party(code="214567893", is_staff=True))),
        ("buyer.code",),
    ),
    ("PT-NOTE-01", a_note_case(a_credit(reason=" ")), ("reason",)),
    ("PT-NOTE-01", a_note_case(a_cancellation(reason="")), ("reason",)),
    ("PT-NOTE-02", a_case(a_credit()), ("refers_to",)),
    ("PT-NOTE-02", a_foreign_original(), ("refers_to",)),
    (
        "PT-NOTE-02",
        a_case(a_credit(), original=a_standing_note(a_credit())),
        ("refers_to",),
    ),
    ("PT-NOTE-03", a_note_case(a_credit(), is_original_void=True), ("refers_to",)),
    ("PT-NOTE-04", a_note_case(a_credit(), notes=(a_standing_note(all_back()),)), ("refers_to",)),
    ("PT-NOTE-05", a_note_case(a_credit(is_training=True)), ("refers_to",)),
    (
        "PT-NOTE-06",
        a_note_case(a_credit(a_line(net="1.00", quantity="1", number="3"))),
        ("lines[0].number",),
    ),
    ("PT-NOTE-06", a_note_case(a_credit(a_line("Chá", net="1.00"))), ("lines[0].number",)),
    (
        "PT-NOTE-06",
        a_note_case(a_credit(a_line()), a_draft(a_line(), a_line())),
        ("lines[0].number",),
    ),
    ("PT-NOTE-06", a_note_case(a_debit(a_line(number="9"))), ("lines[0].number",)),
    (
        "PT-NOTE-07",
        a_note_case(a_credit(a_line("Café curto", net="1.00", quantity="1", number="1"))),
        ("lines[0].text",),
    ),
    (
        "PT-NOTE-08",
        a_note_case(a_credit(a_line(vat=a_vat("1.00", "13", "REDUCED_1"), number="1"))),
        ("lines[0].vat.percentage",),
    ),
    (
        "PT-NOTE-09",
        a_note_case(a_credit(a_line(net="2.00", quantity="3", number="1"))),
        ("lines[0].quantity",),
    ),
    (
        "PT-NOTE-09",
        a_note_case(a_credit(a_line(net="2.03", quantity="1", number="1"))),
        ("lines[0].vat.exclusive",),
    ),
    (
        "PT-NOTE-09",
        a_note_case(a_credit(a_line(number="1")), notes=(a_standing_note(a_credit()),)),
        ("lines[0].quantity", "lines[0].vat.exclusive"),
    ),
    (
        "PT-NOTE-09",
        a_note_case(a_credit(a_line(number="1"), a_line(number="1"))),
        ("lines[1].quantity", "lines[1].vat.exclusive"),
    ),
    (
        "PT-NOTE-11",
        a_note_case(a_credit(buyer=Party(tax_number="214567893"))),
        ("buyer.tax_number",),
    ),
    ("PT-NOTE-12", a_note_case(a_credit(issued_at=YESTERDAY)), ("issued_at",)),
    (
        "PT-NOTE-10",
        a_note_case(all_back(), notes=(a_standing_note(a_credit()),)),
        ("totals.inclusive",),
    ),
    ("PT-VOID-01", a_case(a_cancellation()), ("refers_to",)),
    (
        "PT-VOID-01",
        a_case(a_cancellation(), original=with_(a_body(a_case()), seal=None)),
        ("refers_to",),
    ),
    ("PT-VOID-02", a_note_case(a_cancellation(), is_original_void=True), ("refers_to",)),
    (
        "PT-VOID-03",
        a_note_case(a_cancellation(), notes=(a_standing_note(a_debit()),)),
        ("refers_to",),
    ),
)


@pytest.mark.parametrize("name", GOOD)
def test_nothing_is_refused(name: str) -> None:
    assert broken(GOOD[name]) == {}


@pytest.mark.parametrize(("code", "case", "paths"), BROKEN)
def test_is_refused_at_the_right_place(code: str, case: Case, paths: tuple[str, ...]) -> None:
    assert broken(case)[code] == paths


def test_every_rule_has_a_case_that_breaks_it() -> None:
    assert {rule.code.id for rule in RULES} == {code for code, _, _ in BROKEN}


def test_no_code_is_used_twice_and_all_name_their_source() -> None:
    codes = [rule.code.id for rule in RULES]

    assert len(codes) == len(set(codes))
    assert all(rule.law and rule.code.text for rule in RULES)


def test_every_code_is_explained_in_the_law_paper() -> None:
    paper = (Path(__file__).parent.parent / "LAW.md").read_text(encoding="utf-8")

    assert [rule.code.id for rule in RULES if rule.code.id not in paper] == []


def test_a_refused_case_names_all_its_faults_at_once() -> None:
    case = a_case(a_draft(a_line(" ", quantity="-1"), currency="USD"))

    assert {"PT-LINE-02", "PT-LINE-07", "PT-CURRENCY-01"} <= set(broken(case))


def test_the_day_is_that_of_lisbon() -> None:
    late = datetime(2026, 5, 4, 23, 30, tzinfo=UTC)
    tomorrow_in_lisbon = a_case(a_draft(issued_at=late), at=AT)

    assert "PT-DATE-02" in broken(tomorrow_in_lisbon)
    assert broken(a_case(a_draft(issued_at=late), at=late)) == {}


def test_a_wrong_check_digit_passes_outside_live() -> None:
    assert broken(a_case(an_invoice(buyer=a_business("514200110")))) == {}


def test_a_missing_reason_makes_a_request_incomplete_and_nothing_else_does() -> None:
    assert [rule.code for rule in RULES if rule.is_formal] == [REASON_MISSING]


def test_what_is_no_credit_takes_nothing_from_what_is_credited_in_full() -> None:
    """A debit note adds to the document; nothing of it is given back."""
    case = a_note_case(a_debit(), notes=(a_standing_note(all_back()),))

    assert "PT-NOTE-04" not in broken(case)


@pytest.mark.parametrize(("off", "is_told"), [("0.001", False), ("0.002", True)])
def test_totals_with_parts_of_a_cent_may_differ_by_half_of_each_last_place(
    off: str, is_told: bool
) -> None:
    """Three amounts of three decimals, each rounded by itself: at most 0.0015."""
    totals = StatedTotals(
        exclusive=Decimal("1.001"), amount=Decimal("0.231"), inclusive=Decimal("1.232")
    )
    stated = with_(totals, inclusive=totals.inclusive + Decimal(off))
    case = a_case(with_(a_draft(), totals=stated))

    assert ("totals.inclusive" in broken(case).get("PT-TOTAL-02", ())) is is_told
