"""Countries without a fiscal law of their own kind: gapless numbers, and our journal as proof.

The template for a new country: copy this folder, write `LAW.md` first.
"""

from fiscus.model.documents import CASH_KINDS, Kind
from fiscus.regimes import Regime
from fiscus.regimes.plain.italy import ITALY
from fiscus.regimes.plain.seal import seal_in
from fiscus.regimes.plain.series import series

TIMEZONE = "UTC"

PLAIN = Regime(
    code="plain",
    name="Plain",
    country="Plain",
    timezone=TIMEZONE,
    issues=frozenset(Kind) - CASH_KINDS,
    series=series,
    seal=seal_in(TIMEZONE),
)

REGIMES = (PLAIN, ITALY)
