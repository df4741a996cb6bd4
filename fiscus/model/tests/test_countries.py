from typing import get_args

import pytest

from fiscus.api.families.unified.wire.countries import Country
from fiscus.model.countries import ALPHA2, ALPHA3, alpha3


@pytest.mark.parametrize(
    ("two", "three"), [("DE", "DEU"), ("at", "AUT"), ("GB", "GBR"), ("XX", ""), ("", "")]
)
def test_a_country_has_three_letters_for_two(two: str, three: str) -> None:
    assert alpha3(two) == three


def test_no_code_is_there_twice() -> None:
    assert len(ALPHA2) == len(ALPHA3) == 249


def test_all_api_families_know_the_same_countries() -> None:
    assert set(ALPHA3) == set(get_args(Country))
