"""Who is signed in to the console, and the links that were made for auditors: looked at, ended,
made."""

from collections.abc import Sequence
from datetime import date
from urllib.parse import urlencode

from starlette.responses import Response

from fiscus.console import fields, keys_facts
from fiscus.console.fields import FieldFault
from fiscus.console.pages.keys import chosen, own
from fiscus.console.role_words import ROLES
from fiscus.console.visit import N_, Form, Page, Visit
from fiscus.model.faults import Conflict
from fiscus.registry import console_sessions, organizations
from fiscus.registry.console_sessions import LinkWanted, SignInState
from fiscus.registry.roles import Scope

PATH = "/console/sessions"

STATES = {
    SignInState.WAITING: N_("waits to be opened"),
    SignInState.OPEN: N_("signed in"),
    SignInState.EXPIRED: N_("expired"),
    SignInState.ENDED: N_("ended"),
}


def show(visit: Visit) -> Response:
    """The sign-ins and links of an organization, the newest first."""
    return _shown(visit, chosen(visit), {}, ())


def _shown(visit: Visit, organization: str, said: Form, faults: Sequence[FieldFault]) -> Response:
    root, _ = own(visit)
    assert visit.session is not None, "strangers were asked to sign in"
    with visit.reading() as tx:
        one = organizations.visible(tx, root, organization)
        found, more = keys_facts.sessions_of(
            tx, one.id, visit.session, before=visit.query.get("before", ""), at=visit.at
        )
    here = urlencode({"organization": one.id, "before": more})
    return visit.render(
        "sessions.html",
        status=422 if faults else 200,
        one=one,
        is_unit=one.type == organizations.UNIT,
        found=found,
        states=STATES,
        role_names=ROLES,
        said={name: said.get(name, "") for name in ("first", "last")},
        wrong={fault.field: fault for fault in reversed(faults)},
        older=f"{PATH}?{here}" if more else "",
    )


def end(visit: Visit, form: Form) -> Response:
    """Sign somebody out, here or everywhere, or take a link back."""
    root, role = own(visit)
    with visit.writing() as tx:
        session = keys_facts.session_to_end(tx, root, form.get("session", ""), role)
        if form.get("everywhere") and session.subject:
            console_sessions.end_everywhere(
                tx, session.organization, session.subject, by=visit.by, at=visit.at
            )
        else:
            console_sessions.end(tx, session.id, by=visit.by, at=visit.at)
    return visit.redirect(f"{PATH}?{urlencode({'organization': session.organization})}")


def make_link(visit: Visit, form: Form) -> Response:
    """A link for an auditor, which is shown on the answer to this form and never again."""
    root, _ = own(visit)
    days, faults = fields.days(
        form.get("first", "").strip(), form.get("last", "").strip(), console_sessions.BAD_DAYS.id
    )
    with visit.reading() as tx:
        one = organizations.visible(tx, root, form.get("organization", ""))
    if one.type != organizations.UNIT:
        raise Conflict(keys_facts.NOT_A_UNIT)
    if days is None:
        return _shown(visit, one.id, form, faults)
    return _made(visit, one.id, *days)


def _made(visit: Visit, organization: str, first: date, last: date) -> Response:
    services = visit.services
    with visit.writing() as tx:
        link, token = console_sessions.make_link(
            tx,
            services.macs.credentials,
            LinkWanted(organization=organization, first_day=first, last_day=last),
            id_=services.uuid4(),
            entropy=services.entropy,
            by=visit.by,
            at=visit.at,
        )
    return visit.render(
        "link_made.html", link=link, address=f"{_address(visit)}/console/link/{token}"
    )


def _address(visit: Visit) -> str:
    """What the link begins with: the address that the visitor came to, unless one is set."""
    return visit.services.settings.public_url or str(visit.request.base_url).rstrip("/")


PAGES = (
    Page(name="sessions", path=PATH, scope=Scope.KEYS, show=show),
    Page(name="session_end", path=f"{PATH}/end", scope=Scope.KEYS, submit=end),
    Page(name="links", path=f"{PATH}/links", scope=Scope.KEYS, submit=make_link),
)
