"""Countries without a fiscal law of their own kind: gapless numbers, and our journal as proof."""

from fiscus.model.documents import DocumentKind
from fiscus.regimes import Regime
from fiscus.regimes.plain.accounting import ACCOUNTING
from fiscus.regimes.plain.italy import ITALY
from fiscus.regimes.plain.seal import seal_in
from fiscus.regimes.plain.series import series

TIMEZONE = "UTC"

PLAIN = Regime(
    code="plain",
    name="Plain",
    country="Plain",
    timezone=TIMEZONE,
    issues=frozenset(
        {
            DocumentKind.RECEIPT,
            DocumentKind.INVOICE,
            DocumentKind.CORRECTION,
            DocumentKind.CANCELLATION,
            DocumentKind.ABORT,
            DocumentKind.CLOSING,
        }
    ),
    series=series,
    seal=seal_in(TIMEZONE),
    accounting=ACCOUNTING,
)

REGIMES = (PLAIN, ITALY)
