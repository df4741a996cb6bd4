"""The pages of one record, over the real application: what is shown of each kind, and to whom."""

from dataclasses import replace
from datetime import date

import pytest

from fiscus.api.families.reporting import ids
from fiscus.api.families.reporting.tests.berlin import a_leg, a_return
from fiscus.console.tests.conftest import Browser
from fiscus.console.tests.people import of_kiosk, organization_of, shop_in_berlin
from fiscus.model.kinds import EntryKind
from fiscus.registry.roles import Role
from fiscus.store.connect import reading
from fiscus.store.schema import ENTRY
from fiscus.transparency import proofs
from tests.support import words
from tests.support.till import Till

MONDAY, TUESDAY = date(2026, 11, 16), date(2026, 11, 17)


def page_of(browser: Browser, record: str, more: str = "") -> str:
    answer = browser.get(f"/console/documents/{record}{more}")
    assert answer.status_code == 200, answer.text
    return answer.text


def test_a_receipt_is_shown_with_all_that_was_sealed(console: Browser, till: Till) -> None:
    record = till.sells(words.receipt())
    seal = words.qr(record)

    page = page_of(console, record["id"])

    for text in (seal["G"], seal["H"], "Café", "Padaria do Cais, Lda.", "Loja Baixa", "caixa-1"):
        assert text in page
    assert "Processado por programa certificado" in page
    assert '<svg viewBox="0 0' in page
    assert "This document concludes the intention" in page
    assert "FR-T01-2026" in page
    assert ">TEST<" in page


def test_the_customer_s_page_of_a_receipt_is_one_click_away(console: Browser, till: Till) -> None:
    record = till.sells(words.receipt())
    path = console.premises.services.receipts.path(record["id"])

    assert f'href="{path}"' in page_of(console, record["id"])
    assert "/r/" not in page_of(console, record["record"]["id"])
    assert console.stranger().get(path).status_code == 200


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("de", "Was versiegelt wurde"),
        ("pt", "O que foi selado"),
        ("en", "What was sealed"),
    ],
)
def test_the_page_is_in_the_language_of_the_visitor(
    console: Browser, till: Till, language: str, sentence: str
) -> None:
    record = till.sells(words.receipt())
    console.language = language

    assert sentence in page_of(console, record["id"])


def test_corrections_and_cancellations_are_linked_both_ways(console: Browser, till: Till) -> None:
    receipt, wrong = till.sells(words.receipt()), till.sells(words.receipt())
    note = till.sells(words.correction(receipt["id"]))
    void = till.sells(words.cancellation(wrong["id"]))

    for one, other in ((receipt, note), (note, receipt), (wrong, void), (void, wrong)):
        assert f'<a href="/console/documents/{other["id"]}">' in page_of(console, one["id"])
    assert "This document was cancelled by: <a" in page_of(console, wrong["id"])
    assert "This document was corrected by: <a" in page_of(console, receipt["id"])
    assert "Credit note NC" in page_of(console, receipt["id"])
    assert "This document cancels" in page_of(console, void["id"])
    assert "ANULADO" in page_of(console, wrong["id"])
    assert "Emitido por engano" in page_of(console, void["id"])


def test_a_refusal_says_why_by_which_article(console: Browser, till: Till) -> None:
    receipt = till.sells(words.receipt())
    refused = till.records(words.correction(receipt["id"], words.back(gross="99.00")))

    page = page_of(console, refused["id"])

    assert "Why it was refused" in page
    assert "PT-NOTE-" in page
    assert "Despacho n.º 8632/2014" in page


def test_the_proof_is_downloaded_once_there_is_one(console: Browser, till: Till) -> None:
    record = till.sells(words.receipt())
    address = f"/console/documents/{record['id']}/proof"

    before, page = console.get(address), page_of(console, record["id"])
    console.premises.services.log.sign()
    after = console.get(address)

    assert before.status_code == 409
    assert "Not yet: the next checkpoint comes within a minute." in page
    assert after.headers["content-disposition"].endswith('.tlog-proof"')
    with reading(console.premises.services.engine) as tx:
        row = tx.execute(ENTRY.select().where(ENTRY.c.id == record["id"])).one()
    assert proofs.parse(after.content).proves(bytes.fromhex(row.link))


@pytest.mark.parametrize("more", ["", "/explain", "/proof", "/print"])
def test_what_is_not_visible_is_not_there(console: Browser, till: Till, more: str) -> None:
    record = till.sells(words.receipt())
    address = f"/console/documents/{record['id']}{more}"
    other = console.premises.unit("Somebody else")

    assert console.as_(Role.OWNER, other.organization).get(address).status_code == 404
    assert console.by_link(TUESDAY, TUESDAY).get(address).status_code == 404
    assert console.get("/console/documents/nobody" + more).status_code == 404
    assert console.stranger().get(address).status_code == 303
    assert console.as_(Role.CONNECTOR).get(address).status_code == 403


