"""Whose visit it is, and what it may do."""

import asyncio
from datetime import date

import httpx
from starlette.requests import Request

from fiscus.console.tests.conftest import Browser
from fiscus.console.visit import Visit
from fiscus.console.visitors import visitor
from fiscus.registry.roles import Role, Scope

DAYS = (date(2026, 11, 1), date(2026, 11, 30))


def visit_of(browser: Browser) -> Visit:
    """As its next request would be judged."""
    request = httpx.Request("GET", "http://fiscus/console")
    browser.cookies.set_cookie_header(request)
    raw = [(b"cookie", request.headers.get("cookie", "").encode())]
    scope = {"type": "http", "method": "GET", "path": "/console", "headers": raw}
    services = browser.premises.services
    begun = Visit(services=services, request=Request(scope), at=services.clock(), language="en")
    return asyncio.run(visitor(begun))


def test_a_manager_sees_the_own_unit_and_may_act(console: Browser) -> None:
    visit = visit_of(console)

    assert (visit.organization, visit.role) == (console.organization, Role.MANAGER)
    assert visit.may(Scope.REGISTRY)
    assert not visit.may(Scope.ORGANIZATIONS)
    assert not visit.is_read_only
    assert visit.session is not None
    assert visit.by == visit.session.subject


def test_who_came_by_a_link_sees_some_days(console: Browser) -> None:
    visit = visit_of(console.by_link(*DAYS))

    assert (visit.first, visit.last) == DAYS
    assert visit.is_read_only
    assert visit.may(Scope.DOCUMENTS)
    assert not visit.may(Scope.SELL)
    assert visit.session is not None
    assert visit.by == f"console link {visit.session.id}"


def test_a_stranger_sees_nothing(stranger: Browser) -> None:
    visit = visit_of(stranger)

    assert (visit.session, visit.organization, visit.csrf) == (None, "", "")
    assert not visit.may(Scope.OWN)
    assert (visit.first, visit.last, visit.role) == (None, None, None)
