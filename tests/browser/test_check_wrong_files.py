"""Whatever somebody drops on the page 'Check a file', by mistake or to do harm: it ends soon with a
clear verdict, in each language, and the page goes on meanwhile."""

import base64
import json
import random
import re
from pathlib import Path
from time import monotonic
from typing import Any
from zipfile import ZipFile

import pytest
from playwright.sync_api import FilePayload, expect

from fiscus.console.languages import LANGUAGES
from fiscus.registry.roles import Role
from tests.browser.conftest import Visit
from tests.browser.shops import Shops
from tests.browser.watching import WatchedPage
from tests.browser.wrong_files import WRONG

RESULT = re.compile(r"/check/[0-9a-f]{32}$")
SECONDS_MAX = 75
"""The checker's minute, and the way there and back."""

PAUSE_MS_MAX = 2_000
"""So long the page may not answer: also on a loaded machine."""

HERE = {"lines.zip", "line.zip"}
"""What is judged in the browser alone."""

UNSENT = {"empty.xml"}

EXPECTED = {
    "picture.png": ("unjudged", "CHECK-KIND-01"),
    "zeros.bin": ("unjudged", "CHECK-KIND-01"),
    "entities.xml": ("bad", "SAFT-FILE-02"),
    "bomb.zip": ("bad", "DSFINVK-FILE-06"),
    "columns.zip": ("bad", "DSFINVK-INDEX-01"),
    "members.zip": ("unjudged", "CHECK-KIND-01"),
    "deep.tar": ("bad", "TSE-LOG-01"),
    "sparse.tar": ("bad", "TSE-TAR-01"),
    "EXTF_utf16.csv": ("bad", "EXTF-FILE-"),
    "EXTF_utf8.csv": ("bad", "EXTF-FILE-01"),
    "long.xml": ("bad", "SAFT-FILE-04"),
}

VERDICTS = {
    "bad": {
        "en": "Errors were found.",
        "de": "Es wurden Fehler gefunden.",
        "pt": "Foram encontrados erros.",
    },
    "unjudged": {
        "en": "The file could not be judged.",
        "de": "Die Datei konnte nicht beurteilt werden.",
        "pt": "Não foi possível avaliar o ficheiro.",
    },
}

