"""What Germany refuses: one small function per sentence of law, by subject."""

from fiscus.regimes import Rule
from fiscus.regimes.de.rules.acts import ACTS
from fiscus.regimes.de.rules.codes import CODES
from fiscus.regimes.de.rules.lines import LINES
from fiscus.regimes.de.rules.orders import ORDERS
from fiscus.regimes.de.rules.parts import PARTS
from fiscus.regimes.de.rules.payments import PAYMENTS
from fiscus.regimes.de.rules.receivables import RECEIVABLES
from fiscus.regimes.de.rules.references import REFERENCES
from fiscus.regimes.de.rules.remaining import REMAINING
from fiscus.regimes.de.rules.reversals import REVERSALS
from fiscus.regimes.de.rules.said import SAID
from fiscus.regimes.de.rules.taxes import TAXES
from fiscus.regimes.de.rules.texts import TEXTS
from fiscus.regimes.de.rules.totals import TOTALS
from fiscus.regimes.de.rules.vouchers import VOUCHERS

RULES: tuple[Rule, ...] = (
    *ACTS,
    *LINES,
    *PARTS,
    *TAXES,
    *CODES,
    *TOTALS,
    *PAYMENTS,
    *REFERENCES,
    *REVERSALS,
    *REMAINING,
    *RECEIVABLES,
    *TEXTS,
    *VOUCHERS,
    *ORDERS,
    *SAID,
)
