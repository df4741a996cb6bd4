"""The page that checks a file, as visitors use it: what stays in the browser, and what is sent."""

import base64
import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from playwright.sync_api import Route, expect

from fiscus.registry.roles import Role
from tests.browser.conftest import Visit
from tests.browser.shops import Shops
from tests.browser.watching import WatchedPage

DONE_MS = 60_000

PORTUGUESE = (
    "A:123456789*B:999999990*C:PT*D:FS*E:N*F:20230812*G:FS CDVF/12345*H:CDF7T5HD-12345*I1:PT"
    "*I7:0.65*I8:0.15*N:0.15*O:0.80*Q:YhGV*R:9999"
)


@pytest.fixture
def stranger(visit: Visit) -> WatchedPage:
    """Somebody without any key, on the page; nothing but GET leaves the browser."""
    found = visit("")
    found.open("/check")

    def refuse(route: Route) -> None:
        assert route.request.method == "GET", f"{route.request.method} {route.request.url}"
        route.continue_()

    found.page.route("**/*", refuse)
    return found


def choose(visitor: WatchedPage, path: Path, *, jws: str = "") -> None:
    if jws:
        visitor.page.locator("#check-package-more summary").click()
        beside = {"name": "p.zip.jws", "mimeType": "text/plain", "buffer": jws.encode()}
        visitor.page.locator("#check-jws").set_input_files(beside)  # type: ignore[arg-type]
    visitor.page.locator("#check-file").set_input_files(path)


def verdict(visitor: WatchedPage, part: str = "check-local") -> str:
    found = visitor.page.locator(f"#{part}-verdict")
    expect(visitor.page.locator(f"#{part}")).to_be_visible(timeout=DONE_MS)
    return found.inner_text()


def test_a_package_of_the_shop_is_judged_without_sending_anything(
    stranger: WatchedPage, shops: Shops
) -> None:
    choose(stranger, shops.package)

    assert "Nothing wrong was found" in verdict(stranger)
    words = stranger.page.locator("#check-local").inner_text()
    assert "entries of" in words
    assert "split view" in words
    assert "Who wrote it" in words
    assert stranger.page.locator("#check-local-findings li").count() == 1
    assert "VERIFY-PACKAGE-04" in words
    assert stranger.axe() == []
    assert stranger.width_beyond() <= 0


def test_with_all_that_is_known_from_elsewhere_the_package_is_proved(
    stranger: WatchedPage, shops: Shops
) -> None:
    """Its signature, the fingerprint, and the witness's key; as the command says it."""
    page = stranger.page
    report = json.loads(shops.fiscus("verify", "--json", str(shops.package)))
    jws = Path(f"{shops.package}.jws").read_text()
    page.locator("#check-fingerprint").evaluate("(field) => field.closest('details').open = true")
    page.locator("#check-fingerprint").fill(report["fingerprint"])

    choose(stranger, shops.package, jws=jws)

    assert verdict(stranger) == (
        "✔ Nothing wrong was found in this journal package. Read below what that proves."
    )
    checked = page.locator("#check-local-checked").inner_text()
    assert f"{report['entries']} entries of {report['chains']} chains" in checked
    assert "The package's own signature" in checked
    assert "Authorship" in checked
    assert "Who wrote it" not in page.locator("#check-local-unchecked").inner_text()


def bodies_of(package: Path) -> list[bytes]:
    with ZipFile(package) as archive:
        lines = archive.read("entries.jsonl").splitlines()
    return [base64.b64decode(json.loads(line)["body"]) for line in lines]


