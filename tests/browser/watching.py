"""A page in Chromium, watched: whatever the browser complains of is kept, and fails the test."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response

Json = dict[str, Any]

_WORST = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`CSP: ${event.violatedDirective} refuses ${event.blockedURI} ${event.sample}`);
});
"""
"""Runs before anything of the page. A breach of the policy that no console tells is told by it."""

_TOO_WIDE = """
(() => {
  const isBeyond = (one) => one.getBoundingClientRect().right
    > document.documentElement.clientWidth + 0.5 && one.checkVisibility();
  return [...document.querySelectorAll("body *")]
    .filter((one) => isBeyond(one) && ![...one.children].some(isBeyond))
    .slice(0, 3).map((one) => one.outerHTML.slice(0, 160));
})()
"""

_AXE_WORLD = "axe"
_AXE_RUN = "axe.run(%s).then((found) => found.violations)"

_STATUS_MESSAGE = "Failed to load resource: the server responded with a status of "


@dataclass(kw_only=True)
class WatchedPage:
    """`page` is Playwright's. `complaints` are errors and warnings of the console, breaches of the
    content security policy, errors that no script caught, dialogs, and requests to somewhere else.
    `refused` are addresses that are expected to answer with an error."""

    page: Page
    address: str
    refused: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str, status: int = 200) -> None:
        """Go to a path of the service; the answer has this status."""
        if status >= 400:
            self.refused.add(self.address + path)
        answer = self.page.goto(self.address + path, wait_until="load")
        assert answer is not None
        assert answer.status == status, f"{path}: {answer.status} {self.text()[:500]}"

    def signs_in(self, key: str) -> None:
        """With an API key, as a person types it."""
        self.open("/console/sign-in")
        self.page.locator("input[name=key]").fill(key)
        self.page.locator("main form button").first.click()
        self.page.wait_for_url(lambda url: "/console/sign-in" not in url)

    def text(self) -> str:
        return self.page.locator("body").inner_text()

    def expect_quiet(self) -> None:
        """The browser has complained of nothing since the last time."""
        complaints = list(self.complaints)
        self.complaints.clear()
        assert not complaints, "\n".join([self.page.url, *complaints])

    def axe(self, *rules: str) -> list[str]:
        """What axe finds wrong, by all its rules or by these: rule, what it is about, where. It
        runs in a world of its own, so that the policy of the page holds for the page as it does
        for visitors."""
        wanted: Json = {"resultTypes": ["violations"]}
        if rules:
            wanted["runOnly"] = list(rules)
        session = self.page.context.new_cdp_session(self.page)
        try:
            frame = session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
            made = session.send(
                "Page.createIsolatedWorld", {"frameId": frame, "worldName": _AXE_WORLD}
            )
            world = made["executionContextId"]
            _evaluated(session, world, AXE_SCRIPT)
            found = _evaluated(session, world, _AXE_RUN % json.dumps(wanted))
        finally:
            session.detach()
        return [
            f"{one['id']}: {one['help']}: {node['target']} {node['failureSummary']}"
            for one in found
            for node in one["nodes"]
        ]

    def width_beyond(self) -> int:
        """So many pixels the page is wider than the window."""
        found: int = self.page.evaluate(
            "document.scrollingElement.scrollWidth - document.documentElement.clientWidth"
        )
        return found

    def too_wide(self) -> list[str]:
        """The innermost elements that reach beyond the window."""
        found: list[str] = self.page.evaluate(_TOO_WIDE)
        return found


def _evaluated(session: Any, world: int, script: str) -> Any:
    said = session.send(
        "Runtime.evaluate",
        {
            "expression": script,
            "contextId": world,
            "awaitPromise": True,
            "returnByValue": script.startswith("axe.run"),
        },
    )
    assert "exceptionDetails" not in said, said
    return said["result"].get("value")


@contextmanager
def watched(context: BrowserContext, address: str) -> Iterator[WatchedPage]:
    """A new page of the context; at its end nothing may be left that the browser complained of."""
    page = context.new_page()
    page.add_init_script(_WORST)
    it = WatchedPage(page=page, address=address)

    def listen(message: ConsoleMessage) -> None:
        url = str(message.location.get("url", ""))
        is_told = message.text.startswith(_STATUS_MESSAGE) and url in it.refused
        if message.type in ("error", "warning") and not is_told:
            it.complaints.append(f"console: {message.text} ({url})")

    def answered(response: Response) -> None:
        if not response.url.startswith((address, "data:", "blob:")):
            it.complaints.append(f"request to {response.url}")

    page.on("console", listen)
    page.on("pageerror", lambda error: it.complaints.append(f"error: {error}"))
    page.on("response", answered)
    page.on("dialog", lambda dialog: it.complaints.append(f"dialog: {dialog.message}"))
    try:
        yield it
        it.expect_quiet()
    finally:
        page.close()
