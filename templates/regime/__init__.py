"""XX: say in one sentence what its law asks of a register."""

from fiscus.model.documents import DocumentKind
from fiscus.regimes import Regime
from fiscus.regimes.xx.rules import RULES
from fiscus.regimes.xx.seal import TIMEZONE, seal
from fiscus.regimes.xx.series import series

XX = Regime(
    code="xx",
    name="XX",
    country="XX",
    timezone=TIMEZONE,
    issues=frozenset(
        {
            DocumentKind.RECEIPT,
            DocumentKind.CORRECTION,
            DocumentKind.CANCELLATION,
            DocumentKind.ABORT,
            DocumentKind.OPENING,
            DocumentKind.MOVEMENT,
            DocumentKind.COUNT,
            DocumentKind.CLOSING,
        }
    ),
    series=series,
    rules=RULES,
    seal=seal,
    is_test_only=True,
)

REGIMES = (XX,)
