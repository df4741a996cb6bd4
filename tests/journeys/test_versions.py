"""Clients of the neighbouring versions: the same service, their own words."""

import json
from datetime import datetime

from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Json, Till, content, envelope, logs, refusal

EARLIER, LATER = "2026-02-03", "2026-06-01"


def later(operation: Json) -> Json:
    """A receipt or invoice of 2026-05-04 in the words of 2026-06-01."""
    document = {**operation["document"]}
    total = document.pop("total_vat")
    entries = [
        {**entry, "data": {**entry["data"], "unit": dearer(entry["data"])}}
        for entry in operation["entries"]
    ]
    return {
        **operation,
        "document": document,
        "totals": {"vat": total},
        "entries": entries,
        "breakdown": [breakdown(entry["data"]["vat"]) for entry in operation["entries"]],
    }


def dearer(data: Json) -> Json:
    unit = data["unit"]
    exclusive = words.split(unit["price"], data["vat"].get("percentage", "0"))["exclusive"]
    return {**unit, "price": {"inclusive": unit["price"], "exclusive": exclusive}}


def breakdown(vat: Json) -> Json:
    if vat["type"] == "VAT_EXEMPTION":
        return {"type": "VAT_EXEMPTION", "code": vat["code"], "exclusive": "25.00"}
    return vat


def an_italian_receipt() -> Json:
    """As two existing clients send it: gross in `base`, whole cents as integers elsewhere."""
    entry = words.line("Espresso", "12000", percentage="22.00", quantity="1")
    entry["data"]["value"]["base"] = "12000"
    return words.receipt(entry, series="IT-1", number="TEST-001")


def test_an_italian_tester_sells_corrects_and_cancels(premises: Premises) -> None:
    till = premises.unit("Bar Roma", EARLIER).opens_shop(
        words.italian(), code="00184", city="Roma", country="IT"
    )
    taxpayer = till.get(f"/taxpayers/{till.taxpayer}")
    assert taxpayer["country"] == "Italy"
    assert taxpayer["vat_number"] == "IT12345678901"
    assert taxpayer["fiscalization"]["credentials"]["pin"] == "********"

    receipt = till.sells(an_italian_receipt())
    assert receipt["type"] == "TRANSACTION::RECEIPT"
    assert receipt["compliance"]["data"]
    assert receipt["compliance"]["url"].startswith("https://")
    assert not {"qr_code", "signature_hash", "sequence"} & set(receipt["compliance"])
    said = json.loads(receipt["operation"])
    assert said["entries"][0]["data"]["value"]["base"] == "12000"
    assert said["entries"][0]["data"]["vat"]["percentage"] == "22.00"

    returned = words.back("Espresso", "12000", code="STANDARD", percentage="22.00")
    note = till.sells(words.correction(receipt["id"], returned, reason=""))
    assert note["type"] == "TRANSACTION::CORRECTION"
    void = till.sells(words.cancellation(receipt["id"], reason=""))
    assert void["type"] == "TRANSACTION::CANCELLATION"
    assert till.records(words.cancellation(receipt["id"], reason=""))["state"] == "REJECTED"
    premises.assert_proved()


def test_italy_refuses_a_rate_that_it_does_not_have_and_lists_six_exemptions(
    premises: Premises,
) -> None:
    """A line with 99 percent was accepted, and a system listed four exemptions of six."""
    till = premises.unit("Bar Roma", EARLIER).opens_shop(
        words.italian(), code="00184", city="Roma", country="IT"
    )

    refused = till.records(words.receipt(words.line("Espresso", "1.99", percentage="99")))

    assert refused["state"] == "REJECTED"
    assert "content.operation.entries[0].data.vat.percentage" in logs(refused)
    assert len(till.get(f"/systems/{till.system}")["vat_exemptions"]) == 6


def test_italy_has_no_invoices_and_no_audit_file(premises: Premises) -> None:
    till = premises.unit("Bar Roma", EARLIER).opens_shop(
        words.italian(), code="00184", city="Roma", country="IT"
    )

    refusal(till.concludes(words.invoice()), 501)
    audit = {"type": "AUDIT", "range": {"from": "2026-11-16", "to": "2026-11-16"}}
    refusal(till.send("POST", "/files", envelope(audit)), 501)


def test_the_earlier_version_does_not_know_what_came_later(premises: Premises, till: Till) -> None:
    receipt = till.sells(words.receipt())
    earlier = till.speaking(EARLIER)

    portuguese = premises.unit("C", EARLIER).send("POST", "/taxpayers", envelope(words.taxpayer()))
    assert "content.fiscalization.type" in refusal(portuguese, 400)
    reason = earlier.concludes(words.cancellation(receipt["id"]))
    assert "content.operation.reason" in refusal(reason, 400)
    assert "qr_code" not in earlier.get(f"/records/{receipt['id']}")["compliance"]
    listed = earlier.listed("/records?type=TRANSACTION::RECEIPT")
    assert "qr_code" not in listed[0]["compliance"]


