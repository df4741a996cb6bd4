"""The text of a QR code on the page that checks files: judged in the browser, nothing is sent."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.shops import Shops
from tests.browser.test_check import PORTUGUESE, bodies_of, stranger, verdict
from tests.browser.watching import WatchedPage

__all__ = ["stranger"]


@pytest.mark.parametrize("language", ["en", "de", "pt"])
def test_a_qr_text_is_judged_with_the_keyboard_alone(
    visit: Visit, shops: Shops, language: str
) -> None:
    visitor = visit("", language=language, width=390)
    visitor.open("/check")
    field = visitor.page.locator("#check-qr-text")
    field.focus()
    visitor.page.keyboard.insert_text(PORTUGUESE)
    for _ in range(4):
        visitor.page.keyboard.press("Tab")
        if visitor.page.evaluate("document.activeElement.id") == "check-qr-send":
            break
    visitor.page.keyboard.press("Enter")

    proof = {"en": "not a proof", "de": "kein Beweis", "pt": "não é uma prova"}[language]
    assert proof in verdict(visitor, "check-qr")
    assert visitor.page.evaluate("document.activeElement.id") == "check-qr-verdict"
    words = visitor.page.locator("#check-qr").inner_text()
    assert {"en": "total of the document", "de": "Gesamtbetrag", "pt": "total do documento"}[
        language
    ] in words
    assert visitor.axe() == []
    assert visitor.width_beyond() <= 0


def test_receipts_of_both_shops_are_judged(stranger: WatchedPage, shops: Shops) -> None:
    german = [step.fiscal["verification"] for step in shops.berlin.steps if step.fiscal]
    texts = [said["qr_data"] for said in german if said and said.get("qr_data")]
    bodies = [json.loads(body) for body in bodies_of(shops.package)]
    texts += [body["seal"]["qr"] for body in bodies if body.get("seal", {}).get("qr")][-3:]
    assert len(texts) > 5
    for text in texts:
        stranger.page.locator("#check-qr-text").fill(text)
        stranger.page.locator("#check-qr-send").click()
        assert "✔" in verdict(stranger, "check-qr")


def test_without_a_detector_images_are_said_not_to_be_read(stranger: WatchedPage) -> None:
    has_detector = stranger.page.evaluate("'BarcodeDetector' in globalThis")
    words = stranger.page.locator("#check-qr-image-words")
    if not has_detector:
        expect(stranger.page.locator("#check-qr-image")).to_be_hidden()
        expect(words).to_contain_text("cannot read QR codes")
