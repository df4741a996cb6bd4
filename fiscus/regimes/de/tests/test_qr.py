"""The QR code against the samples and against what the devices write."""

import json
from base64 import b64decode
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from fiscus.model.records import DeviceSigning
from fiscus.regimes.de import qr
from fiscus.regimes.de.tests.builders import a_case, a_signing, told, with_
from fiscus.signers.tse.log import qr as reference
from fiscus.signers.tse.log.logtime import TimeFormat

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))


def as_read(signing: DeviceSigning) -> reference.ReceiptQr:
    return reference.ReceiptQr(
        client_id=signing.client,
        process_type=signing.process_type,
        process_data=signing.process_data,
        number=signing.number,
        signature_counter=signing.counter,
        started=signing.started_at,
        finished=signing.finished_at,
        algorithm=signing.algorithm,
        time_format=TimeFormat(signing.time_format),
        signature=b64decode(signing.signature),
        public_key=b64decode(signing.public_key),
    )


def as_signed(sample: str) -> DeviceSigning:
    """The facts of a sample, taken out field by field."""
    (_, client, kind, data, number, counter, start, end, algorithm, form, signature, key) = (
        sample.split(";")
    )
    return DeviceSigning(
        serial=reference.parse(sample).serial,
        client=client,
        process_type=kind,
        process_data=data,
        number=int(number),
        counter=int(counter),
        started_at=datetime.fromisoformat(start),
        finished_at=datetime.fromisoformat(end),
        algorithm=algorithm,
        time_format=form,
        signature=signature,
        public_key=key,
    )


def test_every_sample_comes_out_byte_for_byte(shared_data: Path) -> None:
    samples = json.loads((shared_data / "de/sample_qr.json").read_text(encoding="utf-8"))["valid"]
    plain = [sample for sample in samples if sample.count(";") == 11]

    assert len(plain) > 10
    assert [qr.text(as_signed(sample)) for sample in plain] == plain


@given(MOMENTS, MOMENTS, st.integers(1, 10**9), st.integers(1, 10**9))
def test_the_devices_write_the_same_text(
    started: datetime, finished: datetime, number: int, counter: int
) -> None:
    signing = with_(
        a_signing(told(a_case())),
        started_at=started,
        finished_at=finished,
        number=number,
        counter=counter,
    )

    assert qr.text(signing) == reference.text(as_read(signing))
