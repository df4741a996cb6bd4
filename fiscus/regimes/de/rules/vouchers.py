"""What can be told of vouchers. One for a single purpose is taxed when it is sold, one for many
when it is redeemed; each is remembered by its number: no tax is counted twice, or never.
"""

from collections.abc import Iterator
from decimal import Decimal

from fiscus.model.documents import (
    RATE_ALONE,
    Direction,
    DocumentKind,
    DraftLine,
    LinePurpose,
    PaymentMeans,
    VoucherKind,
)
from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.regimes.de import vouchers, worth
from fiscus.regimes.de.documents import is_single, is_voucher
from fiscus.regimes.de.rates import NOT_TAXABLE, percentage
from fiscus.regimes.de.rules.law import EXPORT, rule

_CASES = f"{EXPORT}, annex C, GV_TYP"
_PURPOSE = "UStG § 3 (13) to (15)"


@rule(
    Code(
        "DE-VOUCHER-03",
        "one line sells several vouchers: each has a number of its own, and so a line of its own",
    ),
    law=f"{EXPORT}, GUTSCHEIN_NR",
)
def each_voucher_has_its_line(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        if line.purpose is LinePurpose.VOUCHER_SOLD and line.quantity != 1:
            yield f"lines[{i}].quantity"


@rule(
    Code(
        "DE-VOUCHER-04",
        "payment with a voucher for one purpose is not implemented yet in this API: nothing here"
        " says its rate, and its tax, due when it was sold, would be counted twice",
    ),
    law=_PURPOSE,
    is_not_yet=True,
)
def no_single_voucher_pays(case: Case) -> Iterator[str]:
    """As a payment it bears no rate; as a line that is redeemed it does."""
    for i, payment in enumerate(case.draft.payments):
        if payment.means is PaymentMeans.VOUCHER_SINGLE:
            yield f"payments[{i}].means"


@rule(
    Code(
        "DE-VOUCHER-05",
        "a line marked as a voucher does not say whether it is sold or redeemed, and one marked as"
        " a gift not who pays; neither is implemented yet",
    ),
    law=_CASES,
    is_not_yet=True,
)
def line_is_no_mark(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        if line.is_voucher or line.is_gift:
            yield f"lines[{i}]"


@rule(
    Code(
        "DE-VOUCHER-06",
        "a sale puts money onto a voucher by a payment: sell the voucher in a line",
    ),
    law=_CASES,
)
def sale_puts_nothing_onto_a_voucher(case: Case) -> Iterator[str]:
    """Only what is taken back may go back onto the voucher that paid for it."""
    if case.draft.kind is not DocumentKind.RECEIPT:
        return
    for i, line in enumerate(case.draft.lines):
        if line.purpose is LinePurpose.VOUCHER_REDEEMED and line.direction is Direction.RETURN:
            yield f"lines[{i}]"


@rule(
    Code(
        "DE-VOUCHER-07",
        "a voucher for many purposes bears VAT, which is due when it is redeemed: give it no tax,"
        " or say that it is for one purpose",
    ),
    law=_PURPOSE,
)
def voucher_for_many_bears_no_vat(case: Case) -> Iterator[str]:
    for i, line in _vouchers(case):
        if line.voucher_kind is VoucherKind.MULTIPLE and percentage(line.vat):
            yield f"lines[{i}].vat.percentage"


@rule(
    Code(
        "DE-VOUCHER-08",
        "a voucher for one purpose does not say under which rate: its tax is known when it is sold",
    ),
    law=_PURPOSE,
)
def voucher_for_one_has_a_rate(case: Case) -> Iterator[str]:
    """A rate of zero is one, with the reason for it."""
    for i, line in _vouchers(case):
        is_single_ = line.voucher_kind is VoucherKind.SINGLE
        has_none = line.vat.code == RATE_ALONE or (is_single_ and line.vat.code == NOT_TAXABLE)
        if has_none and not percentage(line.vat):
            yield f"lines[{i}].vat.percentage"


@rule(
    Code(
        "DE-VOUCHER-09",
        "a voucher for one purpose is sold without its number: nothing would tell, when it is"
        " redeemed, that its tax was paid",
    ),
    law=f"{_PURPOSE}; {EXPORT}, GUTSCHEIN_NR",
)
def voucher_for_one_has_a_number(case: Case) -> Iterator[str]:
    for i, line in _vouchers(case):
        is_sold = line.purpose is LinePurpose.VOUCHER_SOLD and line.direction is Direction.SALE
        if is_sold and is_single(line) and not line.voucher.strip():
            yield f"lines[{i}].voucher"


@rule(
    Code(
        "DE-VOUCHER-10",
        "the voucher of this number was sold for other purposes or under another rate: its tax"
        " would be counted twice, or never",
    ),
    law=_PURPOSE,
)
def voucher_is_what_it_was_sold_as(case: Case) -> Iterator[str]:
    for i, line in _vouchers(case):
        known = vouchers.sold(case, line)
        if known is None:
            continue
        if (known.kind is VoucherKind.SINGLE) != is_single(line):
            yield f"lines[{i}].voucher_kind"
        elif known.percentage != percentage(line.vat):
            yield f"lines[{i}].vat.percentage"


@rule(
    Code(
        "DE-VOUCHER-11",
        "more of a voucher for one purpose is redeemed than is left of what was paid for it: the"
        " tax that it takes out was never paid",
    ),
    law=_PURPOSE,
)
def no_more_is_redeemed_than_was_sold(case: Case) -> Iterator[str]:
    """Of those that were sold here. How much is left of one for many purposes is no matter of tax,
    and its issuer's to know."""
    left: dict[str, Decimal] = {}
    for i, line in _vouchers(case):
        known = vouchers.sold(case, line)
        if known is None or known.kind is not VoucherKind.SINGLE:
            continue
        key = vouchers.key(line.voucher)
        left[key] = left.get(key, vouchers.left(case, line.voucher)) + worth.signed(line)
        if left[key] < 0 and worth.is_lowering(line):
            yield f"lines[{i}].vat.inclusive"


def _vouchers(case: Case) -> Iterator[tuple[int, DraftLine]]:
    return ((i, line) for i, line in enumerate(case.draft.lines) if is_voucher(line))


VOUCHERS = (
    each_voucher_has_its_line,
    no_single_voucher_pays,
    line_is_no_mark,
    sale_puts_nothing_onto_a_voucher,
    voucher_for_many_bears_no_vat,
    voucher_for_one_has_a_rate,
    voucher_for_one_has_a_number,
    voucher_is_what_it_was_sold_as,
    no_more_is_redeemed_than_was_sold,
)
