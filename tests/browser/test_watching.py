"""The watch itself: what a browser complains of is not overlooked."""

import pytest

from tests.browser.conftest import Visit
from tests.browser.shops import Shops
from tests.browser.watching import WatchedPage

BROKEN = """<!doctype html><title>x</title><script>console.error("told"); boom()</script>"""


@pytest.fixture
def stranger(visit: Visit) -> WatchedPage:
    return visit()


def test_what_the_console_says_is_a_complaint(stranger: WatchedPage) -> None:
    stranger.page.set_content(BROKEN)

    with pytest.raises(AssertionError, match="told"):
        stranger.expect_quiet()


def test_a_breach_of_the_policy_is_a_complaint(stranger: WatchedPage, shops: Shops) -> None:
    policy = {"Content-Security-Policy": "default-src 'self'", "Content-Type": "text/html"}
    stranger.page.route(
        f"{shops.address}/broken",
        lambda route: route.fulfill(body=BROKEN + "<p style='color:red'>", headers=policy),
    )
    stranger.open("/broken")

    with pytest.raises(AssertionError, match=r"CSP: script-src-elem(.|\n)*CSP: style-src-attr"):
        stranger.expect_quiet()


def test_axe_sees_what_is_wrong_though_the_policy_is_strict(
    stranger: WatchedPage, shops: Shops
) -> None:
    policy = {"Content-Security-Policy": "default-src 'self'", "Content-Type": "text/html"}
    stranger.page.route(
        f"{shops.address}/broken",
        lambda route: route.fulfill(body="<title>x</title><input>", headers=policy),
    )
    stranger.open("/broken")

    assert any(one.startswith("html-has-lang") for one in stranger.axe())
    stranger.expect_quiet()


def test_what_is_too_wide_is_measured(stranger: WatchedPage) -> None:
    stranger.page.set_content("<!doctype html><body style='margin:0'><div style='width:1500px'>x")

    assert stranger.width_beyond() == 60
