"""Germany: what a TSE is told and under which VAT key a turnover stands."""

from fiscus.regimes import Regime

REGIMES: tuple[Regime, ...] = ()
