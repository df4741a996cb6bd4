"""What laws call kinds of documents, by the code that they have there; in English, translated where
they are shown."""

from collections.abc import Mapping

from fiscus.console.languages import N_

_CODES = "FS FR FT NC ND"

TYPES: Mapping[str, str] = dict(
    zip(
        _CODES.split(),
        (
            N_("Simplified invoice"),
            N_("Invoice-receipt"),
            N_("Invoice"),
            N_("Credit note"),
            N_("Debit note"),
        ),
        strict=True,
    )
)
"""Portugal's (SAF-T (PT), InvoiceType). Germany's own words stand as they are."""

LAWS = (N_("Germany"), N_("Portugal"), N_("Plain"))
"""The names of the regimes that ship."""

EXEMPTIONS: Mapping[str, str] = {
    "NOT_TAXABLE": N_("not taxable"),
    "NOT_SUBJECT": N_("not subject to VAT"),
    "CAUSE_1": N_("exempt"),
    "CAUSE_2": N_("exempt, small business"),
    "CAUSE_3": N_("margin scheme"),
}
"""Why a line bears no VAT, by our own words that stand in what a law has sealed; Portugal's have
texts of the law beside them."""
