"""The words of DSFinV-K for what a register does: kinds of operations, business cases, payments."""

from collections.abc import Mapping

from fiscus.model.documents import CASH_KINDS, ClosingType, Draft, Kind, Line, Means, Purpose

RECEIPT = "Beleg"
"""An operation that moved money: the only kind that enters a closing's totals."""

ABORT = "AVBelegabbruch"
TRAINING = "AVTraining"
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

EMPTY = frozenset({Kind.ABORT, Kind.CLOSING})
"""What has neither lines nor payments of its own."""

SALES = "Umsatz"
SURCHARGE = "Aufschlag"
DISCOUNT = "Rabatt"
DEPOSIT = "Pfand"
DEPOSIT_RETURNED = "PfandRueckzahlung"
RECEIVABLE = "Forderungsentstehung"

CASES: Mapping[Purpose, str] = {
    Purpose.SALE: SALES,
    Purpose.SURCHARGE: SURCHARGE,
    Purpose.DISCOUNT: DISCOUNT,
    Purpose.TIP_OWNER: "TrinkgeldAG",
    Purpose.TIP_STAFF: "TrinkgeldAN",
    Purpose.FLOAT: "Anfangsbestand",
    Purpose.TRANSIT: "Geldtransit",
    Purpose.PAY_IN: "Einzahlung",
    Purpose.PAY_OUT: "Auszahlung",
    Purpose.OWNER_IN: "Privateinlage",
    Purpose.OWNER_OUT: "Privatentnahme",
    Purpose.WAGE: "Lohnzahlung",
    Purpose.DIFFERENCE: "DifferenzSollIst",
}

DRAWER: Mapping[Kind, frozenset[Purpose]] = {
    Kind.OPENING: frozenset({Purpose.FLOAT}),
    Kind.MOVEMENT: frozenset(
        {
            Purpose.TRANSIT,
            Purpose.PAY_IN,
            Purpose.PAY_OUT,
            Purpose.OWNER_IN,
            Purpose.OWNER_OUT,
            Purpose.WAGE,
            Purpose.DIFFERENCE,
        }
    ),
    Kind.COUNT: frozenset({Purpose.DIFFERENCE}),
}
"""What may happen to the drawer, by kind of act."""

DRAWER_PURPOSES = frozenset().union(*DRAWER.values())

UNTAXED = DRAWER_PURPOSES | {Purpose.TIP_STAFF}
"""What bears no VAT whatever the rate; vouchers depend on their kind."""

PAID_INTO = frozenset({Purpose.FLOAT, Purpose.PAY_IN, Purpose.OWNER_IN})
PAID_OUT = frozenset({Purpose.PAY_OUT, Purpose.OWNER_OUT, Purpose.WAGE})

_SOLD = ("MehrzweckgutscheinKauf", "EinzweckgutscheinKauf")
_REDEEMED = ("MehrzweckgutscheinEinloesung", "EinzweckgutscheinEinloesung")

CASH = "Bar"
NOTHING_PAID = "Keine"
CASHLESS = "Unbar"

PAYMENTS: Mapping[Means, str] = {
    Means.CASH: CASH,
    Means.CARD_DEBIT: "ECKarte",
    Means.CARD_CREDIT: "Kreditkarte",
    Means.CARD_PREPAID: "Guthabenkarte",
    Means.CARD_GIFT: "Guthabenkarte",
    Means.CARD_TICKET: "Guthabenkarte",
    Means.VOUCHER_SINGLE: "Guthabenkarte",
    Means.VOUCHER_MULTIPLE: "Guthabenkarte",
    Means.ONLINE: "ElZahlungsdienstleister",
    Means.TRANSFER: CASHLESS,
    Means.OTHER: CASHLESS,
}
"""What is outstanding is missing here: nobody paid it, so it is a receivable and no payment."""


def kind_of(draft: Draft) -> str:
    """The kind of operation, or the kind of report that a draft becomes.

    What was trained stays training even if it was aborted: no real receipt was given up. A count
    without a difference moved no money, so it is no receipt.
    """
    if draft.kind is Kind.CLOSING:
        return REPORTS[draft.closing] if draft.closing and draft.is_report else OTHER
    if draft.is_training:
        return TRAINING
    if draft.kind is Kind.ABORT:
        return ABORT
    return OTHER if draft.kind is Kind.COUNT and not draft.lines else RECEIPT


def name_of(draft: Draft) -> str:
    """What an operation that is none of the law's own kinds is called; empty for all others."""
    if kind_of(draft) != OTHER:
        return ""
    return CLOSING_NAME if draft.kind is Kind.CLOSING else COUNT_NAME


def case_of(line: Line, *, is_return: bool) -> str:
    """The business case of a line. A voucher that is taxed is good for one purpose only."""
    if line.purpose is Purpose.DEPOSIT:
        return DEPOSIT_RETURNED if is_return else DEPOSIT
    if line.purpose is Purpose.VOUCHER_REDEEMED:
        return _REDEEMED[_is_taxed(line)]
    if is_voucher(line):
        return _SOLD[_is_taxed(line)]
    return CASES[line.purpose]


def is_voucher(line: Line) -> bool:
    if line.purpose is Purpose.SALE:
        return line.is_voucher
    return line.purpose in (Purpose.VOUCHER_SOLD, Purpose.VOUCHER_REDEEMED)


def is_untaxed(line: Line) -> bool:
    """Whether the line is under no tax at all: money, and vouchers good for many purposes."""
    return line.purpose in UNTAXED or (is_voucher(line) and not _is_taxed(line))


def is_drawer(draft: Draft) -> bool:
    return draft.kind in CASH_KINDS


def is_receipt(draft: Draft) -> bool:
    """Whether a customer gets it: a sale, a return, an exchange."""
    return draft.kind in (Kind.RECEIPT, Kind.CORRECTION)


def _is_taxed(line: Line) -> bool:
    return not line.vat.is_exempt and bool(line.vat.percentage)
