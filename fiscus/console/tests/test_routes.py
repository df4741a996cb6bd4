"""What happens to every request for a page."""

import pytest

from fiscus.console import answers, rendering, routes
from fiscus.console.tests.conftest import Browser
from fiscus.registry.roles import Role


def test_pages_have_names_and_addresses_of_their_own() -> None:
    names = [page.name for page in routes.PAGES]
    paths = [page.path for page in routes.PAGES]

    assert len(set(names)) == len(names)
    assert len(set(paths)) == len(paths)


def test_every_answer_guards_itself(console: Browser) -> None:
    for path in ("/", "/console/units", "/console/nowhere", "/console/static/x/none.js"):
        headers = console.get(path).headers
        for name, value in answers.HEADERS.items():
            assert headers[name] == value, (path, name)
        assert headers["cache-control"] == "no-store", path


def test_files_are_kept_for_ever_under_their_present_address(stranger: Browser) -> None:
    newest = stranger.get(rendering.static("style.css"))
    older = stranger.get("/console/static/0000000000000000/style.css")

    assert (newest.status_code, older.status_code) == (200, 200)
    assert newest.headers["content-type"] == "text/css; charset=utf-8"
    assert newest.headers["cache-control"] == answers.FOR_EVER
    assert older.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/console/static/x/../visit.py", "/console/static/x/%2e%2e/a"])
def test_only_our_own_files_are_given_away(stranger: Browser, path: str) -> None:
    assert stranger.get(path).status_code == 404


def test_every_role_has_somewhere_to_begin(stranger: Browser) -> None:
    connector = stranger.as_(Role.CONNECTOR)

    assert connector.get("/console/units").status_code == 200
    assert connector.get("/console").status_code == 303


def test_another_method_than_its_own_is_answered_by_a_page_too(console: Browser) -> None:
    assert console.get("/console/sign-out").status_code == 405
    assert console.premises.http.put("/console/units").status_code == 405


def test_a_person_at_an_address_that_is_none_reads_a_page_and_a_program_does_not(
    stranger: Browser,
) -> None:
    page = stranger.get("/nothing", headers={"accept": "text/html,application/xml;q=0.9"})
    program = stranger.get("/nothing", headers={"accept": "application/json"})

    assert (page.status_code, program.status_code) == (404, 404)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "there is no such page" in page.text
    assert program.headers["content-type"].startswith("application/json")


@pytest.mark.parametrize("path", ["/health", "/metrics", "/docs", "/openapi.json"])
def test_what_is_there_is_the_same_for_a_browser(stranger: Browser, path: str) -> None:
    browser = stranger.get(path, headers={"accept": "text/html,application/xml;q=0.9"})
    program = stranger.get(path)

    assert browser.status_code == program.status_code == 200
    assert browser.headers["content-type"] == program.headers["content-type"]
