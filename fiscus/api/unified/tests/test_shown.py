"""Journal entries as records of this family."""

import hashlib
import json
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from fiscus.api.unified import translate
from fiscus.api.unified.wire import records
from fiscus.model.documents import CASH_KINDS, Draft, Kind
from fiscus.model.faults import Fault
from fiscus.model.kinds import EntryKind
from fiscus.model.records import Body, Numbered, PlaceRef, Record, Said, Seal

AT = datetime(2026, 5, 4, 8, 15, 1, 339716, tzinfo=UTC)
RAW = bytes(range(64))
SIGNATURE = urlsafe_b64encode(RAW).rstrip(b"=").decode()
SERIAL = "0f" * 16
TEXT = '{"type":"RECEIPT"}'


def an_id(number: int) -> str:
    return f"0196a1f{number}-2222-7c3d-9e4f-0123456789ab"


def a_body(**changes: Any) -> Body:
    body = Body(
        id=an_id(4),
        register=an_id(2),
        sequence=2,
        previous="0" * 64,
        at=AT,
        place=PlaceRef(
            organization="o",
            taxpayer=an_id(0),
            taxpayer_version=1,
            location=an_id(1),
            location_version=1,
            register_version=1,
        ),
        said=Said(family="unified", version="2026-05-04", text=TEXT),
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
        signature=SIGNATURE,
        used_in=used_in,
    )


def a_document(**changes: Any) -> Record:
    body: dict[str, Any] = {
        "intent": an_id(3),
        "draft": Draft(kind=Kind.RECEIPT),
        "numbered": Numbered(series="s", name="FR-P02-2026", number=31, previous=an_id(1)),
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
        serial=SERIAL,
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
        "id", "type", "state", "mode", "system", "journal", "file", "operation",
    }  # fmt: skip


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


def test_the_first_of_a_chain_has_none_before_it():
    numbered = Numbered(series="s", name="n", number=1)

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


@pytest.mark.parametrize("kind", sorted(frozenset(Kind) - {Kind.CLOSING, *CASH_KINDS}))
def test_what_the_law_refused_is_rejected_with_its_faults(kind: Kind):
    faults = (
        Fault(code="PT-LINE-01", text="quantity must not be negative", paths=("lines[0]",)),
        Fault(code="PT-LINE-02", text="x" * 400),
    )

    content = shown(
        a_record(EntryKind.REFUSAL, draft=Draft(kind=kind), faults=faults), created=True
    )

    assert content["type"] == f"TRANSACTION::{kind.name}"
    assert (content["state"], content["mode"]) == ("REJECTED", "FINISHED")
    assert content["logs"][0] == {
        "severity": "ERROR",
        "message": "Validation error: PT-LINE-01 quantity must not be negative (lines[0])",
    }
    assert len(content["logs"][1]["message"]) == 256
    assert "transmission" not in content


def test_metadata_come_along():
    answer = translate.record(
        a_document(),
        created=False,
        wants=frozenset(),
        previous_id="",
        serial=SERIAL,
        metadata={"table": "4"},
    )

    assert answer["metadata"] == {"table": "4"}
