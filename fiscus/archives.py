"""TAR and ZIP files that may come from anybody, opened within limits.

Python's readers believe what a header says: a name of a gigabyte is read into memory, a directory
of millions of files becomes millions of objects, and a megabyte unpacks to a gigabyte. Here such a
file is refused while its headers are read, before anything is unpacked.
"""

import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

HEADER_BYTES_MAX = 64 * 1024
"""One file's headers in a TAR, long names among them."""

DIRECTORY_BYTES_MAX = 1024 * 1024
"""The directory of a ZIP."""

SMALL_BYTES = 16 * 1024 * 1024
"""So much may be unpacked from any archive, however well it is packed."""

UNREADABLE = (
    OSError,
    EOFError,
    RuntimeError,  # encrypted; headers that lead from one to the next without end
    NotImplementedError,
    ValueError,
    OverflowError,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What a damaged, encrypted or made-up archive raises, at once or in the middle of a file."""


class BeyondLimits(Exception):
    """The archive has more of something than any honest one: the text says of what."""


@dataclass(frozen=True, kw_only=True)
class ArchiveLimits:
    """`files_max` in the archive; `bytes_max` of all of them when unpacked; `ratio_max`: how many
    times as large they may be unpacked as the archive is."""

    files_max: int
    bytes_max: int
    ratio_max: int


class BoundedFile:
    """A file of which at most `left` bytes are read before somebody allows more; None: any."""

    def __init__(self, source: BinaryIO, left: int | None = None) -> None:
        self._source = source
        self.left = left

    def read(self, size: int = -1) -> bytes:
        if self.left is None:
            return self._source.read(size)
        data = self._source.read(self.left + 1 if size < 0 else min(size, self.left + 1))
        self.left -= len(data)
        if self.left < 0:
            raise BeyondLimits("a header is too large")
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        try:
            return self._source.seek(offset, whence)
        except (OverflowError, ValueError):  # which of them, the kind of stream decides
            raise BeyondLimits("a file is larger than any disk") from None

    def tell(self) -> int:
        return self._source.tell()

    def seekable(self) -> bool:
        return True


def opened_tar(source: BinaryIO) -> tuple[tarfile.TarFile, BoundedFile]:
    """A TAR whose headers are within limits: ask `next_member` for each. Raises `BeyondLimits`
    or what is in `UNREADABLE`."""
    bounded = BoundedFile(source, HEADER_BYTES_MAX)
    tar = tarfile.open(fileobj=bounded, mode="r:")  # type: ignore[call-overload]  # noqa: SIM115
    return tar, bounded


def next_member(tar: tarfile.TarFile, bounded: BoundedFile) -> tarfile.TarInfo | None:
    """The next header, None at the end."""
    bounded.left = HEADER_BYTES_MAX
    try:
        return tar.next()
    finally:
        bounded.left = None


def members_of(
    tar: tarfile.TarFile, bounded: BoundedFile, limits: ArchiveLimits
) -> Iterator[tarfile.TarInfo]:
    """All of an archive with few files."""
    count = size = 0
    while (member := next_member(tar, bounded)) is not None:
        count, size = count + 1, size + member.size
        if member.size < 0:
            raise tarfile.ReadError("a file has less than nothing in it")
        _expect(count, size, limits)
        yield member


def opened_zip(path: Path, source: BinaryIO, limits: ArchiveLimits) -> zipfile.ZipFile:
    """A ZIP whose directory is within limits. Raises `BeyondLimits` or what is in `UNREADABLE`."""
    bounded = BoundedFile(source, DIRECTORY_BYTES_MAX)
    packed = zipfile.ZipFile(bounded)
    bounded.left = None
    files = packed.infolist()
    size = sum(one.file_size for one in files)
    _expect(len(files), size, limits)
    if size > SMALL_BYTES and size > limits.ratio_max * path.stat().st_size:
        raise BeyondLimits(f"{size} bytes are packed into {path.stat().st_size}")
    for one in files:
        if one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise BeyondLimits("a file is packed in a way that is not read: only deflate is")
    return packed


def _expect(count: int, size: int, limits: ArchiveLimits) -> None:
    if count > limits.files_max:
        raise BeyondLimits(f"more than {limits.files_max} files")
    if size > limits.bytes_max:
        raise BeyondLimits(f"more than {limits.bytes_max} bytes when unpacked")
