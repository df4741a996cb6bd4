"""What the tax authority is told of documents when they are issued, by taxpayers that chose so.

Decreto-Lei n.º 198/2012, art. 3: invoices and what corrects them are reported, by web service when
they are issued or in a file until the 5th of the next month. Receipts of cash VAT and working
documents have services of their own; the channel tells which one by the document's type.
"""

from collections.abc import Iterator

from fiscus.model.kinds import EntryKind
from fiscus.model.obligations import Obligation, ReportKind
from fiscus.model.records import EntryBody
from fiscus.regimes.pt.series import CHANNEL


def obligations(body: EntryBody) -> Iterator[Obligation]:
    """Each numbered document, and its cancellation; nothing of what is done for practice."""
    if body.draft is None or body.draft.is_training:
        return
    if body.kind == EntryKind.VOID:
        yield Obligation(channel=CHANNEL, kind=ReportKind.STATUS)
    elif body.kind == EntryKind.DOCUMENT and body.numbered is not None:
        yield Obligation(channel=CHANNEL, kind=ReportKind.DOCUMENT)
