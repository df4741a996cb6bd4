"""What an operation may consist of: sales of lines, acts of the drawer, closings of nothing."""

import re
from collections.abc import Iterator

from fiscus.model.amounts import ZERO
from fiscus.model.documents import Direction, DocumentKind, PaymentMeans
from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.regimes.de.documents import (
    DRAWER,
    DRAWER_PURPOSES,
    EMPTY,
    PAID_INTO,
    is_drawer,
    is_receipt,
)
from fiscus.regimes.de.rates import supply_day, today
from fiscus.regimes.de.rules.law import EXPORT, LOGGED, RECORDING, rule

_CLIENT = re.compile(r"[A-Za-z0-9 '()+,.=-]{1,50}")


@rule(
    Code("DE-REGISTER-01", "a TSE cannot take the id of the register as the name of its client"),
    law="BSI TR-03153-1; KassenSichV § 2 no. 8",
)
def client_has_good_characters(case: Case) -> Iterator[str]:
    if not _CLIENT.fullmatch(case.place.register.id):
        yield "register"


@rule(Code("DE-CURRENCY-01", "the document is not in euro"), law=f"{EXPORT}, KASSE_BASISWAEH_CODE")
def currency_is_euro(case: Case) -> Iterator[str]:
    if case.draft.currency != "EUR":
        yield "currency"


@rule(Code("DE-DATE-01", "the day of supply is still to come"), law="UStG § 14 (4) no. 6")
def supply_is_not_in_the_future(case: Case) -> Iterator[str]:
    if supply_day(case) > today(case):
        yield "supplied_on"


@rule(
    Code("DE-ACT-01", "an abort or a closing has lines, payments or discounts"),
    law=f"{EXPORT}, annex B, BON_TYP",
)
def abort_and_closing_are_empty(case: Case) -> Iterator[str]:
    draft = case.draft
    if draft.kind in EMPTY:
        for name in ("lines", "payments", "discounts"):
            if getattr(draft, name):
                yield name


@rule(
    Code("DE-CLOSING-01", "the closing does not say what it closes, or something else does"),
    law=RECORDING,
)
def closing_has_a_type(case: Case) -> Iterator[str]:
    if (case.draft.kind is DocumentKind.CLOSING) != (case.draft.closing is not None):
        yield "closing"


@rule(Code("DE-LINE-01", "the receipt has no line"), law=f"{LOGGED} no. 4")
def receipt_has_a_line(case: Case) -> Iterator[str]:
    if is_receipt(case.draft) and not case.draft.lines:
        yield "lines"


@rule(
    Code("DE-DRAWER-01", "an act of the drawer has not exactly one line"),
    law=f"{EXPORT}, annex C, GV_TYP",
)
def drawer_has_one_line(case: Case) -> Iterator[str]:
    """A count without a difference has none."""
    draft = case.draft
    lines_min = 0 if draft.kind is DocumentKind.COUNT else 1
    if is_drawer(draft) and (draft.discounts or not lines_min <= len(draft.lines) <= 1):
        yield "discounts" if draft.discounts else "lines"


@rule(
    Code("DE-DRAWER-02", "a line is for something that does not belong into this operation"),
    law=f"{EXPORT}, annex C, GV_TYP",
)
def purpose_belongs_to_the_kind(case: Case) -> Iterator[str]:
    allowed = DRAWER.get(case.draft.kind)
    for i, line in enumerate(case.draft.lines):
        is_good = line.purpose in allowed if allowed else line.purpose not in DRAWER_PURPOSES
        if not is_good:
            yield f"lines[{i}].purpose"


@rule(
    Code("DE-DRAWER-03", "what goes into or out of the drawer is not one payment in cash"),
    law=f"{EXPORT}, annex C, GV_TYP",
)
def drawer_moves_cash(case: Case) -> Iterator[str]:
    """That it is the amount of the line is told by the balance of payments."""
    draft = case.draft
    if not is_drawer(draft):
        return
    if len(draft.payments) > 1:
        yield "payments"
    for i, payment in enumerate(draft.payments):
        if payment.means is not PaymentMeans.CASH:
            yield f"payments[{i}].means"


@rule(
    Code("DE-DRAWER-04", "a float or money paid in is negative"),
    law=RECORDING,
)
def money_in_is_not_negative(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        if line.purpose in PAID_INTO and line.direction is Direction.RETURN:
            yield f"lines[{i}].direction"


@rule(
    Code(
        "DE-DRAWER-05",
        "more cash is taken out of the drawer than is in it: put in first what is missing in the"
        " record",
    ),
    law="AO § 146 (1), what cash is received and spent is recorded day by day",
)
def drawer_is_not_below_zero(case: Case) -> Iterator[str]:
    """A count, too, finds nothing less than nothing."""
    if case.drawer is None:
        return
    cash = [x for x in case.draft.payments if x.means is PaymentMeans.CASH]
    if case.drawer + sum((one.amount for one in cash), ZERO) < 0:
        for i, payment in enumerate(case.draft.payments):
            if payment in cash and payment.amount < 0:
                yield f"payments[{i}].amount"


ACTS = (
    client_has_good_characters,
    currency_is_euro,
    supply_is_not_in_the_future,
    abort_and_closing_are_empty,
    closing_has_a_type,
    receipt_has_a_line,
    drawer_has_one_line,
    purpose_belongs_to_the_kind,
    drawer_moves_cash,
    money_in_is_not_negative,
    drawer_is_not_below_zero,
)
