"""The software TSE's exports against the official test cases II_EXF and EXP."""

import io
import tarfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fiscus.model.devices import LogFilter
from fiscus.signers.tse.log import errors, names, tar, verify
from fiscus.signers.tse.log.logtime import TimeFormat
from fiscus.signers.tse.software import administration, export, status, transactions, users
from fiscus.signers.tse.software.device import SoftwareTse


@pytest.fixture
def device(factory) -> SoftwareTse:
    """Six transactions, a minute apart, of two clients by turns; a self test in the middle."""
    device: SoftwareTse = factory.a_ready_device()
    users.authenticate(device, "admin", "12345")
    administration.register_client(device, "KASSE-2")
    administration.register_client(device, "KASSE-3")
    for n in range(6):
        factory.clock.pass_by(minutes=1)
        client = f"KASSE-{1 + n % 2}"
        number = transactions.start(device, client, b"", "").number
        transactions.finish(device, client, number, b"Beleg^", "Kassenbeleg-V1")
        if n == 2:
            administration.self_test(device)
    return device


def files(blocks: Iterator[bytes]) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(b"".join(blocks))) as archive:
        return {
            one.name: archive.extractfile(one).read()  # type: ignore[union-attr]
            for one in archive
        }


def numbers(blocks: Iterator[bytes]) -> list[int]:
    found = [names.parse(name) for name in files(blocks)]
    return sorted({one.number for one in found if one is not None and one.number is not None})


def system_events(blocks: Iterator[bytes]) -> list[str]:
    found = [names.parse(name) for name in files(blocks)]
    return [one.event for one in found if one is not None and one.event]


def test_II_EXF_nothing_given_selects_every_transaction(device: SoftwareTse) -> None:
    assert numbers(export.transaction_logs(device, LogFilter())) == [1, 2, 3, 4, 5, 6]


def test_II_EXF_by_number(device: SoftwareTse) -> None:
    assert numbers(export.transaction_logs(device, LogFilter(number=3))) == [3]


def test_II_EXF_by_client(device: SoftwareTse) -> None:
    assert numbers(export.transaction_logs(device, LogFilter(client_id="KASSE-2"))) == [2, 4, 6]


def test_II_EXF_by_interval(device: SoftwareTse) -> None:
    wanted = LogFilter(first_number=2, last_number=4)

    assert numbers(export.transaction_logs(device, wanted)) == [2, 3, 4]


def test_II_EXF_by_interval_and_client(device: SoftwareTse) -> None:
    wanted = LogFilter(first_number=2, last_number=5, client_id="KASSE-1")

    assert numbers(export.transaction_logs(device, wanted)) == [3, 5]


def test_II_EXF_by_dates(device: SoftwareTse, factory) -> None:
    end = factory.clock()
    late = LogFilter(start_at=end - timedelta(minutes=1))
    early = LogFilter(end_at=end - timedelta(minutes=4))
    middle = LogFilter(start_at=end - timedelta(minutes=3), end_at=end - timedelta(minutes=2))

    assert numbers(export.transaction_logs(device, late)) == [5, 6]
    assert numbers(export.transaction_logs(device, early)) == [1, 2]
    assert numbers(export.transaction_logs(device, middle)) == [3, 4]


def test_II_EXF_by_dates_and_client(device: SoftwareTse, factory) -> None:
    wanted = LogFilter(start_at=factory.clock() - timedelta(minutes=3), client_id="KASSE-2")

    assert numbers(export.transaction_logs(device, wanted)) == [4, 6]


def test_II_EXF_other_logs_between_the_first_and_the_last_are_included(device: SoftwareTse) -> None:
    around = LogFilter(first_number=3, last_number=4)
    before = LogFilter(first_number=1, last_number=3)

    assert system_events(export.transaction_logs(device, around)) == ["selfTest"]
    assert system_events(export.transaction_logs(device, before)) == []


def test_II_EXF_the_limit_counts_every_message(device: SoftwareTse) -> None:
    wanted: dict[str, Any] = {"first_number": 3, "last_number": 4}

    assert files(export.transaction_logs(device, LogFilter(**wanted, records_max=5)))
    with pytest.raises(errors.ErrorTooManyRecords):
        export.transaction_logs(device, LogFilter(**wanted, records_max=4))
    assert files(export.transaction_logs(device, LogFilter(**wanted, records_max=0)))


