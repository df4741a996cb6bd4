"""The page that explains a record, over the real application."""

import json
import re
from base64 import b64decode
from typing import Any

import pytest

from fiscus.console.pages.explain import TEXTS
from fiscus.console.tests.conftest import Browser
from fiscus.console.tests.people import of_kiosk, register_of, shop_in_berlin
from fiscus.model.kinds import EntryKind
from fiscus.store.connect import reading
from fiscus.store.schema import ENTRY
from tests.support import words
from tests.support.till import Json, Till

RIGHT, WRONG = "the service found it right", "the service found it NOT right"


def page_of(browser: Browser, record: str) -> str:
    answer = browser.get(f"/console/documents/{record}/explain")
    assert answer.status_code == 200, answer.text
    return answer.text


def data_of(page: str, name: str) -> Any:
    """What the page hands over to its script."""
    found = re.search(f'<script type="application/json" id="{name}">(.*?)</script>', page, re.S)
    assert found is not None
    return json.loads(found[1])


def a_receipt(console: Browser, till: Till) -> Json:
    record = till.sells(words.receipt())
    till.sells(words.receipt())
    console.premises.services.log.sign()
    return record


def test_all_that_is_needed_stands_on_the_page_and_what_the_service_found(
    console: Browser, till: Till
) -> None:
    record = a_receipt(console, till)
    with reading(console.premises.services.engine) as tx:
        row = tx.execute(ENTRY.select().where(ENTRY.c.id == record["id"])).one()

    page = page_of(console, record["id"])

    for said in (row.link, row.key, row.signature, row.body.hex(" "), words.qr(record)["H"]):
        assert said in page
    assert "The script of this page does not run" in page
    assert "2.46 × 23 ÷ 123" in page
    assert "Despacho n.º 8632/2014" in page
    assert page.count(RIGHT) >= 18
    assert WRONG not in page


def test_the_script_gets_the_bytes_as_they_are_kept(console: Browser, till: Till) -> None:
    record = a_receipt(console, till)
    with reading(console.premises.services.engine) as tx:
        row = tx.execute(ENTRY.select().where(ENTRY.c.id == record["id"])).one()

    page = page_of(console, record["id"])
    given, texts = data_of(page, "explain"), data_of(page, "texts")

    assert b64decode(given["record"]["body"]) == row.body
    assert given["record"]["link"] == row.link
    assert given["next"] == row.link
    assert [one["step"] for one in given["keys"]] == ["key-0", "key-1", "key-2"]
    assert given["log"]["proof"].startswith("c2sp.org/tlog-proof@v1\n")
    assert data_of(page, "witnesses") == []
    assert set(TEXTS) < set(texts)
    places = set(re.findall(r'data-step="([a-z0-9-]+)"', page))
    handed = {one["step"] for name in ("keys", "law", "totals") for one in given[name]}
    assert places == handed | {"link", "follows", "signature", "inclusion", "log"}


def test_before_a_checkpoint_the_page_says_when_there_is_a_proof(
    console: Browser, till: Till
) -> None:
    record = till.sells(words.receipt())

    page = page_of(console, record["id"])

    assert "Not yet: the next checkpoint comes within a minute." in page
    assert "Nothing follows it in the chain yet." in page
    assert data_of(page, "explain")["log"] is None


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("de", ("Was für das Gesetz signiert wurde", "der Dienst fand es richtig")),
        ("pt", ("O que foi assinado por força da lei", "o serviço achou-o certo")),
    ],
)
def test_the_law_and_the_page_speak_the_visitors_language(
    console: Browser, till: Till, language: str, sentences: tuple[str, str]
) -> None:
    record = a_receipt(console, till)
    console.language = language

    page = page_of(console, record["id"])

    assert all(sentence in page for sentence in sentences)
    assert "the service found" not in page


def test_the_tse_s_message_is_shown_element_by_element(console: Browser) -> None:
    kiosk = shop_in_berlin(console.premises)
    kiosk.opens()
    kiosk.sells()
    with reading(console.premises.services.engine) as tx:
        query = ENTRY.select().where(
            ENTRY.c.chain == register_of(kiosk), ENTRY.c.kind == EntryKind.DOCUMENT
        )
        sold = [row.id for row in tx.execute(query.order_by(ENTRY.c.sequence))][-1]

    page = page_of(of_kiosk(console, kiosk), sold)

    for name in ("clientId", "processData", "signatureCounter", "logTime", "transactionNumber"):
        assert f'<th scope="row">{name}</th>' in page
    assert "Beleg^11.90_0.00_0.00_0.00_0.00^11.90:Bar" in page
    assert "BSI TR-03151-1" in page
    assert WRONG not in page


def test_a_record_that_no_law_seals_is_explained_by_the_journal_alone(
    console: Browser, till: Till
) -> None:
    record = till.sells(words.receipt())

    page = page_of(console, record["record"]["id"])

    assert "The bytes in the journal" in page
    assert data_of(page, "explain")["law"] == []
