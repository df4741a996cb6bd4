"""What a draft says of its parties."""

import pytest

from fiscus.model.documents import Address, Party

PORTO = Address(street="Rua das Flores", code="4050-265", city="Porto", country="PT")


@pytest.mark.parametrize(
    ("buyer", "home", "does"),
    [
        (Party(is_foreign=True, address=PORTO), "PT", True),
        (Party(is_foreign=False, address=PORTO), "DE", True),
        (Party(is_foreign=True, address=PORTO), "DE", False),
        (Party(is_foreign=False, address=PORTO), "PT", False),
        (Party(address=PORTO), "DE", False),
        (Party(is_foreign=True), "PT", False),
    ],
)
def test_where_a_buyer_is_from_and_where_it_lives_may_contradict(
    buyer: Party, home: str, does: bool
) -> None:
    assert buyer.contradicts_address(home) is does
