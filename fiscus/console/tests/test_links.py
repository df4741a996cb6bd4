"""No page leads to nothing, for whoever looks; and no name is ever taken for a part of a page."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from fiscus.api.families.export_jobs.tests.office import Office, an_office
from fiscus.console.tests import shelf
from fiscus.console.tests.conftest import Browser
from fiscus.console.tests.crawling import crawled
from fiscus.registry.roles import Role
from tests.support import hostile, words
from tests.support.premises import Model, Premises, opened

MONDAY = date(2026, 11, 16)
STARTS = ("/", "/console", "/check")


@pytest.fixture
def premises(model: Model, tmp_path: Path) -> Iterator[Premises]:
    with opened(model, tmp_path / "data") as found:
        yield found


@pytest.fixture
def office(premises: Premises) -> Office:
    """A shop with a few documents, books, an export job, and a file."""
    found = an_office(premises)
    shop = found.till
    receipt = shop.sells(words.receipt())
    shop.sells(words.correction(receipt["id"]))
    shop.sells(words.invoice())
    shop.sells(words.cancellation(shop.sells(words.receipt())["id"]))
    shop.intends()
    shop.made("/files", {"type": "EXPORT", "range": {"from": "2026-11-16", "to": "2026-11-16"}})
    found.starts(found.enters(2))
    found.derives()
    told(premises)
    return found


def told(premises: Premises) -> None:
    """What the service does by itself beside requests."""
    shelf.indexed(premises.services.engine)
    premises.work()


def somebody(premises: Premises, organization: str) -> Browser:
    return Browser(premises=premises, organization=organization, cookies=httpx.Cookies())


@pytest.mark.parametrize("who", [*Role, "link", "stranger"])
def test_every_link_leads_somewhere(office: Office, who: str) -> None:
    visitor = somebody(office.premises, office.till.organization)
    if who == "link":
        visitor = visitor.by_link(MONDAY, MONDAY)
    elif who != "stranger":
        visitor = visitor.as_(Role(who))
    broken = [
        f"{page.answer.status_code} {page.path} on {page.found_on}"
        for page in crawled(visitor, *STARTS)
        if page.answer.status_code >= 400
    ]

    assert not broken, "\n".join(broken)


class Elements(HTMLParser):
    """Notes elements and attributes that no page of ours has."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        is_data = said.get("type") == "application/json"
        is_ours = (said.get("src") or "").startswith("/console/static/")
        if tag == "script" and not (is_data or is_ours):
            self.found.append(self.get_starttag_text() or tag)
        if tag in ("img", "style", "iframe", "object", "embed", "base"):
            self.found.append(self.get_starttag_text() or tag)
        if any(name.startswith("on") or name == "style" for name in said):
            self.found.append(self.get_starttag_text() or tag)


def foreign(text: str) -> list[str]:
    read = Elements()
    read.feed(text)
    return read.found


def test_what_is_foreign_is_seen() -> None:
    page = "<script>1</script><p style='x'><img src=x><b onclick=1><script src='/console/static/x'>"

    assert foreign(page) == ["<script>", "<p style='x'>", "<img src=x>", "<b onclick=1>"]


@pytest.mark.parametrize(
    ("role", "language"), [(Role.OWNER, "en"), (Role.TILL, "de"), (Role.AUDITOR, "pt")]
)
def test_a_name_is_a_name_whatever_stands_in_it(
    premises: Premises, role: Role, language: str
) -> None:
    group = premises.group()
    name = hostile.opened(group)
    [shop] = [one for one in group.listed("/organizations") if one["name"] == name]
    told(premises)
    visitor = replace(somebody(premises, shop["id"]).as_(role), language=language)
    shown = 0
    for page in crawled(visitor, *STARTS):
        if page.is_html and page.path != "/docs":
            assert foreign(page.answer.text) == [], page.path
            assert hostile.SCRIPT not in page.answer.text, page.path
            assert "49$" not in page.answer.text, page.path
            shown += "&lt;script&gt;" in page.answer.text
    assert shown > 10
