"""A kiosk in Berlin sells through the Unified API, down to the file that its auditor gets."""

import io
from base64 import b64decode
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from fiscus.signers.tse.log import qr
from tests.journeys.test_both_families import closed
from tests.support import auditor, words
from tests.support.auditor import Tables, amount, by_receipt, total
from tests.support.premises import Premises
from tests.support.till import Json, Till, envelope, refusal

TODAY = {"from": "2026-11-16", "to": "2026-11-16"}
COFFEE: dict[str, Any] = {"code": "STANDARD", "percentage": "19"}
PRETZEL: dict[str, Any] = {"code": "REDUCED_1", "percentage": "7"}


def coffee(gross: str = "7.00", quantity: str = "2", **more: Any) -> Json:
    return words.line("Kaffee", gross, quantity=quantity, **COFFEE, **more)


def pretzel(gross: str = "1.60", quantity: str = "2", number: str = "2") -> Json:
    return words.line("Brezel", gross, quantity=quantity, number=number, **PRETZEL)


@pytest.fixture
def kiosk(premises: Premises) -> Till:
    """Its system is in service, and its device signs."""
    till = premises.unit("Späti Mitte")
    till.opens_shop(words.german(), code="10119", city="Berlin", country="DE")
    premises.work()
    return till


def audited(premises: Premises, till: Till, folder: Path) -> Tables:
    """The audit file, which our own checker finds clean, and the journal, which verifies."""
    file = till.made("/files", {"type": "AUDIT", "range": TODAY, "system": {"id": till.system}})
    premises.work()
    response = till.send("GET", file["artifact"]["path"])
    assert response.status_code == 200, response.text
    with ZipFile(io.BytesIO(response.content)) as archive:
        (name,) = [one for one in archive.namelist() if one.endswith(".tar")]
        content = archive.read(name)
    auditor.assert_checked("dsfinvk", content, folder)
    premises.assert_proved()
    return auditor.tables(content)


def test_a_receipt_carries_what_must_be_printed(kiosk: Till) -> None:
    receipt = kiosk.sells(words.receipt(coffee(), pretzel()))

    compliance = receipt["compliance"]
    scanned = qr.parse(compliance["qr_code"])
    answer = kiosk.send("GET", f"/records/{receipt['id']}")
    document = kiosk.get(f"/records/{receipt['id']}/document")
    device = document["device"]
    assert qr.verifies(scanned)
    assert scanned.process_data == "Beleg^7.00_1.60_0.00_0.00_0.00^8.60:Bar"
    assert compliance["data"].endswith("/1")
    assert compliance["sequence"]["number"] == str(device["transaction"])
    assert "outage" not in document
    assert answer.headers["Link"] == f'</records/{receipt["id"]}/document>; rel="describedby"'
    assert device["serial"] == scanned.serial
    assert b64decode(device["signature"]) == scanned.signature
    assert document["total_vat"] == {"exclusive": "7.38", "amount": "1.22", "inclusive": "8.60"}
    assert "Gesamt: 8,60 EUR" in document["prints"]
    assert f"TSE-Seriennummer: {device['serial']}" in document["prints"]
    assert f"TSE-Prüfwert: {device['signature']}" in document["prints"]


def test_a_day_is_sold_corrected_cancelled_closed_and_audited(
    premises: Premises, kiosk: Till, tmp_path: Path
) -> None:
    """RECEIPT, CORRECTION, CANCELLATION, ABORT and CLOSING work under German law, without a cash
    session, which this contract does not have."""
    first = kiosk.sells(words.receipt(coffee(), pretzel(), number="17"))
    second = kiosk.sells(words.receipt(coffee("3.50", "1"), number="18"))
    back = coffee("3.50", "1", type="RETURN")
    corrected = kiosk.sells(words.correction(first["id"], back, reason="Zurückgegeben"))
    cancelled = kiosk.sells(words.cancellation(second["id"], reason="Falscher Tisch"))
    kiosk.sells({"type": "ABORT"})
    closing = closed(kiosk)

    types = [one["type"] for one in kiosk.listed("/records?limit=100")]
    original = kiosk.get(f"/records/{second['id']}")
    book = audited(premises, kiosk, tmp_path)
    receipts = by_receipt(book["transactions"])
    one, two = receipts[corrected["record"]["id"]], receipts[cancelled["record"]["id"]]
    references = {row["BON_ID"]: row["REF_BON_ID"] for row in book["references"]}

    assert corrected["type"] == "TRANSACTION::CORRECTION"
    assert cancelled["type"] == "TRANSACTION::CANCELLATION"
    assert cancelled["compliance"]["qr_code"]
    assert types.count("TRANSACTION::CANCELLATION") == 1
    assert original["used_in"] == {"id": cancelled["id"]}
    assert (one["BON_TYP"], one["BON_STORNO"], amount(one["UMS_BRUTTO"])) == (
        "Beleg",
        "0",
        Decimal("-3.50"),
    )
    assert (two["BON_TYP"], two["BON_STORNO"], amount(two["UMS_BRUTTO"])) == (
        "Beleg",
        "1",
        Decimal("-3.50"),
    )
    assert two["BON_NOTIZ"] == "Falscher Tisch"
    assert two["BEDIENER_ID"] == "ohne Angabe"
    assert receipts[first["record"]["id"]]["BEDIENER_ID"] == "caixa-1"
    assert references == {
        corrected["record"]["id"]: first["record"]["id"],
        cancelled["record"]["id"]: second["record"]["id"],
    }
    assert [row["BON_TYP"] for row in receipts.values()].count("AVBelegabbruch") == 1
    assert total(book["cash_per_currency"], "ZAHLART_BETRAG_WAEH") == Decimal("5.10")
    assert {row["Z_NR"] for row in receipts.values()} == {"1"}
    assert closing["type"] == "INTENTION::CLOSING"


