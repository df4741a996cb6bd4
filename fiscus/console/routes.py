"""All pages, and what happens to each request for one: rate, session, right, form, page, answer."""

import inspect
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Receive, Send
from starlette.types import Scope as Called

from fiscus.api import credentials
from fiscus.console import answers, languages, refusing, rendering, requests
from fiscus.console.pages import (
    board,
    check,
    document,
    documents,
    explain,
    exports,
    home,
    jobs,
    keys,
    proof,
    receipt,
    register_acts,
    registers,
    sent,
    sessions,
    sign_in,
    today,
    welcome,
)
from fiscus.console.visit import Page, Visit
from fiscus.console.visitors import expect_right, visitor
from fiscus.model.faults import Code, Conflict, Corrupt, Missing, Refused, Trouble, Unavailable
from fiscus.registry.roles import Scope
from fiscus.services import Services

BROKEN = Code(
    "CONSOLE-PAGE-03",
    "this page failed, and the reason is in the log of the service: tell its operator the time",
)
TOO_MANY = Code("CONSOLE-PAGE-04", "too many requests from here: wait a moment")
OTHER_METHOD = Code(
    "CONSOLE-PAGE-05",
    "this address is not opened like this: go to the page, and use what stands on it",
)

PAGES: tuple[Page, ...] = (
    *welcome.PAGES,
    *sign_in.PAGES,
    *home.PAGES,
    *today.PAGES,
    *documents.PAGES,
    *document.PAGES,
    *explain.PAGES,
    *exports.PAGES,
    *jobs.PAGES,
    *registers.PAGES,
    *register_acts.PAGES,
    *board.PAGES,
    *proof.PAGES,
    *keys.PAGES,
    *receipt.PAGES,
    *check.PAGES,
    *sent.PAGES,
    *sessions.PAGES,
)
"""Every page but the first of who is signed in; the tabs stand in this order."""

STATUS: tuple[tuple[type[Trouble], int], ...] = (
    (Refused, 422),
    (Conflict, 409),
    (Missing, 404),
    (Unavailable, 503),
    (Corrupt, 500),
)

_log = structlog.get_logger("console")


def served(services: Services) -> list[Route]:
    """Routes of all pages and of their files."""
    return [
        *(Route(page.path, _Endpoint(services, page), name=page.name) for page in PAGES),
        Route("/console", _Endpoint(services, HOME)),
        Route("/console/static/{digest}/{file:path}", _file),
        Route("/console/{path:path}", _Endpoint(services, NOWHERE)),
    ]


def nowhere(services: Services) -> Route:
    """A page for a person at an address that nothing else answers: it stands behind all routes."""
    return _BrowserRoute("/{path:path}", _Endpoint(services, NOWHERE))


class _BrowserRoute(Route):
    """What nothing answers, for a person: programs ask for no page, and are answered by an API."""

    def matches(self, scope: Called) -> tuple[Match, Called]:
        if scope["type"] != "http" or scope["method"] != "GET" or not _wants_page(scope):
            return Match.NONE, {}
        return super().matches(scope)


def _wants_page(scope: Called) -> bool:
    """Whether a page is what the sender accepts first, as browsers do for an address."""
    return Request(scope).headers.get("accept", "").lstrip().startswith("text/html")


def methods(page: Page) -> tuple[str, ...]:
    """The methods that a page answers."""
    shown = ("GET", "HEAD") if page.show else ()
    return (*shown, *(("POST",) if page.submit or page.take else ()))


def _home(visit: Visit) -> Response:
    """The first tab that the visitor may see."""
    return visit.redirect(visit.tabs[0].path if visit.tabs else "/console/units")


HOME = Page(name="home", path="/console", scope=Scope.OWN, show=_home)


def _tabs(visit: Visit) -> tuple[Page, ...]:
    return tuple(
        page for page in PAGES if page.tab and (page.scope is None or visit.may(page.scope))
    )


def _nowhere(visit: Visit) -> Response:
    visit.missing()


