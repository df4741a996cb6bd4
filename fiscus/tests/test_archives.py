"""What somebody made to fill a memory is refused by its headers."""

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from fiscus.archives import (
    HEADER_BYTES_MAX,
    SMALL_BYTES,
    UNREADABLE,
    ArchiveLimits,
    BeyondLimits,
    BoundedFile,
    members_of,
    next_member,
    opened_tar,
    opened_zip,
)

LIMITS = ArchiveLimits(files_max=3, bytes_max=1 << 30, ratio_max=100)


def a_tar(*names: str, form: int = tarfile.PAX_FORMAT) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=form) as tar:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = 1
            tar.addfile(member, io.BytesIO(b"x"))
    return made.getvalue()


def names_in(data: bytes, limits: ArchiveLimits = LIMITS) -> list[str]:
    tar, bounded = opened_tar(io.BytesIO(data))
    with tar:
        return [member.name for member in members_of(tar, bounded, limits)]


def a_zip(folder: Path, files: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> Path:
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w", how) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return path


def names_of(path: Path, limits: ArchiveLimits = LIMITS) -> list[str]:
    with path.open("rb") as source, opened_zip(path, source, limits) as packed:
        return packed.namelist()


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_a_name_is_as_long_as_headers_may_be(form: int) -> None:
    assert [len(name) for name in names_in(a_tar("x" * 60_000, form=form))] == [60_000]

    with pytest.raises(BeyondLimits, match="header"):
        names_in(a_tar("x" * HEADER_BYTES_MAX, form=form))


def test_so_many_files_and_not_one_more() -> None:
    assert names_in(a_tar("a", "b", "c")) == ["a", "b", "c"]

    with pytest.raises(BeyondLimits, match="more than 3 files"):
        names_in(a_tar("a", "b", "c", "d"))


def test_names_that_lead_to_names_without_end() -> None:
    link = tarfile.TarInfo("././@LongLink")
    link.type, link.size = tarfile.GNUTYPE_LONGNAME, 3
    chain = (link.tobuf(tarfile.GNU_FORMAT) + b"ab\0".ljust(512, b"\0")) * 5000

    with pytest.raises((BeyondLimits, *UNREADABLE)):
        names_in(chain)


@pytest.mark.parametrize("size", [9 << 30, (1 << 62) + 1])
def test_a_header_that_says_it_is_huge(size: int) -> None:
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, size

    with pytest.raises((BeyondLimits, *UNREADABLE)):
        names_in(header.tobuf(tarfile.GNU_FORMAT) + b"x" * 100_000)


def test_a_file_that_says_it_is_huge() -> None:
    header = tarfile.TarInfo("x")
    header.size = (1 << 30) + 1

    with pytest.raises(BeyondLimits, match="when unpacked"):
        names_in(header.tobuf(tarfile.GNU_FORMAT) + b"x" * 1024)


def test_each_header_has_its_own_allowance() -> None:
    tar, bounded = opened_tar(io.BytesIO(a_tar(*("x" * 50_000 + str(n) for n in range(3)))))
    with tar:
        found = [next_member(tar, bounded) for _ in range(4)]

    assert [one is not None for one in found] == [True, True, True, False]


def test_a_zip_of_so_many_files(tmp_path: Path) -> None:
    assert names_of(a_zip(tmp_path, dict.fromkeys("abc", b""))) == ["a", "b", "c"]

    with pytest.raises(BeyondLimits, match="more than 3 files"):
        names_of(a_zip(tmp_path, dict.fromkeys("abcd", b"")))


def test_what_unpacks_to_much_more_than_it_is(tmp_path: Path) -> None:
    small = a_zip(tmp_path, {"a": b"x" * SMALL_BYTES})
    assert names_of(small) == ["a"]

    large = a_zip(tmp_path, {"a": b"x" * (SMALL_BYTES + 1)})
    with pytest.raises(BeyondLimits, match="are packed into"):
        names_of(large)
    assert names_of(large, ArchiveLimits(files_max=1, bytes_max=1 << 30, ratio_max=1030)) == ["a"]


def test_a_directory_of_millions(tmp_path: Path) -> None:
    path = a_zip(tmp_path, {"n" * 60_000 + str(n): b"" for n in range(20)})

    with pytest.raises(BeyondLimits, match="header"):
        names_of(path)


def test_only_deflate_is_read(tmp_path: Path) -> None:
    assert names_of(a_zip(tmp_path, {"a": b"x"}, zipfile.ZIP_STORED)) == ["a"]

    with pytest.raises(BeyondLimits, match="only deflate"):
        names_of(a_zip(tmp_path, {"a": b"x"}, zipfile.ZIP_LZMA))


def test_a_place_beyond_all_files() -> None:
    with (
        Path("/dev/null").open("rb") as nothing,
        pytest.raises(BeyondLimits, match="larger than any disk"),
    ):
        BoundedFile(nothing).seek(1 << 70)


def test_reading_until_the_end_is_bounded_too() -> None:
    bounded = BoundedFile(io.BytesIO(b"x" * 10), 10)
    assert bounded.read() == b"x" * 10

    with pytest.raises(BeyondLimits):
        BoundedFile(io.BytesIO(b"x" * 11), 10).read()
