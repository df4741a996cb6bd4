"""The verifier against real archives, and against archives somebody touched."""

import io
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives import serialization

from fiscus.model.devices import LogFilter
from fiscus.signers.tse.log import algorithms, certificates, messages, names, tar, verify
from fiscus.signers.tse.log.logtime import LogTime, TimeFormat
from fiscus.signers.tse.log.messages import TransactionLog
from fiscus.signers.tse.software import export, transactions, users
from fiscus.signers.tse.software.device import SoftwareTse

Files = dict[str, bytes]


def codes(path: Path, **options: bool) -> set[str]:
    return {fault.code for fault in verify.check(path, **options)}


def test_every_real_archive_verifies(archives: list[Path]) -> None:
    assert len(archives) == 5
    for path in archives:
        report = verify.examine(path)
        assert report.faults == (), path.name
        assert report.messages > 0
        assert report.root


def test_the_archive_with_inconsistent_certificates_is_refused_with_the_reason(
    shared_data: Path,
) -> None:
    path = shared_data / "de" / "tse_samples" / "NEGATIVE_inconsistent_certificates.tar"

    faults = {fault.code: fault for fault in verify.check(path, is_complete=False)}

    assert "adb6400083cdcb70" in faults["TSE-CERT-03"].paths[0]
    assert "TSE-COUNTER-01" in codes(path)


def test_a_report_says_what_was_seen(shared_data: Path) -> None:
    report = verify.examine(shared_data / "de" / "sample_tse_v2.tar")

    assert report.serial == "75bd56a51baf977a87164ef7f74a10d0881d6b2c98a235dfbe7c58d1e953f443"
    assert (report.messages, report.started, report.finished) == (33, 15, 15)
    assert (report.first_counter, report.last_counter) == (1, 33)
    assert report.versions == (2,)
    assert report.algorithm == "ecdsa-plain-SHA256"


@pytest.fixture
def device(factory) -> SoftwareTse:
    """With three transactions of two messages each, and one still open."""
    device: SoftwareTse = factory.a_ready_device()
    for _ in range(3):
        factory.clock.pass_by(minutes=1)
        number = transactions.start(device, "KASSE-1", b"", "").number
        transactions.finish(device, "KASSE-1", number, b"Beleg^", "Kassenbeleg-V1")
    transactions.start(device, "KASSE-1", b"", "")
    return device


def contents(device: SoftwareTse) -> Files:
    with tarfile.open(fileobj=io.BytesIO(b"".join(export.log_messages(device)))) as archive:
        return {
            one.name: archive.extractfile(one).read()  # type: ignore[union-attr]
            for one in archive
        }


def packed(files: Files, path: Path) -> Path:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    blocks = [block for name, data in files.items() for block in tar.file(name, data, at)]
    path.write_bytes(b"".join(blocks) + bytes(1024))
    return path


def test_what_the_device_exports_verifies(device: SoftwareTse, tmp_path: Path) -> None:
    path = packed(contents(device), tmp_path / "a.tar")

    report = verify.examine(path)

    assert report.faults == ()
    assert report.open_transactions == 1
    assert report.root.startswith("CN=Fiscus TEST Root CA")


def the_second_finish(files: Files) -> str:
    return next(name for name in files if "_No-2_Finish_" in name)


def renamed(files: Files, old: str, new: str) -> Files:
    return {new if name == old else name: data for name, data in files.items()}


FIELDS: dict[str, Callable[[TransactionLog], TransactionLog]] = {
    "version": lambda log: msgspec.structs.replace(
        log, version=3, operation_type="finishTransaction"
    ),
    "client": lambda log: msgspec.structs.replace(log, client_id="KASSE-2"),
    "data": lambda log: msgspec.structs.replace(log, process_data=b"Beleg"),
    "type": lambda log: msgspec.structs.replace(log, process_type="Bestellung-V1"),
    "number": lambda log: msgspec.structs.replace(log, number=9),
    "operation": lambda log: msgspec.structs.replace(log, operation_type="UpdateTransaction"),
    "counter": lambda log: proven(log, counter=99),
    "time": lambda log: proven(log, time=LogTime(TimeFormat.UNIX, "1772355999")),
    "serial": lambda log: proven(log, serial=bytes(32)),
    "algorithm": lambda log: proven(log, algorithm=algorithms.OIDS["ecdsa-plain-SHA384"]),
    "signature": lambda log: proven(log, signature=bytes(64)),
    "parts": lambda log: msgspec.structs.replace(log, parts=(log.process_data,)),
}


def proven(log: TransactionLog, **changes: object) -> TransactionLog:
    proof = msgspec.structs.replace(log.proof, **changes)
    return msgspec.structs.replace(log, proof=proof)


