"""What Portugal refuses: one small function per sentence of law, by subject."""

from fiscus.regimes import Rule
from fiscus.regimes.pt.rules.dates import DATES
from fiscus.regimes.pt.rules.elsewhere import ELSEWHERE
from fiscus.regimes.pt.rules.lines import LINES
from fiscus.regimes.pt.rules.notes import NOTES
from fiscus.regimes.pt.rules.numbers import NUMBERS
from fiscus.regimes.pt.rules.parties import PARTIES
from fiscus.regimes.pt.rules.said import SAID
from fiscus.regimes.pt.rules.stated import STATED
from fiscus.regimes.pt.rules.taxes import TAXES
from fiscus.regimes.pt.rules.texts import TEXTS
from fiscus.regimes.pt.rules.totals import TOTALS
from fiscus.regimes.pt.rules.voids import VOIDS

RULES: tuple[Rule, ...] = (
    *DATES,
    *NUMBERS,
    *LINES,
    *TEXTS,
    *TAXES,
    *TOTALS,
    *STATED,
    *PARTIES,
    *NOTES,
    *ELSEWHERE,
    *VOIDS,
    *SAID,
)
