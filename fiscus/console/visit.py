"""What a page is, and what it gets: a visit, with everything that it may ask and say."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NoReturn

from markupsafe import Markup
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from fiscus.console import languages, reasons, rendering, requests
from fiscus.console.languages import N_ as N_
from fiscus.console.languages import Counted
from fiscus.console.reasons import OutageReason
from fiscus.model.faults import Code, Missing
from fiscus.registry import roles
from fiscus.registry.console_sessions import SESSION_LIFE, ConsoleSession
from fiscus.registry.roles import Role, Scope
from fiscus.services import Services
from fiscus.store.connect import reading, writing

NOT_THERE = Code("CONSOLE-PAGE-01", "there is no such page, or you may not see it")

Form = Mapping[str, str]
"""What was typed, by the names of the fields."""


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request for a page, by a person whose session has been proved, or by a stranger.

    `at` is the instant (UTC) of the request. `organization` is the one whose data is shown, empty
    for a stranger; `timezone` (IANA) the one of its first location, in which times are shown;
    `registers` those that the key of a till is limited to, none: no limit.
    """

    services: Services
    request: Request
    at: datetime
    language: str
    session: ConsoleSession | None = None
    registers: tuple[str, ...] = ()
    organization: str = ""
    organization_name: str = ""
    timezone: str = "UTC"
    csrf: str = ""
    tabs: tuple["Page", ...] = ()
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def role(self) -> Role | None:
        return self.session.role if self.session else None

    @property
    def first(self) -> date | None:
        """The first day that an auditor's link shows."""
        return self.session.first_day if self.session else None

    @property
    def last(self) -> date | None:
        """The last day that an auditor's link shows."""
        return self.session.last_day if self.session else None

    @property
    def is_read_only(self) -> bool:
        return self.session is not None and self.session.is_read_only

    @property
    def by(self) -> str:
        """Who did what is done here, as the journal names it."""
        assert self.session is not None, "only those who are signed in do something"
        return self.session.by

    @property
    def environment(self) -> str:
        return self.services.settings.environment.value

    @property
    def here(self) -> str:
        """The page's own path."""
        return str(self.request.url.path)

    def may(self, scope: Scope) -> bool:
        return self.session is not None and roles.may(self.session.role, scope)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with reading(self.services.engine) as tx:
            yield tx

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with writing(self.services.engine) as tx:
            yield tx

    def text(self, message: str, **values: object) -> str:
        """An English sentence in the visitor's language."""
        said = languages.translations(self.language).gettext(message)
        return said % values if values else said

    def texts(self, said: Mapping[str, str | Counted]) -> dict[str, Any]:
        """Sentences for a script, by their keys. One that holds a number is given for one thing
        and for more: the script chooses by `count`."""
        return {key: self._for_script(one) for key, one in said.items()}

    def _for_script(self, said: str | Counted) -> Any:
        if isinstance(said, str):
            return self.text(said)
        counted = languages.translations(self.language).ngettext
        return {"one": counted(*said, 1), "other": counted(*said, 2)}

    def reason(self, text: str) -> Markup:
        """What came from a signer, an authority's program or the machine, in English."""
        return reasons.reason(self.language, text)

    def outage(self, text: str) -> OutageReason:
        """Why a device did not sign, and the technical text apart."""
        return reasons.outage(self.language, text)

    def language_of(self, country: str) -> str:
        """In which the law of a country is probably written."""
        return languages.of_country(country)

    def render(self, template: str, *, status: int = 200, **values: Any) -> Response:
        html = rendering.page(self.language, template, visit=self, **values)
        return HTMLResponse(html, status)

    def redirect(self, path: str) -> Response:
        return RedirectResponse(path, 303)

    def looking_at(self, organization: str, path: str) -> Response:
        """Go on to a page, and look at that organization's data from now on."""
        answer = self.redirect(path)
        requests.keep(
            answer,
            self.services,
            self.request,
            requests.UNIT,
            organization,
            int(SESSION_LIFE.total_seconds()),
        )
        return answer

    def missing(self) -> NoReturn:
        raise Missing(NOT_THERE)


Show = Callable[[Visit], Response]
Submit = Callable[[Visit, Form], Response | Awaitable[Response]]
Take = Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page, or a form of one.

    - `name`: unique; `path`: as Starlette writes it, such as `/console/documents/{id}`;
    - `scope`: the right that a visitor needs; None: everybody may come, signed in or not;
    - `show` answers GET, in a thread;
    - `submit` answers POST, in a thread or as a coroutine, after the form's own token was checked;
      who came by a link is refused before;
    - `take` answers POST instead of `submit`, as a coroutine that reads the body by itself: a file
      that is larger than a form. It judges the form's token, too;
    - `tab`: its name among the tabs, marked with `N_`; none: it is no tab.
    """

    name: str
    path: str
    scope: Scope | None
    show: Show | None = None
    submit: Submit | None = None
    take: Take | None = None
    tab: str = ""
