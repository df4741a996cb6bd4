"""One record: what was said, what was sealed, how it stands in the chain, and what came of it."""

from dataclasses import replace

from starlette.responses import Response

from fiscus.console import document_facts, document_sums
from fiscus.console.document_facts import RecordViewer
from fiscus.console.type_words import EXEMPTIONS, TYPES
from fiscus.console.visit import Page, Visit
from fiscus.formats import symbol
from fiscus.journal import proving
from fiscus.registry import organizations, receipts
from fiscus.registry.roles import Scope

PATH = "/console/documents/{record}"


def viewer(visit: Visit) -> RecordViewer:
    """What this visitor may see of records."""
    return RecordViewer(
        organization=visit.organization,
        registers=visit.registers,
        first=visit.first,
        last=visit.last,
    )


def show(visit: Visit) -> Response:
    with visit.reading() as tx:
        found = document_facts.facts(tx, viewer(visit), visit.path["record"])
        is_off = organizations.switched_off(tx, visit.organization)
    seal = found.body.seal
    has_receipt = not is_off and receipts.has_page(found.found.record.kind, found.body)
    qr = symbol.svg(symbol.symbol(seal.qr)) if seal and seal.qr else ""
    receipt = visit.services.receipts.path(found.body.id) if has_receipt else ""
    return replace(visit, timezone=found.timezone).render(
        "document.html",
        facts=found,
        qr=qr,
        receipt=receipt,
        sign=document_sums.side(seal) if seal else 1,
        types=TYPES,
        exemptions=EXEMPTIONS,
    )


def proof(visit: Visit) -> Response:
    """The proof as a file, to be checked without this service. Raises `Conflict` before the next
    checkpoint."""
    with visit.reading() as tx:
        found, _, _ = document_facts.find(tx, viewer(visit), visit.path["record"])
        text = proving.of(tx, found.record.body.id).text
    return _file(text.encode(), "text/plain; charset=utf-8", f"{found.record.body.id}.tlog-proof")


def printed(visit: Visit) -> Response:
    """The record as a PDF, on one of the papers that there are for it."""
    with visit.reading() as tx:
        found, _, _ = document_facts.find(tx, viewer(visit), visit.path["record"])
    paper = visit.query.get("paper", "")
    pdf = document_facts.printed(found.record.body, paper)
    return _file(pdf, "application/pdf", f"{found.record.body.id}.pdf")


def _file(content: bytes, media_type: str, name: str) -> Response:
    return Response(
        content,
        media_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


PAGES = (
    Page(name="document", path=PATH, scope=Scope.DOCUMENTS, show=show),
    Page(name="document-proof", path=f"{PATH}/proof", scope=Scope.DOCUMENTS, show=proof),
    Page(name="document-print", path=f"{PATH}/print", scope=Scope.DOCUMENTS, show=printed),
)
