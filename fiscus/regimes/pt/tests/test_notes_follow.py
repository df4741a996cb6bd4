"""What a note has from the document it corrects: buyer, region, tax, reason; and its day."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from fiscus.model.documents import Draft, DraftLine, Party
from fiscus.model.records import Case
from fiscus.regimes.pt.tests.builders import (
    AT,
    a_body,
    a_business,
    a_case,
    a_credit,
    a_debit,
    a_draft,
    a_line,
    a_note_case,
    a_place,
    a_vat,
    an_address,
    an_exempt_vat,
    an_invoice,
    broken,
    sealed,
    with_,
)

NIF = Party(tax_number="214567893")
FOREIGN = Party(tax_number="DE136695976")
ANA = Party(name="Ana Melo", address=an_address())
CARD = Party(code="LOYALTY-77")
NOBODY = Party(name="Consumidor final")


def noted(original: Draft, buyer: Party | None, **more: Any) -> Case:
    return a_note_case(a_credit(buyer=buyer, **more), original)


ORIGINALS = {
    "nobody": a_draft(),
    "number": a_draft(buyer=NIF),
    "foreign number": a_draft(buyer=FOREIGN),
    "code": a_draft(buyer=CARD),
    "business": an_invoice(buyer=a_business()),
    "foreign business": an_invoice(
        buyer=a_business("ESB12345678", address=an_address(country="ES"))
    ),
    "name": an_invoice(buyer=ANA),
}


@pytest.mark.parametrize("name", ORIGINALS)
@pytest.mark.parametrize("note", [a_credit, a_debit])
def test_a_note_without_a_buyer_is_for_that_of_its_original(name: str, note: Any) -> None:
    case = a_note_case(note(), ORIGINALS[name])

    assert broken(case) == {}
    assert case.original
    assert case.original.seal
    assert case.draft.buyer == a_case(ORIGINALS[name]).draft.buyer
    facts, before = sealed(case).facts, case.original.seal.facts
    for fact in ("buyer_tax_number", "buyer_country"):
        assert facts[fact] == before[fact]


SAME = [
    ("nobody", Party(tax_number="999999990")),
    ("nobody", NOBODY),
    ("number", NIF),
    ("number", Party(code="PT 214 567 893")),
    ("number", with_(NIF, name="Ana", address=an_address())),
    ("foreign number", Party(code="de 136695976")),
    ("foreign number", a_business("DE136695976", address=an_address(country="DE"))),
    ("code", CARD),
    ("business", a_business()),
    ("business", a_business("PT514200111", name="Oficina Marés II, Lda.")),
    ("business", Party(tax_number="514200111")),
    ("business", Party(code="PT514200111")),
    ("business", Party(name="oficina mares lda", address=an_address())),
    ("foreign business", Party(code="ES B12345678")),
    ("foreign business", a_business("B12345678", address=an_address(country="ES"))),
    ("name", ANA),
    ("name", with_(ANA, name=" ana  mélo ")),
    ("name", Party(tax_number="999999990")),
]


@pytest.mark.parametrize(("name", "buyer"), SAME)
def test_the_same_buyer_may_be_named_again(name: str, buyer: Party) -> None:
    case = noted(ORIGINALS[name], buyer)

    assert broken(case) == {}
    assert case.original
    assert case.original.seal
    facts, before = sealed(case).facts, case.original.seal.facts
    assert facts["buyer_tax_number"] == before["buyer_tax_number"]
    assert facts["buyer_country"] == before["buyer_country"]


OTHERS = [
    ("nobody", NIF, "buyer.tax_number"),
    ("nobody", FOREIGN, "buyer.tax_number"),
    ("nobody", ANA, "buyer.name"),
    ("nobody", CARD, "buyer.code"),
    ("nobody", a_business(), "buyer.tax_number"),
    ("number", Party(code="999999990"), "buyer.tax_number"),
    ("number", Party(code="510111114"), "buyer.tax_number"),
    ("number", Party(code="ES214567893"), "buyer.tax_number"),
    ("number", with_(NIF, address=an_address(country="ES")), "buyer.tax_number"),
    ("number", NOBODY, "buyer.name"),
    ("foreign number", Party(code="136695976"), "buyer.tax_number"),
    ("foreign number", Party(code="FR12136695976"), "buyer.tax_number"),
    ("code", Party(code="LOYALTY-78"), "buyer.code"),
    ("code", NIF, "buyer.tax_number"),
    ("business", a_business("510111114"), "buyer.tax_number"),
    ("business", a_business("B12345678", address=an_address(country="ES")), "buyer.tax_number"),
    ("business", Party(name="Padaria", address=an_address()), "buyer.name"),
    ("foreign business", a_business(), "buyer.tax_number"),
    ("foreign business", Party(name="Oficina Marés, Lda.", address=an_address()), "country"),
    ("name", with_(ANA, name="Ana Silva"), "buyer.name"),
    ("name", with_(ANA, tax_number="214567893"), "buyer.tax_number"),
    ("name", with_(ANA, address=an_address(country="ES")), "buyer.address.country"),
]


@pytest.mark.parametrize(("name", "buyer", "path"), OTHERS)
def test_another_buyer_is_refused(name: str, buyer: Party, path: str) -> None:
    found = broken(noted(ORIGINALS[name], buyer))

    assert set(found) <= {"PT-NOTE-11", "PT-BUYER-03"}
    assert any(path in one for one in found["PT-NOTE-11"])


REGIONS = {"PT": "1100-061", "PT-AC": "9500-150", "PT-MA": "9000-001"}
PAIRS = list(permutations(REGIONS, 2))
STANDARD = {"PT": "23", "PT-AC": "16", "PT-MA": "22"}
REDUCED = {"PT": "6", "PT-AC": "4", "PT-MA": "4"}


def sold_in(region: str, vat: Any) -> Case:
    return a_case(a_draft(a_line(vat=vat)), place=a_place(REGIONS[region]))


def credited_in(region: str, original: Case, line: DraftLine) -> Case:
    place = a_place(REGIONS[region])
    return a_case(a_credit(line), place=place, original=a_body(original))


@pytest.mark.parametrize(("sold", "till"), PAIRS)
@pytest.mark.parametrize("rates", [STANDARD, REDUCED])
@pytest.mark.parametrize("note", [a_credit, a_debit])
def test_a_note_at_another_till_is_of_the_region_of_its_original(
    sold: str, till: str, rates: dict[str, str], note: Any
) -> None:
    code = "STANDARD" if rates is STANDARD else "REDUCED_2"
    vat = a_vat("2.00", rates[sold], code)
    original = sold_in(sold, vat)
    draft = note(a_line(vat=vat, number="1"))
    case = a_case(draft, place=a_place(REGIONS[till]), original=a_body(original))

    assert broken(case) == {}
    assert [line.region for line in sealed(case).lines] == [sold]


@pytest.mark.parametrize(("sold", "till"), PAIRS)
def test_a_line_that_names_another_region_is_refused(sold: str, till: str) -> None:
    original = sold_in(sold, an_exempt_vat("2.00"))
    vat = with_(an_exempt_vat("2.00"), region=till)

    found = broken(credited_in(till, original, a_line(vat=vat, number="1")))

    assert found == {"PT-NOTE-08": ("lines[0].vat.region",)}


def test_the_same_rate_on_the_other_islands_is_another_tax() -> None:
    original = sold_in("PT-AC", a_vat("2.00", "4", "REDUCED_2"))
    vat = a_vat("2.00", "4", "REDUCED_2", region="MADEIRA")

    found = broken(credited_in("PT-MA", original, a_line(vat=vat, number="1")))

    assert found == {"PT-NOTE-08": ("lines[0].vat.region",)}


def test_a_new_line_of_a_debit_note_is_of_the_region_of_its_original() -> None:
    original = sold_in("PT-AC", a_vat("2.00", "4", "REDUCED_2"))
    draft = a_debit(a_line("Portes", vat=a_vat("1.00", "4", "REDUCED_2")))
    case = a_case(draft, place=a_place(REGIONS["PT-MA"]), original=a_body(original))

    assert broken(case) == {}
    assert [line.region for line in sealed(case).lines] == ["PT-AC"]


EXEMPTIONS = [
    (an_exempt_vat("2.00", "CAUSE_8"), "lines[0].vat.code"),
    (an_exempt_vat("2.00", "NOT_SUBJECT"), "lines[0].vat.code"),
    (an_exempt_vat("2.00", reason="Artigo 9.º do CIVA"), "lines[0].vat.reason"),
    (a_vat("2.00"), "lines[0].vat.percentage"),
]


@pytest.mark.parametrize(("vat", "path"), EXEMPTIONS)
def test_another_exemption_or_reason_is_refused(vat: Any, path: str) -> None:
    original = a_draft(a_line(vat=an_exempt_vat("2.00")))
    line = a_line(vat=vat, number="1")

    found = broken(a_note_case(a_credit(line), original))
    assert found["PT-NOTE-08"] == (path,)
    assert "PT-TAX-09" not in found, "a reason that nobody stated is not blamed"


def test_an_exempt_line_in_place_of_a_taxed_one_is_refused() -> None:
    line = a_line(net="1.00", quantity="1", vat=an_exempt_vat("1.00"), number="1")

    assert broken(a_note_case(a_credit(line)))["PT-NOTE-08"] == ("lines[0].vat.percentage",)


@pytest.mark.parametrize("said", ["", "Isento por acordo", " Isento por acordo ", "M07"])
def test_the_reason_of_an_exemption_is_that_of_the_original(said: str) -> None:
    own = "M07" if said == "M07" else "Isento por acordo"  # too short: the law's own words stand
    original = a_draft(a_line(vat=an_exempt_vat("2.00", reason=own)))
    case = a_note_case(
        a_credit(a_line(vat=an_exempt_vat("2.00", reason=said), number="1")), original
    )

    assert broken(case) == {}
    assert case.original
    assert case.original.seal
    before = case.original.seal.lines[0].exemption_text
    assert sealed(case).lines[0].exemption_text == before


def test_the_code_may_be_the_authority_s_or_the_caller_s() -> None:
    original = a_draft(a_line(vat=an_exempt_vat("2.00", "CAUSE_6")))
    line = a_line(vat=an_exempt_vat("2.00", "M07"), number="1")

    assert broken(a_note_case(a_credit(line), original)) == {}


def test_a_note_in_another_currency_is_refused() -> None:
    assert broken(a_note_case(a_credit(currency="USD"))) == {"PT-CURRENCY-01": ("currency",)}


@pytest.mark.parametrize("note", [a_credit, a_debit])
def test_a_note_is_not_dated_before_its_original(note: Any) -> None:
    yesterday = a_body(a_case(a_draft(issued_at=AT - timedelta(days=1))))

    same_day = a_case(note(issued_at=AT - timedelta(days=1)), original=yesterday)
    before = a_case(note(issued_at=AT - timedelta(days=2)), original=yesterday)

    assert broken(same_day) == {}
    assert broken(before) == {"PT-NOTE-12": ("issued_at",)}


def test_a_note_is_not_entered_before_its_original() -> None:
    later = a_body(a_case(at=AT + timedelta(seconds=2)))

    assert "PT-NOTE-12" in broken(a_case(a_credit(), original=later))


def test_the_day_of_the_original_is_that_of_lisbon() -> None:
    late = AT.replace(hour=23, minute=30) - timedelta(days=1)  # 00:30 of today in Lisbon
    original = a_body(a_case(a_draft(issued_at=late)))
    assert original.seal
    assert original.seal.day == date(2026, 5, 4)

    note = a_credit(issued_at=AT.replace(hour=22) - timedelta(days=1))

    assert broken(a_case(note, original=original)) == {"PT-NOTE-12": ("issued_at",)}


def test_what_belongs_to_another_taxpayer_gives_a_note_nothing() -> None:
    stranger = a_body(a_case(a_draft(buyer=NIF), place=a_place(taxpayer="t-2")))
    case = a_case(a_credit(), original=stranger)

    assert case.draft.buyer is None
    assert "PT-NOTE-02" in broken(case)
    assert Decimal(1) == case.draft.lines[0].quantity