@pytest.mark.parametrize(
    "wanted",
    [
        {"number": 1, "first_number": 1, "last_number": 2},
        {"number": 1, "start_at": 0},
        {"number": 1, "end_at": 0},
        {"first_number": 1, "last_number": 2, "start_at": 0},
        {"first_number": 1},
        {"last_number": 1},
        {"first_number": 3, "last_number": 2},
        {"start_at": 1, "end_at": 0},
        {"records_max": -1},
    ],
)
def test_II_EXF_arguments_that_contradict_each_other_are_refused(
    device: SoftwareTse, factory, wanted: dict[str, Any]
) -> None:
    times: dict[str, Any] = {
        name: factory.clock() + timedelta(seconds=value) if name.endswith("_at") else value
        for name, value in wanted.items()
    }

    with pytest.raises(errors.ErrorParameterMismatch):
        export.transaction_logs(device, LogFilter(**times))


@pytest.mark.parametrize(
    "wanted",
    [
        {"number": 7},
        {"number": 0},
        {"number": -1},
        {"first_number": 5, "last_number": 7},
        {"first_number": 0, "last_number": 1},
    ],
)
def test_II_EXF_unknown_numbers_are_not_found(device: SoftwareTse, wanted: dict[str, Any]) -> None:
    with pytest.raises(errors.ErrorExportTransactionNumberNotFound) as caught:
        export.transaction_logs(device, LogFilter(**wanted))
    assert caught.value.name(2) == "ErrorTransactionNumberNotFound"


def test_II_EXF_an_unknown_client_is_not_found(device: SoftwareTse) -> None:
    with pytest.raises(errors.ErrorClientIdNotFound) as caught:
        export.transaction_logs(device, LogFilter(client_id="KASSE-9"))
    assert caught.value.name(2) == "ErrorIdNotFound"
    assert caught.value.name(3) == "ErrorClientIdNotFound"


def test_II_EXF_a_client_let_go_is_still_found(device: SoftwareTse) -> None:
    administration.deregister_client(device, "KASSE-2")

    assert numbers(export.transaction_logs(device, LogFilter(client_id="KASSE-2"))) == [2, 4, 6]


def test_II_EXF_what_selects_nothing_is_no_data(device: SoftwareTse, factory) -> None:
    for wanted in (
        LogFilter(client_id="KASSE-3"),
        LogFilter(number=1, client_id="KASSE-2"),
        LogFilter(start_at=factory.clock() + timedelta(days=1)),
        LogFilter(end_at=factory.clock() - timedelta(days=1)),
    ):
        with pytest.raises(errors.ErrorNoDataAvailable):
            export.transaction_logs(device, wanted)


def test_II_EXF_nobody_has_to_be_logged_in(device: SoftwareTse) -> None:
    users.log_out(device)

    assert files(export.transaction_logs(device, LogFilter()))
    assert files(export.log_messages(device))
    assert files(export.logging_certificates(device))


def test_all_messages_or_an_interval_of_counters(device: SoftwareTse) -> None:
    everything = [name for name in files(export.log_messages(device)) if name.endswith(".log")]

    assert len(everything) == status.signature_counter(device)
    some = files(export.log_messages(device, first_counter=2, last_counter=4))
    assert len([name for name in some if name.endswith(".log")]) == 3
    with pytest.raises(errors.ErrorTooManyRecords):
        export.log_messages(device, records_max=3)
    with pytest.raises(errors.ErrorParameterMismatch):
        export.log_messages(device, first_counter=4, last_counter=2)
    with pytest.raises(errors.ErrorNoDataAvailable):
        export.log_messages(device, first_counter=1000, last_counter=1001)


def test_EXP_TAR_the_same_selection_gives_the_same_bytes(device: SoftwareTse) -> None:
    one = b"".join(export.log_messages(device))

    assert b"".join(export.log_messages(device)) == one


def test_EXP_TAR_info_and_certificates_come_first_and_logs_in_order(device: SoftwareTse) -> None:
    listed = list(files(export.log_messages(device)))

    assert listed[0] == "info.csv"
    assert [name for name in listed if name.endswith("_X509.cer")] == listed[1:4]
    assert listed[1] == f"{device.serial.hex()}_X509.cer"
    counters = [found.counter for name in listed if (found := names.parse(name)) is not None]
    assert counters == list(range(1, len(counters) + 1))


