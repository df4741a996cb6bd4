"""The pictures of the documentation, taken from the pages as they are: `make screenshots`. Without
being asked for them, the test only sees that each can be taken."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import expect

from fiscus.registry.roles import Role
from tests.browser.conftest import Visit
from tests.browser.looking import PHONE, WIDE
from tests.browser.shops import Shops

ROOT = Path(__file__).parents[2]
FOLDER = os.environ.get("FISCUS_TEST_SCREENSHOTS", "")
BYTES_MAX = 250_000
SOON_MS = 30_000


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One file: who looks at what, and what must stand there before it is taken. `until` is a CSS
    selector."""

    name: str
    path: str
    shop: str = "kiosk"
    role: Role | None = Role.MANAGER
    language: str = "en"
    width: int = WIDE
    height: int = 900
    dark: bool = False
    until: str = "h1"


PICTURES = (
    Picture(name="today", path="/console/today"),
    Picture(name="documents", path="/console/documents"),
    Picture(name="document", path="/console/documents/{receipt}", shop="cafe"),
    Picture(
        name="explain",
        path="/console/documents/{receipt}/explain",
        shop="cafe",
        until="#summary .good",
    ),
    Picture(name="register", path="/console/registers/{register}", language="de"),
    Picture(name="board", path="/console/board", language="de"),
    Picture(name="proof", path="/console/proof", dark=True),
    Picture(name="export", path="/console/exports/{export}", shop="cafe", language="pt"),
    Picture(name="check", path="/check", role=None),
    Picture(
        name="receipt",
        path="/r/{token}",
        role=None,
        language="de",
        width=PHONE,
        height=844,
        until="main .good",
    ),
)


@pytest.mark.parametrize("picture", PICTURES, ids=lambda one: one.name)
def test_a_picture_shows_the_page_as_it_is(
    visit: Visit, shops: Shops, picture: Picture, tmp_path: Path
) -> None:
    tenant = shops.kiosk if picture.shop == "kiosk" else shops.cafe
    it = visit(
        tenant.key(picture.role) if picture.role else "",
        language=picture.language,
        width=picture.width,
        dark=picture.dark,
    )
    it.page.set_viewport_size({"width": picture.width, "height": picture.height})
    it.open(picture.path.format(**tenant.things))
    expect(it.page.locator(picture.until).first).to_be_visible(timeout=SOON_MS)

    folder = ROOT / FOLDER if FOLDER else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"console-{picture.name}.png"
    it.page.screenshot(path=file, animations="disabled", scale="css")

    assert 5_000 < file.stat().st_size < BYTES_MAX
