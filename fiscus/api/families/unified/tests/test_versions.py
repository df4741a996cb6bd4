"""Older and newer requests become ours; answers become theirs."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pydantic import ValidationError

from fiscus.api.families.unified import operations, translate, versions
from fiscus.model.faults import Refused

OWN = Path(__file__).parent / "examples" / "own"


def a_body(name: str) -> Any:
    return json.loads((OWN / f"{name}.json").read_text())


def read(version: str, operation_id: str, body: dict[str, Any]) -> tuple[Any, Any]:
    return versions.read(version, operations.find(operation_id), json.dumps(body).encode())


def a_record_answer() -> dict[str, Any]:
    compliance = {
        "data": "JF7T8K2Q-31",
        "qr_code": "A:509876544",
        "signature_hash": "aB3x",
        "software_certificate": "9999",
        "sequence": {"number": "31", "signature": "s", "type": "FR"},
    }
    return {"content": {"id": "x", "compliance": compliance}}


def test_our_own_version_is_read_once_and_changed_never():
    said, body = read(versions.CURRENT, "createRecord", a_body("createReceipt"))

    assert said is body
    answer = a_record_answer()
    assert versions.downgrade(versions.CURRENT, "createRecord", answer) is answer


@pytest.mark.parametrize("kind", ["Receipt", "Invoice", "Correction"])
def test_a_later_document_drafts_the_same_as_ours(kind: str):
    said, body = read(versions.LATER, "createRecord", a_body(f"later.create{kind}"))
    _, ours = read(versions.CURRENT, "createRecord", a_body(f"create{kind}"))

    later = translate.draft(body.content.operation, training=False, said=said.content.operation)
    current = translate.draft(ours.content.operation, training=False)

    assert said is not body
    assert [msgspec.structs.replace(x, unit_net=None) for x in later.lines] == list(current.lines)
    assert all(line.unit_net is not None for line in later.lines)
    assert later.totals == current.totals
    assert later.buyer == current.buyer
    assert [msgspec.structs.replace(x, on=None) for x in later.payments] == [
        msgspec.structs.replace(x, on=None) for x in current.payments
    ]
    assert later.is_simplified == current.is_simplified


def test_a_later_document_says_more_than_ours_could():
    """References, terms of payment, the name at the place of delivery and what each tax comes to
    were left out of the draft."""
    said, body = read(versions.LATER, "createRecord", a_body("later.createInvoice"))

    draft = translate.draft(body.content.operation, training=False, said=said.content.operation)

    assert draft.order_references == ("PO77", "GR12")
    assert draft.payment_terms == "30 dias"
    assert draft.delivery
    assert (draft.delivery.name, draft.delivery.on) == ("Armazém", date(2026, 5, 8))
    assert draft.delivery.address.line() == "Cais 1"
    (share,) = draft.breakdown
    assert (share.code, share.percentage) == ("STANDARD", Decimal(23))
    assert share.inclusive == Decimal("246.00")


def test_the_words_of_a_later_request_are_kept_as_they_were_said():
    said, _ = read(versions.LATER, "createRecord", a_body("later.createInvoice"))

    text = translate.echo(said.content.operation)

    assert json.loads(text) == a_body("later.createInvoice")["content"]["operation"]


def test_a_breakdown_keeps_its_rates_only():
    _, body = read(versions.LATER, "createRecord", a_body("later.createInvoice"))

    assert translate.as_json(body)["content"]["operation"]["breakdown"] == [
        {"percentage": "23", "amount": "46.00"}
    ]


def test_a_breakdown_of_exemptions_only_is_a_zero_rate():
    body = a_body("later.createInvoice")
    exempt = [{"type": "VAT_EXEMPTION", "code": "CAUSE_6", "exclusive": "200.00"}]
    body["content"]["operation"]["breakdown"] = exempt

    _, ours = read(versions.LATER, "createRecord", body)

    assert translate.as_json(ours)["content"]["operation"]["breakdown"] == [
        {"percentage": "0", "amount": "0.00"}
    ]


@pytest.mark.parametrize(
    ("version", "name"),
    [(versions.CURRENT, "later.createReceipt"), (versions.LATER, "createReceipt")],
)
def test_each_version_refuses_the_shapes_of_the_other(version: str, name: str):
    with pytest.raises(ValidationError):
        read(version, "createRecord", a_body(name))


def test_what_only_a_later_version_announces_is_not_implemented():
    body = a_body("createIntention")
    body["content"]["operation"] = {"type": "OPENING"}

    with pytest.raises(Refused, match="UNIFIED-VERSION-02"):
        read(versions.LATER, "createRecord", body)
    with pytest.raises(ValidationError):
        read(versions.CURRENT, "createRecord", body)


def test_a_seller_says_something():
    body = a_body("later.createInvoice")
    body["content"]["operation"]["seller"] = {}

    with pytest.raises(ValidationError):
        read(versions.LATER, "createRecord", body)


def test_a_later_replay_is_turned_inside_out():
    replayed = a_body("later.createReceipt")["content"]
    operation = {
        "type": "REPLAY",
        "recorded_at": "2026-05-06T19:42:10+01:00",
        "seed": "s",
        "record": replayed["record"],
        "content": replayed,
    }
    body = a_body("createIntention")
    body["content"]["operation"] = operation

    _, ours = read(versions.LATER, "createRecord", body)

    assert ours.content.operation.content.operation.document.total_vat.inclusive == "9.38"


@pytest.mark.parametrize(
    ("operation_id", "name"),
    [
        ("createRecord", "createCorrection"),
        ("createRecord", "createCancellation"),
        ("createTaxpayer", "createTaxpayer"),
    ],
)
def test_the_earlier_version_knows_no_reasons_and_no_portugal(operation_id: str, name: str):
    with pytest.raises(Refused, match="UNIFIED-VERSION-01"):
        read(versions.EARLIER, operation_id, a_body(name))


def test_the_earlier_version_corrects_receipts_only():
    body = a_body("createCorrection")
    del body["content"]["operation"]["reason"]
    read(versions.EARLIER, "createRecord", body)
    body["content"]["operation"]["data"] = a_body("createInvoice")["content"]["operation"]

    with pytest.raises(Refused, match=r"content\.operation\.data\.type"):
        read(versions.EARLIER, "createRecord", body)


def test_what_the_earlier_version_shares_passes():
    for operation_id, name in (("createRecord", "createReceipt"), ("createSystem",) * 2):
        said, body = read(versions.EARLIER, operation_id, a_body(name))
        assert said is body
    read(versions.EARLIER, "updateTaxpayer", {})


@pytest.mark.parametrize("operation_id", ["createRecord", "listRecords"])
def test_an_earlier_answer_shows_less_of_the_law(operation_id: str):
    answer = a_record_answer()
    is_list = operation_id == "listRecords"

    shown = versions.downgrade(
        versions.EARLIER, operation_id, {"results": [answer]} if is_list else answer
    )

    one = shown["results"][0] if is_list else shown
    assert one["content"]["compliance"] == {"data": "JF7T8K2Q-31"}
    assert "qr_code" in answer["content"]["compliance"]


def test_an_intention_has_nothing_to_hide_from_an_earlier_version():
    answer = {"content": {"id": "x"}}

    assert versions.downgrade(versions.EARLIER, "createRecord", answer) == answer


def test_files_have_states_in_the_later_version_and_a_system_in_those_before():
    """Files of 2026-05-04 showed the members of 2026-06-01."""
    file = {"id": "f", "location": "SERVICE", "system": {"id": "s"}, "artifact": {}}
    later = {**file, "type": "AUDIT", "state": "COMPLETED", "mode": "FINISHED"}
    later |= {"taxpayer": {"id": "t"}, "range": {}}
    one, page = {"content": later}, {"results": [{"content": later}], "pagination": {}}

    for version in (versions.EARLIER, versions.CURRENT):
        assert versions.downgrade(version, "createFile", one) == {"content": file}
        assert versions.downgrade(version, "listFiles", page) == {
            "results": [{"content": file}],
            "pagination": {},
        }
    assert versions.downgrade(versions.LATER, "listFiles", page) is page
    assert versions.downgrade(versions.EARLIER, "listSystems", page) is page
