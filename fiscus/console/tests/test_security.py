"""What no page may do, whoever asks and whatever is sent."""

from datetime import date, timedelta
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import text

from fiscus.access.limits import FAILURES_MAX
from fiscus.console import requests
from fiscus.console.routes import HOME, NOWHERE, PAGES, methods
from fiscus.console.tests.conftest import Browser
from fiscus.console.visit import Page
from fiscus.registry import console_sessions
from fiscus.registry.console_sessions import LINK_DAYS, SESSION_LIFE, LinkWanted
from fiscus.registry.roles import Role
from fiscus.store.connect import writing
from tests.support.keyring import a_key, soon
from tests.support.till import Till

MONDAY = date(2026, 11, 16)
NOBODY = "nobody"

ELSEWHERE = (
    "https://evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\r\nLocation: https://evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    " //evil.example",
    "evil.example",
)

RUBBISH = (
    "",
    ".",
    "a.b",
    "..",
    "x" * 5000,
    "'; DROP TABLE console_session; --.x",
    '"\\000.x"',
    "{}",
    "%00.%00",
    "é.ü".encode().decode("latin-1"),
)

every_page = pytest.mark.parametrize("page", [*PAGES, HOME, NOWHERE], ids=lambda page: page.name)
every_form = pytest.mark.parametrize(
    "page", [page for page in PAGES if page.submit], ids=lambda page: page.name
)


def path(page: Page) -> str:
    """An address of the page; whatever it asks for is not there."""
    head, _, rest = page.path.partition("{")
    return head + NOBODY + rest.partition("}")[2] if rest else head


@pytest.fixture
def owner(stranger: Browser) -> Browser:
    """Whoever may send every form."""
    return stranger.as_(Role.OWNER)


@pytest.fixture
def token(console: Browser) -> str:
    """Of a link that nobody has opened."""
    services = console.premises.services
    wanted = LinkWanted(organization=console.organization, first_day=MONDAY, last_day=MONDAY)
    with writing(services.engine) as tx:
        _, token = console_sessions.make_link(
            tx,
            services.macs.credentials,
            wanted,
            id_=services.uuid4(),
            entropy=services.entropy,
            by="operator",
            at=services.clock(),
        )
    return token


def expect_guarded(answer: httpx.Response) -> None:
    """The headers that keep a page from being framed, sniffed, kept, or from telling where
    somebody came from."""
    policy = dict(
        part.strip().partition(" ")[::2]
        for part in answer.headers["content-security-policy"].split(";")
    )
    assert policy == {
        "default-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "object-src": "'none'",
    }
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"
    assert "noindex" in answer.headers["x-robots-tag"]
    assert "server" not in answer.headers
    assert "access-control-allow-origin" not in answer.headers


@every_page
def test_every_answer_of_every_page_is_guarded(console: Browser, page: Page) -> None:
    for browser in (console, console.stranger()):
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
            answer = browser._sent(method, path(page), {})
            expect_guarded(answer)
            assert answer.status_code < 500, (method, answer.text)
            if method not in methods(page):
                assert answer.status_code == 405
                assert answer.headers["allow"] == ", ".join(methods(page))


def test_files_of_pages_are_kept_and_no_others_are_served(stranger: Browser) -> None:
    style = next(
        part.partition('"')[0]
        for part in stranger.get("/").text.split('href="')
        if "style.css" in part.partition('"')[0]
    )
    served = stranger.get(style)
    assert served.status_code == 200
    assert served.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in served.headers["cache-control"]
    assert served.headers["x-content-type-options"] == "nosniff"

    folder = style.rpartition("/")[0]
    for name in ("../routes.py", "..%2froutes.py", "%2e%2e/routes.py", "/etc/passwd", "", "."):
        answer = stranger.get(f"{folder}/{name}")
        assert answer.status_code == 404, name
    old = stranger.get(style.replace(folder.rpartition("/")[2], "0" * 12))
    assert old.headers["cache-control"] == "no-store"


def test_a_session_is_kept_where_no_script_and_no_other_site_reaches_it(
    stranger: Browser, token: str
) -> None:
    said = stranger.stranger().post("/console/sign-in", {"key": stranger.premises.first.api_key})
    by_link = stranger.stranger().post(f"/console/link/{token}")

    for answer in (said, by_link):
        [cookie] = answer.headers.get_list("set-cookie")
        parts = [part.strip().lower() for part in cookie.split(";")]
        assert parts[0].startswith("fiscus_session=")
        assert {"httponly", "samesite=strict", "path=/"} <= set(parts)
        assert f"max-age={int(SESSION_LIFE.total_seconds())}" in parts
        assert "secure" not in parts
        assert not any(part.startswith("domain") for part in parts)


def test_over_tls_a_session_travels_by_tls_only(stranger: Browser) -> None:
    answer = stranger.post(
        "https://fiscus/console/sign-in", {"key": stranger.premises.first.api_key}
    )

    assert "; Secure" in answer.headers["set-cookie"]


