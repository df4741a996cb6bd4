"""The buyer as callers spell it, and what the law reads there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscus.model.documents import Party
from fiscus.regimes.pt.parties import as_read, country, is_nameless, tax_number
from fiscus.regimes.pt.tests.builders import (
    a_business,
    a_case,
    a_draft,
    an_address,
    an_invoice,
    broken,
    sealed,
    with_,
)

NIF = "214567893"

UNDERSTOOD = {
    "214567893": ("PT", NIF),
    "214 567 893": ("PT", NIF),
    " 214567893 ": ("PT", NIF),
    "214.567.893": ("PT", NIF),
    "214-567-893": ("PT", NIF),
    "214\u00a0567\u202f893": ("PT", NIF),
    "\u200b214567893": ("PT", NIF),
    "\uff12\uff11\uff14\uff15\uff16\uff17\uff18\uff19\uff13": ("PT", NIF),
    "\u0662\u0661\u0664\u0665\u0666\u0667\u0668\u0669\u0663": ("PT", NIF),
    "PT214567893": ("PT", NIF),
    "PT 214567893": ("PT", NIF),
    "pt-214.567.893": ("PT", NIF),
    "NIF 214567893": ("PT", NIF),
    "nif: PT 214 567 893": ("PT", NIF),
    "DE136695976": ("DE", "136695976"),
    "de 136 695 976": ("DE", "136695976"),
    "ES B12345678": ("ES", "B12345678"),
    "ESX1234567L": ("ES", "X1234567L"),
    "ATU12345678": ("AT", "U12345678"),
    "BE 0123.456.789": ("BE", "0123456789"),
    "FRXX123456789": ("FR", "XX123456789"),
    "FR 12 345678901": ("FR", "12345678901"),
    "NL123456789B01": ("NL", "123456789B01"),
    "IE1234567WA": ("IE", "1234567WA"),
    "EL123456789": ("GR", "123456789"),
    "GR123456789": ("GR", "123456789"),
    "XI123456789": ("GB", "123456789"),
    "CHE-123.456.789 MWST": ("CH", "E123456789MWST"),
    "NO 123456789 MVA": ("NO", "123456789MVA"),
    "US 12-3456789": ("US", "123456789"),
    "999999990": ("PT", "999999990"),
    "PT999999990": ("PT", "999999990"),
    "111111111": ("PT", "111111111"),  # the authority's own manuals bill such buyers
    "222222222": ("PT", "222222222"),
}

REFUSED = [
    "21456789",  # too short
    "2145678934",  # too long
    "12345",
    "1",
    "000000000",
    "PT000000000",
    "014567893",
    "PT21456789",
    "PT 12",
    "DE13669597",
    "DE1366959766",
    "ESB1234567",
    "ATU1234567",
    "FRXX12345678",
    "NL123456789",
    "XX123456789",  # nobody's prefix
    "QQ 214567893",
    "EU123456789",
    "B12345678",  # whose?
    "12345678Z",
    "123456789B01",
    "214567893PT",
    "NIF 21456789",
]

OWN_CODES = [
    "LOYALTY-77",
    "C123",
    "card 88",
    "CARD12345",
    "CLIENTE-77",
    "VIP12",
    "MEMBER0012345",
    "KD12345",
    "CL12345",
    "ITEM12345",
    "S-17",
    "ana@example.com",
    "Café ☕",
    "---",
    "DEMO-1",
    "PTA",
    "#12a",
]


@pytest.mark.parametrize("code", UNDERSTOOD)
def test_a_number_is_understood_however_it_is_written(code: str) -> None:
    case = a_case(a_draft(buyer=Party(code=code)))

    assert broken(case) == {}
    facts = sealed(case).facts
    assert (facts["buyer_country"], facts["buyer_tax_number"]) == UNDERSTOOD[code]


@pytest.mark.parametrize("code", REFUSED)
@pytest.mark.parametrize("more", [{}, {"is_simplified": True}, {"is_training": True}])
def test_what_looks_like_a_number_and_is_none_is_refused(code: str, more: dict[str, bool]) -> None:
    case = a_case(a_draft(buyer=Party(code=code), **more))

    assert broken(case) == {"PT-BUYER-03": ("buyer.tax_number",)}


@pytest.mark.parametrize("code", OWN_CODES)
def test_a_word_is_a_code_of_the_shop_and_no_number(code: str) -> None:
    case = a_case(a_draft(buyer=Party(code=code)))

    assert broken(case) == {}
    assert case.draft.buyer == Party(code=code)
    assert sealed(case).facts["buyer_tax_number"] == "999999990"


def test_a_wrong_check_digit_is_refused_in_live_only() -> None:
    draft = a_draft(buyer=Party(code="PT 214 567 890"))

    assert broken(a_case(draft)) == {}
    assert broken(a_case(draft, is_live=True)) == {"PT-BUYER-04": ("buyer.tax_number",)}


@pytest.mark.parametrize("code", ["214567893", "PT 214567893", "DE136695976", "DE13669597"])
def test_a_purchase_by_the_staff_bears_no_tax_number(code: str) -> None:
    case = a_case(a_draft(buyer=Party(code=code, is_staff=True)))

    assert broken(case) == {"PT-BUYER-08": ("buyer.code",)}


@pytest.mark.parametrize("code", ["17", "1024", "S-17", "000000000"])
def test_the_staff_has_numbers_of_the_shop(code: str) -> None:
    assert broken(a_case(a_draft(buyer=Party(code=code, is_staff=True)))) == {}


INVOICED = {
    ("PT", "214567893"): "214567893",
    ("PT", "PT514200111"): "514200111",
    ("PT", "pt-514200111"): "514200111",
    ("ES", "B12345678"): "B12345678",
    ("ES", "ESB12345678"): "B12345678",
    ("GR", "EL123456789"): "123456789",
    ("GB", "XI123456789"): "123456789",
    ("MC", "FR12345678901"): "FR12345678901",
    ("IT", "RSSMRA80A01H501U"): "RSSMRA80A01H501U",
    ("IT", "ITLMRA80A01H501U"): "ITLMRA80A01H501U",
    ("MX", "VECJ880326XXX"): "VECJ880326XXX",
    ("FR", "214567893"): "214567893",
    ("US", "123456789"): "123456789",
    ("CH", "CHE-123456789"): "E123456789",
}


@pytest.mark.parametrize("said", INVOICED)
def test_an_invoice_takes_the_number_of_the_country_of_the_address(said: tuple[str, str]) -> None:
    buyer = a_business(said[1], address=an_address(country=said[0]))
    case = a_case(an_invoice(buyer=buyer))

    assert broken(case) == {}
    assert (country(case.draft.buyer), tax_number(case.draft.buyer)) == (said[0], INVOICED[said])


CONTRADICTING = [
    ("PT", "DE136695976"),
    ("ES", "PT214567893"),
    ("ES", "DE136695976"),
    ("IT", "ATU12345678"),
    ("FR", "GB123456789"),
    ("BR", "ESB12345678"),
]


@pytest.mark.parametrize(("where", "number"), CONTRADICTING)
def test_a_number_of_another_country_than_the_address_is_refused(where: str, number: str) -> None:
    buyer = a_business(number, address=an_address(country=where))

    assert broken(a_case(an_invoice(buyer=buyer))) == {"PT-BUYER-07": ("buyer.tax_number",)}


@pytest.mark.parametrize(
    ("where", "number"),
    [
        ("PT", "12345"),
        ("PT", "000000000"),
        ("PT", "PT21456789"),
        ("ES", "ESB1234567"),
        ("DE", "DE12345678"),
        ("PT", "B12345678"),
        ("ES", "Ñ12345678"),
        ("US", "000000000"),
        ("ES", "000000000"),
    ],
)
def test_an_invoice_refuses_a_number_that_is_none(where: str, number: str) -> None:
    buyer = a_business(number, address=an_address(country=where))

    assert broken(a_case(an_invoice(buyer=buyer))) == {"PT-BUYER-03": ("buyer.tax_number",)}


NAMELESS = [
    "Consumidor final",
    "CONSUMIDOR FINAL",
    " consumidor  final ",
    "Consumidor-Final",
    "Consumidór Final",
    "consumidor final.",
    "Ｃonsumidor final",
    "ConsumidorFinal",
]


@pytest.mark.parametrize("name", NAMELESS)
@pytest.mark.parametrize("number", ["999999990", "PT999999990", "514200111"])
def test_a_business_is_never_the_final_consumer(name: str, number: str) -> None:
    case = a_case(an_invoice(buyer=a_business(number, name=name)))

    assert "buyer.name" in broken(case)["PT-BUYER-06"]


@pytest.mark.parametrize("where", ["PT", "ES", "DE"])
def test_no_business_of_any_country_has_the_final_consumer_s_number(where: str) -> None:
    buyer = a_business("999999990", address=an_address(country=where))

    assert broken(a_case(an_invoice(buyer=buyer))) == {"PT-BUYER-06": ("buyer.tax_number",)}


@pytest.mark.parametrize("name", NAMELESS)
@pytest.mark.parametrize("number", ["", "999999990", "PT999999990"])
@pytest.mark.parametrize("where", ["PT", "ES"])
def test_a_consumer_without_a_name_is_the_generic_one(name: str, number: str, where: str) -> None:
    said = Party(name=name, tax_number=number, address=an_address(country=where))
    case = a_case(an_invoice(buyer=said))

    assert broken(case) == {}
    assert case.draft.buyer == Party(name="Consumidor final")
    assert sealed(case).facts["buyer_country"] == "PT"


def test_a_name_that_says_nothing_is_left_out_beside_a_number() -> None:
    said = Party(name="Consumidor Final", tax_number=NIF, address=an_address())

    assert as_read(said) == with_(said, name="")


def test_a_consumer_without_a_number_keeps_the_name() -> None:
    case = a_case(an_invoice(buyer=Party(name="Ana", tax_number="999999990", address=an_address())))

    assert broken(case) == {}
    assert case.draft.buyer
    assert case.draft.buyer.name == "Ana"


def test_names_are_not_taken_for_the_lack_of_one() -> None:
    assert not any(map(is_nameless, ["", "Consumidora Final", "Final", "Consumidor", "Ana"]))


PREFIXED = st.from_regex(r"[A-Za-z]{0,3}[ .-]?[0-9]{1,12}[A-Z]?", fullmatch=True)
DIGITS = st.text("0123456789 .-/", min_size=1, max_size=14)


@given(PREFIXED, PREFIXED, st.booleans(), st.none() | st.sampled_from(["PT", "ES", "DE", "US"]))
def test_reading_twice_changes_nothing(
    number: str, code: str, is_business: bool, where: str | None
) -> None:
    address = an_address(country=where) if where else None
    once = as_read(Party(tax_number=number, code=code, is_business=is_business, address=address))

    assert as_read(once) == once


@given(DIGITS)
def test_digits_alone_are_a_nif_or_refused(code: str) -> None:
    digits = "".join(each for each in code if each.isdigit())
    is_good = len(digits) == 9 and digits[0] != "0" and len(set(digits)) > 1
    case = a_case(a_draft(buyer=Party(code=code)))

    assert ("PT-BUYER-03" in broken(case)) == (bool(digits) and not is_good)
    if is_good:
        assert tax_number(case.draft.buyer) == digits


@given(PREFIXED)
def test_a_code_with_nine_digits_is_never_a_nameless_consumer(code: str) -> None:
    case = a_case(a_draft(buyer=Party(code=code)))
    if sum(map(str.isdigit, code)) == 9 and not broken(case):
        read = case.draft.buyer
        assert read is not None
        assert tax_number(read) != "999999990" or read.code or "999999990" in code
