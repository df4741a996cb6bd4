"""Who must be named as the buyer, and how."""

import re
from collections.abc import Iterator

from fiscus.model.documents import DocumentKind
from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.model.tax_numbers import plain
from fiscus.regimes.pt.identity import has_nif_shape, is_nif
from fiscus.regimes.pt.parties import (
    FINAL_CONSUMER,
    HOME,
    contradicts_its_address,
    country,
    has_good_number,
    is_nameless,
    looks_so,
    tax_number,
)
from fiscus.regimes.pt.rules.law import SAFT, rule

_COUNTRY = re.compile(r"[A-Z]{2}")
_NUMBER = re.compile(r"[A-Za-z0-9-]{1,30}")


@rule(
    Code(
        "PT-BUYER-01", "the invoice does not name its buyer; what is paid at once may be a receipt"
    ),
    law="CIVA, art. 36 (5) a",
)
def invoice_names_the_buyer(case: Case) -> Iterator[str]:
    buyer = case.draft.buyer
    if case.draft.kind is DocumentKind.INVOICE and not (buyer and (buyer.name or buyer.tax_number)):
        yield "buyer"


@rule(
    Code("PT-BUYER-02", "the invoice names a business without its tax number"),
    law="CIVA, art. 36 (5) a",
)
def business_has_a_number(case: Case) -> Iterator[str]:
    buyer = case.draft.buyer
    if (
        case.draft.kind is DocumentKind.INVOICE
        and buyer
        and buyer.is_business
        and not buyer.tax_number
    ):
        yield "buyer.tax_number"


@rule(
    Code(
        "PT-BUYER-03",
        "the tax number of the buyer is not one of its country: a NIF has nine digits and"
        " begins with no zero; a foreign number begins with its country",
    ),
    law=f"{SAFT}, CustomerTaxID",
)
def number_has_its_shape(case: Case) -> Iterator[str]:
    buyer = case.draft.buyer
    if buyer is None or not buyer.tax_number or contradicts_its_address(buyer):
        return
    if not (has_good_number(buyer) and _NUMBER.fullmatch(tax_number(buyer))):
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


@rule(
    Code(
        "PT-BUYER-06",
        "a business is named like the final consumer (999999990, Consumidor final): give its own"
        " name and number, or sell to a consumer",
    ),
    law="CIVA, art. 36 (5) a",
)
def business_is_not_the_final_consumer(case: Case) -> Iterator[str]:
    buyer = case.draft.buyer
    if buyer is None or not buyer.is_business:
        return
    if buyer.tax_number == FINAL_CONSUMER:
        yield "buyer.tax_number"
    if is_nameless(buyer.name):
        yield "buyer.name"


@rule(
    Code(
        "PT-BUYER-07",
        "the tax number of the buyer is that of another country than its address: correct one of"
        " the two",
    ),
    law=f"{SAFT}, CustomerTaxID",
)
def number_fits_the_address(case: Case) -> Iterator[str]:
    buyer = case.draft.buyer
    if buyer and contradicts_its_address(buyer):
        yield "buyer.tax_number"


@rule(
    Code(
        "PT-BUYER-08",
        "a purchase by the staff bears a tax number: say an external customer instead",
    ),
    law=f"{SAFT}, CustomerTaxID",
)
def staff_has_no_tax_number(case: Case) -> Iterator[str]:
    """Digits alone may be a number of the shop's own, unless they are a NIF."""
    buyer = case.draft.buyer
    if buyer and buyer.is_staff and looks_so(buyer.code):
        number = plain(buyer.code)
        if not number.isdecimal() or has_nif_shape(number):
            yield "buyer.code"


@rule(
    Code(
        "PT-ORIGIN-01",
        "the buyer is said to be from here and has an address abroad, or the other way round",
    ),
    law=f"{SAFT}, CustomerTaxID and Country",
)
def origin_fits_the_address(case: Case) -> Iterator[str]:
    buyer = case.draft.buyer
    if buyer is not None and buyer.contradicts_address(HOME):
        yield "buyer.is_foreign"


PARTIES = (
    invoice_names_the_buyer,
    business_has_a_number,
    number_has_its_shape,
    check_digit_is_right,
    country_is_iso,
    business_is_not_the_final_consumer,
    number_fits_the_address,
    staff_has_no_tax_number,
    origin_fits_the_address,
)
