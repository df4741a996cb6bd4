"""The page of one receipt, as customers, and those who guess, meet it."""

import html
import json
import re
import shutil
from base64 import urlsafe_b64decode
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from fiscus.api.families.reporting.tests.berlin import Kiosk, a_kiosk, a_leg, a_return
from fiscus.api.families.reporting.tests.caller import platform
from fiscus.app import RECEIPTS_PER_SECOND
from fiscus.console.tests.conftest import Browser
from fiscus.model.records import EntryBody
from fiscus.registry import organizations, receipts
from fiscus.store.connect import reading, writing
from tests.support import outsider, proving, words
from tests.support.premises import Model, MovingClock, Premises, copied, served
from tests.support.till import Json, Till

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@pytest.fixture
def kiosk(premises: Premises) -> Kiosk:
    """A shop in Berlin beside the one in Lisbon."""
    found = a_kiosk(premises, platform(premises).opens_merchant())
    found.opens()
    return found


def path_of(premises: Premises, record: str) -> str:
    return premises.services.receipts.path(record)


def newest(premises: Premises, organization: str) -> EntryBody:
    with reading(premises.services.engine) as tx:
        return receipts.newest(tx, organization, 1)[0]


def berlin(kiosk: Kiosk) -> str:
    """The organization of the kiosk, as the core has it."""
    digits = kiosk.caller.organization.removeprefix("org_")
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def text_of(page: str) -> str:
    """What stands on a page, without markup."""
    bare = re.sub(r"<script.*?</script>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", bare)))


def test_a_customer_finds_what_stands_on_the_paper_at_once(
    premises: Premises, till: Till, stranger: Browser
) -> None:
    record = till.sells(words.receipt(words.line(), words.exempt(number="2")))
    companion = till.get(f"/records/{record['id']}/document")

    answer = stranger.get(path_of(premises, record["id"]))

    assert answer.status_code == 200
    shown = text_of(answer.text)
    for said in (companion["number"], *companion["prints"], "27.46 €", "23%", "Padaria do Cais"):
        assert said in shown, said
    assert "Copy of a receipt" in shown
    assert "TEST Nothing here is legally valid." in shown
    assert "<svg" in answer.text
    assert "Within a minute a signed state of the log covers it" in shown
    for name, value in {
        "X-Robots-Tag": "noindex, nofollow",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
    }.items():
        assert answer.headers[name] == value
    assert '<meta name="robots" content="noindex, nofollow">' in answer.text


def test_a_receipt_of_berlin_has_its_sentences_and_its_code(
    premises: Premises, kiosk: Kiosk, stranger: Browser
) -> None:
    kiosk.sells(a_leg("11.90"))
    body = newest(premises, berlin(kiosk))
    assert body.seal is not None

    answer = stranger.get(path_of(premises, body.id))

    shown = text_of(answer.text)
    for line in body.seal.prints:
        assert line in shown, line
    assert 'lang="de"' in answer.text
    assert "Filterkaffee 2 5.95 € 19% 11.90 €" in shown
    assert "Cash 11.90 €" in shown
    assert "VAT number DE" in shown
    assert "<svg" in answer.text


def test_nothing_of_the_shop_is_shown_but_the_receipt(
    premises: Premises, till: Till, kiosk: Kiosk, stranger: Browser
) -> None:
    other = till.sells(words.receipt(words.line("Pastel de nata", "1.50", quantity="1")))
    record = till.sells(
        words.receipt(details={"creators": [{"type": "PERSON", "label": "Ana Sá"}]})
    )
    kiosk.sells(a_leg("11.90"))
    proving.covers(premises)
    sold = newest(premises, berlin(kiosk))
    number = till.get(f"/records/{other['id']}/document")["number"]

    for id_, register in ((record["id"], ""), (sold.id, sold.register)):
        path = path_of(premises, id_)
        page = stranger.get(path).text
        kept = stranger.get(f"{path}/receipt.json").json()
        # The log is named by its installation, for everybody; Berlin's law prints the register.
        payload = urlsafe_b64decode(kept["payload"] + "==").decode()
        ids = set(_UUID.findall(page)) | set(_UUID.findall(payload))
        log = _UUID.findall(kept["header"]["log_key"])
        assert ids - set(log) == ({register} if register else set())
        for secret in (other["id"], number, "Pastel de nata", "Ana Sá", "X-Idempotency"):
            assert secret not in page + payload


