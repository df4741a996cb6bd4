"""Who must be named as the buyer, and how."""

import re
from collections.abc import Iterator

from fiscus.model.documents import Kind
from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.regimes.pt.identity import has_nif_shape, is_nif
from fiscus.regimes.pt.parties import HOME, country, tax_number
from fiscus.regimes.pt.rules.law import SAFT, rule

_COUNTRY = re.compile(r"[A-Z]{2}")
_NUMBER = re.compile(r"[A-Za-z0-9-]{1,30}")


@rule(
    Code("PT-BUYER-01", "the invoice does not name its buyer"),
    law="CIVA, art. 36 (5) a",
)
def invoice_names_the_buyer(case: Case) -> Iterator[str]:
    buyer = case.draft.buyer
    if case.draft.kind is Kind.INVOICE and not (buyer and (buyer.name or buyer.tax_number)):
        yield "buyer"


@rule(
    Code("PT-BUYER-02", "the invoice names a business without its tax number"),
    law="CIVA, art. 36 (5) a",
)
def business_has_a_number(case: Case) -> Iterator[str]:
    buyer = case.draft.buyer
    if case.draft.kind is Kind.INVOICE and buyer and buyer.is_business and not buyer.tax_number:
        yield "buyer.tax_number"


@rule(
    Code("PT-BUYER-03", "the tax number of the buyer is not one of its country"),
    law=f"{SAFT}, CustomerTaxID",
)
def number_has_its_shape(case: Case) -> Iterator[str]:
    buyer = case.draft.buyer
    if buyer is None or not buyer.tax_number:
        return
    number = tax_number(buyer)
    is_good = has_nif_shape(number) if country(buyer) == HOME else _NUMBER.fullmatch(number)
    if not is_good:
        yield "buyer.tax_number"


@rule(
    Code("PT-BUYER-04", "the check digit of the buyer's NIF is wrong"),
    law="Decreto-Lei n.º 14/2013",
)
def check_digit_is_right(case: Case) -> Iterator[str]:
    """In live only: test environments use invented numbers."""
    buyer = case.draft.buyer
    if not case.is_live or buyer is None or country(buyer) != HOME:
        return
    number = tax_number(buyer)
    if has_nif_shape(number) and not is_nif(number):
        yield "buyer.tax_number"


@rule(
    Code("PT-BUYER-05", "a country is not given as two capital letters of ISO 3166"),
    law=f"{SAFT}, Country",
)
def country_is_iso(case: Case) -> Iterator[str]:
    buyer = case.draft.buyer
    if buyer and buyer.address and _COUNTRY.fullmatch(buyer.address.country) is None:
        yield "buyer.address.country"


PARTIES = (
    invoice_names_the_buyer,
    business_has_a_number,
    number_has_its_shape,
    check_digit_is_right,
    country_is_iso,
)
