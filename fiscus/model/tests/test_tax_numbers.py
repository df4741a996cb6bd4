"""Tax numbers as people write them: read, taken apart, and told from words."""

import pytest

from fiscus.model.tax_numbers import PrefixedNumber, is_of, needs_its_country, plain, prefixed


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("PT 214 567 893", "PT214567893"),
        ("pt214567893", "PT214567893"),
        ("214.567.893", "214567893"),
        ("NIF: 214567893", "214567893"),
        ("NIPC 514200111", "514200111"),
        ("VAT No. DE136695976", "DE136695976"),
        ("VATID#ES-B12345678", "ESB12345678"),
        ("٢١٤٥٦٧٨٩٣", "214567893"),
        ("２１４\u200b567\u2013893", "214567893"),
        ("nº 214567893", "214567893"),
        ("N.º214567893", "214567893"),
        ("Contribuinte n.º 214 567 893", "214567893"),
        ("contribuinte nr. 214567893", "214567893"),
        ("(214567893);", "214567893"),
        ("*214567893*", "214567893"),
        ("NO 123456789", "NO123456789"),
        ("NIFTY", "NIFTY"),
        ("CIFRADA1", "CIFRADA1"),
        ("", ""),
    ],
)
def test_a_number_is_read_without_what_people_put_around_it(text: str, read: str) -> None:
    assert plain(text) == read


@pytest.mark.parametrize(
    ("number", "country", "rest"),
    [
        ("DE136695976", "DE", "136695976"),
        ("EL123456789", "GR", "123456789"),
        ("XI123456789", "GB", "123456789"),
        ("ZZ1", "ZZ", "1"),
    ],
)
def test_the_letters_before_a_number_are_a_country(number: str, country: str, rest: str) -> None:
    assert prefixed(number) == PrefixedNumber(country, rest)


@pytest.mark.parametrize("number", ["136695976", "D1", "DE", "de136695976", "", "DE 1"])
def test_a_number_without_two_letters_before_it_has_no_prefix(number: str) -> None:
    assert prefixed(number) is None


GOOD = {
    "AT": "U12345678",
    "BE": "0123456789",
    "DE": "136695976",
    "ES": "B12345678",
    "FR": "AB123456789",
    "GB": "123456789",
    "GR": "123456789",
    "IE": "1A12345AB",
    "LT": "123456789012",
    "NL": "123456789B01",
    "PT": "214567893",
    "RO": "12",
}


@pytest.mark.parametrize("country", GOOD)
def test_a_number_has_the_shape_of_its_country_and_not_a_character_more(country: str) -> None:
    found = PrefixedNumber(country, GOOD[country])

    assert (found.is_country, found.is_of_union, found.has_shape) == (True, True, True)
    if country != "RO":
        assert not PrefixedNumber(country, GOOD[country] + "1").has_shape
        assert not PrefixedNumber(country, GOOD[country][:-1]).has_shape or country in ("BE", "IE")


def test_a_country_whose_shape_we_do_not_know_takes_any_and_no_country_none() -> None:
    assert PrefixedNumber("BR", "1").has_shape
    assert not PrefixedNumber("BR", "1").is_of_union
    assert not PrefixedNumber("ZZ", "123456789").is_country
    assert not PrefixedNumber("ZZ", "123456789").has_shape


@pytest.mark.parametrize(
    ("country", "number", "is_meant"),
    [
        ("PT", "12345", True),
        ("PT", "1234", False),
        ("PT", "A12345", True),
        ("PT", "AB12345", False),
        ("FR", "AB12345", True),
        ("FR", "ABC12345", False),
        ("ZZ", "1234567", True),
        ("ZZ", "123456", False),
        ("ZZ", "1234567ABC", True),
        ("ZZ", "1234567ABCD", False),
        ("CH", "E123456789", True),
        ("CH", "E123456789MWST", True),
        ("CH", "E12345678", False),
    ],
)
def test_a_number_under_a_prefix_is_told_from_a_word(
    country: str, number: str, is_meant: bool
) -> None:
    assert PrefixedNumber(country, number).is_meant is is_meant


def test_some_places_bear_the_numbers_of_another_country() -> None:
    french = PrefixedNumber("FR", "AB123456789")

    assert is_of("FR", french)
    assert is_of("MC", french)
    assert not is_of("BE", french)
    assert not is_of("MC", PrefixedNumber("MC", "1"))


@pytest.mark.parametrize(
    ("number", "is_unclear"),
    [
        ("B12345678", True),
        ("12345678X", True),
        ("12345678", False),
        ("123456X", False),
        ("U12345678", True),
        ("CARD12345", False),
        ("12345678ABCD", False),
    ],
)
def test_a_number_with_letters_may_lack_its_country(number: str, is_unclear: bool) -> None:
    assert needs_its_country(number) is is_unclear