def test_what_was_taken_back_is_not_cancelled_and_a_cancellation_stays(kiosk: Till) -> None:
    sale = kiosk.sells(words.receipt(coffee(), pretzel()))
    other = kiosk.sells(words.receipt(coffee()))
    kiosk.sells(words.correction(sale["id"], coffee("3.50", "1", type="RETURN")))
    gone = kiosk.sells(words.cancellation(other["id"]))

    partly = refusal(kiosk.concludes(words.cancellation(sale["id"])), 422)
    twice = refusal(kiosk.concludes(words.cancellation(other["id"])), 422)
    reversal = refusal(kiosk.concludes(words.cancellation(gone["id"])), 422)

    assert "DE-REVERSAL-03" in partly
    assert "content.operation.record.id" in partly
    assert "DE-REVERSAL-03" in twice
    assert "DE-REVERSAL-05" in reversal


def test_a_cancellation_takes_back_cards_discounts_and_what_is_owed(
    premises: Premises, kiosk: Till, tmp_path: Path
) -> None:
    """Whatever was sold comes to nothing in the closing."""
    card = {"type": "CARD", "number": "****1234", "kind": "DEBIT"}
    owed = {"type": "OUTSTANDING", "concept": "GOOD", "details": {"amount": "2.00"}}
    cheap = coffee("6.00", unit={"quantity": "2", "price": "3.50"})
    cheap["data"]["value"]["discount"] = "0.84"  # 1.00 with VAT
    sale = kiosk.sells(
        words.receipt(cheap, pretzel(), payments=[{**card, "details": {"amount": "5.60"}}, owed])
    )
    kiosk.sells(words.cancellation(sale["id"]))
    closed(kiosk)

    book = audited(premises, kiosk, tmp_path)

    assert {amount(row["Z_UMS_BRUTTO"]) for row in book["businesscases"]} == {Decimal(0)}
    assert {amount(row["Z_ZAHLART_BETRAG"]) for row in book["payment"]} == {Decimal(0)}


def test_an_audit_file_needs_a_closing(kiosk: Till) -> None:
    """The file for the auditor is one of closings: without one it would be empty."""
    kiosk.sells(words.receipt(coffee("7.00")))

    asked = kiosk.send("POST", "/files", envelope({"type": "AUDIT", "range": TODAY}))

    assert "EXPORT-RANGE-03" in refusal(asked, 422)


def test_a_net_discount_fits_its_price(kiosk: Till) -> None:
    """The contract states discounts without VAT; one that is stated with VAT is read as well."""
    for discount in ("0.84", "1.00"):
        line = coffee("6.00", unit={"quantity": "2", "price": "3.50"})
        line["data"]["value"]["discount"] = discount
        kiosk.sells(words.receipt(line))
    line["data"]["value"]["discount"] = "0.50"

    assert "DE-LINE-04" in refusal(kiosk.concludes(words.receipt(line)), 422)


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ({"code": "REDUCED_1"}, "DE-CODE-01", "entries[0].data.vat.code"),
        (
            {"code": "REDUCED_3", "percentage": "0", "amount": "0", "exclusive": "7.00"},
            "DE-CODE-01",
            "entries[0].data.vat.code",
        ),
        (
            {"fiscal_location": {"country": "FR"}},
            "DE-CODE-03",
            "entries[0].data.vat.fiscal_location.country",
        ),
    ],
)
def test_codes_of_a_line_agree_with_it(kiosk: Till, change: Json, code: str, place: str) -> None:
    """What is stated is checked: the code of a rate, and whose tax it is."""
    refused = refusal(kiosk.concludes(words.receipt(coffee(vat=change))), 422)

    assert code in refused
    assert f"content.operation.{place}" in refused


def test_an_exemption_that_the_law_does_not_have_is_refused(kiosk: Till) -> None:
    refused = refusal(kiosk.concludes(words.receipt(words.exempt(code="CAUSE_17"))), 422)

    assert "DE-CODE-02" in refused
    assert kiosk.sells(words.receipt(words.exempt(code="CAUSE_1")))["compliance"]["qr_code"]


