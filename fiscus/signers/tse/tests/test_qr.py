import json
from base64 import b64decode
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscus.signers.tse.log import qr
from fiscus.signers.tse.log.logtime import TimeFormat
from fiscus.signers.tse.log.qr import ReceiptQr


def a_receipt(**changes: object) -> ReceiptQr:
    fields: dict[str, object] = {
        "client_id": "KASSE-1",
        "process_type": "Kassenbeleg-V1",
        "process_data": "Beleg^1.00_0.00_0.00_0.00_0.00^1.00:Bar",
        "number": 1,
        "signature_counter": 2,
        "started": datetime(2026, 3, 1, 9, 5, tzinfo=UTC),
        "finished": datetime(2026, 3, 1, 9, 5, 30, 250000, tzinfo=UTC),
        "algorithm": "ecdsa-plain-SHA256",
        "time_format": TimeFormat.UNIX,
        "signature": bytes(64),
        "public_key": b"\x04" + bytes(64),
    }
    return ReceiptQr(**(fields | changes))  # type: ignore[arg-type]


def samples(shared_data: Path) -> list[str]:
    found: list[str] = json.loads((shared_data / "de" / "sample_qr.json").read_text())["valid"]
    return found


def test_every_sample_is_read_and_written_alike(shared_data: Path) -> None:
    for sample in samples(shared_data):
        assert qr.text(qr.parse(sample)) == sample


def test_every_sample_verifies_by_itself(shared_data: Path) -> None:
    assert all(qr.verifies(qr.parse(sample)) for sample in samples(shared_data))


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "KASSE-2"},
        {"process_type": "SonstigerVorgang"},
        {"process_data": "Beleg^0.00_0.00_0.00_0.00_0.00^"},
        {"number": 99},
        {"signature_counter": 99},
        {"finished": datetime(2026, 3, 1, tzinfo=UTC)},
        {"algorithm": "ecdsa-plain-SHA384"},
        {"algorithm": "ecsdsa-plain-SHA256"},
        {"time_format": TimeFormat.UTC},
        {"signature": b"short"},
        {"public_key": b64decode("BAAA")},
    ],
)
def test_a_receipt_that_was_changed_does_not_verify(
    shared_data: Path, changes: dict[str, object]
) -> None:
    receipt = qr.parse(samples(shared_data)[0])

    assert not qr.verifies(msgspec.structs.replace(receipt, **changes))


@given(st.text(), st.text(alphabet="ABC-1 "), st.binary(max_size=96))
def test_data_may_hold_semicolons(data: str, client: str, signature: bytes) -> None:
    receipt = a_receipt(process_data=data, client_id=client, signature=signature)
    receipt = msgspec.structs.replace(receipt, finished=receipt.started)

    assert qr.parse(qr.text(receipt)) == receipt


def test_times_have_three_digits_of_milliseconds() -> None:
    assert ";2026-03-01T09:05:00.000Z;2026-03-01T09:05:30.250Z;" in qr.text(a_receipt())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "V1;a;b;c;1;2;2026-03-01T09:05:00.000Z;2026-03-01T09:05:00.000Z;ecdsa-plain-SHA256;unixTime;;",
        "V0;a;b;c;-1;2;2026-03-01T09:05:00.000Z;2026-03-01T09:05:00.000Z;ecdsa-plain-SHA256;unixTime;;",
        "V0;a;b;c;1;2;2026-03-01T09:05:00;2026-03-01T09:05:00.000Z;ecdsa-plain-SHA256;unixTime;;",
        "V0;a;b;c;1;2;2026-03-01T09:05:00.000Z;2026-03-01T09:05:00.000Z;md5;unixTime;;",
        "V0;a;b;c;1;2;2026-03-01T09:05:00.000Z;2026-03-01T09:05:00.000Z;ecdsa-plain-SHA256;noon;;",
        "V0;a;b;c;1;2;2026-03-01T09:05:00.000Z;2026-03-01T09:05:00.000Z;ecdsa-plain-SHA256;unixTime;!;",
        "V0;a;b;1;2;2026-03-01T09:05:00.000Z;2026-03-01T09:05:00.000Z;ecdsa-plain-SHA256;unixTime;;",
    ],
)
def test_what_is_no_receipt_is_refused(text: str) -> None:
    with pytest.raises(qr.QrError):
        qr.parse(text)
