"""Operations as they are shown: signed, begun, in an outage, without any device."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from fiscus.api.families.reporting.translate import operations
from fiscus.api.families.reporting.translate.operations import DeviceStart, OperationContext
from fiscus.api.families.reporting.wire.operations import ShownOperation
from fiscus.journal.intents import IntentionView
from fiscus.model.documents import DocumentKind, Draft
from fiscus.model.kinds import EntryKind
from fiscus.model.records import GENESIS, CallerWords, DeviceSigning, EntryBody, PlaceRef, Seal

AT = datetime(2026, 5, 4, 8, 15, 1, tzinfo=UTC)
LATER = AT + timedelta(minutes=2)
HEX = "019a8e3c6f5b7d2a9c41e07f3b8d5a60"
ID = "019a8e3c-6f5b-7d2a-9c41-e07f3b8d5a60"
OWNER = "019a8e3c-0000-7d2a-9c41-e07f3b8d5a60"
SALE: dict[str, Any] = {
    "type": "sale",
    "source": "POS",
    "currency": "EUR",
    "pretax_amount": "10.00",
    "tax_amount": "1.90",
    "total_amount": "11.90",
    "line_items": [
        {
            "title": "Kaffee",
            "quantity": 1,
            "unit_price": "11.90",
            "total_amount": "11.90",
            "taxes": [{"name": "USt", "rate": "0.19", "tax_amount": "1.90"}],
        }
    ],
}


def a_body(words: dict[str, Any], **members: Any) -> EntryBody:
    values: dict[str, Any] = {
        "id": ID,
        "kind": EntryKind.INTENT,
        "chain": ID,
        "epoch": 1,
        "sequence": 1,
        "previous": GENESIS,
        "at": AT,
        "relies": {},
        "place": PlaceRef(
            organization=ID,
            taxpayer=OWNER,
            taxpayer_version=1,
            location=ID,
            location_version=1,
            register_version=1,
        ),
        "said": CallerWords(
            family="reporting", version="1", text=msgspec.json.encode(words).decode()
        ),
    }
    return EntryBody(**(values | members))


def a_seal(**members: Any) -> Seal:
    values: dict[str, Any] = {
        "number": "12",
        "document_type": "Beleg",
        "day": date(2026, 5, 4),
        "entered": AT,
        "net": Decimal("10.00"),
        "vat": Decimal("1.90"),
        "gross": Decimal("11.90"),
    }
    return Seal(**(values | members))


def a_signing() -> DeviceSigning:
    return DeviceSigning(
        serial="ab12",
        client="till-1",
        number=7,
        process_type="Kassenbeleg-V1",
        process_data="Beleg^…",
        started_at=AT,
        finished_at=LATER,
        counter=15,
        signature="c2ln",
        algorithm="ecdsa-plain-SHA256",
        time_format="unixTime",
        public_key="BA==",
    )


def concluded(seal: Seal, kind: EntryKind = EntryKind.DOCUMENT, **words: Any) -> IntentionView:
    end = a_body(words, at=LATER, intent=ID, draft=Draft(kind=DocumentKind.RECEIPT), seal=seal)
    return IntentionView(intent=a_body(SALE), kind=kind, conclusion=end)


def shown(acted: IntentionView, **known: Any) -> dict[str, Any]:
    found = operations.operation(acted, OperationContext(**({"regime": "de"} | known)))
    ShownOperation.model_validate(found)
    return found


def test_a_signed_operation_shows_its_proof() -> None:
    found = shown(concluded(a_seal(signing=a_signing(), qr="V0;…"), payments=[]))

    assert found["fiscal_information"] == {
        "regime": "KassenSichV",
        "document_number": "7",
        "document_type": "Beleg",
        "tss_serial_number": "ab12",
        "pos_client_serial_number": "till-1",
        "signature_algorithm": "ecdsa-plain-SHA256",
        "time_format": "unixTime",
        "start_event": {"signed_at": "2026-05-04T08:15:01.000Z"},
        "end_event": {
            "signed_at": "2026-05-04T08:17:01.000Z",
            "transaction_counter": 15,
            "signature": "c2ln",
        },
        "verification": {"qr_data": "V0;…"},
        "prints": [],
    }
    assert (found["created_at"], found["updated_at"]) == (
        "2026-05-04T08:15:01Z",
        "2026-05-04T08:17:01Z",
    )


def test_an_open_operation_shows_how_its_device_began() -> None:
    begun = DeviceStart(number=7, serial="ab12", at=AT)

    found = shown(IntentionView(intent=a_body(SALE)), begun=begun)

    assert (found["status"], found["resource_version"]) == ("open", 1)
    assert found["fiscal_information"]["document_number"] == "7"
    assert found["fiscal_information"]["end_event"] is None


def test_an_outage_at_the_start_says_why() -> None:
    fiscal = shown(IntentionView(intent=a_body(SALE)), outage="no answer")["fiscal_information"]

    assert fiscal["outage"] == {"reason": "no answer"}
    assert fiscal["document_number"] is None


def test_an_outage_at_the_end_leaves_the_proof_empty() -> None:
    fiscal = shown(concluded(a_seal(outage="no answer")))["fiscal_information"]

    assert fiscal["outage"] == {"reason": "no answer"}
    assert (fiscal["document_type"], fiscal["start_event"], fiscal["end_event"]) == (
        "Beleg",
        None,
        None,
    )


def test_what_the_law_wants_on_paper_is_told_with_the_signature() -> None:
    lines = ("Gesamt: 11,90 EUR", "TSE ausgefallen")

    assert shown(concluded(a_seal(prints=lines)))["fiscal_information"]["prints"] == [*lines]
    assert (
        shown(IntentionView(intent=a_body(SALE)), outage="x")["fiscal_information"]["prints"] == []
    )


def test_what_is_sold_online_shows_no_register_and_no_proof_of_one() -> None:
    begun = a_body(SALE | {"source": "ONLINE"}, chain=OWNER)
    ended = a_body(
        {}, chain=OWNER, intent=ID, draft=Draft(kind=DocumentKind.RECEIPT), seal=a_seal()
    )
    found = shown(IntentionView(intent=begun, kind=EntryKind.DOCUMENT, conclusion=ended))

    for name in ("register_id", "location_id", "session_id", "fiscal_information"):
        assert found[name] is None


def test_without_a_device_a_document_goes_by_its_own_number() -> None:
    fiscal = shown(concluded(a_seal()), regime="it")["fiscal_information"]

    assert (fiscal["document_number"], fiscal["tss_serial_number"]) == ("12", None)


def test_what_nobody_signed_yet_has_no_fiscal_information() -> None:
    assert shown(IntentionView(intent=a_body(SALE)))["fiscal_information"] is None


def test_lines_taxes_and_payments_get_ids() -> None:
    leg = {"method": "cash", "status": "captured", "amount": "11.90", "currency": "EUR"}

    found = shown(concluded(a_seal(), payments=[leg]))

    (line,), (payment,) = found["line_items"], found["payments"]
    assert (line["id"], line["taxes"][0]["id"]) == (f"li_{HEX}_1", f"tax_{HEX}_1_1")
    assert (payment["id"], payment["processor"]) == (f"pay_{HEX}_1", None)


def test_a_voided_operation_says_why() -> None:
    found = shown(concluded(a_seal(), EntryKind.ABORT, reason="payment_failed"))

    assert (found["status"], found["void_reason"]) == ("voided", "payment_failed")


def test_as_it_was_created_it_is_open() -> None:
    acted = concluded(a_seal(), payments=[])

    found = shown(operations.as_begun(acted))

    assert (found["status"], found["updated_at"]) == ("open", found["created_at"])


def test_what_another_family_began_is_no_operation() -> None:
    foreign = a_body({}, said=CallerWords(family="unified", version="1", text='{"type":"RECEIPT"}'))

    assert operations.type_of(IntentionView(intent=foreign)) == ""
