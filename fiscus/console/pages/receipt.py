"""The page of one receipt, for the customer who holds the paper: nobody signs in."""

from collections.abc import Callable
from dataclasses import replace

from markupsafe import Markup
from starlette.responses import Response

from fiscus.api import credentials
from fiscus.console import languages, receipt_facts, receipt_proof
from fiscus.console.receipt_facts import ShownReceipt
from fiscus.console.receipt_proof import ReceiptProof
from fiscus.console.receipt_words import KINDS, MEANS, script_texts
from fiscus.console.type_words import TYPES
from fiscus.console.visit import Page, Visit
from fiscus.formats import symbol
from fiscus.journal.read import FoundRecord
from fiscus.model.faults import Code, Missing, Unavailable
from fiscus.registry import receipts

TOO_MANY = Code(
    "CONSOLE-RECEIPT-01", "receipts were opened too often from here: wait a moment, and try again"
)
_QR_SCALE = 4
_QR_QUIET_MODULES = 4


def show(visit: Visit) -> Response:
    return _answered(visit, _page)


def _page(visit: Visit, found: FoundRecord, shown: ShownReceipt, proof: ReceiptProof) -> Response:
    return replace(visit, timezone=shown.timezone).render(
        "receipt.html",
        receipt=shown,
        proof=proof,
        kind=TYPES.get(shown.type) or KINDS.get(shown.kind, shown.kind.value),
        means=MEANS,
        law_language=languages.of_country(shown.country),
        qr=_qr(shown.qr),
        texts=script_texts(visit),
        script={
            "file": f"{visit.here}/receipt.json",
            "link": proof.link,
            "number": shown.number,
            "gross": str(shown.gross),
            "proof": proof.text,
            "log_key": proof.log_key,
            "witness_keys": proof.witness_keys,
        },
    )


Answer = Callable[[Visit, FoundRecord, ShownReceipt, ReceiptProof], Response]


def _answered(visit: Visit, answer: Answer) -> Response:
    """Whatever is wrong with an address, the same page says so. Nobody is signed in here: the page
    is the same for all, whatever shop somebody else's session in this browser looks at."""
    visit = replace(visit, session=None, organization="", organization_name="", tabs=())
    if not _is_admitted(visit):
        return _too_many(visit)
    try:
        found, shown, proof = _looked_up(visit)
    except Missing as trouble:
        return visit.render("receipt_missing.html", status=404, code=trouble.code)
    return answer(visit, found, shown, proof)


def _is_admitted(visit: Visit) -> bool:
    who = credentials.stranger(visit.services, visit.request.scope)
    return visit.services.receipt_visits.admits(f"{who} receipts")


def _too_many(visit: Visit) -> Response:
    answer = visit.render("trouble.html", status=429, trouble=Unavailable(TOO_MANY))
    answer.headers["Retry-After"] = credentials.RETRY_SECONDS
    return answer


def _looked_up(visit: Visit) -> tuple[FoundRecord, ShownReceipt, ReceiptProof]:
    """Raises `Missing` where the address leads to nothing that is shown."""
    services = visit.services
    with visit.reading() as tx:
        found = receipts.find(tx, services.receipts.key, visit.path["token"])
        shown = receipt_facts.of(tx, found)
        return found, shown, receipt_proof.of(services, tx, found.record, visit.at)


def _qr(text: str) -> Markup:
    """The code as a drawing; it has no styles of its own, which the browser would refuse."""
    if not text:
        return Markup()
    drawn = symbol.symbol(text).svg_inline(
        scale=_QR_SCALE, border=_QR_QUIET_MODULES, dark="#000", light="#fff"
    )
    return Markup(drawn)  # noqa: S704 - segno draws figures, and nothing of the text


def show_file(visit: Visit) -> Response:
    """The receipt with the service's signature, to keep."""
    return _answered(visit, _file)


def _file(visit: Visit, found: FoundRecord, shown: ShownReceipt, proof: ReceiptProof) -> Response:
    with visit.reading() as tx:
        content = receipt_proof.file(visit.services, tx, shown, found.record, proof)
    return _download(content, "application/json", "receipt.json")


def show_proof(visit: Visit) -> Response:
    """The proof alone, as other programs for transparency logs read it."""
    return _answered(visit, _proof)


def _proof(visit: Visit, found: FoundRecord, shown: ShownReceipt, proof: ReceiptProof) -> Response:
    if not proof.is_there:
        answer = visit.render("receipt_waiting.html", status=409, proof=proof)
        answer.headers["Retry-After"] = str(proof.wait_seconds)
        return answer
    return _download(proof.text.encode(), "text/plain; charset=utf-8", "receipt-proof.txt")


def _download(content: bytes, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)


PAGES = (
    Page(name="receipt", path="/r/{token}", scope=None, show=show),
    Page(name="receipt-file", path="/r/{token}/receipt.json", scope=None, show=show_file),
    Page(name="receipt-proof", path="/r/{token}/proof", scope=None, show=show_proof),
)
