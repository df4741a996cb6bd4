"""Where is this document: the list with its search, its newest part for an open browser, and the
list as a file."""

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.responses import Response, StreamingResponse

from fiscus.console import document_search, documents_facts, documents_file
from fiscus.console.document_rows import DocumentMark
from fiscus.console.document_search import DocumentStatus
from fiscus.console.documents_facts import DocumentsFacts, DocumentSight, JudgedSearch
from fiscus.console.type_words import TYPES
from fiscus.console.visit import N_, Page, Visit
from fiscus.model.documents import DocumentKind
from fiscus.model.times import day
from fiscus.registry.roles import Scope

PATH = "/console/documents"

KINDS: Mapping[DocumentKind, str] = {
    DocumentKind.RECEIPT: N_("Receipt"),
    DocumentKind.INVOICE: N_("Invoice"),
    DocumentKind.CORRECTION: N_("Correction"),
    DocumentKind.CANCELLATION: N_("Cancellation"),
    DocumentKind.ABORT: N_("Given up"),
    DocumentKind.OPENING: N_("Float"),
    DocumentKind.MOVEMENT: N_("Cash movement"),
    DocumentKind.COUNT: N_("Cash count"),
    DocumentKind.CLOSING: N_("Closing"),
    DocumentKind.ORDER: N_("Order"),
}
"""The kinds of documents, as people say them."""

STATUSES: Mapping[DocumentStatus, str] = {
    DocumentStatus.TRAINING: N_("Training"),
    DocumentStatus.CANCELLED: N_("Cancelled"),
    DocumentStatus.CORRECTED: N_("Corrected"),
    DocumentStatus.REFUSED: N_("Refused"),
    DocumentStatus.UNSIGNED: N_("Not signed"),
}

MARKS: Mapping[DocumentMark, tuple[str, str]] = {
    DocumentMark.TRAINING: (STATUSES[DocumentStatus.TRAINING], "neutral"),
    DocumentMark.CANCELLED: (STATUSES[DocumentStatus.CANCELLED], "bad"),
    DocumentMark.CORRECTED: (STATUSES[DocumentStatus.CORRECTED], "warn"),
    DocumentMark.REFUSED: (STATUSES[DocumentStatus.REFUSED], "bad"),
    DocumentMark.UNSIGNED: (STATUSES[DocumentStatus.UNSIGNED], "warn"),
    DocumentMark.SIGNED: (N_("Signed"), "good"),
}
"""How marks are shown: their words, and the kind of their pill."""

FAULTS: Mapping[str, str] = {
    documents_facts.NOT_AN_AMOUNT: N_("This is no amount. Write it like 12,34 or 12.34."),
    documents_facts.NOT_A_DAY: N_("This is no date. Write it like 2026-05-31."),
    documents_facts.BACKWARDS: N_("The last day is before the first. Change one of them."),
    documents_facts.TOO_LONG: N_("This is longer than 200 characters. Write less of it."),
    documents_facts.TOO_MANY_DAYS: N_(
        "These are more than 400 days. Choose fewer, or look for a number, which needs no days."
    ),
    documents_facts.UNKNOWN_CHOICE: N_("This cannot be chosen. Choose one of the list."),
}


def sight(visit: Visit) -> DocumentSight:
    """What this visitor may see."""
    return DocumentSight(
        organization=visit.organization,
        registers=visit.registers,
        first=visit.first,
        last=visit.last,
    )


def _search(visit: Visit) -> JudgedSearch:
    return documents_facts.judged(visit.query, sight(visit), day(visit.at, "UTC"))


def _said(search: JudgedSearch, **more: str) -> str:
    """The search as it stands in an address."""
    values = {**search.typed, **more}
    return urlencode({name: value for name, value in values.items() if value})


def show(visit: Visit) -> Response:
    search = _search(visit)
    after, before = visit.query.get("after", ""), visit.query.get("before", "")
    with visit.reading() as tx:
        found = documents_facts.facts(tx, search, after=after, before=before)
        registers, locations = documents_facts.choices(tx, sight(visit))
    return _page(
        visit,
        "documents.html",
        found,
        status=422 if search.faults else 200,
        registers=registers,
        locations=locations,
        is_first=not (after or before),
        newer=f"{PATH}?{_said(search, before=found.newer)}" if found.newer else "",
        older=f"{PATH}?{_said(search, after=found.older)}" if found.older else "",
        file=f"{PATH}.csv?{_said(search)}" if visit.may(Scope.EXPORT) else "",
        live=f"{PATH}/live?{_said(search)}",
        statuses={status.value: said for status, said in STATUSES.items()},
        errors={
            name: visit.text(FAULTS[search.faults[name]]) if name in search.faults else ""
            for name in documents_facts.FIELDS
        },
    )


def show_live(visit: Visit) -> Response:
    """The lines that came after a document, as a part of a page; nothing if there are none. Each
    request reads at most one page of the list, and none is held open."""
    search = _search(visit)
    place = document_search.place_of(visit.query.get("after", ""))
    with visit.reading() as tx:
        found = documents_facts.live(tx, search, place.id if place else "")
    if not found.lines:
        return Response(status_code=204)
    return _page(visit, "documents_live.html", found)


def show_file(visit: Visit) -> Response:
    """The list as CSV; a search that is not understood is shown as the page shows it."""
    search = _search(visit)
    if search.faults:
        return show(visit)
    blocks = documents_file.blocks(visit.services.engine, search)
    name = f"documents-{day(visit.at, 'UTC').isoformat()}.csv"
    return StreamingResponse(
        blocks,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _page(
    visit: Visit, template: str, found: DocumentsFacts, status: int = 200, **values: object
) -> Response:
    kinds = {kind.value: visit.text(said) for kind, said in KINDS.items()}
    marks = {mark: (visit.text(said), sort) for mark, (said, sort) in MARKS.items()}
    return visit.render(
        template,
        status=status,
        found=found,
        kinds={**kinds, "": ""},
        marks=marks,
        types={code: visit.text(said) for code, said in TYPES.items()},
        path=PATH,
        **values,
    )


PAGES = (
    Page(name="documents", path=PATH, scope=Scope.DOCUMENTS, show=show, tab=N_("Documents")),
    Page(name="documents-live", path=f"{PATH}/live", scope=Scope.DOCUMENTS, show=show_live),
    Page(name="documents-file", path=f"{PATH}.csv", scope=Scope.EXPORT, show=show_file),
)
