"""SAF-T: the standard audit file for tax, Portuguese edition, for every document issued."""

from fiscus.formats import Format
from fiscus.formats.saft import known
from fiscus.formats.saft.check import check
from fiscus.formats.saft.scope import scope
from fiscus.formats.saft.write import write

SAFT_PT = Format(
    code="saft-pt",
    command="saft",
    title="the audit file of Portugal, SAF-T (PT), for any period",
    laws=frozenset({"pt"}),
    is_prescribed=True,
    version="1.04_01",
    media_type="application/xml",
    extension="xml",
    write=write,
    check=check,
    scope=scope,
    recognizes=known.recognizes,
    remedies=known.REMEDIES,
)

FORMATS = (SAFT_PT,)
