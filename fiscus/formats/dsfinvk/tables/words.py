"""The words a column may hold, as DSFinV-K spells them."""

from fiscus.regimes.de import process_data

VERSIONS = frozenset({"2.0", "2.1", "2.2", "2.3", "2.4"})

RECEIPT = "Beleg"
"""An operation that moved money: the only kind that enters a closing's totals."""

ABORT = "AVBelegabbruch"
ORDER = "AVBestellung"
REVERSAL = "AVBelegstorno"
OTHER = "AVSonstige"

RECEIPTS = frozenset(
    {
        RECEIPT,
        "AVRechnung",
        "AVTransfer",
        ORDER,
        "AVTraining",
        REVERSAL,
        ABORT,
        "AVSachbezug",
        OTHER,
    }
)

CASH_CASES = frozenset(
    {
        "Anfangsbestand",
        "Auszahlung",
        "DifferenzSollIst",
        "Einzahlung",
        "Geldtransit",
        "Lohnzahlung",
        "Privateinlage",
        "Privatentnahme",
    }
)
"""Business cases that only ever move cash."""

UNTAXED_CASES = CASH_CASES | {
    "Forderungsaufloesung",
    "Forderungsentstehung",
    "MehrzweckgutscheinEinloesung",
    "MehrzweckgutscheinKauf",
    "TrinkgeldAN",
    "ZuschussEcht",
}
"""Business cases that always bear the VAT key 5."""

BUSINESS_CASES = UNTAXED_CASES | {
    "Anzahlungsaufloesung",
    "Anzahlungseinstellung",
    "Aufschlag",
    "EinzweckgutscheinEinloesung",
    "EinzweckgutscheinKauf",
    "Pfand",
    "PfandRueckzahlung",
    "Rabatt",
    "TrinkgeldAG",
    "Umsatz",
    "ZuschussUnecht",
}

CASH = "Bar"
NOTHING_PAID = "Keine"

PAYMENTS = frozenset(
    {
        CASH,
        "Unbar",
        NOTHING_PAID,
        "ECKarte",
        "Kreditkarte",
        "ElZahlungsdienstleister",
        "Guthabenkarte",
    }
)

TRANSACTION = "Transaktion"
"""A reference to another operation of DSFinV-K; all others lead out of the system."""

EXTERNAL_OTHER = "ExterneSonstige"

REFERENCES = frozenset({TRANSACTION, EXTERNAL_OTHER, "ExterneRechnung", "ExternerLieferschein"})

PRICE_PARTS = frozenset({"base_amount", "discount", "extra_amount"})

SIGNATURE_ALGORITHMS = frozenset(
    f"{scheme}-plain-{digest}"
    for scheme in ("ecdsa", "ecsdsa")
    for digest in (
        "SHA224",
        "SHA256",
        "SHA384",
        "SHA512",
        "SHA3-224",
        "SHA3-256",
        "SHA3-384",
        "SHA3-512",
    )
)

TIME_FORMATS = frozenset(
    {
        "unixTime",
        "utcTime",
        "utcTimeWithSeconds",
        "generalizedTime",
        "generalizedTimeWithMilliseconds",
    }
)

ENCODINGS = frozenset({"UTF-8", "ASCII"})

PROCESS_TYPES = frozenset({process_data.RECEIPT, process_data.ORDER, process_data.OTHER})
