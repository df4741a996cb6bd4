"""A stranger's way: a receipt is found, explained, recomputed; a byte of a package is changed, and
the page names where."""

import json
import re
import shutil
from base64 import b64decode, b64encode
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.shops import Shops
from tests.browser.watching import WatchedPage

SOON_MS = 30_000
NUMBER = "FR BALCAO-1/2"
"""The receipt with a tax number, of which one coffee came back."""


@pytest.fixture
def package(shops: Shops, tmp_path: Path) -> Path:
    """The journal package of the shop's day, as it was downloaded."""
    return Path(shutil.copy(shops.package, tmp_path / "journal.zip"))


def tampered(package: Path) -> tuple[Path, str]:
    """The package with one byte of one entry changed; gives the entry's id as well."""
    to = package.with_name("tampered.zip")
    changed = ""
    with ZipFile(package) as old, ZipFile(to, "w", ZIP_DEFLATED) as new:
        for member in old.infolist():
            content = old.read(member)
            if member.filename == "entries.jsonl":
                content, changed = _with_another_amount(content)
            new.writestr(member, content)
    assert changed
    return to, changed


def _with_another_amount(entries: bytes) -> tuple[bytes, str]:
    lines = entries.splitlines(keepends=True)
    for place, line in enumerate(lines):
        entry = json.loads(line)
        body = b64decode(entry["body"])
        if NUMBER.encode() in body and b"3.52" in body:
            changed = b64encode(body.replace(b"3.52", b"9.52", 1))
            lines[place] = line.replace(entry["body"].encode(), changed)
            return b"".join(lines), str(json.loads(body)["id"])
    raise AssertionError("the receipt is not in the package")


def test_a_receipt_is_found_and_explained(browser_page: WatchedPage) -> None:
    page = browser_page.page
    browser_page.open("/console")
    page.get_by_role("link", name="Documents", exact=True).click()
    page.get_by_label("Number, ATCUD or id").fill(NUMBER)
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name=NUMBER, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(NUMBER)
    page.get_by_role("link", name=re.compile("[Ee]xplain|recompute", re.I)).first.click()

    expect(page.locator("#summary")).to_contain_text("steps are right", timeout=SOON_MS)
    assert page.locator(".pill.bad").count() == 0
    page.get_by_role("button", name="Try it: change one character").first.click()
    expect(page.locator("#summary")).to_contain_text("not right any more", timeout=SOON_MS)


def test_a_changed_byte_is_named(visit: Visit, package: Path) -> None:
    stranger = visit()
    page = stranger.page
    stranger.open("/")
    page.get_by_role("main").get_by_role("link", name="Check a file").click()
    file, verdict = page.get_by_label("File", exact=True), page.locator("#check-local-verdict")
    changed, entry = tampered(package)

    file.set_input_files(package)
    expect(verdict).to_have_class(re.compile("good"), timeout=SOON_MS)

    file.set_input_files(changed)
    expect(verdict).to_have_class(re.compile("bad"), timeout=SOON_MS)
    expect(page.locator("#check-local-findings")).to_contain_text(entry)


def test_nothing_of_a_package_leaves_the_browser(visit: Visit, package: Path) -> None:
    stranger = visit()
    stranger.open("/check")
    sent: list[str] = []
    stranger.page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))

    stranger.page.get_by_label("File", exact=True).set_input_files(package)

    verdict = stranger.page.locator("#check-local-verdict")
    expect(verdict).to_have_class(re.compile("good|bad"), timeout=SOON_MS)
    assert not [one for one in sent if not one.startswith("GET ")], sent


def test_a_customer_sees_the_receipt_and_its_proof(visit: Visit, shops: Shops) -> None:
    customer = visit(language="pt", width=390)
    customer.open(f"/r/{shops.cafe.things['token']}")

    expect(customer.page.locator("main")).to_contain_text("Padaria do Cais", timeout=SOON_MS)
    expect(customer.page.locator("main .good").first).to_be_visible(timeout=SOON_MS)
