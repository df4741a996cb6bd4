"""Texts as long as the audit file takes them, and of its kind: half of a text is not what was
printed."""

import re
from collections.abc import Iterator
from itertools import chain

from fiscus.model.documents import Address, Draft, Party
from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.model.xml_text import one_line
from fiscus.regimes.pt.assess import MEASURE_LENGTH_MAX, MENTION_LENGTH, PRODUCT_LENGTH_MAX
from fiscus.regimes.pt.corrections import TEXT_LENGTH_MAX
from fiscus.regimes.pt.rates import exempt_of
from fiscus.regimes.pt.rules.law import SAFT, rule
from fiscus.regimes.pt.seal import OPERATOR_LENGTH_MAX

REASON_LENGTH_MAX = 50
TERMS_LENGTH_MAX = 100
REFERENCE_LENGTH_MAX = 60
SERIAL_LENGTH_MAX = 100
NAME_LENGTH_MAX = 100
STREET_LENGTH_MAX = 210
CITY_LENGTH_MAX = 50
CODE_LENGTH_MAX = 20
REGION_LENGTH_MAX = 50

_ACTIVITY = re.compile("[0-9]{5}")

FieldText = tuple[str, str, int]
"""Which field, what it says, and how many characters of it the file takes."""


@rule(
    Code(
        "PT-TEXT-01",
        "a text is longer than the audit file takes: a reason has at most 50 characters, the text"
        " of a line 200, a name 100, an operator 30, terms of payment 100; shorten it",
    ),
    law=f"{SAFT}, lengths of texts",
)
def texts_fit_the_file(case: Case) -> Iterator[str]:
    draft = case.draft
    buyer = _of_buyer(draft.buyer) if draft.buyer else ()
    for path, text, length_max in chain(_of_document(draft), _of_lines(draft), buyer):
        if len(one_line(text)) > length_max:
            yield path


@rule(
    Code(
        "PT-TEXT-02",
        "the reason of an exemption has not 6 to 60 characters; leave it out, or repeat its code,"
        " to have the law's own",
    ),
    law=f"{SAFT}, TaxExemptionReason",
)
def mention_has_its_length(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        reason, exempt = one_line(line.vat.reason), exempt_of(line.vat.code)
        is_own = reason and (exempt is None or reason not in (exempt.code, exempt.caller))
        if line.vat.is_exempt and is_own and len(reason) not in MENTION_LENGTH:
            yield f"lines[{i}].vat.reason"


@rule(
    Code("PT-ACTIVITY-01", "the code of the activity has not the five digits of the CAE"),
    law=f"{SAFT}, EACCode",
)
def activity_has_five_digits(case: Case) -> Iterator[str]:
    if case.draft.activity and not _ACTIVITY.fullmatch(case.draft.activity):
        yield "activity"


def _of_document(draft: Draft) -> Iterator[FieldText]:
    yield "reason", draft.reason, REASON_LENGTH_MAX
    yield "operator", draft.operator, OPERATOR_LENGTH_MAX
    yield "payment_terms", draft.payment_terms, TERMS_LENGTH_MAX
    for number in draft.order_references:
        yield "order_references", number, REFERENCE_LENGTH_MAX
    if draft.delivery:
        named = ", ".join(filter(None, (draft.delivery.name, draft.delivery.address.line())))
        yield "delivery.name", named, STREET_LENGTH_MAX
        yield from _of_address("delivery.address", draft.delivery.address)


def _of_lines(draft: Draft) -> Iterator[FieldText]:
    for i, line in enumerate(draft.lines):
        yield f"lines[{i}].text", line.text, TEXT_LENGTH_MAX
        yield f"lines[{i}].measure", line.measure, MEASURE_LENGTH_MAX
        yield f"lines[{i}].product", line.product, PRODUCT_LENGTH_MAX
        yield f"lines[{i}].serial", line.serial, SERIAL_LENGTH_MAX


def _of_buyer(buyer: Party) -> Iterator[FieldText]:
    yield "buyer.name", buyer.name, NAME_LENGTH_MAX
    if buyer.address:
        yield from _of_address("buyer.address", buyer.address)


def _of_address(path: str, address: Address) -> Iterator[FieldText]:
    yield f"{path}.street", address.line(), STREET_LENGTH_MAX
    yield f"{path}.city", address.city, CITY_LENGTH_MAX
    yield f"{path}.code", address.code, CODE_LENGTH_MAX
    yield f"{path}.region", address.region, REGION_LENGTH_MAX


TEXTS = (
    texts_fit_the_file,
    mention_has_its_length,
    activity_has_five_digits,
)