@every_form
def test_a_form_is_taken_from_our_own_pages_only(owner: Browser, page: Page) -> None:
    other = owner.as_(Role.OWNER)
    for name, forged in {
        "no token": {"csrf": ""},
        "made up": {"csrf": "0" * 64},
        "of another session": {"csrf": other.token()},
        "not ASCII": {"csrf": "é" * 64},
    }.items():
        answer = owner.post(path(page), forged)
        assert (answer.status_code, "CONSOLE-FORM-02" in answer.text) == (422, True), name
    left_out = owner._sent("POST", path(page), {}, {"x": "1"})
    assert "CONSOLE-FORM-02" in left_out.text


@every_form
@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "http://fiscus.evil.example"},
    ],
    ids=str,
)
def test_another_site_sends_no_form_of_ours(
    owner: Browser, page: Page, headers: dict[str, str]
) -> None:
    for browser in (owner, owner.stranger()):
        answer = browser.post(path(page), headers=headers)
        is_asked = answer.status_code == 303 and "/console/sign-in" in answer.headers["location"]
        assert is_asked or "CONSOLE-FORM-02" in answer.text


@every_form
def test_what_is_no_form_is_refused_and_breaks_nothing(owner: Browser, page: Page) -> None:
    csrf = owner.token()
    send = owner.premises.http
    form = {"content-type": "application/x-www-form-urlencoded"}
    cookies = {"cookie": f"{requests.SESSION}={owner.cookies[requests.SESSION]}"}
    for name, content, headers in (
        ("JSON", b"{}", {"content-type": "application/json"}),
        ("none", b"", {}),
        ("files", b"--x--", {"content-type": "multipart/form-data; boundary=x"}),
        ("too large", b"a=" + b"x" * 65_535, form),
        ("too many fields", b"&".join(b"a=1" for _ in range(501)), form),
        ("not UTF-8", b"a=%ff%fe&b=\xff", form),
    ):
        answer = send.post(path(page), content=content, headers={**headers, **cookies})
        assert answer.status_code == 422, name
        assert "CONSOLE-FORM-0" in answer.text, name
        send.cookies.clear()
    strange = owner.post(path(page), {"csrf": csrf, "name\x00": "\x00", "x": "\ud7ff"})
    assert strange.status_code < 500


def test_nobody_is_led_to_another_site(stranger: Browser, console: Browser) -> None:
    for back in ELSEWHERE:
        answers = [
            stranger.stranger().post(
                "/console/sign-in", {"key": stranger.premises.first.api_key, "back": back}
            ),
            stranger.post("/console/language", {"language": "de", "back": back}),
            console.post("/console/units", {"organization": console.organization, "back": back}),
        ]
        for answer in answers:
            to = answer.headers["location"]
            assert answer.status_code == 303, back
            assert to in ("/", "/console"), back
            assert (urlsplit(to).scheme, urlsplit(to).netloc) == ("", ""), back


def test_a_way_back_that_no_text_is_leads_nowhere(stranger: Browser) -> None:
    answer = stranger.post("/console/language", {"language": "de", "back": "\x00//evil.example"})

    assert answer.status_code == 422
    assert "location" not in answer.headers
    assert "CONSOLE-FORM-05" in answer.text


def test_where_somebody_is_led_does_not_depend_on_the_host_that_is_said(
    stranger: Browser,
) -> None:
    answer = stranger.get("/console/units", headers={"host": "evil.example"})

    assert answer.headers["location"].startswith("/console/sign-in?")


@pytest.mark.parametrize("rubbish", RUBBISH)
def test_what_is_no_session_is_nobody(stranger: Browser, rubbish: str) -> None:
    cookie = f"{requests.SESSION}={rubbish}; {requests.UNIT}={rubbish}"
    headers = {b"cookie": f"{cookie}; {requests.LANGUAGE}={rubbish}".encode("latin-1")}
    answer = stranger.premises.http.get("/console/units", headers=headers)
    stranger.premises.http.cookies.clear()

    assert answer.status_code == 303


def test_a_session_that_was_laid_under_somebody_is_not_theirs(stranger: Browser) -> None:
    """Whoever plants a cookie before somebody signs in knows nothing of it afterwards."""
    thief = stranger.stranger()
    thief.post("/console/sign-in", {"key": stranger.premises.first.api_key})
    planted = thief.cookies[requests.SESSION]
    victim = stranger.stranger()
    victim.cookies.set(requests.SESSION, planted.partition(".")[0] + ".chosen")

    victim.post("/console/sign-in", {"key": stranger.premises.first.api_key})

    [mine] = [one.value for one in victim.cookies.jar if one.name == requests.SESSION][-1:]
    assert mine is not None
    assert mine.partition(".")[0] != planted.partition(".")[0]


def test_a_link_gives_a_session_another_secret(stranger: Browser, token: str) -> None:
    auditor = stranger.stranger()
    auditor.post(f"/console/link/{token}")
    by_link = auditor.stranger()
    by_link.cookies.set(requests.SESSION, token)

    assert auditor.get("/console/units").status_code == 200
    assert by_link.get("/console/units").status_code == 303
    assert by_link.stranger().post(f"/console/link/{token}").status_code == 410


