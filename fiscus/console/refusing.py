"""Answers to who may not: the page says which role was seen, and who may instead."""

from starlette.responses import Response

from fiscus.console.role_words import ROLES
from fiscus.console.visit import Page, Visit
from fiscus.console.visitors import NO_RIGHT, able
from fiscus.model.faults import Code, Trouble
from fiscus.registry import console_sessions, roles

READ_ONLY = Code(
    "CONSOLE-PAGE-02",
    "you came by a link that only shows: what this form does needs somebody who is signed in",
)
NO_OPERATOR = Code(
    "CONSOLE-RIGHT-02",
    "only who runs this installation may do this: an owner of the organization that was made first",
)

FORBIDDEN = {NO_RIGHT.id, READ_ONLY.id, NO_OPERATOR.id, roles.MORE_THAN_OWN.id}
"""Codes of what the visitor's role does not allow: 403."""

LINKS = {
    console_sessions.LINK_FORGED.id: 403,
    console_sessions.LINK_USED.id: 410,
    console_sessions.LINK_EXPIRED.id: 410,
    console_sessions.LINK_STOPPED.id: 410,
}
"""Codes of links that open nothing, and how each is answered."""


def answered(visit: Visit, page: Page, trouble: Trouble) -> Response | None:
    """The answer to a visitor who may not, or whose link opens nothing; None for other troubles."""
    if status := LINKS.get(trouble.code.id):
        return visit.render("link_shut.html", status=status, trouble=trouble)
    if trouble.code.id not in FORBIDDEN or visit.session is None:
        return None
    is_by_role = page.scope is not None and trouble.code.id in {NO_RIGHT.id, READ_ONLY.id}
    return visit.render(
        "forbidden.html",
        status=403,
        trouble=trouble,
        role=ROLES[visit.session.role],
        able=[ROLES[one] for one in able(page.scope)] if is_by_role and page.scope else [],
    )
