"""Germany: every operation of a register is signed by a TSE, from its start to its end."""

from fiscus.model.documents import Kind
from fiscus.regimes import Regime
from fiscus.regimes.de.identity import FROZEN_FACTS, TAX_NUMBER_FACT, identity, vat_number
from fiscus.regimes.de.rates import TIMEZONE, ZERO_NAMES, exemptions, vat_rates
from fiscus.regimes.de.rules import RULES
from fiscus.regimes.de.seal import LEFT_OVER, seal
from fiscus.regimes.de.series import series

GERMANY = Regime(
    code="de",
    name="Germany",
    country="Germany",
    timezone=TIMEZONE,
    issues=frozenset(
        {
            Kind.RECEIPT,
            Kind.CORRECTION,
            Kind.ABORT,
            Kind.OPENING,
            Kind.MOVEMENT,
            Kind.COUNT,
            Kind.CLOSING,
        }
    ),
    series=series,
    seal=seal,
    rules=RULES,
    device="tse",
    left_over=LEFT_OVER,
    identity=identity,
    frozen_facts=FROZEN_FACTS,
    tax_number=TAX_NUMBER_FACT,
    vat_number=vat_number,
    vat_rates=vat_rates,
    exemptions=exemptions,
    zero_names=ZERO_NAMES,
)

REGIMES = (GERMANY,)
