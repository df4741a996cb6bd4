"""The words of DSFinV-K for what a register does: kinds of operations, business cases, payments."""

from collections.abc import Mapping

from fiscus.model.documents import (
    CASH_KINDS,
    ClosingType,
    Direction,
    DocumentKind,
    Draft,
    DraftLine,
    LinePurpose,
    PaymentMeans,
    VoucherKind,
)

RECEIPT = "Beleg"
"""An operation that moved money: the only kind that enters a closing's totals."""

ABORT = "AVBelegabbruch"
TRAINING = "AVTraining"
ORDER = "AVBestellung"
OTHER = "AVSonstige"

CLOSING_NAME = "Tagesabschluss"
COUNT_NAME = "Kassensturz"

REPORTS: Mapping[ClosingType, str] = {
    ClosingType.SHIFT: "SCHICHTBERICHT",
    ClosingType.DAILY: "TAGESBERICHT",
    ClosingType.MONTHLY: "MONATSBERICHT",
    ClosingType.ANNUAL: "JAHRESBERICHT",
}
"""Sums over closings that were made already: nothing new happened, so no device hears of them."""

EMPTY = frozenset({DocumentKind.ABORT, DocumentKind.CLOSING})
"""What has neither lines nor payments of its own."""

SALES = "Umsatz"
SURCHARGE = "Aufschlag"
DISCOUNT = "Rabatt"
DEPOSIT = "Pfand"
DEPOSIT_RETURNED = "PfandRueckzahlung"
RECEIVABLE = "Forderungsentstehung"
RECEIVABLE_SETTLED = "Forderungsaufloesung"
RECEIVABLES = frozenset({RECEIVABLE, RECEIVABLE_SETTLED})

CASES: Mapping[LinePurpose, str] = {
    LinePurpose.SALE: SALES,
    LinePurpose.SURCHARGE: SURCHARGE,
    LinePurpose.DISCOUNT: DISCOUNT,
    LinePurpose.TIP_OWNER: "TrinkgeldAG",
    LinePurpose.TIP_STAFF: "TrinkgeldAN",
    LinePurpose.FLOAT: "Anfangsbestand",
    LinePurpose.TRANSIT: "Geldtransit",
    LinePurpose.PAY_IN: "Einzahlung",
    LinePurpose.PAY_OUT: "Auszahlung",
    LinePurpose.OWNER_IN: "Privateinlage",
    LinePurpose.OWNER_OUT: "Privatentnahme",
    LinePurpose.WAGE: "Lohnzahlung",
    LinePurpose.DIFFERENCE: "DifferenzSollIst",
    LinePurpose.RECEIVABLE_SETTLED: RECEIVABLE_SETTLED,
}

DRAWER: Mapping[DocumentKind, frozenset[LinePurpose]] = {
    DocumentKind.OPENING: frozenset({LinePurpose.FLOAT}),
    DocumentKind.MOVEMENT: frozenset(
        {
            LinePurpose.TRANSIT,
            LinePurpose.PAY_IN,
            LinePurpose.PAY_OUT,
            LinePurpose.OWNER_IN,
            LinePurpose.OWNER_OUT,
            LinePurpose.WAGE,
            LinePurpose.DIFFERENCE,
        }
    ),
    DocumentKind.COUNT: frozenset({LinePurpose.DIFFERENCE}),
}
"""What may happen to the drawer, by kind of act."""

DRAWER_PURPOSES = frozenset().union(*DRAWER.values())

UNTAXED = DRAWER_PURPOSES | {LinePurpose.TIP_STAFF, LinePurpose.RECEIVABLE_SETTLED}
"""What bears no VAT whatever the rate; vouchers depend on their kind."""

PAID_INTO = frozenset({LinePurpose.FLOAT, LinePurpose.PAY_IN, LinePurpose.OWNER_IN})
PAID_OUT = frozenset({LinePurpose.PAY_OUT, LinePurpose.OWNER_OUT, LinePurpose.WAGE})

SOLD = ("MehrzweckgutscheinKauf", "EinzweckgutscheinKauf")
REDEEMED = ("MehrzweckgutscheinEinloesung", "EinzweckgutscheinEinloesung")

