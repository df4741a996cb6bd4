"""VAT keys against the law: which rate a key stood for in the days of its closing."""

from datetime import date
from decimal import Decimal

from fiscus.formats.dsfinvk.check import findings as found
from fiscus.formats.dsfinvk.check.findings import TableFindings
from fiscus.formats.dsfinvk.check.scratch import Scratch
from fiscus.formats.dsfinvk.tables.master import VAT
from fiscus.regimes.de.taxes import OWN_KEYS_FROM, percentages, slot

_USED = """
    SELECT v.row, v.UST_SCHLUESSEL, v.UST_SATZ, substr(spelled(c.Z_ERSTELLUNG), 1, 10),
        substr(COALESCE(
            (SELECT MIN(BON_START) FROM transactions b
             WHERE (b.Z_KASSE_ID, b.Z_NR) = (c.Z_KASSE_ID, c.Z_NR) AND BON_START <> ''),
            spelled(c.Z_ERSTELLUNG)
        ), 1, 10)
    FROM vat v JOIN cashpointclosing c USING (Z_KASSE_ID, Z_NR)
    WHERE v.UST_SCHLUESSEL IS NOT NULL AND v.UST_SATZ IS NOT NULL
"""


def judge(tables: Scratch, findings: TableFindings) -> None:
    """The days are those from the first operation of a closing to its creation."""
    for row, key, hundredths, last, first in tables.execute(_USED):
        percentage = Decimal(hundredths).scaleb(-2)
        if key >= OWN_KEYS_FROM:
            if slot(key, percentage) is None:
                findings.add(found.VAT_OWN, VAT.file, row, "UST_SATZ")
        elif slot(key) is None:
            findings.add(found.VAT_RESERVED, VAT.file, row, "UST_SCHLUESSEL")
        elif (days := _days(first, last)) and percentage not in percentages(key, *days):
            findings.add(found.VAT_RATE, VAT.file, row, "UST_SATZ")


def _days(first: str, last: str) -> tuple[date, date] | None:
    """None for misspelled days: they are reported for themselves."""
    try:
        return min(date.fromisoformat(first), date.fromisoformat(last)), date.fromisoformat(last)
    except ValueError:
        return None
