"""What Germany refuses: one small function per sentence of law, by subject."""

from fiscus.regimes import Rule
from fiscus.regimes.de.rules.acts import ACTS
from fiscus.regimes.de.rules.lines import LINES
from fiscus.regimes.de.rules.payments import PAYMENTS
from fiscus.regimes.de.rules.references import REFERENCES
from fiscus.regimes.de.rules.taxes import TAXES
from fiscus.regimes.de.rules.texts import TEXTS

RULES: tuple[Rule, ...] = (*ACTS, *LINES, *TAXES, *PAYMENTS, *REFERENCES, *TEXTS)