def test_EXP_TAR_the_archive_is_plain_ustar_with_two_zero_blocks(device: SoftwareTse) -> None:
    data = b"".join(export.log_messages(device))

    assert data[257:262] == b"ustar"
    assert len(data) % 512 == 0
    assert data.endswith(bytes(1024))
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            assert member.isfile()
            assert (member.uid, member.gid, member.uname, member.mode) == (0, 0, "", 0o644)


def test_EXP_TAR_a_long_name_is_kept_whole(factory, tmp_path: Path) -> None:
    device = factory.a_ready_device()
    client = "K" * 70
    users.authenticate(device, "admin", "12345")
    administration.register_client(device, client)
    number = transactions.start(device, client, b"", "").number
    transactions.finish(device, client, number, b"", "")
    path = tmp_path / "a.tar"
    path.write_bytes(b"".join(export.log_messages(device)))

    assert any(f"_Client-{client}.log" in name for name in files(export.log_messages(device)))
    assert verify.check(path) == ()


def test_EXP_INF_version_2_is_one_line(device: SoftwareTse) -> None:
    assert files(export.log_messages(device))["info.csv"] == (
        b'"description:","TEST a kiosk","manufacturer:","Fiscus TEST","version:","1"\n'
    )


def test_EXP_INF_version_3_lists_the_components_in_their_order(factory) -> None:
    device = factory.a_ready_device(version=3)

    lines = files(export.log_messages(device))["info.csv"].decode().split("\n")

    listed = [line.split(",")[1] for line in lines[:5]]
    assert listed == ['"device"', '"storage"', '"integration-interface"', '"CSP"', '"SMA"']
    assert lines[5] == '"description:","TEST a kiosk",,,,,,,,'
    assert lines[6] == ""


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("form", list(TimeFormat))
def test_EXP_LOG_what_is_exported_verifies(
    factory, tmp_path: Path, version: int, form: TimeFormat
) -> None:
    device = factory.a_ready_device(version=version, time_format=form)
    users.authenticate(device, "logger", "32345")
    number = transactions.start(device, "KASSE-1", b"", "").number
    transactions.update(device, "KASSE-1", number, b"a", "x", is_signed=False)
    transactions.update(device, "KASSE-1", number, b"b", "x")
    transactions.finish(device, "KASSE-1", number, b"Beleg^", "Kassenbeleg-V1")
    users.authenticate(device, "logger", "wrong")
    users.unblock_pin(device, "logger", "wrong", "1")
    path = tmp_path / "a.tar"
    path.write_bytes(b"".join(export.log_messages(device)))

    report = verify.examine(path)

    assert report.faults == ()
    assert report.notes == ()
    assert report.versions == (version,)


def test_archives_are_named_after_their_time(factory) -> None:
    at = factory.clock()

    assert tar.export_name(at, TimeFormat.UNIX) == "Export_Unixt_1772355600.tar"
    assert tar.export_name(at, TimeFormat.UTC, has_logs=False) == (
        "CertificateExport_Utc_260301090000Z.tar"
    )


@pytest.mark.parametrize("version", [2, 3])
def test_only_what_was_exported_can_be_deleted(factory, version: int) -> None:
    device = factory.a_ready_device(version=version)
    users.authenticate(device, "logger", "32345")
    number = transactions.start(device, "KASSE-1", b"", "").number
    transactions.finish(device, "KASSE-1", number, b"", "")
    users.authenticate(device, "admin", "12345")
    with pytest.raises(errors.ErrorUnexportedLogMessages):
        administration.delete_log_messages(device)
    half = export.log_messages(device)
    next(half)
    del half
    with pytest.raises(errors.ErrorUnexportedLogMessages):
        administration.delete_log_messages(device)

    carried = len([one for one in files(export.log_messages(device)) if one.endswith(".log")])

    assert administration.delete_log_messages(device) == carried
    rest = system_events(export.log_messages(device))
    assert rest == ["deleteStoredData" if version == 2 else "deleteLogMessages"]


def test_an_export_shows_one_moment_whatever_is_written_meanwhile(device: SoftwareTse) -> None:
    blocks = export.log_messages(device)
    before = status.signature_counter(device)
    first = next(blocks)
    administration.self_test(device)

    with tarfile.open(fileobj=io.BytesIO(first + b"".join(blocks))) as archive:
        logs = [one for one in archive.getnames() if one.endswith(".log")]

    assert len(logs) == before
