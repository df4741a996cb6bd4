"""API families keep to their own addresses, and what one publishes is theirs alone."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from fiscus.api import families
from fiscus.api.families import ApiFamily, is_below, places

FOUND = families.installed()


def first_part(path: str) -> str:
    """`/tokens`; below an address that vendors share one part more: `/v1/merchants`."""
    shared = {family.answers_below for family in FOUND.values()} - {"", "/"}
    parts = path.split("/")
    return "/".join(parts[: 3 if f"/{parts[1]}" in shared else 2])


def test_no_part_of_an_address_has_two_owners() -> None:
    owned = [place for family in FOUND.values() for place in places(family)]

    assert len(owned) == len(set(owned)) > 10


@pytest.mark.parametrize("family", FOUND.values(), ids=lambda family: family.code)
def test_a_family_owns_what_it_serves_and_nothing_else(family: ApiFamily) -> None:
    served = {first_part(path) for path in family.document(family.current)["paths"]}

    assert served == set(family.owns)


@pytest.mark.parametrize(
    "change",
    [
        lambda family: replace(family, code="other"),
        lambda family: replace(family, code="other", answers_below=""),
        lambda family: replace(family, code="other", owns=("/other",)),
    ],
)
def test_a_second_owner_is_found_out_at_the_start(change: Callable[[ApiFamily], Any]) -> None:
    family = FOUND["reporting"]

    with pytest.raises(ValueError, match="reporting and to other"):
        families.expect_one_owner([family, change(family)])


@pytest.mark.parametrize(
    ("path", "place", "expected"),
    [
        ("/v1/merchants", "/v1", True),
        ("/v1", "/v1", True),
        ("/v10", "/v1", False),
        ("/v1/merchants/1", "/v1/merchants", True),
        ("/tokens", "/", True),
    ],
)
def test_an_address_is_below_another(path: str, place: str, expected: bool) -> None:
    assert is_below(path, place) is expected
