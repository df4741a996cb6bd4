"""Follows every link of the pages, as a visitor could."""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

import httpx

from fiscus.console.tests.conftest import Browser

_LINK = re.compile(r'<(?:a|link|script|img)\b[^>]*?\b(?:href|src)="([^"]*)"[^>]*>')


@dataclass(frozen=True, kw_only=True)
class CrawledPage:
    """An answer, with the page on which its address stood (empty for the first)."""

    path: str
    found_on: str
    answer: httpx.Response

    @property
    def is_html(self) -> bool:
        return str(self.answer.headers.get("content-type", "")).startswith("text/html")


def crawled(browser: Browser, *starts: str, most: int = 400) -> Iterator[CrawledPage]:
    """Everything that a GET can reach from there, each address once. Redirects are followed like
    links. Of addresses that differ in their query alone only a few are opened."""
    waiting = deque((start, "") for start in starts)
    seen = set(starts)
    while waiting and most:
        path, found_on = waiting.popleft()
        most -= 1
        browser.premises.clock.move(seconds=1)  # how often an address asks is limited
        answer = browser.get(path)
        page = CrawledPage(path=path, found_on=found_on, answer=answer)
        yield page
        for link in _links(page):
            if link not in seen:
                seen.add(link)
                waiting.append((link, path))


def _links(page: CrawledPage) -> Iterator[str]:
    if 300 <= page.answer.status_code < 400:
        yield page.answer.headers["location"]
    if not page.is_html:
        return
    for found in _LINK.finditer(page.answer.text):
        link = unescape(found[1]).partition("#")[0]
        if link.startswith("?"):
            link = page.path.partition("?")[0] + link
        if link.startswith("/"):
            yield link