NOWHERE = Page(name="nowhere", path="/console/{path:path}", scope=None, show=_nowhere)
"""What is below our address and is no page."""


async def _file(request: Request) -> Response:
    name = request.path_params["file"]
    content = rendering.files().get(name)
    if content is None:
        return answers.guarded(Response(status_code=404))
    is_newest = request.path_params["digest"] == rendering.digest()
    kind = rendering.TYPES[PurePosixPath(name).suffix]
    cache = answers.FOR_EVER if is_newest else answers.PRIVATE
    return answers.guarded(Response(content, media_type=kind), cache=cache)


class _Endpoint:
    """Answers the requests for one page."""

    def __init__(self, services: Services, page: Page) -> None:
        self._services = services
        self._page = page

    async def __call__(self, scope: Called, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response = answers.guarded(await self._answer(request))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        visit = _stranger(self._services, request)
        try:
            who = credentials.stranger(self._services, request.scope)
            credentials.admit(self._services, request.scope, who, TOO_MANY)
            requests.expect_texts(visit.query)
            visit = await visitor(visit)
            visit = replace(visit, tabs=_tabs(visit))
            return await self._page_of(visit)
        except Trouble as trouble:
            return refusing.answered(visit, self._page, trouble) or _trouble(visit, trouble)
        except Exception:
            _log.exception("a page failed", page=self._page.name)
            return _shown(visit, 500, Corrupt(BROKEN))

    async def _page_of(self, visit: Visit) -> Response:
        page = self._page
        if visit.request.method not in methods(page):
            return _of_another_method(visit, page)
        if page.scope is not None and visit.session is None:
            return sign_in.asked_first(visit)
        if page.scope is not None:
            expect_right(visit, page.scope)
        if visit.request.method != "POST":
            assert page.show is not None, "a route without a page"
            return await self._services.in_thread(page.show, visit)
        return await self._submitted(visit)

    async def _submitted(self, visit: Visit) -> Response:
        if visit.is_read_only and self._page.scope is not None:
            raise Conflict(refusing.READ_ONLY)
        if self._page.take is not None:
            return await self._page.take(visit)
        assert self._page.submit is not None, "a route without a form"
        fields = await requests.form(visit.request)
        requests.expect_own(visit.request, fields, visit.csrf)
        if inspect.iscoroutinefunction(self._page.submit):
            answer: Response = await self._page.submit(visit, fields)
            return answer
        done = await self._services.in_thread(self._page.submit, visit, fields)
        assert isinstance(done, Response)
        return done


def _stranger(services: Services, request: Request) -> Visit:
    said = requests.cookie(request, requests.LANGUAGE)
    return Visit(
        services=services,
        request=request,
        at=services.clock(),
        language=languages.chosen(said, request.headers.get("accept-language", "")),
        path=_parts(request.path_params),
        query=dict(request.query_params),
    )


def _parts(values: Mapping[str, object]) -> dict[str, str]:
    """The named parts of an address. NUL, which no database takes, becomes the replacement
    character: nothing of ours has it in its name, so the address leads nowhere."""
    return {
        name: str(value).replace(requests.NUL, "\N{REPLACEMENT CHARACTER}")
        for name, value in values.items()
    }


def _trouble(visit: Visit, trouble: Trouble) -> Response:
    status = next(number for kind, number in STATUS if isinstance(trouble, kind))
    if trouble.code.id == TOO_MANY.id:
        status = 429
    if status == 500:
        _log.error("a page found what contradicts itself", trouble=str(trouble))
    return _shown(visit, status, trouble)


def _of_another_method(visit: Visit, page: Page) -> Response:
    response = _shown(visit, 405, Conflict(OTHER_METHOD))
    response.headers["Allow"] = ", ".join(methods(page))
    return response


def _shown(visit: Visit, status: int, trouble: Trouble) -> Response:
    response = visit.render("trouble.html", status=status, trouble=trouble)
    if isinstance(trouble, Unavailable):
        response.headers["Retry-After"] = credentials.retry_seconds(trouble)
    return response
