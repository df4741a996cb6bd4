"""Each field of an order has its place in the body that the order was made of, in any version."""

import json
from pathlib import Path
from typing import Any

import pytest

from fiscus.api.families.unified.errors import BAD_REFERENCE
from fiscus.api.families.unified.translate.fault_places import in_record, in_words
from fiscus.model.faults import Code, Conflict, Fault, Refused

OWN = Path(__file__).parent / "examples" / "own"
ANY = Code("TEST-ANY-01", "something is not as it should be")


def a_body(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((OWN / f"{name}.json").read_text())
    return body


def place_in(body: dict[str, Any], path: str, operation_id: str = "createRecord") -> str:
    trouble = in_words(Refused(ANY, path), operation_id, body)
    ((place,),) = (fault.paths for fault in trouble.faults)
    assert trouble.paths == (place,)
    return place.removeprefix("content.")


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("lines", "operation.entries"),
        ("lines[0]", "operation.entries[0]"),
        ("lines[0].text", "operation.entries[0].data.text"),
        ("lines[0].quantity", "operation.entries[0].data.unit.quantity"),
        ("lines[0].unit_price", "operation.entries[0].data.unit.price"),
        ("lines[0].vat", "operation.entries[0].data.vat"),
        ("lines[0].vat.code", "operation.entries[0].data.vat.code"),
        ("lines[0].vat.percentage", "operation.entries[0].data.vat.percentage"),
        ("lines[0].vat.exclusive", "operation.entries[0].data.vat.exclusive"),
        ("lines[0].vat.region", "operation.entries[0].data.vat"),
        ("lines[0].direction", "operation.entries[0].type"),
        ("lines[0].is_service", "operation.entries[0].details.concept"),
        ("lines[0].strange", "operation.entries[0]"),
        ("lines[99].text", "operation.entries"),
        ("payments", "operation.payments"),
        ("payments[0]", "operation.payments[0]"),
        ("payments[0].means", "operation.payments[0].type"),
        ("payments[0].amount", "operation.payments[0].details.amount"),
        ("payments[0].foreign_amount", "operation.payments[0]"),
        ("series", "operation.document.series"),
        ("reference", "operation.document.number"),
        ("issued_at", "operation.document.issued_at"),
        ("supplied_on", "operation.document.operation_date"),
        ("totals", "operation.document.total_vat"),
        ("totals.inclusive", "operation.document.total_vat.inclusive"),
        ("operator", "operation.details.creators[0].label"),
        ("properties", "operation.details.properties"),
        ("kind", "operation.type"),
        ("intent", "record.id"),
        ("register", "record.id"),
    ],
)
def test_a_field_of_a_receipt_is_a_member_of_its_body(path: str, place: str):
    assert place_in(a_body("createReceipt"), path) == place


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("buyer", "operation.recipients[0]"),
        ("buyer.name", "operation.recipients[0].name"),
        ("buyer.tax_number", "operation.recipients[0].identification.number"),
        ("buyer.address.country", "operation.recipients[0].address.country"),
        ("buyer.address.street", "operation.recipients[0].address.line.street"),
    ],
)
def test_the_buyer_of_an_invoice_is_its_first_recipient(path: str, place: str):
    assert place_in(a_body("createInvoice"), path) == place


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("refers_to", "operation.record.id"),
        ("lines[0].vat.amount", "operation.data.entries[0].data.vat.amount"),
        ("payments[0].amount", "operation.data.payments[0].details.amount"),
        ("totals.amount", "operation.data.document.total_vat.amount"),
    ],
)
def test_the_document_of_a_correction_is_in_its_data(path: str, place: str):
    assert place_in(a_body("createCorrection"), path) == place


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("totals.amount", "operation.totals.vat.amount"),
        ("lines[0].unit_price", "operation.entries[0].data.unit.price.inclusive"),
    ],
)
def test_a_later_version_says_totals_and_prices_elsewhere(path: str, place: str):
    assert place_in(a_body("later.createReceipt"), path) == place


def test_an_exempt_line_states_its_worth_as_its_base():
    body = a_body("createReceipt")
    data = body["content"]["operation"]["entries"][0]["data"]
    data["vat"] = {"type": "VAT_EXEMPTION", "code": "CAUSE_6"}

    for path in ("lines[0].vat.inclusive", "lines[0].vat.exclusive"):
        assert place_in(body, path) == "operation.entries[0].data.value.base"
    assert place_in(body, "lines[0].vat.percentage") == "operation.entries[0].data.vat"


def test_a_buyer_who_is_nowhere_is_told_by_the_document():
    body = a_body("createReceipt")
    body["content"]["operation"].pop("customer", None)

    assert place_in(body, "buyer.tax_number") == "operation"
    body["content"]["operation"]["customer"] = {"type": "EXTERNAL", "code": "000000000"}
    assert place_in(body, "buyer.tax_number") == "operation.customer.code"


def test_a_place_is_named_once_though_two_fields_stand_there():
    fault = Fault(code="XX-ANY-01", text="t", paths=("buyer.tax_number", "buyer.code"))
    content = a_body("createInvoice")["content"]

    (found,) = in_record((fault,), content)

    assert found.paths == ("content.operation.recipients[0].identification.number",)


@pytest.mark.parametrize(
    ("operation_id", "path", "place"),
    [
        ("createFile", "period", "range"),
        ("createFile", "period.last", "range.to"),
        ("createSubject", "name", "name"),
        ("createSubject", "registers", "systems"),
        ("createSubject", "registers[2]", "systems[2]"),
        ("updateSystem", "location", "location.id"),
        ("updateSystem", "state", "state"),
        ("updateTaxpayer", "facts.tax_id_number", "fiscalization.tax_id_number"),
        ("updateTaxpayer", "facts.tax_number", "fiscalization.credentials.tax_number"),
        ("updateTaxpayer", "facts.registration_office", "fiscalization.registration.office"),
        ("createTaxpayer", "tax_number", "fiscalization.tax_id_number"),
    ],
)
def test_a_field_of_a_thing_is_a_member_of_its_content(operation_id: str, path: str, place: str):
    assert place_in({"content": {}}, path, operation_id) == place
    kept = in_words(Conflict(ANY, path), operation_id, {"content": {}})
    assert (type(kept), kept.paths) == (Conflict, (f"content.{place}",))


@pytest.mark.parametrize(
    "path",
    ["content.operation.record.id", "01a1e395-ae80-7000-8000-00100001ecc4", "names no register"],
)
@pytest.mark.parametrize("operation_id", ["createRecord", "updateSystem", "listRecords"])
def test_what_is_no_field_stays_as_it_is(path: str, operation_id: str):
    body = a_body("createReceipt")

    assert in_words(Refused(ANY, path), operation_id, body).paths == (path,)


def test_what_the_family_says_itself_stays_as_it_is():
    trouble = Refused(BAD_REFERENCE, "name")

    assert in_words(trouble, "createSubject", {"content": {}}) is trouble


def test_nothing_is_looked_for_in_a_body_that_was_not_read():
    assert in_words(Refused(ANY, "register"), "createRecord", None).paths == ("register",)
