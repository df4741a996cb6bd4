"""SAF-T: the standard audit file for tax, Portuguese edition, for every document issued."""

from fiscus.formats import Format
from fiscus.formats.saft.check import check
from fiscus.formats.saft.write import write

SAFT_PT = Format(
    code="saft-pt",
    regime="pt",
    version="1.04_01",
    media_type="application/xml",
    extension="xml",
    write=write,
    check=check,
)

FORMATS = (SAFT_PT,)
