import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiscus.signers.tse.log import asn1, events, messages, names
from fiscus.signers.tse.log.asn1 import Asn1Error
from fiscus.signers.tse.log.logtime import LogTime, TimeFormat, log_time
from fiscus.signers.tse.log.messages import (
    AuditLog,
    Log,
    LogOperation,
    MessageProof,
    SystemLog,
    TransactionLog,
    operation_type,
)

ALGORITHM = "0.4.0.127.0.7.1.1.4.1.3"

instants = st.datetimes(
    min_value=datetime(1970, 1, 1),
    max_value=datetime(2049, 12, 31),
    timezones=st.just(UTC),
)
times = st.builds(log_time, instants, st.sampled_from(TimeFormat))
proofs = st.builds(
    MessageProof,
    serial=st.binary(min_size=32, max_size=32),
    algorithm=st.just(ALGORITHM),
    counter=st.integers(0, 2**63),
    time=times,
    signature=st.binary(min_size=64, max_size=64),
)
texts = st.text(max_size=200)


@st.composite
def transaction_logs(draw: st.DrawFn) -> TransactionLog:
    version = draw(st.sampled_from(messages.VERSIONS))
    parts = draw(st.lists(st.binary(max_size=300), max_size=3).map(tuple))
    return TransactionLog(
        version=version,
        operation_type=operation_type(draw(st.sampled_from(LogOperation)), version),
        client_id=draw(texts),
        process_data=b"".join(parts) if parts else draw(st.binary(max_size=300)),
        process_type=draw(st.none() | texts),
        number=draw(st.none() | st.integers(0, 2**70)),
        parts=parts,
        external=draw(st.none() | st.binary(max_size=9)),
        internal=draw(st.none() | st.binary(max_size=9)),
        proof=draw(proofs),
    )


@st.composite
def system_logs(draw: st.DrawFn) -> SystemLog:
    version = draw(st.sampled_from(messages.VERSIONS))
    is_newer = version == 3
    return SystemLog(
        version=version,
        event=draw(texts),
        data=draw(st.none() | st.binary(max_size=300)),
        origin=draw(st.none() | texts) if is_newer else None,
        user=draw(st.none() | texts) if is_newer else None,
        internal=None if is_newer else draw(st.none() | st.binary(max_size=9)),
        proof=draw(proofs),
    )


audit_logs = st.builds(
    AuditLog, version=st.sampled_from((2, 3)), data=st.binary(max_size=300), proof=proofs
)


@given(transaction_logs() | system_logs() | audit_logs)
def test_what_was_encoded_is_decoded_to_the_same(log: Log) -> None:
    data = messages.encode(log)

    decoded = messages.decode(data)

    assert decoded.log == log
    assert decoded.signed == messages.signed_bytes(log)


@settings(max_examples=300)
@given(st.binary(max_size=200), transaction_logs(), st.integers(0), st.integers(1, 255))
def test_broken_bytes_are_refused_or_read_exactly(
    junk: bytes, log: TransactionLog, place: int, flip: int
) -> None:
    data = bytearray(messages.encode(log))
    data[place % len(data)] ^= flip
    for broken in (junk, bytes(data), bytes(data[: place % len(data)])):
        try:
            decoded = messages.decode(broken)
        except Asn1Error:
            continue
        assert messages.encode(decoded.log) == broken


def test_every_real_log_is_decoded_and_encoded_to_the_same_bytes(shared_data: Path) -> None:
    seen = 0
    for path in sorted((shared_data / "de").rglob("*tse*/*.tar")) + sorted(
        (shared_data / "de").glob("sample_tse_v*.tar")
    ):
        with tarfile.open(path) as archive:
            for member in archive:
                if not member.name.endswith(".log"):
                    continue
                data = archive.extractfile(member).read()  # type: ignore[union-attr]
                decoded = messages.decode(data)
                assert messages.encode(decoded.log) == data
                assert messages.signed_bytes(decoded.log) == decoded.signed
                name = names.name_of(decoded.log).text()
                assert name == member.name.removeprefix("./")
                assert names.parse(name) == names.name_of(decoded.log)
                seen += 1
    assert seen == 198


def test_every_real_event_is_decoded_and_encoded_to_the_same_bytes(archives: list[Path]) -> None:
    seen = set()
    for path in archives:
        with tarfile.open(path) as archive:
            for member in archive:
                if "_Log-Sys_" in member.name:
                    data = archive.extractfile(member).read()  # type: ignore[union-attr]
                    log = messages.decode(data).log
                    assert isinstance(log, SystemLog)
                    assert log.data is not None
                    content = events.decode(log.version, log.event, log.data)
                    assert events.encode(log.version, log.event, content) == log.data
                    seen.add((log.version, log.event))
    assert len(seen) >= 15


