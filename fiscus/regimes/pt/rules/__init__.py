"""What Portugal refuses: one small function per sentence of law, by subject."""

from fiscus.regimes import Rule
from fiscus.regimes.pt.rules.dates import DATES
from fiscus.regimes.pt.rules.lines import LINES
from fiscus.regimes.pt.rules.notes import NOTES
from fiscus.regimes.pt.rules.parties import PARTIES
from fiscus.regimes.pt.rules.taxes import TAXES
from fiscus.regimes.pt.rules.totals import TOTALS

RULES: tuple[Rule, ...] = (*DATES, *LINES, *TAXES, *TOTALS, *PARTIES, *NOTES)
