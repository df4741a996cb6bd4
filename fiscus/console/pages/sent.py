"""The pages of requests: what a till sent, what it was answered, and why it was refused."""

from urllib.parse import urlencode

from starlette.responses import Response

from fiscus.console import sent_facts
from fiscus.console.visit import N_, Page, Visit
from fiscus.registry.roles import Scope

PATH = "/console/requests"

ADVICE = {
    "Refused": N_(
        "Change the request, and send it with another idempotency key. Nothing was written."
    ),
    "Conflict": N_("Look again, then decide: something else stands in the way."),
    "Missing": N_("There is no such thing, or this key may not see it."),
    "Corrupt": N_("Stop and call a person: what is stored contradicts itself."),
}


def show(visit: Visit) -> Response:
    """A search, and what was refused lately."""
    asked = visit.query.get("q", "").strip()
    vault = visit.services.vault
    with visit.reading() as tx:
        found = None
        if asked:
            found = sent_facts.search(tx, vault, visit.organization, asked, visit.registers)
        window = sent_facts.refused(
            tx, visit.organization, visit.registers, before=visit.query.get("before", "")
        )
        recent = sent_facts.recent(tx, vault, visit.organization, visit.at)
    return visit.render(
        "sent.html",
        asked=asked,
        found=found,
        refused=window.found,
        recent=() if visit.registers else recent,
        advice=ADVICE,
        older=_further(PATH, window.before),
    )


def _further(path: str, before: str) -> str:
    return f"{path}?{urlencode({'before': before})}" if before else ""


def show_open(visit: Visit) -> Response:
    """Intentions that nobody concluded."""
    path = f"{PATH}/open"
    with visit.reading() as tx:
        window = sent_facts.unended(
            tx, visit.organization, visit.registers, before=visit.query.get("before", "")
        )
    return visit.render("sent_open.html", found=window.found, older=_further(path, window.before))


PAGES = (
    Page(name="sent", path=PATH, scope=Scope.REGISTRY, show=show, tab=N_("Requests")),
    Page(name="sent_open", path=f"{PATH}/open", scope=Scope.REGISTRY, show=show_open),
)