@pytest.mark.parametrize("field", sorted(FIELDS))
@pytest.mark.parametrize("is_name_changed_too", [False, True])
def test_each_field_that_was_changed_is_found(
    device: SoftwareTse, tmp_path: Path, field: str, is_name_changed_too: bool
) -> None:
    files = contents(device)
    name = the_second_finish(files)
    log = messages.decode(files[name]).log
    assert isinstance(log, TransactionLog)
    forged = FIELDS[field](log)
    files[name] = messages.encode(forged)
    if is_name_changed_too:
        files = renamed(files, name, names.name_of(forged).text())

    found = codes(packed(files, tmp_path / "a.tar"))

    assert found & {"TSE-SIG-01", "TSE-SERIAL-01"}


def test_each_byte_of_a_message_that_was_changed_is_found(
    device: SoftwareTse, tmp_path: Path
) -> None:
    files = contents(device)
    name = the_second_finish(files)
    honest = files[name]
    for place in range(len(honest)):
        forged = bytearray(honest)
        forged[place] ^= 0x01
        files[name] = bytes(forged)
        assert codes(packed(files, tmp_path / "a.tar")), f"byte {place}"


def test_each_byte_of_a_certificate_that_was_changed_is_found(
    device: SoftwareTse, tmp_path: Path
) -> None:
    files = contents(device)
    for name in [one for one in files if one.endswith(".cer")]:
        honest = files[name]
        for place in range(0, len(honest), 7):
            forged = bytearray(honest)
            forged[place] ^= 0x01
            files[name] = bytes(forged)
            assert codes(packed(files, tmp_path / "a.tar")), f"{name} byte {place}"
        files[name] = honest


def without(files: Files, part: str) -> Files:
    return {name: data for name, data in files.items() if part not in name}


def test_SM_SIG_a_message_left_out_is_found(device: SoftwareTse, tmp_path: Path) -> None:
    path = packed(without(contents(device), "_No-2_Finish_"), tmp_path / "a.tar")

    assert codes(path) == {"TSE-COUNTER-01"}
    assert codes(path, is_complete=False) == set()


def test_SM_SIG_a_message_that_is_there_twice_is_found(device: SoftwareTse, tmp_path: Path) -> None:
    files = contents(device)
    name = the_second_finish(files)
    files[name.replace(".log", "_Fc-1.log")] = files[name]

    assert "TSE-COUNTER-02" in codes(packed(files, tmp_path / "a.tar"))


def test_SM_TRA_a_finish_without_its_start_is_found(device: SoftwareTse, tmp_path: Path) -> None:
    path = packed(without(contents(device), "_No-2_Start_"), tmp_path / "a.tar")

    assert codes(path) == {"TSE-COUNTER-01", "TSE-TRA-02"}


def test_an_export_may_begin_in_the_middle(device: SoftwareTse, tmp_path: Path) -> None:
    files = contents(device)
    second = messages.decode(files[the_second_finish(files)]).log.proof.counter
    files = {
        name: data
        for name, data in files.items()
        if (found := names.parse(name)) is None or found.counter >= second
    }

    assert codes(packed(files, tmp_path / "a.tar")) == set()


def test_the_order_of_files_does_not_matter(device: SoftwareTse, tmp_path: Path) -> None:
    files = contents(device)

    path = packed(dict(reversed(files.items())), tmp_path / "a.tar")

    assert verify.examine(path).messages == len(files) - 4
    assert codes(path) == set()