def test_an_auditor_s_link_shows_the_records_of_its_days(console: Browser, till: Till) -> None:
    record = till.sells(words.receipt())

    assert page_of(console.by_link(MONDAY, TUESDAY), record["id"])


def test_a_day_in_berlin_is_shown_record_by_record(console: Browser) -> None:
    kiosk = shop_in_berlin(console.premises)
    kiosk.opens()
    sale = kiosk.sells()
    kiosk.completes(kiosk.does(a_return(related_operation_id=sale["id"])), a_leg("-5.95"))
    closing = ids.read("cls", kiosk.closing().json()["id"])
    visitor = of_kiosk(console, kiosk)
    with reading(console.premises.services.engine) as tx:
        query = ENTRY.select().where(ENTRY.c.organization == organization_of(kiosk))
        found = [(row.kind, row.id) for row in tx.execute(query) if row.taxpayer]

    pages = {id_: page_of(visitor, id_) for _, id_ in found}

    assert {kind for kind, _ in found} == {"intent@1", "document@1", "closing@1"}
    assert any("TSE-Signaturzähler" in page for page in pages.values())
    assert "Number of the closing" in pages[closing]
    assert visitor.get(f"/console/documents/{closing}/print?paper=a4").content[:4] == b"%PDF"
    assert visitor.get(f"/console/documents/{closing}/print?paper=a0").status_code == 404


def test_an_unsigned_sale_says_so_and_so_does_the_outage(console: Browser) -> None:
    kiosk = shop_in_berlin(console.premises)
    kiosk.opens()
    begun = kiosk.begins()
    folder = console.premises.services.settings.data_dir / "devices"
    console.premises.clock.move(minutes=1)
    folder.rename(folder.with_name("away"))
    kiosk.completes(begun)
    folder.with_name("away").rename(folder)
    visitor = of_kiosk(console, kiosk)
    with reading(console.premises.services.engine) as tx:
        rows = list(tx.execute(ENTRY.select().order_by(ENTRY.c.id)))
    [outage] = [row.id for row in rows if row.kind == EntryKind.OUTAGE]
    unsigned = [row.id for row in rows if row.kind == EntryKind.DOCUMENT][-1]

    page = page_of(visitor, unsigned)

    assert "not signed: outage" in page
    assert "TSE ausgefallen" in page
    assert "Outage of the signing device" in page_of(visitor, outage)
    german = replace(visitor, language="de")
    for id_ in (outage, unsigned):
        shown = page_of(german, id_)
        assert "Die TSE hat nicht geantwortet: die TSE lässt sich nicht öffnen</p>" in shown
        assert shown.count("No such file or directory") == 1, "in the technical text"
    assert "<dd>Deutschland</dd>" in page_of(german, unsigned)
    portuguese = page_of(replace(visitor, language="pt"), unsigned)
    assert "não se consegue abrir o dispositivo de assinatura" in portuguese
    explained = page_of(visitor, unsigned, "/explain")
    assert "Not signed by a TSE" in explained
    assert "The signing device did not answer: the signing device cannot be opened" in explained
    assert '<p lang="de">Die TSE lässt sich nicht öffnen' in explained
    assert "witnesses have signed too." not in explained


def test_what_a_voucher_paid_stands_between_what_was_sold_and_the_total(console: Browser) -> None:
    kiosk = shop_in_berlin(console.premises)
    kiosk.opens()
    kiosk.sells(a_leg("10.00", "gift_card", gift_card_id="GK-1"), a_leg("1.90"))
    visitor = of_kiosk(console, kiosk)
    with reading(console.premises.services.engine) as tx:
        query = ENTRY.select().where(
            ENTRY.c.organization == organization_of(kiosk), ENTRY.c.kind == EntryKind.DOCUMENT
        )
        sale = [row.id for row in tx.execute(query.order_by(ENTRY.c.id))][-1]

    page = page_of(visitor, sale)
    path = console.premises.services.receipts.path(sale)
    receipt = console.stranger().get(path).text
    today = visitor.get("/console/today").text

    for text in (
        "What was sold</dt><dd>11.90",
        "Gift card</dt><dd>-10.00",
        "left to pay</dt><dd>1.90",
    ):
        assert text in page
    assert "<abbr" not in page
    assert "-10.00" in receipt
    assert "what was left to pay" in receipt
    assert receipt.count('data-label="Quantity"') == 1, "a voucher is no article"
    assert "What a gift card or voucher paid counts as sold here" in today
