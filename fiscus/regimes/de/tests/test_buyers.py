"""Only a VAT id of a member state is taken for one."""

import pytest

from fiscus.model.documents import Party
from fiscus.regimes.de.buyers import is_vat_id, vat_id


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("ATU12345675", "ATU12345675"),
        ("at u 123 456 75", "ATU12345675"),
        ("EL123456789", "EL123456789"),
        ("DE123456788", "DE123456788"),
        ("DE12345678", ""),
        ("21/815/08150", ""),
        ("CH123456789", ""),
        ("123456788", ""),
        ("", ""),
    ],
)
def test_a_number_is_a_vat_id_by_its_letters_and_shape(number: str, found: str) -> None:
    assert vat_id(Party(tax_number=number)) == vat_id(Party(vat_number=number)) == found
    assert is_vat_id(number) is bool(found)


def test_what_is_called_a_vat_id_comes_before_a_tax_number() -> None:
    both = Party(vat_number="ATU12345675", tax_number="DE123456788")

    assert vat_id(both) == "ATU12345675"
