"""Names of series: what the authority takes, which are free, and whose number they count under."""

from datetime import date, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscus import regimes
from fiscus.regimes.pt.identity import sole_number
from fiscus.regimes.pt.series import (
    NAME_LENGTH_MAX,
    following,
    has_good_name,
    is_number,
    may_cancel,
    named,
    others,
    read,
    series,
)
from fiscus.regimes.pt.tests.builders import a_draft, a_place

PLACE = a_place()
LETTERS = st.text("AZaz09", min_size=1, max_size=12)
NAMES = st.lists(LETTERS, min_size=1, max_size=6).flatmap(
    lambda words: st.sampled_from(["-", ".", "_"]).map(lambda mark: mark.join(words))
)
LAWFUL = NAMES.filter(lambda name: len(name) <= NAME_LENGTH_MAX)


@given(LAWFUL)
def test_other_names_are_lawful_all_different_and_said_as_they_are_meant(name: str) -> None:
    wanted = named("FR", name)
    assert wanted is not None

    found = list(islice(others(wanted), 30))

    assert len({one.name.casefold() for one in found} | {name.casefold()}) == 31
    for one in found:
        assert has_good_name(one.name)
        assert one == named("FR", one.name)
        assert one.is_training == wanted.is_training
        assert one.name == (f"{one.said}.F" if wanted.is_training else one.said)


@pytest.mark.parametrize(
    ("name", "free"),
    [
        ("TILL-1", ["TILL-1-2", "TILL-1-3"]),
        ("L" * 35, ["L" * 33 + "-2", "L" * 33 + "-3"]),
        ("L" * 32 + "-AB", ["L" * 32 + "-2", "L" * 32 + "-3"]),
        ("LOJA.F", ["LOJA-2.F", "LOJA-3.F"]),
    ],
)
def test_the_nearest_names_come_first(name: str, free: list[str]) -> None:
    wanted = named("FR", name)
    assert wanted is not None

    assert [one.name for one in islice(others(wanted), 2)] == free


@pytest.mark.parametrize("name", ["LOJA.F", "LOJA.f"])
def test_the_ending_of_training_knows_no_letter_case(name: str) -> None:
    wanted = named("FR", name)

    assert wanted is not None
    assert wanted.is_training
    assert wanted.said == "LOJA"


AROUND = st.text(" .-/", max_size=2)


@given(st.sampled_from(["", "PT", "pt", "Pt "]), AROUND, AROUND, AROUND)
def test_a_tax_number_is_the_same_however_it_is_written(
    country: str, one: str, two: str, three: str
) -> None:
    written = f"{one}{country}{two}509{three}876{one}544{two}"

    assert sole_number({"tax_id_number": written}) == "509876544"
    assert sole_number({"vat_id_number": written}) == "509876544"


def test_without_a_number_there_is_nothing_to_hold() -> None:
    assert sole_number({}) == ""
    assert regimes.sole_number("pt", {}) == ""
    assert regimes.sole_number("pt", {"tax_id_number": "509876544"}) == "pt:509876544"


@pytest.mark.parametrize("law", ["it", "de", "plain"])
def test_other_laws_do_not_count_by_tax_number(law: str) -> None:
    facts = {"tax_id_number": "509876544", "tax_number": "21/815/08150"}

    assert regimes.sole_number(law, facts) == ""


@pytest.mark.parametrize(
    ("name", "next_name"),
    [
        ("FR2026AB12CD34EF56", "FR2027AB12CD34EF56"),
        ("FR2026AB12CD34EF56-2", "FR2027AB12CD34EF56"),
        ("FR2026AB12CD34EF56.F", "FR2027AB12CD34EF56.F"),
    ],
)
def test_a_name_that_we_gave_for_a_year_is_followed_by_that_of_the_next(
    name: str, next_name: str
) -> None:
    turn = following("FR", name)
    assert turn is not None
    assert turn.wanted == named("FR", next_name)
    assert turn.starts_on == date(2027, 1, 1)
    assert turn.last_day == date(2027, 1, 8)  # the first is a holiday, a Friday


@pytest.mark.parametrize(
    ("document_type", "name"),
    [
        ("FR", "LOJA"),
        ("FR", "LOJA2026"),
        ("FR", "FR2026LOJA"),
        ("FS", "FR2026AB12CD34EF56"),
        ("FR", "FR1999AB12CD34EF56"),
        ("FR", "fr2026ab12cd34ef56"),
    ],
)
def test_what_a_till_named_goes_on_as_it_is(document_type: str, name: str) -> None:
    assert following(document_type, name) is None


def test_the_default_name_of_a_draft_is_one_that_is_followed() -> None:
    """Of a document that names no series, for sale and for training."""
    for is_training in (False, True):
        wanted = series(a_draft(series="", is_training=is_training), PLACE)
        assert wanted is not None
        assert wanted.is_default
        assert following(wanted.document_type, wanted.name) is not None
        assert next(others(wanted)).is_default
    said = series(a_draft(series="LOJA"), PLACE)
    assert said is not None
    assert not said.is_default


def test_a_registration_is_undone_on_its_day_and_the_next() -> None:
    day = date(2026, 12, 31)
    later = (day + timedelta(days=days) for days in range(3))
    assert [may_cancel(day, today) for today in later] == [True, True, False]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("FT A/12", True),
        ("1FT A2025-x/0012", True),
        ("FTM V/23", True),
        ("FT A-12", False),
        ("A/12", False),
        ("FT A/", False),
        ("FT /12", False),
        ("FT A/B/12", False),
        ("FT  A/12", False),
        ("FT A/12 ", False),
        ("FT A/1a", False),
        ("FT^ A/1", False),
        ("", False),
        ("FT " + "A" * 54 + "/12", True),
        ("FT " + "A" * 55 + "/12", False),
    ],
)
def test_a_number_of_any_program_has_a_code_a_series_and_a_sequence(
    text: str, is_one: bool
) -> None:
    assert is_number(text) is is_one


def test_a_number_tells_its_series_if_it_may_be_ours() -> None:
    found = read("FR LOJA.F/0017")
    assert found is not None
    wanted, number = found

    assert (wanted.document_type, wanted.name, wanted.is_training, number) == (
        "FR",
        "LOJA.F",
        True,
        17,
    )
    assert read("1FT A/1") is None
    assert read("FT A--B/1") is None
    assert read("FT A-12") is None