def tampered(source: Path, folder: Path) -> tuple[Path, Any]:
    """The package with the day of one sealed document changed; and its body as it was."""
    path = folder / "tampered.zip"
    with ZipFile(source) as archive, ZipFile(path, "w") as out:
        for name in archive.namelist():
            data = archive.read(name)
            if name == "entries.jsonl":
                lines = data.splitlines(keepends=True)
                number, body = next(
                    (number, body)
                    for number, body in enumerate(bodies_of(source))
                    if b'"kind":"document@1"' in body and b'"day":"20' in body
                )
                said = json.loads(lines[number])
                changed = body.replace(b'"day":"20', b'"day":"19', 1)
                assert changed != body
                said["body"] = base64.b64encode(changed).decode()
                lines[number] = json.dumps(said).encode() + b"\n"
                data = b"".join(lines)
            out.writestr(name, data)
    return path, json.loads(body)


def test_a_changed_byte_is_named_with_its_entry(
    stranger: WatchedPage, shops: Shops, tmp_path: Path
) -> None:
    path, body = tampered(shops.package, tmp_path)

    choose(stranger, path)

    assert "not good" in verdict(stranger)
    words = stranger.page.locator("#check-local-findings").inner_text()
    assert "VERIFY-SIGNATURE-01" in words
    assert "VERIFY-LINK-01" in words
    assert body["id"] in words
    assert f"sequence {body['sequence']}" in words
    assert "the body was changed" in words
    assert stranger.axe() == []


def test_a_dropped_package_with_its_signature_is_judged_too(
    stranger: WatchedPage, shops: Shops
) -> None:
    stranger.page.evaluate(
        """([zip, jws]) => {
            const bytes = Uint8Array.from(atob(zip), (sign) => sign.charCodeAt(0));
            const dropped = new DataTransfer();
            dropped.items.add(new File([bytes], "p.zip"));
            dropped.items.add(new File([jws], "p.zip.jws"));
            const drop = new DragEvent("drop", {dataTransfer: dropped, bubbles: true});
            document.getElementById("check-drop").dispatchEvent(drop);
        }""",
        [base64.b64encode(shops.package.read_bytes()).decode(), "a..b"],
    )

    assert "not good" in verdict(stranger)
    assert "VERIFY-PACKAGE-03" in stranger.page.locator("#check-local-findings").inner_text()


def test_the_judging_can_be_stopped(stranger: WatchedPage, shops: Shops) -> None:
    stranger.page.evaluate(
        """() => {
            const stop = document.getElementById("check-stop");
            new MutationObserver(() => stop.hidden || stop.click()).observe(
                stop, {attributes: true});
        }"""
    )

    choose(stranger, shops.package)

    expect(stranger.page.locator("#check-words")).to_have_text("Stopped. Nothing was judged.")
    expect(stranger.page.locator("#check-local")).to_be_hidden()


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


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pt/saft/saft_idemo599999999.xml", "SAF-T (PT)"),
        ("de/sample_export.tar", "DSFinV-K"),
        ("de/sample_tse_v3.tar", "export of a TSE"),
        ("export/EXTF_Buchungsstapel_700_v9_sample_ledermann.csv", "DATEV"),
        ("pt/xsd/SAFTPT1.04_01.xsd", "not known"),
    ],
)
def test_other_files_are_recognised_and_nothing_is_sent_without_the_right(
    stranger: WatchedPage, shared_data: Path, name: str, said: str
) -> None:
    choose(stranger, shared_data / name)

    expect(stranger.page.locator("#check-words")).to_contain_text(said)
    expect(stranger.page.locator("#check-words")).to_contain_text("ticket")
    expect(stranger.page.locator("#check-send")).to_be_disabled()


def test_who_is_signed_in_sends_other_files_and_reads_the_result(
    visit: Visit, shops: Shops, shared_data: Path
) -> None:
    visitor = visit(shops.cafe.key(Role.MANAGER))
    visitor.open("/check")
    choose(visitor, shared_data / "pt/saft/saft_idemo599999999.xml")
    expect(visitor.page.locator("#check-kind")).to_have_value("saft-pt")

    visitor.page.locator("#check-send").click()

    visitor.page.wait_for_url("**/check/*", timeout=DONE_MS)
    assert visitor.axe() == []
