"""Texts as long as the export takes them: half of a text is not what was recorded."""

import re
from collections.abc import Iterator
from itertools import chain

from fiscus.model.documents import Draft, Party
from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.regimes.de import buyers
from fiscus.regimes.de.rules.law import EXPORT, rule

NOTE_MARK = "; "
"""Between the parts of a note."""

_COUNTRY = re.compile(r"[A-Z]{2}")


@rule(Code("DE-TEXT-01", "a text is longer than the export takes"), law=f"{EXPORT}, field lengths")
def texts_fit_the_export(case: Case) -> Iterator[str]:
    draft = case.draft
    buyer = _of_buyer(draft.buyer) if draft.buyer else ()
    for path, text, length_max in chain(_of_document(draft), _of_parts(draft), buyer):
        if len(text) > length_max:
            yield path


@rule(
    Code("DE-BUYER-01", "a country is not given as two capital letters of ISO 3166"),
    law=f"{EXPORT}, KUNDE_LAND",
)
def country_is_iso(case: Case) -> Iterator[str]:
    buyer = case.draft.buyer
    if buyer and buyer.address and not _COUNTRY.fullmatch(buyer.address.country):
        yield "buyer.address.country"


@rule(
    Code("DE-BUYER-02", "the buyer's VAT id is not that of a member state, with its letters"),
    law=f"{EXPORT}, KUNDE_USTID; UStG § 14a (3)",
)
def vat_id_is_one(case: Case) -> Iterator[str]:
    """What the caller calls so. Another number of the buyer is its customer number."""
    buyer = case.draft.buyer
    if buyer and buyer.vat_number and not buyers.is_vat_id(buyer.vat_number):
        yield "buyer.vat_number"


@rule(
    Code("DE-OPERATOR-01", "a person is named without a code, or the code is blank"),
    law=f"{EXPORT}, BEDIENER_ID",
)
def operator_has_a_code(case: Case) -> Iterator[str]:
    is_named = bool(case.draft.operator or case.draft.operator_name)
    if is_named and not case.draft.operator.strip():
        yield "operator"


Text = tuple[str, str, int]


def _of_document(draft: Draft) -> Iterator[Text]:
    yield "operator", draft.operator, 50
    yield "operator_name", draft.operator_name, 50
    yield "reason", draft.reason, 255
    if draft.text:  # Both stand in one column, BON_NOTIZ.
        yield "text", NOTE_MARK.join(filter(None, (draft.reason, draft.text))), 255
    yield "external_reference", draft.external_reference, 40
    yield "external_text", draft.external_text, 40
    for i, group in enumerate(draft.groups):
        yield f"groups[{i}]", group, 50


def _of_parts(draft: Draft) -> Iterator[Text]:
    for i, line in enumerate(draft.lines):
        yield f"lines[{i}].text", line.text, 255
        yield f"lines[{i}].product", line.product, 50
        yield f"lines[{i}].gtin", line.gtin, 50
        yield f"lines[{i}].product_group", line.product_group, 40
        yield f"lines[{i}].product_group_name", line.product_group_name, 50
        yield f"lines[{i}].voucher", line.voucher, 50
        yield f"lines[{i}].measure", line.measure, 50
        for j, part in enumerate(line.parts):
            at = f"lines[{i}].parts[{j}]"
            yield f"{at}.text", part.text, 60
            yield f"{at}.product", part.product, 50
            yield f"{at}.gtin", part.gtin, 50
            yield f"{at}.product_group", part.product_group, 40
            yield f"{at}.product_group_name", part.product_group_name, 50
    for i, payment in enumerate(draft.payments):
        yield f"payments[{i}].name", payment.name, 60
    for i, discount in enumerate(draft.discounts):
        yield f"discounts[{i}].text", discount.text, 255


def _of_buyer(buyer: Party) -> Iterator[Text]:
    yield "buyer.name", buyer.name, 50
    yield "buyer.code", buyer.code, 50
    yield "buyer.sort", buyer.sort, 50
    yield "buyer.tax_number", buyer.tax_number, 50
    yield "buyer.vat_number", buyer.vat_number, 50
    if buyer.address:
        yield "buyer.address.street", buyer.address.line(), 60
        yield "buyer.address.code", buyer.address.code, 10
        yield "buyer.address.city", buyer.address.city, 62


TEXTS = (texts_fit_the_export, country_is_iso, vat_id_is_one, operator_has_a_code)