def test_what_happened_later_is_marked(premises: Premises, till: Till, stranger: Browser) -> None:
    sold, returned, practice = (
        till.sells(words.receipt()),
        till.sells(words.receipt()),
        till.sells(words.receipt(details={**words.BY, "training": True})),
    )
    assert "Cancelled" not in stranger.get(path_of(premises, sold["id"])).text

    till.sells(words.cancellation(sold["id"]))
    note = till.sells(words.correction(returned["id"]))

    cancelled = text_of(stranger.get(path_of(premises, sold["id"])).text)
    assert "Cancelled: this document does not count any more." in cancelled
    assert "ANULADO" in cancelled
    corrected = text_of(stranger.get(path_of(premises, returned["id"])).text)
    assert "Corrected: a later document" in corrected
    assert "Cancelled" not in corrected
    assert "For practice only" in text_of(stranger.get(path_of(premises, practice["id"])).text)
    credit = text_of(stranger.get(path_of(premises, note["id"])).text)
    number = till.get(f"/records/{note['id']}/document")["number"]
    assert f"Credit note {number}" in credit
    assert re.search(r"Total amount \d", credit)
    assert "-" not in credit.partition("What was bought")[2].partition("Taxes")[0]


def test_money_that_went_back_in_berlin_has_a_sign(
    premises: Premises, kiosk: Kiosk, stranger: Browser
) -> None:
    sold = kiosk.sells(a_leg("11.90"))
    kiosk.completes(kiosk.does(a_return(related_operation_id=sold["id"])), a_leg("-5.95"))

    shown = text_of(stranger.get(path_of(premises, newest(premises, berlin(kiosk)).id)).text)

    assert "Filterkaffee -1 5.95 € 19% -5.95 €" in shown
    assert "Total amount -5.95 €" in shown


def test_after_the_checkpoint_everything_is_there_to_compute_it_again(
    premises: Premises, till: Till, stranger: Browser
) -> None:
    record = till.sells(words.receipt())
    path = path_of(premises, record["id"])
    early = stranger.get(f"{path}/proof")
    assert early.status_code == 409
    assert 1 <= int(early.headers["Retry-After"]) <= 60

    proving.covers(premises)

    page = stranger.get(path).text
    assert "It is in the journal of the shop" in page
    assert "No witness has signed this state of the log" in page
    script = json.loads(re.search(r'id="receipt">(.*?)</script>', page)[1])  # type: ignore[index]
    proof = stranger.get(f"{path}/proof")
    assert proof.text == script["proof"]
    assert proof.headers["Content-Type"].startswith("text/plain")
    assert script["link"] == proving.kept_link(premises, record["id"])
    origin = script["log_key"].partition("+")[0]
    outsider.proved(proof.text, script["link"], origin, proving.log_public(premises))
    assert stranger.get(script["file"]).status_code == 200


def test_the_file_bears_a_signature_that_any_program_verifies(
    premises: Premises, till: Till, stranger: Browser
) -> None:
    record = till.sells(words.receipt())
    path = path_of(premises, record["id"])
    proving.covers(premises)

    answer = stranger.get(f"{path}/receipt.json")

    kept: Json = answer.json()
    assert answer.headers["Content-Disposition"] == 'attachment; filename="receipt.json"'
    expect_signed(kept)
    said = json.loads(urlsafe_b64decode(kept["payload"] + "=="))
    assert said["link"] == proving.kept_link(premises, record["id"])
    assert said["environment"] == "test"
    assert said["receipt"]["gross"] == "2.46"
    assert kept["header"]["proof"] == stranger.get(f"{path}/proof").text
    changed = {**kept, "payload": kept["payload"][:-4] + "AAAA"}
    with pytest.raises(InvalidSignature):
        expect_signed(changed)


def expect_signed(kept: Json) -> None:
    """As RFC 7515 says it, with nothing of ours."""
    header = json.loads(urlsafe_b64decode(kept["protected"] + "=="))
    assert (header["alg"], header["typ"]) == ("ES256", "fiscus-receipt+json")
    key = load_pem_public_key(kept["header"]["public_key"].encode())
    assert isinstance(key, EllipticCurvePublicKey)
    raw = urlsafe_b64decode(kept["signature"] + "==")
    r, s = (int.from_bytes(part, "big") for part in (raw[:32], raw[32:]))
    signed = f"{kept['protected']}.{kept['payload']}".encode()
    key.verify(encode_dss_signature(r, s), signed, ECDSA(SHA256()))


