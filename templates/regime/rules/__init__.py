"""What XX refuses: one small function per sentence of law, by subject."""

from fiscus.regimes import Rule
from fiscus.regimes.xx.rules.notes import NOTES

RULES: tuple[Rule, ...] = (*NOTES,)
