"""How far the checker of SAF-T goes, with the producer's public key and without it."""

from collections.abc import Mapping

from fiscus.formats import CheckScope

_ALWAYS = (
    "The form of the file: elements, their order, and the values that they may have.",
    "Sums: lines, taxes and totals of each document, and the totals of each section.",
    "Order: numbers, days and instants of each series, and gaps between its documents.",
    "References: each customer, product and tax is in the master files.",
)
_SHAPE = "The form of each signature (Hash): its length and its characters."
_SIGNATURES = (
    "The signatures (Hash): each one by the public key that was given, over the document's day, "
    "instant, number and total and over the signature before it. Which ones could not be verified "
    "stands among the notes."
)
_NO_SIGNATURES = (
    "The signatures (Hash) of the documents. Amounts that were changed so that they still fit one "
    "another are found by them alone."
)
_NOT_SIGNED = (
    "What no signature covers: lines, taxes, customers and payments. They were compared with the "
    "totals alone."
)
_NOT_READ = "The general ledger, and check digits of tax numbers."
_ALL_THERE = (
    "Whether every document of the period is in the file: those at the end of a series may be "
    "missing."
)
_NEEDS_KEY = (
    "The public key (PEM) of the program that signed, from its producer: choose it on the page "
    "“Check a file”, or give it to `fiscus check --public-key`."
)
_NEEDS_JOURNAL = (
    "The journal package of the same days from whoever issued the documents, or what the tax "
    "authority has of them (e-Fatura)."
)


def scope(settings: Mapping[str, str]) -> CheckScope:
    if settings.get("public_key_pem"):
        return CheckScope(
            checked=(*_ALWAYS, _SHAPE, _SIGNATURES),
            unchecked=(_NOT_SIGNED, _ALL_THERE, _NOT_READ),
            needed=(_NEEDS_JOURNAL,),
        )
    return CheckScope(
        checked=(*_ALWAYS, _SHAPE),
        unchecked=(_NO_SIGNATURES, _ALL_THERE, _NOT_READ),
        needed=(_NEEDS_KEY, _NEEDS_JOURNAL),
        leaves_signatures=True,
    )