@pytest.mark.parametrize(
    ("head", "code", "place"),
    [
        ({"issued_at": "2015-06-01T10:00:00+02:00"}, "DE-DATE-02", "document.issued_at"),
        ({"issued_at": "2026-11-17T10:00:00+01:00"}, "DE-DATE-02", "document.issued_at"),
        ({"operation_date": "2099-01-01"}, "DE-DATE-01", "document.operation_date"),
        ({"operation_date": "2015-06-01"}, "DE-DATE-03", "document.operation_date"),
    ],
)
def test_times_that_cannot_be_are_refused(kiosk: Till, head: Json, code: str, place: str) -> None:
    refused = refusal(kiosk.concludes(words.receipt(coffee(), head=head)), 422)

    assert code in refused
    assert f"content.operation.{place}" in refused


def test_what_is_refused_can_be_sent_again_for_the_same_intention(kiosk: Till) -> None:
    """The device has begun the transaction: it is ended by a receipt or an abort, not by a
    fault."""
    intention = kiosk.intends()
    wrong = words.receipt(coffee(), payments=[{"type": "CASH", "details": {"amount": "1.00"}}])

    assert "DE-PAYMENT-01" in refusal(kiosk.concludes(wrong, intention), 422)
    assert kiosk.get(f"/records/{intention}")["state"] == "ACCEPTED"
    sold = kiosk.sells(words.receipt(coffee()), intention)
    assert sold["record"] == {"id": intention}


def test_a_sale_goes_on_while_the_device_is_out_and_its_answer_says_so(
    premises: Premises, kiosk: Till, tmp_path: Path
) -> None:
    kiosk.sells(words.receipt(coffee()))
    folder = premises.services.settings.data_dir / "devices"
    folder.rename(tmp_path / "away")

    unsigned = kiosk.sells(words.receipt(coffee()))
    document = kiosk.get(f"/records/{unsigned['id']}/document")

    assert "qr_code" not in unsigned["compliance"]
    assert unsigned["logs"][0]["message"].startswith("Submission error: the document goes without")
    assert document["outage"]
    assert "device" not in document
    closed(kiosk)
    audited(premises, kiosk, tmp_path)


def test_training_stands_in_no_total(premises: Premises, kiosk: Till, tmp_path: Path) -> None:
    training = kiosk.intends(details={**words.BY, "training": True})
    kiosk.sells(words.receipt(coffee()), training)
    kiosk.sells(words.receipt(pretzel()))
    closed(kiosk)

    book = audited(premises, kiosk, tmp_path)

    kinds = sorted(row["BON_TYP"] for row in book["transactions"])
    assert kinds == ["AVSonstige", "AVTraining", "Beleg"]
    assert total(book["cash_per_currency"], "ZAHLART_BETRAG_WAEH") == Decimal("1.60")


def test_a_later_version_of_the_contract_sells_the_same(premises: Premises, kiosk: Till) -> None:
    """2026-06-01 has other shapes; its clients are served by the same law."""
    later = replace(kiosk, version="2026-06-01")
    entry = coffee()
    entry["data"]["unit"]["price"] = {"inclusive": "3.50", "exclusive": "2.94"}
    said = words.receipt(entry)
    vat = said["document"].pop("total_vat")
    rate = {"type": "VAT_RATE", **COFFEE, **vat}

    record = later.sells({**said, "totals": {"vat": vat}, "breakdown": [rate]})

    assert qr.verifies(qr.parse(record["compliance"]["qr_code"]))


def test_the_bodies_of_the_published_document_make_a_day(
    premises: Premises, kiosk: Till, tmp_path: Path
) -> None:
    """Whoever begins with them needs ids of its own, and nothing else."""
    document = premises.http.get("/openapi/unified-2026-05-04.json").json()
    request = document["paths"]["/records"]["post"]["requestBody"]
    examples = request["content"]["application/json"]["examples"]
    bodies = {name: one["value"]["content"] for name, one in examples.items()}

    def intends() -> str:
        made = kiosk.made("/records", {**bodies["intention"], "system": {"id": kiosk.system}})
        id_: str = made["id"]
        return id_

    def concludes(name: str, original: str = "") -> Json:
        operation = dict(bodies[name]["operation"])
        if original:
            operation["record"] = {"id": original}
        return kiosk.made(
            "/records", {**bodies[name], "record": {"id": intends()}, "operation": operation}
        )

    first, second = concludes("receipt"), concludes("receipt")
    made = [
        first,
        second,
        concludes("correction", first["id"]),
        concludes("cancellation", second["id"]),
        concludes("abort"),
    ]
    kiosk.made("/records", {**bodies["closing"], "system": {"id": kiosk.system}})

    assert {one["state"] for one in made} == {"COMPLETED"}
    book = audited(premises, kiosk, tmp_path)
    assert total(book["cash_per_currency"], "ZAHLART_BETRAG_WAEH") == Decimal("5.10")
