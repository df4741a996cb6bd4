"""Journal entries as records of this family."""

import hashlib
import json
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from fiscus.api.families.unified import translate
from fiscus.api.families.unified.wire import records
from fiscus.model.documents import CASH_KINDS, DocumentKind, Draft
from fiscus.model.faults import Fault
from fiscus.model.kinds import EntryKind
from fiscus.model.records import (
    CallerWords,
    DeviceSigning,
    EntryBody,
    PlaceRef,
    Record,
    Seal,
    TakenNumber,
)

AT = datetime(2026, 5, 4, 8, 15, 1, 339716, tzinfo=UTC)
RAW = bytes(range(64))
SIGNATURE = urlsafe_b64encode(RAW).rstrip(b"=").decode()
SERIAL = "0f" * 16
TEXT = '{"type":"RECEIPT"}'


def an_id(number: int) -> str:
    return f"0196a1f{number}-2222-7c3d-9e4f-0123456789ab"


def a_body(**changes: Any) -> EntryBody:
    body = EntryBody(
        id=an_id(4),
        kind=EntryKind.INTENT,
        chain=an_id(2),
        epoch=1,
        sequence=2,
        previous="0" * 64,
        at=AT,
        relies={},
        place=PlaceRef(
            organization="o",
            taxpayer=an_id(0),
            taxpayer_version=1,
            location=an_id(1),
            location_version=1,
            register_version=1,
        ),
        said=CallerWords(family="unified", version="2026-05-04", text=TEXT),
    )
    return msgspec.structs.replace(body, **changes)


def a_seal(**changes: Any) -> Seal:
    seal = Seal(
        number="FR FR-P02-2026/31",
        document_type="FR",
        day=date(2026, 5, 4),
        entered=AT,
        net=Decimal("8.00"),
        vat=Decimal("1.38"),
        gross=Decimal("9.38"),
        signature=b64encode(RAW * 2).decode(),
        code="JF7T8K2Q-31",
        qr="A:509876544*B:214567893",
        excerpt="aB3x",
        certificate="9999",
    )
    return msgspec.structs.replace(seal, **changes)


def a_record(kind: EntryKind, used_in: str = "", **body: Any) -> Record:
    return Record(
        kind=kind,
        body=a_body(**body),
        stored=b'{"id":"x"}',
        link="00" * 32,
        key=SERIAL,
        signature=SIGNATURE,
        used_in=used_in,
    )


def a_document(**changes: Any) -> Record:
    body: dict[str, Any] = {
        "intent": an_id(3),
        "draft": Draft(kind=DocumentKind.RECEIPT),
        "numbered": TakenNumber(series="s", name="FR-P02-2026", number=31, previous=an_id(1)),
        "seal": a_seal(),
    }
    return a_record(EntryKind.DOCUMENT, **(body | changes))


def shown(
    record: Record, *, created: bool = False, wants: tuple[str, ...] = (), previous: str = ""
) -> Any:
    answer = translate.record(
        record,
        created=created,
        wants=frozenset(wants),
        previous_id=previous,
        metadata={},
    )
    records.Record.model_validate_json(json.dumps(answer))
    return answer["content"]


def test_an_unused_intention_is_still_open():
    content = shown(a_record(EntryKind.INTENT), created=True)

    assert content["type"] == "INTENTION::TRANSACTION"
    assert (content["state"], content["mode"]) == ("ACCEPTED", "PROCESSING")
    assert content["operation"] == TEXT
    assert content.keys() == {
        "id",
        "type",
        "state",
        "mode",
        "system",
        "journal",
        "file",
        "operation",
    }


def test_a_used_intention_names_what_used_it():
    content = shown(a_record(EntryKind.INTENT, used_in=an_id(4)))

    assert (content["state"], content["mode"]) == ("COMPLETED", "FINISHED")
    assert content["used_in"] == {"id": an_id(4)}


