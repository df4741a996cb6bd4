"""Archives that somebody made to keep a verifier busy: refused with a code, at once."""

import io
import tarfile
import time
from pathlib import Path

import pytest

from fiscus.signers.tse.log import tar, verify

SECONDS_MAX = 20
LOG = "Unixt_1_Sig-{}_Log-Aud.log"


def codes(path: Path) -> set[str]:
    begun = time.monotonic()
    found = verify.check(path)
    assert time.monotonic() - begun < SECONDS_MAX
    assert all(len(place) <= 300 for fault in found for place in fault.paths)
    return {fault.code for fault in found}


def packed(folder: Path, files: dict[str, bytes], form: int = tarfile.PAX_FORMAT) -> Path:
    path = folder / "a.tar"
    with tarfile.open(path, "w", format=form) as made:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            made.addfile(member, io.BytesIO(data))
    return path


def test_lengths_in_lengths_without_end(tmp_path: Path) -> None:
    nested = b"\x30\x80" * 5000
    files = {LOG.format(1): nested, "a_X509.cer": nested, "info.csv": nested}

    found = codes(packed(tmp_path, files))

    assert {"TSE-LOG-01", "TSE-CERT-01", "TSE-INFO-02"} <= found


def test_a_sparse_archive_of_ten_gigabytes(tmp_path: Path) -> None:
    nothing, inside = tmp_path / "nothing.tar", tmp_path / "inside.tar"
    with nothing.open("wb") as file:
        file.truncate(10 << 30)
    header = tarfile.TarInfo(LOG.format(1))
    header.size = 10 << 30
    with inside.open("wb") as file:
        file.write(header.tobuf())
        file.truncate((10 << 30) + 10_240)

    assert codes(nothing) == {"TSE-TAR-06"}
    assert "TSE-FILE-02" in codes(inside)


def test_logs_of_four_megabytes_of_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with path.open("wb") as file:
        for number in range(500):
            header = tarfile.TarInfo(LOG.format(number))
            header.size = tar.LOG_BYTES_MAX
            file.write(header.tobuf())
            file.seek(tar.LOG_BYTES_MAX, io.SEEK_CUR)
        file.truncate(file.tell() + 10_240)

    assert codes(path) == {"TSE-TAR-06"}


@pytest.mark.parametrize(("count", "is_read"), [(tar.STRANGE_MAX, True), (5000, False)])
def test_so_many_messages_that_are_none(tmp_path: Path, count: int, is_read: bool) -> None:
    path = packed(tmp_path, {LOG.format(number): b"\x30\x00" for number in range(count)})

    assert ("TSE-TAR-06" in codes(path)) is not is_read


@pytest.mark.parametrize("name", ["{}.txt", "{}_X509.cer"])
def test_so_many_files_that_are_not_an_export_s(tmp_path: Path, name: str) -> None:
    files = {name.format(number): b"x" for number in range(tar.STRANGE_MAX + 500)}

    assert codes(packed(tmp_path, files)) == {"TSE-TAR-06"}


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_a_name_of_a_megabyte(tmp_path: Path, form: int) -> None:
    assert codes(packed(tmp_path, {"n" * 1_000_000 + ".log": b""}, form)) == {"TSE-TAR-06"}


def test_a_message_of_millions_of_elements(tmp_path: Path) -> None:
    inside = b"\x04\x00" * 2_000_000
    message = b"\x30\x83" + len(inside).to_bytes(3, "big") + inside

    assert "TSE-LOG-01" in codes(packed(tmp_path, {LOG.format(1): message}))


def test_a_size_beyond_all_disks(tmp_path: Path) -> None:
    header = bytearray(tarfile.TarInfo(LOG.format(1)).tobuf(tarfile.GNU_FORMAT))
    header[124:136] = b"\x80" + b"\x7f" * 11
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    path = tmp_path / "a.tar"
    path.write_bytes(bytes(header) + b"x" * 10_000)

    assert codes(path) & {"TSE-TAR-01", "TSE-TAR-02", "TSE-TAR-06"}
