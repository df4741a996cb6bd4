"""What no document and no file has a place for is refused where it is said."""

import json
from pathlib import Path
from typing import Any

import pytest

from fiscus.api.families.unified.translate.unplaced import expect_places
from fiscus.api.families.unified.wire import records, v2026_06_01
from fiscus.model.faults import Refused

OWN = Path(__file__).parent / "examples" / "own"
Json = dict[str, Any]
PRODUCT = {"type": "OTHER", "number": "P1", "details": {"name": "x"}}


def an_operation(name: str) -> Json:
    body = json.loads((OWN / f"{name}.json").read_text())
    operation: Json = body["content"]["operation"]
    return operation


def places(operation: Json, version: Any = v2026_06_01, offset: str = "0") -> list[str]:
    content = {
        "type": "TRANSACTION",
        "record": {"id": "0196a1f3-2222-7c3d-9e4f-0123456789ab", "offset": offset},
        "operation": operation,
    }
    said = version.CREATE_RECORD.validate_python({"content": content}).content
    found: tuple[str, ...] = ()
    try:
        expect_places(said)
    except Refused as refused:
        found = refused.paths
    return [path.removeprefix("content.operation.") for path in found]


@pytest.mark.parametrize("name", ["Receipt", "Invoice", "Correction"])
def test_our_own_examples_say_nothing_that_is_lost(name: str) -> None:
    assert places(an_operation(f"later.create{name}")) == []
    assert places(an_operation(f"create{name}"), records) == []


@pytest.mark.parametrize("name", ["buyer", "project", "contract", "tender", "buyer_routing"])
def test_a_reference_without_a_place_is_refused(name: str) -> None:
    operation = an_operation("later.createInvoice")
    operation["document"]["references"][name] = "R1"

    assert places(operation) == [f"document.references.{name}"]


def test_all_members_of_an_invoice_without_a_place_are_told_at_once() -> None:
    operation = an_operation("later.createInvoice")
    operation["seller"] = {"name": "Vendas"}
    operation["tax_representative"] = {"name": "R", "vat_number": "PT1", "country": "PT"}
    operation["recipients"][0] |= {
        "buyer_id": "B-9",
        "company_id": "C-1",
        "invoicing": {"type": "EMAIL", "email": "a@b.example"},
    }
    operation["payments"][0]["instruction"] = {"type": "CREDIT_TRANSFER", "iban": "PT50"}
    operation["document"]["references"]["preceding_document"] = {
        "number": "FT/1",
        "issued_at": "2026-05-01",
    }
    inner = {
        "type": "CORRECTION",
        "record": {"id": "0196a1f4-2222-7c3d-9e4f-0123456789ab"},
        "data": operation,
    }

    found = {
        "document.references.preceding_document",
        "seller",
        "tax_representative",
        "recipients[0].buyer_id",
        "recipients[0].company_id",
        "recipients[0].invoicing",
        "payments[0].instruction",
    }
    assert set(places(operation)) == found
    elsewhere = "document.references.preceding_document"
    assert set(places(inner)) == {f"data.{place}" for place in found - {elsewhere}}
    inner["preceding_document"] = {"number": "FT A/1", "issued_at": "2026-05-01"}
    assert set(places(inner)) == {f"data.{place}" for place in found}


@pytest.mark.parametrize(
    ("member", "value"),
    [("date_of_entry", "2026-05-01"), ("date_of_production", "2026-05-01")],
)
def test_a_date_of_a_product_is_refused(member: str, value: str) -> None:
    operation = an_operation("createReceipt")
    details = {"name": "x", member: value}
    operation["entries"][1]["data"]["product"] = {**PRODUCT, "details": details}

    assert places(operation, records) == [f"entries[1].data.product.details.{member}"]


@pytest.mark.parametrize(("factor", "is_said"), [("1", False), ("1.00", False), ("6", True)])
def test_a_factor_other_than_one_is_refused(factor: str, is_said: bool) -> None:
    operation = an_operation("createReceipt")
    operation["entries"][0]["data"]["unit"]["factor"] = factor

    assert places(operation, records) == ["entries[0].data.unit.factor"] * is_said


@pytest.mark.parametrize(("offset", "is_said"), [("0", False), ("0000", False), ("1", True)])
def test_an_offline_record_among_several_is_refused(offset: str, is_said: bool) -> None:
    operation = an_operation("createCancellation")
    operation["record"]["offset"] = offset

    assert places(operation, records) == ["record.offset"] * is_said
    del operation["record"]["offset"]
    assert places(operation, records, offset) == ["content.record.offset"] * is_said
