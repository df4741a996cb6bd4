"""A closing on paper (in Germany: the Z report), as PDF.

It shows one record and takes no selection, so it is no `Format`: whoever has the record calls
`pdf(body, paper)`.
"""

from fiscus.formats import Format
from fiscus.formats.zreport.document import pdf as pdf
from fiscus.formats.zreport.sheets import Paper as Paper

FORMATS: tuple[Format, ...] = ()
