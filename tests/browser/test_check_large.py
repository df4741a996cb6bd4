"""A large journal package on the page 'Check a file': how long it takes, and how much memory."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest
from playwright.sync_api import Browser, expect

from fiscus.journal.tests.small_package import package_files, write_package
from fiscus.journal.tests.small_shop import a_journal
from tests.browser.conftest import Visit

ENTRIES = 10_000
SECONDS_MAX = 180
BYTES_MAX = 512 << 20


def renderers(chromium: Browser) -> dict[int, int]:
    """The most memory that each process with pages has had, by its id."""
    session = chromium.new_browser_cdp_session()
    said = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    found = {}
    for one in said:
        if one["type"] == "renderer":
            status = Path(f"/proc/{one['id']}/status").read_text()
            found[one["id"]] = int(status.partition("VmHWM:")[2].split()[0]) * 1024
    return found


@pytest.mark.long  # a journal of so many entries is made first
@pytest.mark.alone
def test_ten_thousand_entries_take_seconds_and_a_bounded_memory(
    visit: Visit,
    chromium: Browser,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    path = write_package(tmp_path / "p.zip", package_files(a_journal(ENTRIES)))
    visitor = visit("")
    visitor.open("/check")
    before = renderers(chromium)
    begun = monotonic()

    visitor.page.locator("#check-file").set_input_files(path)
    form = visitor.page.locator("#check-form")
    expect(form).to_have_attribute("aria-busy", "false", timeout=SECONDS_MAX * 1000)

    seconds = monotonic() - begun
    grown = max(most - before.get(id_, 0) for id_, most in renderers(chromium).items())
    size = path.stat().st_size / 1e6
    record_property(
        "figures",
        f"{ENTRIES:,} entries ({size:.1f} MB packed) on the page: {seconds:.1f} s,"
        f" its process grew by {grown / 1e6:.0f} MB",
    )
    assert "Nothing wrong was found" in visitor.page.locator("#check-local-verdict").inner_text()
    assert grown < BYTES_MAX
    assert seconds < SECONDS_MAX
