"""The welcome page, and the choice of a language."""

from fiscus.console.pages.welcome import own_path
from fiscus.console.tests.conftest import Browser


def test_the_welcome_page_says_what_this_is_in_the_visitors_language(stranger: Browser) -> None:
    stranger.language = "de-DE,de;q=0.9"

    page = stranger.get("/")

    assert page.status_code == 200
    assert '<html lang="de">' in page.text
    assert "Jeder Verkauf" in page.text
    assert "<strong>TEST</strong>" in page.text


def test_a_chosen_language_stays(stranger: Browser) -> None:
    answer = stranger.post("/console/language", {"language": "pt", "back": "/console/sign-in"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/console/sign-in")
    assert '<html lang="pt">' in stranger.get("/console/sign-in").text


def test_a_language_that_we_do_not_have_changes_nothing(stranger: Browser) -> None:
    stranger.post("/console/language", {"language": "../x", "back": "/"})

    assert '<html lang="en">' in stranger.get("/").text


def test_paths_of_our_own_pages_only() -> None:
    assert own_path("/console/documents?a=b") == "/console/documents?a=b"
    for foreign in ("https://x.example", "//x.example", "/\\x.example", "x", "", "/a\nb"):
        assert own_path(foreign) == "/"
