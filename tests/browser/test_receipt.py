"""A customer opens a receipt: the browser computes it again, and says so if something is wrong."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Route

from tests.browser.conftest import Visit
from tests.browser.looking import PHONE, WIDE
from tests.browser.shops import Shops, Tenant
from tests.browser.watching import WatchedPage


def newest(shops: Shops, of: Tenant) -> str:
    """The path of the newest receipt of a shop."""
    printed = shops.fiscus(
        "receipts", "list", "--organization", of.organization, "--limit", "20", "--json"
    )
    found = [one for one in json.loads(printed) if one["kind"] == "receipt"]
    return "/r/" + str(found[0]["address"]).rpartition("/r/")[2]


def verdict(page: WatchedPage) -> str:
    """What the browser has come to, once it has."""
    page.page.locator("#verdict.notice").wait_for()
    return page.page.locator("#verdict").inner_text()


@pytest.mark.parametrize("width", [PHONE, WIDE])
@pytest.mark.parametrize(
    ("language", "said"), [("en", "recomputed"), ("pt", "recalculou"), ("de", "nachgerechnet")]
)
def test_a_stranger_sees_that_it_is_genuine(
    shops: Shops, visit: Visit, width: int, language: str, said: str
) -> None:
    page = visit(language=language, width=width, dark=width == PHONE)
    for of in (shops.cafe, shops.kiosk):
        page.open(newest(shops, of))

        assert said in verdict(page), page.text()
        assert page.page.locator("#checks .bad").count() == 0
        assert page.page.locator("#checks .good").count() >= 4
        assert page.axe() == []
        assert page.width_beyond() <= 0


def changed(change: Callable[[str], str]) -> Callable[[Route], None]:
    """What somebody between service and browser would make of an answer."""

    def on(route: Route) -> None:
        answer = route.fetch()
        body = answer.text()
        other = change(body)
        assert other != body, "something was changed"
        route.fulfill(response=answer, body=other)

    return on


def another_link(page: str) -> str:
    return re.sub(
        r'("link": ")(.)', lambda found: found[1] + ("0" if found[2] != "0" else "1"), page
    )


def another_total(file: str) -> str:
    whole = json.loads(file)
    payload = urlsafe_b64decode(whole["payload"] + "==").replace(b'"gross":"', b'"gross":"9')
    whole["payload"] = urlsafe_b64encode(payload).rstrip(b"=").decode()
    return json.dumps(whole)


@pytest.mark.parametrize(
    ("where", "change", "said"),
    [
        ("", another_link, "the entry is not proved"),
        ("/receipt.json", another_total, "does not bear the service's signature"),
    ],
)
def test_what_was_changed_on_the_way_is_found(
    shops: Shops, visit: Visit, where: str, change: Callable[[str], str], said: str
) -> None:
    page = visit()
    path = newest(shops, shops.cafe)
    page.page.route(f"{shops.address}{path}{where}", changed(change))

    page.open(path)

    assert "found something wrong" in verdict(page)
    assert said in page.page.locator("#checks .bad").first.inner_text()


def test_without_scripts_the_service_speaks_alone(shops: Shops, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()

    page.goto(shops.address + newest(shops, shops.cafe))

    text = page.locator("body").inner_text()
    assert "It is in the journal of the shop" in text
    assert "Without JavaScript your browser computes nothing itself." in text
    assert not page.locator("#print").is_visible()
    context.close()
