"""The shops and the browser that all tests of pages share: one of each per process."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from fiscus.registry.roles import Role
from tests.browser.looking import HEIGHT, WIDE
from tests.browser.scripts import Scripts, scripts
from tests.browser.shops import Shops, served
from tests.browser.watching import WatchedPage, watched

CHROMIUM = os.environ.get("FISCUS_TEST_CHROMIUM", "/usr/bin/chromium")

QUIETLY = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


STATE_MS = 60_000
"""How long a test waits at most for a state of the page: also on a loaded machine."""

expect.set_options(timeout=STATE_MS)

Visit = Callable[..., WatchedPage]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder are of the browser: `make test-browser`."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shops]:
    with served(tmp_path_factory.mktemp("shops")) as found:
        yield found


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Playwright gives each a folder of its own for what a user leaves behind."""
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=list(QUIETLY))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def cookies(shops: Shops, chromium: Browser) -> Callable[[str], list[Any]]:
    """The cookies of who signs in with a key, kept: how often one may try is limited."""
    known: dict[str, list[Any]] = {"": []}

    def of(key: str) -> list[Any]:
        if key not in known:
            context = chromium.new_context()
            with watched(context, shops.address) as visitor:
                visitor.signs_in(key)
                known[key] = context.cookies()
            context.close()
        return known[key]

    return of


@pytest.fixture
def visit(shops: Shops, chromium: Browser, cookies: Callable[[str], list[Any]]) -> Iterator[Visit]:
    """`visit(key, language="de", width=PHONE, dark=True)` is somebody's browser, signed in with
    that key ("" for a stranger). What it complained of fails the test at its end."""
    with ExitStack() as opened:

        def begin(
            key: str = "", *, language: str = "en", width: int = WIDE, dark: bool = False
        ) -> WatchedPage:
            context = chromium.new_context(
                locale=language,
                viewport={"width": width, "height": HEIGHT},
                color_scheme="dark" if dark else "light",
                timezone_id="Europe/Berlin",
                permissions=[],
            )
            opened.callback(context.close)
            context.add_cookies(cookies(key))
            return opened.enter_context(watched(context, shops.address))

        yield begin


@pytest.fixture
def browser_page(shops: Shops, visit: Visit) -> WatchedPage:
    """The manager of the café in Lisbon with a wide window, in English."""
    return visit(shops.cafe.key(Role.MANAGER))


@pytest.fixture(scope="session")
def served_scripts(chromium: Browser) -> Iterator[Scripts]:
    with scripts(chromium) as found:
        yield found


@pytest.fixture
def alone(served_scripts: Scripts) -> Iterator[Scripts]:
    """The scripts of the pages without any installation, to be called by themselves."""
    served_scripts.visitor.open("/")
    yield served_scripts
    served_scripts.visitor.expect_quiet()
