"""A closing on paper (in Germany: the Z report), as PDF.

It shows one record and takes no selection, so it is a `Print` and no `Format`.
"""

from fiscus.formats import Print
from fiscus.formats.zreport.document import pdf as pdf
from fiscus.formats.zreport.sheets import Paper as Paper
from fiscus.model.records import Body


def _printed(body: Body, paper: str) -> bytes:
    return pdf(body, Paper(paper))


PRINTS = (Print(code="zreport", papers=tuple(Paper), pdf=_printed),)