_PAUSES = """() => {
    let before = performance.now();
    globalThis.longest = 0;
    setInterval(() => {
        const now = performance.now();
        globalThis.longest = Math.max(globalThis.longest, now - before);
        before = now;
    }, 20);
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("wrong")
    for name, write in WRONG.items():
        write(made / name)
    return made


def dropped(visitor: WatchedPage, path: Path) -> None:
    """Until the page has ended with it; the page answers meanwhile."""
    visitor.page.evaluate(_PAUSES)
    begun = monotonic()
    visitor.page.locator("#check-file").set_input_files(path)
    expect(visitor.page.locator("#check-form")).to_have_attribute(
        "aria-busy", "false", timeout=SECONDS_MAX * 1000
    )
    assert monotonic() - begun < SECONDS_MAX
    assert visitor.page.evaluate("globalThis.longest") < PAUSE_MS_MAX


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_stranger_is_told_what_it_is_or_what_is_wrong(
    visit: Visit, folder: Path, language: str
) -> None:
    visitor = visit("", language=language, width=390)
    visitor.open("/check")
    said: dict[str, str] = {}
    for name in WRONG:
        dropped(visitor, folder / name)
        words = visitor.page.locator("#check-words").inner_text()
        said[name] = words
        assert words.count(".") >= 1, name
        assert not re.search(r"\b(verify|upload|local)\.", words), words
        is_here = visitor.page.locator("#check-local").is_visible()
        assert is_here == (name in HERE), name
        expect(visitor.page.locator("#check-send")).to_be_disabled()
        assert visitor.width_beyond() <= 0, name
    other = visit("", language="en" if language != "en" else "de")
    other.open("/check")
    dropped(other, folder / "picture.png")
    assert other.page.locator("#check-words").inner_text() != said["picture.png"]


@pytest.mark.parametrize("name", [one for one in WRONG if one not in HERE | UNSENT])
def test_the_server_ends_with_a_verdict_in_every_language(
    visit: Visit, shops: Shops, folder: Path, name: str
) -> None:
    key = shops.cafe.key(Role.MANAGER)
    visitor = visit(key)
    visitor.open("/check")
    dropped(visitor, folder / name)
    begun = monotonic()

    visitor.page.locator("#check-send").click()

    expect(visitor.page).to_have_url(RESULT, timeout=SECONDS_MAX * 1000)
    assert monotonic() - begun < SECONDS_MAX
    verdict, code = EXPECTED[name]
    address = visitor.page.url.removeprefix(visitor.address)
    for language in LANGUAGES:
        reader = visit(key, language=language, width=390)
        reader.open(address)
        words = reader.page.locator("main").inner_text()
        assert VERDICTS[verdict][language] in words
        assert re.search(rf"{code}\w*: \S", words), words
        assert reader.axe() == []
        assert reader.width_beyond() <= 0


MEMBERS = ("body", "key", "link", "signature")
FILES = ("manifest.json", "checkpoint.txt", "proofs.jsonl")


def flipped(files: dict[str, bytes], place: str, rng: random.Random) -> dict[str, bytes]:
    """One bit of one member of an entry in the middle, or of another file."""
    if place not in MEMBERS:
        content = bytearray(files[place])
        content[rng.randrange(len(content))] ^= 1
        return files | {place: bytes(content)}
    lines = files["entries.jsonl"].splitlines()
    number = len(lines) // 2
    line: Any = json.loads(lines[number])
    if place == "body":
        body = bytearray(base64.b64decode(line["body"]))
        body[rng.randrange(len(body))] ^= 1
        line["body"] = base64.b64encode(body).decode()
    else:
        at = rng.randrange(len(line[place]))
        line[place] = (
            line[place][:at] + ("0" if line[place][at] != "0" else "1") + line[place][at + 1 :]
        )
    lines[number] = json.dumps(line).encode()
    return files | {"entries.jsonl": b"\n".join([*lines, b""])}


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_changed_byte_in_each_kind_of_place_is_told_in_every_language(
    visit: Visit, shops: Shops, tmp_path: Path, language: str
) -> None:
    visitor = visit("", language=language)
    visitor.open("/check")
    jws = Path(f"{shops.package}.jws").read_bytes()
    with ZipFile(shops.package) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    for place in (*MEMBERS, *FILES, "zip"):
        path = tmp_path / f"{place}.zip"
        if place == "zip":
            content = bytearray(shops.package.read_bytes())
            content[len(content) // 2] ^= 1
            path.write_bytes(content)
        else:
            with ZipFile(path, "w") as out:
                for name, data in flipped(files, place, random.Random(place)).items():
                    out.writestr(name, data)
        named = f"{place}.zip.jws"
        beside: FilePayload = {"name": named, "mimeType": "text/plain", "buffer": jws}
        visitor.page.locator("#check-jws").set_input_files(beside)
        dropped(visitor, path)

        mood = visitor.page.locator("#check-local-verdict").get_attribute("class")
        assert mood == "notice bad", place
        first = visitor.page.locator("#check-local .finding").first.inner_text()
        assert re.search(r"VERIFY-[A-Z]+-\d\d: \S", first), place
        assert "VERIFY-SEQUENCE-01" not in first
    assert visitor.axe() == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_changed_amount_in_a_code_is_told_in_every_language(
    visit: Visit, shops: Shops, language: str
) -> None:
    visitor = visit("", language=language)
    visitor.open("/check")
    german = [step.fiscal["verification"] for step in shops.berlin.steps if step.fiscal]
    code = next(said["qr_data"] for said in german if said and ":Bar" in said.get("qr_data", ""))
    portuguese = (
        "A:123456789*B:999999990*C:PT*D:FS*E:N*F:20230812*G:FS CDVF/12345*H:CDF7T5HD-12345*I1:PT"
        "*I7:0.65*I8:0.15*N:0.15*O:0.90*Q:YhGV*R:9999"
    )
    amount = re.search(r"(\d)\.\d\d:Bar", code)
    assert amount is not None
    other = "1" if amount[1] != "1" else "2"
    changed = code[: amount.start()] + other + code[amount.start() + 1 :]
    for text, finding in ((portuguese, "QR-PT-12"), (changed, "QR-DE-05")):
        visitor.page.locator("#check-qr-text").fill(text)
        visitor.page.locator("#check-qr-send").click()
        expect(visitor.page.locator("#check-qr")).to_have_attribute("aria-busy", "false")
        expect(visitor.page.locator("#check-qr-verdict")).to_have_class("notice bad")
        words = visitor.page.locator("#check-qr-findings").inner_text()
        assert re.search(rf"{finding}: \S", words), words
    assert visitor.axe() == []