def test_names_with_a_dot_and_a_folder_for_the_root_are_read(
    device: SoftwareTse, tmp_path: Path
) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        root = tarfile.TarInfo("./")
        root.type = tarfile.DIRTYPE
        archive.addfile(root)
        for name, data in contents(device).items():
            member = tarfile.TarInfo(f"./{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))

    assert codes(path) == set()


def test_certificates_may_be_pem(device: SoftwareTse, tmp_path: Path) -> None:
    files = {
        name: certificates.read(data).public_bytes(serialization.Encoding.PEM)
        if name.endswith(".cer")
        else data
        for name, data in contents(device).items()
    }

    assert codes(packed(files, tmp_path / "a.tar")) == set()


@pytest.mark.parametrize(
    ("part", "code"),
    [("info.csv", "TSE-INFO-01"), ("_X509", "TSE-CERT-02")],
)
def test_EXP_TAR_what_is_missing_is_found(
    device: SoftwareTse, tmp_path: Path, part: str, code: str
) -> None:
    assert code in codes(packed(without(contents(device), part), tmp_path / "a.tar"))


@pytest.mark.parametrize("position", [1, 2])
def test_a_chain_without_its_issuer_is_broken(
    device: SoftwareTse, tmp_path: Path, position: int
) -> None:
    name = tar.certificate_name(device.chain[position])

    path = packed(without(contents(device), name), tmp_path / "a.tar")

    assert codes(path) == {"TSE-CERT-04"}


def test_a_chain_of_somebody_elses_is_broken(device: SoftwareTse, tmp_path: Path, factory) -> None:
    other = certificates.test_chain(certificates.new_key(), datetime(2026, 1, 1, tzinfo=UTC))
    files = without(contents(device), tar.certificate_name(device.chain[1]))
    files[tar.certificate_name(other[1])] = other[1]

    assert "TSE-CERT-04" in codes(packed(files, tmp_path / "a.tar"))


def test_a_misnamed_certificate_of_the_tse_is_found(device: SoftwareTse, tmp_path: Path) -> None:
    files = contents(device)
    name = tar.certificate_name(device.chain[0])

    path = packed(renamed(files, name, "0" * 64 + "_X509.cer"), tmp_path / "a.tar")

    assert codes(path) == {"TSE-CERT-03"}


def test_a_misnamed_root_is_noted_because_real_devices_do_it(
    device: SoftwareTse, tmp_path: Path
) -> None:
    name = tar.certificate_name(device.chain[2])

    path = packed(renamed(contents(device), name, "0" * 64 + "_X509.cer"), tmp_path / "a.tar")

    assert codes(path) == set()
    assert "not named after" in verify.examine(path).notes[0]


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("readme.txt", b"hello", "TSE-FILE-01"),
        ("Unixt_1_Sig-1_Log-Nothing.log", b"", "TSE-NAME-01"),
        ("Unixt_1_Sig-1_Log-Aud.log", b"", "TSE-LOG-01"),
        ("sub/info.csv", b"", "TSE-TAR-04"),
        ("0_X509.cer", b"no certificate", "TSE-CERT-01"),
    ],
)
def test_EXP_TAR_a_file_that_does_not_belong_is_found(
    device: SoftwareTse, tmp_path: Path, name: str, data: bytes, code: str
) -> None:
    files = contents(device) | {name: data}

    assert code in codes(packed(files, tmp_path / "a.tar"))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff",
        b'"description:","x"\n',
        b'"description:","x","manufacturer:","y"\n',
        b'"component:","device"\n"description:","x",,,,,,,,\n',
        b'"description:","x","manufacturer:","y","version:","1","more"\n',
    ],
)
def test_EXP_INF_an_odd_info_is_found(device: SoftwareTse, tmp_path: Path, text: bytes) -> None:
    files = contents(device) | {"info.csv": text}

    assert codes(packed(files, tmp_path / "a.tar")) == {"TSE-INFO-02"}


def test_EXP_TAR_an_archive_cut_off_anywhere_is_found(device: SoftwareTse, tmp_path: Path) -> None:
    whole = packed(contents(device), tmp_path / "a.tar").read_bytes()
    for end in range(0, len(whole), 512):
        cut = tmp_path / "cut.tar"
        cut.write_bytes(whole[:end])
        assert codes(cut, is_complete=False), f"cut at {end}"


def test_EXP_TAR_a_header_damaged_in_the_middle_is_found(
    device: SoftwareTse, tmp_path: Path
) -> None:
    path = packed(contents(device), tmp_path / "a.tar")
    data = bytearray(path.read_bytes())
    data[data.index(b"_No-2_Finish_")] ^= 1
    path.write_bytes(data)

    assert "TSE-TAR-02" in codes(path)


def test_EXP_TAR_what_is_hidden_in_the_padding_is_found(
    device: SoftwareTse, tmp_path: Path
) -> None:
    files = contents(device)
    path = packed(files, tmp_path / "a.tar")
    data = bytearray(path.read_bytes())
    log = files[the_second_finish(files)]
    data[data.index(log) + len(log)] = 1
    path.write_bytes(data)

    assert codes(path) == {"TSE-TAR-05"}


def test_a_name_that_is_no_text_does_no_harm(device: SoftwareTse, tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT, errors="surrogateescape") as archive:
        archive.addfile(tarfile.TarInfo("\udcff\x1b[31m" + "9" * 90))

    (foreign,) = (one for one in verify.check(path) if one.code == "TSE-FILE-01")

    assert foreign.sentence().isprintable()
    assert foreign.sentence().encode()


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(b"not an archive" * 100)

    assert codes(path) == {"TSE-TAR-01"}
    assert codes(tmp_path / "nothing.tar") == {"TSE-TAR-01"}


