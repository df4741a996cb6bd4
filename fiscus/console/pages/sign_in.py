"""Signing in with an API key or by an auditor's link, and signing out."""

import re
from urllib.parse import urlencode

from starlette.responses import Response

from fiscus.api import credentials
from fiscus.console import exports_facts, requests
from fiscus.console.pages.welcome import own_path
from fiscus.console.role_words import ROLES
from fiscus.console.visit import Form, Page, Visit
from fiscus.model.faults import Code, Missing, Trouble
from fiscus.registry import console_sessions, keys
from fiscus.registry.console_sessions import SESSION_LIFE

NO_KEY = Code(
    "CONSOLE-SIGN-01", "the API key is missing: paste it as it was shown when it was made"
)
NO_SECRET = Code(
    "CONSOLE-SIGN-02",
    "the secret is missing: it was shown once, when the key was made. An API key in one word "
    "(ofk_platform_…) needs none",
)

HOME = "/console"
_WORD = re.compile(r"[a-z_]*_(?P<key>[A-Za-z0-9_-]{34})(?P<secret>[A-Za-z0-9_-]{43})", re.ASCII)
_SECONDS = int(SESSION_LIFE.total_seconds())


def asked_first(visit: Visit) -> Response:
    """Whoever wants a page that needs a session signs in, and is led back to it."""
    back = visit.here + (f"?{visit.request.url.query}" if visit.request.url.query else "")
    return visit.redirect("/console/sign-in?" + urlencode({"back": back}))


def show(visit: Visit) -> Response:
    """Who is signed in already is told as whom, and may go on or sign out."""
    back = visit.query.get("back", "")
    if visit.session is not None:
        with visit.reading() as tx:
            name = exports_facts.name_of(tx, visit.session.organization, visit.session.subject)
        role = ROLES[visit.session.role]
        return visit.render("signed_in.html", name=name, role=role, on=own_path(back, HOME))
    return _form(visit, back=back)


def _form(
    visit: Visit,
    *,
    back: str,
    status: int = 200,
    key: str = "",
    trouble: Trouble | None = None,
    faults: dict[str, Code] | None = None,
) -> Response:
    return visit.render(
        "sign_in.html", status=status, key=key, back=back, trouble=trouble, faults=faults or {}
    )


def submit(visit: Visit, form: Form) -> Response:
    """A session for who proves an API key: key and secret, or both in one word."""
    back, typed = form.get("back", ""), form.get("key", "").strip()
    key, secret = typed, form.get("secret", "").strip()
    if word := _WORD.fullmatch(typed):
        key, secret = f"{visit.environment}_{word['key']}", word["secret"]
        typed = ""  # it holds the secret
    faults = {} if key else {"key": NO_KEY}
    if key and not secret:
        faults["secret"] = NO_SECRET
    if faults:
        return _form(visit, back=back, status=422, key=typed, faults=faults)
    try:
        token = _signed_in(visit, key, secret)
    except Trouble as trouble:
        status = 401 if isinstance(trouble, Missing) else 429
        return _form(visit, back=back, status=status, key=typed, trouble=trouble)
    return _with_session(visit, token, own_path(back, HOME))


def _signed_in(visit: Visit, key: str, secret: str) -> str:
    services = visit.services
    address = credentials.address(services, visit.request.scope)
    with visit.writing() as tx:
        caller = credentials.logged_in(services, tx, key, secret, address=address, at=visit.at)
        _, token = console_sessions.sign_in(
            tx,
            services.macs.credentials,
            keys.read(tx, caller.subject),
            caller.generation,
            id_=services.uuid4(),
            entropy=services.entropy,
            at=visit.at,
        )
    return token


def _with_session(visit: Visit, token: str, path: str) -> Response:
    answer = visit.redirect(path)
    requests.keep(answer, visit.services, visit.request, requests.SESSION, token, _SECONDS)
    return answer


def show_link(visit: Visit) -> Response:
    """What a link that waits would show; it is opened by a press of a button, so that a program
    that looks at addresses in a message does not use it up."""
    token = visit.path["token"]
    with visit.reading() as tx:
        console_sessions.waiting(tx, visit.services.macs.credentials, token, visit.at)
    return visit.render("link.html", token=token)


def open_link(visit: Visit, form: Form) -> Response:
    services = visit.services
    with visit.writing() as tx:
        _, token = console_sessions.open_link(
            tx,
            services.macs.credentials,
            visit.path["token"],
            entropy=services.entropy,
            at=visit.at,
        )
    return _with_session(visit, token, HOME)


def sign_out(visit: Visit, form: Form) -> Response:
    """Here, or everywhere where somebody is signed in with the same API key."""
    session = visit.session
    if session is not None:
        with visit.writing() as tx:
            if form.get("everywhere") and session.subject:
                console_sessions.end_everywhere(
                    tx, session.organization, session.subject, by=visit.by, at=visit.at
                )
            else:
                console_sessions.end(tx, session.id, by=visit.by, at=visit.at)
    answer = visit.redirect("/")
    requests.keep(answer, visit.services, visit.request, requests.SESSION, "", 0)
    return answer


PAGES = (
    Page(name="sign-in", path="/console/sign-in", scope=None, show=show, submit=submit),
    Page(name="link", path="/console/link/{token}", scope=None, show=show_link, submit=open_link),
    Page(name="sign-out", path="/console/sign-out", scope=None, submit=sign_out),
)
