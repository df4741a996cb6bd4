"""The page that checks a file, as visitors use it: what stays in the browser, and what is sent."""

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from playwright.sync_api import FilePayload, Request, Route, expect

from fiscus.registry.roles import Role
from tests.browser.conftest import Visit
from tests.browser.shops import Shops
from tests.browser.watching import WatchedPage

RESULT = re.compile(r"/check/[0-9a-f]{32}$")

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
        choose_beside(visitor, jws)
    visitor.page.locator("#check-file").set_input_files(path)
    settled(visitor)


def choose_beside(visitor: WatchedPage, jws: str) -> None:
    more = visitor.page.locator("#check-package-more")
    more.evaluate("(details) => { details.open = true; }")
    beside: FilePayload = {"name": "p.zip.jws", "mimeType": "text/plain", "buffer": jws.encode()}
    visitor.page.locator("#check-jws").set_input_files(beside)


def settled(visitor: WatchedPage, part: str = "check-form") -> None:
    """Until the page says that nothing goes on in this part any more."""
    expect(visitor.page.locator(f"#{part}")).to_have_attribute("aria-busy", "false")


def verdict(visitor: WatchedPage, part: str = "check-local") -> str:
    settled(visitor, "check-qr" if part == "check-qr" else "check-form")
    expect(visitor.page.locator(f"#{part}")).to_be_visible()
    return visitor.page.locator(f"#{part}-verdict").inner_text()


def groups(visitor: WatchedPage, part: str = "findings") -> list[str]:
    """The words of each group of findings, as somebody copies them."""
    return visitor.page.locator(f"#check-local-{part} > li").all_inner_texts()


def test_a_package_of_the_shop_is_judged_without_sending_anything(
    stranger: WatchedPage, shops: Shops
) -> None:
    choose(stranger, shops.package)

    assert "Nothing wrong was found" in verdict(stranger)
    words = stranger.page.locator("#check-local").inner_text()
    assert "entries of" in words
    assert "split view" in words
    assert "Who wrote it" in words
    assert [one.split(": ")[0] for one in groups(stranger)] == ["▲ warning VERIFY-PACKAGE-04"]
    assert groups(stranger, "following") == []
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
    words = "\n".join(groups(stranger))
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

    expect(visitor.page).to_have_url(RESULT)
    expect(visitor.page.locator("h1")).to_have_text("Check of a file")
    assert visitor.axe() == []


class Sent:
    """The requests other than GET that a page has made."""

    def __init__(self, visitor: WatchedPage) -> None:
        self.addresses: list[str] = []
        visitor.page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if request.method != "GET":
            self.addresses.append(request.url)


def test_what_was_judged_here_is_sent_only_by_a_button_that_says_so(
    visit: Visit, shops: Shops
) -> None:
    visitor = visit(shops.cafe.key(Role.MANAGER))
    visitor.open("/check")
    sent, button = Sent(visitor), visitor.page.locator("#check-send")
    expect(button).to_have_text("Send and check")
    expect(button).to_be_disabled()

    choose(visitor, shops.package)

    assert "Nothing wrong was found" in verdict(visitor)
    expect(visitor.page.locator("#check-words")).to_contain_text("nothing was sent")
    expect(button).to_have_text("Send it to the server as well")
    assert sent.addresses == []

    button.click()

    expect(visitor.page).to_have_url(RESULT)
    expect(visitor.page.locator("main")).to_contain_text("VERIFY-PACKAGE-04")
    assert len(sent.addresses) == 1


def test_where_sending_brings_nothing_it_is_not_offered(
    visit: Visit, stranger: WatchedPage, shops: Shops, tmp_path: Path
) -> None:
    manager = visit(shops.cafe.key(Role.MANAGER))
    manager.open("/check")
    sent = Sent(manager)
    text = tmp_path / "code.txt"
    text.write_text(PORTUGUESE)

    choose(manager, shops.package)
    choose(manager, text)
    choose(stranger, shops.package)

    assert "not a proof" in verdict(manager, "check-qr")
    expect(manager.page.locator("#check-words")).to_contain_text("nothing was sent")
    for visitor in (manager, stranger):
        expect(visitor.page.locator("#check-send")).to_be_disabled()
        expect(visitor.page.locator("#check-send")).to_have_text("Send and check")
    assert sent.addresses == []


