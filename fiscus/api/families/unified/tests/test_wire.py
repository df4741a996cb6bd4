"""Every sample of the contract goes in and comes out as it was; what breaks it is refused."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from fiscus.api.families.unified import operations, versions
from fiscus.api.families.unified.wire import envelope, files, locations, records, taxpayers

EXAMPLES = Path(__file__).parent / "examples"
SAMPLES = sorted(EXAMPLES.glob("*.json"))
OWN = sorted((EXAMPLES / "own").glob("*.json"))


def an_adapter(name: str) -> Any:
    operation_id, part = name.split(".")[:2]
    if operation_id == "error":
        return TypeAdapter(envelope.ErrorResponse)
    operation = operations.find(operation_id)
    return operation.request if part == "request" else TypeAdapter(operation.response)


def an_own_adapter(name: str) -> Any:
    version = versions.LATER if name.startswith("later.") else versions.CURRENT
    noun = name.removesuffix(".json").removeprefix("later.").removeprefix("create")
    noun = {"Individual": "Taxpayer"}.get(noun, noun)
    operation = operations.BY_ID.get(f"create{noun}", operations.find("createRecord"))
    return versions.request(version, operation)


def a_receipt() -> Any:
    return json.loads((EXAMPLES / "own" / "createReceipt.json").read_text())


def refused(adapter: TypeAdapter[Any], body: Any) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        adapter.validate_json(json.dumps(body))
    return [error["type"] for error in caught.value.errors()]


def set_at(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    body = deepcopy(body)
    *steps, last = path.split(".")
    node: Any = body
    for step in steps:
        node = node[int(step)] if step.isdigit() else node[step]
    node[int(last) if last.isdigit() else last] = value
    return body


def test_all_thirty_nine_samples_and_the_error_are_here():
    assert len(SAMPLES) == 40


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_of_the_reference_comes_out_as_it_went_in(path: Path):
    parsed = an_adapter(path.name).validate_json(path.read_bytes())

    assert parsed.model_dump(by_alias=True, exclude_none=True) == json.loads(path.read_text())


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_an_example_of_our_own_comes_out_as_it_went_in(path: Path):
    parsed = an_own_adapter(path.name).validate_json(path.read_bytes())

    assert parsed.model_dump(by_alias=True, exclude_none=True) == json.loads(path.read_text())


OPERATION = "content.operation"
ITEM = f"{OPERATION}.entries.0.data"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("content.record.id", "0196A1F0-2222-7C3D-9E4F-0123456789AB"),
        ("content.record.id", "1c81cb86-c2e8-4074-afc3-a0601b2bf063"),
        ("content.record.offset", "12345"),
        (f"{OPERATION}.document.number", "fr 1"),
        (f"{OPERATION}.document.number", "A" * 21),
        (f"{OPERATION}.document.number", 17),
        (f"{OPERATION}.document.issued_at", "2026-05-06T19:42:10"),
        (f"{OPERATION}.document.issued_at", "2026-05-06T19:42:10.+01:00"),
        (f"{OPERATION}.document.issued_at", "2026-02-30T19:42:10+01:00"),
        (f"{OPERATION}.document.operation_date", "2026-02-29"),
        (f"{OPERATION}.document.total_vat.amount", "1,38"),
        (f"{OPERATION}.document.total_vat.amount", "1.123456789"),
        (f"{OPERATION}.document.total_vat.amount", "+1.38"),
        (f"{OPERATION}.document.total_vat.amount", 1.38),
        (f"{OPERATION}.document.total_vat.amount", "\u0661.38"),
        (f"{OPERATION}.document.simplified_invoice", "true"),
        (f"{OPERATION}.document.text", ""),
        (f"{OPERATION}.document.text", None),
        (f"{OPERATION}.entries", []),
        (f"{OPERATION}.payments", []),
        (f"{ITEM}.text", "x" * 257),
        (f"{ITEM}.vat.percentage", "23.005"),
        (f"{ITEM}.vat.code", "REDUCED_12"),
        (f"{ITEM}.vat.type", "VAT_REVERSE_CHARGE"),
        (f"{ITEM}.unit.price", {"inclusive": "1", "exclusive": "1"}),
        (f"{OPERATION}.payments.0.details.currency", "USD"),
        (f"{OPERATION}.payments.1.number", "4821"[:3]),
        (f"{OPERATION}.payments.1.kind", "CHEQUE"),
        (f"{OPERATION}.customer.name", "Ana"),
        (f"{OPERATION}.details.creators", []),
        (f"{OPERATION}.details.training", "yes"),
        (f"{OPERATION}.details.properties", {str(n): "x" for n in range(17)}),
        ("metadata", {str(n): "x" for n in range(21)}),
        ("metadata", {"k" * 41: "x"}),
        ("metadata", {"k": "x" * 501}),
        ("metadata", {"k": 1}),
        ("metadata", None),
        ("extra", "x"),
    ],
)
def test_what_breaks_the_contract_is_refused(path: str, value: Any):
    assert refused(records.CREATE_RECORD, set_at(a_receipt(), path, value))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("content.record.id", "0196a1f022227c3d9e4f0123456789ab"),
        ("content.record.offset", "12"),
        (f"{OPERATION}.document.number", "FS-T01-2026/17"),
        (f"{OPERATION}.document.number", "TEST-001"),
        (f"{OPERATION}.document.issued_at", "2026-05-06T18:42:10Z"),
        (f"{OPERATION}.document.issued_at", "2026-05-06T18:42:10.123Z"),
        (f"{OPERATION}.document.issued_at", "2026-05-06T19:42:10.123456789+01:00"),
        (f"{OPERATION}.document.total_vat.amount", "12000"),
        (f"{OPERATION}.document.total_vat.amount", "-40.98360656"),
        (f"{ITEM}.vat.percentage", "22.00"),
        (f"{ITEM}.vat.percentage", "4"),
        (f"{ITEM}.vat.code", "REDUCED_11"),
        (f"{ITEM}.vat", {"type": "VAT_EXEMPTION", "code": "CAUSE_31"}),
        (f"{ITEM}.vat", {"type": "VAT_EXEMPTION", "code": "NOT_TAXABLE"}),
        (f"{ITEM}.product", {"type": "SKU", "number": "7", "details": {"name": "Pão"}}),
        (f"{OPERATION}.payments.0", {"type": "OTHER", "details": {"amount": "1"}, "name": "CARD"}),
        (f"{OPERATION}.customer", {"type": "INTERNAL"}),
        ("metadata", {"key": ""}),
    ],
)
def test_what_real_clients_send_is_accepted(path: str, value: Any):
    records.CREATE_RECORD.validate_json(json.dumps(set_at(a_receipt(), path, value)))


def test_the_purpose_of_an_entry_is_filled_in():
    body = a_receipt()
    del body["content"]["operation"]["entries"][0]["details"]["purpose"]

    parsed: Any = records.CREATE_RECORD.validate_json(json.dumps(body))

    assert parsed.content.operation.entries[0].details.purpose == "STANDARD"


def test_limits_count_characters_not_bytes():
    body = json.loads((EXAMPLES / "own" / "createLocation.json").read_text())
    name = "é" * 32

    assert locations.CREATE_LOCATION.validate_json(json.dumps(set_at(body, "content.name", name)))
    assert refused(locations.CREATE_LOCATION, set_at(body, "content.name", name + "e"))


def test_an_empty_object_is_a_valid_update():
    for operation in operations.OPERATIONS:
        if operation.method == "PATCH":
            assert operation.request is not None
            assert operation.request.validate_json("{}").content is None


def test_the_content_of_a_record_cannot_be_changed():
    assert refused(records.UPDATE_RECORD, {"content": {"state": "COMPLETED"}}) == [
        "extra_forbidden"
    ]


def test_a_company_needs_both_names():
    body = json.loads((EXAMPLES / "own" / "createTaxpayer.json").read_text())
    del body["content"]["name"]["trade"]

    assert refused(taxpayers.CREATE_TAXPAYER, body) == ["missing"]


@pytest.mark.parametrize(
    "fiscalization",
    [
        {
            "type": "IT",
            "tax_id_number": "12345678901",
            "vat_id_number": "12345678901",
            "credentials": {
                "type": "FISCONLINE",
                "pin": "1",
                "password": "p",
                "tax_id_number": "RSSMRA80A01H501U",
            },
        },
        {
            "type": "FR",
            "tax_id_number": "123456789",
            "credentials": {"type": "INFOCERT", "certificate_code": "A12", "properties": {}},
        },
        {
            "type": "BE",
            "tax_id_number": "0123456789",
            "vat_id_number": "0123456789",
            "credentials": {"type": "MYMINFIN"},
        },
        {"type": "DE", "credentials": {"type": "ELSTER", "tax_number": "2893008150815"}},
    ],
)
def test_every_country_of_the_contract_is_spelled(fiscalization: dict[str, Any]):
    body = json.loads((EXAMPLES / "own" / "createTaxpayer.json").read_text())
    body["content"]["fiscalization"] = fiscalization

    assert taxpayers.CREATE_TAXPAYER.validate_json(json.dumps(body))


def test_a_file_is_asked_for_by_days():
    body = {"content": {"type": "AUDIT", "range": {"from": "2026-04-01", "to": "2026-04-30"}}}

    parsed = files.CREATE_FILE.validate_json(json.dumps(body))

    assert parsed.model_dump(by_alias=True, exclude_none=True) == body