def test_the_later_version_speaks_of_totals_prices_and_a_typed_breakdown(till: Till) -> None:
    speaking = till.speaking(LATER)
    operation = later(words.receipt(words.line(), words.exempt(number="2")))

    response = speaking.concludes(operation)

    record = content(response)
    assert record["state"] == "COMPLETED", record.get("logs")
    assert response.headers["X-Api-Version"] == LATER
    assert words.qr(record)["O"] == "27.46"
    said = json.loads(record["operation"])
    assert said["totals"] == operation["totals"]
    assert said["entries"][0]["data"]["unit"]["price"] == {"inclusive": "1.23", "exclusive": "1.00"}
    assert said["breakdown"][1]["type"] == "VAT_EXEMPTION"


def test_the_later_version_says_what_is_a_simplified_invoice(till: Till) -> None:
    operation = later(words.receipt(simplified=True))

    record = till.speaking(LATER).sells(operation)

    assert words.qr(record)["D"] == "FS"


def test_the_later_version_invoices_corrects_and_cancels(till: Till) -> None:
    speaking = till.speaking(LATER)
    invoice = speaking.sells(later(words.invoice()))
    note = words.correction(invoice["id"])
    note["data"] = later(note["data"])

    assert words.qr(invoice)["D"] == "FT"
    assert words.qr(speaking.sells(note))["D"] == "NC"
    receipt = speaking.sells(later(words.receipt()))
    assert speaking.sells(words.cancellation(receipt["id"]))["type"] == "TRANSACTION::CANCELLATION"


def test_versions_do_not_take_each_others_words(till: Till) -> None:
    entries = till.page("/records")["results"]

    for version, operation in ((LATER, words.receipt()), ("2026-05-04", later(words.receipt()))):
        response = till.speaking(version).concludes(operation, till.intends())
        assert "content.operation" in refusal(response, 400)

    shown = till.page("/records")["results"]
    assert {one["content"]["type"] for one in shown[len(entries) :]} == {"INTENTION::TRANSACTION"}


def test_the_later_version_wants_an_audit_file_of_a_month_that_is_over(till: Till) -> None:
    speaking = till.speaking(LATER)

    for last in ("2026-11-16", "2026-11-30"):
        what = {"type": "AUDIT", "range": {"from": "2026-10-01", "to": last}}
        refusal(speaking.send("POST", "/files", envelope(what)), 422)

    what = {"type": "AUDIT", "range": {"from": "2026-10-01", "to": "2026-10-31"}}
    file = content(speaking.send("POST", "/files", envelope(what), key=""))
    assert (file["state"], file["mode"]) == ("ACCEPTED", "PROCESSING")


def test_what_real_clients_send_is_taken(till: Till) -> None:
    """Short SKUs, an OTHER payment called CARD, blanks around, totals from other programs."""
    sku = {"type": "SKU", "number": "A1", "details": {"name": "Café"}}
    entry = words.line("Café", "50.00", quantity="1", product=sku)
    entry["data"]["vat"] |= {"exclusive": "40.65040650", "amount": "9.34959350"}
    entry["data"]["value"]["base"] = "50.00"
    operation = words.receipt(
        entry,
        head={"issued_at": "2026-11-16T09:00:00Z"},
        payments=[{"type": "OTHER", "name": "CARD", "details": {"amount": "50.00"}}],
    )
    operation["document"]["number"] = "FS-T01-2026/17"

    record = till.sells(operation)

    assert words.qr(record)["O"] == "50.00"


def test_headers_that_mean_nothing_here_are_ignored(till: Till) -> None:
    headers = {
        "X-Idempotency-Key": "0e3f4c9e-4a49-4f0f-8b1e-6a2f0a1d2b3c",
        "X-Scope-Identifier": till.organization,
    }

    assert till.send("GET", "/taxpayers", headers=headers).status_code == 200
    assert till.send("GET", "/systems", headers=headers).status_code == 200


def test_every_moment_of_an_answer_has_twenty_five_characters(till: Till) -> None:
    record = till.sells(words.receipt())
    system = till.get(f"/systems/{till.system}")
    moments = [
        record["journal"]["signed_at"],
        system["created_at"],
        system["updated_at"],
        system["journal"]["cryptography"]["certificate"]["expires_at"],
    ]

    assert {len(moment) for moment in moments} == {25}
    assert all(datetime.fromisoformat(moment).tzinfo for moment in moments)


def test_a_record_that_the_law_refuses_says_why_in_its_logs(till: Till) -> None:
    record = till.records(words.receipt(words.line(percentage="22.5")))

    assert (record["state"], record["mode"]) == ("REJECTED", "FINISHED")
    assert logs(record).startswith("Validation error: PT-TAX-02")
    assert {log["severity"] for log in record["logs"]} == {"ERROR"}
    assert till.get(f"/records/{record['id']}")["logs"] == record["logs"]
