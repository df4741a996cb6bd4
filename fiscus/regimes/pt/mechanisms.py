"""What was paid at issue, in the words of the SAF-T (PT); change given back is no payment."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from fiscus.model.amounts import cents_half_up
from fiscus.model.documents import Payment, PaymentMeans
from fiscus.model.names import folded

CASH, OTHER = "NU", "OU"

MECHANISMS = {
    PaymentMeans.CASH: CASH,
    PaymentMeans.CARD_CREDIT: "CC",
    PaymentMeans.CARD_DEBIT: "CD",
    PaymentMeans.CARD_PREPAID: "CO",
    PaymentMeans.CARD_GIFT: "CO",
    PaymentMeans.CARD_TICKET: "TR",
    PaymentMeans.ONLINE: OTHER,
    PaymentMeans.TRANSFER: "TB",
    PaymentMeans.VOUCHER_SINGLE: "CO",
    PaymentMeans.VOUCHER_MULTIPLE: "CO",
    PaymentMeans.OTHER: OTHER,
}
"""`outstanding` is missing on purpose: what is still owed was not paid."""

_NAMED = {
    "MB": (
        "multibanco",
        "mbway",
        "mb",
        "referenciamb",
        "referenciamultibanco",
        "pagamentoservicos",
    ),
    "TB": (
        *("tb", "transferencia", "transferenciabancaria", "banktransfer", "wiretransfer", "sepa"),
        *("debitodireto", "debitodirecto", "directdebit", "sepadirectdebit"),
    ),
    "CH": ("ch", "cheque", "chequebancario", "check"),
    CASH: ("nu", "numerario", "dinheiro", "cash"),
    "CC": ("cc", "cartaocredito", "cartaodecredito", "creditcard"),
    "CD": ("cd", "cartaodebito", "cartaodedebito", "debitcard"),
    "TR": ("tr", "ticketrestaurante", "ticketrefeicao", "cartaorefeicao", "mealvoucher"),
    "CO": ("co", "chequeoferta", "cartaooferta", "giftcard", "giftvoucher"),
    "CS": ("cs", "compensacao", "compensacaodesaldos", "encontrodecontas"),
    "DE": ("de", "dinheiroeletronico", "dinheiroelectronico", "emoney"),
    "LC": ("lc", "letra", "letracomercial"),
    "PR": ("pr", "permuta"),
    "CI": ("ci", "cartadecredito", "creditodocumentario", "letterofcredit"),
}
"""What callers name, in the spelling of `folded`. A card of which nobody knows whether it is of
credit or of debit has no code of its own."""

_BY_NAME = {name: mechanism for mechanism, names in _NAMED.items() for name in names}


def mechanism_of(payment: Payment) -> str:
    """The mechanism of a real payment: what it is called, where its means say no more than that
    there is something else."""
    known = MECHANISMS[payment.means]
    return _BY_NAME.get(folded(payment.name), known) if known == OTHER else known


def is_cash(payment: Payment) -> bool:
    """Whether it is cash, by its means or by what it is called."""
    return payment.means in MECHANISMS and mechanism_of(payment) == CASH


class SaftPayment(NamedTuple):
    """A payment as the audit file lists it. `means` is the mechanism of its means alone, without
    its name: the books have their accounts by it."""

    mechanism: str
    amount: Decimal
    on: date | None
    means: str


def paid(payments: Iterable[Payment], gross: Decimal) -> Iterator[SaftPayment]:
    """The payments in whole cents, in their order, with the change taken off the cash first."""
    real = [one for one in payments if one.means in MECHANISMS]
    if not real:
        return
    amounts = [cents_half_up(one.amount) for one in real]
    excess = sum(amounts, Decimal(0)) - gross
    if excess > 0:
        amounts = _without(excess, real, amounts)
    for one, amount in zip(real, amounts, strict=True):
        if amount > 0:
            yield SaftPayment(mechanism_of(one), amount, one.on, MECHANISMS[one.means])


def _without(excess: Decimal, payments: list[Payment], amounts: list[Decimal]) -> list[Decimal]:
    amounts = list(amounts)
    order = sorted(range(len(payments)), key=lambda i: (not is_cash(payments[i]), -i))
    for i in order:
        change = min(excess, amounts[i])
        amounts[i] -= change
        excess -= change
    return amounts
