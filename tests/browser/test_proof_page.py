"""The newest checkpoint, recomputed in a real browser; and one that somebody has changed on the
way."""

from playwright.sync_api import Route, expect

from tests.browser.shops import Shops
from tests.browser.watching import WatchedPage


def test_the_signatures_of_the_newest_checkpoint_are_recomputed(browser_page: WatchedPage) -> None:
    browser_page.open("/console/proof")

    verdict = browser_page.page.locator("#proof-verdict[data-state=good]")
    expect(verdict).to_contain_text("recomputed the signatures of the newest checkpoint: good")
    checks = browser_page.page.locator("#proof-checks > li.good")
    expect(checks.first).to_contain_text("The log has signed its root over")
    browser_page.expect_quiet()


def test_a_checkpoint_that_was_changed_on_the_way_is_named(
    browser_page: WatchedPage, shops: Shops
) -> None:
    def changed(route: Route) -> None:
        answer = route.fetch()
        origin, size, rest = answer.text().split("\n", 2)
        route.fulfill(response=answer, body="\n".join((origin, str(int(size) + 1), rest)))

    browser_page.page.route("**/checkpoint", changed)
    browser_page.open("/console/proof")

    verdict = browser_page.page.locator("#proof-verdict[data-state=bad]")
    expect(verdict).to_contain_text("A signature is not good")
