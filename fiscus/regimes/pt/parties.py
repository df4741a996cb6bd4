"""The buyer: its tax number, its country, and whether it is a business."""

from fiscus.model.documents import Draft, Party
from fiscus.model.records import Case
from fiscus.regimes.pt.documents import is_correction
from fiscus.regimes.pt.identity import has_nif_shape

FINAL_CONSUMER = "999999990"
HOME = "PT"
UNKNOWN_COUNTRY = "Desconhecido"

_PREFIXES = {"EL": "GR", "XI": "GB"}
"""VAT prefixes that are not the code of their country."""

_LEGAL_PERSONS = ("5", "6", "8", "9")


def buyer_of(case: Case) -> Party | None:
    """Who buys. A correction without a buyer of its own is for the buyer of the original."""
    if case.draft.buyer is None and is_correction(case.draft) and case.original:
        return _buyer(case.original.draft)
    return case.draft.buyer


def _buyer(draft: Draft | None) -> Party | None:
    return draft.buyer if draft else None


def tax_number(buyer: Party | None) -> str:
    """The buyer's number without a leading `PT`; that of the final consumer if there is none."""
    if buyer is None or not buyer.tax_number:
        return FINAL_CONSUMER
    return buyer.tax_number.removeprefix(HOME)


def country(buyer: Party | None) -> str:
    """The buyer's country: by its address, else by its number, else unknown."""
    if buyer is None:
        return HOME
    if buyer.address:
        return buyer.address.country
    if not buyer.tax_number or buyer.tax_number.startswith(HOME):
        return HOME
    if has_nif_shape(buyer.tax_number):
        return HOME
    prefix = buyer.tax_number[:2]
    if not (prefix.isalpha() and prefix.isupper()):
        return UNKNOWN_COUNTRY
    return _PREFIXES.get(prefix, prefix)


def is_business(buyer: Party | None) -> bool:
    """Whether the buyer is a taxable person: by its own word, or by the number of a legal person.

    A foreign tax number counts as a business too: only businesses give one.
    """
    number = tax_number(buyer)
    if buyer is None or number == FINAL_CONSUMER:
        return buyer is not None and buyer.is_business
    return buyer.is_business or country(buyer) != HOME or number.startswith(_LEGAL_PERSONS)
