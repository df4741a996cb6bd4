"""What the page of a receipt calls things, in English: translated where it is shown."""

from collections.abc import Mapping

from fiscus.console.verify_texts import SENTENCES
from fiscus.console.visit import N_, Visit
from fiscus.model.documents import DocumentKind, PaymentMeans

KINDS: Mapping[DocumentKind, str] = {
    DocumentKind.RECEIPT: N_("Receipt"),
    DocumentKind.INVOICE: N_("Invoice"),
    DocumentKind.CORRECTION: N_("Correction"),
}

MEANS: Mapping[PaymentMeans, str] = {
    PaymentMeans.CASH: N_("Cash"),
    PaymentMeans.CARD_CREDIT: N_("Credit card"),
    PaymentMeans.CARD_DEBIT: N_("Debit card"),
    PaymentMeans.CARD_PREPAID: N_("Prepaid card"),
    PaymentMeans.CARD_GIFT: N_("Gift card"),
    PaymentMeans.CARD_TICKET: N_("Meal card"),
    PaymentMeans.ONLINE: N_("Online payment"),
    PaymentMeans.TRANSFER: N_("Bank transfer"),
    PaymentMeans.VOUCHER_SINGLE: N_("Voucher"),
    PaymentMeans.VOUCHER_MULTIPLE: N_("Voucher"),
    PaymentMeans.OTHER: N_("Other payment"),
    PaymentMeans.OUTSTANDING: N_("Still to be paid"),
}

SCRIPT: Mapping[str, str] = {
    "receipt.waiting": N_("This browser computes …"),
    "receipt.signed": N_(
        "The file of this receipt bears the signature of the service that keeps the journal "
        "(key {id})."
    ),
    "receipt.signed-bad": N_("The file of this receipt does not bear the service's signature."),
    "receipt.same": N_(
        "The file names the entry that the proof is about, and this number and total."
    ),
    "receipt.same-bad": N_("The file says something else than this page."),
    "receipt.included": N_("The entry is in the log, at place {index} of {size}."),
    "receipt.included-bad": N_("The proof does not lead to the log: the entry is not proved."),
    "receipt.log": N_("The log's own key has signed this state of the log."),
    "receipt.log-bad": N_("The log's own key has not signed this state of the log."),
    "receipt.witness": N_("The witness {name} saw this state of the log at {time}, and signed it."),
    "receipt.witness-bad": N_("The signature of the witness {name} is wrong."),
    "receipt.witness-unknown": N_(
        "The witness {name} has signed too, with a key that this page was not given: not judged."
    ),
    "receipt.unsupported": N_("Not recomputed in this browser: {reason}"),
    "receipt.failed": N_("The check did not come to an end: {reason}"),
    "receipt.all-good": N_("This browser has recomputed it: the receipt is in the journal."),
    "receipt.not-good": N_("This browser has found something wrong: show it to the shop."),
    "receipt.not-all": N_("This browser cannot recompute everything: see below what is missing."),
}
"""What the page's script says, by key."""


def script_texts(visit: Visit) -> dict[str, str]:
    """With what the modules that verify say of themselves."""
    return {key: visit.text(said) for key, said in {**SENTENCES, **SCRIPT}.items()}
