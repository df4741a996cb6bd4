"""Orders, and the tabs that they belong to: what is billed was ordered, and billed once."""

from collections.abc import Iterator

from fiscus.model import tabs
from fiscus.model.documents import DocumentKind
from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.regimes.de.documents import is_order
from fiscus.regimes.de.rules.law import EXPORT, LOGGED, RECORDING, rule
from fiscus.regimes.de.tabs import recorded

_ORDER = f"{EXPORT}, annex B, AVBestellung"
_GROUP = f"{EXPORT}, ABRECHNUNGSKREIS"


@rule(Code("DE-ORDER-01", "an order has no line, or payments or discounts"), law=_ORDER)
def order_is_of_lines(case: Case) -> Iterator[str]:
    draft = case.draft
    if is_order(draft):
        if not draft.lines:
            yield "lines"
        for name in ("payments", "discounts"):
            if getattr(draft, name):
                yield name


@rule(Code("DE-ORDER-02", "a line of an order is neither goods nor a deposit"), law=_ORDER)
def goods_are_ordered(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        if is_order(case.draft) and (line.purpose not in tabs.ORDERABLE or line.is_voucher):
            yield f"lines[{i}].purpose"


@rule(
    Code("DE-ORDER-03", "an order that begins a tab names no table, room or order number"),
    law=_GROUP,
)
def first_order_names_its_table(case: Case) -> Iterator[str]:
    if is_order(case.draft) and not case.draft.groups:
        yield "groups"


@rule(
    Code("DE-ORDER-04", "a tab is named by what neither orders nor sells"),
    law=_GROUP,
)
def orders_and_receipts_have_tabs(case: Case) -> Iterator[str]:
    if case.draft.tab and case.draft.kind not in (DocumentKind.ORDER, DocumentKind.RECEIPT):
        yield "tab"


@rule(
    Code(
        "DE-ORDER-05",
        "the tab does not begin with an order at this register, or only one of the two is training",
    ),
    law=f"{_GROUP}; {RECORDING}",
)
def tab_is_of_this_register(case: Case) -> Iterator[str]:
    for first in case.tab[:1]:
        is_first = first.draft is not None and is_order(first.draft) and not first.draft.tab
        is_here = first.register == case.place.register.id
        is_alike = first.draft is not None and first.draft.is_training == case.draft.is_training
        if not (is_first and is_here and is_alike):
            yield "tab"


@rule(
    Code("DE-ORDER-06", "the tab is concluded: all that was ordered is billed; begin another one"),
    law=RECORDING,
)
def concluded_tab_takes_no_order(case: Case) -> Iterator[str]:
    if is_order(case.draft) and tabs.is_concluded(recorded(case)):
        yield "tab"


@rule(
    Code(
        "DE-ORDER-07",
        "an order takes back more than was ordered and not billed, or at another price",
    ),
    law=LOGGED,
)
def what_was_ordered_is_taken_back(case: Case) -> Iterator[str]:
    draft = case.draft
    after = tabs.left((*recorded(case), draft))
    for i, line in enumerate(draft.lines):
        if tabs.is_taken_back(draft, line):
            found = after[tabs.thing(line)]
            if found.is_exceeded:
                yield f"lines[{i}].quantity"
            elif not found.was_at(line.unit_price):
                yield f"lines[{i}].unit_price"


@rule(
    Code(
        "DE-ORDER-08",
        "a receipt bills more of a thing, or for more money, than was ordered on its tab and not"
        " billed yet; what comes on top is ordered first",
    ),
    law=f"{LOGGED}; {RECORDING}",
)
def what_was_ordered_is_billed(case: Case) -> Iterator[str]:
    draft = case.draft
    if not case.tab:
        return
    after = tabs.left((*recorded(case), draft))
    for i, line in enumerate(draft.lines):
        if tabs.is_billed(draft, line):
            found = after[tabs.thing(line)]
            if found.quantity < 0:
                yield f"lines[{i}].quantity"
            elif found.is_exceeded or found.was_below(line.unit_price):
                yield f"lines[{i}].unit_price"


ORDERS = (
    order_is_of_lines,
    goods_are_ordered,
    first_order_names_its_table,
    orders_and_receipts_have_tabs,
    tab_is_of_this_register,
    concluded_tab_takes_no_order,
    what_was_ordered_is_taken_back,
    what_was_ordered_is_billed,
)