def with_line(source: Path, target: Path, change: Callable[[Any], Any], kind: str) -> Path:
    """The package with the first entry of a kind changed."""
    bodies = bodies_of(source)
    number = next(at for at, body in enumerate(bodies) if f'"kind":"{kind}"'.encode() in body)
    with ZipFile(source) as archive, ZipFile(target, "w") as out:
        for name in archive.namelist():
            data = archive.read(name)
            if name == "entries.jsonl":
                lines = data.splitlines()
                lines[number] = json.dumps(change(json.loads(lines[number]))).encode()
                data = b"\n".join([*lines, b""])
            out.writestr(name, data)
    return target


def test_an_entry_that_cannot_be_read_is_told_before_what_follows_from_it(
    stranger: WatchedPage, shops: Shops, tmp_path: Path
) -> None:
    def broken(line: Any) -> Any:
        body = base64.b64decode(line["body"])
        return line | {"body": base64.b64encode(body[:-1]).decode()}

    choose(stranger, with_line(shops.package, tmp_path / "p.zip", broken, "document@1"))

    assert "not good" in verdict(stranger)
    first, *others = groups(stranger)
    assert "VERIFY-BODY-01" in first
    assert "file entries.jsonl, line " in first
    following = groups(stranger, "following")
    assert any("VERIFY-SEQUENCE-01" in one for one in following)
    assert not any("VERIFY-SEQUENCE-01" in one for one in others)
    head = stranger.page.locator("#check-local-following").locator("xpath=preceding-sibling::*[1]")
    assert head.inner_text() == "What may be a consequence of it"
    assert stranger.axe() == []


def test_a_damaged_zip_is_told_once_and_first(
    stranger: WatchedPage, shops: Shops, tmp_path: Path
) -> None:
    """Its entries end in the middle, and all that relied on the others is a consequence."""
    path = tmp_path / "p.zip"
    content = bytearray(shops.package.read_bytes())
    with ZipFile(shops.package) as archive:
        info = archive.getinfo("entries.jsonl")
    middle = info.header_offset + info.compress_size // 2
    content[middle : middle + 200] = bytes(200)
    path.write_bytes(content)

    choose(stranger, path)

    assert "not good" in verdict(stranger)
    all_groups = [*groups(stranger), *groups(stranger, "following")]
    assert (
        "VERIFY-PACKAGE-01: a file of the package is missing, too large or unreadable"
        in (all_groups[0])
    )
    codes = [re.findall(r"VERIFY-[A-Z]+-[0-9]+", one)[0] for one in all_groups]
    assert len(codes) == len(set(codes)), "one group for each code"
    assert all(re.search(r"How often\s+[1-9]", one) for one in all_groups)


def test_a_code_is_apart_from_the_words_after_it(stranger: WatchedPage, shops: Shops) -> None:
    """For who copies it, and for who hears it."""
    choose(stranger, shops.package)
    settled(stranger)

    group = stranger.page.locator("#check-local-findings > li").first
    heard = group.text_content() or ""
    copied = stranger.page.evaluate(
        """() => {
            getSelection().selectAllChildren(document.querySelector("#check-local-findings"));
            return getSelection().toString();
        }"""
    )
    for said in (group.inner_text(), heard, copied):
        assert "warning VERIFY-PACKAGE-04: there is no signature beside the package" in said
        assert re.search(r"It means\s+nothing shows", said)


