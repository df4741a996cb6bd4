"""What holds for every page: at both widths, in both colours, in all languages, without a mouse, on
paper; nothing that the browser complains of, nothing that axe finds."""

from collections.abc import Iterable, Iterator
from itertools import product

import pytest

from fiscus.console.languages import LANGUAGES
from fiscus.console.routes import PAGES
from tests.browser import looking
from tests.browser.conftest import Visit
from tests.browser.english import english
from tests.browser.looking import PHONE, WIDE
from tests.browser.pages import ADDRESSES, NO_PAGES, TROUBLED, Address
from tests.browser.shops import Shops, Tenant
from tests.browser.watching import WatchedPage

LIGHT, DARK = False, True
SHOWN = list(product((WIDE, PHONE), (LIGHT, DARK)))

languages = pytest.mark.parametrize("language", LANGUAGES)
addresses = pytest.mark.parametrize("address", [*ADDRESSES, *TROUBLED], ids=str)


def test_every_page_has_an_address_and_every_address_a_page() -> None:
    shown = {page.name for page in PAGES if page.show}

    assert {one.page for one in ADDRESSES} == shown - NO_PAGES
    assert shown >= NO_PAGES


def opened(visit: Visit, shops: Shops, tenant: Tenant, one: Address, language: str) -> WatchedPage:
    it = visit(one.key(shops, tenant), language=language)
    it.open(one.of(shops, tenant), one.status)
    return it


def expect_none(faults: Iterable[str]) -> None:
    found = list(faults)
    assert not found, "\n".join(found)


def wrong(it: WatchedPage, language: str) -> Iterator[str]:
    """All that is wrong with a page in a language, and, in one of them, without a mouse and on
    paper: opened once, it is looked at in all ways."""
    yield from looking.told(it, language)
    if language != "en":
        yield from (f"English: {one}" for one in english(it))
    yield from (f"axe: {one}" for one in it.axe())
    for width, dark in SHOWN:
        yield from looking.shown(it, width, dark, *looking.LOOKS)
    if language == "en":
        for width in (WIDE, PHONE):
            it.page.set_viewport_size({"width": width, "height": looking.HEIGHT})
            yield from (f"{width} px without a mouse: {one}" for one in looking.reached(it))
    if language == "de":
        yield from (f"on paper: {one}" for one in looking.printed(it))


@languages
@addresses
def test_a_page_is_good(visit: Visit, shops: Shops, address: Address, language: str) -> None:
    shop = shops.kiosk if language == "de" else shops.cafe
    it = opened(visit, shops, shop, address, language)

    expect_none(wrong(it, language))


@addresses
def test_a_page_stays_whole_whatever_names_are(
    visit: Visit, shops: Shops, address: Address
) -> None:
    it = opened(visit, shops, shops.strange, address, "en")

    expect_none([*looking.told(it, "en"), *looking.shown(it, PHONE, LIGHT)])
    assert it.page.locator("main script:not([type='application/json'])").count() == 0
    assert it.page.locator("img[onerror], [onerror], [onclick]").count() == 0
    assert "49" not in it.page.title()
