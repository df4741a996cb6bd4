"""A closing on paper (in Germany: the Z report), as PDF.

It shows one record and takes no selection, so it is a `PrintFormat` and no `Format`.
"""

from fiscus.formats import PrintFormat
from fiscus.formats.zreport.document import pdf as pdf
from fiscus.formats.zreport.sheets import PaperSize as PaperSize
from fiscus.model.documents import DocumentKind
from fiscus.model.records import EntryBody


def _printed(body: EntryBody, paper: str) -> bytes:
    return pdf(body, PaperSize(paper))


PRINTS = (
    PrintFormat(
        code="zreport",
        kinds=frozenset({DocumentKind.CLOSING}),
        papers=tuple(PaperSize),
        pdf=_printed,
    ),
)