def test_a_new_document_comes_with_all_that_must_be_printed():
    content = shown(a_document(), created=True, previous=an_id(3))

    assert content == {
        "id": an_id(4),
        "type": "TRANSACTION::RECEIPT",
        "state": "COMPLETED",
        "mode": "FINISHED",
        "system": {"id": an_id(2)},
        "record": {"id": an_id(3)},
        "journal": {
            "signature": short(RAW),
            "signed_at": "2026-05-04T08:15:01+00:00",
            "record": {"id": an_id(3)},
        },
        "file": {"location": "SERVICE"},
        "operation": TEXT,
        "compliance": {
            "data": "JF7T8K2Q-31",
            "qr_code": "A:509876544*B:214567893",
            "signature_hash": "aB3x",
            "software_certificate": "9999",
            "sequence": {
                "number": "31",
                "type": "FR",
                "signature": short(RAW * 2),
                "record": {"id": an_id(1)},
            },
        },
        "transmission": {
            "request": {"type": "application/json", "data": "e30A"},
            "response": {"type": "application/json", "data": "e30A"},
        },
    }


def short(raw: bytes) -> str:
    return urlsafe_b64encode(hashlib.sha384(raw).digest()).decode()


def test_a_document_read_later_repeats_neither_words_nor_transmission():
    content = shown(a_document())

    assert "operation" not in content
    assert "transmission" not in content
    assert content["compliance"]["data"] == "JF7T8K2Q-31"


def test_the_operation_is_shown_if_wanted():
    assert shown(a_document(), wants=("operation",))["operation"] == TEXT


def test_a_law_without_a_code_is_answered_with_the_document_number():
    seal = a_seal(code="", qr="", excerpt="", certificate="", signature="")

    assert shown(a_document(seal=seal))["compliance"] == {"data": "FR FR-P02-2026/31"}


def by_device(**changes: Any) -> Seal:
    """The seal of a law that has a device sign."""
    signing = DeviceSigning(
        serial="ab" * 32,
        client="k-1",
        number=42,
        process_type="Kassenbeleg-V1",
        process_data="Beleg^2.00_0.00_0.00_0.00_0.00^2.00:Bar",
        started_at=AT,
        finished_at=AT,
        counter=83,
        signature=b64encode(RAW).decode(),
        algorithm="ecdsa-plain-SHA256",
        time_format="unixTime",
        public_key="BA==",
    )
    return a_seal(**{"signature": "", "code": "", "excerpt": "", "signing": signing} | changes)


def test_what_a_device_has_signed_names_its_transaction():
    compliance = shown(a_document(seal=by_device()))["compliance"]

    assert compliance["sequence"] == {
        "number": "42",
        "type": "DEVICE",
        "signature": urlsafe_b64encode(hashlib.sha384(RAW).digest()).decode(),
    }


def test_what_goes_unsigned_is_completed_and_says_why():
    record = shown(a_document(seal=by_device(signing=None, outage="no answer", qr="")))

    assert (record["state"], record["mode"]) == ("COMPLETED", "FINISHED")
    assert record["compliance"] == {"data": "FR FR-P02-2026/31", "software_certificate": "9999"}
    assert record["logs"] == [
        {
            "severity": "ERROR",
            "message": "Submission error: the document goes without the signature of the signing"
            " device: no answer",
        }
    ]


def test_a_correction_of_everything_is_a_cancellation():
    draft = Draft(kind=DocumentKind.CORRECTION, is_full_reversal=True)

    assert shown(a_document(draft=draft))["type"] == "TRANSACTION::CANCELLATION"


def test_the_first_of_a_chain_has_none_before_it():
    numbered = TakenNumber(series="s", name="n", number=1)

    content = shown(a_document(numbered=numbered))

    assert "record" not in content["journal"]
    assert "record" not in content["compliance"]["sequence"]


def test_the_file_is_the_stored_bytes_and_their_signature():
    content = shown(a_document(), wants=("file-artifact", "file-integrity"))

    artifact, integrity = content["file"]["artifact"], content["file"]["integrity"]
    assert b64decode(artifact["data"]) == b'{"id":"x"}'
    header, payload, signature = b64decode(integrity["data"]).decode().split(".")
    assert urlsafe_b64decode(header + "=" * (-len(header) % 4)) == (
        b'{"alg":"ES256","kid":"' + SERIAL.encode() + b'","typ":"fiscus-entry+json"}'
    )
    assert (payload, signature) == ("", SIGNATURE)


def test_the_whole_seal_is_shown_if_wanted():
    content = shown(a_document(), wants=("compliance-artifact",))

    artifact = content["compliance"]["artifact"]
    assert artifact["type"] == "application/json"
    assert msgspec.json.decode(b64decode(artifact["data"]), type=Seal) == a_seal()