def test_all_that_leads_nowhere_is_answered_alike(
    premises: Premises, till: Till, stranger: Browser
) -> None:
    record = till.sells(words.receipt())["id"]
    intention = till.intends()
    good = path_of(premises, record)
    other_key = receipts.token(receipts.key(bytes(32)), record)
    with writing(premises.services.engine) as tx:
        off = organizations.switch_receipts
        off(tx, till.organization, is_on=False, at=premises.clock())
    tokens = [
        good.removeprefix("/r/"),
        path_of(premises, intention).removeprefix("/r/"),
        path_of(premises, str(uuid4())).removeprefix("/r/"),
        other_key,
        good[:-1].removeprefix("/r/"),
        good.removeprefix("/r/") + "a",
        "x",
        record,
        "%00",
        "é" * 26,
    ]

    answers = [stranger.get(f"/r/{token}") for token in tokens]

    assert {answer.status_code for answer in answers} == {404}
    pages = {
        answer.text.replace(f"/r/{token}", "")
        for answer, token in zip(answers, tokens, strict=True)
    }
    assert len({re.sub(r'name="back" value="[^"]*"', "", page) for page in pages}) == 1
    assert "compare each character with the paper" in answers[0].text
    for below in ("proof", "receipt.json"):
        assert stranger.get(f"{good}/{below}").status_code == 404
    with writing(premises.services.engine) as tx:
        organizations.switch_receipts(tx, till.organization, is_on=True, at=premises.clock())
    assert stranger.get(good).status_code == 200
    assert stranger.get(good.upper().replace("/R/", "/r/")).status_code == 200
    premises.assert_proved()


def test_an_address_stays_good_over_a_restart_and_in_a_copy_that_was_put_back(
    shop_model: tuple[Model, Till], tmp_path: Path
) -> None:
    model, found = shop_model
    with copied(model, tmp_path / "data") as chosen:
        with served(chosen, model.first, MovingClock()) as premises:
            record = replace(found, http=premises.http).sells(words.receipt())["id"]
            path = path_of(premises, record)
            assert premises.http.get(path).status_code == 200
        with served(chosen, model.first, MovingClock()) as premises:
            assert path_of(premises, record) == path
            assert premises.http.get(path).status_code == 200
        if model.database_url:
            return  # what follows copies a folder with the database in it
        shutil.copytree(tmp_path / "data", tmp_path / "restored")
        restored = chosen.model_copy(update={"data_dir": tmp_path / "restored"})
        with served(restored, model.first, MovingClock()) as premises:
            assert premises.http.get(path).status_code == 200


def test_each_customer_reads_it_in_a_language_of_theirs(
    premises: Premises, till: Till, stranger: Browser
) -> None:
    path = path_of(premises, till.sells(words.receipt())["id"])

    assert "Ist er echt?" in stranger.get(path, {"accept-language": "de-AT,en;q=0.5"}).text
    portuguese = stranger.get(path, {"accept-language": "pt-PT"}).text
    assert "É autêntico?" in portuguese
    assert "2,46" in portuguese
    nowhere = stranger.get("/r/x", {"accept-language": "pt"})
    assert "compare cada carácter com o papel" in nowhere.text


def test_who_opens_too_many_waits(premises: Premises, till: Till, stranger: Browser) -> None:
    path = path_of(premises, till.sells(words.receipt())["id"])
    for _ in range(RECEIPTS_PER_SECOND):
        assert stranger.get("/r/x").status_code == 404

    late = stranger.get(path)

    assert late.status_code == 429
    assert late.headers["Retry-After"] == "1"
    premises.clock.move(seconds=1)
    assert stranger.get(path).status_code == 200


def test_a_person_of_another_shop_sees_a_receipt_as_a_customer_does(
    premises: Premises, till: Till, console: Browser
) -> None:
    stranger = premises.unit("Café Estranho").opens_shop()
    record = stranger.sells(words.receipt())["id"]

    answer = console.get(path_of(premises, record))

    assert answer.status_code == 200
    assert "Café Estranho" not in answer.text  # the name of the tenant is not on its paper


def test_the_page_has_no_menu_whoever_is_signed_in(
    premises: Premises, till: Till, console: Browser, stranger: Browser
) -> None:
    path = path_of(premises, till.sells(words.receipt())["id"])

    shown = console.get(path).text

    assert 'class="tabs"' in console.get("/console/units").text
    for page in (shown, stranger.get(path).text, console.get("/r/nothing").text):
        assert 'class="tabs"' not in page
        assert 'class="unit"' not in page
        assert "/console/sign-in" not in page
        assert "/console/sign-out" not in page
    assert console.post("/console/language", {"language": "de", "back": path}).status_code == 303