CASH = "Bar"
NOTHING_PAID = "Keine"
CASHLESS = "Unbar"

PAYMENTS: Mapping[PaymentMeans, str] = {
    PaymentMeans.CASH: CASH,
    PaymentMeans.CARD_DEBIT: "ECKarte",
    PaymentMeans.CARD_CREDIT: "Kreditkarte",
    PaymentMeans.CARD_PREPAID: "Guthabenkarte",
    PaymentMeans.CARD_GIFT: "Guthabenkarte",
    PaymentMeans.CARD_TICKET: "Guthabenkarte",
    PaymentMeans.VOUCHER_SINGLE: "Guthabenkarte",
    PaymentMeans.VOUCHER_MULTIPLE: "Guthabenkarte",
    PaymentMeans.ONLINE: "ElZahlungsdienstleister",
    PaymentMeans.TRANSFER: CASHLESS,
    PaymentMeans.OTHER: CASHLESS,
}
"""What is outstanding is missing here: nobody paid it, so it is a receivable and no payment."""


def kind_of(draft: Draft) -> str:
    """The kind of operation, or the kind of report that a draft becomes.

    What was trained stays training even if it was aborted: no real receipt was given up. A count
    without a difference moved no money, so it is no receipt.
    """
    if draft.kind is DocumentKind.CLOSING:
        return REPORTS[draft.closing] if draft.closing and draft.is_report else OTHER
    if draft.is_training:
        return TRAINING
    if draft.kind is DocumentKind.ABORT:
        return ABORT
    if draft.kind is DocumentKind.ORDER:
        return ORDER
    return OTHER if draft.kind is DocumentKind.COUNT and not draft.lines else RECEIPT


def name_of(draft: Draft) -> str:
    """What an operation that is none of the law's own kinds is called; empty for all others."""
    if kind_of(draft) != OTHER:
        return ""
    return CLOSING_NAME if draft.kind is DocumentKind.CLOSING else COUNT_NAME


def case_of(line: DraftLine, *, is_return: bool) -> str:
    """The business case of a line. A voucher that its issuer takes back is redeemed: it is good for
    nothing any more, whether goods or money were given for it."""
    if line.purpose is LinePurpose.DEPOSIT:
        return DEPOSIT_RETURNED if is_return else DEPOSIT
    if is_voucher(line):
        return (REDEEMED if is_redeemed(line) else SOLD)[is_single(line)]
    return CASES[line.purpose]


def is_voucher(line: DraftLine) -> bool:
    if line.purpose is LinePurpose.SALE:
        return line.is_voucher
    return line.purpose in (LinePurpose.VOUCHER_SOLD, LinePurpose.VOUCHER_REDEEMED)


def is_redeemed(line: DraftLine) -> bool:
    """Whether a voucher comes back: for goods, for money, or the money goes back onto it."""
    is_back = line.direction is Direction.RETURN
    return line.purpose is LinePurpose.VOUCHER_REDEEMED or (is_voucher(line) and is_back)


def is_single(line: DraftLine) -> bool:
    """Whether a voucher is good for one purpose: where nobody says so, one that is taxed is."""
    if line.voucher_kind is None:
        return not line.vat.is_exempt and bool(line.vat.percentage)
    return line.voucher_kind is VoucherKind.SINGLE


def is_untaxed(line: DraftLine) -> bool:
    """Whether the line is under no tax at all: money, and vouchers good for many purposes."""
    return line.purpose in UNTAXED or (is_voucher(line) and not is_single(line))


def is_settling(draft: Draft) -> bool:
    """Whether a receipt, beside what else it is for, pays what was left owed before."""
    purposes = {line.purpose for line in draft.lines}
    return draft.kind is DocumentKind.RECEIPT and LinePurpose.RECEIVABLE_SETTLED in purposes


def is_drawer(draft: Draft) -> bool:
    return draft.kind in CASH_KINDS


def is_order(draft: Draft) -> bool:
    return draft.kind is DocumentKind.ORDER


def is_receipt(draft: Draft) -> bool:
    """Whether a customer gets it: a sale, a return, an exchange."""
    return draft.kind in (DocumentKind.RECEIPT, DocumentKind.CORRECTION)