@pytest.mark.parametrize("given", ["none", "good", "bad"])
def test_of_the_signature_beside_the_package_it_is_said_once(
    stranger: WatchedPage, shops: Shops, given: str
) -> None:
    jws = Path(f"{shops.package}.jws").read_text()
    said = {"none": "", "good": jws, "bad": f"{jws[:-4]}AAAA"}[given]

    choose(stranger, shops.package, jws=said)

    verdict(stranger)
    words = stranger.page.locator("#check-local").inner_text().splitlines()
    heads = ("there is no signature beside", "The package's own signature", "is not that of its")
    about = [line for line in words if any(one in line for one in heads)]
    assert len(about) == 1, about
    assert stranger.page.locator("[type=file][id=check-jws], #check-server-jws").count() == 1


def test_what_is_said_of_a_package_afterwards_judges_it_again(
    stranger: WatchedPage, shops: Shops
) -> None:
    page = stranger.page
    choose(stranger, shops.package)
    assert "VERIFY-PACKAGE-04" in "".join(groups(stranger))

    choose_beside(stranger, Path(f"{shops.package}.jws").read_text())
    page.locator("#check-fingerprint").fill("sha256:" + "0" * 64)
    page.locator("#check-fingerprint").press("Tab")
    settled(stranger)

    assert page.evaluate("document.activeElement.id") == "check-witnesses"
    assert "not good" in verdict(stranger)
    assert [one.split(": ")[0] for one in groups(stranger)] == ["✖ error VERIFY-ROOT-01"]


def test_the_signature_of_one_package_is_not_taken_for_that_of_the_next(
    stranger: WatchedPage, shops: Shops, tmp_path: Path
) -> None:
    next_one, _ = tampered(shops.package, tmp_path)
    choose(stranger, shops.package, jws=Path(f"{shops.package}.jws").read_text())
    assert groups(stranger) == []

    choose(stranger, next_one)

    said = "".join(groups(stranger) + groups(stranger, "following"))
    assert "VERIFY-PACKAGE-04" in said
    assert "VERIFY-PACKAGE-03" not in said


def test_a_malformed_fingerprint_is_told_beside_its_field_and_the_result_stays(
    stranger: WatchedPage, shops: Shops
) -> None:
    choose(stranger, shops.package)
    before = verdict(stranger)
    field = stranger.page.locator("#check-fingerprint")
    field.evaluate("(field) => field.closest('details').open = true")

    field.fill("sha256:12")
    field.blur()

    expect(stranger.page.locator("#check-fingerprint-error")).to_contain_text("64 digits")
    assert verdict(stranger) == before
    field.fill("")
    field.blur()
    expect(stranger.page.locator("#check-fingerprint-error")).to_be_hidden()


def test_a_finding_in_a_package_names_the_document_and_advice_for_its_holder(
    stranger: WatchedPage, shops: Shops, tmp_path: Path
) -> None:
    path, body = tampered(shops.package, tmp_path)

    choose(stranger, path)

    found = stranger.page.locator("#check-local-findings").inner_text()
    assert f"{body['numbered']['name']}/{body['numbered']['number']}" in found
    assert "Ask whoever gave you the package for it again" in found
    assert "backup" not in found
    assert "`" not in stranger.page.locator("main").inner_text()


def test_entries_that_could_not_be_read_do_not_count_as_checked(
    stranger: WatchedPage, shops: Shops, tmp_path: Path
) -> None:
    path = tmp_path / "unread.zip"
    bodies = len(bodies_of(shops.package))
    with ZipFile(shops.package) as archive, ZipFile(path, "w") as out:
        for name in archive.namelist():
            data = archive.read(name)
            if name == "entries.jsonl":
                lines = [json.loads(line) for line in data.splitlines()]
                for line in lines[-3:]:
                    line["body"] = base64.b64encode(b"no body").decode()
                data = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
            out.writestr(name, data)

    choose(stranger, path)

    checked = stranger.page.locator("#check-local-checked").inner_text()
    unchecked = stranger.page.locator("#check-local-unchecked").inner_text()
    assert f"{bodies - 3} entries of" in checked
    assert "3 entries whose bodies could not be read" in unchecked
