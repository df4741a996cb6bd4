"""Which of a buyer's numbers is a VAT id: only such a one stands in the column for it."""

from fiscus.model import tax_numbers
from fiscus.model.documents import Party


def vat_id(buyer: Party) -> str:
    """The buyer's VAT id without blanks and marks (`ATU12345678`): the one that the caller calls
    so, or a tax number that has the shape of one. Empty if there is none."""
    return next(filter(None, map(_vat_id, (buyer.vat_number, buyer.tax_number))), "")


def is_vat_id(number: str) -> bool:
    """Whether it has the letters of a member state before it, and the shape of that state's."""
    return bool(_vat_id(number))


def _vat_id(number: str) -> str:
    text = tax_numbers.plain(number)
    found = tax_numbers.prefixed(text)
    return text if found and found.is_of_union and found.has_shape else ""
