"""Signing in, out, and by a link."""

from datetime import date

import pytest

from fiscus.console.tests.conftest import Browser
from fiscus.registry import keys
from fiscus.registry.roles import Role
from fiscus.registry.views import KeyState
from fiscus.store.connect import reading, writing

MONDAY = date(2026, 11, 16)


def test_a_stranger_is_asked_to_sign_in_and_led_back(stranger: Browser) -> None:
    asked = stranger.get("/console/units?below=x")

    assert asked.status_code == 303
    assert asked.headers["location"] == "/console/sign-in?back=%2Fconsole%2Funits%3Fbelow%3Dx"


def test_all_that_is_missing_is_said_at_once_and_what_was_typed_stays(stranger: Browser) -> None:
    nothing = stranger.post("/console/sign-in", {"key": "", "secret": ""})
    half = stranger.post("/console/sign-in", {"key": "test_abc", "secret": ""})

    assert (nothing.status_code, half.status_code) == (422, 422)
    assert "the API key is missing" in nothing.text
    assert 'value="test_abc"' in half.text
    assert "the secret is missing" in half.text


def test_a_wrong_secret_opens_nothing(stranger: Browser) -> None:
    wrong = stranger.post("/console/sign-in", {"key": "test_abc", "secret": "x" * 43})

    assert wrong.status_code == 401
    assert "REGISTRY-KEY-03" in wrong.text
    assert "fiscus_session" not in stranger.cookies


def test_key_and_secret_in_one_word(stranger: Browser) -> None:
    first = stranger.premises.first

    answer = stranger.post("/console/sign-in", {"key": first.api_key})

    assert (answer.status_code, answer.headers["location"]) == (303, "/console")
    assert stranger.get("/console/units").status_code == 200


def test_nobody_is_led_to_another_site(stranger: Browser) -> None:
    first = stranger.premises.first
    for back in ("https://evil.example", "//evil.example", "/\\evil.example", "evil"):
        answer = stranger.stranger().post("/console/sign-in", {"key": first.api_key, "back": back})
        assert answer.headers["location"] == "/console", back


def test_a_disabled_key_ends_the_session(console: Browser) -> None:
    assert console.get("/console/units").status_code == 200
    services = console.premises.services
    with reading(services.engine) as tx:
        [manager] = [
            one for one in keys.all_(tx) if one.role is Role.MANAGER and "manager-" in one.name
        ]
    with writing(services.engine) as tx:
        keys.update(tx, manager.id, by="operator", at=services.clock(), state=KeyState.DISABLED)
    services.subjects.forget(manager.id)

    assert console.get("/console/units").status_code == 303


def test_sessions_end_after_twelve_hours(console: Browser) -> None:
    console.premises.clock.move(hours=11, minutes=59)
    assert console.get("/console/units").status_code == 200
    console.premises.clock.move(minutes=1)
    assert console.get("/console/units").status_code == 303


def test_signing_out_ends_the_session_for_whoever_holds_the_cookie(console: Browser) -> None:
    thief = console.stranger()
    thief.cookies.update(console.cookies)

    console.post("/console/sign-out")

    assert thief.get("/console/units").status_code == 303


def test_signing_out_everywhere(stranger: Browser) -> None:
    here, there = stranger, stranger.stranger()
    for one in (here, there):
        one.post("/console/sign-in", {"key": stranger.premises.first.api_key})

    here.post("/console/sign-out", {"everywhere": "yes"})

    assert there.get("/console/units").status_code == 303
    here.premises.assert_proved()


def test_a_form_without_the_token_of_the_session_does_nothing(console: Browser) -> None:
    forged = console.post("/console/sign-out", {"csrf": "0" * 64})
    foreign = console.post("/console/sign-out", headers={"sec-fetch-site": "cross-site"})
    other = console.post("/console/sign-out", headers={"origin": "https://evil.example"})

    assert [one.status_code for one in (forged, foreign, other)] == [422, 422, 422]
    assert console.get("/console/units").status_code == 200


def test_a_link_opens_once(console: Browser) -> None:
    auditor = console.by_link(MONDAY, MONDAY)

    page = auditor.get("/console/units")

    assert page.status_code == 200
    assert "changes nothing" in page.text
    again = console.stranger()
    token = auditor.cookies["fiscus_session"].partition(".")[0] + "." + "x" * 43
    for ask in (again.post, again.get):
        used, forged = ask(f"/console/link/{token}"), ask("/console/link/nonsense")
        assert (used.status_code, "REGISTRY-CONSOLE-04" in used.text) == (410, True)
        assert (forged.status_code, "REGISTRY-CONSOLE-03" in forged.text) == (403, True)
        assert "This link does not open" in used.text
    console.premises.assert_proved()


def test_who_came_by_a_link_changes_nothing(console: Browser) -> None:
    auditor = console.by_link(MONDAY, MONDAY)

    refused = auditor.post("/console/units", {"organization": auditor.organization})

    assert refused.status_code == 403
    assert "CONSOLE-PAGE-02" in refused.text
    assert "auditor (by a link that only shows)" in refused.text


def test_a_page_that_a_role_may_not_see_names_the_role_and_those_that_may(
    console: Browser,
) -> None:
    refused = console.as_(Role.TILL).get("/console/exports")

    assert refused.status_code == 403
    assert "CONSOLE-RIGHT-01" in refused.text
    assert "<dd>till</dd>" in refused.text
    assert "<dd>owner, manager, auditor</dd>" in refused.text


def test_who_is_signed_in_already_is_told_as_whom(console: Browser) -> None:
    page = console.get("/console/sign-in?back=/console/units")

    assert page.status_code == 200
    assert "You are signed in already" in page.text
    assert "manager-" in page.text
    assert "<dd>manager</dd>" in page.text
    assert 'href="/console/units">Go on' in page.text
    assert page.text.count('action="/console/sign-out"') == 2
    link = console.by_link(MONDAY, MONDAY).get("/console/sign-in")
    assert "<dd>a link</dd>" in link.text


@pytest.mark.parametrize("path", ["/console/nowhere", "/console/link"])
def test_what_is_not_there_says_so(console: Browser, path: str) -> None:
    page = console.get(path)

    assert page.status_code == 404
    assert "CONSOLE-PAGE-01" in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'self'")