def a_log(**changes: object) -> TransactionLog:
    fields: dict[str, object] = {
        "version": 2,
        "operation_type": "FinishTransaction",
        "client_id": "KASSE-1",
        "process_data": b"Beleg^0.00_0.00_0.00_0.00_0.00^",
        "process_type": "Kassenbeleg-V1",
        "number": 7,
        "proof": MessageProof(
            serial=bytes(32),
            algorithm=ALGORITHM,
            counter=9,
            time=LogTime(TimeFormat.UNIX, "1772355930"),
            signature=bytes(64),
        ),
    }
    return TransactionLog(**(fields | changes))  # type: ignore[arg-type]


def test_EXP_LOG_parameters_of_the_algorithm_must_be_absent() -> None:
    data = messages.encode(a_log())
    oid = asn1.write(asn1.OBJECT, asn1.object_octets(ALGORITHM))
    with_null = data.replace(
        asn1.write(asn1.SEQUENCE, oid), asn1.write(asn1.SEQUENCE, oid + b"\x05\x00")
    )
    body = asn1.read(data).value.replace(
        asn1.write(asn1.SEQUENCE, oid), asn1.write(asn1.SEQUENCE, oid + b"\x05\x00")
    )

    assert with_null != data
    with pytest.raises(Asn1Error, match="bytes follow"):
        messages.decode(asn1.write(asn1.SEQUENCE, body))


@pytest.mark.parametrize("version", [1, 4])
def test_EXP_LOG_an_unknown_version_is_refused(version: int) -> None:
    data = messages.encode(a_log()).replace(b"\x02\x01\x02\x06", bytes((2, 1, version, 6)), 1)

    with pytest.raises(Asn1Error, match="unknown version"):
        messages.decode(data)


def test_EXP_LOG_the_operation_is_spelled_as_its_version_spells_it() -> None:
    with pytest.raises(Asn1Error, match="unknown operation"):
        messages.decode(messages.encode(a_log(operation_type="finishTransaction")))
    with pytest.raises(Asn1Error, match="unknown operation"):
        messages.decode(messages.encode(a_log(version=3)))


def test_EXP_LOG_elements_come_in_order() -> None:
    log = messages.encode(a_log())
    client, kind = b"\x81\x07KASSE-1", b"\x83\x0eKassenbeleg-V1"
    data = b"\x82\x1f" + a_log().process_data
    swapped = log.replace(client + data + kind, kind + client + data)

    assert swapped != log
    with pytest.raises(Asn1Error, match="out of order"):
        messages.decode(swapped)


def test_EXP_LOG_indefinite_length_holds_octet_strings_only() -> None:
    log = messages.encode(a_log(parts=(b"a", b"b"), process_data=b"ab"))

    assert b"\xa2\x80\x04\x01a\x04\x01b\x00\x00" in log
    with pytest.raises(Asn1Error, match="octet strings"):
        messages.decode(log.replace(b"\x04\x01a", b"\x02\x01a"))


def test_the_signature_covers_everything_from_version_to_log_time() -> None:
    log = a_log()
    signed = messages.signed_bytes(log)

    assert signed.startswith(b"\x02\x01\x02\x06\x09\x04\x00\x7f")
    assert signed.endswith(b"\x02\x01\x09\x02\x04" + (1772355930).to_bytes(4, "big"))
    assert messages.encode(log) == asn1.write(0x30, signed + b"\x04\x40" + bytes(64))


@pytest.mark.parametrize(
    "name",
    [
        "Unixt_1_Sig-01_Log-Aud.log",
        "Unixt_1Z_Sig-1_Log-Aud.log",
        "Utc_260301090000_Sig-1_Log-Aud.log",
        "Unixt_1_Sig-1_Log-Tra_No-1_Begin_Client-A.log",
        "Unixt_1_Sig-1_Log-Sys_.log",
        "Unixt_1_Sig-1_Log-Aud.txt",
    ],
)
def test_EXP_LOG_a_name_not_in_the_guideline_is_none(name: str) -> None:
    assert names.parse(name) is None


@pytest.mark.parametrize(
    "name",
    [
        "Unixt_1772355930_Sig-5_Log-Tra_No-1_Finish_Client-KASSE-001.log",
        "Utc_260301090530Z_Sig-5_Log-Sys_updateTime.log",
        "Gent_20260301090530Z_Sig-5_Log-Aud_Fc-2.log",
        "Gent_20260301090530.250Z_Sig-5_Log-Sys_logOut_Fc-1.log",
    ],
)
def test_EXP_LOG_a_name_in_the_guideline_is_taken_apart_and_put_together(name: str) -> None:
    found = names.parse(name)

    assert found is not None
    assert found.text() == name