@pytest.mark.parametrize(
    ("kind", "type_", "has_transmission"),
    [
        (EntryKind.VOID, "TRANSACTION::CANCELLATION", True),
        (EntryKind.ABORT, "TRANSACTION::ABORT", False),
    ],
)
def test_acts_without_a_document_are_finished_too(
    kind: EntryKind, type_: str, has_transmission: bool
):
    content = shown(a_record(kind, intent=an_id(3), seal=a_seal()), created=True)

    assert (content["type"], content["state"]) == (type_, "COMPLETED")
    assert "compliance" not in content
    assert ("transmission" in content) == has_transmission


@pytest.mark.parametrize(
    "kind",
    sorted(frozenset(DocumentKind) - {DocumentKind.CLOSING, DocumentKind.ORDER, *CASH_KINDS}),
)
def test_what_the_law_refused_is_rejected_with_its_faults(kind: DocumentKind):
    faults = (
        Fault(code="PT-LINE-01", text="quantity must not be negative", paths=("lines[0]",)),
        Fault(code="PT-LINE-02", text="x" * 400),
    )

    said = CallerWords(family="unified", version="2026-05-04", text='{"entries": [{}]}')
    content = shown(
        a_record(EntryKind.REFUSAL, draft=Draft(kind=kind), faults=faults, said=said), created=True
    )

    assert content["type"] == f"TRANSACTION::{kind.name}"
    assert (content["state"], content["mode"]) == ("REJECTED", "FINISHED")
    assert content["logs"][0] == {
        "severity": "ERROR",
        "message": "Validation error: PT-LINE-01 quantity must not be negative "
        "(content.operation.entries[0])",
    }
    assert len(content["logs"][1]["message"]) == 256
    assert "transmission" not in content


def the_logs(count: int, code: str = "PT-TAX-01", law: str = "") -> list[str]:
    """Of a fault in so many lines."""
    paths = tuple(f"lines[{i}].vat.percentage" for i in range(count))
    vat = {"percentage": "23"}
    text = json.dumps({"entries": [{"data": {"vat": vat}}] * count})
    said = CallerWords(family="unified", version="2026-05-04", text=text)
    fault = Fault(code=code, text="no such rate", law=law, paths=paths)
    record = a_record(
        EntryKind.REFUSAL, draft=Draft(kind=DocumentKind.RECEIPT), faults=(fault,), said=said
    )

    return [log["message"] for log in shown(record)["logs"]]


def test_a_log_names_whole_places_and_the_next_one_those_without_room():
    first, second, third = the_logs(9)

    places = [f"content.operation.entries[{i}].data.vat.percentage" for i in range(9)]
    assert first == f"Validation error: PT-TAX-01 no such rate ({', '.join(places[:4])})"
    assert second == f"Validation error: PT-TAX-01 also ({', '.join(places[4:8])})"
    assert third == f"Validation error: PT-TAX-01 also ({places[8]})"
    assert len(first) <= 256 < len(first) + len(places[0])


def test_logs_name_a_hundred_places_and_how_many_more_there_are():
    logs = the_logs(103)

    assert sum(message.count("content.operation") for message in logs) == 100
    assert logs[-1] == "Validation error: and 3 places more"


def test_the_last_log_of_a_fault_says_which_law_and_what_to_do():
    assert the_logs(1, law="CIVA, art. 18")[1:] == [
        "Validation error: PT-TAX-01 law: CIVA, art. 18; what to do: leave the region out to have "
        "that of the location"
    ]
    assert the_logs(1, code="PT-LINE-03", law="CIVA")[1:] == [
        "Validation error: PT-LINE-03 law: CIVA"
    ]


def test_a_place_that_has_no_room_anywhere_is_cut():
    fault = Fault(code="PT-TAX-01", text="t" * 200, paths=("x" * 300, "y"))
    record = a_record(EntryKind.REFUSAL, draft=Draft(kind=DocumentKind.RECEIPT), faults=(fault,))

    first, second, third = (log["message"] for log in shown(record)["logs"])

    assert first == f"Validation error: PT-TAX-01 {'t' * 200}"
    assert second == f"Validation error: PT-TAX-01 also ({'x' * 221}…"
    assert third == "Validation error: PT-TAX-01 also (y)"


def test_metadata_come_along():
    answer = translate.record(
        a_document(),
        created=False,
        wants=frozenset(),
        previous_id="",
        metadata={"table": "4"},
    )

    assert answer["metadata"] == {"table": "4"}