def signed_anew(device: SoftwareTse, log: TransactionLog) -> bytes:
    """What only the holder of the key could do: the signature is right, the content is not."""
    signed = messages.signed_bytes(log)
    name = messages.algorithm_name(log)
    return messages.sealed(signed, algorithms.sign(device.key, name, signed))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"internal": b"x"}, "TSE-FIELD-01"),
        ({"external": b"x"}, "TSE-FIELD-01"),
        ({"process_type": None}, "TSE-FIELD-02"),
        ({"process_type": "x" * 101}, "TSE-FIELD-02"),
        ({"number": 1}, "TSE-TRA-02"),
    ],
)
def test_EXP_LOG_a_rightly_signed_but_forbidden_content_is_found(
    device: SoftwareTse, tmp_path: Path, change: dict[str, object], code: str
) -> None:
    files = contents(device)
    name = the_second_finish(files)
    log = messages.decode(files[name]).log
    assert isinstance(log, TransactionLog)
    forged = msgspec.structs.replace(log, **change)
    files[name] = signed_anew(device, forged)
    files = renamed(files, name, names.name_of(forged).text())

    found = codes(packed(files, tmp_path / "a.tar"))

    assert code in found
    assert "TSE-SIG-01" not in found


@pytest.mark.parametrize(
    ("moved", "code"),
    [
        ({"time": LogTime(TimeFormat.UNIX, "1772000000")}, "TSE-TIME-01"),
        ({"time": LogTime(TimeFormat.UTC, "260301100000Z")}, "TSE-TIME-02"),
        ({"time": LogTime(TimeFormat.UNIX, "2772000000")}, "TSE-CERT-05"),
        ({"algorithm": algorithms.OIDS["ecdsa-plain-SHA224"]}, "TSE-ALG-02"),
    ],
)
def test_SM_TME_a_rightly_signed_but_impossible_proof_is_found(
    device: SoftwareTse, tmp_path: Path, moved: dict[str, object], code: str
) -> None:
    files = contents(device)
    name = the_second_finish(files)
    log = messages.decode(files[name]).log
    assert isinstance(log, TransactionLog)
    forged = proven(log, **moved)
    files[name] = signed_anew(device, forged)
    files = renamed(files, name, names.name_of(forged).text())

    assert code in codes(packed(files, tmp_path / "a.tar"))


def test_an_algorithm_nobody_can_verify_is_named(device: SoftwareTse, tmp_path: Path) -> None:
    files = contents(device)
    name = the_second_finish(files)
    log = messages.decode(files[name]).log
    assert isinstance(log, TransactionLog)
    for algorithm in ("ecsdsa-plain-SHA256", "1.2.3"):
        oid = algorithms.OIDS.get(algorithm, algorithm)
        files[name] = messages.encode(proven(log, algorithm=oid))
        faults = verify.check(packed(files, tmp_path / "a.tar"))
        unknown = next(fault for fault in faults if fault.code == "TSE-ALG-01")
        assert algorithm in unknown.paths[0]


def test_logs_of_two_keys_in_one_archive_are_found(
    device: SoftwareTse, tmp_path: Path, factory
) -> None:
    other = contents(factory.a_ready_device(version=3))
    files = contents(device)
    files |= {name.replace(".log", "_Fc-1.log"): data for name, data in other.items()}

    assert "TSE-KEY-01" in codes(packed(files, tmp_path / "a.tar"), is_complete=False)


def test_an_archive_of_certificates_alone_is_whole(device: SoftwareTse, tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(b"".join(export.logging_certificates(device)))

    report = verify.examine(path)

    assert report.faults == ()
    assert report.messages == 0
    assert report.root


def test_an_export_by_client_verifies_as_a_selection(device: SoftwareTse, tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(b"".join(export.transaction_logs(device, LogFilter(client_id="KASSE-1"))))

    assert codes(path) == set()


@pytest.mark.parametrize(("version", "is_forbidden"), [(2, False), (3, True)])
def test_process_data_in_parts_is_forbidden_from_the_third_version_on(
    factory, tmp_path: Path, version: int, is_forbidden: bool
) -> None:
    device = factory.a_ready_device(version=version)
    users.authenticate(device, "logger", "32345")
    number = transactions.start(device, "KASSE-1", b"", "Kassenbeleg-V1").number
    transactions.finish(device, "KASSE-1", number, b"Beleg^", "Kassenbeleg-V1")
    files = contents(device)
    assert codes(packed(files, tmp_path / "good.tar")) == set()
    name = next(name for name in files if "_Finish_" in name)
    log = messages.decode(files[name]).log
    assert isinstance(log, TransactionLog)
    files[name] = messages.encode(FIELDS["parts"](log))

    found = codes(packed(files, tmp_path / "a.tar"))

    assert ("TSE-FIELD-01" in found) is is_forbidden
