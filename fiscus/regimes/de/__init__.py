"""Germany: every operation of a register is signed by a TSE, from its start to its end."""

from fiscus.model.documents import DocumentKind
from fiscus.regimes import Regime
from fiscus.regimes.de import wording
from fiscus.regimes.de.accounting import ACCOUNTING
from fiscus.regimes.de.completed import completed
from fiscus.regimes.de.explained import explained
from fiscus.regimes.de.identity import FROZEN_FACTS, TAX_NUMBER_FACT, identity, vat_number
from fiscus.regimes.de.rates import (
    TIMEZONE,
    ZERO_CATEGORIES,
    ZERO_NAMES,
    exemptions,
    tax_category,
    vat_rates,
)
from fiscus.regimes.de.remedies import REMEDIES
from fiscus.regimes.de.rules import RULES
from fiscus.regimes.de.seal import LEFT_OVER, seal
from fiscus.regimes.de.series import series
from fiscus.regimes.de.vouchers import MEMORY

GERMANY = Regime(
    code="de",
    name="Germany",
    country="Germany",
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
            DocumentKind.ORDER,
        }
    ),
    series=series,
    seal=seal,
    completed=completed,
    memory=MEMORY,
    rules=RULES,
    remedies=REMEDIES,
    device="tse",
    has_period_places=True,
    left_over=LEFT_OVER,
    identity=identity,
    frozen_facts=FROZEN_FACTS,
    tax_number=TAX_NUMBER_FACT,
    vat_number=vat_number,
    vat_rates=vat_rates,
    exemptions=exemptions,
    zero_names=ZERO_NAMES,
    zero_categories=ZERO_CATEGORIES,
    accounting=ACCOUNTING,
    tax_category=tax_category,
    explained=explained,
    signer_words=wording.signer_words,
)

REGIMES = (GERMANY,)