def test_a_link_opens_until_its_last_moment(console: Browser, token: str) -> None:
    console.premises.clock.move(days=LINK_DAYS)
    late = console.stranger().post(f"/console/link/{token}")
    assert (late.status_code, "REGISTRY-CONSOLE-05" in late.text) == (410, True)

    console.premises.clock.now -= timedelta(microseconds=1)
    assert console.stranger().post(f"/console/link/{token}").status_code == 303


@pytest.mark.parametrize("spoil", ["secret", "id", "cut", "more"])
def test_a_forged_link_opens_nothing(console: Browser, token: str, spoil: str) -> None:
    id_, _, secret = token.partition(".")
    forged = {
        "secret": f"{id_}.{secret[::-1]}",
        "id": f"{id_[::-1]}.{secret}",
        "cut": token[:-1],
        "more": token + "A",
    }[spoil]

    assert console.stranger().post(f"/console/link/{forged}").status_code == 403
    assert console.stranger().post(f"/console/link/{token}").status_code == 303


def test_a_link_that_was_taken_back_opens_nothing(console: Browser, token: str) -> None:
    services = console.premises.services
    with writing(services.engine) as tx:
        console_sessions.end(tx, token.partition(".")[0], by="operator", at=services.clock())

    answer = console.stranger().post(f"/console/link/{token}")

    assert (answer.status_code, "REGISTRY-CONSOLE-06" in answer.text) == (410, True)


def test_a_link_shows_nobody_else_than_who_opened_it(console: Browser, token: str) -> None:
    first, second = console.stranger(), console.stranger()
    assert first.post(f"/console/link/{token}").status_code == 303
    assert second.post(f"/console/link/{token}").status_code == 410

    assert first.get("/console/units").status_code == 200
    assert second.get("/console/units").status_code == 303


@pytest.mark.parametrize(
    "change",
    [
        "role = 'owner'",
        "organization = (SELECT id FROM organization WHERE type = 'GROUP')",
        "kind = 'key'",
        "last_day = '2099-12-31'",
        "expires_at = '2099-01-01T00:00:00.000000Z'",
        "subject = 'somebody'",
    ],
)
def test_a_session_that_was_altered_in_the_database_opens_nothing(
    console: Browser, change: str
) -> None:
    auditor = console.by_link(MONDAY, MONDAY)
    assert auditor.get("/console/units").status_code == 200

    with console.premises.services.engine.begin() as tx:
        changed = tx.execute(text(f"UPDATE console_session SET {change} WHERE kind = 'link'"))

    assert changed.rowcount == 1
    assert auditor.get("/console/units").status_code == 303


def test_signing_out_everywhere_is_for_one_key_only(console: Browser) -> None:
    other = console.as_(Role.MANAGER)

    console.post("/console/sign-out", {"everywhere": "yes"})

    assert console.get("/console/units").status_code == 303
    assert other.get("/console/units").status_code == 200


def test_a_key_that_is_stopped_is_signed_out_within_a_second(console: Browser, till: Till) -> None:
    subject = a_key(till, "pages-1", role="manager")
    said = subject["credentials"]
    browser = console.stranger()
    browser.post("/console/sign-in", {"key": said["key"], "secret": said["secret"]})
    assert browser.get("/console/units").status_code == 200

    till.changed(f"/subjects/{subject['id']}", {"state": "DISABLED"})

    assert soon(lambda: browser.get("/console/units").status_code == 303)
    till.changed(f"/subjects/{subject['id']}", {"state": "ENABLED"})
    assert soon(lambda: browser.get("/console/units").status_code == 200)


def test_whoever_guesses_is_stopped_and_others_are_not(stranger: Browser) -> None:
    guess = {"key": "test_" + "x" * 34, "secret": "y" * 43}
    for _ in range(FAILURES_MAX):
        assert stranger.post("/console/sign-in", guess).status_code == 401

    stopped = stranger.post("/console/sign-in", guess)

    assert stopped.status_code == 429
    assert "y" * 43 not in stopped.text
    stranger.premises.clock.move(minutes=1)
    assert stranger.post("/console/sign-in", guess).status_code == 401


def test_a_secret_is_never_shown_again(stranger: Browser) -> None:
    word = stranger.premises.first.api_key
    wrong = word[:-1] + ("A" if word[-1] != "A" else "B")

    for typed in ({"key": wrong}, {"key": "test_abc", "secret": word}, {"secret": word}):
        answer = stranger.post("/console/sign-in", {"key": "", "secret": "", **typed})
        assert answer.status_code in (401, 422)
        assert word[-20:] not in answer.text
        assert wrong[-20:] not in answer.text


def test_the_unit_that_another_key_looked_at_is_not_shown(console: Browser) -> None:
    other = console.premises.unit("Somebody else")
    stranger = console.as_(Role.OWNER, other.organization)
    stranger.cookies.set(requests.UNIT, console.organization)

    page = stranger.get("/console/units").text

    assert "Somebody else" in page
    assert "Padaria do Cais" not in page
